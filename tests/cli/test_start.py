"""What a start loads, in which language it speaks, and what a PIN is kept from."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gsign.cli.shared import language_of_locale
from gsign.sentences.commandline import ERRORS, TEXTS
from tests.cli.office import Desk
from tests.softhsm import PIN

_HEAVY = {"asn1crypto", "cryptography", "pikepdf", "PIL", "pkcs11", "pyhanko", "rich", "asyncio", "logging", "tomllib"}


def loaded_by(desk: Desk, *arguments: str) -> set[str]:
    """Names of the top modules that a run of the program imports."""
    code = (
        "import sys; from gsign.cli.main import main; main(sys.argv[1:]);"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=desk.folder,
        env=desk.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["sign", "--help"], ["verify", "--help"]])
def test_help_loads_nothing_heavy(desk: Desk, arguments: list[str]) -> None:
    assert loaded_by(desk, *arguments) & _HEAVY == set()


def test_signing_does_without_pyhanko(desk: Desk) -> None:
    desk.token()
    desk.document("one-page", "a.pdf")
    given = ["--pin-file", "pin", "--trust", "ca.pem", "--offline", "--at", "1,10,10", "-q"]
    assert loaded_by(desk, "sign", *given, "a.pdf") & {"asn1crypto", "asyncio", "pikepdf", "pyhanko", "rich"} == set()
    assert (desk.folder / "a.signed.pdf").exists()


@pytest.mark.parametrize(
    "variables, language",
    [
        ({}, "vi"),
        ({"LANG": "C"}, "vi"),
        ({"LANG": "C.UTF-8"}, "vi"),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, "vi"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "de_DE", "LANG": "vi_VN"}, "en"),
    ],
)
def test_the_language_is_the_locales_and_vietnamese_where_it_says_nothing(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language_of_locale() == language


@pytest.mark.parametrize("code", sorted({**ERRORS, **TEXTS}))
def test_both_languages_name_the_same_facts(code: str) -> None:
    sentence = {**ERRORS, **TEXTS}[code]
    assert set(re.findall(r"\{\w*\}", sentence.vi)) == set(re.findall(r"\{\w*\}", sentence.en))
    assert bool(sentence.hint_vi) == bool(sentence.hint_en)


def test_a_pin_is_kept_from_core_files_and_other_processes(desk: Desk) -> None:
    desk.token()
    desk.document("one-page", "a.pdf")
    os.mkfifo(desk.folder / "fifo")
    with desk.start("sign", "--pin-file", "fifo", "--trust", "ca.pem", "--offline", "a.pdf") as process:
        # The program is about to read the PIN once this opens.
        with (desk.folder / "fifo").open("w", encoding="utf-8") as fifo:
            proc = Path("/proc", str(process.pid))
            limits = (proc / "limits").read_text()
            command = (proc / "cmdline").read_bytes()
            # Not dumpable: what is in /proc belongs to root, whoever runs the program, and nobody attaches.
            dumpable = subprocess.run(["cat", str(proc / "coredump_filter")], capture_output=True, check=False)
            fifo.write(PIN)
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert re.search(r"Max core file size\s+0\s+0\s", limits)
    assert PIN.encode() not in command
    assert PIN not in out + err
    assert dumpable.returncode == 0


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["config", "example"], ["--help"]])
def test_a_closed_pipe_ends_quietly(desk: Desk, arguments: list[str], unbuffered: str) -> None:
    desk.environment["PYTHONUNBUFFERED"] = unbuffered
    reader, writer = os.pipe()
    os.close(reader)
    run = desk.run(*arguments, stdout=writer)
    os.close(writer)
    assert (run.code, run.err) == (141, "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_results_that_cannot_be_printed_are_an_error(desk: Desk, unbuffered: str) -> None:
    desk.environment["PYTHONUNBUFFERED"] = unbuffered
    with open("/dev/full", "w") as full:
        run = desk.run("--lang", "en", "config", "example", stdout=full)
    assert run.code == 6
    assert run.err.startswith("gsign: error: the result cannot be written to stdout: ")


def test_an_unexpected_error_is_one_line_with_a_reference(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.write("sitecustomize.py", "import gsign.config\ngsign.config.load = lambda *_: 1 / 0\n")
    desk.environment["PYTHONPATH"] += os.pathsep + str(desk.folder)
    run = desk.run("--lang", "en", "config", "check")
    assert run.code == 6
    assert re.fullmatch(
        r"gsign: error: internal error \(ZeroDivisionError\), reference [0-9a-f]{8}", run.err.splitlines()[0]
    )
    assert "Traceback" not in run.err
    assert "Traceback" in desk.run("config", "check", "-v").err
