"""What one thread makes and another is called back with: nobody is missed, and nobody is told twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from gsign.audit.coming import Coming


def test_who_asks_before_and_who_asks_after_are_told_once_each() -> None:
    coming: Coming[int] = Coming()
    told: list[str] = []
    coming.add_done_callback(lambda _: told.append("before"))
    coming.add_done_callback(lambda _: told.append("before as well"))
    assert not coming.done()
    assert not told
    coming.set_result(7)
    assert told == ["before", "before as well"]
    coming.add_done_callback(lambda came: told.append(f"after {came.result()}"))
    assert told[2:] == ["after 7"]
    assert coming.done()


def test_an_error_comes_in_its_place() -> None:
    coming: Coming[int] = Coming()
    coming.set_exception(KeyError("x"))
    assert coming.done()
    with pytest.raises(KeyError):
        coming.result()


def test_nobody_waits_for_ever() -> None:
    with pytest.raises(TimeoutError):
        Coming[int]().result()


def test_one_who_fails_keeps_nobody_from_being_told(caplog: pytest.LogCaptureFixture) -> None:
    coming: Coming[int] = Coming()
    told: list[int] = []
    coming.add_done_callback(lambda _: {}["nobody"])
    coming.add_done_callback(lambda came: told.append(came.result()))
    coming.set_result(7)
    assert told == [7]
    assert "KeyError" in caplog.text


def test_none_is_missed_while_it_comes() -> None:
    """Many ask, in another thread, just while it comes: each is told, and once."""

    def asked(coming: Coming[int], start: threading.Barrier, told: Callable[[int], object]) -> None:
        start.wait(20)
        for _ in range(50):
            coming.add_done_callback(lambda came: told(came.result()))

    with ThreadPoolExecutor(2) as threads:
        for number in range(300):
            coming: Coming[int] = Coming()
            start, told = threading.Barrier(3), list[int]()
            asking = [threads.submit(asked, coming, start, told.append) for _ in range(2)]
            start.wait(20)
            coming.set_result(number)
            for one in asking:
                one.result(20)
            assert coming.result() == number
            assert told == [number] * 100
