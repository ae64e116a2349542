"""Entries are on disk when they are told of, chained, and written by several at once."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gsign.audit.entry import GENESIS, Entry, decoded, next_entry
from gsign.audit.ledger import Ledger
from gsign.audit.pseudonyms import Pseudonyms
from gsign.errors import TemporaryError
from tests.unit.ledgers import written_together


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.db'}"


def entries_in(folder: Path) -> list[Entry]:
    with sqlite3.connect(folder / "ledger.db") as connection:
        rows = connection.execute("select writer, number, time, kind, body, previous, hash from entry").fetchall()
    connection.close()
    return sorted((Entry(*row) for row in rows), key=lambda entry: (entry.writer, entry.number))


def assert_chained(entries: list[Entry]) -> None:
    last: dict[str, Entry] = {}
    for entry in entries:
        before = last.get(entry.writer)
        assert entry.number == (before.number + 1 if before else 1)
        assert entry.previous == (before.hash if before else GENESIS)
        assert entry.hash == entry.computed_hash()
        last[entry.writer] = entry


def test_entries_are_chained(tmp_path: Path) -> None:
    with Ledger(url_in(tmp_path)) as ledger:
        written = [ledger.append("decided", {"sha256": "00", "reasons": ["không ký", number]}) for number in range(5)]
    found = entries_in(tmp_path)
    assert found == written
    assert_chained(found)
    assert written[0].reference == f"{written[0].writer}-1"


@pytest.mark.parametrize("field,value", [("time", "x"), ("kind", "x"), ("body", "{}"), ("number", 9), ("writer", "x")])
def test_a_hash_covers_every_field(field: str, value: object) -> None:
    entry = next_entry(None, "w", "decided", {"a": 1})
    assert entry.computed_hash() == entry.hash
    assert entry._replace(**{field: value}).computed_hash() != entry.hash  # type: ignore[arg-type]


@pytest.mark.parametrize("writer", ["a.1", 'quo"te.1', "0123456789ab"])
@pytest.mark.parametrize("body", ["{}", '{"người":"Ân"}', '{"a":"\\u0000\\""}'])
def test_a_hash_is_one_of_canonical_json(writer: str, body: str) -> None:
    """Any program computes it: of the body's digest, and of the body itself where the entry is of the first form."""
    entry = next_entry(None, writer, 'ki"nd', body)
    covered = body if len(writer) == 12 else hashlib.sha256(body.encode()).hexdigest()
    fields = [writer, 1, entry.time, 'ki"nd', covered, bytes(32).hex()]
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    assert entry.hash == hashlib.sha256(text.encode()).digest()


@pytest.mark.parametrize(
    "body", ['{"a": [1, null, "\\ud800"]}', " {}", "{} \n", "[1e999]", "NaN", '{"a":1,"a":2}', "7"]
)
def test_a_body_says_what_json_says(body: str) -> None:
    assert repr(decoded(body)) == repr(json.loads(body))


