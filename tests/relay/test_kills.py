"""Nothing is lost: processes are killed at random moments and at each step, and what was answered by 250 is there.

`GSIGN_TEST_KILLS` says how many kills at random moments there are; those at each step are 60 more.
"""

from __future__ import annotations

import itertools
import logging
import os
import random
import re
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
from pathlib import Path
from typing import Self

import pytest

from gsign.audit.entry import GENESIS, Entry
from tests.drivers import scribes_of
from tests.listeners import takes_connections
from tests.relay.running import Relay, until
from tests.relay.wire import Wire
from tests.smtp_sink import Sink

KILLS = int(os.environ.get("GSIGN_TEST_KILLS", "240"))
PROCESSES = 3
CLIENTS = 6
_log = logging.getLogger(__name__)
_NUMBER = re.compile(rb"Subject: n([0-9]+)\r\n")


_numbers = itertools.count(1)


class Senders:
    """Clients that send one numbered message after another until told to stop, whatever happens to connections.

    Attributes:
        answered: numbers of the messages that were answered by 250.
        replies: how often each code was heard; 0 for a connection that broke.
    """

    def __init__(self, relay: Relay) -> None:
        self.answered: set[int] = set()
        self.replies: Counter[int] = Counter()
        self._relay = relay
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(CLIENTS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, which: int) -> None:
        sender = "a@h.vn" if which == 0 else "a@b.vn"
        while not self._is_over.is_set():
            try:
                with self._relay.wire() as wire:
                    while not self._is_over.is_set():
                        self._send_one(wire, sender)
            except OSError:
                self.replies[0] += 1
                time.sleep(0.005)

    def _send_one(self, wire: Wire, sender: str) -> None:
        with self._lock:
            number = next(_numbers)
        code = wire.transaction(b"Subject: n%d\r\n\r\nb\r\n" % number, sender).code
        self.replies[code] += 1
        if code == 250:
            self.answered.add(number)


def numbers_in(contents: list[bytes]) -> Counter[int]:
    """Count the messages by their numbers."""
    return Counter(int(found[1]) for content in contents if (found := _NUMBER.search(content)))


def workers(relay: Relay) -> list[int]:
    """Return the ids of the processes that take mail."""
    assert relay.process is not None
    found = Path(f"/proc/{relay.process.pid}/task/{relay.process.pid}/children").read_text().split()
    return [int(pid) for pid in found]


def ready(relay: Relay) -> list[int]:
    """Return those that have opened all they need, and take mail."""
    port = int(relay.address.rpartition(":")[2])
    return [pid for pid in workers(relay) if takes_connections(pid, port)]


def entries(relay: Relay) -> list[Entry]:
    """Return the ledger's entries, in the order of each chain."""
    with closing(sqlite3.connect(relay.ledger)) as ledger:
        rows = ledger.execute("SELECT * FROM entry ORDER BY writer, number").fetchall()
    return [Entry(*row) for row in rows]


def assert_nothing_lost(relay: Relay, hop: Sink, senders: Senders) -> None:
    arrived = numbers_in([delivered.content for delivered in hop.delivered])
    waiting = numbers_in([file.read_bytes() for file in relay.held.glob("[!.]*/message.eml")])
    assert senders.answered <= arrived.keys() | waiting.keys()
    assert set(senders.replies) <= {0, 250, 451, 421}
    written = entries(relay)
    # A message that arrived more than once was decided on more than once, and the ledger says so.
    decided = Counter(
        re.findall(r'"sha256":"([0-9a-f]{64})"', " ".join(e.body for e in written if e.kind == "decided"))
    )
    assert sum(decided.values()) >= sum(arrived.values())
    before: dict[str, Entry] = {}
    for entry in written:
        last = before.get(entry.writer)
        assert (entry.number, entry.previous) == ((last.number + 1, last.hash) if last else (1, GENESIS))
        assert entry.hash == entry.computed_hash()
        before[entry.writer] = entry


@pytest.fixture(scope="module")
def many(_hop: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with Relay(tmp_path_factory.mktemp("many"), _hop.address, relay={"processes": PROCESSES}) as running:
        yield running


def test_kills_at_random_moments_lose_nothing(many: Relay, hop: Sink) -> None:
    chance = random.Random(6)
    with Senders(many) as senders:
        kills = 0
        while kills < KILLS:
            seen = senders.replies[250]
            until(lambda seen=seen: senders.replies[250] > seen)
            time.sleep(chance.uniform(0, 0.02))
            # Who takes mail, or who writes the ledger for them.
            kills += _kill(ready(many) if chance.random() < 0.8 else scribes_of(*many.pids()))
        until(lambda: len(ready(many)) == PROCESSES)
    _log.info("%d kills: %s answered, %d arrived", KILLS, dict(senders.replies), len(hop.delivered))
    assert len(senders.answered) >= KILLS / PROCESSES
    assert_nothing_lost(many, hop, senders)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA", "BDAT", "."])
def test_kills_at_each_step_of_the_next_hop_lose_nothing(many: Relay, hop: Sink, step: str, when: str) -> None:
    until(lambda: ready(many))
    kills = [2]

    def answer(line: str) -> str | None:
        if line.partition(" ")[0] == step and kills[0]:
            kills[0] -= 1
            if when == "before":
                _kill(workers(many))
            else:
                threading.Timer(0.001, _kill, (workers(many),)).start()
        return None

    hop.drop_connections()
    hop.answer = answer
    with hop.without("CHUNKING") if step == "DATA" else nullcontext(), Senders(many) as senders:
        until(lambda: not kills[0])
        seen = len(senders.answered)
        until(lambda: len(senders.answered) > seen + 5)
    assert_nothing_lost(many, hop, senders)


def _kill(pids: list[int]) -> int:
    """Kill processes, and return how many there were."""
    kills = 0
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            kills += 1
    return kills
