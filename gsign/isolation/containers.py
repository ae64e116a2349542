"""What came out of a container, from the worker to its caller: names and notes in JSON, the octets behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gsign.isolation.wire import WireError
from gsign.mail.containers import Member, Opened, Refusal
from gsign.mime.notes import Note

__all__ = ["opened_of", "plain_opened", "unopened"]


def plain_opened(opened: Opened) -> dict[str, object]:
    """Turn what came out into what a frame holds, the octets under `body`."""
    return {
        "members": [(member.name, len(member.data)) for member in opened.members],
        "refusals": opened.refusals,
        "notes": opened.notes,
        "body": b"".join(member.data for member in opened.members),
    }


def unopened(reason: str) -> Opened:
    """Say of a container that nothing came out of it, and why."""
    return Opened(refusals=(Refusal("", reason),))


def opened_of(record: Mapping[str, Any]) -> Opened:
    """Make of an answer what `plain_opened` made an answer of.

    Raises:
        WireError: it did not.
    """
    try:
        body, at, members = record.get("body", b""), 0, []
        for name, size in record["members"]:
            members.append(Member(str(name), body[at : at + size]))
            at += size
        refusals = tuple(Refusal(str(name), str(reason)) for name, reason in record["refusals"])
        notes = tuple(Note(str(name), str(detail)) for name, detail in record["notes"])
    except (KeyError, TypeError, ValueError) as error:
        raise WireError("no container of ours") from error
    return Opened(tuple(members), refusals, notes)
