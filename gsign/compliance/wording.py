"""Words and figures in one language: sentences, numbers, shares, times, periods."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from gsign.audit.facts import UNTOLD
from gsign.audit.period import Period
from gsign.document_kind import KINDS
from gsign.result import shown_time
from gsign.sentences import compliance, printable, reason_sentence

__all__ = ["Wording", "kind_code"]

_ROMAN: Final = ("I", "II", "III", "IV")
_NOTHING: Final = "–"
_LONGEST: Final = 120
_LEFT_OVER: Final = re.compile(r"\s*\(\s*\)")
"""What remains of a sentence where it named a document."""


class Wording:
    """Say things.

    Args:
        lang: `vi` or `en`.
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def say(self, code: str, **facts: object) -> str:
        """Say a word or sentence of the report."""
        sentence = compliance.TEXTS[code]
        return (sentence.vi if self.lang == "vi" else sentence.en).format_map(facts)

    def kind(self, number: int) -> str:
        """Name a kind of document, by its number among the facts."""
        sentence = compliance.KINDS[kind_code(number)]
        return sentence.vi if self.lang == "vi" else sentence.en

    def reason(self, code: str) -> str:
        """Say why a message was stopped: a sentence, without what differs from message to message."""
        own = f"reason-{code}"
        if own in compliance.TEXTS:
            return f"{self.say(own)} [{_line(code)}]"
        said = _LEFT_OVER.sub("", reason_sentence(code, self.lang, {"path": "", "details": ""})).rstrip(": ")
        return f"{_line(said)} [{_line(code)}]"

    def name(self, text: str) -> str:
        """Return a name as one printable line."""
        return _line(text)

    def number(self, number: float) -> str:
        """Write a number, with its thousands apart; one that is no integer with one decimal."""
        said = f"{number:,.1f}" if isinstance(number, float) else f"{number:,}"
        return said if self.lang == "en" else said.translate({ord(","): ".", ord("."): ","})

    def share(self, part: int, whole: int) -> str:
        """Write which share of a whole a part is."""
        return f"{self.number(100 * part / whole)}\N{NO-BREAK SPACE}%" if whole else _NOTHING

    def change(self, now: int, before: int) -> str:
        """Write by how much a number has changed."""
        if not before:
            return _NOTHING
        return f"{self._signed(100 * (now - before) / before)}\N{NO-BREAK SPACE}%"

    def points(self, now: tuple[int, int], before: tuple[int, int]) -> str:
        """Write by how many percentage points a share (part, whole) has changed."""
        if not now[1] or not before[1]:
            return _NOTHING
        # As who reads the two shares subtracts them.
        change = round(100 * now[0] / now[1], 1) - round(100 * before[0] / before[1], 1)
        return self.say("points", number=self._signed(change))

    def _signed(self, change: float) -> str:
        change = round(change, 1)
        sign = "+" if change > 0 else "\N{MINUS SIGN}" if change < 0 else "±"
        return sign + self.number(abs(change))

    def time(self, moment: datetime) -> str:
        """Write a moment as Vietnam's clocks show it."""
        return shown_time(moment)

    def period(self, period: Period) -> str:
        """Name a period, with its first and last day."""
        match period.length:
            case 12:
                name = self.say("year", year=period.year)
            case 6:
                name = self.say("half-1" if period.first == 1 else "half-2", year=period.year)
            case 3:
                number = period.first // 3 + 1
                name = self.say("quarter", year=period.year, number=number, roman=_ROMAN[number - 1])
            case _:
                name = self.month(period.months[0])
        last = period.end - timedelta(days=1)
        return self.say("period", name=name, begin=self._day(period.begin), last=self._day(last))

    def month(self, month: int) -> str:
        """Name a month such as 202609."""
        return self.say("month", year=month // 100, month=month % 100)

    def duration(self, seconds: float) -> str:
        """Write how long something took, in the unit that suits it."""
        for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
            if seconds >= size:
                return self.say(unit, number=self.number(seconds / size))
        return self.say("seconds", number=self.number(round(seconds)))

    def _day(self, moment: datetime) -> str:
        return f"{moment:%d/%m/%Y}" if self.lang == "vi" else f"{moment:%Y-%m-%d}"


def kind_code(number: int) -> str:
    """Return the code of a kind of document; empty where it could not be told."""
    return "" if number == UNTOLD else KINDS[number]


def _line(text: str) -> str:
    said = printable(text)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
