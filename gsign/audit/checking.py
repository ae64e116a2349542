"""A ledger verified: chain by chain (`following`), with what the chains know of each other, and others of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gsign.audit.claims import Claims
from gsign.audit.findings import Findings, Verification
from gsign.audit.following import Followed, fits
from gsign.audit.pieces import Source

__all__ = ["verify"]


def verify(
    sources: Sequence[Source],
    claims: Claims,
    findings: Findings,
    *,
    tell: Callable[[int], object] = lambda _: None,
) -> Verification:
    """Verify all chains of a ledger.

    Args:
        sources: where its entries are: segments, the oldest first, and last the ledger or an export.
        claims: what is known from elsewhere; what the sources say of each other is added.
        findings: what was found while the sources were opened; what is found is added.
        tell: called now and then with the number of entries that were verified.
    """
    for mark in (mark for source in sources for mark in source.marks()):
        # What was changed is told of; it is no witness.
        if fits(mark):
            claims.add_mark(mark)
    total = _Total()
    unseen = set(claims.writers())
    while writers := [writer for source in sources if (writer := source.next_writer()) is not None]:
        writer = min(writers)
        unseen.discard(writer)
        chain = Followed(writer, claims, findings)
        for source in sources:
            for count in chain.follow(source) if source.next_writer() == writer else ():
                total.entries += count
                tell(total.entries)
        total.end(chain, sources[-1])
    for writer in sorted(unseen):
        total.end(Followed(writer, claims, findings), sources[-1])
    for source in sources:
        source.finish()
    return total.told(findings)


class _Total:
    """What was seen in all chains."""

    def __init__(self) -> None:
        self.entries = 0
        self._compared = self._sealed = self._uncounted = 0
        self._heads: dict[str, tuple[int, str]] = {}

    def end(self, chain: Followed, source: Source) -> None:
        chain.end(source)
        self._compared += chain.compared
        self._sealed += chain.sealed
        self._uncounted += chain.uncounted
        if chain.head is not None:
            self._heads[chain.writer] = (chain.head[0], chain.head[1].hex())

    def told(self, findings: Findings) -> Verification:
        return Verification(
            entries=self.entries,
            chains=len(self._heads),
            heads=self._heads,
            claims=self._compared,
            sealed=self._sealed,
            findings=findings.told(),
            wrong=findings.count,
            uncounted=self._uncounted,
        )
