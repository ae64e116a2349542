"""Where entries are kept: what a ledger asks of SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from gsign.audit.entry import Chain, Entry, is_first_form

__all__ = ["MARKS", "REVISION", "Rows", "Transaction", "mentioned", "names_of_chains"]

REVISION = "r0004"
"""The last of `migrations/versions`."""
MARKS = ("opened", "anchored", "checkpoint", "sealed")
"""Kinds of entries that hold heads of chains; `opened` is the first form's."""
_MOST_CHAINS = 10_000
"""Writers of a station at once."""


def names_of_chains(station: str) -> Iterator[str]:
    """Return the chains that a station may have, in the order in which they are tried."""
    return (f"{station}.{number}" for number in range(1, _MOST_CHAINS + 1))


def mentioned(writer: str, last: int, at_once: int) -> int:
    """Return the number of the entry up to which a chain's entries have mentions, which are written many at a time.

    Args:
        writer: whose chain.
        last: number of its last entry.
        at_once: entries whose mentions are written together. Of a chain that nobody goes on with, all are.
    """
    return last if is_first_form(writer) else last - last % at_once


class Transaction(Protocol):
    """What is done at once, or not at all."""

    def chain(self, writer: str) -> Chain | None:
        """Return where a chain ends."""
        ...

    def chains(self) -> list[Chain]:
        """Return where all chains end."""
        ...

    def entry(self, writer: str, number: int) -> Entry | None:
        """Return an entry."""
        ...

    def first(self, writer: str) -> int | None:
        """Return the number of the first entry of a chain that is there."""
        ...

    def add(self, entries: Sequence[Entry], chain: Chain) -> None:
        """Add entries of one chain, what is derived from them, and where the chain ends with them."""
        ...

    def remove(self, writer: str, first: int, last: int, sealed: int) -> None:
        """Remove entries of a chain and what they are found by, and write down how far it is sealed."""
        ...


class Rows(Protocol):
    """A table of entries, used by one thread at a time."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction; it is on disk when this has ended without an error."""
        ...

    def taken(self, station: str) -> str:
        """Return the chain that is ours: the one we hold, else a free one of the station, which is held from now on.

        Raises:
            TimeoutError: all are taken.
        """
        ...

    def is_lost(self, error: Exception) -> bool:
        """Tell whether an error says that the connection was lost, so that another one may do."""
        ...

    def hold(self, writer: str) -> bool:
        """Hold a chain until `close`, whosever it is; False where somebody else does."""
        ...

    def close(self) -> None:
        """Let go of it, and of the chain."""
        ...
