"""Dates of messages (RFC 5322 clause 3.3), read without the standard library, whose reader takes anything."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

__all__ = ["read_date"]

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNIVERSAL: Final = frozenset(("gmt", "ut", "utc", "z"))


def read_date(text: str) -> datetime | None:
    """Read the value of Date: `Mon, 26 Jan 2026 14:38:03 +0700 (ICT)`; None where it is none."""
    words = text.partition("(")[0].lower().split()
    if words and words[0].endswith(","):
        del words[0]
    try:
        day, month, year, clock, zone = words
        hour, minute, second = (clock if clock.count(":") == 2 else clock + ":00").split(":")
        number = _MONTHS.index(month) + 1
        return datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=_zone(zone))
    except (ValueError, OverflowError):
        return None


def _zone(word: str) -> timezone:
    if word in _UNIVERSAL:
        return timezone.utc  # noqa: UP017 - beside the others
    sign = {"+": 1, "-": -1}.get(word[:1])
    if sign is None or len(word) != 5 or not word[1:].isdigit():
        raise ValueError(word)
    return timezone(sign * timedelta(hours=int(word[1:3]), minutes=int(word[3:])))
