"""What is derived from entries and kept beside them, to be found and counted by SQL: written in the same transaction.

All of it can be made again from the entries; `gsign audit verify` does so, and names what differs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from gsign.audit import facts
from gsign.audit.entry import Entry, decoded

__all__ = ["MENTIONS", "SEALED_WITH", "TABLES", "Row", "rows_of_all", "rows_of_ours", "word_of", "words_of"]

Row = tuple[Any, ...]

MENTIONS: Final = "mention"
TABLES: Final = (MENTIONS, *facts.TABLES)
"""Tables of derived rows. Each begins with the columns `writer` and `number` of the row's entry."""
SEALED_WITH: Final = (MENTIONS,)
"""Those of them whose rows go where their entries are sealed; the others are what reports count (`sealed_facts`)."""
_NAMED: Final = ("sha256", "made", "of", "message_id", "entry", "object")
_BESIDE_FATE: Final = tuple(name for name in _NAMED if name != "entry")
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
    found: dict[str, list[Row]] = {}
    for entry in entries:
        body = decoded(entry.body)
        of_facts = facts.facts_of(entry, body)
        # What an entry goes with is found by its fate.
        is_told = bool(of_facts.fates) and entry.kind in facts.REFERRING and bool(of_facts.fates[0][5])
        words = _words(body, _BESIDE_FATE if is_told else _NAMED)
        if words:
            writer, number = entry.writer, entry.number
            numbers = [word_of(words[0])] if len(words) == 1 else sorted(set(map(word_of, words)))
            found.setdefault(MENTIONS, []).extend([(writer, number, word) for word in numbers])
        if of_facts is not facts.NONE:
            for table, made in zip(facts.TABLES, of_facts, strict=True):
                if made:
                    found.setdefault(table, []).extend(made)
    return found


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
    return _words(body, _NAMED)


def _words(body: Any, names: Sequence[str]) -> list[str]:
    if not isinstance(body, dict):
        return []
    found = [body[name] for name in names if name in body]
    for name in _LISTED:
        if name in body and isinstance(listed := body[name], list):
            found += listed
    if "documents" in body and isinstance(documents := body["documents"], list):
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
