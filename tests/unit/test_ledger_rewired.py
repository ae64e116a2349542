"""A ledger whose database was made to say other things than its tables hold, and entries that nobody can read."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gsign.audit.entry import GENESIS, Entry, canonical
from gsign.audit.exporting import export_ledger
from gsign.audit.ledger import Ledger
from gsign.audit.searching import Wanted, search, unfinished
from gsign.audit.verifying import verify_file, verify_ledger
from gsign.errors import InputError, TemporaryError
from tests.postgres import Postgres
from tests.unit.ledgers import change, put, url_of, verified, written


@pytest.fixture(scope="session")
def written_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("ledger") / "written.db", rounds=2)


def named(path: Path) -> list[tuple[str, str]]:
    return [(finding.code, finding.detail) for finding in verified(path).findings]


def entry_of(number: int, kind: str = "decided", body: str = "{}", writer: str = "z.1") -> Entry:
    """Make an entry whose hash fits, wherever it may stand."""
    entry = Entry(writer, number, "2026-01-27T00:00:00.000000+00:00", kind, body, GENESIS, b"")
    return entry._replace(hash=entry.computed_hash())


@pytest.mark.parametrize("writer", ["a.1", "z.1"])
@pytest.mark.parametrize("number", [0, -5, 2**62 + 1])
def test_an_entry_beside_the_numbers_is_found(ledger: Path, writer: str, number: int) -> None:
    with change(ledger) as connection:
        put(connection, entry_of(number, "administered", writer=writer))
    assert ("rows-odd", "entry: 1") in named(ledger)
    export_ledger(url_of(ledger), io.BytesIO())


@pytest.mark.parametrize("table,columns", [("entry", "1, 't', 'k', '{}', x'', x''"), ("chain", "1, x'', 0, 0, 0")])
def test_a_writer_that_is_no_text_is_found(ledger: Path, table: str, columns: str) -> None:
    with change(ledger) as connection:
        connection.execute(f"INSERT INTO {table} VALUES (CAST(x'62ff' AS TEXT), {columns})")
    assert named(ledger) == [("rows-odd", f"{table}: 1")]
    export_ledger(url_of(ledger), io.BytesIO())


def test_a_body_that_is_no_text_is_exported_and_found_there(ledger: Path, tmp_path: Path) -> None:
    with change(ledger) as connection:
        connection.execute("UPDATE entry SET body = CAST(x'7b22ff227d' AS TEXT) WHERE writer = 'b.1' AND number = 3")
    with open(tmp_path / "copy.jsonl", "wb") as file:
        export_ledger(url_of(ledger), file)
    assert "line-damaged" in {finding.code for finding in verify_file(tmp_path / "copy.jsonl").findings}


@pytest.mark.parametrize(
    "query",
    [
        "CREATE TRIGGER quiet AFTER INSERT ON entry BEGIN DELETE FROM fact_fate; END",
        "CREATE VIEW fact_fate AS SELECT * FROM kept WHERE date() < '2030-01-01'",
    ],
)
def test_a_database_that_answers_otherwise_is_found(ledger: Path, query: str) -> None:
    with change(ledger) as connection:
        if "VIEW" in query:
            connection.execute("ALTER TABLE fact_fate RENAME TO kept")
        connection.execute(query)
    assert [code for code, _ in named(ledger)] == ["ledger-rewired"]


def test_an_index_that_hides_the_heads_of_others_is_found(ledger: Path) -> None:
    """An index is asked for the entries that hold heads: without them, nobody knew where the chain ended."""
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        (told,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'ix_entry_marks'").fetchone()
        connection.execute("DROP INDEX ix_entry_marks")
        connection.execute(told.replace("'anchored'", "'nothing'"))
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'ix_entry_marks'", (told,))
    assert {code for code, _ in named(ledger)} == {"ledger-rewired"}


@pytest.mark.parametrize(
    "query,detail",
    [
        ("UPDATE chain SET closed = 1 WHERE writer = 'b.1'", "closed"),
        ("UPDATE chain SET sealed = 7 WHERE writer = 'b.1'", "sealed"),
    ],
)
def test_a_chain_that_others_would_no_longer_look_after_is_found(ledger: Path, query: str, detail: str) -> None:
    with change(ledger) as connection:
        connection.execute(query)
    assert named(ledger) == [("chain-row-changed", detail)]


HUGE = str(10**40)


def segment_of(first: str, last: str, hash_: str = "") -> str:
    span = f'{{"first":{first},"last":{last},"previous":"","hash":"{hash_}"}}'
    return f'{{"segments":[{{"file":"x","sha256":"","entries":1,"chains":{{"a.1":{span}}}}}]}}'


@pytest.mark.parametrize(
    "kind,body",
    [
        ("anchored", f'{{"heads":{{"a.1":[{HUGE},"00"]}}}}'),
        ("anchored", '{"heads":{"a.1":[1e999,"00"]}}'),
        ("anchored", '{"heads":{"a.1":[1,"\\ud800"]}}'),
        ("anchored", '{"heads":{"\\ud800":[1,"00"]}}'),
        ("anchored", "[" * 100_000),
        ("sealed", "[" * 100_000),
        ("sealed", segment_of("1e999", "1")),
        ("sealed", segment_of("1", HUGE)),
        ("sealed", segment_of("1", "1", "\\ud800")),
        ("decided", '{"a":' * 100_000),
    ],
)
def test_what_cannot_be_read_is_no_witness_and_ends_nothing(ledger: Path, kind: str, body: str) -> None:
    entry = entry_of(1, kind, body)
    with change(ledger) as connection:
        put(connection, entry)
        connection.execute("INSERT INTO chain (writer, number, hash) VALUES ('z.1', 1, ?)", (entry.hash,))
    before = verified(ledger)
    assert before.is_whole, before.findings
    with change(ledger) as connection:
        connection.execute("UPDATE entry SET kind = 'x' WHERE writer = 'b.1' AND number = 3")
    assert [finding.code for finding in verified(ledger).findings] == ["entry-changed"]
    assert len(list(search(url_of(ledger), Wanted()))) == before.entries


def test_a_server_that_answers_otherwise_is_found(postgres: Postgres) -> None:
    import psycopg

    url = postgres.database()
    with Ledger(url, station="a") as ledger:
        ledger.append("decided", {"sha256": canonical(1)})
    assert verify_ledger(url).is_whole
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE RULE quiet AS ON DELETE TO entry DO INSTEAD NOTHING")
        connection.execute("ALTER TABLE chain ENABLE ROW LEVEL SECURITY")
    assert {finding.detail for finding in verify_ledger(url).findings} == {"relation entry", "relation chain"}


def test_a_reader_who_may_not_make_tables_is_told_no_password(postgres: Postgres) -> None:
    import psycopg

    url = postgres.database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE clerk LOGIN PASSWORD 'mat-khau'")
    login = url.replace("postgresql://postgres@", "postgresql://clerk:mat-khau@")
    assert login != url
    with pytest.raises(InputError) as refused:
        verify_ledger(login)
    assert refused.value.code == "ledger-unreadable"
    assert "mat-khau" not in str(refused.value.facts)


def test_a_reader_without_rights_is_told_so(postgres: Postgres) -> None:
    import psycopg

    url = postgres.database()
    with Ledger(url, station="a") as ledger:
        ledger.append("decided", {})
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN")
    with pytest.raises(TemporaryError) as refused:
        verify_ledger(url.replace("postgresql://postgres@", "postgresql://stranger@"))
    assert refused.value.code == "ledger-unreadable"


@pytest.mark.parametrize("appeared", [5, None, {"a": 1}, [5, None, ["x"]]])
def test_nonsense_about_files_that_appeared_ends_nothing(tmp_path: Path, appeared: object) -> None:
    url = url_of(tmp_path / "ledger.db")
    with Ledger(url, station="a") as ledger:
        ledger.append_all([("appeared", {"appeared": appeared}), ("signed", {"file": "a.pdf"})])
    assert [found.entry.kind for found in unfinished(url, Wanted())] == ["signed"]


def test_a_number_that_is_none_is_not_written_down(tmp_path: Path) -> None:
    """JSON has no such number: other programs could not read an export."""
    with Ledger(url_of(tmp_path / "ledger.db"), station="a") as ledger:
        with pytest.raises(TemporaryError):
            ledger.append("decided", {"time": float("nan")})
        assert ledger.append("decided", {"time": 1.5}).number == 1
