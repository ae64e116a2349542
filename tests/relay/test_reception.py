"""The relay's processes share those who come: the next one is taken by whoever has the fewest."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.listeners import clients_of, takes_connections
from tests.relay.running import Relay, until
from tests.smtp_sink import Sink

PROCESSES = 3
FEW = 4
"""By how many clients processes may differ where one of them was slow to wake."""


@pytest.fixture
def relay(hop: Sink, tmp_path: Path) -> Iterator[Relay]:
    with Relay(tmp_path, hop.address, relay={"processes": PROCESSES}) as running:
        until(lambda: len(takers(running)) == PROCESSES)
        yield running


def port_of(relay: Relay) -> int:
    return int(relay.address.rpartition(":")[2])


def takers(relay: Relay) -> list[int]:
    return [pid for pid in relay.pids() if takes_connections(pid, port_of(relay))]


def counts(relay: Relay, pids: list[int]) -> list[int]:
    return sorted(len(clients_of(pid, port_of(relay))) for pid in pids)


def test_all_have_as_many(relay: Relay) -> None:
    pids = takers(relay)
    with ExitStack() as stack:
        for _ in range(20 * PROCESSES):
            stack.enter_context(relay.wire(""))
        found = counts(relay, pids)
    assert sum(found) == 20 * PROCESSES
    assert found[-1] - found[0] <= FEW


def test_who_has_fewer_again_takes_those_who_come_next(relay: Relay) -> None:
    pids = takers(relay)
    port = port_of(relay)
    with ExitStack() as stack:
        wires = [stack.enter_context(relay.wire("")) for _ in range(10 * PROCESSES)]
        those = clients_of(pids[0], port)
        left = [wire for wire in wires if wire.socket.getsockname()[1] in those]
        for wire in left:
            wire.socket.close()
        until(lambda: not clients_of(pids[0], port))
        for _ in left:
            stack.enter_context(relay.wire(""))
        assert len(left) - len(clients_of(pids[0], port)) <= FEW


def test_nobody_waits_for_a_process_that_has_no_time(relay: Relay) -> None:
    pids = takers(relay)
    os.kill(pids[0], signal.SIGSTOP)
    try:
        with ExitStack() as stack:
            for _ in range(20):
                assert stack.enter_context(relay.wire("")).greeting.code == 220
            assert sum(counts(relay, pids[1:])) == 20
    finally:
        os.kill(pids[0], signal.SIGCONT)


def test_another_process_takes_the_place_of_one_that_has_died(relay: Relay) -> None:
    pids = takers(relay)
    with ExitStack() as stack:
        for _ in range(10 * PROCESSES):
            stack.enter_context(relay.wire(""))
        os.kill(pids[-1], signal.SIGKILL)
        until(lambda: len(set(takers(relay)) - {pids[-1]}) == PROCESSES)
        now = takers(relay)
        for _ in range(10):
            stack.enter_context(relay.wire(""))
        assert len(clients_of((set(now) - set(pids)).pop(), port_of(relay))) >= 10 - FEW


def test_where_there_is_no_room_for_more_they_are_taken_later(hop: Sink, tmp_path: Path) -> None:
    few_files = ("sh", "-c", 'ulimit -n 100 && exec "$@"', "sh")
    with Relay(tmp_path, hop.address, wrapper=few_files) as relay, ExitStack() as stack:
        with ExitStack() as many:
            for _ in range(120):
                many.enter_context(socket.create_connection(("127.0.0.1", port_of(relay))))
            until(lambda: b"no connection can be taken" in relay.log.read_bytes())
        assert stack.enter_context(relay.wire("")).greeting.code == 220
