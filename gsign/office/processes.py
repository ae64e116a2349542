"""Several processes that do the same work, for several cores: one starts first, and one that dies is started again.

The first one opens keys and shows whether all is well before there are others: a wrong PIN is tried once, not once for
each core.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Final

__all__ = ["supervise"]

_SHORT_LIFE_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 1.0
"""Between a process that died young and the next."""
_ABNORMAL: Final = 7

Work = Callable[[Callable[[], None]], int]
"""Does the work of one process, calls what it is given once it is ready, and returns the exit code."""


def supervise(count: int, work: Work) -> int:
    """Run `work` in so many processes until SIGTERM or SIGINT, and return the exit code.

    SIGHUP is passed on. No thread may run when this is called.

    Args:
        count: of processes.
        work: what each does.
    """
    return _Supervisor(count, work).run()


class _Supervisor:
    def __init__(self, count: int, work: Work) -> None:
        self._count = count
        self._work = work
        self._born: dict[int, float] = {}
        self._is_stopping = False

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._pass_on)
        if not self._start_first():
            return self._wait_for_end()
        while len(self._born) < self._count and not self._is_stopping:
            self._start()
        return self._keep_up()

    def _start_first(self) -> bool:
        """Start one process, and tell whether it got ready."""
        readable, writable = os.pipe()
        self._start(lambda: _say(writable))
        os.close(writable)
        is_ready = os.read(readable, 1) == b"."
        os.close(readable)
        return is_ready

    def _keep_up(self) -> int:
        worst = 0
        while self._born:
            pid, status = os.waitpid(-1, 0)
            lived = time.monotonic() - self._born.pop(pid, 0.0)
            if self._is_stopping:
                worst = max(worst, _exit_code(status))
                continue
            if lived < _SHORT_LIFE_SECONDS:
                time.sleep(_PAUSE_SECONDS)
            if not self._is_stopping:
                self._start()
        return worst

    def _wait_for_end(self) -> int:
        """Return the exit code of the only process."""
        _, status = os.waitpid(next(iter(self._born)), 0)
        return _exit_code(status)

    def _start(self, is_ready: Callable[[], None] = lambda: None) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            self._born[pid] = time.monotonic()
            return
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        code = _ABNORMAL
        try:
            code = self._work(is_ready)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        self._is_stopping = self._is_stopping or number != signal.SIGHUP
        for pid in self._born:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGHUP if number == signal.SIGHUP else signal.SIGTERM)


def _say(writable: int) -> None:
    os.write(writable, b".")


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else _ABNORMAL
