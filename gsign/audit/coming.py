"""What one thread makes and another is called back with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["Coming"]

_log = logging.getLogger("gsign.ledger")

_Made = TypeVar("_Made")


class Coming(Generic[_Made]):
    """Something that comes once, or an error in its place.

    As `concurrent.futures.Future`, whose condition and locks cost about as much as an entry of the ledger does: here
    nobody waits.
    """

    __slots__ = ("_calls", "_error", "_is_there", "_made")

    def __init__(self) -> None:
        self._calls: list[Callable[[Coming[_Made]], object]] = []
        self._made: Any = None
        self._error: Exception | None = None
        self._is_there = False

    def done(self) -> bool:
        """Tell whether it has come."""
        return self._is_there

    def result(self) -> _Made:
        """Return it, or raise its error.

        Raises:
            TimeoutError: it has not come yet.
        """
        if not self._is_there:
            raise TimeoutError
        if self._error is not None:
            raise self._error
        made: _Made = self._made
        return made

    def add_done_callback(self, call: Callable[[Coming[_Made]], object]) -> None:
        """Have something called once it has come, in the thread that makes it; or here, where it is there already."""
        self._calls.append(call)
        if self._is_there:
            self.pass_on()

    def set_result(self, made: _Made) -> None:
        """Let it come."""
        self._made = made
        self._is_there = True
        self.pass_on()

    def set_exception(self, error: Exception) -> None:
        """Let an error come in its place."""
        self._error = error
        self._is_there = True
        self.pass_on()

    def pass_on(self) -> None:
        """Tell those who asked that it is there."""
        # Whoever asks says so before it looks, and whoever makes it says so before it looks who asks: one of the two
        # sees the other, and who takes a call from the list has it alone.
        while self._calls:
            try:
                call = self._calls.pop(0)
            except IndexError:
                return
            try:
                call(self)
            except Exception:  # noqa: BLE001 - the others who asked are told all the same
                _log.exception("nobody was told of an entry")
