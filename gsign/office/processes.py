"""Several processes that do the same work, for several cores: one starts first, and one that dies is started again.

The first one opens keys and shows whether all is well before there are others: a wrong PIN is tried once, not once for
each core.
"""

from __future__ import annotations

import ctypes
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Final, NamedTuple

__all__ = ["Service", "supervise"]

_PAUSES: Final = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Seconds between a process that died before it was ready and the next: longer if that happens again and again."""
_ABNORMAL: Final = 7
_SOON_SECONDS: Final = 0.5
"""A service that has ended as soon as that is started again after so long."""
_LAST_SECONDS: Final = 10.0
"""How long a service may take to end once nobody needs it."""
_LOOK_SECONDS: Final = 0.01
_PR_SET_PDEATHSIG: Final = 1
_log = logging.getLogger("gsign.relay")
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Work = Callable[[Callable[[], None]], int]
"""Does the work of one process, calls what it is given once it is ready, and returns the exit code.

SIGHUP waits until it is let through: what a process has not begun to listen to would end it.
"""


class Service(NamedTuple):
    """What one process does for the others: it is there before them, and ends by itself once they have ended."""

    work: Work
    leave: Callable[[], None]
    """Called in each of the others: it is not they who serve."""
    stop: Callable[[], None]
    """Called when the others have ended."""


def supervise(
    count: int,
    work: Work,
    sockets: Sequence[socket.socket],
    *,
    beside: Work | None = None,
    service: Service | None = None,
) -> int:
    """Run `work` in so many processes until SIGTERM or SIGINT, and return the exit code.

    SIGHUP is passed on. No thread may run when this is called.

    Args:
        count: of processes.
        work: what each does.
        sockets: what `work` takes its work from; nobody else keeps them open once they are told to stop.
        beside: what one more does, where there is something to be done beside them.
        service: what one more does for all of them, which they cannot do without.
    """
    return _Supervisor(count, work, sockets, beside, service).run()


class _Supervisor:
    def __init__(
        self,
        count: int,
        work: Work,
        sockets: Sequence[socket.socket],
        beside: Work | None,
        service: Service | None,
    ) -> None:
        self._work = work
        self._sockets = sockets
        self._service = service
        self._serving = 0
        self._serving_since = 0.0
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
        self._serve()
        try:
            self._first = self._start(self._work)
            if not self._is_first_ready():
                return self._wait_for_end()
            self._start_missing()
            return self._keep_up()
        finally:
            self._end_service()

    def _serve(self) -> None:
        """Start who serves the others; no signal is passed on to it, since it ends after them."""
        if self._service is not None:
            self._serving = self._forked(self._service.work)
            self._serving_since = time.monotonic()

    def _is_first_ready(self) -> bool:
        """Wait until the first process is ready (or has ended: False); what serves it may have to be started again."""
        readable = self._ready[self._first]
        while not select.select([readable], [], [], _SOON_SECONDS)[0]:
            if self._service is not None and os.waitpid(self._serving, os.WNOHANG)[0]:
                self._serve_again()
        return os.read(readable, 1) == b"."

    def _serve_again(self) -> None:
        if time.monotonic() - self._serving_since < _SOON_SECONDS:
            time.sleep(_SOON_SECONDS)
        self._serve()

    def _end_service(self) -> None:
        if self._service is None:
            return
        self._service.stop()
        end = time.monotonic() + _LAST_SECONDS
        while time.monotonic() < end:
            if os.waitpid(self._serving, os.WNOHANG)[0]:
                return
            time.sleep(_LOOK_SECONDS)
        os.kill(self._serving, signal.SIGKILL)

    def _start_missing(self) -> None:
        while self._missing and not self._is_stopping:
            self._start(self._missing.pop(0))

    def _keep_up(self) -> int:
        worst = failures = 0
        while self._ready:
            pid, status = os.waitpid(-1, 0)
            if pid == self._serving:
                self._serve_again()
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
        readable, writable = os.pipe()
        # A signal between the two halves of this would miss the new process.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = self._forked(work, (readable, writable))
        os.close(writable)
        self._ready[pid], self._doing[pid] = readable, work
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        return pid

    def _forked(self, work: Work, pipe: tuple[int, int] | None = None) -> int:
        """Have a copy of this process do some work, and end with it; it says into a pipe that it is ready."""
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        code = _ABNORMAL
        try:
            self._become(work, parent)
            if pipe is not None:
                os.close(pipe[0])
            code = work(partial(_say, pipe[1]) if pipe is not None else _say_nothing)
        except Exception:  # noqa: BLE001 - whatever it was, nobody else could say it
            _log.exception("a process failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _become(self, work: Work, parent: int) -> None:
        """Be the process that does some work, and keep nothing of what others need."""
        serves = self._service is not None and work is self._service.work
        if work is not self._work:
            self._close_sockets()
        if self._service is not None and not serves:
            self._service.leave()
        for number in _SIGNALS:
            # What is said to all processes at once, as by a terminal, is not for who ends after the others.
            signal.signal(number, signal.SIG_IGN if serves else signal.SIG_DFL)
        if not serves:
            _end_after(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT))

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


def _end_after(parent: int) -> None:
    """Be told to stop when a process has ended, however: nobody else would, and the next relay finds the port taken."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def _say_nothing() -> None:
    """Be ready before anybody asks."""


def _say(writable: int) -> None:
    os.write(writable, b".")
    os.close(writable)


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    # One that was told to stop while it was starting had nothing to end.
    return code if code >= 0 else 0 if -code in (signal.SIGTERM, signal.SIGINT) else _ABNORMAL
