"""Words that name nothing, files without an end, and a stderr that nobody can write: a sentence and the right code."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.office import Desk


@pytest.fixture
def signed(desk: Desk) -> Desk:
    desk.document("one-page", "a.pdf")
    return desk


@pytest.mark.parametrize("name", ["", ".", "/"])
@pytest.mark.parametrize(
    "command", [["sign"], ["augment", "--level", "B-T", "--tsa", "http://tsa.vn"], ["mail", "sign"]]
)
def test_a_word_that_names_no_file_is_a_folder(desk: Desk, command: list[str], name: str) -> None:
    run = desk.run("--lang", "en", *command, name)
    assert run.code == 6
    assert "internal error" not in run.err
    assert "folder" in run.err


@pytest.mark.parametrize("option", ["--out-dir", "--module"])
def test_a_name_that_is_too_long_is_said_to_be(signed: Desk, option: str) -> None:
    run = signed.run("--lang", "en", "sign", "a.pdf", "--pin-file", "pin", option, "x" * 300)
    assert run.code in (5, 6)
    assert "internal error" not in run.err


@pytest.mark.parametrize("option", ["--image", "--config"])
def test_a_device_without_an_end_fills_no_memory(signed: Desk, option: str) -> None:
    run = signed.run("sign", "a.pdf", "--at", "1,10,10", option, "/dev/zero")
    assert run.code in (6, 8)
    assert "tệp quá lớn" in run.err


def test_a_password_has_an_end(signed: Desk) -> None:
    assert signed.run("verify", "a.pdf", "--password-file", "/dev/zero").code == 3


@pytest.mark.parametrize("seconds", ["inf", "nan", "0", "1e300"])
def test_a_time_limit_is_a_time(signed: Desk, seconds: str) -> None:
    run = signed.run("verify", "--time-limit", seconds, "a.pdf")
    assert run.code == 2
    assert "86400" in run.err


def test_a_number_without_an_upper_end_is_told_so(desk: Desk) -> None:
    run = desk.run("audit", "log", "--last", "0")
    assert run.code == 2
    assert "từ 1 trở lên" in run.err


def test_a_full_stderr_changes_no_verdict(desk: Desk) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        process = desk.start("verify", "nowhere.pdf", stderr=full, stdout=subprocess.DEVNULL)
        process.wait(timeout=60)
    assert process.returncode == 6


def test_an_output_that_is_a_device_is_refused_in_vietnamese(signed: Desk) -> None:
    signed.token()
    run = signed.run(
        "sign", "a.pdf", "--pin-file", "pin", "--module", str(signed.office.module), "-o", "/dev/null", "--force"
    )
    assert run.code == 6
    assert "không phải là tệp thông thường" in run.err
