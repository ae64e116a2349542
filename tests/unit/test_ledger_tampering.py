"""Whatever is changed in a ledger behind its back is found and named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gsign.audit import sharing, sources, verifying
from gsign.audit.derived import TABLES
from gsign.audit.entry import Entry, canonical
from gsign.audit.following import Followed
from gsign.audit.ledger import Ledger
from gsign.audit.reading import Reader
from tests.unit.ledgers import (
    body_of,
    change,
    copied,
    entries_of,
    put,
    renumbered,
    rewritten,
    rows_of,
    url_of,
    verified,
)


def found(path: Path) -> dict[str, set[str]]:
    """Verify, and return what each kind of finding names."""
    names: dict[str, set[str]] = {}
    for finding in verified(path).findings:
        names.setdefault(finding.code, set()).add(finding.entries)
    return names


def sql(query: str, *values: Any) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(query, values)


def test_a_ledger_that_nobody_has_changed_is_whole(ledger: Path) -> None:
    whole = verified(ledger)
    assert whole.is_whole, whole.findings
    assert whole.entries == 71
    assert whole.chains == 3
    assert whole.claims == 11
    assert whole.heads["a.1"] == (23, entries_of(ledger, "a.1")[-1].hash.hex())


OF_AN_ENTRY = "UPDATE entry SET {} WHERE writer = 'b.1' AND number = 9"


@pytest.mark.parametrize(
    "changed",
    [
        "body = replace(body, 'reject', 'accept')",
        "body = body || ' '",
        "body = '{'",
        "body = ''",
        "body = x'00ff'",
        "body = cast(x'22ff22' as text)",
        "kind = 'forwarded'",
        "time = '2020-01-01T00:00:00.000000+00:00'",
        "time = 'yesterday'",
        "previous = zeroblob(32)",
        "previous = 'text'",
        "hash = zeroblob(32)",
        "hash = 'text'",
        "hash = x''",
    ],
)
def test_a_changed_entry_is_named(ledger: Path, changed: str) -> None:
    with change(ledger) as connection:
        assert connection.execute(OF_AN_ENTRY.format(changed)).rowcount == 1
    assert "b.1-9" in found(ledger)["entry-changed"]


def test_an_entry_changed_with_a_hash_that_fits_is_named_by_the_next(ledger: Path) -> None:
    entry = entries_of(ledger, "b.1")[8]
    forged = entry._replace(body='{"action":"accept"}')
    with change(ledger) as connection:
        query = "UPDATE entry SET body = ?, hash = ? WHERE writer = 'b.1' AND number = 9"
        connection.execute(query, (forged.body, forged.computed_hash()))
    assert found(ledger)["link-broken"] == {"b.1-10"}


@pytest.mark.parametrize("number", [8, 9])
def test_a_link_is_looked_at_within_a_piece_and_between_two(
    ledger: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_AT_ONCE", 3)
    entry = entries_of(ledger, "b.1")[number - 1]
    # Nothing that is derived from it shows that it was changed.
    forged = entry._replace(body=canonical({**json.loads(entry.body), "rule": "another"}))
    with change(ledger) as connection:
        put(connection, forged._replace(hash=forged.computed_hash()))
    assert found(ledger) == {"link-broken": {f"b.1-{number + 1}"}}


def test_a_chain_written_anew_from_an_entry_on_is_found_by_what_others_have_seen(ledger: Path) -> None:
    rewritten(ledger, "b.1", 9, {"action": "accept"})
    findings = verified(ledger).findings
    assert {f.entries for f in findings if f.code == "entry-differs"} == {"b.1-12", "b.1-18", "b.1-24"}
    assert {f.witness.partition(".")[0] for f in findings if f.code == "entry-differs"} == {"a", "c"}


@pytest.mark.parametrize("numbers,named", [((9,), "b.1-9"), ((9, 10, 11), "b.1-9…11"), ((1,), "b.1-1")])
def test_removed_entries_are_named(ledger: Path, numbers: tuple[int, ...], named: str) -> None:
    with change(ledger) as connection:
        for table in ("entry", *TABLES):
            for number in numbers:
                connection.execute(f"DELETE FROM {table} WHERE writer = 'b.1' AND number = ?", (number,))
    assert found(ledger)["entries-missing"] == {named}


def test_a_removed_entry_whose_place_was_closed_is_found(ledger: Path) -> None:
    with change(ledger) as connection:
        for table in ("entry", *TABLES):
            connection.execute(f"DELETE FROM {table} WHERE writer = 'b.1' AND number = 9")
    renumbered(ledger, "b.1", 10, -1)
    named = found(ledger)
    assert named["entry-moved"] == {"b.1-9…23"}
    assert named["link-broken"] == {"b.1-9"}


def test_an_inserted_entry_is_found(ledger: Path) -> None:
    before = entries_of(ledger, "b.1")[8]
    renumbered(ledger, "b.1", 10, 1)
    forged = Entry("b.1", 10, before.time, "decided", '{"action":"accept"}', before.hash, b"")
    with change(ledger) as connection:
        connection.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", forged._replace(hash=forged.computed_hash())
        )
    named = found(ledger)
    assert named["entry-moved"] == {"b.1-11…25"}
    assert named["link-broken"] == {"b.1-11"}


def test_entries_that_changed_places_are_named(ledger: Path) -> None:
    with change(ledger) as connection:
        for old, new in ((9, -1), (14, 9), (-1, 14)):
            connection.execute("UPDATE entry SET number = ? WHERE writer = 'b.1' AND number = ?", (new, old))
    named = found(ledger)
    assert named["entry-changed"] == {"b.1-9", "b.1-14"}


def test_neighbours_that_changed_places_are_named(ledger: Path) -> None:
    with change(ledger) as connection:
        for old, new in ((9, -1), (10, 9), (-1, 10)):
            connection.execute("UPDATE entry SET number = ? WHERE writer = 'b.1' AND number = ?", (new, old))
    assert found(ledger)["entry-moved"] == {"b.1-9", "b.1-10"}


def test_an_entry_that_was_given_to_another_chain_is_found(ledger: Path) -> None:
    with change(ledger) as connection:
        connection.execute("UPDATE entry SET writer = 'z.1', number = 1 WHERE writer = 'b.1' AND number = 9")
    named = found(ledger)
    assert named["entries-missing"] == {"b.1-9"}
    assert named["entry-changed"] == {"z.1-1"}
    assert named["chain-unlisted"] == {"z.1"}


def cut(connection: sqlite3.Connection, writer: str, last: int) -> None:
    for table in ("entry", *TABLES):
        connection.execute(f"DELETE FROM {table} WHERE writer = ? AND number > ?", (writer, last))
    (hash_,) = connection.execute("SELECT hash FROM entry WHERE writer = ? AND number = ?", (writer, last)).fetchone()
    connection.execute("UPDATE chain SET number = ?, hash = ? WHERE writer = ?", (last, hash_, writer))


def test_a_removed_end_is_found_by_the_list_of_chains(ledger: Path) -> None:
    with change(ledger) as connection:
        for table in ("entry", *TABLES):
            connection.execute(f"DELETE FROM {table} WHERE writer = 'b.1' AND number > 20")
    assert found(ledger) == {"chain-cut": {"b.1-21…24"}}


def test_a_removed_end_is_found_by_what_others_have_seen(ledger: Path) -> None:
    with change(ledger) as connection:
        cut(connection, "b.1", 7)
    (finding, *_) = verified(ledger).findings
    assert (finding.code, finding.writer, finding.first) == ("chain-cut", "b.1", 8)
    assert finding.witness


def test_a_removed_chain_is_found_by_what_others_have_seen(ledger: Path) -> None:
    with change(ledger) as connection:
        for table in ("entry", "chain", *TABLES):
            connection.execute(f"DELETE FROM {table} WHERE writer = 'b.1'")
    findings = verified(ledger).findings
    assert findings[0].code == "chain-missing"
    assert findings[0].writer == "b.1"
    assert "b.1" in findings[0].sentence("vi")


@pytest.mark.parametrize(
    "query,code,named",
    [
        ("UPDATE chain SET hash = zeroblob(32) WHERE writer = 'b.1'", "chain-head-differs", "b.1-24"),
        ("UPDATE chain SET hash = 'x' WHERE writer = 'b.1'", "chain-head-differs", "b.1-24"),
        ("UPDATE chain SET number = 23 WHERE writer = 'b.1'", "chain-head-differs", "b.1-24"),
        ("UPDATE chain SET number = 99 WHERE writer = 'b.1'", "chain-cut", "b.1-25…99"),
        ("UPDATE chain SET number = 'x' WHERE writer = 'b.1'", "chain-head-differs", "b.1-24"),
        ("DELETE FROM chain WHERE writer = 'b.1'", "chain-unlisted", "b.1"),
        ("INSERT INTO chain (writer, number, hash) VALUES ('z.1', 7, zeroblob(32))", "chain-cut", "z.1-1…7"),
        ("UPDATE entry SET number = 'x' WHERE writer = 'b.1' AND number = 9", "entries-missing", "b.1-9"),
        ("UPDATE entry SET writer = x'00' WHERE writer = 'b.1' AND number = 9", "rows-odd", ""),
    ],
)
def test_changed_heads_and_rows_that_nobody_writes_are_found(ledger: Path, query: str, code: str, named: str) -> None:
    with change(ledger) as connection:
        assert connection.execute(query).rowcount == 1
    assert named in found(ledger)[code]


@pytest.mark.parametrize("table", [table for table in TABLES if table != "fact_service"])
def test_a_removed_derived_row_is_named(ledger: Path, table: str) -> None:
    owner = rows_of(ledger, table)[3][:2]
    with change(ledger) as connection:
        connection.execute(f"DELETE FROM {table} WHERE writer = ? AND number = ?", owner)
    (finding,) = verified(ledger).findings
    assert (finding.code, (finding.writer, finding.first), finding.detail) == ("derived-differs", owner, table)


@pytest.mark.parametrize("table", [table for table in TABLES if table != "fact_service"])
def test_a_changed_derived_row_is_named(ledger: Path, table: str) -> None:
    row = rows_of(ledger, table)[3]
    owner = row[:2]
    with change(ledger) as connection:
        columns = [f'"{column[1]}"' for column in connection.execute(f"PRAGMA table_info({table})")]
        same = " AND ".join(f"{column} = ?" for column in columns)
        assert connection.execute(f"UPDATE {table} SET {columns[-1]} = 77 WHERE {same}", row).rowcount == 1
    (finding,) = verified(ledger).findings
    assert (finding.code, (finding.writer, finding.first), finding.detail) == ("derived-differs", owner, table)


@pytest.mark.parametrize("table", [table for table in TABLES if table != "fact_service"])
@pytest.mark.parametrize("writer,number", [("b.1", 5000), ("b.1", 0), ("b.1", "x"), ("z.1", 1)])
def test_a_derived_row_without_an_entry_is_named(ledger: Path, table: str, writer: str, number: object) -> None:
    with change(ledger) as connection:
        row = connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
        places = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} VALUES ({places})", (writer, number, *row[2:]))
    named = verified(ledger).findings
    assert any(finding.code in ("derived-extra", "rows-odd") and table in finding.detail for finding in named)


def test_all_findings_are_counted_and_neighbours_are_told_as_one(ledger: Path) -> None:
    with change(ledger) as connection:
        connection.execute("UPDATE entry SET kind = 'x' WHERE writer = 'b.1' AND number BETWEEN 3 AND 6")
        connection.execute("UPDATE entry SET kind = 'x' WHERE writer = 'b.1' AND number = 9")
    assert [f.entries for f in verified(ledger).findings if f.code == "entry-changed"] == ["b.1-3…6", "b.1-9"]


@pytest.fixture
def tampered(ledger: Path) -> Path:
    """A ledger with something wrong in some pieces of it."""
    with change(ledger) as connection:
        connection.execute("UPDATE entry SET kind = 'x' WHERE writer = 'b.1' AND number BETWEEN 3 AND 6")
        connection.execute("UPDATE fact_message SET parties = 7 WHERE writer = 'b.1' AND number > 9")
        connection.execute("UPDATE mention SET number = 99 WHERE writer = 'c.1' AND number = 12")
    return ledger


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small ledgers are verified as large ones are: in pieces, by processes."""
    monkeypatch.setattr(verifying, "_MANY", 0)
    monkeypatch.setattr(sources, "_AT_ONCE", 3)


