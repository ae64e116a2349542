"""What is derived from entries and kept beside them, to be found and counted by SQL: written in the same transaction.

All of it can be made again from the entries; `gsign audit verify` does so, and names what differs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from gsign.audit import facts
from gsign.audit.entry import Entry, decoded

__all__ = ["SEALED_WITH", "TABLES", "Row", "rows_of_all", "rows_of_ours", "word_of", "words_of"]

Row = tuple[Any, ...]

_MENTIONS: Final = "mention"
TABLES: Final = (_MENTIONS, *facts.TABLES)
"""Tables of derived rows. Each begins with the columns `writer` and `number` of the row's entry."""
SEALED_WITH: Final = (_MENTIONS,)
"""Those of them whose rows go where their entries are sealed; the others are what reports count (`sealed_facts`)."""
_NAMED: Final = ("sha256", "made", "of", "message_id", "entry", "object")
_LISTED: Final = ("appeared", "lost")
_SHA256: Final = 64
"""Characters of a SHA-256 in hexadecimal: it is as good as its own digest."""
_DIGITS: Final = 15

_NOT_OURS: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, ArithmeticError, RecursionError)
"""What `rows_of_all` may raise where somebody has written an entry that is none of ours."""


def rows_of_all(entries: Iterable[Entry]) -> dict[str, list[Row]]:
    """Return the rows that belong to entries, by table, in the order of their keys.

    Raises:
        Exception: of many kinds, where somebody has written what is none of ours.
    """
    mentions: list[Row] = []
    of_facts: tuple[list[Row], ...] = tuple([] for _ in facts.TABLES)
    for entry in entries:
        body = decoded(entry.body)
        writer, number = entry.writer, entry.number
        mentions += [(writer, number, word) for word in sorted(set(map(word_of, words_of(body))))]
        for rows, made in zip(of_facts, facts.facts_of(entry, body), strict=True):
            if made:
                rows.extend(made)
    found = zip(TABLES, (mentions, *of_facts), strict=True)
    return {table: rows for table, rows in found if rows}


def rows_of_ours(entries: Sequence[Entry]) -> dict[str, list[Row]]:
    """Return the rows that belong to entries, leaving out what somebody has made of an entry that is none of ours."""
    try:
        return rows_of_all(entries)
    except _NOT_OURS:
        return rows_of_all(entry for entry in entries if _is_ours(entry))


def _is_ours(entry: Entry) -> bool:
    try:
        rows_of_all([entry])
    except _NOT_OURS:
        return False
    return True


def words_of(body: Any) -> list[str]:
    """Return what an entry is looked for by: digests, a message-id, the entry before, the object of an act."""
    if not isinstance(body, dict):
        return []
    found = [body[name] for name in _NAMED if name in body]
    for name in _LISTED:
        listed = body.get(name)
        if isinstance(listed, list):
            found += listed
    documents = body.get("documents")
    if isinstance(documents, list):
        found += [document.get(name) for document in documents if isinstance(document, dict) for name in _NAMED]
    return [each for each in found if isinstance(each, str) and each]


def word_of(text: str) -> int:
    """Return the number that stands for a digest or message-id, of 60 bits, which two words seldom share."""
    if len(text) == _SHA256:
        try:
            return int(text[:_DIGITS], 16)
        except ValueError:
            pass
    return int(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS], 16)
