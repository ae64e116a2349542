"""Entries in PostgreSQL, by the driver itself: what one commit writes goes to the server in one go."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple

import psycopg

from gsign.audit.derived import SEALED_WITH, TABLES, Row, rows_of_all
from gsign.audit.entry import Chain, Entry
from gsign.audit.looking import CHAIN, Looking, statements
from gsign.audit.rows import REVISION, Transaction, names_of_chains

__all__ = ["PostgresRows", "connect"]

_CONNECT_SECONDS: Final = 5
_ANSWER_SECONDS: Final = 15
"""How long the server may take for a statement."""
_LOCKS: Final = 0x6773
"""The first half of the numbers of our advisory locks: any, but the same for all."""
# ruff: noqa: S608 - the names of tables and columns are our own
_STATEMENTS: Final = statements("%s")
_PUT_CHAIN: Final = (
    f"INSERT INTO chain ({CHAIN}) VALUES (%s, %s::bigint, %s, %s::bigint, %s::bigint, %s::smallint)"
    # How far it is sealed is not the writer's to know.
    " ON CONFLICT (writer) DO UPDATE SET"
    " number = EXCLUDED.number, hash = EXCLUDED.hash, anchored = EXCLUDED.anchored"
)
_SEAL: Final = "UPDATE chain SET sealed = %s WHERE writer = %s AND sealed < %s"
_COLUMNS: Final = (
    "SELECT c.relname, a.attnum, format_type(a.atttypid, NULL)"
    " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " WHERE c.relname = ANY(%s) AND pg_table_is_visible(c.oid) AND a.attnum > 0 AND NOT a.attisdropped"
    " ORDER BY c.relname, a.attnum"
)
_SETTINGS: Final = (
    "SET synchronous_commit TO on",
    f"SET statement_timeout TO '{_ANSWER_SECONDS}s'",
    f"SET idle_in_transaction_session_timeout TO '{4 * _ANSWER_SECONDS}s'",
)


# What goes wrong is told by an error; of a connection that broke, the driver would talk to the terminal as well.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)


class _Session(NamedTuple):
    """A connection's other end, as the server knows it."""

    pid: int
    began: Any


