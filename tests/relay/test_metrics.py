"""What the relay counts, added up over its processes, and whether it is well."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import socket
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.listeners import free_port
from tests.relay.running import Relay, until
from tests.relay.test_kills import ready
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink


@pytest.fixture(scope="module")
def counting(_hop: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    settings = {"metrics_listen": f"127.0.0.1:{free_port()}", "processes": 2}
    with Relay(tmp_path_factory.mktemp("counting"), _hop.address, relay=settings) as running:
        until(lambda: fetched(running, "/health") == (200, "ok\n"))
        yield running


def fetched(relay: Relay, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{relay._settings['metrics_listen']}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def counts(relay: Relay) -> dict[str, float]:
    text = fetched(relay, "/metrics")[1]
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {"".join([s.name, *(f" {value}" for value in s.labels.values())]): s.value for s in samples}


def test_what_was_done_is_counted(counting: Relay, hop: Sink) -> None:
    before = counts(counting)
    assert [counting.sends(LETTER, sender) for sender in ("a@b.vn", "a@r.vn", "a@h.vn")] == [250, 550, 250]
    after = counts(counting)
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert grown["gsign_decisions_total pass"] == 1
    assert grown["gsign_decisions_total reject"] == 1
    assert grown["gsign_decisions_total hold"] == 1
    assert grown["gsign_replies_total 250"] == 2
    assert grown["gsign_replies_total 550"] == 1
    assert grown["gsign_message_seconds_count"] == 3
    assert grown["gsign_message_bytes_total"] == 3 * len(LETTER)
    assert (after["gsign_held_messages"], after["gsign_held_damaged"]) == (1, 0)
    next(counting.held.glob("*/envelope.json")).write_text("{")
    assert counts(counting)["gsign_held_damaged"] == 1


def test_what_is_delivered_again_is_counted_and_stands_in_the_ledger(counting: Relay, hop: Sink) -> None:
    """As by a client whose connection broke before it heard of our 250."""
    letter = LETTER.replace(b"hello", b"again")
    before = counts(counting).get("gsign_duplicates_total", 0)
    with counting.wire() as wire:  # one process has all
        assert [wire.transaction(letter).code for _ in range(3)] == [250] * 3
        assert counts(counting)["gsign_duplicates_total"] - before == 2
        # To somebody else it is another delivery.
        assert wire.transaction(letter, "a@b.vn", "e@f.vn").code == 250
    assert counts(counting)["gsign_duplicates_total"] - before == 2
    with closing(sqlite3.connect(counting.ledger)) as ledger:
        told = "SELECT count(*) FROM entry WHERE kind = 'forwarded' AND json_extract(body, '$.sha256') = ?"
        assert ledger.execute(told, (hashlib.sha256(letter).hexdigest(),)).fetchone() == (4,)


def test_what_the_next_hop_refuses_is_not_delivered(counting: Relay, hop: Sink) -> None:
    hop.answer = lambda line: "554 5.7.0 no" if line == "." else None
    letter = LETTER.replace(b"hello", b"refused")
    before = counts(counting).get("gsign_duplicates_total", 0)
    with counting.wire() as wire:
        assert [wire.transaction(letter).code for _ in range(3)] == [554] * 3
    assert counts(counting).get("gsign_duplicates_total", 0) == before


def test_other_paths_are_none(counting: Relay) -> None:
    assert fetched(counting, "/")[0] == 404


def test_who_is_slow_to_ask_keeps_nobody_from_hearing_whether_all_is_well(counting: Relay) -> None:
    host, _, port = counting._settings["metrics_listen"].rpartition(":")
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection((host, int(port)), timeout=30)) for _ in range(40)]
        for each in slow:
            each.sendall(b"GET ")
        assert fetched(counting, "/health") == (200, "ok\n")
        # Those who came first made room.
        assert slow[0].recv(1) == b""
    assert "Traceback" not in counting.log.read_text(encoding="utf-8")


def test_where_there_is_no_room_mail_is_taken_and_not_counted(hop: Sink, tmp_path: Path) -> None:
    """Files that are mapped end a process where a disk that is full has no page for them."""
    with Relay(tmp_path, hop.address, relay={"metrics_listen": f"127.0.0.1:{free_port()}"}) as relay:
        assert relay.sends() == 250
        assert relay.process is not None
        resource.prlimit(relay.process.pid, resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
        os.kill(ready(relay)[0], signal.SIGKILL)
        until(lambda: "nothing is counted" in relay.log.read_text(encoding="utf-8"))
        assert relay.sends() == 250


def test_whether_clients_are_greeted_at_once_is_gone_by_as_it_was_read_last(hop: Sink, tmp_path: Path) -> None:
    settings = {"metrics_listen": f"127.0.0.1:{free_port()}", "trusted_peers": ["127.0.0.1"]}
    with Relay(tmp_path, hop.address, relay=settings) as relay:
        until(lambda: fetched(relay, "/health") == (200, "ok\n"))
        relay.configure(proxy_protocol=True)
        assert relay.process is not None
        relay.process.send_signal(signal.SIGHUP)
        until(lambda: counts(relay)["gsign_greets_first"] == 0)
        assert fetched(relay, "/health") == (200, "ok\n")
