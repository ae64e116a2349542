"""`gsign policy`: what the relay would do with a message, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

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


@click.group(cls=Group)
@shared_options
def policy() -> None:
    """What the relay would do with a message, and why."""


@policy.command()
@click.argument("file", type=FILE, metavar="FILE.eml")
@click.option("--from", "sender", required=True, metavar="ADDRESS", help="Sender of the envelope; <> for none.")
@click.option("--to", "recipients", required=True, multiple=True, metavar="ADDRESS", help="Recipient; may be repeated.")
@shared_options
@click.pass_obj
def test(shared: Shared, file: Path, sender: str, recipients: tuple[str, ...]) -> int:
    """Say which rule matches a message and why it would pass, be held or be refused; nothing is sent or written."""
    from gsign.errors import ConfigurationError
    from gsign.office.trial import decide_on

    configuration = shared.configuration()
    if configuration.policy is None:
        raise ConfigurationError("section-missing", section="policy")
    message = read_stdin() if is_stdin(file) else _read(file)
    codes = []
    decisions = decide_on(message, configuration, "" if sender == "<>" else sender, recipients)
    for recipient, decision in zip(recipients, decisions, strict=True):
        _tell(file, recipient, decision, shared)
        codes.append(_EXIT_CODES[decision.action])
    return min(codes, key=_WORST_FIRST.index)


def _read(file: Path) -> bytes:
    from gsign.errors import InputError

    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError("input-unreadable", file=str(file), cause=error.strerror) from error


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
