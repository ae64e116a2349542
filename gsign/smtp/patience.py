"""How long a client may take: for a command, in silence, for a whole message, and for a conversation without one.

A limit on silence alone is none: whoever sends an octet now and then would stay for ever.
"""

from __future__ import annotations

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
        now: seconds, by the clock that all that follows is told by.

    Attributes:
        until: when the client's time is up, if nothing comes.
    """

    def __init__(self, rules: SessionRules, now: float) -> None:
        self._rules = rules
        self.begin_anew(now)

    def wait(self, now: float, *, for_content: bool = False) -> None:
        """Note that it is the client's turn: to say what it wants, or to go on with content."""
        until = now + (_CONTENT_SECONDS if for_content else _COMMAND_SECONDS)
        self.until = min(self._end, until)

    def begin_content(self, now: float) -> None:
        """Note that a message's content begins."""
        self._end = min(self._end_of_session, now + self._rules.message_seconds)

    def end_content(self) -> None:
        """Note that there is no content any more."""
        self._end = self._end_of_session

    def begin_anew(self, now: float) -> None:
        """Note that a message has been dealt with, and it is the client's turn: long is what is not idle."""
        self._end = self._end_of_session = now + self._rules.session_seconds
        self.wait(now)
