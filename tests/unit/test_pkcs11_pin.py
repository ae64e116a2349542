"""A PIN is sent once, never where it could lock the token, and seen by nobody."""

from __future__ import annotations

import logging
import pickle
import subprocess
from pathlib import Path

import pytest

from gsign import pkcs11
from gsign.errors import TokenError
from gsign.token.pin import Pin
from tests.softhsm import PIN, Item
from tests.unit.test_pkcs11_driver import in_place_of_the_driver
from tests.unit.test_pkcs11_signing import check

_COUNT_LOW, _FINAL_TRY, _LOCKED, _PAD = "10000", "20000", "40000", "100"


@pytest.fixture
def leaf(office, pki):
    made = pki.leaf()
    office.token(items=[Item(made.der, made.key)])
    return made


def open_and_fail(shim, **arguments):
    with pytest.raises(TokenError) as caught:
        pkcs11.open_signer(module=shim.module, **arguments)
    return caught.value


def test_a_wrong_pin_is_sent_once_and_is_no_temporary_fault(shim, leaf):
    error = open_and_fail(shim, pin="0000")
    assert (error.code, error.temporary, error.exit_code) == ("pin-incorrect", False, 5)
    assert shim.count("C_Login") == 1


def test_a_wrong_pin_ends_it_for_all_workers(shim, leaf):
    open_and_fail(shim, pin="0000", workers=4)
    assert shim.count("C_Login") == 1


def test_a_refused_pin_is_not_sent_again_while_its_module_is_open(shim, office, leaf, pki):
    other = pki.leaf(key="p256")
    office.token("other", items=[Item(other.der, other.key)])
    with pkcs11.open_signer("pkcs11:token=other", pin=PIN, module=shim.module):
        for _ in range(3):
            assert open_and_fail(shim, uri="pkcs11:token=VP", pin="0000").code == "pin-incorrect"
        assert shim.count("C_Login") == 2
        pkcs11.open_signer("pkcs11:token=VP", pin=PIN, module=shim.module).close()


def test_another_pin_than_the_proven_one_opens_nothing_and_is_not_sent(shim, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module):
        assert open_and_fail(shim, pin="0000").code == "pin-incorrect"
        pkcs11.open_signer(pin=PIN, module=shim.module).close()
    assert shim.count("C_Login") == 1


def test_a_pin_refused_by_one_token_disturbs_no_signer_of_another(shim, office, leaf, pki):
    other = pki.leaf(key="p256")
    office.token("other", items=[Item(other.der, other.key)])
    with pkcs11.open_signer("pkcs11:token=other", pin=PIN, module=shim.module) as signer:
        open_and_fail(shim, uri="pkcs11:token=VP", pin="0000")
        algorithm = signer.algorithm()
        check(other, b"m", algorithm, signer.sign(b"m", algorithm))


def test_who_asks_is_asked_once(shim, leaf):
    asked = []

    def ask():
        asked.append(1)
        return PIN

    with pkcs11.open_signer(pin=ask, module=shim.module, workers=2) as signer:
        for _ in range(3):
            signer.sign(b"m", signer.algorithm())
        with pkcs11.open_signer(pin=ask, module=shim.module):
            pass
    assert len(asked) == 1


def test_an_empty_answer_is_no_attempt(shim, leaf):
    for answer in ("", None):
        assert open_and_fail(shim, pin=lambda answer=answer: answer).code == "pin-cancelled"
    assert open_and_fail(shim, pin=None).code == "pin-needed"
    assert shim.count("C_Login") == 0


def test_a_low_count_alone_does_not_stop(shim, leaf):
    shim.control(set=_COUNT_LOW)
    pkcs11.open_signer(pin=PIN, module=shim.module).close()


def test_after_a_wrong_pin_the_right_one_still_works(shim, leaf):
    open_and_fail(shim, pin="0000")
    pkcs11.open_signer(pin=PIN, module=shim.module).close()


@pytest.mark.parametrize("flags, code", [(_LOCKED, "pin-locked"), (_FINAL_TRY, "pin-final-try")])
def test_a_token_near_or_past_its_last_try_is_not_tried(shim, leaf, flags, code):
    def never():
        raise AssertionError("asked for a PIN that is not to be sent")

    shim.control(set=flags)
    assert open_and_fail(shim, pin=never).code == code
    assert open_and_fail(shim, pin=PIN).code == code
    assert shim.count("C_Login") == 0


