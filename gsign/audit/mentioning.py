"""Mentions written for many entries at once.

Words stand in the order of their numbers, which are made of digests: each is on a page of its own. Those of many
entries together touch fewer of them, and what names an entry before stands beside it. Who looks for a word goes through
the entries that have no mentions yet (`mentions`).
"""

from __future__ import annotations

from collections.abc import Sequence

from gsign.audit.derived import MENTIONS, Row, rows_of_ours
from gsign.audit.entry import Chain, Entry
from gsign.audit.rows import Transaction, mentioned

__all__ = ["Mentioning"]


class Mentioning:
    """What entries mention that is not written yet, for one chain at a time.

    Args:
        at_once: entries whose mentions are written together.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._writer = ""
        self._begin = self._next = 0
        """Numbers of the first entry whose mentions are kept here, and of the one that comes next."""
        self._rows: list[Row] = []

    def due(self, transaction: Transaction, entries: Sequence[Entry], chain: Chain, new: list[Row]) -> list[Row]:
        """Keep what new entries mention, and return what is to be written now.

        Args:
            transaction: in which the entries were added.
            entries: of one chain.
            chain: where it ends with them.
            new: what they mention.
        """
        first = entries[0].number
        if (self._writer, self._next) != (chain.writer, first):
            self._writer, self._begin, self._rows = chain.writer, first, []
        self._next = chain.number + 1
        self._rows += new
        before, until = (mentioned(chain.writer, number, self._at_once) for number in (first - 1, chain.number))
        if until == before:
            return []
        due = [row for row in self._rows if row[1] <= until]
        self._rows = self._rows[len(due) :]
        # Some may have been sealed away meanwhile.
        begin = max(before + 1, transaction.first(chain.writer) or 0)
        if begin < self._begin:
            due = [*_mentions_of(transaction, chain.writer, begin, self._begin - 1), *due]
        self._begin = until + 1
        return [row for row in due if row[1] >= begin]


def _mentions_of(transaction: Transaction, writer: str, first: int, last: int) -> list[Row]:
    found = (transaction.entry(writer, number) for number in range(first, last + 1))
    return rows_of_ours([entry for entry in found if entry is not None]).get(MENTIONS, [])
