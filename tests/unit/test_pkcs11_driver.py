"""Nothing that a driver, a thread, a fork or a hand on the token does hurts the caller."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gsign import pkcs11
from gsign.cli.patience import PatientSigner
from gsign.errors import TokenError
from gsign.signer import Algorithm, Digest, Scheme
from gsign.token.client import command
from tests.softhsm import PIN, Item
from tests.unit.test_pkcs11_signing import check

_ALGORITHM = Algorithm(Scheme.PKCS1, Digest.SHA256)


@pytest.fixture
def leaf(office, pki):
    return pki.leaf()


@pytest.fixture
def token(office, leaf):
    return office.token(items=[Item(leaf.der, leaf.key)])


def fail_to_sign(signer, message=b"m"):
    with pytest.raises(TokenError) as caught:
        signer.sign(message, _ALGORITHM)
    return caught.value


def sign_well(signer, leaf, message=b"m"):
    check(leaf, message, _ALGORITHM, signer.sign(message, _ALGORITHM))


def driver_pid(signer):
    with signer._pool.worker() as worker:
        return worker.start().pid


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def in_place_of_the_driver(program):
    """Return the command that runs a program where a driver's process would run."""
    started = command("gsign.token.owner")
    at = started.index("-c") + 1
    return [*started[:at], program, *started[at + 1 :]]


