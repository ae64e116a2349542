"""A ledger read: by the drivers themselves, in one snapshot, never more at once than a piece."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from gsign.audit.derived import TABLES, Row
from gsign.audit.entry import LAST, Chain, Entry
from gsign.audit.rows import MARKS, REVISION, open_rows
from gsign.errors import GsignError, InputError, TemporaryError

if TYPE_CHECKING:
    import psycopg

__all__ = ["Reader", "open_reader"]

# ruff: noqa: S608 - the names of tables and columns are our own
ENTRY: Final = ", ".join(Entry._fields)
_CHAIN: Final = ", ".join(Chain._fields)
_PIECE: Final = 2000
"""Rows that are fetched at a time."""
_MARKS: Final = ", ".join(f"'{kind}'" for kind in MARKS)
_MOST_TOLD: Final = 20
"""Things wrong with a file that are told of."""
_STRANGERS: Final = (
    "SELECT 'relation ' || relname FROM pg_class WHERE oid IN (SELECT to_regclass(name) FROM unnest(?::text[]) AS name)"
    " AND (relkind NOT IN ('r', 'p') OR relrowsecurity OR relhasrules)"
    " UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal"
    " AND tgrelid IN (SELECT to_regclass(name) FROM unnest(?::text[]) AS name)"
)
"""Views in place of tables, rules, rows that are shown to some alone, triggers."""


_ENTRY_TYPES: Final = (str, int, str, str, str, bytes, bytes)
_CHAIN_TYPES: Final = (str, int, bytes, int, int, int)


class _Driver(Protocol):
    odd: str
    """What makes a row one that cannot have been written by us, in SQL."""

    def strangers(self) -> list[str]: ...

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[Row]: ...

    def all_rows(self, query: str, values: Sequence[Any]) -> list[Row]: ...

    def begin(self) -> None: ...

    def close(self) -> None: ...


class Reader:
    """Read a ledger as it is at one moment, however long that takes, while others write on.

    Raises:
        InputError: `ledger-missing`, `ledger-unreadable`.
        TemporaryError: `ledger-unreadable`: the server does not answer.
    """

    def __init__(self, driver: _Driver) -> None:
        self._driver = driver
        self.begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def begin(self) -> None:
        """Look at the ledger as it is now."""
        self._driver.begin()

    def close(self) -> None:
        """Let go of it."""
        self._driver.close()

    def chains(self) -> list[Chain]:
        """Return where each chain ends, as the ledger keeps it."""
        found = (Chain._make(_mended(row, _CHAIN_TYPES)) for row in self.rows(f"SELECT {_CHAIN} FROM chain"))
        return sorted(chain for chain in found if _is_text(chain.writer))

    def writers(self, table: str = "entry") -> list[str]:
        """Return whose rows a table has. One look at an index for each, whatever the number of rows."""
        found: list[Any] = []
        query = f"SELECT min(writer) FROM {table}"
        row = next(self.rows(query))
        while row[0] is not None:
            found.append(row[0])
            is_odd = isinstance(row[0], str) and not _is_text(row[0])
            place, value = ("CAST(? AS TEXT)", _octets(row[0])) if is_odd else ("?", row[0])
            row = next(self.rows(f"{query} WHERE writer > {place}", (value,)))
        return sorted(writer for writer in found if _is_text(writer))

    def odd_rows(self, table: str) -> int:
        """Count rows that cannot have been written by us, and that nobody comes upon who follows the chains."""
        query = f"SELECT count(*) FROM {table} WHERE number < 1 OR number > {LAST} OR {self._driver.odd}"
        return int(next(self.rows(query))[0])

    def strangers(self) -> list[str]:
        """Name what is in the database that may make it say what its tables do not: views, triggers, indexes."""
        return self._driver.strangers()

    def entries(self, writer: str, first: int = 1, last: int = LAST, *, backwards: bool = False) -> Iterator[Entry]:
        """Return the entries of a chain, in order, or the last first."""
        order = "DESC" if backwards else "ASC"
        query = f"SELECT {ENTRY} FROM entry WHERE writer = ? AND number BETWEEN ? AND ? ORDER BY number {order}"
        return self._entries(query, (writer, first, last))

    def marks(self) -> Iterator[Entry]:
        """Return the entries that hold heads of chains."""
        return self._entries(f"SELECT {ENTRY} FROM entry WHERE kind IN ({_MARKS}) ORDER BY writer, number")

    def derived(self, table: str, writer: str, after: int | None = None, last: int | None = None) -> list[Row]:
        """Return derived rows of a chain's entries, in the order of these.

        Args:
            table: one of `derived.TABLES`.
            writer: whose chain.
            after: number of the entry behind which they begin; None for the beginning.
            last: number of the last entry; None for the end.
        """
        bounds = {"number > ?": after, "number <= ?": last}
        conditions = ["writer = ?", *(condition for condition, bound in bounds.items() if bound is not None)]
        values = [writer, *(bound for bound in bounds.values() if bound is not None)]
        query = f"SELECT * FROM {table} WHERE {' AND '.join(conditions)} ORDER BY number"
        return self._driver.all_rows(query, values)

    def _entries(self, query: str, values: Sequence[Any] = ()) -> Iterator[Entry]:
        for row in self.rows(query, values):
            yield Entry._make(_mended(row, _ENTRY_TYPES))

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """Ask for rows; `?` stands for values."""
        return self._driver.rows(query, values)


def open_reader(url: str) -> Reader:
    """Open a ledger that is there; one of an older form is brought up to date first.

    Args:
        url: `sqlite:///…` or `postgresql://…`.

    Raises:
        InputError: `ledger-missing`, `ledger-unreadable`.
        TemporaryError: `ledger-unreadable`: the server does not answer; `ledger-unwritable`.
        ConfigurationError: `ledger-newer`.
    """
    if url.startswith("sqlite:"):
        return Reader(_Sqlite(url))
    return Reader(_Postgres(url))


def _mended(values: Row, types: tuple[type, ...]) -> Row:
    """Return what was read with values of the right types: others are somebody's doing, and match no hash."""
    if tuple(map(type, values)) == types:
        return values
    return tuple(value if type(value) is kind else kind() for value, kind in zip(values, types, strict=True))


