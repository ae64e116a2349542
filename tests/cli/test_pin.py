"""Where the PIN comes from: a prompt, a file, the environment, the configuration or the URI, in that order of claim."""

import os
import pty
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.office import Desk
from tests.softhsm import PIN

_GIVEN = ["sign", "--lang", "en", "--trust", "ca.pem", "--offline", "--force", "-q"]


@pytest.fixture
def office(desk: Desk) -> Desk:
    desk.token()
    desk.document("one-page", "a.pdf")
    desk.document("one-page", "b.pdf")
    return desk


def at_a_terminal(desk: Desk, typed: bytes, *arguments: str) -> tuple[int, bytes]:
    """Run the program at a terminal of its own and type once it asks for the PIN."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(desk.folder)
        os.execve(sys.executable, [sys.executable, "-m", "gsign", *arguments], desk.environment)
    shown = b""
    has_typed = False
    with suppress(OSError):  # EIO is how a terminal without a program ends
        while piece := os.read(terminal, 4096):
            shown += piece
            if b"PIN: " in shown and not has_typed:
                os.write(terminal, typed)
                has_typed = True
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown


def test_a_prompt_asks_once_for_all_files_and_does_not_echo(office: Desk) -> None:
    code, shown = at_a_terminal(office, PIN.encode() + b"\n", *_GIVEN, "a.pdf", "b.pdf")
    assert code == 0, shown
    assert shown.count(b"PIN: ") == 1
    assert PIN.encode() not in shown
    assert {"a.signed.pdf", "b.signed.pdf"} <= office.names()


def test_an_empty_answer_is_no_attempt(office: Desk) -> None:
    before = office.names()
    code, shown = at_a_terminal(office, b"\n", *_GIVEN, "a.pdf")
    assert code == 5
    assert b"gsign: error: " in shown
    assert office.names() == before


def test_ctrl_c_at_the_prompt_ends_at_once(office: Desk) -> None:
    code, shown = at_a_terminal(office, b"\x03", *_GIVEN, "a.pdf")
    assert code == 130, shown
    assert b"Traceback" not in shown


def test_nobody_is_asked_where_nothing_can_be_signed(office: Desk) -> None:
    code, shown = at_a_terminal(office, b"", *_GIVEN, "none.pdf")
    assert code == 6
    assert b"PIN" not in shown


@pytest.mark.parametrize("place", ["option", "environment", "configuration", "uri"])
def test_a_file_holds_the_pin(office: Desk, place: str) -> None:
    more: list[str] = []
    if place == "option":
        more = ["--pin-file", "pin"]
    elif place == "environment":
        office.environment["GSIGN_PIN_FILE"] = "pin"
    elif place == "configuration":
        office.write("gsign.toml", '[token]\npin_file = "pin"\n')
    else:
        more = ["--key", f"pkcs11:token=VP?pin-source=file:{office.folder / 'pin'}"]
    run = office.run(*_GIVEN, *more, "a.pdf")
    assert run.code == 0, run.err


def test_the_option_comes_before_the_environment_and_that_before_the_rest(office: Desk) -> None:
    office.write("gsign.toml", '[token]\npin_file = "wrong-pin"\n')
    office.environment["GSIGN_PIN_FILE"] = "none"
    assert office.run(*_GIVEN, "--pin-file", "pin", "a.pdf").code == 0
    office.environment["GSIGN_PIN_FILE"] = "pin"
    assert office.run(*_GIVEN, "a.pdf").code == 0
    key = f"pkcs11:token=VP?pin-source=file:{office.folder / 'none'}"
    assert office.run(*_GIVEN, "--key", key, "a.pdf").code == 0


def test_a_pin_file_that_everybody_reads_is_worth_a_warning(office: Desk) -> None:
    (office.folder / "pin").chmod(0o644)
    loud = [word for word in _GIVEN if word != "-q"]
    run = office.run(*loud, "--pin-file", "pin", "a.pdf")
    assert run.code == 0
    assert "gsign: warning: everybody can read the PIN file pin; run: chmod 600 pin" in run.err.splitlines()
    (office.folder / "pin").chmod(0o600)
    assert "PIN file" not in office.run(*loud, "--pin-file", "pin", "a.pdf").err


def test_only_the_line_end_is_taken_off_a_pin(desk: Desk, tmp_path: Path) -> None:
    pin = " 27 18\t28 "
    desk.write("pin", pin + "\n")
    leaf = desk.p12("unused.p12")
    leaf.p12(desk.folder / "key.p12", pin)
    desk.document("one-page", "a.pdf")
    run = desk.run(*_GIVEN, "--key", "key.p12", "--pin-file", "pin", "a.pdf")
    assert run.code == 0, run.err
