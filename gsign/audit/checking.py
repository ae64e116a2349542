"""A ledger verified: every entry against its hash, its chain, what others know of it, and what was derived from it.

Of each chain, in order:

(1) an entry's hash is that of what it says; (2) numbers have no gap but where entries were sealed; (3) it was written
after the one before; (4) whatever other chains, checkpoints and segments know of it is so; (5) what is derived from it
is what is kept; (6) the chain ends where the ledger, or others, say that it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, Protocol

from gsign.audit.claims import Claim, Claims, SealedRange
from gsign.audit.comparing import Comparer
from gsign.audit.derived import Row
from gsign.audit.entry import GENESIS, LAST, Chain, Entry, is_first_form
from gsign.audit.findings import Findings, Verification

__all__ = ["Source", "verify"]

_AT_ONCE: Final = 2000
"""Entries whose derived rows are compared at a time."""
_OFFSETS: Final = (-1, 1)


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

    def entries(self) -> Iterator[Entry]:
        """Return the entries of the chain that comes next, in their order."""
        ...

    def head(self, writer: str) -> Chain | None:
        """Return where the source says that a chain ends; None where it does not say."""
        ...

    def derived(self, writer: str) -> Derived | None:
        """Return what is kept beside the entries of a chain; None where nothing is."""
        ...


class Derived(Protocol):
    """Derived rows of a chain, asked for in the order of its entries."""

    def sealed(self, ranges: Sequence[SealedRange]) -> Iterator[tuple[SealedRange, bool]]:
        """Return those of the entries that were sealed whose rows are not right, or gone, and whether they are gone.

        Asked for first; what of them stays is none of what `until` returns.
        """
        ...

    def until(self, number: int | None) -> Iterator[tuple[str, list[Row]]]:
        """Return the rows behind those that were asked for before, up to those of an entry, or all; by table."""
        ...


def verify(
    sources: Sequence[Source],
    claims: Claims,
    findings: Findings,
    comparer: Comparer,
    *,
    tell: Callable[[int], object] = lambda _: None,
) -> Verification:
    """Verify all chains of a ledger.

    Args:
        sources: where its entries are: segments, the oldest first, and last the ledger or an export.
        claims: what is known from elsewhere; what the sources say of each other is added.
        findings: what was found while the sources were opened; what is found is added.
        comparer: compares what is derived from entries.
        tell: called now and then with the number of entries that were verified.
    """
    for mark in (mark for source in sources for mark in source.marks()):
        # What was changed is told of; it is no witness.
        if _fits(mark):
            claims.add_mark(mark)
    total = _Total()
    unseen = set(claims.writers())
    while writers := [writer for source in sources if (writer := source.next_writer()) is not None]:
        writer = min(writers)
        unseen.discard(writer)
        chain = _Chain(writer, claims, findings, comparer)
        for source in sources:
            for count in chain.follow(source) if source.next_writer() == writer else ():
                total.entries += count
                tell(total.entries)
        total.end(chain, sources[-1])
    for writer in sorted(unseen):
        total.end(_Chain(writer, claims, findings, comparer), sources[-1])
    comparer.finish()
    return total.told(findings)


class _Total:
    """What was seen in all chains."""

    def __init__(self) -> None:
        self.entries = 0
        self._compared = self._sealed = self._uncounted = 0
        self._heads: dict[str, tuple[int, str]] = {}

    def end(self, chain: _Chain, source: Source) -> None:
        chain.end(source)
        self._compared += chain.compared
        self._sealed += chain.sealed
        self._uncounted += chain.uncounted
        if chain.last is not None:
            self._heads[chain.writer] = (chain.last.number, chain.last.hash.hex())

    def told(self, findings: Findings) -> Verification:
        return Verification(
            entries=self.entries,
            chains=len(self._heads),
            heads=self._heads,
            claims=self._compared,
            sealed=self._sealed,
            findings=tuple(findings.kept),
            wrong=findings.count,
            uncounted=self._uncounted,
        )


class _Chain:
    """One chain as it is followed."""

    def __init__(self, writer: str, claims: Claims, findings: Findings, comparer: Comparer) -> None:
        self.writer = writer
        self._comparer = comparer
        self.last: Entry | None = None
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
        self._is_behind_segments = source.lists_sealed and self.last is not None
        if derived is not None:
            self._compare_sealed(derived)
        entries = source.entries()
        while piece := list(islice(entries, _AT_ONCE)):
            own: list[Entry] = []
            changed: set[int] = set()
            for entry in piece:
                is_own = self._is_itself(entry)
                if self._is_in_order(entry):
                    self._compare(entry)
                    own.append(entry) if is_own else changed.add(entry.number)
            if derived is not None:
                self._comparer.compare(self.writer, own, changed, dict(derived.until(piece[-1].number)))
            yield len(piece)
        if self._left is not None:
            self._add("entries-missing", self._left.number + 1)
        if derived is not None:
            self._comparer.compare(self.writer, [], set(), dict(derived.until(None)))

    def end(self, source: Source) -> None:
        """Compare the chain's end with what is known of it."""
        self._skip_sealed(LAST)
        reached = self._number
        head = source.head(self.writer)
        cut = 0
        if head is None and (self.last is not None or (reached and source.lists_sealed)):
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
        if _fits(entry):
            return True
        # Whoever inserts or removes an entry has to number all that follow anew.
        for offset in (self._offset, *_OFFSETS):
            if offset and _fits(entry._replace(number=entry.number + offset)):
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
        if self.last is None:
            self._first = entry.number
        if entry.number != self._number + 1:
            self._skip_sealed(entry.number - 1)
            self._skip_removed(entry)
        if entry.number != self._number + 1:
            self._add("entries-missing", self._number + 1, entry.number - 1)
        elif entry.previous != self._hash:
            self._add("link-broken", entry.number, detail=str(self._number))
        self._number, self._hash, self.last = entry.number, entry.hash, entry
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
            self._number, self._hash = range_.last, _octets(range_.hash)
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
        while self._claim is not None and self._claim.number <= entry.number:
            claim, self._claim = self._claim, next(self._claims, None)
            if claim.number == entry.number:
                self._hold(claim, entry.hash.hex())

    def _drop_claims(self, range_: SealedRange) -> None:
        while self._claim is not None and self._claim.number <= range_.last:
            claim, self._claim = self._claim, next(self._claims, None)
            if claim.number == range_.last:
                self._hold(claim, range_.hash)

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

    def _add(self, code: str, number: int = 0, last: int = 0, **facts: str) -> None:
        self._findings.add(code, self.writer, number, last, **facts)


def _fits(entry: Entry) -> bool:
    try:
        return entry.computed_hash() == entry.hash
    except ValueError:  # what is no text has no hash
        return False


def _octets(hexadecimal: str) -> bytes:
    try:
        return bytes.fromhex(hexadecimal)
    except ValueError:
        return b""
