"""What is kept beside entries, compared with what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gsign.audit.derived import MENTIONS, Row, rows_of_ours
from gsign.audit.entry import Entry

__all__ = ["Difference", "differences"]


class Difference(NamedTuple):
    """Rows of an entry that are not those that follow from it."""

    writer: str
    number: int
    table: str
    is_extra: bool
    """Whether there is no such entry."""


def differences(
    writer: str, entries: Sequence[Entry], changed: Iterable[int], kept: Mapping[str, list[Row]], mentioned: int
) -> list[Difference]:
    """Compare rows with entries that follow each other in a chain.

    Args:
        writer: whose chain.
        entries: those whose rows are looked at.
        changed: numbers of others, whose rows are of no interest.
        kept: the rows, by table.
        mentioned: number of the entry up to which there are mentions; behind it some may have none yet.
    """
    found: list[Difference] = []
    expected = rows_of_ours(entries)
    if entries and entries[-1].number > mentioned:
        named = {row[1] for row in kept.get(MENTIONS, ())}
        expected[MENTIONS] = [row for row in expected.get(MENTIONS, ()) if row[1] <= mentioned or row[1] in named]
    for table, rows in kept.items():
        wanted = expected.get(table, [])
        if rows == wanted or _in_order(rows) == _in_order(wanted):
            continue
        there, should = _by_number(rows), _by_number(wanted)
        known = {entry.number for entry in entries}
        numbers = sorted((there.keys() | should.keys()).difference(changed))
        found += [
            Difference(writer, number, table, number not in known)
            for number in numbers
            if there.get(number) != should.get(number)
        ]
    return found


def _in_order(rows: list[Row]) -> list[Row]:
    # In SQLite somebody may have put a value of any type anywhere.
    return sorted(rows, key=repr)


def _by_number(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in _in_order(rows):
        found.setdefault(row[1] if type(row[1]) is int else 0, []).append(row)
    return found
