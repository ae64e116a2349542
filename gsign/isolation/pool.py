"""Workers that judge documents, as many side by side as wanted: a document that ends one costs that document alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeVar

from gsign.errors import GsignError, TemporaryError
from gsign.isolation.client import LostError, Worker
from gsign.isolation.crew import side_by_side
from gsign.isolation.limits import Limits
from gsign.isolation.process import can_fork
from gsign.isolation.turns import turns
from gsign.isolation.wire import pages_of, result_of
from gsign.result import Coverage, Indication, VerificationResult
from gsign.verification.drawn import revision_ends, with_differences, without_drawing

if TYPE_CHECKING:
    from gsign.isolation.calls import Reply
    from gsign.isolation.worker import Judge
    from gsign.mail.containers import Opened, Room
    from gsign.mail.remembering import Examined

__all__ = ["Limits", "Settings", "VerifierPool"]

Source = TypeVar("Source", bound="str | os.PathLike[str] | bytes")

_EXCEEDED: Final = "limit-exceeded"
_GLANCE_SECONDS: Final = 2.0
"""How long a page may be looked at for the sake of a statistic."""


_KIND: Final = {"ask": "kind", "file": None, "offline": True}


class Settings(NamedTuple):
    """What documents are judged with.

    Args:
        trust: files and folders of anchors, beside the pinned ones.
        at: when to judge what no timestamp dates, as an aware datetime; None for now.
        revocation: `prefer`, `require` or `off`.
        offline: ask nobody.
        archive: folder of revocation lists kept by date; None for the user's own.
        allow_private_addresses: whether a stranger's certificate may name an issuer inside this network.
        password: of encrypted documents.
        file_digest: also compute the SHA-256 of each file, for a report.
        render: also draw the pages of each signed revision and compare them with those of the whole file.
        agencies: whose mailboxes may sign mail for whom, as `gsign.mail.agencies.Mailboxes` holds them.
        material: also tell, octet for octet, what each verdict on a document rests on.
        known: folder with certificates (`.cer`), OCSP responses (`.ocsp`) and CRLs (`.crl`) to judge documents with.
    """

    trust: Sequence[Path] = ()
    at: datetime | None = None
    revocation: str = "prefer"
    offline: bool = False
    archive: Path | None = None
    allow_private_addresses: bool = False
    password: str | None = None
    file_digest: bool = False
    render: bool = False
    agencies: Sequence[Sequence[Sequence[str]]] = ()
    material: bool = False
    known: Path | None = None

    def plain(self) -> dict[str, Any]:
        """Return the values as JSON holds them."""
        return {
            "trust": [str(path.absolute()) for path in self.trust],
            "at": self.at.isoformat() if self.at else None,
            "revocation": self.revocation,
            "offline": self.offline,
            "archive": str(self.archive.absolute()) if self.archive else None,
            "allow_private_addresses": self.allow_private_addresses,
            "password": self.password,
            "file_digest": self.file_digest,
            "material": self.material,
            "known": str(self.known.absolute()) if self.known else None,
        }


class _Attempt(NamedTuple):
    """What became of a question: `record`, or None where the document cost too much."""

    record: dict[str, Any] | None
    was_fresh: bool = True
    waited: bool = False
    """Whether the process spent its time on waiting, not on computing, or was kept from it."""

    def final(self) -> dict[str, Any] | None:
        """Return the record, where no further attempt is made.

        Raises:
            TemporaryError: `worker-slow`: the time went by without work, which is no fault of the document.
        """
        if self.record is None and self.waited:
            raise TemporaryError("worker-slow")
        return self.record


class VerifierPool:
    """Verify documents in processes with limits. Safe to share between threads.

    Args:
        settings: what they are judged with.
        jobs: how many processes at most.
        limits: on each document.

    Raises:
        ConfigurationError: anchors that cannot be read; where a process gets ready by itself, `verify` says so.
        TemporaryError: `worker-unstartable`, `worker-slow`.
    """

    def __init__(self, settings: Settings, *, jobs: int = 1, limits: Limits | None = None) -> None:
        self.jobs = jobs
        self.settings = settings
        self._limits = limits or Limits()
        self._room = threading.BoundedSemaphore(jobs)
        self._lock = threading.Lock()
        self._is_closed = False
        self._busy: set[Worker] = set()
        self._idle = self._first_workers()

    def verify(self, source: str | os.PathLike[str] | bytes) -> VerificationResult:
        """Verify every signature of a document, and wait for a process that is free where all are busy.

        A document that takes too much time or memory, or makes the process fail, is UNREADABLE, `limit-exceeded`.

        Args:
            source: path or content.

        Raises:
            InputError: it cannot be read; `password-needed`, `password-wrong`.
            ConfigurationError: anchors that cannot be read.
            TemporaryError: `worker-unstartable`, `worker-slow`.
        """
        file, body = (None, source) if isinstance(source, bytes) else (os.fspath(source), b"")
        return self._result(self.ask(_about(file), body), file, body)

    def examine(self, document: bytes) -> Examined:
        """Verify a document as `verify` does, and tell at once what else is asked about documents in messages.

        Nobody then needs to hand it to a process once more.
        """
        from gsign.mail.remembering import Examined

        record = self.ask({"ask": "examine", "file": None}, document)
        result = self._result(record, None, document)
        return Examined(result) if record is None else Examined(result, record["is_alone"] is True, _kind_in(record))

    def kind_of_page(self, document: bytes) -> str | None:
        """Tell the kind of a document by what its first page says; None where that cannot be told in a moment."""
        try:
            with self._worker(fresh=False) as worker:
                return _kind_in(worker.ask(_KIND, document, seconds=_GLANCE_SECONDS))
        except (LostError, GsignError):
            return None

    def ask(
        self, question: Mapping[str, object], body: bytes = b"", *, replies: Reply | None = None
    ) -> dict[str, Any] | None:
        """Have a process do something with what a stranger wrote, and wait for one that is free where all are busy.

        Args:
            question: what is to be done.
            body: octets that go with it.
            replies: answers what the process asks in the middle of it.

        Returns:
            The answer; None where it took too much time or memory, or the process failed.

        Raises:
            GsignError: what the work raised.
            TemporaryError: `worker-unstartable`, `worker-slow`.
        """
        question = {**question, "offline": self.settings.offline}
        return self._settled(self._attempt(question, body, replies), question, body, replies)

    def open_container(self, kind: str, data: bytes, room: Room) -> Opened:
        """Take out what a container holds, as `gsign.mail.containers.open_container`, in a process with limits.

        Raises:
            TemporaryError: `worker-unstartable`, `worker-slow`.
        """
        from gsign.isolation.containers import opened_of, unopened

        record = self._attempt_twice({"ask": "open", "kind": kind, "room": room}, data).final()
        return unopened(_EXCEEDED) if record is None else opened_of(record)

    def verify_all(self, sources: Iterable[Source]) -> Generator[tuple[Source, VerificationResult | GsignError]]:
        """Verify documents side by side; yield each with its result or error, in the order given.

        However many there are, only a few are held in memory. Where the caller stops early, the processes are ended.

        Args:
            sources: paths or contents.
        """
        try:
            for turn, outcomes in side_by_side(self._take_turn, turns(sources, self.jobs), self.jobs, self.close):
                yield from zip(turn, outcomes, strict=True)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End all processes; what is under way fails."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
            for worker in self._busy:
                worker.interrupt()
        for worker in idle:
            worker.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # ------------------------------------------------------------ several documents

    def _take_turn(self, sources: Sequence[str | os.PathLike[str] | bytes]) -> list[VerificationResult | GsignError]:
        """Verify a few documents one after the other; where one of them costs the process, the rest is asked anew."""
        files = [os.fspath(source) for source in sources if not isinstance(source, bytes)]
        if len(files) < len(sources):
            return [_or_error(partial(self.verify, source)) for source in sources]
        outcomes: list[VerificationResult | GsignError] = []
        while left := files[len(outcomes) :]:
            attempts = self._attempts(left)
            outcomes += [_or_error(partial(self._concluded, *pair)) for pair in zip(left, attempts, strict=False)]
        return outcomes

    def _concluded(self, file: str, attempt: _Attempt | GsignError) -> VerificationResult:
        """Return what becomes of a document of which a first attempt was made."""
        if isinstance(attempt, GsignError):
            raise attempt
        question = {**_about(file), "offline": self.settings.offline}
        return self._result(self._settled(attempt, question, b"", None), file, b"")

    def _attempts(self, files: Sequence[str]) -> list[_Attempt | GsignError]:
        """Ask about several files in one go; return what became of the first ones, until the process was lost."""
        questions = [{**_about(file), "offline": self.settings.offline} for file in files]
        attempts: list[_Attempt | GsignError] = []
        with self._worker(fresh=False) as worker:
            was_fresh = worker.answers == 0
            try:
                for answer in worker.ask_all(questions, seconds=self._limits.seconds):
                    attempts.append(
                        answer if isinstance(answer, GsignError) else self._judged(answer, worker, was_fresh)
                    )
                    if worker.is_lost:
                        break
                    was_fresh = False
            except LostError as error:
                attempts.append(self._lost(error, was_fresh))
            except GsignError as error:  # the process did not start
                attempts.append(error)
        return attempts

    # ------------------------------------------------------------ one question

    def _result(self, record: dict[str, Any] | None, file: str | None, body: bytes) -> VerificationResult:
        if record is None:
            return VerificationResult(file, Indication.UNREADABLE, reasons=(_EXCEEDED,))
        result = result_of(record)
        return self._compared(result, file, body) if self.settings.render else result

    def _settled(
        self, attempt: _Attempt, question: Mapping[str, object], body: bytes, replies: Reply | None
    ) -> dict[str, Any] | None:
        """Return the answer after as many further attempts as the first one asks for."""
        attempt = self._second_attempt(attempt, question, body, replies)
        if attempt.record is None and attempt.waited and not self.settings.offline:
            # An authority that does not answer is no fault of the document.
            attempt = self._attempt({**question, "offline": True}, body, replies)
        return attempt.final()

    def _compared(self, result: VerificationResult, file: str | None, body: bytes) -> VerificationResult:
        """Compare how the signed revisions look with how the whole file does; what cannot be drawn does not pass."""
        if all(signature.coverage is not Coverage.REVISION for signature in result.signatures):
            return result
        question = {"ask": "draw", "file": file, "ends": revision_ends(result)}
        record = self._attempt_twice(question, body).record
        pages = pages_of(record) if record is not None else None
        return without_drawing(result) if pages is None else with_differences(result, pages)

    def _attempt_twice(self, question: Mapping[str, object], body: bytes, replies: Reply | None = None) -> _Attempt:
        return self._second_attempt(self._attempt(question, body, replies), question, body, replies)

    def _second_attempt(
        self, attempt: _Attempt, question: Mapping[str, object], body: bytes, replies: Reply | None
    ) -> _Attempt:
        if attempt.record is None and not attempt.was_fresh:
            # What earlier documents did to the process is no fault of this one.
            attempt = self._attempt(question, body, replies, fresh=True)
        return attempt

    def _attempt(
        self, question: Mapping[str, object], body: bytes, replies: Reply | None, *, fresh: bool = False
    ) -> _Attempt:
        with self._worker(fresh=fresh) as worker:
            was_fresh = worker.answers == 0
            try:
                record = worker.ask(question, body, seconds=self._limits.seconds, replies=replies)
            except LostError as error:
                return self._lost(error, was_fresh)
            if question["ask"] == "examine":
                # Apart from the verdict, on which it must not depend how long a page takes.
                with suppress(LostError, GsignError):
                    record |= worker.ask(_KIND, seconds=_GLANCE_SECONDS)
            return self._judged(record, worker, was_fresh)

    def _judged(self, record: dict[str, Any], worker: Worker, was_fresh: bool) -> _Attempt:
        if _EXCEEDED not in record.get("reasons", ()):
            return _Attempt(record)
        worker.kill()
        return _Attempt(record if was_fresh else None, was_fresh)

    def _lost(self, error: LostError, was_fresh: bool) -> _Attempt:
        if error.killed:
            # By somebody else: the system is out of memory, or a person did it.
            return _Attempt(None, was_fresh=False, waited=True)
        waited = error.late and error.busy_seconds < self._limits.seconds / 2
        return _Attempt(None, was_fresh or error.late, waited)

    @contextmanager
    def _worker(self, *, fresh: bool) -> Iterator[Worker]:
        with self._room:
            worker = self._take(fresh=fresh)
            try:
                yield worker
            finally:
                self._put_back(worker)

    def _take(self, *, fresh: bool) -> Worker:
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the pool is closed")
            worker = self._idle.pop() if self._idle else None
        # What ended it while nobody asked it anything is no fault of the next document.
        if worker is not None and ((fresh and worker.answers) or worker.has_died()):
            worker.kill()
            worker = None
        worker = worker or self._start()
        with self._lock:
            self._busy.add(worker)
        return worker

    def _put_back(self, worker: Worker) -> None:
        with self._lock:
            self._busy.discard(worker)
            is_wanted = not (self._is_closed or worker.is_lost)
            if is_wanted:
                self._idle.append(worker)
        if not is_wanted:
            worker.kill()

    def _first_workers(self) -> list[Worker]:
        """Start what the caller will need soon."""
        if not can_fork():
            # It starts while the caller is still busy with other things.
            return [self._start()]
        from gsign.isolation.worker import Judge

        prepare = partial(Judge, self.settings.plain())
        if self.jobs > 1:
            # Done once for all of them; a single one does it itself, beside what the caller does meanwhile.
            judge = prepare()
            prepare = partial(_same, judge)
        return [Worker.forked(prepare, self._limits) for _ in range(self.jobs)]

    def _start(self) -> Worker:
        return Worker.spawned(self.settings.plain(), self._limits)


def _or_error(work: Callable[[], VerificationResult]) -> VerificationResult | GsignError:
    try:
        return work()
    except GsignError as error:
        return error


def _kind_in(record: Mapping[str, Any]) -> str | None:
    return str(record.get("kind") or "") or None


def _about(file: str | None) -> dict[str, object]:
    return {"ask": "verify", "file": file}


def _same(judge: Judge) -> Judge:
    return judge
