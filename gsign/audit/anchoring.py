"""Chains that hold each other: from time to time a writer writes down where the chains of the others end.

Whoever removes the end of a chain, or all of it, would have to change every chain that has seen it.
"""

from __future__ import annotations

import json
import time
from typing import Final

from gsign.audit.entry import LAST, Chain, Entry, canonical
from gsign.audit.rows import Transaction

__all__ = ["SPOILT", "Anchoring", "Heads", "heads_in"]

_EVERY: Final = 1000
"""Entries of a writer after which it looks at the others."""
_SECONDS: Final = 300.0
"""Time after which it does."""

SPOILT: Final = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)
"""What reading an entry may raise that somebody has written who is not us."""
Heads = dict[str, tuple[int, str]]
"""Of each writer the number and the hash (hexadecimal) of its last entry."""


class Anchoring:
    """When a writer is to look at the chains of the others, and what it finds there."""

    def __init__(self) -> None:
        self._known: Heads = {}
        self._left = 0
        self._due = 0.0

    def begin(self, transaction: Transaction, chain: Chain | None) -> None:
        """Go on with a chain: it is time to look, and what it holds already is known."""
        self._left = 0
        entry = transaction.entry(chain.writer, chain.anchored) if chain and chain.anchored else None
        self._known = heads_in(entry) if entry is not None else {}

    def is_due(self, count: int) -> bool:
        """Count entries that are to be written, and tell whether it is time to look."""
        self._left -= count
        return self._left < 0 or time.monotonic() > self._due

    def moved(self, transaction: Transaction, writer: str, chain: Chain | None) -> Heads:
        """Look, and return the heads that this chain does not hold yet.

        Args:
            transaction: of the ledger.
            writer: whose chain it is.
            chain: where it ends; None for a new one.
        """
        self._left, self._due = _EVERY, time.monotonic() + _SECONDS
        is_first = chain is None or not chain.anchored
        others = (each for each in transaction.chains() if each.writer != writer and (is_first or not each.closed))
        heads = {each.writer: (each.number, each.hash.hex()) for each in others}
        moved = {name: head for name, head in heads.items() if self._known.get(name) != head}
        self._known |= moved
        return moved


def heads_in(entry: Entry) -> Heads:
    """Return the heads that an entry holds; none where it is none that does, or what it holds was spoilt."""
    try:
        heads = json.loads(entry.body)["heads"]
        found = {writer: (int(number), str(hash_)) for writer, (number, hash_) in heads.items()}
        canonical(found).encode()
    except SPOILT:
        return {}
    return found if all(0 <= number <= LAST for number, _ in found.values()) else {}
