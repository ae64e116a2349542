"""Who may connect, how often, and who may speak for others."""

from __future__ import annotations

import pytest

from gsign.office import admission as module
from gsign.office.admission import Admission


def limited(**changes: object) -> Admission:
    made = Admission()
    made.limit(**{"total": 3, "each": 2, "rate": 2, "trusted": ["127.0.0.0/8", "2001:db8::/32"], **changes})  # type: ignore[arg-type]
    return made


def test_nobody_is_let_in_before_limits_are_set() -> None:
    assert Admission().admit("192.0.2.1") is not None


def test_so_many_of_each_and_of_all() -> None:
    door = limited()
    assert [door.admit("192.0.2.1") is None for _ in range(3)] == [True, True, False]
    assert [door.admit("192.0.2.2") is None for _ in range(2)] == [True, False]
    assert door._open.total() == 3
    door.leave("192.0.2.1")
    assert door.admit("192.0.2.2") is None
    reply = door.admit("192.0.2.3")
    assert reply is not None
    assert (reply.code, reply.enhanced) == (421, "4.7.0")


def test_new_limits_leave_the_counts_as_they_are() -> None:
    door = limited()
    door.admit("192.0.2.1")
    door.limit(total=1, each=1, rate=1, trusted=[])
    assert door.admit("192.0.2.2") is not None
    door.leave("192.0.2.1")
    assert door.admit("192.0.2.2") is None
    assert not door.is_trusted("127.0.0.1")


@pytest.mark.parametrize(
    "address, is_trusted",
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("2001:db8::1", True),
        ("2001:db8::1%eth0", True),
        ("2001:db9::1", False),
        ("192.0.2.1", False),
        ("", False),
        ("localhost", False),
    ],
)
def test_who_may_speak_for_others(address: str, is_trusted: bool) -> None:
    assert limited().is_trusted(address) == is_trusted


def test_so_many_messages_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    door = limited()
    assert [door.may_send("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert door.may_send("192.0.2.2")
    assert all(door.may_send("127.0.0.1") for _ in range(100))
    now[0] += 61
    assert door.may_send("192.0.2.1")


def test_who_was_there_long_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    door = limited()
    for number in range(30_000):
        now[0] += 0.01
        assert door.may_send(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(door._recent) <= 10_001
