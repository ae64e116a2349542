"""`gsign mail inspect`: what a message is made of, every document in it, and whatever may be read in several ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gsign.cli import options
from gsign.cli.flags import shared_options
from gsign.cli.messages import is_stdin, read_stdin, require_alone
from gsign.cli.output import clean, hand_on, print_json, print_result, say_error, text
from gsign.cli.shared import Shared

if TYPE_CHECKING:
    from gsign.mail.facts import Inspection

__all__ = ["inspect"]


@click.command()
@options.files
@click.option("--at", type=options.TIME, help="Judge at this time where none is proven (ISO 8601).")
@options.checks
@options.password_file
@shared_options
@click.pass_obj
def inspect(shared: Shared, /, **given: Any) -> int:
    """Show the parts of messages, every document in them, and what may be read in several ways.

    FILE is a message (.eml); `-` is standard input. The exit code is that of the worst document; 6 where something
    cannot be looked into or may be read in several ways, 3 where there is no document.
    """
    from gsign.cli.batch import EXIT_CODES, worst_exit_code
    from gsign.errors import InputError
    from gsign.isolation.limits import MESSAGE

    require_alone(given["files"])
    service = options.service_of(shared, given)
    codes: list[int] = []
    # One process reads the message while another one judges the documents in it.
    with service.verifiers(at=given["at"], password=options.password(given), jobs=2, limits=MESSAGE) as judges:
        for file in given["files"]:
            try:
                inspection = service.inspect_mail(read_stdin() if is_stdin(file) else file, judges)
            except InputError as error:
                say_error(shared, error, file=file)
                codes.append(error.exit_code)
                continue
            _tell(file, inspection, shared)
            codes.append(EXIT_CODES[inspection.indication])
    return worst_exit_code(codes)


def _tell(file: Path, inspection: Inspection, shared: Shared) -> None:
    if shared.json:
        print_json({"file": str(file), **inspection.to_dict()})
    elif not shared.quiet:
        for line in _lines(file, inspection, shared):
            print_result(line)
    hand_on()


def _lines(file: Path, inspection: Inspection, shared: Shared) -> Iterator[str]:
    """Write what was found, one fact a line."""
    yield text(shared, f"inspected-{inspection.indication}", file=file)
    addresses = {"mail-from": inspection.senders, "mail-recipients": inspection.recipients}
    facts = {name: ", ".join(address.spec for address in found) for name, found in addresses.items()}
    facts |= {"mail-subject": inspection.subject, "mail-date": inspection.date}
    facts["mail-envelope"] = text(shared, f"envelope-{inspection.smime}")
    for name, value in facts.items():
        yield f"  {text(shared, name)}: {clean(value or '-')}"
    yield from _tree(inspection, shared)
    yield from _documents(inspection, shared)
    yield from _oddities(inspection, shared)


def _tree(inspection: Inspection, shared: Shared) -> Iterator[str]:
    yield f"  {text(shared, 'mail-parts')}:"
    for part in inspection.parts:
        indent = "  " * (part.path.count("/") + 2 + bool(part.path))
        name = f" “{clean(part.name)}”" if part.name else ""
        described = text(shared, "mail-part", type=part.content_type, size=part.size)
        yield f"{indent}{part.path or '-'}{name}: {described}"


def _documents(inspection: Inspection, shared: Shared) -> Iterator[str]:
    import gsign.sentences.verification  # noqa: F401 - the words that results are put into
    from gsign.cli.report import lines

    yield f"  {text(shared, 'mail-found', count=len(inspection.documents))}"
    for document in inspection.documents:
        yield from (f"    {line}" for line in lines(document.result, shared))
        yield f"      SHA-256: {document.sha256}"


def _oddities(inspection: Inspection, shared: Shared) -> Iterator[str]:
    from gsign.sentences import reason_advice, reason_sentence

    unreadable = [(found.path, found.reason, found.detail) for found in inspection.unreadables]
    ambiguous = [(found.path, found.id, found.detail) for found in inspection.ambiguities]
    for heading, found in (("mail-unreadable", unreadable), ("mail-ambiguous", ambiguous)):
        if found:
            yield f"  {text(shared, heading)}"
        for path, code, detail in found:
            about = f" ({clean(detail)})" if detail else ""
            yield f"    {clean(path or '-')}: {reason_sentence(code, shared.lang)}{about} [{code}]"
        for advice in dict.fromkeys(reason_advice(code, shared.lang) for _, code, _ in found):
            yield f"    {advice}"