def _is_text(value: Any) -> bool:
    """Tell whether a value is text, rather than octets that were read as if they were."""
    try:
        return isinstance(value, str) and bool(value.encode() or True)
    except UnicodeEncodeError:
        return False


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class _Sqlite:
    # It takes a value of any type in any column.
    odd = "typeof(writer) <> 'text' OR typeof(number) <> 'integer' OR writer GLOB '*[^a-z0-9_.-]*' OR writer = ''"

    def __init__(self, url: str) -> None:
        from gsign.audit.sqlite import path_of

        self._path = path_of(url)
        if not os.path.exists(self._path):  # noqa: PTH110 - as the driver takes it
            raise InputError("ledger-missing", ledger=self._path)
        self._connection = self._connected()
        if self._revision() != REVISION:
            self._connection.close()
            _bring_up(url, self._path)
            self._connection = self._connected()

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        with _told(self._path):
            cursor = self._connection.execute(query, values)
            while piece := cursor.fetchmany(_PIECE):
                yield from piece

    def all_rows(self, query: str, values: Sequence[Any]) -> list[Row]:
        with _told(self._path):
            return self._connection.execute(query, values).fetchall()

    def strangers(self) -> list[str]:
        with _told(self._path):
            # What has no page of its own is a view, a trigger or a table that a program answers for.
            query = "SELECT type || ' ' || name FROM sqlite_master WHERE rootpage = 0 ORDER BY 1"
            found = [str(name) for (name,) in self._connection.execute(query)]
            if found:
                return found
            checked = self._connection.execute(f"PRAGMA integrity_check({_MOST_TOLD})")
            return [str(told) for (told,) in checked if told != "ok"]

    def begin(self) -> None:
        with suppress(sqlite3.OperationalError):  # none was begun
            self._connection.execute("COMMIT")
        with _told(self._path):
            self._connection.execute("BEGIN")

    def close(self) -> None:
        self._connection.close()

    def _connected(self) -> sqlite3.Connection:
        """Open the file for reading alone; in a folder that takes no file beside it, as one that nobody writes."""
        from urllib.parse import quote

        name = f"file:{quote(self._path)}?mode=ro"
        with _told(self._path):
            for options in ("", "&immutable=1"):
                connection = sqlite3.connect(name + options, uri=True, check_same_thread=False, isolation_level=None)
                # What is no text is somebody's doing; it is to be told, not to end everything.
                connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
                try:
                    connection.execute("SELECT 1 FROM sqlite_master").fetchone()
                except sqlite3.OperationalError:
                    connection.close()
                    if options or not self._is_alone():
                        raise
                else:
                    return connection
        raise AssertionError  # the second either is returned or raises

    def _is_alone(self) -> bool:
        """Tell whether the file is all there is of the ledger: what was written last may stand in one beside it."""
        if os.access(os.path.dirname(os.path.abspath(self._path)), os.W_OK):  # noqa: PTH100, PTH120
            return False
        beside = Path(f"{os.path.realpath(self._path)}-wal")
        return not beside.exists() or not beside.stat().st_size

    def _revision(self) -> str | None:
        try:
            row = self._connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError as error:
            raise _unreadable(self._path, error) from error
        return str(row[0]) if row else None


