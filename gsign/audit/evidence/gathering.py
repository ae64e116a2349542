"""Which entries are about a document or a message, with those before and after that belong to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gsign.audit.entry import Entry

if TYPE_CHECKING:
    from gsign.audit.evidence.whole import Whole
    from gsign.audit.pseudonyms import Pseudonyms

__all__ = ["Subject", "gather", "references_in"]

_DIGEST: Final = re.compile("[0-9a-f]{64}")
_REFERENCE: Final = re.compile(r"(.+)-([0-9]{1,18})")
_FREE: Final = ("message_id",)
"""What is a sender's to choose, and no digest whatever it looks like."""


class Subject(NamedTuple):
    """What the evidence is about."""

    text: str
    """SHA-256 in hexadecimal, or a message-id, as the ledger has it."""
    is_digest: bool

    @classmethod
    def of(cls, wanted: str, pseudonyms: Pseudonyms | None = None) -> Subject:
        """Read what somebody asks for: a SHA-256 as programs print it, or a message-id with or without its brackets."""
        bare = re.sub("[: \t]", "", wanted).lower()
        if _DIGEST.fullmatch(bare):
            return cls(bare, is_digest=True)
        name = wanted.strip()
        return cls(pseudonyms.of_text(name) if pseudonyms else name, is_digest=False)

    def texts(self) -> tuple[str, ...]:
        """Return how entries may have it."""
        bare = self.text.strip("<>")
        return (self.text,) if self.is_digest else (f"<{bare}>", bare)

    def is_named_by(self, body: Any) -> bool:
        """Tell whether the body of an entry names it, anywhere but where a sender may write what he likes."""
        if isinstance(body, dict):
            free = _FREE if self.is_digest else ()
            return any(self.is_named_by(value) for name, value in body.items() if name not in free)
        if isinstance(body, list):
            return any(map(self.is_named_by, body))
        return body in self.texts()


def gather(whole: Whole, subject: Subject) -> list[Entry]:
    """Return the entries about something, and all that those refer to or that refer to them, in order of time.

    Args:
        whole: the ledger.
        subject: what they are about.
    """
    found: dict[str, Entry] = {}
    new = _by_reference(e for e in whole.about(subject.texts()) if subject.is_named_by(json.loads(e.body)))
    while new:
        found |= new
        after = (e for e in whole.going_with(new) if not references_in(json.loads(e.body)).isdisjoint(new))
        before = whole.at({place for entry in new.values() if (place := _referred(entry))})
        new = _by_reference(entry for entry in (*after, *before) if entry.reference not in found)
    return sorted(found.values(), key=lambda entry: (entry.time, entry.writer, entry.number))


def _by_reference(entries: Iterable[Entry]) -> dict[str, Entry]:
    return {entry.reference: entry for entry in entries}


def references_in(body: Mapping[str, Any]) -> set[str]:
    """Return the entries that a body says it goes with.

    What looks like a reference elsewhere is none: a message-id is its sender's to choose.
    """
    lists = (body.get(name) for name in ("appeared", "lost"))
    listed = [each for found in lists if isinstance(found, list) for each in found]
    return {each for each in (body.get("entry"), *listed) if isinstance(each, str)}


def _referred(entry: Entry) -> tuple[str, int] | None:
    """Return chain and number of the entry that another one goes on from."""
    match = _REFERENCE.fullmatch(str(json.loads(entry.body).get("entry", "")))
    return (match[1], int(match[2])) if match else None
