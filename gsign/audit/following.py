"""One chain followed, entry by entry or by pieces that were proved: what is wrong with it is found here, and named.

(1) An entry's hash is that of what it says; (2) numbers have no gap but where entries were sealed; (3) it was written
after the one before; (4) whatever other chains, checkpoints and segments know of it is so; (5) what is derived from it
is what is kept; (6) the chain ends where the ledger, or others, say that it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gsign.audit.claims import Claim, Claims, SealedRange
from gsign.audit.comparing import differences
from gsign.audit.entry import GENESIS, LAST, Chain, Entry, is_first_form, octets_of
from gsign.audit.findings import Findings
from gsign.audit.pieces import Derived, Piece, Source
from gsign.audit.proving import Proved

__all__ = ["Followed", "fits"]

_OFFSETS: Final = (-1, 1)


class Followed:
    """One chain as it is followed.

    Args:
        writer: whose chain.
        claims: what is known of it from elsewhere.
        findings: what is found is added.

    Attributes:
        compared: how many claims were compared.
        sealed: how many entries are in segments that were not at hand.
        uncounted: how many sealed entries have left nothing that reports count.
    """

    def __init__(self, writer: str, claims: Claims, findings: Findings) -> None:
        self.writer = writer
        self.head: tuple[int, bytes] | None = None
        """Number and hash of the last entry that was there."""
        self.compared = 0
        self.sealed = 0
        self.uncounted = 0
        self._number, self._hash = 0, GENESIS
        self._first = 1
        """Number of the first entry that is there."""
        self._findings = findings
        self._claims = claims.of(writer)
        self._claim = next(self._claims, None)
        self._ranges = claims.sealed.get(writer, [])
        self._offset = 0
        self._is_behind_segments = False
        self._left: Entry | None = None
        """The last entry that is still there of those that were sealed."""

    def follow(self, source: Source) -> Iterator[int]:
        """Go through the entries of a source, and return now and then how many they were."""
        derived = source.derived(self.writer)
        self._is_behind_segments = source.lists_sealed and self.head is not None
        if derived is not None:
            self._compare_sealed(derived)
        for piece in source.pieces():
            if piece.proved is not None and self._goes_on(piece.proved):
                yield self._take(piece.proved, derived)
            else:
                yield self._look_at(piece, derived)
        if self._left is not None:
            self._add("entries-missing", self._left.number + 1)
        self._compare_rows([], (), derived, None)

    def _goes_on(self, proved: Proved) -> bool:
        return (proved.first, proved.previous) == (self._number + 1, self._hash)

    def _take(self, proved: Proved, derived: Derived | None) -> int:
        """Go over entries in which nothing is wrong, and return how many they are."""
        if self.head is None:
            self._first = proved.first
        for claim in self._claims_until(proved.last):
            if claim.number >= proved.first:
                self._hold(claim, proved.hash(claim.number).hex())
        self._number, self._hash = self.head = proved.last, proved.hash(proved.last)
        self._compare_rows([], (), derived, proved.first - 1)
        if derived is not None:
            derived.skip(proved.last)
        return proved.size

    def _look_at(self, piece: Piece, derived: Derived | None) -> int:
        """Go through entries one by one, and return how many they are."""
        own: list[Entry] = []
        changed: set[int] = set()
        count = 0
        for entry in piece.entries():
            count += 1
            is_own = self._is_itself(entry)
            if self._is_in_order(entry):
                self._compare(entry)
                own.append(entry) if is_own else changed.add(entry.number)
        self._compare_rows(own, changed, derived, piece.last)
        return count

    def end(self, source: Source) -> None:
        """Compare the chain's end with what is known of it."""
        self._skip_sealed(LAST)
        reached = self._number
        head = source.head(self.writer)
        cut = 0
        if head is None and (self.head is not None or (reached and source.lists_sealed)):
            self._add("chain-unlisted")
        elif head is not None and head.number > reached:
            cut = head.number
            self._add("chain-cut", reached + 1, cut)
        elif head is not None and (head.number, head.hash) != (reached, self._hash):
            self._add("chain-head-differs", reached, detail=str(head.number))
        if head is not None and source.lists_sealed:
            self._compare_flags(head)
        while self._claim is not None:
            claim, self._claim = self._claim, next(self._claims, None)
            if claim.number > max(reached, cut):
                code = "chain-cut" if reached else "chain-missing"
                self._findings.add(code, self.writer, max(reached, cut) + 1, claim.number, witness=claim.witness)
                cut = claim.number

    def _compare_flags(self, head: Chain) -> None:
        """Compare what else is kept of a chain: of one that is closed nobody writes down where it ends."""
        if bool(head.closed) != is_first_form(head.writer):
            self._add("chain-row-changed", detail="closed")
        if head.sealed not in (0, self._first - 1, *(range_.last for range_ in self._ranges)):
            self._add("chain-row-changed", detail="sealed")

    # ------------------------------------------------------------ (1) to (3)

    def _is_itself(self, entry: Entry) -> bool:
        if fits(entry):
            return True
        # Whoever inserts or removes an entry has to number all that follow anew.
        for offset in (self._offset, *_OFFSETS):
            if offset and fits(entry._replace(number=entry.number + offset)):
                self._offset = offset
                self._add("entry-moved", entry.number, detail=f"{offset:+d}")
                return False
        self._add("entry-changed", entry.number)
        return False

    def _is_in_order(self, entry: Entry) -> bool:
        """Tell whether an entry comes after the one before, and go on to it."""
        if self._is_behind_segments and self._is_left_over(entry):
            return True
        if entry.number <= self._number:
            self._add("entry-again", entry.number)
            return False
        if self.head is None:
            self._first = entry.number
        if entry.number != self._number + 1:
            self._skip_sealed(entry.number - 1)
            self._skip_removed(entry)
        if entry.number != self._number + 1:
            self._add("entries-missing", self._number + 1, entry.number - 1)
        elif entry.previous != self._hash:
            self._add("link-broken", entry.number, detail=str(self._number))
        self._number, self._hash = self.head = entry.number, entry.hash
        return True

    def _is_left_over(self, entry: Entry) -> bool:
        """Tell whether an entry is still there of those that were sealed: whoever removed them was interrupted.

        These are the last of a segment, and follow from each other up to the end that is known of it.
        """
        range_ = next((each for each in self._ranges if each.first <= entry.number <= each.last), None)
        if range_ is None or entry.number > self._number:
            return False
        before, self._left = self._left, entry
        if before is not None and (before.number + 1, before.hash) != (entry.number, entry.previous):
            return False
        if entry.number < range_.last:
            return True
        self._left = None
        return entry.hash.hex() == range_.hash

    def _skip_sealed(self, until: int) -> None:
        """Go over entries that were sealed, as far as what is known of the segments makes a chain."""
        while range_ := self._range_after(self._number, until):
            if range_.previous != self._hash.hex():
                self._add("seal-broken", range_.first, range_.last, witness=range_.witness, detail=range_.segment)
            self.sealed += range_.last - self._number
            self._number, self._hash = range_.last, octets_of(range_.hash)
            self._drop_claims(range_)

    def _skip_removed(self, entry: Entry) -> None:
        """Go over those of sealed entries that are removed already, while others still are there."""
        if any(each.first <= self._number + 1 < entry.number <= each.last + 1 for each in self._ranges):
            self.sealed += entry.number - 1 - self._number
            # Whether it is so shows at the last of the segment.
            self._number, self._hash = entry.number - 1, entry.previous

    def _range_after(self, number: int, until: int) -> SealedRange | None:
        return next((each for each in self._ranges if each.first == number + 1 and number < each.last <= until), None)

    # ------------------------------------------------------------ (4)

    def _compare(self, entry: Entry) -> None:
        for claim in self._claims_until(entry.number):
            if claim.number == entry.number:
                self._hold(claim, entry.hash.hex())

    def _drop_claims(self, range_: SealedRange) -> None:
        for claim in self._claims_until(range_.last):
            if claim.number == range_.last:
                self._hold(claim, range_.hash)

    def _claims_until(self, number: int) -> Iterator[Claim]:
        while self._claim is not None and self._claim.number <= number:
            claim, self._claim = self._claim, next(self._claims, None)
            yield claim

    def _hold(self, claim: Claim, hash_: str) -> None:
        self.compared += 1
        if claim.hash != hash_:
            self._add("entry-differs", claim.number, witness=claim.witness)

    # ------------------------------------------------------------ (5)

    def _compare_sealed(self, derived: Derived) -> None:
        """Compare what reports count of sealed entries with what was written down of it when they were sealed."""
        for range_, is_gone in derived.sealed(self._ranges):
            if is_gone:
                self.uncounted += range_.last - range_.first + 1
            else:
                facts = {"witness": range_.witness, "detail": range_.segment}
                self._add("sealed-facts-differ", range_.first, range_.last, **facts)

    def _compare_rows(
        self, entries: Sequence[Entry], changed: Iterable[int], derived: Derived | None, last: int | None
    ) -> None:
        """Compare what is kept beside entries, and beside none, with what follows from them.

        Args:
            entries: those whose rows are looked at.
            changed: numbers of others, whose rows are of no interest.
            derived: the rows.
            last: number of the entry up to whose rows; None for all that are left.
        """
        if derived is not None:
            for difference in differences(self.writer, entries, changed, dict(derived.until(last)), derived.mentioned):
                self._findings.add_difference(difference)

    def _add(self, code: str, number: int = 0, last: int = 0, **facts: str) -> None:
        self._findings.add(code, self.writer, number, last, **facts)


def fits(entry: Entry) -> bool:
    """Tell whether an entry has the hash of what it says."""
    try:
        return entry.computed_hash() == entry.hash
    except ValueError:  # what is no text has no hash
        return False
