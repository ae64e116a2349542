"""Commands that write documents: run the batch, and say what became of each file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Protocol, TypeVar

from gsign.cli.batch import Outcome, outcomes, with_progress, worst_exit_code
from gsign.cli.files import Job
from gsign.cli.output import print_json, print_result, say_error, say_note, say_warning, text
from gsign.cli.shared import Shared

__all__ = ["run", "tell"]


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
    """Say the outcome of each job, and return the exit code of them all; arguments as for `run`."""
    codes: list[int] = []
    left = 0
    for outcome in with_progress(done, total=total, shared=shared):
        left += outcome.done is None and outcome.error is None
        codes.append(_code(outcome, code))
        _say(outcome, shared, line)
    if left:
        say_note(shared, text(shared, "batch-ended", left=left, total=total))
    return worst_exit_code(codes)


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
