"""The ledger on a real PostgreSQL server: several writers, one killed, the server gone and back."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import psycopg
import pytest

from gsign.audit import sharing, sources, verifying
from gsign.audit.entry import Entry, next_entry
from gsign.audit.ledger import Ledger
from gsign.audit.verifying import verify_ledger
from gsign.errors import TemporaryError
from tests.postgres import Postgres
from tests.unit.ledgers import body_of, written_together
from tests.unit.test_ledger import WRITER, assert_chained


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.database()


def entries_of(url: str) -> list[Entry]:
    query = "select writer, number, time, kind, body, previous, hash from entry order by writer, number"
    with psycopg.connect(url) as connection:
        return [Entry(*row) for row in connection.execute(query)]


def writer(url: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WRITER, url, str(count)], stdout=subprocess.PIPE, text=True)


def test_entries_are_written_and_gone_on_with(url: str) -> None:
    for _ in range(2):
        with Ledger(url, station="a") as ledger:
            told = [ledger.append("decided", {"sha256": "00", "reasons": ["không ký", n]}) for n in range(3)]
    found = entries_of(url)
    assert found[3:] == told
    assert [entry.reference for entry in found] == [f"a.1-{n}" for n in range(1, 7)]
    assert_chained(found)


def test_several_processes_write_side_by_side(url: str) -> None:
    told = written_together(url, writers=3, each=50)
    found = entries_of(url)
    assert {entry.reference for entry in found if entry.kind == "decided"} == set(told)
    assert len(told) == 150
    assert len({entry.writer for entry in found}) == 3
    assert_chained(found)


def test_a_killed_writer_leaves_all_that_was_told_of_and_its_chain(url: str) -> None:
    killed = writer(url, 100_000)
    assert killed.stdout is not None
    told = [killed.stdout.readline().strip() for _ in range(25)]
    os.kill(killed.pid, signal.SIGKILL)
    told += killed.communicate()[0].split()
    assert {entry.reference for entry in entries_of(url)} >= set(told)
    assert_chained(entries_of(url))


def test_entries_are_on_disk_when_they_are_told_of(postgres: Postgres, url: str) -> None:
    with Ledger(url) as ledger:
        told = [ledger.append("decided", {"n": n}) for n in range(20)]
        postgres.kill()
        postgres.start()
        assert entries_of(url) == told
        told.append(ledger.append("decided", {"n": 20}))
    assert entries_of(url) == told


def test_a_server_that_is_gone_is_trouble_that_passes(postgres: Postgres, url: str) -> None:
    with Ledger(url) as ledger:
        ledger.append("decided", {})
        postgres.stop()
        with pytest.raises(TemporaryError) as failed:
            ledger.append("decided", {})
        assert failed.value.code == "ledger-unwritable"
        with pytest.raises(TemporaryError):
            Ledger(url)
        postgres.start()
        ledger.append("decided", {})
    assert len(entries_of(url)) == 2
    assert_chained(entries_of(url))


def test_writers_outlive_a_server_that_is_started_again_under_load(postgres: Postgres, url: str) -> None:
    told: list[str] = []
    refused: list[str] = []
    is_over = threading.Event()

    def write(ledger: Ledger) -> None:
        while not is_over.is_set():
            try:
                told.append(ledger.append("decided", {}).reference)
            except TemporaryError as error:
                refused.append(error.code)
                is_over.wait(0.01)

    def wait_for(more: int) -> None:
        goal = len(told) + more
        while len(told) < goal:
            assert all(thread.is_alive() for thread in threads)
            is_over.wait(0.01)

    with Ledger(url) as one, Ledger(url) as other:
        threads = [threading.Thread(target=write, args=(ledger,), daemon=True) for ledger in (one, other) * 3]
        for thread in threads:
            thread.start()
        for end in (postgres.kill, postgres.stop):
            wait_for(100)
            end()
            postgres.start()
        wait_for(100)
        is_over.set()
        for thread in threads:
            thread.join(30)
    found = entries_of(url)
    assert len(set(told)) == len(told)
    assert {entry.reference for entry in found} >= set(told)
    assert_chained(found)


DYING = """
import sys
from gsign.audit.ledger import Ledger

ledger = Ledger(sys.argv[1], station="a")
print(ledger.append("decided", {"n": 1}).reference, flush=True)
sys.stdin.readline()
ledger.append_all([("decided", {"n": n, "sha256": "00"}) for n in range(2, 12)])
"""


def test_a_writer_killed_in_the_middle_of_a_transaction_leaves_all_of_it_or_nothing(url: str) -> None:
    command = [sys.executable, "-c", DYING, url]
    with psycopg.connect(url) as other, psycopg.connect(url, autocommit=True) as watching:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "a.1-1\n"
        # Its transaction has to wait in the middle, for a table that somebody else holds.
        other.execute("LOCK TABLE mention IN EXCLUSIVE MODE")
        process.stdin.write("\n")
        process.stdin.flush()
        here = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        waiting = f"{here} AND wait_event_type = 'Lock'"
        while watching.execute(waiting).fetchone() != (1,):
            assert process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        other.rollback()
        with Ledger(url, station="b") as beside:
            beside.append("decided", {})
        while watching.execute(f"{here} AND pid <> pg_backend_pid()").fetchone() != (1,):
            pass
    with Ledger(url, station="a") as again:
        assert again.append("decided", {}).writer == "a.1"
    kept = {json.loads(entry.body).get("n") for entry in entries_of(url) if entry.writer == "a.1"}
    assert kept in ({1, None}, {None, *range(1, 12)})
    assert_chained(entries_of(url))
    assert verify_ledger(url).is_whole


class Line:
    """A line to the server that can be cut: what the server says from then on reaches nobody."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_cut = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets = [self._listener]
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def cut(self) -> None:
        self._is_cut.set()

    def close(self) -> None:
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(30)
        for each in self._sockets:
            each.close()

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._port))
                self._sockets += [client, server]
                self._start(self._pass_on, client, server, None)
                self._start(self._pass_on, server, client, self._is_cut)

    def _pass_on(self, source: socket.socket, target: socket.socket, is_cut: threading.Event | None) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if is_cut is not None and is_cut.is_set():
                    # The server has answered, and nobody hears it; the next connection is a good one.
                    is_cut.clear()
                    target.shutdown(socket.SHUT_RDWR)
                    # It does not hear of that either: its end stays open.
                    return
                target.sendall(data)


