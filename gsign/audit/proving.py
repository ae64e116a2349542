"""Entries proved a piece at a time: that they are themselves, follow from each other, and have the rows they must.

It is most of the work of a verification, and asks for nothing but the piece, so that processes share it. Who proves
says yes or no: what is wrong is looked for, and named, by whoever follows the chains (`checking`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from gsign.audit.comparing import differences
from gsign.audit.derived import TABLES, Row
from gsign.audit.entry import Entry, hash_of
from gsign.audit.reading import Reader
from gsign.errors import GsignError

__all__ = ["Proved", "prove"]

_OCTETS: Final = 32
"""Of a hash."""
_NOT_OURS: Final = (GsignError, TypeError, ValueError, AttributeError)
"""What reading and hashing may raise where somebody has put values of other types."""


class Proved(NamedTuple):
    """Entries of a chain without a gap, in which nothing is wrong."""

    first: int
    """Number of the first."""
    previous: bytes
    """Hash of the entry before it."""
    hashes: bytes
    """Of all, one behind the other."""

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.hashes) // _OCTETS

    @property
    def last(self) -> int:
        """Number of the last."""
        return self.first + self.size - 1

    def hash(self, number: int) -> bytes:
        """Return the hash of one of them."""
        at = (number - self.first) * _OCTETS
        return self.hashes[at : at + _OCTETS]


def prove(reader: Reader, writer: str, after: int, last: int) -> Proved | None:
    """Prove the entries of a chain behind a number, up to another one; None where anything is not as it should be.

    Args:
        reader: of the ledger.
        writer: whose chain.
        after: number of the entry before the first.
        last: number of the last entry.
    """
    try:
        rows = reader.piece("entry", writer, after, last)
        if not _is_chain(writer, after, last, rows):
            return None
        kept = {table: reader.piece(table, writer, after, last) for table in TABLES}
    except _NOT_OURS:
        return None
    if differences(writer, list(map(Entry._make, rows)), (), kept, reader.mentioned(writer)):
        return None
    return Proved(after + 1, rows[0][5], b"".join(row[6] for row in rows))


def _is_chain(writer: str, after: int, last: int, rows: Sequence[Row]) -> bool:
    _, numbers, times, kinds, bodies, before, hashes = zip(*rows, strict=True)
    return (
        numbers == tuple(range(after + 1, last + 1))
        and before[1:] == hashes[:-1]
        and hashes == tuple(map(hash_of(writer), numbers, times, kinds, bodies, before))
    )
