"""`gsign held`: messages that wait for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gsign.cli.flags import shared_options
from gsign.cli.lazy import Group
from gsign.cli.output import clean, print_json, print_result, say_error, text
from gsign.cli.shared import Shared
from gsign.result import plain, shown_time

if TYPE_CHECKING:
    from gsign.mail.held import HeldMessage

__all__ = ["held"]

_id = click.argument("id_", metavar="ID")


@click.group(cls=Group)
@shared_options
def held() -> None:
    """Messages that wait for a person."""


@held.command("list")
@shared_options
@click.pass_obj
def list_(shared: Shared) -> int:
    """List what waits, the oldest first."""
    from gsign.errors import InputError
    from gsign.office.waiting import addresses_of, held_of

    folder = held_of(shared.configuration())
    found, damaged = list(folder), folder.damaged()
    for message in found:
        if shared.json:
            print_json(_record(message))
        else:
            sender = addresses_of(message)[0] or "<>"
            print_result(clean(f"{message.id}  {shown_time(message.received)}  {sender}  {message.subject}"))
    for path in damaged:
        error = InputError("held-damaged", id=path.parent.name, path=str(path.parent))
        if shared.json:
            print_json({"id": path.parent.name, "damaged": True, "path": str(path)})
        say_error(shared, error)
    if not found and not damaged and not shared.json and not shared.quiet:
        print_result(text(shared, "held-none"))
    return InputError.exit_code if damaged else 0


@held.command()
@_id
@shared_options
@click.pass_obj
def show(shared: Shared, id_: str) -> int:
    """Show one: who sent it to whom, by which rule it is held, and where it is."""
    from gsign.office.waiting import addresses_of, held_of
    from gsign.sentences import reason_sentence

    message = held_of(shared.configuration()).get(id_)
    if shared.json:
        print_json(_record(message))
        return 0
    sender, recipients = addresses_of(message)
    facts = {
        "held-sender": sender or "<>",
        "held-recipients": ", ".join(recipients),
        "held-subject": message.subject,
        "held-since": shown_time(message.received),
        "held-rule": message.rule,
        "held-reasons": "; ".join(reason_sentence(r.id, shared.lang, r.facts) for r in message.reasons),
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
    """Send one on to its recipients, and do with it what its rule does with messages that pass."""
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
    from gsign.office.waiting import Waiting

    rejected = Waiting(shared.configuration()).reject(id_, note)
    if shared.json:
        record = {"id": id_, "outcome": "rejected", "told": rejected.told or None, "reply": rejected.reply}
        print_json(record)
    elif not shared.quiet:
        untold = "held-rejected-silently" if rejected.reply is None else "held-rejected-untold"
        said = "held-rejected" if rejected.told else untold
        print_result(text(shared, said, id=id_, sender=rejected.told, reply=clean(rejected.reply or "")))
    return 0


def _record(message: HeldMessage) -> dict[str, object]:
    fields = message._asdict()
    reasons = [{"id": r.id, "path": r.path, "details": list(r.details)} for r in message.reasons]
    return {**fields, "received": plain(message.received), "reasons": reasons, "path": str(message.path)}