def wait_for(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not come about in time"
        time.sleep(0.01)


def test_a_token_pulled_out_in_mid_batch_and_put_back(office, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        for number in range(5):
            sign_well(signer, leaf, b"%d" % number)
        token.remove()
        for _ in range(2):
            error = fail_to_sign(signer)
            assert (error.code, error.temporary, error.exit_code) == ("token-removed", True, 5)
            assert "VP" in str(error)
        assert not signer.wait_until_present(0)
        token.put_back()
        assert signer.wait_until_present(0)
        for number in range(5):
            sign_well(signer, leaf, b"%d" % number)


def test_waiting_ends_when_the_token_is_put_back(office, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        token.remove()
        fail_to_sign(signer)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(signer.wait_until_present, 30)
            assert not waiting.done()
            token.put_back()
            assert waiting.result()
        sign_well(signer, leaf)


def test_put_back_before_anybody_signed_it_goes_on_unseen(shim, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        sign_well(signer, leaf)
        token.remove()
        fail_to_sign(signer)
        token.put_back()
        sign_well(signer, leaf)
    assert shim.count("C_Login 1 pin") == 2


def test_another_token_in_its_place_is_not_sent_the_pin(office, shim, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        token.remove()
        office.token("VP", items=[Item(leaf.der, leaf.key)])
        assert fail_to_sign(signer).code == "token-removed"
    assert shim.count("C_Login") == 1


@pytest.mark.parametrize("result", ["32", "e0", "82", "60", "b3", "b0", "30", "5", "6", "101"])
def test_a_fault_that_stays_is_told_after_one_fresh_start(shim, token, leaf, result):
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        shim.control(fail=f"C_Sign:{result}")
        error = fail_to_sign(signer)
        assert error.code == ("token-removed" if result in ("32", "e0") else "token-failed")
        assert error.temporary
        assert shim.count("C_Sign") == 2
        shim.control()
        sign_well(signer, leaf)


def test_a_driver_that_aborts_leaves_the_caller_alive(shim, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        shim.control(abort="C_Sign")
        error = fail_to_sign(signer)
        assert (error.code, error.temporary, error.exit_code) == ("token-driver-crashed", True, 5)
        assert shim.module in str(error)
        shim.control()
        sign_well(signer, leaf)


@pytest.mark.parametrize("place", ["C_Initialize", "C_GetTokenInfo", "C_Login"])
def test_a_driver_that_aborts_while_it_is_opened(shim, token, place):
    shim.control(abort=place)
    with pytest.raises(TokenError) as caught:
        pkcs11.open_signer(pin=PIN, module=shim.module)
    assert caught.value.code == "token-driver-crashed"


def test_a_driver_that_is_killed_from_outside_is_started_again(shim, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        os.kill(driver_pid(signer), signal.SIGKILL)
        assert fail_to_sign(signer).code == "token-driver-crashed"
        sign_well(signer, leaf)


def test_a_process_that_cannot_be_started_is_told(office, token, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(TokenError) as caught:
        pkcs11.open_signer(pin=PIN, module=office.module)
    assert (caught.value.code, caught.value.temporary) == ("token-driver-crashed", True)


def test_a_driver_that_hangs_is_given_up_in_time(shim, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module, timeout_seconds=0.5) as signer:
        pid = driver_pid(signer)
        shim.control(hang="C_Sign")
        error = fail_to_sign(signer)
        assert (error.code, error.temporary) == ("token-driver-hung", True)
        assert not is_alive(pid)
        shim.control()
        sign_well(signer, leaf)


def test_an_interrupted_signature_is_not_taken_for_the_next_one(shim, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        shim.control(hang="C_Sign")

        def press_ctrl_c():
            wait_for(lambda: shim.count("C_Sign") == 1)
            os.kill(os.getpid(), signal.SIGINT)

        presser = threading.Thread(target=press_ctrl_c)
        presser.start()
        with pytest.raises(KeyboardInterrupt):
            signer.sign(b"one", _ALGORITHM)
        presser.join()
        shim.control()
        sign_well(signer, leaf, b"two")


def test_a_worker_that_was_taken_and_lost_to_ctrl_c_is_not_lost(office, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        signer._pool._idle.get()  # an interrupt right here: taken, and nobody knows of it
        sign_well(signer, leaf)


def test_a_driver_that_fails_while_the_token_is_there_is_not_taken_for_its_removal(shim, token):
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        waits = []
        patient = PatientSigner(
            signer,
            wait_seconds=60,
            ended=threading.Event(),
            on_wait=lambda: waits.append(1),
            on_return=lambda: None,
        )
        for settings, code in (
            ({"fail": "C_Sign:30"}, "token-failed"),
            ({"abort": "C_Sign"}, "token-driver-crashed"),
            ({"abort": "C_GetTokenInfo"}, "token-driver-crashed"),
            ({"fail": "C_Initialize:5"}, "token-failed"),
        ):
            shim.control(**settings)
            with signer._pool.worker() as worker:
                worker.discard()
            assert fail_to_sign(patient).code == code
        assert waits == []


def test_what_a_driver_prints_disturbs_nobody(shim, token, leaf, capfd):
    shim.control(noise="1")
    with pkcs11.open_signer(pin=PIN, module=shim.module) as signer:
        sign_well(signer, leaf)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("workers", [1, 2])
def test_eight_threads_sign_at_once(office, token, leaf, workers):
    with pkcs11.open_signer(pin=PIN, module=office.module, workers=workers) as signer:
        start = threading.Barrier(8)

        def work(thread):
            start.wait()
            for number in range(10):
                sign_well(signer, leaf, b"%d %d" % (thread, number))
            return True

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(work, range(8)))


def test_many_processes_that_log_in_at_once_do_not_overlook_the_token(office, token, leaf):
    for _ in range(5):
        with pkcs11.open_signer(pin=PIN, module=office.module, workers=4) as signer, ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: sign_well(signer, leaf, b"%d" % n), range(8)))


def test_workers_sign_at_the_same_time(shim, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module, workers=2) as signer:
        with signer._pool.worker():
            sign_well(signer, leaf)  # one is taken: the other signs, logged in with the PIN proven by the first
        assert shim.count("C_Login") <= 2


def test_threads_go_on_after_the_token_was_put_back(office, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=office.module, workers=2) as signer, ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda n: signer.sign(b"%d" % n, _ALGORITHM), range(8)))
        token.remove()
        codes = list(pool.map(lambda _: fail_to_sign(signer).code, range(8)))
        assert codes == ["token-removed"] * 8
        token.put_back()
        list(pool.map(lambda n: sign_well(signer, leaf, b"%d" % n), range(8)))


def test_a_forked_process_signs_for_itself_and_the_parent_goes_on(office, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        before = driver_pid(signer)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                mine = signer.sign(b"child", _ALGORITHM)
                os.write(writing, json.dumps([mine.hex(), driver_pid(signer)]).encode())
                signer.close()
            finally:
                os._exit(0)
        os.close(writing)
        with open(reading, "rb") as pipe:
            signature, theirs = json.loads(pipe.read())
        os.waitpid(child, 0)
        check(leaf, b"child", _ALGORITHM, bytes.fromhex(signature))
        assert theirs != before
        wait_for(lambda: not is_alive(theirs))
        sign_well(signer, leaf)
        assert driver_pid(signer) == before


def test_a_fork_while_another_thread_signs_does_not_wait_for_ever(shim, token, leaf):
    with pkcs11.open_signer(pin=PIN, module=shim.module, timeout_seconds=20) as signer:
        shim.control(hang="C_Sign")
        with ThreadPoolExecutor(1) as pool:
            stuck = pool.submit(fail_to_sign, signer)
            wait_for(lambda: shim.count("C_Sign") == 1)
            shim.control()
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    sign_well(signer, leaf)
                    code = 0
                finally:
                    os._exit(code)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            assert not stuck.done()
            (driver,) = [worker._driver for worker in signer._pool._workers]
            os.kill(driver.pid, signal.SIGKILL)
            assert stuck.result().code == "token-driver-crashed"


def test_no_process_stays_when_the_signer_is_closed(office, token):
    with pkcs11.open_signer(pin=PIN, module=office.module, workers=3) as signer:
        pids = [worker.start().pid for worker in signer._pool._workers]
    assert not any(is_alive(pid) for pid in pids)


def test_no_process_stays_when_the_caller_is_killed(office, token):
    program = (
        "import sys, os, signal\n"
        "from gsign import pkcs11\n"
        "signer = pkcs11.open_signer(pin=sys.stdin.readline().strip(), module=sys.argv[1])\n"
        "with signer._pool.worker() as worker: print(worker.start().pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, office.module],
        input=PIN,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    pid = int(done.stdout)
    wait_for(lambda: not is_alive(pid))


def test_a_signer_that_was_never_closed_leaves_neither_process_nor_complaint(office, token):
    program = (
        "import sys\n"
        "from gsign import pkcs11\n"
        "signer = pkcs11.open_signer(pin=sys.stdin.readline().strip(), module=sys.argv[1])\n"
        "with signer._pool.worker() as worker: print(worker.start().pid)\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program, office.module],
        input=PIN,
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stderr == ""
    pid = int(done.stdout)
    wait_for(lambda: not is_alive(pid))


def test_signers_of_one_module_share_its_process(office, leaf, pki):
    other = pki.leaf(key="p256")
    office.token("one", items=[Item(leaf.der, leaf.key)], pin="1111")
    office.token("two", items=[Item(other.der, other.key)], pin="2222")
    link = Path(office.setting[1]).with_name("link.so")
    link.symlink_to(office.module)
    with (
        pkcs11.open_signer("pkcs11:token=one", pin="1111", module=office.module) as one,
        pkcs11.open_signer("pkcs11:token=two", pin="2222", module=link) as two,
    ):
        assert driver_pid(one) == driver_pid(two)
        for _ in range(2):
            sign_well(one, leaf)
            algorithm = two.algorithm()
            check(other, b"m", algorithm, two.sign(b"m", algorithm))
        one.close()
        check(other, b"m", algorithm, two.sign(b"m", algorithm))


def test_the_drivers_process_imports_next_to_nothing():
    program = (
        "import sys; sys.path += sys.argv[1:]; import gsign.token.owner; "
        "print(*sorted(name for name in sys.modules if name.startswith('gsign')))"
    )
    done = subprocess.run(in_place_of_the_driver(program), capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "gsign",
        "gsign.token",
        "gsign.token.binding",
        "gsign.token.constants",
        "gsign.token.cryptoki",
        "gsign.token.owner",
        "gsign.token.results",
        "gsign.token.wire",
    ]


def test_prepare_starts_the_process_that_open_then_uses(office, token, leaf):
    pkcs11.prepare(module=office.module)
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        sign_well(signer, leaf)


def test_a_driver_starts_without_what_makes_keys_and_has_it_when_asked():
    program = (
        "import sys; sys.path += sys.argv[1:]; import gsign.token.owner\n"
        "from gsign.token.binding import pkcs11\n"
        "print('asn1crypto' in sys.modules, pkcs11.util.ec.encode_named_curve_parameters('secp256r1').hex())"
    )
    told = subprocess.run(in_place_of_the_driver(program), capture_output=True, check=True, text=True)
    assert told.stdout.split() == ["False", "06082a8648ce3d030107"], told.stderr
