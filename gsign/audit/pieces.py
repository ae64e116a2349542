"""What a verification asks of a ledger, an export or a segment: chains, a piece at a time, and what is beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from gsign.audit.claims import SealedRange
from gsign.audit.derived import Row
from gsign.audit.entry import Chain, Entry
from gsign.audit.proving import Proved

__all__ = ["Derived", "Piece", "Source"]


class Piece(NamedTuple):
    """Some entries of a chain, in their order."""

    last: int
    """Number of the last."""
    entries: Callable[[], Iterable[Entry]]
    """Reads them."""
    proved: Proved | None = None
    """What is known of them where nothing is wrong with them and their rows; None where they must be looked at."""


class Source(Protocol):
    """Where entries come from: a ledger, an export of one, a segment. Chains come in the order of their names."""

    lists_sealed: bool
    """Whether it says where a chain ends of which it has no entry any more."""

    def marks(self) -> Iterable[Entry]:
        """Return the entries that hold heads of chains."""
        ...

    def next_writer(self) -> str | None:
        """Name the chain that comes next; None where there is no more."""
        ...

    def pieces(self) -> Iterator[Piece]:
        """Return the entries of the chain that comes next, in their order."""
        ...

    def head(self, writer: str) -> Chain | None:
        """Return where the source says that a chain ends; None where it does not say."""
        ...

    def derived(self, writer: str) -> Derived | None:
        """Return what is kept beside the entries of a chain; None where nothing is."""
        ...

    def finish(self) -> None:
        """Tell what else is wrong with it; for when all chains have been gone through."""
        ...


class Derived(Protocol):
    """Derived rows of a chain, asked for in the order of its entries."""

    mentioned: int
    """Number of the entry up to which there must be mentions."""

    def sealed(self, ranges: Sequence[SealedRange]) -> Iterator[tuple[SealedRange, bool]]:
        """Return those of the entries that were sealed whose rows are not right, or gone, and whether they are gone.

        Asked for first; what of them stays is none of what `until` returns.
        """
        ...

    def until(self, number: int | None) -> Iterator[tuple[str, list[Row]]]:
        """Return the rows behind those that were asked for before, up to those of an entry, or all; by table."""
        ...

    def skip(self, number: int) -> None:
        """Go over the rows up to those of an entry."""
        ...
