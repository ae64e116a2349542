"""An interrupt at the worst moment: the output has appeared, and whoever made it has not said so yet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gsign.cli.files import Job
from gsign.cli.shared import Shared
from gsign.cli.writing import run


class _Made:
    warnings = ()

    def __init__(self, job: Job) -> None:
        self.job = job

    def to_dict(self) -> dict[str, Any]:
        return {"file": str(self.job.source), "output": str(self.job.output)}


@pytest.mark.parametrize("appears", [True, False])
def test_a_file_that_appeared_is_not_said_to_be_left(
    appears: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = [Job(Path(name), tmp_path / name) for name in ("a.pdf", "b.pdf", "c.pdf")]

    def work(job: Job) -> Any:
        is_second = job is jobs[1]
        if appears or not is_second:
            job.output.write_bytes(b"signed")
        if is_second:
            raise KeyboardInterrupt
        return _Made(job)

    shared = Shared("en")
    shared.json = True
    with pytest.raises(KeyboardInterrupt):
        run(jobs, work, at_a_time=1, line=str, shared=shared)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["file"] for record in said] == ["a.pdf", "b.pdf", "c.pdf"]
    assert [record["error"] for record in said] == [None, None if appears else "not-attempted", "not-attempted"]
