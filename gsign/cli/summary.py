"""The table that closes a verification of many files: how many of each verdict, worst first, and which did not pass."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gsign.cli.output import clean, text
from gsign.result import Indication

if TYPE_CHECKING:
    from gsign.cli.shared import Shared
    from gsign.result import VerificationResult

__all__ = ["Summary"]

WORST_FIRST = (
    Indication.TOTAL_FAILED,
    Indication.UNREADABLE,
    Indication.INDETERMINATE,
    Indication.NO_SIGNATURE_FOUND,
    Indication.TOTAL_PASSED,
)
_LISTED = 100


class Summary:
    """Counts what passes by; holds no results, so that a million files cost no more than a thousand."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._counts: Counter[Indication] = Counter()
        self._not_passed: dict[Indication, list[tuple[str, tuple[str, ...]]]] = {}
        """File and reasons."""
        self._slowest: tuple[float, str] = (0.0, "")

    def add(self, result: VerificationResult) -> None:
        """Count a file."""
        file = result.file or "-"
        self._counts[result.indication] += 1
        seconds = result.facts.get("seconds")
        if isinstance(seconds, (int, float)):
            self._slowest = max(self._slowest, (float(seconds), file))
        listed = self._not_passed.setdefault(result.indication, [])
        if result.indication is not Indication.TOTAL_PASSED and len(listed) < _LISTED:
            listed.append((file, _reasons_of(result)))

    @property
    def total(self) -> int:
        """How many files were counted."""
        return self._counts.total()

    def lines(self, shared: Shared) -> Iterator[str]:
        """Write the table."""
        total = self.total
        yield text(shared, "summary", total=total, seconds=f"{time.monotonic() - self._began:.1f}")
        width = len(str(total))
        for indication in WORST_FIRST:
            if count := self._counts[indication]:
                yield f"  {count:>{width}}  {text(shared, f'verdict-{indication}')}"
        yield from self._names(shared)
        if self._slowest[1]:
            seconds, file = self._slowest
            yield text(shared, "summary-slowest", file=file, seconds=f"{seconds:.1f}")

    def _names(self, shared: Shared) -> Iterator[str]:
        listed = [(indication, *one) for indication in WORST_FIRST for one in self._not_passed.get(indication, ())]
        if not listed:
            return
        yield text(shared, "summary-not-passed")
        for indication, file, reasons in listed:
            codes = f" [{', '.join(reasons)}]" if reasons else ""
            yield f"  {text(shared, f'verdict-{indication}')}: {clean(file)}{codes}"
        left = self._counts.total() - self._counts[Indication.TOTAL_PASSED] - len(listed)
        if left:
            yield text(shared, "summary-more", count=left)


def _reasons_of(result: VerificationResult) -> tuple[str, ...]:
    found = (*result.reasons, *(reason for signature in result.signatures for reason in signature.reasons))
    return tuple(dict.fromkeys(found))
