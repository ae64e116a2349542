"""Commands that write documents: run the batch, and say what became of each file."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeVar

from gsign.cli.batch import Outcome, outcomes, with_progress, worst_exit_code
from gsign.cli.files import Job
from gsign.cli.output import hand_on, print_json, print_result, say_error, say_note, say_warning, text
from gsign.cli.shared import Shared

__all__ = ["run", "tell"]


_CLOCK_SECONDS: Final = 0.05
"""How far the clock of a file system may be behind."""
_NAMED: Final = 20
"""How many files are named that nothing was done to."""


class _Record(Protocol):
    """What is told about a file that went well."""

    @property
    def warnings(self) -> tuple[str, ...]: ...

    def to_dict(self) -> dict[str, object]: ...


Record = TypeVar("Record", bound=_Record)


def run(
    jobs: Sequence[Job],
    work: Callable[[Job], Record],
    *,
    line: Callable[[Record], str],
    at_a_time: int,
    shared: Shared,
    ended: threading.Event | None = None,
    code: Callable[[Record], int] = lambda _: 0,
) -> int:
    """Do the work for each job, say its outcome, and return the exit code of them all.

    Args:
        jobs: what to do.
        work: does one job.
        line: says in one line what was done.
        at_a_time: how many jobs run side by side.
        shared: how to say it.
        ended: set where no further job is begun.
        code: tells the exit code of what was done.
    """
    with closing(outcomes(jobs, work, jobs=at_a_time, shared=shared, ended=ended)) as done:
        return tell(done, len(jobs), line=line, shared=shared, code=code)


def tell(
    done: Iterable[Outcome[Job, Record]],
    total: int,
    *,
    line: Callable[[Record], str],
    shared: Shared,
    code: Callable[[Record], int] = lambda _: 0,
) -> int:
    """Say the outcome of each job, and return the exit code of them all; arguments as for `run`.

    After an interrupt as well it is said of each job whether it was done.
    """
    began = time.time()
    told = _Told([], [], None, began)
    shown = with_progress(done, total=total, shared=shared)
    try:
        for outcome in shown:
            told = told.with_next(outcome, shared, line, code)
    except KeyboardInterrupt as interrupt:
        shown.close()
        for outcome in _rest(done, interrupt):
            told = told.with_next(outcome, shared, line, code)
        raise
    finally:
        _say_left(told.left, total, shared)
    return worst_exit_code(told.codes)


class _Told(NamedTuple):
    """What was said of a batch so far."""

    codes: list[int]
    left: list[str]
    """Files that nothing was done to."""
    last: Job | None
    """Whose outcome was said last."""
    began: float
    """In seconds since 1970."""

    def with_next(
        self,
        outcome: Outcome[Job, Record],
        shared: Shared,
        line: Callable[[Record], str],
        code: Callable[[Record], int],
    ) -> _Told:
        """Say one more outcome; a file that nothing is known of may have appeared when an interrupt came."""
        if outcome.item is self.last:  # an interrupt makes sure that the last one was said
            return self
        is_left = outcome.done is None and outcome.error is None
        if outcome.is_unknown and _appeared(outcome.item.output, self.began):
            _say_appeared(outcome.item, shared)
            return self._replace(last=outcome.item)
        if is_left:
            self.left.append(str(outcome.item.source))
        _say(outcome, shared, line)
        self.codes.append(_code(outcome, code))
        return self._replace(last=outcome.item)


def _rest(done: Iterable[Outcome[Job, Record]], interrupt: KeyboardInterrupt) -> Iterator[Outcome[Job, Record]]:
    """Yield what was not told yet when an interrupt came while something was told."""
    if not isinstance(done, Generator):
        return
    with suppress(KeyboardInterrupt):
        yield done.throw(interrupt)
        yield from done


def _appeared(output: Path, began: float) -> bool:
    try:
        return output.stat().st_ctime >= began - _CLOCK_SECONDS
    except OSError:
        return False


def _say_appeared(job: Job, shared: Shared) -> None:
    message = text(shared, "done-when-interrupted", file=job.source, output=job.output)
    if shared.json:
        print_json({"file": str(job.source), "output": str(job.output), "error": None, "message": message})
    elif not shared.quiet:
        print_result(message)


def _say_left(files: Sequence[str], total: int, shared: Shared) -> None:
    if not files:
        return
    say_note(shared, text(shared, "batch-ended", left=len(files), total=total))
    if not shared.json:  # there each has a line of its own
        more = "" if len(files) <= _NAMED else ", …"
        say_note(shared, text(shared, "batch-left", files=", ".join(files[:_NAMED]) + more))


def _code(outcome: Outcome[Job, Record], code: Callable[[Record], int]) -> int:
    if outcome.error is not None:
        return outcome.error.exit_code
    return code(outcome.done) if outcome.done is not None else 0


def _say(outcome: Outcome[Job, Record], shared: Shared, line: Callable[[Record], str]) -> None:
    if outcome.error:
        say_error(shared, outcome.error, file=outcome.item.source)
    if outcome.done is not None:
        for warning in outcome.done.warnings:
            say_warning(shared, f"{outcome.item.source}: {_sentence(warning, shared)}")
    if shared.json:
        print_json(_record(outcome, shared))
    elif outcome.done is not None and not shared.quiet:
        print_result(line(outcome.done))
    hand_on()


def _sentence(warning: str, shared: Shared) -> str:
    from gsign.sentences import reason_sentence

    return reason_sentence(warning, shared.lang)


def _record(outcome: Outcome[Job, Record], shared: Shared) -> dict[str, object]:
    if outcome.done is not None:
        return {**outcome.done.to_dict(), "error": None}
    error = outcome.error
    return {
        "file": str(outcome.item.source),
        "output": None,
        "error": error.code if error else "not-attempted",
        "message": error.sentence(shared.lang) if error else text(shared, "not-attempted"),
    }
