"""Documents judged in processes with limits: the same results, and a document that does harm costs itself alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gsign import pdf
from gsign.errors import ConfigurationError, GsignError, InputError, TemporaryError
from gsign.isolation.pool import Limits, Settings, VerifierPool
from gsign.isolation.process import can_fork
from gsign.isolation.turns import turns
from gsign.isolation.worker import Judge
from gsign.result import Indication, VerificationResult
from tests import documents as catalogue
from tests.documents import Expect, Library
from tests.hiding.documents import CARRIERS
from tests.pki import Pki
from tests.pki_servers import Fault
from tests.relay.running import until

# Python 3.12 warns where a process with threads forks; the threads here are the test PKI's.
pytestmark = [pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")]

HOSTILE = catalogue.names(expect=Expect.BOUNDED)


@pytest.fixture(params=["forked", "spawned"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of starting a worker. The test PKI's server is a thread, and with threads nothing forks by itself."""
    assert not can_fork()
    if request.param == "forked":
        monkeypatch.setattr("gsign.isolation.pool.can_fork", lambda: True)
    return str(request.param)


@contextmanager
def pool(pki: Pki, limits: Limits | None = None, jobs: int = 1, **settings: object) -> Iterator[VerifierPool]:
    given = {"trust": [pki.root_file, pki.intermediate_file], "offline": True, **settings}
    with VerifierPool(Settings(**given), jobs=jobs, limits=limits) as opened:  # type: ignore[arg-type]
        yield opened


def without_clock(result: VerificationResult) -> VerificationResult:
    return result._replace(facts={})


def test_a_worker_says_what_the_library_says(start: str, pki: Pki, documents: Library, tmp_path: Path) -> None:
    with pool(pki) as verifiers:
        for name in ("signed-three-times", "certified-2-then-signed", "signed-adbe", "one-page", "not-a-pdf"):
            file = documents[name].write(tmp_path)
            here = pdf.verify(file, trust=[pki.root_file, pki.intermediate_file], offline=True)
            assert without_clock(verifiers.verify(file)) == without_clock(here)


