"""Many files and one login: what happens when the token goes, comes back, or stays away."""

import json
import os
import pty
import resource
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gsign import pdf
from gsign.result import Indication
from tests.cli.office import Desk, shown_at

_MANY = 300
_PATIENCE_SECONDS = 60.0


@pytest.fixture
def many(desk: Desk) -> list[str]:
    """Names of documents on the desk, more than are signed in the moment that it takes to look."""
    names = [f"{number:03}.pdf" for number in range(_MANY)]
    for name in names:
        desk.document("one-page", name)
    return names


def start(desk: Desk, names: list[str], *more: str) -> subprocess.Popen[str]:
    """Start signing; what is said goes to a file, so that no full pipe holds anything up."""
    given = ["--lang", "en", "--pin-file", "pin", "--trust", "ca.pem", "--offline", "--out-dir", "out", "--json"]
    with (desk.folder.parent / "said").open("w") as said, (desk.folder.parent / "errors").open("w") as errors:
        return desk.start("sign", *given, *more, *names, stdout=said, stderr=errors)


def said(desk: Desk) -> list[dict[str, object]]:
    return [json.loads(line) for line in (desk.folder.parent / "said").read_text(encoding="utf-8").splitlines()]


def errors(desk: Desk) -> list[str]:
    lines = (desk.folder.parent / "errors").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("gsign: warning:")]


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < deadline
        os.sched_yield()


def in_the_middle(desk: Desk, process: subprocess.Popen[str], act: Callable[[], None]) -> None:
    """Hold everything still once the first output is there, act, and let it go on."""
    wait_for(lambda: any((desk.folder / "out").glob("*.pdf")), process)
    os.killpg(process.pid, signal.SIGSTOP)
    try:
        act()
    finally:
        os.killpg(process.pid, signal.SIGCONT)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def assert_signed_once(desk: Desk, names: list[str]) -> None:
    assert names_in(desk.folder / "out") == sorted(names)
    for name in names:
        result = pdf.verify(desk.folder / "out" / name, trust=desk.folder / "ca.pem", offline=True)
        assert result.indication is Indication.TOTAL_PASSED
        assert len(result.signatures) == 1


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_token_that_comes_back_costs_no_file(desk: Desk, many: list[str], jobs: str) -> None:
    token = desk.token()
    with start(desk, many, "--jobs", jobs) as process:
        in_the_middle(desk, process, token.remove)
        wait_for(lambda: errors(desk), process)
        token.put_back()
        assert process.wait(_PATIENCE_SECONDS) == 0
    assert errors(desk) == [
        "gsign: the token was pulled out; put it back, 120 seconds are left",
        "gsign: the token is back; going on",
    ]
    assert [record["file"] for record in said(desk)] == many
    assert_signed_once(desk, many)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_token_that_stays_away_ends_the_batch(desk: Desk, many: list[str], jobs: str) -> None:
    token = desk.token()
    desk.write("gsign.toml", "[token]\nwait_seconds = 1\n")
    with start(desk, many, "--jobs", jobs) as process:
        in_the_middle(desk, process, token.remove)
        assert process.wait(_PATIENCE_SECONDS) == 5
    records = said(desk)
    signed = [record["file"] for record in records if record["error"] is None]
    assert [record["file"] for record in records] == many
    assert {record["error"] for record in records} == {None, "token-removed", "not-attempted"}, errors(desk)
    assert errors(desk)[0] == "gsign: the token was pulled out; put it back, 1 seconds are left"
    assert errors(desk)[-1].endswith(f"of {_MANY} files were not attempted")
    assert_signed_once(desk, signed)


