"""The ledger on a real PostgreSQL server: several writers, one killed, the server gone and back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import psycopg
import pytest

from gsign.audit.entry import Entry
from gsign.audit.ledger import Ledger
from gsign.errors import TemporaryError
from tests.postgres import Postgres
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
    Ledger(url).close()
    writers = [writer(url, 50) for _ in range(3)]
    told = [line for each in writers for line in each.communicate(timeout=60)[0].split()]
    found = entries_of(url)
    assert len(told) == 150
    assert {entry.reference for entry in found} >= set(told)
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


def test_a_commit_whose_answer_was_lost_is_not_written_twice(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from gsign.audit.postgres import _PostgresTransaction

    commit = _PostgresTransaction.commit
    with Ledger(url, station="a") as ledger:
        ledger.append("decided", {"n": 1})

        def lose(self: _PostgresTransaction) -> None:
            commit(self)
            monkeypatch.undo()
            raise psycopg.OperationalError("the answer is lost")

        monkeypatch.setattr(_PostgresTransaction, "commit", lose)
        assert ledger.append("decided", {"n": 2}).reference == "a.1-2"
        assert ledger.append("decided", {"n": 3}).reference == "a.1-3"
    assert [entry.reference for entry in entries_of(url)] == ["a.1-1", "a.1-2", "a.1-3"]


def test_a_session_that_was_cut_off_does_not_keep_its_chain(url: str) -> None:
    with Ledger(url, station="a") as ledger:
        ledger.append("decided", {"n": 1})
        # The network cuts both ends off from each other: neither hears of it.
        connection = ledger._rows._connection
        ledger._rows._connection = None
        assert ledger.append("decided", {"n": 2}).writer == "a.1"
        connection.close()
    assert_chained(entries_of(url))
