"""Questions to a real name server on loopback, and to one that is not there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gsign.errors import TemporaryError
from gsign.office import resolver as module
from gsign.office.resolver import Resolver
from tests.dns_server import NameServer, name_server


@pytest.fixture
def zone() -> Iterator[NameServer]:
    with name_server() as running:
        yield running


def soon() -> float:
    return time.monotonic() + 0.3


def test_texts_in_pieces_are_joined_and_asked_for_once(zone: NameServer) -> None:
    zone.texts["a.b.vn"] = ["x" * 600, "y"]
    resolver = Resolver(zone.address)
    assert sorted(resolver.texts("a.b.vn", soon())) == [b"x" * 600, b"y"]
    assert sorted(resolver.texts("A.b.vn", soon())) == [b"x" * 600, b"y"]
    assert zone.asked == ["a.b.vn"]


@pytest.mark.parametrize("name", ["nobody.vn", "x" * 64 + ".vn", "a..vn", ".".join(["x" * 60] * 5)])
def test_names_that_are_not_there_or_cannot_be(zone: NameServer, name: str) -> None:
    assert Resolver(zone.address).texts(name, soon()) == ()


def test_one_name_in_trouble_is_no_trouble_for_others(zone: NameServer) -> None:
    zone.failing.add("bad.vn")
    zone.texts["good.vn"] = ["x"]
    resolver = Resolver(zone.address)
    for _ in range(5):
        with pytest.raises(TemporaryError):
            resolver.texts("bad.vn", soon())
    assert resolver.texts("good.vn", soon()) == (b"x",)


def test_a_server_that_is_silent_is_not_waited_for_again_and_again(zone: NameServer) -> None:
    zone.silent |= {"1.vn", "2.vn", "3.vn"}
    zone.texts["good.vn"] = ["x"]
    resolver = Resolver(zone.address)
    for name in ("1.vn", "2.vn", "3.vn"):
        with pytest.raises(TemporaryError):
            resolver.texts(name, soon())
    asked = len(zone.asked)
    with pytest.raises(TemporaryError, match="silent"):
        resolver.texts("good.vn", soon())
    assert len(zone.asked) == asked


def test_names_answered_late_do_not_keep_everybody(zone: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SILENCES", 1000)
    zone.silent |= {f"{n}.vn" for n in range(50)}
    resolver = Resolver(zone.address)
    with ThreadPoolExecutor(50) as threads:
        asked = [threads.submit(resolver.texts, f"{n}.vn", time.monotonic() + 2) for n in range(50)]
        told = [str(one.exception()) for one in asked]
    assert sum("busy" in text for text in told) > 10
    assert sum("busy" not in text for text in told) >= 8


def test_no_time_is_no_answer(zone: NameServer) -> None:
    with pytest.raises(TemporaryError, match="out of time"):
        Resolver(zone.address).texts("good.vn", time.monotonic() - 1)
    assert zone.asked == []
