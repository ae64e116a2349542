"""`gsign policy`: what the relay would do with a message, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gsign.cli.flags import shared_options
from gsign.cli.lazy import Group
from gsign.cli.messages import is_stdin, read_stdin
from gsign.cli.output import clean, print_json, print_result, text
from gsign.cli.shared import FILE, Shared

if TYPE_CHECKING:
    from gsign.mail.policy import Decision

__all__ = ["policy"]

# As a verdict's: refused is a failure, held waits for a person, put off is temporary.
_EXIT_CODES: Final = {"pass": 0, "warn": 0, "reject": 1, "hold": 2, "defer": 7}
_WORST_FIRST: Final = (1, 7, 2, 0)


class _PathType(click.ParamType["str"]):
    """An address of the envelope, read as the relay reads it: what it would not take matches no rule of a policy."""

    name = "ADDRESS"
    needed = "value-address"

    def __init__(self, *, may_be_empty: bool) -> None:
        self._may_be_empty = may_be_empty

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take an address with angle brackets or without."""
        from gsign.smtp.commands import CommandError, read_mail, read_recipient

        path = f"<{value.removeprefix('<').removesuffix('>')}>"
        offered = frozenset({"SMTPUTF8"})
        try:
            read = read_mail(f"FROM:{path}", offered) if self._may_be_empty else read_recipient(f"TO:{path}", offered)
        except CommandError:
            self.fail(f"{value!r} is no address", param, ctx)
        return read.address


_SENDER: Final = _PathType(may_be_empty=True)
_RECIPIENT: Final = _PathType(may_be_empty=False)


@click.group(cls=Group)
@shared_options
def policy() -> None:
    """What the relay would do with a message, and why."""


@policy.command()
@click.argument("file", type=FILE, metavar="FILE.eml")
@click.option("--from", "sender", type=_SENDER, required=True, help="Sender of the envelope; <> for none.")
@click.option("--to", "recipients", type=_RECIPIENT, required=True, multiple=True, help="Recipient; may be repeated.")
@shared_options
@click.pass_obj
def test(shared: Shared, file: Path, sender: str, recipients: tuple[str, ...]) -> int:
    """Say which rule matches a message and why it would pass, be held or be refused; nothing is sent or written.

    The exit code is 0 where it would pass, 1 refused, 2 held, 7 put off.
    """
    from gsign.errors import ConfigurationError
    from gsign.office.trial import decide_on

    configuration = shared.configuration()
    if configuration.policy is None:
        raise ConfigurationError("section-missing", section="policy")
    message = read_stdin() if is_stdin(file) else _read(file)
    codes = []
    decisions = decide_on(message, configuration, sender, recipients)
    for recipient, decision in zip(recipients, decisions, strict=True):
        _tell(file, recipient, decision, shared)
        codes.append(_EXIT_CODES[decision.action])
    return min(codes, key=_WORST_FIRST.index)


def _read(file: Path) -> bytes:
    from gsign.errors import InputError

    try:
        message = file.read_bytes()
    except IsADirectoryError as error:
        raise InputError("mail-is-folder", file=str(file)) from error
    except OSError as error:
        raise InputError("input-unreadable", file=str(file), cause=error.strerror) from error
    if message.startswith(b"%PDF-"):
        raise InputError("mail-is-document", file=str(file))
    return message


def _tell(file: Path, recipient: str, decision: Decision, shared: Shared) -> None:
    if shared.json:
        reasons = [{"id": r.id, "path": r.path, "details": list(r.details)} for r in decision.reasons]
        record = {"file": str(file), "to": recipient, "action": decision.action.value, "rule": decision.rule}
        refusal = f"550 {decision.enhanced}" if decision.action == "reject" else None
        print_json({**record, "reply": refusal, "reasons": reasons, "then": list(decision.then)})
        return
    if shared.quiet:
        return
    from gsign.sentences import reason_advice, reason_sentence

    rule = text(shared, "no-rule") if decision.rule == "default" else decision.rule
    print_result(text(shared, f"decision-{decision.action}", file=f"{file} → {recipient}", rule=rule))
    for reason in decision.reasons:
        print_result(f"  - {clean(reason_sentence(reason.id, shared.lang, reason.facts))} [{reason.id}]")
        if advice := reason_advice(reason.id, shared.lang, reason.facts):
            print_result(f"    {clean(advice)}")
    if decision.then and decision.action in ("pass", "warn"):
        print_result(f"  {text(shared, 'decision-then', then=', '.join(decision.then))}")