@pytest.fixture
def line(postgres: Postgres) -> Iterator[Line]:
    made = Line(postgres.port)
    yield made
    made.close()


def test_a_commit_whose_answer_was_lost_is_not_written_twice(postgres: Postgres, url: str, line: Line) -> None:
    with Ledger(url.replace(f":{postgres.port}/", f":{line.port}/"), station="a") as ledger:
        ledger.append("decided", {"n": 1})
        for n in range(2, 6):
            line.cut()
            assert ledger.append("decided", {"n": n}).reference == f"a.1-{n}"
    found = entries_of(url)
    assert [json.loads(entry.body)["n"] for entry in found] == [1, 2, 3, 4, 5]
    assert_chained(found)


def test_a_session_that_was_cut_off_does_not_keep_its_chain(url: str) -> None:
    with Ledger(url, station="a") as ledger:
        ledger.append("decided", {"n": 1})
        # Neither end hears that the line between them is gone.
        connection = ledger._rows._connection
        ledger._rows._connection = None
        assert ledger.append("decided", {"n": 2}).writer == "a.1"
        connection.close()
    assert_chained(entries_of(url))


def test_a_ledger_of_the_first_form_is_brought_up_to_date_in_place(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE TABLE entry (writer VARCHAR(64) NOT NULL, number BIGINT NOT NULL, time VARCHAR(32) NOT NULL,"
            " kind VARCHAR(32) NOT NULL, body TEXT NOT NULL, previous BYTEA NOT NULL, hash BYTEA NOT NULL,"
            " PRIMARY KEY (writer, number))"
        )
        connection.execute("CREATE INDEX ix_entry_time ON entry (time)")
        head = next_entry(None, "0123456789ab", "opened", {"heads": {}})
        for entry in (head, next_entry(head, "0123456789ab", "decided", body_of(1))):
            connection.execute("INSERT INTO entry VALUES (%s, %s, %s, %s, %s, %s, %s)", entry)
    openings = [threading.Thread(target=lambda: Ledger(url).close()) for _ in range(3)]
    for opening in openings:
        opening.start()
    for opening in openings:
        opening.join(30)
    with Ledger(url, station="a") as ledger:
        assert ledger.append("decided", body_of(2)).reference == "a.1-2"
    verified = verify_ledger(url)
    assert verified.is_whole, verified.findings
    assert verified.entries == 4


def test_processes_prove_what_a_server_has(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger(url, station="a") as ledger:
        ledger.append_all([("decided", {**body_of(n), "action": "reject"}) for n in range(30)])
    monkeypatch.setattr(verifying, "_MANY", 0)
    monkeypatch.setattr(sources, "_AT_ONCE", 7)
    with monkeypatch.context() as patched:
        patched.setattr(sharing.Here, "prove", lambda *_: pytest.fail("this is for processes to do"))
        assert verify_ledger(url).is_whole
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE fact_fate SET fate = 'held' WHERE number = 15")
        connection.execute("UPDATE entry SET body = '{}' WHERE number = 24")
    told = {(finding.code, finding.entries) for finding in verify_ledger(url).findings}
    assert told == {("derived-differs", "a.1-15"), ("entry-changed", "a.1-24")}


@pytest.mark.parametrize(
    "query,code,named",
    [
        ("UPDATE entry SET body = '{}' WHERE writer = 'a.1' AND number = 3", "entry-changed", "a.1-3"),
        ("DELETE FROM entry WHERE writer = 'a.1' AND number = 3", "entries-missing", "a.1-3"),
        ("UPDATE fact_fate SET fate = 'held' WHERE writer = 'a.1' AND number = 3", "derived-differs", "a.1-3"),
        ("DELETE FROM mention WHERE writer = 'a.1' AND number = 3", "derived-differs", "a.1-3"),
        ("UPDATE chain SET number = 99 WHERE writer = 'a.1'", "chain-cut", "a.1-7…99"),
    ],
)
def test_what_is_changed_on_a_server_is_named(url: str, query: str, code: str, named: str) -> None:
    with Ledger(url, station="a") as ledger:
        ledger.append_all([("decided", {**body_of(n), "action": "reject"}) for n in range(6)])
    assert verify_ledger(url).is_whole
    with psycopg.connect(url) as connection:
        assert connection.execute(query).rowcount
    assert (code, named) in {(finding.code, finding.entries) for finding in verify_ledger(url).findings}
