"""An interrupt amid a batch, at the worst moments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from gsign.cli import writing
from gsign.cli.files import Job
from gsign.cli.shared import Shared


class _Signed(NamedTuple):
    job: Job
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        return {"file": str(self.job.source)}


def interrupted(folder: Path, *, appears: bool, as_json: bool) -> None:
    """Sign four files, the third of which is being signed when the interrupt comes."""

    def sign(job: Job) -> _Signed:
        if job.source.name == "c":
            if appears:
                job.output.write_bytes(b"signed")
            raise KeyboardInterrupt
        return _Signed(job)

    shared = Shared("en")
    shared.json = as_json
    wanted = [Job(Path(name), folder / name) for name in "abcd"]
    with pytest.raises(KeyboardInterrupt):
        writing.run(wanted, sign, line=lambda _: "signed", at_a_time=1, shared=shared)


def test_what_was_said_before_an_interrupt_is_not_said_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted(tmp_path, appears=False, as_json=False)
    assert capsys.readouterr().out.splitlines() == ["signed", "signed"]


@pytest.mark.parametrize("appears", [True, False])
def test_a_file_that_appeared_is_not_said_to_be_left(
    appears: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupted(tmp_path, appears=appears, as_json=True)
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["file"] for record in said] == ["a", "b", "c", "d"]
    errors = [None, None, None if appears else "not-attempted", "not-attempted"]
    assert [record["error"] for record in said] == errors
