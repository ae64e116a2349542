"""What reports count of entries that were sealed away: their rows stay, and the entry `sealed` has a digest of them.

Sums could not stay in their place: a document that went in two years, or by two relays, is to be counted once,
whichever of the entries were sealed. The digest proves the rows without the segments; with them each is computed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from gsign.audit import facts
from gsign.audit.derived import Row, rows_of_ours
from gsign.audit.entry import Entry, canonical

if TYPE_CHECKING:
    from gsign.audit.claims import SealedRange
    from gsign.audit.reading import Reader

__all__ = ["FactsDigest", "SealedRows", "digest_of_kept", "is_kept"]

_NOTHING: Final = hashlib.sha256().hexdigest()
"""Digest of no rows at all."""


class FactsDigest:
    """A digest over the rows that reports count of a chain's entries, in their order, a piece at a time."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def add_entries(self, entries: list[Entry]) -> None:
        """Add the rows that follow from entries."""
        self.add(rows_of_ours(entries))

    def add(self, rows: Mapping[str, list[Row]]) -> None:
        """Add rows, by table; tables of other things are left out."""
        placed = [(row[1], place, row) for place, table in enumerate(facts.TABLES) for row in rows.get(table, ())]
        placed.sort(key=_order)
        for _, place, row in placed:
            self._sha256.update(_line(facts.TABLES[place], row))

    def hexdigest(self) -> str:
        """Return the digest of all that was added."""
        return self._sha256.hexdigest()


def digest_of_kept(reader: Reader, writer: str, first: int, last: int) -> str:
    """Return the digest of the rows that a ledger keeps of entries.

    Args:
        reader: of the ledger.
        writer: whose chain.
        first: number of the first entry.
        last: number of the last.
    """
    digest = FactsDigest()
    tables = [_kept(reader, table, (writer, first, last)) for table in facts.TABLES]
    for _, same in groupby(merge(*tables, key=itemgetter(0)), key=itemgetter(0)):
        rows: dict[str, list[Row]] = {}
        for _, table, row in same:
            rows.setdefault(table, []).append(row)
        digest.add(rows)
    return digest.hexdigest()


def _kept(reader: Reader, table: str, where: tuple[str, int, int]) -> Iterator[tuple[int, str, Row]]:
    # Whoever forges a seal may name any numbers: they are not gone through one by one.
    query = f"SELECT * FROM {table} WHERE writer = ? AND number BETWEEN ? AND ? ORDER BY number"  # noqa: S608 - our own
    return ((row[1], table, row) for row in reader.rows(query, where))


def is_kept(reader: Reader, range_: SealedRange) -> bool:
    """Tell whether a ledger has the rows of sealed entries, so that reports count them.

    It has none where the entries were sealed by an earlier version, or where it was made from an export that begins
    behind them.
    """
    if not range_.facts:
        return False
    if range_.facts == _NOTHING:
        return True
    query = "SELECT 1 FROM {} WHERE writer = ? AND number BETWEEN ? AND ? LIMIT 1"
    where = range_.writer, range_.first, range_.last
    return any(next(reader.rows(query.format(table), where), None) is not None for table in facts.TABLES)


class SealedRows:
    """What reports count of the entries of a segment, read from a ledger beside the segment's entries.

    Args:
        reader: of the ledger.
        writer: whose chain.
        first: number of the first entry.
        last: number of the last.
    """

    mentioned = 0

    def __init__(self, reader: Reader, writer: str, first: int, last: int) -> None:
        self._reader = reader
        self._writer = writer
        self._seen = first - 1
        self._last = last

    def sealed(self, ranges: Sequence[SealedRange]) -> Iterator[tuple[SealedRange, bool]]:
        """See `pieces.Derived`: what was sealed before stands in segments of its own."""
        yield from ()

    def until(self, number: int | None) -> Iterator[tuple[str, list[Row]]]:
        """See `pieces.Derived`."""
        last = self._last if number is None else min(number, self._last)
        for table in facts.TABLES:
            yield table, self._reader.derived(table, self._writer, self._seen, last)
        self._seen = last

    def skip(self, number: int) -> None:
        """See `pieces.Derived`."""
        self._seen = number


def _order(placed: tuple[object, int, Row]) -> tuple[int, int, str]:
    number, place, row = placed
    # In SQLite somebody may have put a value of any type anywhere.
    return number if isinstance(number, int) else 0, place, repr(row)


def _line(table: str, row: Row) -> bytes:
    try:
        return canonical([table, *row]).encode("utf-8", "surrogatepass") + b"\n"
    except (TypeError, ValueError):  # of no type that we write
        return b"?\n"
