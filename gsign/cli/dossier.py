"""A main document and its annexes signed in one call: the annexes only once the main document is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Event
from typing import TYPE_CHECKING, Any, Final

from gsign.cli.files import Job
from gsign.errors import GsignError, UsageError

if TYPE_CHECKING:
    from gsign.signing.request import SigningRecord

__all__ = ["check_dossier", "in_order"]

# What is the main document's alone.
_OF_MAIN: Final = ("number", "date", "image", "at", "field")


def check_dossier(given: Mapping[str, Any]) -> None:
    """Refuse annexes of anything but one document that is issued, and one number for several documents.

    Raises:
        UsageError: `annex-needs-issue`, `number-for-one`.
    """
    count = len(given["files"])
    if given["number"] and count > 1 and given["role"] in ("issue", "incoming"):
        raise UsageError("number-for-one", count=count)
    if given["annex"] and (given["role"] != "issue" or count != 1):
        raise UsageError("annex-needs-issue")


def in_order(
    sign: Callable[..., SigningRecord], jobs: Sequence[Job], obstacles: Mapping[Job, GsignError | None], ended: Event
) -> Callable[[Job], SigningRecord]:
    """Return what signs the first job as it was asked for, and the others as its annexes.

    Where anything is known to fail, or the first does, nothing else is attempted.

    Args:
        sign: signs a job, with changes of the options.
        jobs: the main document and its annexes.
        obstacles: what will make a job fail.
        ended: set where no further job is begun.
    """
    main, *_ = jobs

    def work(job: Job) -> SigningRecord:
        if job is not main:
            return sign(job, **dict.fromkeys(_OF_MAIN), role="annex", of=main.output)
        try:
            if error := next(filter(None, obstacles.values()), None):
                raise error
            return sign(job)
        except GsignError:
            ended.set()
            raise

    return work
