"""The executor that work is given to: one that broke gives way to another like it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor

from gsign.errors import TemporaryError

__all__ = ["Executors", "Opened"]

Executors = Executor | Callable[[], Executor]
"""An executor, or what opens one; the latter is called again where one breaks."""


class Opened:
    """The executor in use.

    Args:
        given: one that stays open, or what opens one, which is closed at the end.
    """

    def __init__(self, given: Executors) -> None:
        self._open: Callable[[], Executor] | None = None if isinstance(given, Executor) else given
        self._current: Executor | None = given if isinstance(given, Executor) else None
        self._is_ours = self._current is None
        self._broken: Executor | None = None

    def current(self) -> Executor:
        """Return it, opened where there is none.

        Raises:
            TemporaryError: `executor-gone`: it broke, and nobody said how another is opened.
        """
        if self._current is None:
            self._current = self._opened()
            self._is_ours = True
        return self._current

    def give_up(self) -> None:
        """Take note that it is broken."""
        if self._current is None:
            return
        self._broken, self._current = self._current, None
        if self._is_ours:
            self._broken.shutdown(wait=False)

    def close(self) -> None:
        """End it, unless it is somebody else's."""
        if self._current is not None and self._is_ours:
            self._current.shutdown(wait=True, cancel_futures=True)

    def _opened(self) -> Executor:
        if self._open is not None:
            return self._open()
        if isinstance(self._broken, ProcessPoolExecutor):
            return _like(self._broken)
        raise TemporaryError("executor-gone", cause=f"{type(self._broken).__name__} is broken")


def _like(broken: ProcessPoolExecutor) -> ProcessPoolExecutor:
    """Open one as somebody opened the one that broke; it has no other way of telling how that was."""
    told = vars(broken)
    return ProcessPoolExecutor(told["_max_workers"], told["_mp_context"], told["_initializer"], told["_initargs"])