class _Postgres:
    odd = "writer = ''"

    def __init__(self, url: str) -> None:
        from psycopg import Error, conninfo, errors

        self._name = _without_password(url, conninfo.conninfo_to_dict)
        self._error = Error
        self._missing = errors.UndefinedTable
        self._connection = self._connected(url)
        if self._revision() != REVISION:
            self._connection.close()
            _bring_up(url, self._name)
            self._connection = self._connected(url)

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        # With a name the server sends piece by piece.
        try:
            with self._connection.cursor(name=f"c{id(object())}_{os.urandom(4).hex()}", binary=True) as cursor:
                cursor.itersize = _PIECE
                cursor.execute(query.replace("?", "%s").encode(), values)
                yield from cursor
        except self._error as error:
            raise _unanswered(self._name, error) from error

    def all_rows(self, query: str, values: Sequence[Any]) -> list[Row]:
        try:
            return self._connection.execute(query.replace("?", "%s").encode(), values, binary=True).fetchall()
        except self._error as error:
            raise _unanswered(self._name, error) from error

    def strangers(self) -> list[str]:
        tables = ("entry", "chain", *TABLES)
        return [str(row[0]) for row in self.all_rows(_STRANGERS, (list(tables), list(tables)))]

    def begin(self) -> None:
        try:
            self._connection.execute("ROLLBACK")
            self._connection.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        except self._error as error:
            raise _unanswered(self._name, error) from error

    def close(self) -> None:
        self._connection.close()

    def _connected(self, url: str) -> psycopg.Connection:
        from gsign.audit.postgres import connect

        try:
            connection = connect(url)
            connection.add_notice_handler(lambda _: None)
            connection.execute("SET statement_timeout TO 0")
            connection.execute("SET idle_in_transaction_session_timeout TO 0")
        except self._error as error:
            raise _unanswered(self._name, error) from error
        return connection

    def _revision(self) -> str | None:
        try:
            row = self._connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except self._missing:
            return None
        except self._error as error:
            self.close()
            raise _unanswered(self._name, error) from error
        return str(row[0]) if row else None


def _bring_up(url: str, name: str) -> None:
    """Bring a ledger up to date; what it is called in an error has no password in it."""
    try:
        open_rows(url).close()
    except GsignError:
        raise
    except Exception as error:
        raise _unreadable(name, error) from error


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Say in our words what the driver says."""
    try:
        yield
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error


def _unreadable(ledger: str, error: Exception) -> InputError:
    return InputError("ledger-unreadable", ledger=ledger, cause=_first_line(error))


def _unanswered(ledger: str, error: Exception) -> TemporaryError:
    return TemporaryError("ledger-unreadable", ledger=ledger, cause=_first_line(error))


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _without_password(url: str, read: Any) -> str:
    parts = read(url)
    return f"postgresql://{parts.get('host', '')}/{parts.get('dbname', '')}"
