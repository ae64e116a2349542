"""One circular sent to 700 addressees is judged once; what could not be told is asked again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gsign.errors import TemporaryError
from gsign.mail import remembering as module
from gsign.mail.containers import Opened, Room
from gsign.mail.remembering import Digesting, Examined, Remembering
from gsign.result import Indication, VerificationResult

ROOM = Room()


class Judge:
    """Answers as it is told to, and counts."""

    def __init__(self, *answers: Indication | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[bytes] = []
        self.opened = 0
        self.may_answer = threading.Event()
        self.may_answer.set()

    def verify(self, source: bytes, /) -> VerificationResult:
        self.asked.append(source)
        assert self.may_answer.wait(60)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return VerificationResult(None, answer)

    def open_container(self, kind: str, data: bytes, room: Room, /) -> Opened:
        self.opened += 1
        return Opened()


def test_a_circular_to_700_is_judged_once() -> None:
    judge = Judge(Indication.TOTAL_PASSED)
    remembering = Remembering(judge)
    results = {remembering.verify(b"circular").indication for _ in range(700)}
    assert (results, judge.asked) == ({Indication.TOTAL_PASSED}, [b"circular"])
    assert remembering.verify(b"another").indication is Indication.TOTAL_PASSED
    assert judge.asked == [b"circular", b"another"]


def test_also_where_all_of_them_come_at_the_same_time() -> None:
    judge = Judge(Indication.TOTAL_FAILED)
    judge.may_answer.clear()
    remembering = Remembering(judge)
    with ThreadPoolExecutor(20) as threads:
        asked = [threads.submit(remembering.verify, b"circular") for _ in range(20)]
        judge.may_answer.set()
        assert {one.result().indication for one in asked} == {Indication.TOTAL_FAILED}
    assert judge.asked == [b"circular"]


@pytest.mark.parametrize("first", [Indication.INDETERMINATE, Indication.UNREADABLE, TemporaryError("worker-slow")])
def test_what_may_be_told_later_is_asked_again(first: Indication | Exception) -> None:
    judge = Judge(first, Indication.TOTAL_PASSED)
    remembering = Remembering(judge)
    if isinstance(first, Exception):
        with pytest.raises(TemporaryError):
            remembering.verify(b"a")
    else:
        assert remembering.verify(b"a").indication is first
    assert remembering.verify(b"a").indication is Indication.TOTAL_PASSED
    assert len(judge.asked) == 2


def test_who_waited_with_one_that_failed_hears_of_it_too() -> None:
    judge = Judge(TemporaryError("worker-slow"))
    judge.may_answer.clear()
    remembering = Remembering(judge)
    with ThreadPoolExecutor(5) as threads:
        asked = [threads.submit(remembering.verify, b"a") for _ in range(5)]
        judge.may_answer.set()
        assert all(isinstance(one.exception(), TemporaryError) for one in asked)


def test_a_certificate_that_is_revoked_meanwhile_is_seen_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    judge = Judge(Indication.TOTAL_PASSED, Indication.TOTAL_FAILED)
    remembering = Remembering(judge, seconds=300)
    assert remembering.verify(b"a").indication is Indication.TOTAL_PASSED
    now[0] += 299
    assert remembering.verify(b"a").indication is Indication.TOTAL_PASSED
    now[0] += 2
    assert remembering.verify(b"a").indication is Indication.TOTAL_FAILED


def test_only_so_many_are_kept() -> None:
    judge = Judge(Indication.TOTAL_PASSED)
    remembering = Remembering(judge, most=2)
    for source in (b"a", b"b", b"a", b"c", b"a", b"b"):
        remembering.verify(source)
    assert judge.asked == [b"a", b"b", b"c", b"b"]


def test_that_nothing_is_embedded_is_kept_too() -> None:
    judge = Judge(Indication.TOTAL_PASSED)
    remembering = Remembering(judge)
    assert [remembering.open_container("pdf", b"a", ROOM) for _ in range(3)] == [Opened()] * 3
    assert judge.opened == 1
    remembering.open_container("zip", b"a", ROOM)
    remembering.open_container("zip", b"a", ROOM)
    assert judge.opened == 3


def test_who_has_examined_a_document_is_not_asked_what_is_embedded_where_that_is_nothing() -> None:
    judge = Judge(Indication.TOTAL_PASSED)
    remembering = Remembering(judge, lambda source: Examined(judge.verify(source), source == b"alone"))
    for source in (b"alone", b"carrier"):
        assert remembering.verify(source).indication is Indication.TOTAL_PASSED
    assert judge.asked == [b"alone", b"carrier"]
    remembering.open_container("pdf", b"alone", ROOM)
    assert judge.opened == 0
    remembering.open_container("pdf", b"carrier", ROOM)
    assert judge.opened == 1


def test_a_document_of_one_message_is_digested_once_and_known_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    digested: list[bytes] = []

    def digest(data: bytes) -> bytes:
        digested.append(data)
        return data

    monkeypatch.setattr(module, "sha256_of", digest)
    judge = Judge(Indication.TOTAL_PASSED)
    remembering = Remembering(judge)
    first, second = Digesting(remembering), Digesting(remembering)
    digested.clear()
    one, other = bytes([1, 2, 3]), bytes([4, 5, 6])
    for data in (one, other):
        assert first.digest_of(data) == data
        first.verify(data)
        first.open_container("pdf", data, ROOM)
    assert digested == [one, other]
    second.verify(one)
    assert judge.asked == [one, other]
