"""Requests to stop: what is half written is removed on the way out, as after Ctrl+C."""

from __future__ import annotations

import signal
from types import FrameType

__all__ = ["Stopped", "stop_cleanly"]


class Stopped(KeyboardInterrupt):
    """A signal asked to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


def stop_cleanly() -> None:
    """Let SIGTERM and SIGHUP end the program as an interrupt does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)


def _stop(number: int, _: FrameType | None) -> None:
    raise Stopped(number)
