"""Words of a report: one language, or Vietnamese with English beneath; names of strangers made safe to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from gsign.result import shown_day, shown_time
from gsign.sentences import printable, reason_advice, reason_sentence
from gsign.sentences.report import TEXTS

__all__ = ["Wording", "Words", "shown"]

_LONGEST: Final = 400


class Words(NamedTuple):
    """What is said, and the same in English beneath it where the report is in two languages."""

    text: str
    beneath: str = ""


def shown(value: object) -> str:
    """Make one printable line of what may come from a stranger: no control, no direction override, not endless."""
    text = printable(str(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@dataclass(frozen=True, slots=True)
class Wording:
    """Looks words up.

    Args:
        lang: `vi` for Vietnamese with English beneath, `en` for English alone.
    """

    lang: str

    def say(self, code: str, **facts: object) -> Words:
        """Say a word or sentence of the report."""
        sentence = TEXTS[code]
        safe = {name: shown(value) for name, value in facts.items()}
        return self._words(sentence.vi.format_map(safe), sentence.en.format_map(safe))

    def plain(self, code: str, **facts: object) -> str:
        """Say it in the report's first language alone."""
        return self.say(code, **facts).text

    def reason(self, code: str, facts: Mapping[str, object] | None = None) -> Words:
        """Say what a reason, warning or change means, or the error that ended a verification, with its facts."""
        return self._words(reason_sentence(code, "vi", facts), reason_sentence(code, "en", facts))

    def advice(self, code: str, facts: Mapping[str, object] | None = None) -> Words:
        """Say what to do about it."""
        return self._words(reason_advice(code, "vi", facts), reason_advice(code, "en", facts))

    def time(self, moment: datetime | None) -> str:
        """Write a time as Vietnam's clocks show it."""
        if moment is None:
            return self.plain("unknown")
        return shown_time(moment)

    def period(self, start: datetime | None, end: datetime | None) -> str:
        """Write from which to which day, both included."""
        days = (self.plain("unknown") if t is None else shown_day(t) for t in (start, end))
        return " – ".join(days)

    def _words(self, vi: str, en: str) -> Words:
        return Words(vi, en) if self.lang == "vi" else Words(en)
