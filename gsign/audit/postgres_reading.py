"""A ledger in PostgreSQL as a reader asks it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, Final

import psycopg
from psycopg import conninfo

from gsign.audit.derived import TABLES, Row
from gsign.audit.driver import bring_up
from gsign.audit.postgres import connect
from gsign.audit.rows import REVISION
from gsign.audit.trouble import cause_of
from gsign.errors import TemporaryError

__all__ = ["PostgresDriver"]

_PIECE: Final = 2000
"""Rows that are fetched at a time."""
_STRANGERS: Final = (
    "SELECT 'relation ' || relname FROM pg_class WHERE oid IN (SELECT to_regclass(name) FROM unnest(?::text[]) AS name)"
    " AND (relkind NOT IN ('r', 'p') OR relrowsecurity OR relhasrules)"
    " UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal"
    " AND tgrelid IN (SELECT to_regclass(name) FROM unnest(?::text[]) AS name)"
)
"""Views in place of tables, rules, rows that are shown to some alone, triggers."""
_SETTINGS: Final = (
    "SET statement_timeout TO 0",
    "SET idle_in_transaction_session_timeout TO 0",
    # All rows of an answer are wanted, whatever is read through a cursor; a report sorts a million of them.
    "SET cursor_tuple_fraction TO 1",
    "SET work_mem TO '64MB'",
    "SET jit TO off",
)


class PostgresDriver:
    """A database of a server; one of an older form is brought up to date first.

    Args:
        url: `postgresql://…`.

    Raises:
        InputError: `ledger-unreadable`.
        TemporaryError: `ledger-unreadable`: the server does not answer.
        ConfigurationError: `ledger-newer`.
    """

    mentioned_at_once = 1

    def __init__(self, url: str) -> None:
        self._name = _without_password(url)
        self._connection = self._connected(url)
        if self._revision() != REVISION:
            self._connection.close()
            bring_up(url, self._name)
            self._connection = self._connected(url)

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """See `Driver`."""
        # With a name the server sends piece by piece.
        try:
            with self._connection.cursor(name=f"c{id(object())}_{os.urandom(4).hex()}", binary=True) as cursor:
                cursor.itersize = _PIECE
                cursor.execute(query.replace("?", "%s").encode(), values)
                yield from cursor
        except psycopg.Error as error:
            raise self._unanswered(error) from error

    def all_rows(self, query: str, values: Sequence[Any]) -> list[Row]:
        """See `Driver`."""
        try:
            return self._connection.execute(query.replace("?", "%s").encode(), values, binary=True).fetchall()
        except psycopg.Error as error:
            raise self._unanswered(error) from error

    def true_rows(self, query: str, values: Sequence[Any]) -> list[Row]:
        """See `Driver`: the server itself takes nothing else."""
        return self.all_rows(query, values)

    def strangers(self) -> list[str]:
        """See `Driver`."""
        tables = ("entry", "chain", *TABLES)
        return [str(row[0]) for row in self.all_rows(_STRANGERS, (list(tables), list(tables)))]

    def damage(self) -> list[str]:
        """See `Driver`: who can write the server's files is the server."""
        return []

    def begin(self) -> None:
        """See `Driver`."""
        try:
            self._connection.execute("ROLLBACK")
            self._connection.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        except psycopg.Error as error:
            raise self._unanswered(error) from error

    def close(self) -> None:
        """See `Driver`."""
        self._connection.close()

    def _connected(self, url: str) -> psycopg.Connection:
        try:
            connection = connect(url)
            connection.add_notice_handler(lambda _: None)
            for setting in _SETTINGS:
                connection.execute(setting.encode())
        except psycopg.Error as error:
            raise self._unanswered(error) from error
        return connection

    def _revision(self) -> str | None:
        try:
            row = self._connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return None
        except psycopg.Error as error:
            self.close()
            raise self._unanswered(error) from error
        return str(row[0]) if row else None

    def _unanswered(self, error: Exception) -> TemporaryError:
        return TemporaryError("ledger-unreadable", ledger=self._name, cause=cause_of(error))


def _without_password(url: str) -> str:
    parts = conninfo.conninfo_to_dict(url)
    return f"postgresql://{parts.get('host', '')}/{parts.get('dbname', '')}"
