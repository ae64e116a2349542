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

_HEAVY = {
    "asn1crypto", "asyncio", "bz2", "cryptography", "logging", "lzma", "pikepdf", "PIL", "pkcs11", "pyhanko", "rich",
    "shutil", "tomllib",
}  # fmt: skip


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


def modules_of(desk: Desk, *arguments: str) -> set[str]:
    """Names of all modules that a run of the program imports."""
    code = (
        "import sys; from gsign.cli.main import main; main(sys.argv[1:]); print(*sorted(sys.modules), file=sys.stderr)"
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


# What a start must not grow into: each of these takes milliseconds, or leads to what does.
_NEVER_TO_VERIFY = {
    "asyncio", "concurrent.futures", "cryptography.x509", "ctypes", "dataclasses", "email", "http.client", "logging",
    "pikepdf", "PIL", "pkcs11", "pyhanko", "pypdfium2", "rich", "sqlalchemy", "ssl", "subprocess", "tempfile",
    "gsign.appearance", "gsign.audit", "gsign.mail", "gsign.many", "gsign.mime", "gsign.pdf", "gsign.pkcs11",
    "gsign.protection", "gsign.report", "gsign.roles", "gsign.signing", "gsign.smime", "gsign.smtp", "gsign.token",
}  # fmt: skip


def test_verifying_starts_with_what_it_needs(desk: Desk) -> None:
    for name in ("a.pdf", "b.pdf"):
        desk.document("signed-once", name)
    given = ["--trust", "ca.pem", "--offline", "-q", "--jobs", "2"]
    # Of several files the program itself gets ready what its processes share; of one its process does.
    many = modules_of(desk, "verify", *given, "a.pdf", "b.pdf")
    assert many & _NEVER_TO_VERIFY == set()
    assert len([name for name in many if name.startswith("gsign.")]) <= 110
    one = modules_of(desk, "verify", *given, "a.pdf")
    assert one & (_NEVER_TO_VERIFY | {"cryptography", "gsign.trust", "gsign.cms", "tomllib"}) == set()
    assert len([name for name in one if name.startswith("gsign.")]) <= 45


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


def test_a_batch_whose_reader_leaves_ends(desk: Desk) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        desk.document("one-page", name)
    reader, writer = os.pipe()
    os.close(reader)
    with desk.start("verify", "--jobs", "2", "a.pdf", "b.pdf", "c.pdf", stdout=writer) as process:
        os.close(writer)
        try:
            assert process.wait(timeout=60) == 141
        finally:
            process.kill()


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-"])
def test_closed_streams_are_no_error(desk: Desk, closed: str) -> None:
    desk.p12("a.p12")
    desk.document("one-page", "a.pdf")
    given = "--pin-file pin --trust ca.pem --offline"
    shell = f"{sys.executable} -m gsign sign -q --key a.p12 {given} a.pdf {closed}"
    shell += f" && {sys.executable} -m gsign verify --trust ca.pem --offline a.signed.pdf {closed}"
    done = subprocess.run(
        ["sh", "-c", shell], cwd=desk.folder, env=desk.environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_locale_without_vietnamese_letters_changes_no_exit_code(desk: Desk) -> None:
    desk.environment["PYTHONIOENCODING"] = "ascii"
    desk.document("one-page", "a.pdf")
    run = desk.run("--lang", "vi", "verify", "a.pdf")
    assert (run.code, run.out, run.err) == (3, "a.pdf: KH\\xd4NG C\\xd3 CH\\u1eee K\\xdd\n", "")


def test_a_name_with_a_line_break_stays_on_its_line(desk: Desk) -> None:
    desk.p12("a.p12")
    desk.document("one-page", "a\ngsign: error: b.pdf")
    run = desk.run("sign", "--key", "a.p12", "--pin-file", "pin", "--offline", "a\ngsign: error: b.pdf")
    assert run.code == 0
    assert all(line.startswith("gsign: warning: a\ufffdgsign") for line in run.err.splitlines())


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["sign", "--as", "chief", "a.pdf"], "giá trị của --as không đúng: cần một trong: plain, initials, "),
        (["verify", "--jobs", "0", "a.pdf"], "giá trị của --jobs không đúng: cần một số nguyên từ 1 đến 64"),
        (["verify", "--time-limit", "0", "a.pdf"], "giá trị của --time-limit không đúng: cần một số lớn hơn 0"),
        (["sign", "--at", "1,2", "a.pdf"], "giá trị của --at không đúng: cần TRANG,X,Y[,RỘNG,CAO]"),
        (["trust", "add", "--sha256", "12", "a.pem"], "giá trị của --sha256 không đúng: cần SHA-256 gồm 64 chữ số"),
        (["-q"], "thiếu COMMAND"),
    ],
)
def test_wrong_arguments_are_told_in_the_user_s_language(desk: Desk, arguments: list[str], said: str) -> None:
    run = desk.run("--lang", "vi", *arguments)
    assert run.code == 2
    assert run.err.startswith(f"gsign: error: {said}")


@pytest.mark.parametrize("module, extra", [("aiosmtpd", "relay"), ("sqlalchemy", "ledger"), ("psycopg", "postgres")])
def test_an_extra_that_is_not_installed_is_named(desk: Desk, module: str, extra: str) -> None:
    desk.write("sitecustomize.py", f"import sys\nsys.modules[{module!r}] = None\n")
    desk.write("gsign_probe.py", f"import gsign.config\ndef load(*_): import {module}.x\ngsign.config.load = load\n")
    desk.write("sitecustomize.py", (desk.folder / "sitecustomize.py").read_text() + "import gsign_probe\n")
    desk.environment["PYTHONPATH"] += os.pathsep + str(desk.folder)
    run = desk.run("--lang", "en", "config", "check")
    assert run.code == 8
    assert run.err.splitlines() == [
        f"gsign: error: this command needs the Python package {module}, which is not installed",
        f"gsign: hint: install what belongs to it: pip install 'gsign[{extra}]'",
    ]


def test_a_file_without_the_right_to_read_it_does_not_end_the_batch(desk: Desk) -> None:
    for name in ("a.pdf", "b.pdf"):
        desk.document("one-page", name)
    (desk.folder / "a.pdf").chmod(0)
    # Who runs the tests may be root, who reads everything.
    humbly = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*humbly, sys.executable, "-m", "gsign", "--lang", "en", "verify", "a.pdf", "b.pdf"],
        cwd=desk.folder,
        env=desk.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[0] == "gsign: error: a.pdf cannot be read: Permission denied"
    assert done.stdout.splitlines()[:2] == ["a.pdf: UNREADABLE", "b.pdf: NO SIGNATURE"]
    assert done.returncode == 6


def test_a_token_without_certificates_says_so(desk: Desk) -> None:
    desk.token(items=[])
    run = desk.run("--lang", "en", "token", "keys")
    assert (run.code, run.out) == (5, "")
    assert run.err.startswith("gsign: error: no certificate is seen on the token\n")


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