class PostgresRows:
    """Entries in a database of a server.

    A chain is held by an advisory lock of the session: it is free again when the session ends, however it does.

    Args:
        url: `postgresql://…`.

    Raises:
        psycopg.Error: no connection.
        ConfigurationError: `ledger-newer`.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection | None = None
        self._session: _Session | None = None
        self._taken = ""
        try:
            self._bring_up()
            self._columns = _columns_of(self._opened())
        except BaseException:
            self.close()
            raise

    def taken(self, station: str) -> str:
        """See `Rows`."""
        connection = self._opened()
        if not self._taken:
            names = names_of_chains(station)
            self._taken = next((name for name in names if _is_ours_now(connection, name)), "")
        if not self._taken:
            raise TimeoutError("all chains are taken")
        return self._taken

    def is_lost(self, error: Exception) -> bool:
        """See `Rows`."""
        return isinstance(error, psycopg.OperationalError)

    def hold(self, writer: str) -> bool:
        """See `Rows`."""
        return _is_ours_now(self._opened(), writer)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """See `Rows`. What is added is sent at the end, all at once."""
        try:
            begun = _PostgresTransaction(self._opened(), self._columns)
            yield begun
            begun.commit()
        except BaseException:
            self._drop()
            raise

    def close(self) -> None:
        """See `Rows`."""
        self._drop()
        self._session = None

    def _bring_up(self) -> None:
        connection = self._opened()
        with suppress(psycopg.errors.UndefinedTable):
            if connection.execute("SELECT version_num FROM alembic_version").fetchone() == (REVISION,):
                return
        from gsign.audit.migrating import bring_up

        bring_up(self._url)

    def _opened(self) -> psycopg.Connection:
        if self._connection is None:
            connection = connect(self._url)
            try:
                if self._session is not None:
                    _end(connection, self._session)
                self._session = _session_of(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _drop(self) -> None:
        connection, self._connection, self._taken = self._connection, None, ""
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()


class _PostgresTransaction(Looking):
    def __init__(self, connection: psycopg.Connection, columns: Mapping[str, str]) -> None:
        super().__init__(connection, _STATEMENTS)
        self._connection = connection
        self._columns = columns
        self._parts: list[str] = []
        self._values: list[Any] = []

    def add(self, entries: Sequence[Entry], chain: Chain) -> None:
        self._insert("entry", [(*entry[:5], entry.previous.hex(), entry.hash.hex()) for entry in entries])
        self._parts.append(_PUT_CHAIN)
        self._values += chain
        for table, rows in rows_of_all(entries).items():
            self._insert(table, rows)

    def remove(self, writer: str, first: int, last: int, sealed: int) -> None:
        self._parts.append(_SEAL)
        self._values += (sealed, writer, sealed)
        for table in ("entry", *SEALED_WITH):
            self._parts.append(f"DELETE FROM {table} WHERE writer = %s AND number BETWEEN %s AND %s")
            self._values += (writer, first, last)

    def _insert(self, table: str, rows: Sequence[Row]) -> None:
        self._parts.append(
            f"INSERT INTO {table} SELECT {self._columns[table]} FROM json_array_elements(%s::json) AS row"
        )
        self._values.append(json.dumps(rows, ensure_ascii=False, separators=(",", ":")))

    def commit(self) -> None:
        """Write everything by one statement, which is a transaction of its own: there and back once."""
        if self._parts:
            named = ", ".join(f"part{number} AS ({part})" for number, part in enumerate(self._parts))
            self._connection.execute(f"WITH {named} SELECT 1".encode(), self._values)


def _columns_of(connection: psycopg.Connection) -> dict[str, str]:
    """Return for each table how its columns are read from an array of JSON, in their order."""
    found: dict[str, list[str]] = {}
    for table, number, kind in connection.execute(_COLUMNS, (["entry", *TABLES],)):
        text = f"row->>{number - 1}"
        found.setdefault(table, []).append(f"decode({text}, 'hex')" if kind == "bytea" else f"({text})::{kind}")
    return {table: ", ".join(columns) for table, columns in found.items()}


def connect(url: str) -> psycopg.Connection:
    """Connect as a ledger does: what has been committed is on disk, and a server that hangs is an error.

    Raises:
        psycopg.Error: it cannot be.
    """
    limits: dict[str, Any] = {
        "connect_timeout": _CONNECT_SECONDS,
        "tcp_user_timeout": 1000 * _ANSWER_SECONDS,
        "keepalives_idle": _ANSWER_SECONDS,
        "keepalives_interval": _CONNECT_SECONDS,
        "keepalives_count": 3,
    }
    connection = psycopg.connect(url, autocommit=True, application_name="gsign", **limits)
    for setting in _SETTINGS:
        connection.execute(setting)
    return connection


def _is_ours_now(connection: psycopg.Connection, name: str) -> bool:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], signed=True)
    row = connection.execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", (_LOCKS, number)).fetchone()
    return row == (True,)


def _session_of(connection: psycopg.Connection) -> _Session:
    row = connection.execute("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()").fetchone()
    assert row is not None  # noqa: S101 - it is the one that asks
    return _Session(*row)


def _end(connection: psycopg.Connection, session: _Session) -> None:
    """End the session whose connection broke: it may not know, and be about to commit.

    Only when it has ended can be told what it has done, and is its chain free.
    """
    deadline = time.monotonic() + _ANSWER_SECONDS
    query = "SELECT pg_terminate_backend(pid, 500) FROM pg_stat_activity WHERE pid = %s AND backend_start = %s"
    while connection.execute(query, session).fetchone() is not None:
        if time.monotonic() > deadline:
            raise psycopg.OperationalError("the session before does not end")
