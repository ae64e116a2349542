"""The caller's end of a worker: start it, ask it, and be rid of it.

An answer has a deadline. A process that died, was late or was interrupted in mid-answer is never asked again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gsign.errors import GsignError, TemporaryError
from gsign.isolation.process import LostError, Process, fork, spawn
from gsign.isolation.wire import Frame, WireError, error_of, pack, plain_error

if TYPE_CHECKING:
    from gsign.isolation.calls import Reply
    from gsign.isolation.limits import Limits
    from gsign.isolation.worker import Judge

__all__ = ["LostError", "Worker"]

_START_SECONDS: Final = 60.0


class Worker:
    """One process that judges documents. For one thread at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._is_ready = False
        self.answers = 0
        """How many questions it has answered."""
        self.busy_seconds = 0.0
        """Processor time that it took for them."""

    @classmethod
    def spawned(cls, settings: Mapping[str, object], limits: Limits) -> Worker:
        """Start a process of its own; it is waited for at the first question.

        Raises:
            TemporaryError: `worker-unstartable`.
        """
        try:
            process = spawn()
        except OSError as error:
            raise TemporaryError("worker-unstartable") from error
        process.send_first(pack({"settings": settings, "seconds": limits.seconds, "memory": limits.memory}))
        return cls(process)

    @classmethod
    def forked(cls, prepare: Callable[[], Judge], limits: Limits) -> Worker:
        """Start a copy of this process, where `can_fork`; it is waited for at the first question.

        Args:
            prepare: called in the copy.
            limits: on each document.

        Raises:
            TemporaryError: `worker-unstartable`.
        """
        from gsign.isolation.worker import serve_forked

        try:
            process = fork(partial(serve_forked, prepare, limits.seconds, limits.memory))
        except OSError as error:
            raise TemporaryError("worker-unstartable") from error
        return cls(process)

    @property
    def is_lost(self) -> bool:
        """Whether the process is gone."""
        return self._process.is_lost

    def ask(
        self, question: Mapping[str, object], body: bytes = b"", *, seconds: float, replies: Reply | None = None
    ) -> Any:
        """Ask and return the answer.

        Args:
            question: what is asked.
            body: octets that go with it.
            seconds: until the answer must be there, without the time that replies take.
            replies: answers what the process asks in the middle of it.

        Raises:
            GsignError: what the work raised; the process lives.
            TemporaryError: `worker-unstartable`.
            LostError: the process is gone.
        """
        if not self._is_ready:
            self.await_start()
        answer = self._exchange(pack(question, body), seconds, replies)
        self.answers += 1
        return answer

    def ask_all(self, questions: Sequence[Mapping[str, object]], *, seconds: float) -> Iterator[Any]:
        """Send several questions at once, and yield each one's answer, or the error that the work raised.

        The process goes on with the next one while its answer is still looked at.

        Args:
            questions: no more than fit into a pipe; else neither end might read.
            seconds: for each answer.

        Raises:
            TemporaryError, ConfigurationError: as `await_start`.
            LostError: the process is gone, and with it the answers that were not yielded.
        """
        if not self._is_ready:
            self.await_start()
        frame: Frame = (b"".join(piece for question in questions for piece in pack(question)),)
        for _ in questions:
            answer: Any
            try:
                answer = self._exchange(frame, seconds)
                self.answers += 1
            except GsignError as error:
                answer = error
            frame = ()
            yield answer

    def await_start(self) -> None:
        """Wait until the process is ready.

        Raises:
            ConfigurationError: anchors that cannot be read.
            TemporaryError: `worker-unstartable`.
        """
        try:
            self._exchange((), _START_SECONDS)
        except LostError as error:
            raise TemporaryError("worker-unstartable") from error
        self._is_ready = True

    def _exchange(self, frame: Frame, seconds: float, replies: Reply | None = None) -> Any:
        try:
            answer = self._converse(frame, seconds, replies)
        except LostError as error:
            # What it took before was for other documents.
            busy = error.busy_seconds - self.busy_seconds
            raise LostError(late=error.late, busy_seconds=busy, killed=error.killed) from None
        try:
            self.busy_seconds = float(answer.get("busy", 0.0))
            if "error" not in answer:
                return {**answer["done"], "body": answer["body"]} if "body" in answer else answer["done"]
            error_told = error_of(answer["error"])
        except (WireError, KeyError, TypeError, ValueError):
            raise LostError(late=False, busy_seconds=self.kill()) from None
        raise error_told

    def _converse(self, frame: Frame, seconds: float, replies: Reply | None) -> dict[str, Any]:
        """Send a question, and answer what the process asks, until its own answer comes."""
        while True:
            began = time.monotonic()
            answer = self._process.exchange(frame, seconds)
            seconds -= time.monotonic() - began
            if replies is None or "call" not in answer:
                return answer
            try:
                frame = _reply(replies, answer)
            except BaseException as error:
                # Nobody waits for the answer any more, or what was asked is no question of ours.
                busy = self.kill()
                if isinstance(error, (WireError, KeyError, TypeError, ValueError, IndexError)):
                    raise LostError(late=False, busy_seconds=busy) from None
                raise

    def has_died(self) -> bool:
        """Tell whether the process is gone already, whoever ended it."""
        return self._process.has_died()

    def kill(self) -> float:
        """End the process at once and return the processor time that it took, in seconds."""
        return self._process.kill()

    def interrupt(self) -> None:
        """Make the process end, from whichever thread."""
        self._process.interrupt()


def _reply(replies: Reply, answer: Mapping[str, Any]) -> Frame:
    try:
        reply = dict(replies(answer["call"], answer.get("body", b"")))
    except GsignError as error:
        return pack({"error": plain_error(error)})
    body = reply.pop("body", b"")
    return pack({"done": reply}, body if isinstance(body, bytes) else b"")
