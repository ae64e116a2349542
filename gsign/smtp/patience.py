"""How long a client may take: for a command, in silence, for a whole message, and for a conversation without one.

A limit on silence alone is none: whoever sends an octet now and then would stay for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gsign.smtp.steps import SessionRules

__all__ = ["Patience"]

_COMMAND_SECONDS: Final = 300.0
"""Until a command is complete (RFC 5321 clause 4.5.3.2.7)."""
_CONTENT_SECONDS: Final = 180.0
"""Of silence within content (clause 4.5.3.2.5)."""


class Patience:
    """Time of one conversation; what is done for the client meanwhile is not the client's.

    Args:
        rules: how long a message, and a conversation without one, may take.
        clock: seconds, such as `time.monotonic`.
    """

    def __init__(self, rules: SessionRules, clock: Callable[[], float]) -> None:
        self._rules = rules
        self._clock = clock
        self._heard = self._answered = self._since = clock()
        self._content_since: float | None = None

    def hear(self) -> None:
        """Note that octets came."""
        self._heard = self._clock()

    def answer(self) -> None:
        """Note that it is the client's turn."""
        self._answered = self._heard = self._clock()

    def begin_content(self) -> None:
        """Note that a message's content begins."""
        self._content_since = self._clock()

    def end_content(self) -> None:
        """Note that there is no content any more."""
        self._content_since = None

    def begin_anew(self) -> None:
        """Note that a message has been dealt with: a conversation may be long where it is not idle."""
        self._since = self._clock()

    def remaining(self, *, is_receiving: bool) -> float:
        """Return how many seconds are left, if nothing comes; not above 0 where time is up.

        Args:
            is_receiving: whether content is under way, rather than a command.
        """
        ends = [self._since + self._rules.session_seconds]
        ends.append(self._heard + _CONTENT_SECONDS if is_receiving else self._answered + _COMMAND_SECONDS)
        if self._content_since is not None:
            ends.append(self._content_since + self._rules.message_seconds)
        return min(ends) - self._clock()
