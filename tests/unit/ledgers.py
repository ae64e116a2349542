"""Ledgers for tests: written by stations that know of each other, and changed behind their backs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from gsign.audit.derived import TABLES
from gsign.audit.entry import Entry, next_entry
from gsign.audit.ledger import Ledger

__all__ = ["body_of", "change", "copied", "entries_of", "renumbered", "rewritten", "rows_of", "url_of", "written"]

COLUMNS = ", ".join(Entry._fields)


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def body_of(n: int) -> dict[str, Any]:
    return {
        "sha256": f"{n:064x}",
        "message_id": f"<{n}@hungyen.gov.vn>",
        "sender": "van-thu@hungyen.gov.vn",
        "recipients": ["vp@laocai.gov.vn"],
        "rule": "official mail",
        "action": "reject" if n % 3 else "accept",
        "reasons": [["pdf-unsigned", "2", []]] if n % 3 else [],
        "agencies": {"sender": "UBND tỉnh Hưng Yên", "recipients": ["UBND tỉnh Lào Cai"]},
        "documents": [{"path": "2", "sha256": f"{n + 1000:064x}", "kind": "decision", "indication": "TOTAL_PASSED"}],
    }


def written(path: Path, *, rounds: int = 4, each: int = 5, stations: Sequence[str] = ("a", "b", "c")) -> Path:
    """Write a ledger: in each round each station opens it, sees where the others are, and writes some entries."""
    for round_ in range(rounds):
        for station in stations:
            with Ledger(url_of(path), station=station) as ledger:
                ledger.append_all([("decided", body_of(100 * round_ + n)) for n in range(each)])
    return path


def copied(source: Path, target: Path) -> Path:
    """Copy a ledger, which is faster than to write another one."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
    Path(f"{target}.lock").touch()
    return target


@contextmanager
def change(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger's file as somebody would who has found a way to it."""
    with closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


def entries_of(path: Path, writer: str) -> list[Entry]:
    with closing(sqlite3.connect(path)) as connection:
        query = f"SELECT {COLUMNS} FROM entry WHERE writer = ? ORDER BY number"
        return [Entry._make(row) for row in connection.execute(query, (writer,))]


def rows_of(path: Path, table: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()


def put(connection: sqlite3.Connection, entry: Entry) -> None:
    places = ", ".join("?" * len(entry))
    connection.execute(f"INSERT OR REPLACE INTO entry ({COLUMNS}) VALUES ({places})", entry)


def rewritten(path: Path, writer: str, first: int, body: dict[str, Any]) -> None:
    """Change an entry and write the whole chain behind it anew, with hashes that fit, and where it ends as well."""
    entries = entries_of(path, writer)
    head = entries[first - 2] if first > 1 else None
    with change(path) as connection:
        for entry in entries[first - 1 :]:
            text = json.dumps(body) if entry.number == first else entry.body
            head = next_entry(head, writer, entry.kind, text)._replace(time=entry.time)
            head = head._replace(hash=head.computed_hash())
            put(connection, head)
        assert head is not None
        connection.execute("UPDATE chain SET number = ?, hash = ? WHERE writer = ?", (head.number, head.hash, writer))


def renumbered(path: Path, writer: str, first: int, by: int) -> None:
    """Give all entries from one on other numbers, with all that is derived from them."""
    with change(path) as connection:
        for table in ("entry", *TABLES):
            # Through numbers that nobody has, since those in between are taken.
            connection.execute(
                f"UPDATE {table} SET number = number + 1000000 WHERE writer = ? AND number >= ?", (writer, first)
            )
            connection.execute(
                f"UPDATE {table} SET number = number - 1000000 + ? WHERE writer = ? AND number >= 1000000", (by, writer)
            )
        connection.execute("UPDATE chain SET number = number + ? WHERE writer = ?", (by, writer))
