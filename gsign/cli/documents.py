"""`gsign verify` and `gsign augment`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gsign.cli import options
from gsign.cli.files import Job, make_folder, obstacle, plan
from gsign.cli.output import print_json, print_result, say_error, text
from gsign.cli.shared import Shared, shared_options

if TYPE_CHECKING:
    from gsign.errors import GsignError
    from gsign.result import VerificationResult

__all__ = ["augment", "verify"]

_EXIT_CODES = {
    "TOTAL_PASSED": 0,
    "TOTAL_FAILED": 1,
    "NO_SIGNATURE_FOUND": 3,
    "INDETERMINATE": 4,
    "UNREADABLE": 6,
}


@click.command()
@options.files
@click.option("--at", type=options.TIME, help="Judge at this time where none is proven (ISO 8601).")
@options.checks
@options.password_file
@options.jobs
@shared_options
@click.pass_obj
def verify(shared: Shared, /, **given: Any) -> int:
    """Verify the signatures in PDF documents."""
    from gsign.cli.batch import outcomes, with_progress, worst_exit_code
    from gsign.errors import InputError

    files, password = given["files"], options.password(given)
    service = options.service_of(shared, given)

    def verify_one(file: Path) -> VerificationResult:
        return service.verify_pdf(file, at=given["at"], password=password)

    codes = []
    with closing(outcomes(files, verify_one, jobs=given["jobs"], shared=shared)) as done:
        for outcome in with_progress(done, total=len(files), shared=shared):
            if outcome.error and not isinstance(outcome.error, InputError):
                raise outcome.error
            if outcome.error:
                say_error(shared, outcome.error, file=outcome.item)
            result = _unreadable(outcome.item, outcome.error) if outcome.done is None else outcome.done
            codes.append(_EXIT_CODES[result.indication])
            _print(result, shared)
    return worst_exit_code(codes)


def _unreadable(file: Path, error: GsignError | None) -> VerificationResult:
    from gsign.result import Indication, VerificationResult

    return VerificationResult(str(file), Indication.UNREADABLE, reasons=(error.code,) if error else ())


def _print(result: VerificationResult, shared: Shared) -> None:
    if shared.json:
        print_json(result.to_dict())
    elif not shared.quiet:
        from gsign.cli.report import lines

        for line in lines(result, shared):
            print_result(line)


class _Augmented(NamedTuple):
    """A document that was raised to a level."""

    file: str
    output: str
    level: str
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        return self._asdict()


@click.command()
@options.files
@click.option("--level", type=click.Choice(["B-T", "B-LT", "B-LTA"]), default="B-T", help="PAdES level to reach.")
@options.timestamps
@options.outputs
@options.trust
@options.password_file
@shared_options
@click.pass_obj
def augment(shared: Shared, /, **given: Any) -> int:
    """Raise signed documents to B-T, B-LT or B-LTA."""
    from gsign.cli.writing import run

    jobs = plan(given["files"], given["output"], given["out_dir"])
    service = options.service_of(shared, given)
    wishes = {"level": given["level"], "force": given["force"], "password": options.password(given)}
    make_folder(given["out_dir"])

    def augment_one(job: Job) -> _Augmented:
        if error := obstacle(job, force=given["force"]):
            raise error
        service.augment_pdf(job.source, job.output, **wishes)
        return _Augmented(str(job.source), str(job.output), given["level"])

    def line(done: _Augmented) -> str:
        return text(shared, "augmented", **done._asdict())

    return run(jobs, augment_one, line=line, at_a_time=given["jobs"], shared=shared)
