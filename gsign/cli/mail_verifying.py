"""`gsign mail verify`: each message's signature, and those of the documents in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gsign.cli import options
from gsign.cli.flags import shared_options
from gsign.cli.messages import is_stdin, read_stdin, require_alone
from gsign.cli.output import hand_on, print_json, print_result, say_error, text
from gsign.cli.shared import Shared
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
    from gsign.isolation.limits import MESSAGE

    require_alone(given["files"])
    service = options.service_of(shared, given)
    codes: list[int] = []
    unread: list[MailResult] = []
    # One process reads the message while another one judges the documents in it.
    with service.verifiers(at=given["at"], jobs=2, limits=MESSAGE) as judges:
        verify_one = partial(service.verify_mail, judges=judges, documents=True)
        for result in service.told_of_mail(_judged(verify_one, given["files"], unread, shared)):
            codes += _codes(result)
            _tell(result, shared, is_read=result not in unread)
    return worst_exit_code(codes)


def _judged(
    verify_one: Callable[[Path | bytes], MailResult], files: Iterable[Path], unread: list[MailResult], shared: Shared
) -> Iterator[tuple[Path | bytes, MailResult]]:
    """Yield each message with its result; of those that cannot be read, `unread`, why is said on stderr."""
    for file in files:
        source: Path | bytes = file
        try:
            source = read_stdin() if is_stdin(file) else file
            yield source, verify_one(source)._replace(file=str(file))
        except InputError as error:
            say_error(shared, error, file=file)
            unread.append(_unread(file, error))
            yield source, unread[-1]


def _unread(file: Path, error: InputError) -> MailResult:
    from gsign.result import Indication, MailResult, Smime

    return MailResult(str(file), Indication.UNREADABLE, Smime.PERMERROR, reasons=(error.code,))


def _codes(result: MailResult) -> Iterator[int]:
    """Give the exit code of each signature: a document without one says nothing of the message."""
    from gsign.cli.batch import EXIT_CODES

    yield EXIT_CODES[result.indication]
    for document in result.documents:
        if document.result.indication != "NO_SIGNATURE_FOUND":
            yield EXIT_CODES[document.result.indication]


def _tell(result: MailResult, shared: Shared, *, is_read: bool) -> None:
    if shared.json:
        print_json(result.to_dict())
    elif not shared.quiet and not is_read:
        print_result(text(shared, f"file-{result.indication}", file=result.file))
    elif not shared.quiet:
        from gsign.cli.mail_report import lines

        for line in lines(result, shared):
            print_result(line)
    hand_on()
