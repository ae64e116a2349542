"""Several processes that do the same work, for several cores: one starts first, and one that dies is started again.

The first one opens keys and shows whether all is well before there are others: a wrong PIN is tried once, not once for
each core.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Final

__all__ = ["supervise"]

_PAUSES: Final = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Seconds between a process that died before it was ready and the next: longer if that happens again and again."""
_ABNORMAL: Final = 7
_log = logging.getLogger("gsign.relay")
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Work = Callable[[Callable[[], None]], int]
"""Does the work of one process, calls what it is given once it is ready, and returns the exit code."""


def supervise(count: int, work: Work, sockets: Sequence[socket.socket], *, beside: Work | None = None) -> int:
    """Run `work` in so many processes until SIGTERM or SIGINT, and return the exit code.

    SIGHUP is passed on. No thread may run when this is called.

    Args:
        count: of processes.
        work: what each does.
        sockets: what `work` takes its work from; nobody else keeps them open once they are told to stop.
        beside: what one more does, where there is something to be done beside them.
    """
    return _Supervisor(count, work, sockets, beside).run()


class _Supervisor:
    def __init__(self, count: int, work: Work, sockets: Sequence[socket.socket], beside: Work | None) -> None:
        self._work = work
        self._sockets = sockets
        self._missing = [work] * (count - 1) + ([beside] if beside is not None else [])
        """What is to be done by processes that are not there (any more)."""
        self._doing: dict[int, Work] = {}
        self._ready: dict[int, int] = {}
        """Of each process, what it says into that it is ready."""
        self._first = 0
        self._is_stopping = False

    def run(self) -> int:
        # What comes before there is a process waits until there is one that it can be passed on to.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        for number in _SIGNALS:
            signal.signal(number, self._pass_on)
        self._first = self._start(self._work)
        if os.read(self._ready[self._first], 1) != b".":
            return self._wait_for_end()
        self._start_missing()
        return self._keep_up()

    def _start_missing(self) -> None:
        while self._missing and not self._is_stopping:
            self._start(self._missing.pop(0))

    def _keep_up(self) -> int:
        worst = failures = 0
        while self._ready:
            pid, status = os.waitpid(-1, 0)
            if pid not in self._doing:
                continue
            self._missing.append(self._doing.pop(pid))
            was_ready = self._was_ready(pid)
            if self._is_stopping:
                worst = max(worst, _exit_code(status))
                continue
            failures = 0 if was_ready else min(failures + 1, len(_PAUSES))
            if failures:
                time.sleep(_PAUSES[failures - 1])
            self._start_missing()
        return worst

    def _was_ready(self, pid: int) -> bool:
        """Tell whether a process that has ended had got ready, and forget it; the first was asked before."""
        readable = self._ready.pop(pid)
        # Its own children may live a little longer, and hold the other end.
        os.set_blocking(readable, False)
        try:
            return pid == self._first or os.read(readable, 1) == b"."
        except BlockingIOError:
            return False
        finally:
            os.close(readable)

    def _wait_for_end(self) -> int:
        """Return the exit code of the only process."""
        _, status = os.waitpid(next(iter(self._ready)), 0)
        return _exit_code(status)

    def _start(self, work: Work) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        readable, writable = os.pipe()
        # A signal between the two halves of this would miss the new process.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = os.fork()
        if pid:
            os.close(writable)
            self._ready[pid], self._doing[pid] = readable, work
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            return pid
        os.close(readable)
        if work is not self._work:
            self._close_sockets()
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        code = _ABNORMAL
        try:
            code = work(lambda: _say(writable))
        except Exception:  # noqa: BLE001 - whatever it was, nobody else could say it
            _log.exception("a process failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _close_sockets(self) -> None:
        for opened in self._sockets:
            opened.close()

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        if number != signal.SIGHUP:
            self._is_stopping = True
            self._close_sockets()
        for pid in list(self._ready):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGHUP if number == signal.SIGHUP else signal.SIGTERM)


def _say(writable: int) -> None:
    os.write(writable, b".")
    os.close(writable)


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    # One that was told to stop while it was starting had nothing to end.
    return code if code >= 0 else 0 if code == -signal.SIGTERM else _ABNORMAL
