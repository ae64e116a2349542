"""How often a client may do what comes to nothing, before it is told to come again later."""

from __future__ import annotations

import enum
from collections import Counter
from typing import Final

__all__ = ["Nuisance", "Tolerance"]


class Nuisance(enum.Enum):
    """What comes to nothing: how much of it is too much, and what is said then."""

    ERROR = 20, "too many errors"
    WRONG_PASSWORD = 3, "too many wrong passwords"
    JUNK = 200, "too many commands without mail"
    """Such as NOOP."""
    UNKNOWN_RECIPIENT = 200, "too many unknown recipients"
    """Refused for good: somebody tries names."""
    RECIPIENT_PUT_OFF = 10_000, "too many recipients put off"
    """Who goes on all the same keeps others waiting."""


_FORGIVEN: Final = frozenset(Nuisance) - {Nuisance.WRONG_PASSWORD}


class Tolerance:
    """Count what one client does."""

    def __init__(self) -> None:
        self._counts: Counter[Nuisance] = Counter()

    def count(self, nuisance: Nuisance) -> str | None:
        """Count something; a sentence says that it was too much."""
        self._counts[nuisance] += 1
        limit, sentence = nuisance.value
        return sentence if self._counts[nuisance] >= limit else None

    def forgive(self) -> None:
        """Begin anew: a message has come of it."""
        for nuisance in self._counts.keys() & _FORGIVEN:
            del self._counts[nuisance]
