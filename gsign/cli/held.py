"""`gsign held`: messages that wait for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gsign.cli.output import clean, print_json, print_result, text
from gsign.cli.shared import Shared, shared_options
from gsign.result import VIETNAM

if TYPE_CHECKING:
    from gsign.mail.held import HeldMessage

__all__ = ["held"]

_id = click.argument("id_", metavar="ID")


@click.group()
@shared_options
def held() -> None:
    """Messages that wait for a person."""


@held.command("list")
@shared_options
@click.pass_obj
def list_(shared: Shared) -> int:
    """List what waits, the oldest first."""
    from gsign.office.waiting import held_of

    found = list(held_of(shared.configuration()))
    for message in found:
        if shared.json:
            print_json(_record(message))
        else:
            print_result(clean(f"{message.id}  {_moment(message)}  {message.sender}  {message.subject}"))
    if not found and not shared.json and not shared.quiet:
        print_result(text(shared, "held-none"))
    return 0


@held.command()
@_id
@shared_options
@click.pass_obj
def show(shared: Shared, id_: str) -> int:
    """Show one: who sent it to whom, by which rule it is held, and where it is."""
    from gsign.office.waiting import held_of

    message = held_of(shared.configuration()).get(id_)
    if shared.json:
        print_json(_record(message))
        return 0
    facts = {
        "held-sender": message.sender,
        "held-recipients": ", ".join(message.recipients),
        "held-subject": message.subject,
        "held-since": _moment(message),
        "held-rule": message.rule,
        "held-reasons": "; ".join(message.reasons),
        "held-file": message.path,
    }
    print_result(message.id)
    for name, value in facts.items():
        print_result(f"  {text(shared, name)}: {clean(value)}")
    return 0


@held.command()
@_id
@shared_options
@click.pass_obj
def release(shared: Shared, id_: str) -> int:
    """Send one on to its recipients, as it was received."""
    from gsign.office.waiting import Waiting

    reply = Waiting(shared.configuration()).release(id_)
    if shared.json:
        print_json({"id": id_, "outcome": "released", "reply": str(reply)})
    elif not shared.quiet:
        print_result(text(shared, "held-released", id=id_, reply=reply))
    return 0


@held.command()
@_id
@click.option("--note", default="", metavar="TEXT", help="What the sender is told beside the reasons.")
@shared_options
@click.pass_obj
def reject(shared: Shared, id_: str, note: str) -> int:
    """Refuse one, and tell its sender why."""
    from gsign.office.waiting import Waiting, address_of

    sender = address_of(Waiting(shared.configuration()).reject(id_, note).sender)
    if shared.json:
        print_json({"id": id_, "outcome": "rejected", "told": sender or None})
    elif not shared.quiet:
        said = "held-rejected" if sender else "held-rejected-silently"
        print_result(text(shared, said, id=id_, sender=sender))
    return 0


def _record(message: HeldMessage) -> dict[str, object]:
    fields = message._asdict()
    return {**fields, "received": message.received.isoformat(), "path": str(message.path)}


def _moment(message: HeldMessage) -> str:
    return message.received.astimezone(VIETNAM).isoformat(sep=" ", timespec="seconds")