def test_nothing_is_forked_beside_threads(pki: Pki, documents: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that another thread holds at that moment would be held for ever in the copy."""

    def forked(*_: object) -> None:
        raise AssertionError

    assert not can_fork()
    monkeypatch.setattr("gsign.isolation.pool.Worker.forked", forked)
    with pool(pki, jobs=2) as verifiers:
        assert verifiers.verify(documents["signed-once"].data).indication is Indication.TOTAL_PASSED


def test_facts_travel_as_json_holds_them(pki: Pki, documents: Library, tmp_path: Path) -> None:
    file = documents["signed-once"].write(tmp_path)
    with pool(pki) as verifiers:
        (facts,) = verifiers.verify(file).facts["signatures"]  # type: ignore[misc]
    assert facts["byte_range"][0] == 0
    assert facts["path"][0]["name"] == "Nguyễn Thị Ánh Tuyết"
    assert facts["path"][-1]["anchor"] is True
    assert len(bytes.fromhex(facts["path"][-1]["sha256"])) == 32


def test_a_document_may_come_as_bytes(start: str, pki: Pki, documents: Library) -> None:
    with pool(pki) as verifiers:
        result = verifiers.verify(documents["signed-once"].data)
    assert result.indication is Indication.TOTAL_PASSED
    assert result.file is None


def test_a_worker_is_of_the_same_gsign_as_its_caller(
    pki: Pki, documents: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the working folder is the one that it comes from, and another one is installed."""
    (tmp_path / "gsign").mkdir()
    (tmp_path / "gsign" / "__init__.py").write_text("raise ImportError('the other one')", encoding="utf-8")
    own = str(Path(pdf.__file__).parents[1])
    monkeypatch.chdir(own)
    monkeypatch.setattr("sys.path", [own, str(tmp_path), *(path for path in sys.path if path != own)])
    with pool(pki) as verifiers:
        assert verifiers.verify(documents["signed-once"].data).indication is Indication.TOTAL_PASSED


def test_one_look_tells_what_a_document_is_worth_and_whether_something_is_embedded(
    start: str, pki: Pki, documents: Library
) -> None:
    signed = documents["signed-once"].data
    with pool(pki) as verifiers:
        found = verifiers.examine(signed)
        assert (without_clock(found.result), found.is_alone) == (without_clock(verifiers.verify(signed)), True)
        assert {name: verifiers.examine(make(signed)).is_alone for name, (_, make) in sorted(CARRIERS.items())} == (
            dict.fromkeys(CARRIERS, False)
        )


def test_a_page_that_takes_its_time_costs_its_document_nothing(
    pki: Pki, documents: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = documents["signed-once"].data
    monkeypatch.setattr("gsign.isolation.pool._GLANCE_SECONDS", 0.0)
    with pool(pki) as verifiers:
        found = verifiers.examine(signed)
        assert (found.result.indication, found.is_alone, found.kind) == (Indication.TOTAL_PASSED, True, None)
        assert verifiers.verify(signed).indication is Indication.TOTAL_PASSED


def test_errors_come_back_as_they_were_raised(start: str, pki: Pki, documents: Library, tmp_path: Path) -> None:
    locked = documents["password-missing"].write(tmp_path)
    with pool(pki) as verifiers:
        with pytest.raises(InputError) as raised:
            verifiers.verify(locked)
        assert raised.value.code == "password-needed"
        assert raised.value.facts["file"] == str(locked)
        with pytest.raises(InputError) as raised:
            verifiers.verify(tmp_path / "nowhere.pdf")
        assert raised.value.code == "input-unreadable"


def test_anchors_that_cannot_be_read_are_an_error_of_the_configuration(start: str, pki: Pki, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    with pytest.raises(ConfigurationError), pool(pki, trust=[tmp_path / "no.pem"]) as verifiers:
        verifiers.verify(b"%PDF-1.7\n")


def test_the_password_and_the_digest_of_the_file_are_asked_for(pki: Pki, documents: Library, tmp_path: Path) -> None:
    import hashlib

    entry = documents["aes-256"]
    with pool(pki, password=entry.password, file_digest=True) as verifiers:
        result = verifiers.verify(entry.write(tmp_path))
    assert result.indication is Indication.NO_SIGNATURE_FOUND
    assert result.facts["sha256"] == hashlib.sha256(entry.data).hexdigest()
    assert result.facts["size"] == len(entry.data)


# ---------------------------------------------------------------- harm


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_no_pass_and_costs_itself_alone(
    name: str, pki: Pki, documents: Library, tmp_path: Path
) -> None:
    good, bad = documents["signed-once"].write(tmp_path), documents[name].write(tmp_path)
    with pool(pki) as verifiers:
        outcomes = [outcome for _, outcome in verifiers.verify_all([good, bad, good])]
    assert not any(isinstance(outcome, GsignError) for outcome in outcomes)
    indications = [outcome.indication for outcome in outcomes if isinstance(outcome, VerificationResult)]
    assert indications[::2] == [Indication.TOTAL_PASSED] * 2
    assert indications[1] in (Indication.UNREADABLE, Indication.NO_SIGNATURE_FOUND)


def test_a_document_that_takes_too_long_is_given_up(start: str, pki: Pki, tmp_path: Path) -> None:
    file = tmp_path / "large.pdf"
    with file.open("wb") as opened:
        opened.truncate(200 << 20)  # whose digest alone takes a tenth of a second
    with pool(pki, Limits(seconds=1e-3), file_digest=True) as verifiers:
        result = verifiers.verify(file)
    assert (result.file, result.indication, result.reasons) == (str(file), Indication.UNREADABLE, ("limit-exceeded",))


def test_a_document_that_takes_too_much_memory_is_given_up(start: str, pki: Pki, documents: Library) -> None:
    with pool(pki, Limits(memory=120 << 20)) as verifiers:
        assert verifiers.verify(documents["signed-once"].data).indication is Indication.TOTAL_PASSED
        result = verifiers.verify(bytes(160 << 20))
        assert (result.indication, result.reasons) == (Indication.UNREADABLE, ("limit-exceeded",))
        assert verifiers.verify(documents["signed-once"].data).indication is Indication.TOTAL_PASSED


def kill_idle(verifiers: VerifierPool) -> int:
    (worker,) = verifiers._idle
    pid = worker._process._pid
    worker.interrupt()
    return pid


@contextmanager
def struck(verifiers: VerifierPool, number: signal.Signals, times: int) -> Iterator[None]:
    """Send a signal to the process that judges, so many times while it does."""
    over = threading.Event()

    def strike() -> None:
        hit: set[int] = set()
        while len(hit) < times and not over.wait(0.001):
            for worker in list(verifiers._busy):
                # It is ready, and reads a file of which there is much.
                if worker._is_ready and worker._process._pid not in hit:
                    hit.add(worker._process._pid)
                    os.kill(worker._process._pid, number)

    striking = threading.Thread(target=strike)
    striking.start()
    try:
        yield
    finally:
        over.set()
        striking.join()


@pytest.fixture
def much(tmp_path: Path) -> Path:
    """A file whose digest takes a while."""
    file = tmp_path / "much.pdf"
    with file.open("wb") as opened:
        opened.truncate(200 << 20)
    return file


def test_a_crash_in_a_fresh_process_is_the_fault_of_the_document(start: str, pki: Pki, much: Path) -> None:
    with pool(pki, file_digest=True) as verifiers, struck(verifiers, signal.SIGSEGV, 1):
        assert verifiers.verify(much).reasons == ("limit-exceeded",)


def test_that_somebody_else_kills_a_process_is_not(start: str, pki: Pki, much: Path) -> None:
    with pool(pki, file_digest=True) as verifiers:
        with struck(verifiers, signal.SIGKILL, 1):
            assert "limit-exceeded" not in verifiers.verify(much).reasons
        with struck(verifiers, signal.SIGKILL, 10), pytest.raises(TemporaryError) as caught:
            verifiers.verify(much)
        assert caught.value.code in ("worker-slow", "worker-unstartable")


@pytest.mark.usefixtures("forked")
def test_a_process_that_died_while_nobody_asked_it_is_not_asked(pki: Pki, documents: Library) -> None:
    with pool(pki) as verifiers:
        for worker in verifiers._idle:
            worker.await_start()
        pid = kill_idle(verifiers)
        until(verifiers._idle[0].has_died)
        assert verifiers.verify(documents["signed-once"].data).indication is Indication.TOTAL_PASSED
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_crash_in_a_used_process_is_not(pki: Pki, documents: Library) -> None:
    data = documents["signed-once"].data
    with pool(pki) as verifiers:
        verifiers.verify(data)
        kill_idle(verifiers)
        assert verifiers.verify(data).indication is Indication.TOTAL_PASSED


def test_an_authority_that_does_not_answer_is_no_fault_of_the_document(pki: Pki, documents: Library) -> None:
    for endpoint in pki.servers.endpoints.values():
        endpoint.fault = Fault.SLOW
    with pool(pki, Limits(seconds=1.5), offline=False) as verifiers:
        # Whatever the process did for others before.
        while sum(worker.busy_seconds for worker in verifiers._idle) < 0.8:
            verifiers.verify(documents["one-page"].data)
        assert not pki.ocsp.requests
        result = verifiers.verify(documents["signed-once"].data)
    assert pki.ocsp.requests
    assert result.indication is Indication.TOTAL_PASSED
    assert "revocation-not-checked" in result.signatures[0].warnings


# ---------------------------------------------------------------- many


def test_results_come_in_the_order_of_the_files(pki: Pki, documents: Library, tmp_path: Path) -> None:
    kinds = ["signed-once", "one-page", "not-a-pdf", "signed-three-times"] * 12
    files = [documents[kind].write(tmp_path, f"{number:02}.pdf") for number, kind in enumerate(kinds)]
    with pool(pki, jobs=3) as verifiers:
        told = list(verifiers.verify_all(files))
    assert [file for file, _ in told] == files
    assert [outcome.file for _, outcome in told if isinstance(outcome, VerificationResult)] == list(map(str, files))


@pytest.mark.usefixtures("forked")
def test_one_that_costs_its_process_costs_nobody_who_is_judged_in_the_same_turn(
    pki: Pki, documents: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = Judge._judge

    def die_of_some(judge: Judge, source: str | bytes, *, offline: bool) -> dict[str, object]:
        if str(source).endswith("deadly.pdf"):
            os._exit(1)
        return really(judge, source, offline=offline)

    monkeypatch.setattr(Judge, "_judge", die_of_some)
    kinds = ["", "", "deadly", "", "", "", "", "", "", "", "deadly", "deadly", "", "", "", "", "", "deadly", "", ""]
    signed, locked = documents["signed-once"], documents["password-missing"]
    files = [signed.write(tmp_path, f"{number:02}{kind}.pdf") for number, kind in enumerate(kinds)]
    files.append(locked.write(tmp_path, "locked.pdf"))
    with pool(pki, jobs=2) as verifiers:
        told = list(verifiers.verify_all(files))
    assert [file for file, _ in told] == files
    *outcomes, last = [outcome for _, outcome in told]
    assert isinstance(last, InputError)
    results = [outcome for outcome in outcomes if isinstance(outcome, VerificationResult)]
    assert [result.file for result in results] == list(map(str, files[:-1]))
    # Processes that are started anew know nothing of this test: there nothing is deadly.
    assert {result.indication for result in results} == {Indication.TOTAL_PASSED}


def test_turns_begin_with_one_document_and_stay_short(tmp_path: Path) -> None:
    small, large = tmp_path / "small.pdf", tmp_path / "large.pdf"
    small.write_bytes(bytes(1000))
    with large.open("wb") as file:
        file.truncate(2 << 20)
    lengths = list(map(len, turns([small] * 40, 2)))
    assert lengths[:3] == [1, 1, 1]
    assert max(lengths) == 4
    assert sum(lengths) == 40
    assert all(turn == [large] for turn in turns([small, large] * 20, 2) if large in turn)
    assert all(len(turn) == 1 for turn in turns([b"%PDF-"] * 40, 2))
    assert all(len(turn) == 1 for turn in turns([small] * 40, 1))
    assert sum(map(len, turns([tmp_path / "nowhere.pdf"] * 40, 2))) == 40


@pytest.mark.usefixtures("forked")
def test_few_documents_are_under_way_however_many_there_are(pki: Pki, documents: Library) -> None:
    data = documents["one-page"].data
    handed_out = 0

    def endless() -> Iterator[bytes]:
        nonlocal handed_out
        while True:
            handed_out += 1
            yield data

    with pool(pki, jobs=2) as verifiers:
        told = verifiers.verify_all(endless())
        for _ in range(20):
            next(told)
        assert handed_out <= 20 + 16
        told.close()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.usefixtures("forked")
def test_no_process_is_left_when_the_caller_stops_early(pki: Pki, documents: Library) -> None:
    with pool(pki, jobs=2) as verifiers:
        pids = [worker._process._pid for worker in verifiers._idle]
        told = verifiers.verify_all([documents["signed-once"].data] * 50)
        next(told)
        told.close()
        assert not any(map(is_alive, pids))
        with pytest.raises(RuntimeError):
            verifiers.verify(documents["signed-once"].data)
    assert len(pids) == 2
