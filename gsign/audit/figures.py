"""Figures of a report: what was counted, by whom and of what kind. What is counted how is said in `sums`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple, Self

from gsign.audit.facts import VERDICTS
from gsign.audit.period import Period

__all__ = ["DIRECTIONS", "Figures", "Mail", "Officials", "Release", "Tally"]

DIRECTIONS: Final = ("sent", "received", "internal")


class Tally(NamedTuple):
    """Documents, by what their signatures are worth, in the order of `VERDICTS`."""

    valid: int = 0
    open: int = 0
    """Signed, but it could not be told whether the signatures are valid."""
    broken: int = 0
    unsigned: int = 0
    unreadable: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)

    @property
    def signed(self) -> int:
        """Those that bear a signature, whatever it is worth."""
        return self.valid + self.open + self.broken


class Mail(NamedTuple):
    """Messages that were delivered, and how they were signed."""

    total: int = 0
    own: int = 0
    """With a valid signature of the sender's."""
    agency: int = 0
    """Signed on their way by the agency's key."""
    signed: int = 0
    """One of both."""

    @classmethod
    def sum(cls, mails: Iterable[Self]) -> Self:
        """Add up."""
        return cls(*map(sum, zip(*mails, cls(), strict=True)))


class Officials(NamedTuple):
    """How many of an agency's people sent mail."""

    senders: int = 0
    signers: int = 0
    """Those of them who sent some that was signed, or brought a validly signed document."""


class Release(NamedTuple):
    """How long those waited that were released, in seconds."""

    number: int = 0
    median: float = 0.0
    longest: float = 0.0


class Figures:
    """All that was counted in a period.

    Args:
        period: which one.
    """

    def __init__(self, period: Period) -> None:
        self.period = period
        self.by_agency: defaultdict[tuple[str, str], list[int]] = defaultdict(_no_verdicts)
        """Documents, by agency and direction: how many of each verdict."""
        self.by_kind: defaultdict[tuple[int, str], list[int]] = defaultdict(_no_verdicts)
        """Documents, by place in `KINDS` and direction."""
        self.by_month: defaultdict[tuple[int, str], list[int]] = defaultdict(_no_verdicts)
        """Documents, by the month in which they first came, and direction."""
        self.strength: Counter[tuple[str, int, int]] = Counter()
        """Documents with valid signatures, by direction and places in `DOMAINS` and `LEVELS`."""
        self.mail: defaultdict[tuple[str, str], Mail] = defaultdict(Mail)
        """Messages delivered, by agency and direction."""
        self.elsewhere = 0
        """Messages delivered in which no agency of the configuration had a part."""
        self.officials: dict[str, Officials] = {}
        self.fates: Counter[tuple[str, str, str]] = Counter()
        """Messages, by fate, agency and direction."""
        self.messages: Counter[str] = Counter()
        """Messages, by fate; each once, however many agencies have a part in it."""
        self.refused: list[tuple[str, int]] = []
        """Reasons for refusing, with the number of messages, the most frequent first."""
        self.held: list[tuple[str, int]] = []
        """Reasons for holding."""
        self.release = Release()
        self.waiting = 0
        """Messages held that nobody had decided on when the period ended."""
        self.services: list[tuple[str, str, str, str, int]] = []
        """Act, kind of key, level, verdict, and how often."""

    @property
    def agencies(self) -> list[str]:
        """All agencies that have a part in something, by name."""
        found = {agency for agency, _ in (*self.by_agency, *self.mail)}
        return sorted(found | {agency for _, agency, _ in self.fates} | self.officials.keys())

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted."""
        return not (self.mail or self.elsewhere or self.messages or self.services)

    def documents(self, direction: str) -> Tally:
        """Add up the documents of all agencies."""
        found = [verdicts for (_, its), verdicts in self.by_agency.items() if its == direction]
        return Tally(*map(sum, zip(*found, _no_verdicts(), strict=True)))

    def delivered(self, direction: str) -> Mail:
        """Add up the messages of all agencies."""
        return Mail.sum(mail for (_, its), mail in self.mail.items() if its == direction)


def _no_verdicts() -> list[int]:
    return [0] * len(VERDICTS)
