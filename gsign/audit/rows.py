"""Where entries are kept: transactions on a file of SQLite or on PostgreSQL; on disk when they have ended."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, Final, Protocol

from sqlalchemy import Connection, Engine, select

from gsign.audit.entry import Entry
from gsign.audit.schema import ENTRIES

__all__ = ["Rows", "ServerRows", "SqliteRows", "Transaction", "entry_of", "make_durable"]

_BUSY_SECONDS: Final = 10
"""How long another program may hold the file."""
_COLUMNS: Final = ", ".join(Entry._fields)
_INSERT: Final = f"INSERT INTO entry ({_COLUMNS}) VALUES ({', '.join('?' * len(Entry._fields))})"  # noqa: S608
_LAST: Final = f"SELECT {_COLUMNS} FROM entry WHERE writer = ? ORDER BY number DESC LIMIT 1"  # noqa: S608


class Transaction(Protocol):
    """What is done at once, or not at all."""

    def last(self, writer: str) -> Entry | None:
        """Return the last entry of a chain."""
        ...

    def add(self, entries: Sequence[Entry]) -> None:
        """Add entries."""
        ...


class Rows(Protocol):
    """A table of entries, used by one thread at a time."""

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin a transaction; it is on disk when this has ended without an error."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class SqliteRows:
    """Entries in a file, by the driver itself: what SQLAlchemy adds to each statement costs more than the statement.

    Args:
        path: the file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._lock: IO[bytes] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """See `Rows`. Processes take turns: SQLite itself would sleep and look again."""
        if self._lock is None:
            self._lock = open(f"{self._path}.lock", "ab")  # noqa: SIM115 - kept from one transaction to the next
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            connection = self._opened()
            # Processes that read first and write then would wait for each other for ever.
            connection.execute("BEGIN IMMEDIATE")
            yield _SqliteTransaction(connection)
            connection.execute("COMMIT")
        except BaseException:
            self._drop()
            raise
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        self._drop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, check_same_thread=False)
            make_durable(self._connection, None)
        return self._connection

    def _drop(self) -> None:
        """Close the connection, which takes back what was not committed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


class _SqliteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def last(self, writer: str) -> Entry | None:
        row = self._connection.execute(_LAST, (writer,)).fetchone()
        return Entry(*row) if row else None

    def add(self, entries: Sequence[Entry]) -> None:
        self._connection.executemany(_INSERT, entries)


class ServerRows:
    """Entries in a database of a server.

    Args:
        engine: of SQLAlchemy.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """See `Rows`."""
        with self._engine.begin() as connection:
            yield _ServerTransaction(connection)

    def close(self) -> None:
        """See `Rows`; the engine is its owner's."""


class _ServerTransaction:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self, writer: str) -> Entry | None:
        own = select(ENTRIES).where(ENTRIES.c.writer == writer).order_by(ENTRIES.c.number.desc()).limit(1)
        row = self._connection.execute(own).first()
        return entry_of(row) if row else None

    def add(self, entries: Sequence[Entry]) -> None:
        self._connection.execute(ENTRIES.insert(), [entry._asdict() for entry in entries])


def entry_of(row: Any) -> Entry:
    """Return the entry of a row that SQLAlchemy has read."""
    return Entry(row.writer, row.number, row.time, row.kind, row.body, bytes(row.previous), bytes(row.hash))


def make_durable(connection: Any, _: Any) -> None:
    """Make a connection of SQLite write as a ledger does."""
    # The driver's own guessing of when a transaction begins is off.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    # On disk at each commit, not only at a checkpoint.
    connection.execute("PRAGMA synchronous=FULL")