def test_what_is_shared_by_processes_comes_to_the_same(tampered: Path, request: pytest.FixtureRequest) -> None:
    alone = verified(tampered)
    request.getfixturevalue("shared")
    together = verified(tampered)
    assert set(together.findings) == set(alone.findings)
    assert together[:-3] == alone[:-3]
    assert {finding.code for finding in alone.findings} == {"entry-changed", "derived-differs", "derived-extra"}


@pytest.mark.usefixtures("shared")
def test_processes_prove_what_nobody_has_changed(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def untouched(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(sharing.Here, "prove", untouched)
    monkeypatch.setattr(Followed, "_look_at", untouched)
    whole = verified(ledger)
    assert whole.is_whole
    assert (whole.entries, whole.chains, whole.claims) == (71, 3, 11)


@pytest.mark.usefixtures("shared")
def test_damage_is_found_by_processes(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'ix_entry_time'")
    with change(ledger) as connection:
        connection.execute("UPDATE entry SET kind = 'x' WHERE writer = 'b.1' AND number = 9")
    assert [finding.code for finding in verified(ledger).findings][-2:] == ["ledger-rewired", "entry-changed"]


@pytest.mark.usefixtures("shared")
def test_a_ledger_is_proved_as_it_was_whatever_is_done_to_it_meanwhile(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = verified(ledger)
    marks = Reader.marks

    def meanwhile(reader: Reader) -> Iterator[Entry]:
        with Ledger(url_of(ledger), station="b") as writer:
            writer.append_all([("decided", body_of(n)) for n in range(20)])
            # As `gsign audit seal` does, when all is in a segment.
            writer.remove_sealed("a.1", 10, at_once=3)
        return marks(reader)

    monkeypatch.setattr(Reader, "marks", meanwhile)
    assert verified(ledger) == before
    assert before.is_whole
    assert len(entries_of(ledger, "a.1")) == 13


@pytest.mark.usefixtures("shared")
def test_what_a_process_did_not_live_to_do_is_done_without_it(tampered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_START", "raise SystemExit")
    told = verified(tampered)
    assert told.entries == 71
    assert {finding.code for finding in told.findings} == {"entry-changed", "derived-differs", "derived-extra"}


@pytest.mark.parametrize("table", ["entry", *TABLES[:2]])
def test_rows_between_two_numbers_are_found(ledger: Path, table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_AT_ONCE", 3)
    with change(ledger) as connection:
        for number in (9.5, 12.5, 0.5):
            row = connection.execute(f"SELECT * FROM {table} WHERE writer = 'b.1'").fetchone()
            places = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({places})", ("b.1", number, *row[2:]))
        connection.execute(f"DELETE FROM {table} WHERE writer = 'b.1' AND number = 9.5")
    assert not verified(ledger).is_whole


# ---------------------------------------------------------------- anything at all

NUMBERS = st.integers(1, 23)
WRITERS = st.sampled_from(["a.1", "b.1", "c.1"])
VALUES = st.one_of(st.integers(-5, 99), st.binary(max_size=33), st.text(max_size=12), st.just("{}"))
COLUMNS = st.sampled_from(["time", "kind", "body", "previous", "hash", "number"])
ENTRY_CHANGES = st.tuples(st.just("set"), COLUMNS, VALUES)
REMOVALS = st.tuples(st.sampled_from(["remove", "swap", "copy"]), NUMBERS, st.none())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writer=WRITERS, number=NUMBERS, deed=st.one_of(ENTRY_CHANGES, REMOVALS))
def test_whatever_is_done_to_entries_is_found(
    written_ledger: Path, tmp_path: Path, writer: str, number: int, deed: tuple[str, Any, Any]
) -> None:
    path = tmp_path / "tampered.db"
    copied(written_ledger, path)
    before = rows_of(path, "entry")
    with change(path) as connection:
        try:
            _do(connection, writer, number, *deed)
        except sqlite3.IntegrityError:
            connection.rollback()
    assert verified(path).is_whole == (rows_of(path, "entry") == before)


def _do(connection: sqlite3.Connection, writer: str, number: int, act: str, what: Any, value: Any) -> None:
    where = (writer, number)
    if act == "set":
        connection.execute(f"UPDATE entry SET {what} = ? WHERE writer = ? AND number = ?", (value, *where))
    elif act == "remove":
        connection.execute("DELETE FROM entry WHERE writer = ? AND number = ?", where)
    elif act == "copy":
        connection.execute(
            "INSERT OR REPLACE INTO entry SELECT writer, ?, time, kind, body, previous, hash FROM entry"
            " WHERE writer = ? AND number = ?",
            (what, *where),
        )
    else:
        for old, new in ((number, -1), (what, number), (-1, what)):
            connection.execute("UPDATE entry SET number = ? WHERE writer = ? AND number = ?", (new, writer, old))
