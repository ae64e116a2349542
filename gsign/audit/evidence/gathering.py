"""Which entries are about a document or a message, with those before and after that belong to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gsign.audit.entry import Entry
from gsign.audit.mentions import entries_about

if TYPE_CHECKING:
    from gsign.audit.pseudonyms import Pseudonyms
    from gsign.audit.reading import Reader

__all__ = ["Subject", "gather", "references_in"]

_DIGEST: Final = re.compile("[0-9a-f]{64}")
_REFERENCE: Final = re.compile(r"(.+)-([0-9]{1,18})")
_MOST: Final = 10_000
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


def gather(reader: Reader, subject: Subject) -> list[Entry]:
    """Return the entries about something, and all that those refer to or that refer to them, in order of time.

    Args:
        reader: of the ledger.
        subject: what they are about.
    """
    found: dict[str, Entry] = {}
    named = [entry for text in subject.texts() for entry in entries_about(reader, text)]
    waiting = [entry for entry in named if subject.is_named_by(json.loads(entry.body))]
    while waiting and len(found) < _MOST:
        entry = waiting.pop()
        if entry.reference not in found:
            found[entry.reference] = entry
            about = entries_about(reader, entry.reference)
            waiting += [other for other in about if entry.reference in references_in(json.loads(other.body))]
            waiting += _referred(reader, entry)
    return sorted(found.values(), key=lambda entry: (entry.time, entry.writer, entry.number))


def references_in(body: Mapping[str, Any]) -> set[str]:
    """Return the entries that a body says it goes with.

    What looks like a reference elsewhere is none: a message-id is its sender's to choose.
    """
    lists = (body.get(name) for name in ("appeared", "lost"))
    listed = [each for found in lists if isinstance(found, list) for each in found]
    return {each for each in (body.get("entry"), *listed) if isinstance(each, str)}


def _referred(reader: Reader, entry: Entry) -> Iterator[Entry]:
    """Return the entry that another one goes on from."""
    match = _REFERENCE.fullmatch(str(json.loads(entry.body).get("entry", "")))
    if match:
        yield from reader.entries(match[1], int(match[2]), int(match[2]))
