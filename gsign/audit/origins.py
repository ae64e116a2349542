"""What the figures of a report were counted from: entries of chains, those in sealed segments included."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from gsign.audit.claims import SealedRange, Segment, ranges_of, segments_in
from gsign.audit.sealed_facts import is_kept

if TYPE_CHECKING:
    from gsign.audit.entry import Chain as Head
    from gsign.audit.period import Period
    from gsign.audit.reading import Reader

__all__ = ["Chain", "Sealed", "Source", "source_of"]


class Chain(NamedTuple):
    """A chain of the ledger, as it was when the report was made."""

    writer: str
    first: int
    """The first entry of the period; of those that are sealed the first that counts."""
    last: int
    """The last entry of the period."""
    number: int
    """The last entry of all."""
    hash: str
    """Of the last entry of all, in hexadecimal digits."""


class Sealed(NamedTuple):
    """A segment that has entries of the period."""

    file: str
    sha256: str


class Source(NamedTuple):
    """What figures were counted from."""

    ledger: str
    """Its URL, without a password."""
    chains: tuple[Chain, ...]
    """Those with entries in the period."""
    heads: int
    """How many chains there are in all."""
    digest: str
    """SHA-256 over writer, number and hash of the last entry of every chain."""
    uncounted: tuple[str, ...]
    """Chains with sealed entries that may be of the period, or the one before, of which nothing is kept to count."""
    made: datetime
    segments: tuple[Sealed, ...] = ()


def source_of(reader: Reader, ledger: str, period: Period, now: datetime | None = None) -> Source:
    """Tell what a report on a period is counted from.

    Args:
        reader: of the ledger.
        ledger: its URL, without a password.
        period: which one.
        now: an aware time; None for the present.
    """
    heads = reader.chains()
    listed = "".join(f"{head.writer} {head.number} {head.hash.hex()}\n" for head in heads)
    looking = _Looking(reader, period)
    segments = segments_in(reader.marks())
    ranges = [range_ for segment in segments for range_ in ranges_of(segment)]
    return Source(
        ledger,
        tuple(chain for head in heads if (chain := looking.chain(head))),
        len(heads),
        hashlib.sha256(listed.encode()).hexdigest(),
        tuple(head.writer for head in heads if looking.leaves_out(head, ranges)),
        now or datetime.now(UTC),
        tuple(looking.sealed(segments)),
    )


class _Looking:
    """Look for the entries of a period.

    Args:
        reader: of the ledger.
        period: which one.
    """

    def __init__(self, reader: Reader, period: Period) -> None:
        self._reader = reader
        self._months = period.months[0], period.months[-1]
        self._begin, self._end = (_text_of(moment) for moment in (period.begin, period.end))
        self._before = _text_of(period.previous.begin)

    def chain(self, head: Head) -> Chain | None:
        """Find which entries of a chain are of the period; None where there are none."""
        first, after = self._first_from(head, self._begin), self._first_from(head, self._end)
        numbers = [first, after - 1] if first < after else []
        if head.sealed:
            numbers += self._counted(head.writer, 1, head.sealed)
        return Chain(head.writer, min(numbers), max(numbers), head.number, head.hash.hex()) if numbers else None

    def sealed(self, segments: Sequence[Segment]) -> Iterator[Sealed]:
        """Find the segments that have entries of the period which count."""
        for segment in segments:
            if any(self._counted(r.writer, r.first, r.last) for r in ranges_of(segment) if is_kept(self._reader, r)):
                yield Sealed(segment.file, segment.sha256)

    def leaves_out(self, head: Head, ranges: Sequence[SealedRange]) -> bool:
        """Tell whether sealed entries of a chain cannot be counted, which may be of the period or of the one before."""
        gone = [r.last for r in ranges if r.writer == head.writer and not is_kept(self._reader, r)]
        # Times go up: what stands before an entry that came too early came too early as well.
        return bool(gone) and self._first_time(head, max(gone)) >= self._before

    def _counted(self, writer: str, first: int, last: int) -> list[int]:
        """Return the numbers of the first and the last entry that counts, of some of a chain."""
        where = writer, first, last, *self._months
        query = "number BETWEEN ? AND ? AND month BETWEEN ? AND ?"
        (found,) = self._reader.rows(
            f"SELECT min(number), max(number) FROM (SELECT number FROM fact_fate WHERE writer = ? AND {query}"  # noqa: S608
            f" UNION ALL SELECT number FROM fact_service WHERE writer = ? AND {query}) AS counted",
            where * 2,
        )
        return [int(str(number)) for number in found if number is not None]

    def _first_time(self, head: Head, after: int) -> str:
        """Return the time of the first entry behind another one, as near as it is known."""
        query = "SELECT time FROM fact_fate WHERE writer = ? AND number > ? ORDER BY number LIMIT 1"
        if (row := next(self._reader.rows(query, (head.writer, after)), None)) is not None:
            return _text_of(datetime.fromtimestamp(int(row[0]) / 1_000_000, UTC))
        entry = next(self._reader.entries(head.writer, after + 1), None)
        return entry.time if entry is not None else self._end

    def _first_from(self, head: Head, moment: str) -> int:
        """Return the number of a chain's first entry from a moment on, by halving: numbers and times go up together."""
        query = "SELECT number, time FROM entry WHERE writer = ? AND number >= ? ORDER BY number LIMIT 1"
        low, high = head.sealed + 1, head.number + 1
        while low < high:
            middle = (low + high) // 2
            found = next(self._reader.rows(query, (head.writer, middle)), None)
            if found is None or str(found[1]) >= moment:
                high = middle
            else:
                low = int(found[0]) + 1
        return low


def _text_of(moment: datetime) -> str:
    """Write a moment as entries have it, so that the order of texts is that of times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
