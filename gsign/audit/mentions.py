"""Entries found by what they are about: a digest, a message-id, an entry before, the object of an act."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from gsign.audit.derived import word_of, words_of
from gsign.audit.entry import Entry
from gsign.audit.looking import ENTRY

if TYPE_CHECKING:
    from gsign.audit.reading import Reader

__all__ = ["entries_about"]

_QUALIFIED: Final = ", ".join(f"entry.{column}" for column in ENTRY.split(", "))
_ABOUT: Final = (
    f"SELECT {_QUALIFIED} FROM mention"  # noqa: S608 - the names of tables and columns are our own
    " JOIN entry ON entry.writer = mention.writer AND entry.number = mention.number"
    " WHERE mention.word = ? ORDER BY entry.time, entry.writer, entry.number"
)


def entries_about(reader: Reader, text: str) -> Iterator[Entry]:
    """Return the entries that name a text, in the order of their times.

    Args:
        reader: of the ledger.
        text: a digest in hexadecimal, a message-id as it is written in the entries, a reference of an entry.
    """
    for row in reader.rows(_ABOUT, (word_of(text),)):
        entry = Entry._make((*row[:5], bytes(row[5]), bytes(row[6])))
        # Words seldom share a number, and who changes rows may say that they do.
        if text in words_of(json.loads(entry.body)):
            yield entry