@pytest.mark.parametrize("body", ["", "{", "{}{}", "{} x", "\ufeff{}", "'a'"])
def test_a_body_that_is_no_json_says_nothing(body: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Extra|BOM"):
        decoded(body)


def test_fields_cannot_be_shifted_into_each_other() -> None:
    one = Entry("a", 1, "t", "kind", "body", GENESIS, b"")
    other = Entry("a", 1, "t", "ki", "ndbody", GENESIS, b"")
    assert one.computed_hash() != other.computed_hash()


def test_an_opening_goes_on_with_the_chain_of_the_one_before(tmp_path: Path) -> None:
    for number in range(3):
        with Ledger(url_in(tmp_path), station="Văn Thư") as ledger:
            assert ledger.append("decided", {}).reference == f"v-n-th.1-{number + 1}"
    assert_chained(entries_in(tmp_path))


def test_openings_at_once_take_a_chain_each(tmp_path: Path) -> None:
    with Ledger(url_in(tmp_path), station="a") as one, Ledger(url_in(tmp_path), station="a") as other:
        assert [each.append("decided", {}).reference for each in (one, other, one)] == ["a.1-1", "a.2-2", "a.1-2"]
    with Ledger(url_in(tmp_path), station="a") as again:
        assert again.writer == "a.1"


def test_a_chain_holds_the_heads_of_the_others_where_they_have_moved(tmp_path: Path) -> None:
    with Ledger(url_in(tmp_path), station="a") as one, Ledger(url_in(tmp_path), station="a") as other:
        head = one.append("decided", {})
        other.append("decided", {})
        other.append("decided", {})
    with Ledger(url_in(tmp_path), station="a") as ledger:
        seen = {chain.writer: chain for chain in ledger.heads()}["a.2"]
        ledger.append("decided", {})
    with Ledger(url_in(tmp_path), station="a") as ledger:
        ledger.append("decided", {})
    anchors = [(e.reference, json.loads(e.body)["heads"]) for e in entries_in(tmp_path) if e.kind == "anchored"]
    assert anchors == [
        ("a.1-2", {"a.2": [seen.number, seen.hash.hex()]}),
        ("a.2-1", {"a.1": [head.number, head.hash.hex()]}),
    ]


def test_a_chain_looks_at_the_others_from_time_to_time(tmp_path: Path) -> None:
    with Ledger(url_in(tmp_path), station="a") as one, Ledger(url_in(tmp_path), station="a") as other:
        for _ in range(7):
            one.append_all([("decided", {"n": number}) for number in range(200)])
            other.append("decided", {})
    anchors = [e for e in entries_in(tmp_path) if e.kind == "anchored" and e.writer == "a.1"]
    assert [json.loads(e.body)["heads"]["a.2"][0] for e in anchors] == [7]


def test_many_threads_write_one_chain(tmp_path: Path) -> None:
    with Ledger(url_in(tmp_path)) as ledger:
        threads = [
            threading.Thread(target=lambda: [ledger.append("decided", {"n": n}) for n in range(20)]) for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = entries_in(tmp_path)
    assert len(found) == 400
    assert_chained(found)


WRITER = """
import sys
from gsign.audit.ledger import Ledger
from gsign.audit.pseudonyms import Pseudonyms
with Ledger(sys.argv[1]) as ledger:
    for number in range(int(sys.argv[2])):
        print(ledger.append("decided", {"n": number}).reference, flush=True)
"""


def writer(folder: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, url_in(folder), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_who_begin_a_ledger_at_once_all_have_it(tmp_path: Path) -> None:
    writers = 4
    for number in range(8):
        ready = threading.Barrier(writers)

        def begin(url: str = f"sqlite:///{tmp_path}/{number}.db", ready: threading.Barrier = ready) -> str:
            ready.wait()
            with Ledger(url, station="a") as ledger:
                return ledger.append("decided", {}).reference

        with ThreadPoolExecutor(writers) as threads:
            begun = [threads.submit(begin) for _ in range(writers)]
            assert all(future.result() for future in begun)


def test_several_processes_write_side_by_side(tmp_path: Path) -> None:
    told = written_together(url_in(tmp_path), writers=3, each=50)
    found = entries_in(tmp_path)
    assert {entry.reference for entry in found if entry.kind == "decided"} == set(told)
    assert len(told) == 150
    assert_chained(found)


def test_what_was_told_of_is_there_after_a_kill(tmp_path: Path) -> None:
    killed = writer(tmp_path, 100_000)
    assert killed.stdout is not None
    told = [killed.stdout.readline().strip() for _ in range(25)]
    os.kill(killed.pid, signal.SIGKILL)
    told += killed.communicate()[0].split()
    found = entries_in(tmp_path)
    assert {entry.reference for entry in found} >= set(told)
    assert_chained(found)


def test_a_ledger_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError) as failed:
        Ledger(f"sqlite:///{tmp_path / 'missing' / 'ledger.db'}")
    assert failed.value.code == "ledger-unwritable"


def test_a_ledger_that_fails_says_so_and_comes_back(tmp_path: Path) -> None:
    with Ledger(url_in(tmp_path)) as ledger:
        first = ledger.append("decided", {})
        # What a full disk or a file taken away does to a write: the table refuses.
        with sqlite3.connect(tmp_path / "ledger.db") as other:
            other.execute("create trigger full before insert on entry begin select raise(abort, 'disk full'); end")
        other.close()
        with pytest.raises(TemporaryError) as failed:
            ledger.append("decided", {})
        assert "disk full" in failed.value.sentence("en")
        with sqlite3.connect(tmp_path / "ledger.db") as other:
            other.execute("drop trigger full")
        other.close()
        second = ledger.append("decided", {})
    assert second.number == first.number + 1
    assert_chained(entries_in(tmp_path))


def test_what_json_cannot_hold_fails_for_its_writer_alone(tmp_path: Path) -> None:
    holds_itself: dict[str, Any] = {}
    holds_itself["itself"] = [holds_itself]
    with Ledger(url_in(tmp_path)) as ledger:
        for odd in (object(), holds_itself):
            with pytest.raises(TemporaryError):
                ledger.append("decided", {"odd": odd})
        ledger.append("decided", {})
    assert_chained(entries_in(tmp_path))


def test_many_entries_are_written_in_one_go(tmp_path: Path) -> None:
    with Ledger(url_in(tmp_path)) as ledger:
        written = ledger.append_all([("verified", {"n": number}) for number in range(2500)])
        assert ledger.append_all([]) == []
    assert [json.loads(entry.body)["n"] for entry in written] == list(range(2500))
    assert entries_in(tmp_path)[-2500:] == written


def test_what_is_no_text_is_written_all_the_same(tmp_path: Path) -> None:
    with Ledger(url_in(tmp_path)) as ledger:
        entry = ledger.append("verified", {"file": "a\udcff.pdf", "field": "\0"})
    assert json.loads(entry.body) == {"file": "a?.pdf", "field": "\0"}
    assert entries_in(tmp_path)[-1] == entry


def test_nobody_is_named_who_has_a_pseudonym(tmp_path: Path) -> None:
    pseudonyms = Pseudonyms.at(tmp_path / "key")
    with Ledger(url_in(tmp_path), pseudonyms=pseudonyms) as ledger:
        ledger.append("decided", {"sender": "an@so.gov.vn"})
        entry = ledger.append("decided", {"sender": "an@so.gov.vn"})
    assert json.loads(entry.body) == {"sender": pseudonyms.of_wanted("AN@so.gov.vn")}
    assert all(b"an@so.gov.vn" not in path.read_bytes() for path in tmp_path.iterdir())