def test_the_last_try_is_used_when_told_to(shim, leaf):
    shim.control(set=_FINAL_TRY)
    pkcs11.open_signer(pin=PIN, module=shim.module, use_last_try=True).close()
    shim.control(set=_LOCKED)
    assert open_and_fail(shim, pin=PIN, use_last_try=True).code == "pin-locked"
    assert shim.count("C_Login") == 1


def test_flags_are_read_again_right_before_the_pin_is_sent(shim, leaf):
    def ask():
        shim.control(set=_FINAL_TRY)  # somebody else mistyped while this person was typing
        return PIN

    assert open_and_fail(shim, pin=ask).code == "pin-final-try"
    assert shim.count("C_Login") == 0


@pytest.mark.parametrize(
    "result, code",
    [
        ("a4", "pin-locked"),
        ("a3", "pin-expired"),
        ("102", "pin-not-set"),
        ("50", "pin-cancelled"),
        ("a2", "pin-incorrect"),
    ],
)
def test_what_the_token_says_of_the_pin_is_told(shim, leaf, result, code):
    shim.control(fail=f"C_Login:{result}")
    error = open_and_fail(shim, pin=PIN)
    assert (error.code, error.temporary) == (code, False)
    assert "VP" in str(error)


@pytest.mark.parametrize("result, logins", [("once=C_Login:102", 2), ("fail=C_Login:102", 2), ("fail=C_Login:a0", 1)])
def test_only_a_token_that_compared_no_pin_is_asked_again(shim, leaf, result, logins):
    # SoftHSM says that a token has no PIN yet while another process writes the token down.
    setting, _, value = result.partition("=")
    shim.control(**{setting: value})
    if setting == "once":
        pkcs11.open_signer(pin=PIN, module=shim.module).close()
    else:
        open_and_fail(shim, pin=PIN)
    assert shim.count("C_Login") == logins


def test_a_pin_pad_asks_by_itself(shim, leaf):
    shim.control(set=_PAD, pad=PIN)

    def never():
        raise AssertionError("asked although the reader asks")

    for pin in (never, None):
        with pkcs11.open_signer(pin=pin, module=shim.module) as signer:
            algorithm = signer.algorithm()
            check(leaf, b"m", algorithm, signer.sign(b"m", algorithm))
    assert (shim.count("C_Login 1 pad"), shim.count("C_Login 1 pin")) == (2, 0)


def test_a_pin_that_is_given_is_used_although_there_is_a_pad(shim, leaf):
    shim.control(set=_PAD)
    pkcs11.open_signer(pin=PIN, module=shim.module).close()
    assert (shim.count("C_Login 1 pad"), shim.count("C_Login 1 pin")) == (0, 1)


def test_a_key_that_always_asks_gets_the_pin_for_each_signature(shim, leaf):
    shim.control(always="1", pin=PIN)
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        algorithm = signer.algorithm()
        for message in (b"1", b"2", b"3"):
            check(leaf, message, algorithm, signer.sign(message, algorithm))
    assert (shim.count("C_Login 1 pin"), shim.count("C_Login 2 pin")) == (1, 3)


def test_a_key_that_always_asks_asks_on_the_pad(shim, leaf):
    shim.control(always="1", set=_PAD, pad=PIN, pin=PIN)
    with pkcs11.open_signer(module=shim.module) as signer:
        algorithm = signer.algorithm()
        check(leaf, b"m", algorithm, signer.sign(b"m", algorithm))
    assert shim.count("C_Login 2 pad") == 1


@pytest.mark.parametrize("result", ["7", "54"])
def test_a_context_login_that_is_not_understood_is_not_tried_by_another_mechanism(shim, leaf, result):
    shim.control(always="1", pin=PIN)
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        shim.control(always="1", pin=PIN, fail=f"C_Login:{result}")
        with pytest.raises(TokenError) as caught:
            signer.sign(b"m", signer.algorithm())
        assert (caught.value.code, caught.value.facts["function"]) == ("token-failed", "C_Login")
    assert shim.count("C_Login 2 pin") == 1


