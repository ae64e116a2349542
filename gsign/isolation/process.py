"""A process at the other end of two pipes: started anew or forked, asked within a deadline, ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

from gsign.isolation.wire import Frame, WireError, read_exactly, receive

__all__ = ["LostError", "Process", "can_fork", "fork", "spawn"]

_ROOT: Final = str(Path(__file__).parents[2])
# Isolated and without `site`, which starts quickest; it looks for modules where the caller found them, but
# not in the working folder, so that nothing beside the documents can stand in for a module.
_START: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); import gsign.isolation.worker as w; w.main()"
_AT_ONCE: Final = 1 << 20
_AHEAD: Final = 1 << 16
"""Octets that are read at once where fewer are needed: as many as a pipe holds."""
_END_SECONDS: Final = 2.0
_LOOKS: Final = 50
_LOOK_SECONDS: Final = 0.002


class LostError(Exception):
    """The process is gone without an answer.

    Args:
        late: whether it was ended because its time was up; else it died.
        busy_seconds: processor time that it took for everything it was asked.
        killed: whether somebody else killed it, such as a system that is out of memory.
    """

    def __init__(self, *, late: bool, busy_seconds: float, killed: bool = False) -> None:
        super().__init__("late" if late else "died")
        self.late = late
        self.busy_seconds = busy_seconds
        self.killed = killed


class Process:
    """A child that reads questions from one pipe and writes answers to another. For one thread at a time.

    Args:
        pid: its number; it is ours to wait for.
        requests: descriptor that questions are written to.
        answers: descriptor that answers are read from.
    """

    def __init__(self, pid: int, requests: int, answers: int) -> None:
        self._pid = pid
        self._requests = requests
        self._answers = answers
        self._ahead = bytearray()
        os.set_blocking(requests, False)
        self.is_lost = False

    def exchange(self, frame: Frame, seconds: float) -> dict[str, Any]:
        """Send a question, which may be empty, and return the answer, the octets behind it as its `body`.

        Raises:
            LostError: no answer came in time, or none that is one; the process is ended.
        """
        deadline = time.monotonic() + seconds
        try:
            self._send(frame, deadline)
            answer, body = receive(lambda count: self._read(count, deadline))
        except TimeoutError:
            raise LostError(late=True, busy_seconds=self.kill()) from None
        except (OSError, EOFError, WireError) as error:
            killed = not isinstance(error, WireError) and self._was_killed()
            raise LostError(late=False, busy_seconds=self.kill(), killed=killed) from None
        except BaseException:
            # Ctrl-C while waiting: the answer would be taken for that of the next question.
            self.kill()
            raise
        return {**answer, "body": body} if body else answer

    def has_died(self) -> bool:
        """Tell whether it is gone already, before it is asked anything."""
        watch = select.poll()
        watch.register(self._answers, 0)
        return bool(watch.poll(0))

    def send_first(self, frame: Frame) -> None:
        """Send what fits without waiting; should the process be dead already, the first question says so."""
        with contextlib.suppress(OSError):
            os.write(self._requests, b"".join(frame))

    def interrupt(self) -> None:
        """Make the process and what it started end, from whichever thread; who waits for its answer is told."""
        for end in (os.killpg, os.kill):  # the group is there only once the process has made itself its leader
            with contextlib.suppress(ProcessLookupError):
                end(self._pid, signal.SIGKILL)

    def kill(self) -> float:
        """End the process at once and return the processor time that it took, in seconds."""
        if self.is_lost:
            return 0.0
        self.is_lost = True
        self.interrupt()
        # One that is stuck inside the kernel dies later; nobody waits for that.
        options = 0 if self._has_ended() else os.WNOHANG
        os.close(self._requests)
        os.close(self._answers)
        _, _, usage = os.wait4(self._pid, options)
        return usage.ru_utime + usage.ru_stime

    def _was_killed(self) -> bool:
        """Tell whether it has died of a signal that no fault of its own brings."""
        for _ in range(_LOOKS):  # its pipe closes a moment before it counts as dead
            found = os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is not None:
                return found.si_code == os.CLD_KILLED and found.si_status == signal.SIGKILL
            time.sleep(_LOOK_SECONDS)
        return False

    def _send(self, frame: Frame, deadline: float) -> None:
        for piece in frame:
            left = memoryview(piece)
            while left:
                _await(self._requests, select.POLLOUT, deadline)
                left = left[os.write(self._requests, left[:_AT_ONCE]) :]

    def _read(self, count: int, deadline: float) -> bytes:
        ahead = self._ahead

        def piece(missing: int) -> bytes:
            if not ahead:
                _await(self._answers, select.POLLIN, deadline)
                got = os.read(self._answers, min(max(missing, _AHEAD), _AT_ONCE))
                if len(got) <= missing:
                    return got
                ahead.extend(got)
            taken = bytes(ahead[:missing])
            del ahead[:missing]
            return taken

        return read_exactly(piece, count)

    def _has_ended(self) -> bool:
        # The other end of its pipe closes with the process.
        deadline = time.monotonic() + _END_SECONDS
        try:
            while True:
                _await(self._answers, select.POLLIN, deadline)
                if not os.read(self._answers, _AT_ONCE):
                    return True
        except TimeoutError:
            return False
        except OSError:
            return True


def _await(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError


def spawn() -> Process:
    """Start the worker in an interpreter of its own."""
    import json
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _START, json.dumps(_module_paths())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101 - a pipe was asked for
    assert process.stdout is not None  # noqa: S101
    started = Process(process.pid, os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno()))
    with process.stdin, process.stdout:
        process.returncode = 0  # `Process` waits for it
    return started


def _module_paths() -> list[str]:
    # Where that folder is the one that gsign itself comes from, it keeps its place: another gsign may be installed.
    here = {str(Path.cwd())} - {_ROOT}
    paths = [path for path in sys.path if Path(path).is_absolute() and path not in here]
    return paths if _ROOT in paths else [*paths, _ROOT]


def can_fork() -> bool:
    """Say whether forking is safe here: on Linux, from the only thread there is."""
    threading = sys.modules.get("threading")
    return sys.platform == "linux" and (threading is None or threading.active_count() == 1)


def fork(serve: Callable[[int, int], NoReturn]) -> Process:
    """Start the worker as a copy of this process, which costs a hundredth of an interpreter's start.

    Args:
        serve: runs in the copy, with the descriptors to read questions from and to write answers to.
    """
    their_requests, requests = os.pipe()
    answers, their_answers = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _become(serve, their_requests, their_answers)
    os.close(their_requests)
    os.close(their_answers)
    return Process(pid, requests, answers)


def _become(serve: Callable[[int, int], NoReturn], requests: int, answers: int) -> NoReturn:
    """Leave everything of the caller's behind but memory, and never return into its code."""
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for ours, theirs in ((requests, 0), (answers, 1), (nowhere, 2)):
            os.dup2(ours, theirs)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        serve(0, 1)
    finally:
        os._exit(1)
