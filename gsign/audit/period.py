"""Periods that reports are asked for, in months of Vietnam's calendar: a year, a half, a quarter, a month."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

from gsign.errors import UsageError
from gsign.result import VIETNAM

__all__ = ["Period"]

_PERIOD: Final = re.compile(
    r"(?P<year>[12]\d{3})(?:-(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.ASCII
)


class Period(NamedTuple):
    """Whole months of one year. They begin and end at midnight of Vietnam's clocks (UTC+07:00, without summer time)."""

    year: int
    first: int
    """Month that it begins with, from 1."""
    length: int
    """How many months: 1, 3, 6 or 12."""

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read `2026`, `2026-H1`, `2026-Q3` or `2026-09`.

        Raises:
            UsageError: `period-unknown`.
        """
        found = _PERIOD.fullmatch(text.strip().upper())
        if found is None:
            raise UsageError("period-unknown", period=text)
        year = int(found["year"])
        if found["half"]:
            return cls(year, 6 * int(found["half"]) - 5, 6)
        if found["quarter"]:
            return cls(year, 3 * int(found["quarter"]) - 2, 3)
        return cls(year, int(found["month"]), 1) if found["month"] else cls(year, 1, 12)

    def __str__(self) -> str:
        match self.length:
            case 12:
                return f"{self.year}"
            case 6:
                return f"{self.year}-H{self.first // 6 + 1}"
            case 3:
                return f"{self.year}-Q{self.first // 3 + 1}"
        return f"{self.year}-{self.first:02}"

    @property
    def months(self) -> tuple[int, ...]:
        """The months, such as 202609, as ledgers keep them."""
        return tuple(self.year * 100 + month for month in range(self.first, self.first + self.length))

    @property
    def previous(self) -> Period:
        """The period of the same length before."""
        first = self.first - self.length
        return Period(self.year - 1, first + 12, self.length) if first < 1 else Period(self.year, first, self.length)

    @property
    def begin(self) -> datetime:
        """The first moment that belongs to it."""
        return datetime(self.year, self.first, 1, tzinfo=VIETNAM)

    @property
    def end(self) -> datetime:
        """The first moment that does not belong to it any more."""
        after = self.first + self.length
        return datetime(self.year + after // 13, (after - 1) % 12 + 1, 1, tzinfo=VIETNAM)
