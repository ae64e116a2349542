"""What is derived from entries and kept beside them, to be found and counted by SQL: written in the same transaction.

All of it can be made again from the entries; `gsign audit verify` does so, and names what differs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from gsign.audit import facts
from gsign.audit.entry import Entry

__all__ = ["NOT_OURS", "TABLES", "Row", "rows_of", "rows_of_all", "word_of", "words_of"]

Row = tuple[Any, ...]

_MENTIONS: Final = "mention"
TABLES: Final = (_MENTIONS, *facts.TABLES)
"""Tables of derived rows. Each begins with the columns `writer` and `number` of the row's entry."""
_NAMED: Final = ("sha256", "made", "of", "message_id", "entry", "object")
_LISTED: Final = ("appeared", "lost")


NOT_OURS: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError, RecursionError)
"""What `rows_of` may raise where somebody has written an entry that is none of ours."""


def rows_of(entry: Entry) -> Iterator[tuple[str, Row]]:
    """Return the rows that belong to an entry, each with its table.

    Raises:
        Exception: one of `NOT_OURS`: the body is no object of JSON, or the time none.
    """
    for word in {word_of(text) for text in words_of(json.loads(entry.body))}:
        yield _MENTIONS, (entry.writer, entry.number, word)
    for table, rows in zip(facts.TABLES, facts.facts_of(entry), strict=True):
        for row in rows:
            yield table, row


def rows_of_all(entries: Iterable[Entry]) -> dict[str, list[Row]]:
    """Return the rows that belong to entries, by table."""
    found: dict[str, list[Row]] = {}
    for entry in entries:
        for table, row in rows_of(entry):
            found.setdefault(table, []).append(row)
    return found


def words_of(body: Mapping[str, Any]) -> Iterator[str]:
    """Return what an entry is looked for by: digests, a message-id, the entry before, the object of an act."""
    yield from _texts(body)
    for name in _LISTED:
        found = body.get(name)
        yield from (each for each in found if isinstance(each, str)) if isinstance(found, list) else ()
    documents = body.get("documents")
    if isinstance(documents, list):
        for document in documents:
            if isinstance(document, Mapping):
                yield from _texts(document)


def word_of(text: str) -> int:
    """Return the number that stands for a digest or message-id: 63 bits, which two words seldom share."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]) >> 1


def _texts(body: Mapping[str, Any]) -> Iterable[str]:
    return (text for name in _NAMED if isinstance(text := body.get(name), str) and text)
