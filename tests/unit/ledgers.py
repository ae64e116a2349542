"""Ledgers for tests: written by stations that know of each other, and changed behind their backs."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from gsign.audit.derived import TABLES
from gsign.audit.entry import Entry, next_entry
from gsign.audit.exporting import export_ledger
from gsign.audit.findings import Verification
from gsign.audit.ledger import Ledger
from gsign.audit.verifying import verify_ledger

__all__ = [
    "body_of",
    "change",
    "copied",
    "entries_of",
    "renumbered",
    "rewritten",
    "rows_of",
    "url_of",
    "written",
    "written_together",
]

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


TOGETHER = """
import sys
from gsign.audit.ledger import Ledger
with Ledger(sys.argv[1], station="a") as ledger:
    print(ledger.writer, flush=True)
    sys.stdin.readline()
    for number in range(int(sys.argv[2])):
        print(ledger.append("decided", {"n": number}).reference, flush=True)
    sys.stdin.readline()
"""


def written_together(url: str, *, writers: int, each: int) -> list[str]:
    """Have processes write at once, none of which begins before all have a chain, or ends before all have written.

    Returns:
        The references that they were told.
    """
    command = [sys.executable, "-c", TOGETHER, url, str(each)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(writers)]
    chains = [process.stdout.readline().strip() for process in processes]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    told = [[process.stdout.readline().strip() for _ in range(each)] for process in processes]
    for process in processes:
        process.communicate("\n", timeout=60)
    assert [process.returncode for process in processes] == [0] * writers
    assert sorted(chains) == [f"a.{number}" for number in range(1, writers + 1)]
    assert [{reference.rpartition("-")[0] for reference in one} for one in told] == [{chain} for chain in chains]
    return [reference for one in told for reference in one]


def copied(source: Path, target: Path) -> Path:
    """Copy a ledger, which is faster than to write another one."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
    Path(f"{target}.lock").touch()
    return target


def exported(ledger: Path, name: str = "export.jsonl") -> Path:
    """Export a ledger beside itself; packed where the name says so."""
    path = ledger.with_name(name)
    with open(path, "wb") as file:
        export_ledger(url_of(ledger), file, is_packed=path.suffix == ".gz")
    return path


def verified(path: Path, **options: Any) -> Verification:
    return verify_ledger(url_of(path), **options)


def codes(verified: Verification) -> set[str]:
    return {finding.code for finding in verified.findings}


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
