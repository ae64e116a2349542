"""`gsign mail verify`: each message's signature, and those of the documents in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gsign.cli import options
from gsign.cli.messages import is_stdin, read_stdin, require_alone
from gsign.cli.output import print_json, print_result, say_error, text
from gsign.cli.shared import Shared, shared_options
from gsign.errors import InputError

if TYPE_CHECKING:
    from gsign.result import MailResult

__all__ = ["verify"]


@click.command()
@options.files
@click.option("--at", type=options.TIME, help="Judge at this time where none is proven (ISO 8601).")
@options.checks
@shared_options
@click.pass_obj
def verify(shared: Shared, /, **given: Any) -> int:
    """Verify the signatures of messages, and of the documents in them.

    FILE is a message (.eml); `-` is standard input. The exit code is that of the worst signature: the message's own, or
    that of a document in it. A document that nobody signed changes nothing.
    """
    from gsign.cli.batch import worst_exit_code

    require_alone(given["files"])
    service = options.service_of(shared, given)
    codes: list[int] = []
    # One process reads the message while another one judges the documents in it.
    with service.verifiers(at=given["at"], jobs=2) as judges:
        for file in given["files"]:
            try:
                result = _result(partial(service.verify_mail, judges=judges, documents=True), file)
            except InputError as error:
                say_error(shared, error, file=file)
                codes.append(error.exit_code)
                _tell_unread(file, error, shared)
                continue
            codes += _codes(result)
            _tell(result, shared)
    return worst_exit_code(codes)


def _result(verify_one: Callable[[Path | bytes], MailResult], file: Path) -> MailResult:
    if is_stdin(file):
        return verify_one(read_stdin())._replace(file="-")
    return verify_one(file)


def _tell_unread(file: Path, error: InputError, shared: Shared) -> None:
    """Say that a file could not be read; why was said already, on stderr."""
    from gsign.result import Indication, MailResult, Smime

    if shared.json:
        unread = MailResult(str(file), Indication.UNREADABLE, Smime.PERMERROR, reasons=(error.code,))
        print_json(unread.to_dict())
    elif not shared.quiet:
        print_result(text(shared, f"file-{Indication.UNREADABLE}", file=file))


def _codes(result: MailResult) -> Iterator[int]:
    """Give the exit code of each signature: a document without one says nothing of the message."""
    from gsign.cli.batch import EXIT_CODES

    yield EXIT_CODES[result.indication]
    for document in result.documents:
        if document.result.indication != "NO_SIGNATURE_FOUND":
            yield EXIT_CODES[document.result.indication]


def _tell(result: MailResult, shared: Shared) -> None:
    if shared.json:
        print_json(result.to_dict())
    elif not shared.quiet:
        from gsign.cli.mail_report import lines

        for line in lines(result, shared):
            print_result(line)