def test_a_key_that_always_asks_is_asked_by_another_mechanism_where_the_first_is_not_taken(shim, leaf):
    shim.control(always="1", pin=PIN, refuse="d")
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        algorithm = signer.algorithm()
        check(leaf, b"m", algorithm, signer.sign(b"m", algorithm))
    assert shim.count("C_Login 2 pin") == 1


def test_a_context_login_that_fails_is_not_repeated(shim, leaf):
    shim.control(always="1", pin="changed meanwhile")
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        for _ in range(3):
            with pytest.raises(TokenError) as caught:
                signer.sign(b"m", signer.algorithm())
            assert caught.value.code == "pin-incorrect"
    assert shim.count("C_Login 2") == 1


def test_a_pin_that_was_changed_meanwhile_is_sent_once_more_and_never_again(shim, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        algorithm = signer.algorithm()
        shim.control(fail="C_Sign:32")
        with pytest.raises(TokenError):
            signer.sign(b"m", algorithm)
        shim.control(fail="C_Login:a0")
        before = shim.count("C_Login")
        for _ in range(3):
            with pytest.raises(TokenError) as caught:
                signer.sign(b"m", algorithm)
            assert (caught.value.code, caught.value.temporary) == ("pin-incorrect", False)
        assert shim.count("C_Login") == before + 1


def test_the_pin_comes_from_where_the_uri_says(shim, leaf, tmp_path):
    file = tmp_path / "mã pin"
    file.write_text(f"{PIN}\n")
    pkcs11.open_signer(f"pkcs11:?pin-source={file.as_uri()}", module=shim.module).close()
    pkcs11.open_signer(f"pkcs11:?pin-source={str(file).replace(' ', '%20')}", module=shim.module).close()
    with pkcs11.open_signer(f"pkcs11:?pin-value={PIN}", module=shim.module) as signer:
        assert PIN not in signer.uri


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_a_pin_file_without_a_pin_is_named(shim, leaf, tmp_path, content):
    file = tmp_path / "pin"
    if content is not None:
        file.write_bytes(content)
    error = open_and_fail(shim, uri=f"pkcs11:?pin-source={file}")
    assert error.code == "pin-source-unreadable"
    assert str(file) in str(error)


def test_a_program_named_as_pin_source_is_not_run(shim, leaf, tmp_path):
    made = tmp_path / "made"
    error = open_and_fail(shim, uri=f"pkcs11:?pin-source=|touch%20{made}")
    assert error.code == "pin-source-unreadable"
    assert not made.exists()


def test_the_pin_is_seen_nowhere(shim, leaf, caplog):
    caplog.set_level(logging.DEBUG)
    pin = Pin(PIN)
    assert PIN not in repr(pin) + str(pin)
    with pytest.raises(TypeError):
        pickle.dumps(pin)
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        signer.sign(b"m", signer.algorithm())
        commands = [file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline") if _readable(file)]
        assert any(b"gsign.token.owner" in command for command in commands)
        assert not any(PIN.encode() in command for command in commands)
        assert PIN not in repr(signer) + str(signer) + repr(vars(signer))
        with pytest.raises(TypeError):
            pickle.dumps(signer)
    error = open_and_fail(shim, pin="31415926")
    again = pickle.loads(pickle.dumps(error))
    assert "31415926" not in str(error) + error.hint + repr(error) + repr(error.facts) + repr(again)
    assert PIN not in caplog.text


def _readable(file):
    try:
        file.read_bytes()
    except OSError:
        return False
    return True


def test_the_drivers_process_leaves_no_core(shim, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer, signer._pool.worker() as worker:
        limits = Path(f"/proc/{worker.start().pid}/limits").read_text().splitlines()
        (core,) = [line.split() for line in limits if line.startswith("Max core file size")]
        assert core[4:6] == ["0", "0"]


def test_the_drivers_process_cannot_be_looked_into():
    # Whether it may be asked from inside only; as root, /proc shows no difference.
    program = (
        "import ctypes, sys; sys.path += sys.argv[1:]; from gsign.token import owner; "
        "owner._shut_in(); print(ctypes.CDLL(None).prctl(3))"
    )
    command = in_place_of_the_driver(program)
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "0\n"
