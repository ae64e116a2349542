"""`gsign augment`."""

from __future__ import annotations

from typing import Any, NamedTuple

import click

from gsign.cli import options
from gsign.cli.files import Job, make_folder, obstacle, plan
from gsign.cli.flags import shared_options
from gsign.cli.output import text
from gsign.cli.shared import Shared

__all__ = ["augment"]


class _Augmented(NamedTuple):
    """A document that was raised to a level."""

    file: str
    output: str
    level: str
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        return self._asdict()


@click.command()
@options.documents
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