def test_an_interrupt_leaves_whole_files_only(desk: Desk, many: list[str]) -> None:
    desk.token()
    with start(desk, many, "--jobs", "2") as process:
        in_the_middle(desk, process, lambda: process.send_signal(signal.SIGINT))
        assert process.wait(_PATIENCE_SECONDS) == 130
    names = names_in(desk.folder / "out")
    assert 0 < len(names) < _MANY
    assert_signed_once(desk, names)
    assert errors(desk) == [
        f"gsign: ended: {_MANY - len(names)} of {_MANY} files were not attempted",
        "gsign: interrupted",
    ]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_after_an_interrupt_it_is_said_of_each_file_whether_it_was_signed(
    desk: Desk, many: list[str], jobs: str
) -> None:
    desk.token()
    with start(desk, many, "--jobs", jobs) as process:
        in_the_middle(desk, process, lambda: process.send_signal(signal.SIGINT))
        assert process.wait(_PATIENCE_SECONDS) == 130
    records = said(desk)
    assert [record["file"] for record in records] == many
    assert {record["error"] for record in records} == {None, "not-attempted"}
    assert [record["file"] for record in records if record["error"] is None] == names_in(desk.folder / "out")


def test_after_an_interrupt_some_files_are_named_that_nothing_was_done_to(desk: Desk, many: list[str]) -> None:
    desk.token()
    with (desk.folder.parent / "errors").open("w") as told:
        given = ["--lang", "en", "--pin-file", "pin", "--trust", "ca.pem", "--offline", "--out-dir", "out"]
        process = desk.start("sign", *given, *many, stderr=told)
    with process:
        in_the_middle(desk, process, lambda: process.send_signal(signal.SIGINT))
        output, _ = process.communicate(timeout=_PATIENCE_SECONDS)
    done = len(names_in(desk.folder / "out"))
    assert (process.returncode, len(output.splitlines())) == (130, done)
    ended, named, last = errors(desk)
    assert ended == f"gsign: ended: {_MANY - done} of {_MANY} files were not attempted"
    assert named == f"gsign: not attempted: {', '.join(many[done : done + 20])}, …"
    assert last == "gsign: interrupted"


def test_an_interrupt_while_waiting_for_the_token_ends_at_once(desk: Desk, many: list[str]) -> None:
    token = desk.token()
    with start(desk, many, "--jobs", "2") as process:
        in_the_middle(desk, process, token.remove)
        wait_for(lambda: errors(desk), process)
        process.send_signal(signal.SIGINT)
        assert process.wait(_PATIENCE_SECONDS) == 130


def test_a_request_to_terminate_leaves_whole_files_only(desk: Desk, many: list[str]) -> None:
    desk.token()
    with start(desk, many) as process:
        in_the_middle(desk, process, lambda: process.send_signal(signal.SIGTERM))
        assert process.wait(_PATIENCE_SECONDS) == 143
    assert_signed_once(desk, names_in(desk.folder / "out"))


def test_a_full_disk_leaves_nothing(desk: Desk) -> None:
    desk.token()
    desk.document("five-pages", "a.pdf")
    size = (desk.folder / "a.pdf").stat().st_size
    before = desk.names()
    given = ["--lang", "en", "--pin-file", "pin", "--trust", "ca.pem", "--offline"]
    # No file of this process may grow beyond the input, which the signature has to.
    run = desk.run("sign", *given, "a.pdf", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    assert (run.code, run.out) == (6, "")
    assert run.err.splitlines()[-2].startswith("gsign: error: a.pdf: a.signed.pdf cannot be written: ")
    assert desk.names() == before


def test_a_bar_moves_on_a_terminal_and_results_stay_on_stdout(desk: Desk) -> None:
    desk.token()
    names = ["a.pdf", "b.pdf", "c.pdf"]
    for name in names:
        desk.document("one-page", name)
    terminal, theirs = pty.openpty()
    given = ["--lang", "en", "--pin-file", "pin", "--trust", "ca.pem", "--offline"]
    desk.environment["TERM"] = "xterm"
    run = desk.run("sign", *given, *names, stderr=theirs)
    os.close(theirs)
    shown = shown_at(terminal)
    assert run.code == 0
    assert [line.split(" → ")[0] for line in run.out.splitlines()] == names
    assert b"Working" in shown
    assert b"100%" in shown
