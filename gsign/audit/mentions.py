"""Entries found by what they are about: a digest, a message-id, an entry before, the object of an act."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Final

from gsign.audit.derived import word_of, words_of
from gsign.audit.entry import Entry
from gsign.audit.facts import referred
from gsign.audit.looking import ENTRY

if TYPE_CHECKING:
    from gsign.audit.reading import Reader

__all__ = ["entries_about", "naming"]

# ruff: noqa: S608 - the names of tables and columns are our own
_MENTIONED: Final = "SELECT writer, number FROM mention WHERE word IN ({words})"
_UNMENTIONED: Final = (
    "SELECT e.writer, e.number FROM chain c JOIN entry e ON e.writer = c.writer"
    " WHERE c.closed = 0 AND e.number > c.number - c.number % {at_once}"
)
"""Entries whose mentions are not written yet: a few of each chain."""
_TOLD: Final = "SELECT writer, number FROM fact_fate WHERE of_writer = ? AND of_number = ?"
"""Entries that tell what became of an entry do not mention it."""


def naming(reader: Reader, texts: Collection[str]) -> tuple[str, list[Any]]:
    """Return a condition on entries that all meet which name one of some texts, and its values.

    Few others meet it: words seldom share a number, and some entries are to be looked at.

    Args:
        reader: of the ledger.
        texts: see `entries_about`.
    """
    values: list[Any] = list(map(word_of, texts))
    parts = [_MENTIONED.format(words=", ".join("?" * len(texts)))]
    if reader.mentioned_at_once > 1:
        parts.append(_UNMENTIONED.format(at_once=reader.mentioned_at_once))
    for writer, number in filter(None, map(_reference, texts)):
        parts.append(_TOLD)
        values += (writer, number)
    return f"(writer, number) IN ({' UNION ALL '.join(parts)})", values


def _reference(text: str) -> tuple[str, int] | None:
    writer, number = referred(text)
    return (writer, number) if writer else None


def entries_about(reader: Reader, text: str) -> Iterator[Entry]:
    """Return the entries that name a text, in the order of their times.

    Args:
        reader: of the ledger.
        text: a digest in hexadecimal, a message-id as it is written in the entries, a reference of an entry.
    """
    condition, values = naming(reader, (text,))
    query = f"SELECT {ENTRY} FROM entry WHERE {condition} ORDER BY time, writer, number"
    for row in reader.rows(query, values):
        entry = Entry._make((*row[:5], bytes(row[5]), bytes(row[6])))
        # Who changes rows may say anything.
        if text in words_of(json.loads(entry.body)):
            yield entry
