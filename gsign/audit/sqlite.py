"""Entries in a file of SQLite, by the driver itself: what SQLAlchemy adds to each statement costs more than it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Final

from gsign.audit.derived import MENTIONS, SEALED_WITH, rows_of_all
from gsign.audit.entry import Chain, Entry
from gsign.audit.locking import LockFile
from gsign.audit.looking import CHAIN, ENTRY, Looking, statements
from gsign.audit.mentioning import Mentioning
from gsign.audit.private import make_private
from gsign.audit.rows import REVISION, Transaction, names_of_chains
from gsign.audit.sqlite_file import BUSY_SECONDS, MENTIONED_AT_ONCE, connect, path_of

__all__ = ["SqliteRows"]

# ruff: noqa: S608 - the names of columns are our own
_STATEMENTS: Final = statements("?")
_INSERT: Final = f"INSERT INTO entry ({ENTRY}) VALUES ({', '.join('?' * len(Entry._fields))})"
_PUT_CHAIN: Final = (
    f"INSERT INTO chain ({CHAIN}) VALUES ({', '.join('?' * len(Chain._fields))}) ON CONFLICT (writer) DO UPDATE SET"
    # How far it is sealed is not the writer's to know.
    " number = excluded.number, hash = excluded.hash, anchored = excluded.anchored"
)
_SEAL: Final = "UPDATE chain SET sealed = ? WHERE writer = ? AND sealed < ?"

_Files = tuple[int, int, int]
"""Device and number of a ledger's file, and number of the one beside it."""


class SqliteRows:
    """Entries in a file.

    Args:
        url: `sqlite:///` and the path.

    Raises:
        OSError, sqlite3.Error: it cannot be opened.
        ConfigurationError: `ledger-newer`.
    """

    def __init__(self, url: str) -> None:
        self._path = path_of(url)
        self._connection: sqlite3.Connection | None = None
        self._files: _Files | None = None
        """Into which the connection has written."""
        self._reached = (0, 0)
        """Number of the ledger's file, and how many octets it had; known for longer than a connection."""
        self._has_failed = False
        self._mentioning = Mentioning(MENTIONED_AT_ONCE)
        self._taken = ""
        self._locks = LockFile(f"{self._path}.lock")
        try:
            make_private(self._path)
            self._bring_up(url)
        except BaseException:
            self.close()
            raise

    def taken(self, station: str) -> str:
        """See `Rows`: a lock on the file beside the ledger holds the chain."""
        self._taken = self._taken or self._locks.take_first(names_of_chains(station))
        return self._taken

    def is_lost(self, error: Exception) -> bool:
        """See `Rows`: there is none."""
        return False

    def hold(self, writer: str) -> bool:
        """See `Rows`."""
        return self._locks.take(writer)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """See `Rows`. Processes take turns: SQLite itself would sleep and look again."""
        self._locks.take_turn(BUSY_SECONDS)
        try:
            connection = self._opened()
            # Processes that read first and write then would wait for each other for ever.
            connection.execute("BEGIN IMMEDIATE")
            yield _SqliteTransaction(connection, self._mentioning)
            connection.execute("COMMIT")
            self._see_where_it_is()
        except BaseException:
            self._has_failed = True
            self._drop()
            raise
        finally:
            self._locks.give_turn()

    def close(self) -> None:
        """See `Rows`."""
        self._drop()
        self._locks.close()

    def _bring_up(self, url: str) -> None:
        # Of those who open a new file at once SQLite lets one alone make it durable, and refuses the others at once.
        self._locks.take_turn(BUSY_SECONDS)
        try:
            if self._is_up_to_date(self._opened()):
                return
            from gsign.audit.migrating import bring_up

            self._drop()
            bring_up(url)
        finally:
            self._locks.give_turn()

    def _is_up_to_date(self, connection: sqlite3.Connection) -> bool:
        with suppress(sqlite3.OperationalError):  # there are no tables yet
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return bool(found == (REVISION,))
        return False

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            # Where there is none the driver would begin another ledger, as if nothing had been written before.
            os.stat(self._path)  # noqa: PTH116 - see `_files_at`
            self._connection = connect(self._path)
            self._files = None
            if self._has_failed:
                self._copy()
        return self._connection

    def _copy(self) -> None:
        """Copy what was written last to where it belongs, so that its room is used again.

        Where a disk was full, each octet that is free again would be taken beside the ledger, and soon be too few.
        """
        assert self._connection is not None  # noqa: S101 - it was opened
        with suppress(sqlite3.Error):
            # Of all kinds the one that waits for nobody.
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._has_failed = False

    def _see_where_it_is(self) -> None:
        """See that what was written can be found: who deletes or replaces files does not stop who has them open.

        Raises:
            FileNotFoundError: it cannot.
        """
        found, octets = _files_at(self._path)
        if self._files not in (None, found):
            raise FileNotFoundError("somebody has deleted or replaced the ledger's file")
        self._files = found
        self._see_that_it_is_whole(found[1], octets)

    def _see_that_it_is_whole(self, file: int, octets: int) -> None:
        """See that nothing was cut off: who empties a file, or copies another one over it, does not stop us either.

        Raises:
            EOFError: somebody has.
        """
        if file == self._reached[0] and octets < self._reached[1] and octets != self._octets_in_use():
            raise EOFError("somebody has cut off the ledger's file, or copied another one over it")
        self._reached = file, octets

    def _octets_in_use(self) -> int:
        """Return how long the file is after `VACUUM`, which alone may make it shorter."""
        assert self._connection is not None  # noqa: S101 - it was opened
        pages, octets = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
        )
        return int(pages * octets)

    def _drop(self) -> None:
        """Close the connection, which takes back what was not committed."""
        connection, self._connection = self._connection, None
        self._mentioning = Mentioning(MENTIONED_AT_ONCE)
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()


def _files_at(path: str) -> tuple[_Files, int]:
    """Tell which files are a ledger's now: the one that has its name, and what was written last beside it.

    Returns:
        These, and how many octets the ledger's own has.
    """
    # At each commit: making a path of a name takes as long as writing an entry.
    ledger, beside = os.stat(path), os.stat(f"{path}-wal")  # noqa: PTH116
    return (ledger.st_dev, ledger.st_ino, beside.st_ino), ledger.st_size


class _SqliteTransaction(Looking):
    def __init__(self, connection: sqlite3.Connection, mentioning: Mentioning) -> None:
        super().__init__(connection, _STATEMENTS)
        self._connection = connection
        self._mentioning = mentioning

    def add(self, entries: Sequence[Entry], chain: Chain) -> None:
        self._connection.executemany(_INSERT, entries)
        self._connection.execute(_PUT_CHAIN, chain)
        derived = rows_of_all(entries)
        derived[MENTIONS] = self._mentioning.due(self, entries, chain, derived.get(MENTIONS, []))
        for table, rows in derived.items():
            if rows:
                self._connection.executemany(_insertion(table, len(rows[0])), rows)

    def remove(self, writer: str, first: int, last: int, sealed: int) -> None:
        self._connection.execute(_SEAL, (sealed, writer, sealed))
        for table in ("entry", *SEALED_WITH):
            query = f"DELETE FROM {table} WHERE writer = ? AND number BETWEEN ? AND ?"
            self._connection.execute(query, (writer, first, last))


@lru_cache
def _insertion(table: str, columns: int) -> str:
    # Entries that wait for their mentions must not stop those that come after, if somebody has given them some.
    verb = "INSERT OR IGNORE" if table == MENTIONS else "INSERT"
    return f"{verb} INTO {table} VALUES ({', '.join('?' * columns)})"
