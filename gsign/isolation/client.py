"""The caller's end of a worker: start it, ask it, and be rid of it.

An answer has a deadline. A process that died, was late or was interrupted in mid-answer is never asked again.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gsign.errors import TemporaryError
from gsign.isolation.wire import WireError, error_of, pack, receive

__all__ = ["LostError", "Worker"]

_ROOT: Final = str(Path(__file__).parents[2])
# Isolated and without `site`, which starts quickest; it looks for modules where the caller found them, but
# not in the working folder, so that nothing beside the documents can stand in for a module.
_START: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); import gsign.isolation.worker as w; w.main()"
_START_SECONDS: Final = 60.0
_END_SECONDS: Final = 2.0


class LostError(Exception):
    """The process is gone without an answer.

    Args:
        late: whether it was ended because its time was up; else it died.
        busy_seconds: processor time that it took for everything it was asked.
    """

    def __init__(self, *, late: bool, busy_seconds: float) -> None:
        super().__init__("late" if late else "died")
        self.late = late
        self.busy_seconds = busy_seconds


class Worker:
    """One process. For one thread at a time.

    It is started and told its settings at once, and is waited for at the first question.

    Args:
        first: the first frame: settings and limits.
    """

    def __init__(self, first: Mapping[str, object]) -> None:
        self.answers = 0
        self.is_lost = False
        self._is_ready = False
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _START, json.dumps(_module_paths())],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        # Should the process be dead already, the first question says so.
        with contextlib.suppress(OSError):
            self._socket.sendall(pack(first))

    def ask(self, question: Mapping[str, object], body: bytes = b"", *, seconds: float) -> Any:
        """Ask and return the answer.

        Args:
            question: what is asked.
            body: octets that go with it.
            seconds: until the answer must be there.

        Raises:
            GsignError: what the work raised; the process lives.
            TemporaryError: `worker-unstartable`.
            LostError: the process is gone.
        """
        if not self._is_ready:
            self._await_start()
        answer = self._meaning(self._exchange(pack(question, body), seconds))
        self.answers += 1
        return answer

    def _await_start(self) -> None:
        try:
            answer = self._exchange(b"", _START_SECONDS)
        except LostError as error:
            raise TemporaryError("worker-unstartable") from error
        self._meaning(answer)
        self._is_ready = True

    def _exchange(self, data: bytes, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        try:
            self._socket.settimeout(seconds)
            self._socket.sendall(data)
            answer, _ = receive(lambda count: self._read(count, deadline))
        except TimeoutError:
            raise LostError(late=True, busy_seconds=self.kill()) from None
        except (OSError, EOFError, WireError):
            raise LostError(late=False, busy_seconds=self.kill()) from None
        except BaseException:
            # Ctrl-C while waiting: the answer would be taken for that of the next question.
            self.kill()
            raise
        return answer

    def _meaning(self, answer: dict[str, Any]) -> Any:
        try:
            if "error" in answer:
                raise error_of(answer["error"])
            return answer["done"]
        except (WireError, KeyError):
            raise LostError(late=False, busy_seconds=self.kill()) from None

    def _read(self, count: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < count:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            piece = self._socket.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)

    def kill(self) -> float:
        """End the process at once and return the processor time that it took, in seconds."""
        if self.is_lost:
            return 0.0
        self.is_lost = True
        self.interrupt()
        # One that is stuck inside the kernel dies later; nobody waits for that.
        options = 0 if self._has_ended() else os.WNOHANG
        self._socket.close()
        pid, status, usage = os.wait4(self._process.pid, options)
        self._process.returncode = os.waitstatus_to_exitcode(status) if pid else -signal.SIGKILL
        return usage.ru_utime + usage.ru_stime

    def interrupt(self) -> None:
        """Make the process end, from whichever thread; the thread that waits for its answer is told."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)

    def _has_ended(self) -> bool:
        # The other end closes with the process.
        try:
            self._socket.settimeout(_END_SECONDS)
            while self._socket.recv(1 << 16):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True


def _module_paths() -> list[str]:
    here = str(Path.cwd())
    paths = [path for path in sys.path if Path(path).is_absolute() and path != here]
    return paths if _ROOT in paths else [*paths, _ROOT]
