"""Commands that write documents: run the batch, and say what became of each file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gsign.cli.batch import Outcome, outcomes, with_progress, worst_exit_code
from gsign.cli.files import Job
from gsign.cli.output import print_json, print_result, say_error, say_note, say_warning, text
from gsign.cli.shared import Shared

if TYPE_CHECKING:
    from gsign.signing.request import SigningRecord

__all__ = ["run"]


def run(jobs: Sequence[Job], work: Callable[[Job], SigningRecord], *, shared: Shared, at_a_time: int, said: str) -> int:
    """Do the work for each job, say its outcome, and return the exit code of them all.

    Args:
        jobs: what to do.
        work: does one job.
        shared: how to say it.
        at_a_time: how many jobs run side by side.
        said: `signed` or `augmented`, for a file that went well.
    """
    codes: list[int] = []
    left = 0
    done = outcomes(jobs, work, jobs=at_a_time, shared=shared)
    for outcome in with_progress(done, total=len(jobs), shared=shared):
        left += outcome.done is None and outcome.error is None
        codes.append(outcome.error.exit_code if outcome.error else 0)
        _say(outcome, shared, said)
    if left:
        say_note(shared, text(shared, "batch-ended", left=left, total=len(jobs)))
    return worst_exit_code(codes)


def _say(outcome: Outcome[Job, SigningRecord], shared: Shared, said: str) -> None:
    if outcome.error:
        say_error(shared, outcome.error, file=outcome.item.source if not shared.json else None)
    if outcome.done:
        for warning in outcome.done.warnings:
            say_warning(shared, f"{outcome.item.source}: {_sentence(warning, shared)}")
    if shared.json:
        print_json(_record(outcome, shared))
    elif outcome.done and not shared.quiet:
        print_result(_line(outcome.done, shared, said))


def _sentence(warning: str, shared: Shared) -> str:
    from gsign.sentences import reason_sentence

    return reason_sentence(warning, shared.lang)


def _record(outcome: Outcome[Job, SigningRecord], shared: Shared) -> dict[str, object]:
    if outcome.done:
        return {**outcome.done.to_dict(), "error": None}
    error = outcome.error
    return {
        "file": str(outcome.item.source),
        "output": None,
        "error": error.code if error else "not-attempted",
        "message": error.sentence(shared.lang) if error else text(shared, "not-attempted"),
    }


def _line(record: SigningRecord, shared: Shared, said: str) -> str:
    key = "on-token" if record.is_token else "on-file"
    return text(
        shared,
        said,
        file=record.file,
        output=record.output,
        name=record.signer.name or record.signer.serial or "?",
        level=record.level,
        key=text(shared, key),
    )
