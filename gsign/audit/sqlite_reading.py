"""A SQLite ledger as a reader asks it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from gsign.audit.derived import Row
from gsign.audit.driver import bring_up
from gsign.audit.rows import REVISION
from gsign.audit.sqlite_file import MENTIONED_AT_ONCE, path_of
from gsign.audit.trouble import cause_of
from gsign.errors import InputError

__all__ = ["SqliteDriver"]

_PIECE: Final = 2000
"""Rows that are fetched at a time."""
_MOST_TOLD: Final = 20
"""Things wrong with a file that are told of."""
_STRANGERS: Final = "SELECT type || ' ' || name FROM sqlite_master WHERE rootpage = 0 ORDER BY 1"
"""What has no page of its own: a view, a trigger, a table that a program answers for."""
_CACHE: Final = "PRAGMA cache_size = -16000"
"""In KiB: indexes are looked into all over when they are compared with their tables."""
_LENIENT: Final = partial(str, encoding="utf-8", errors="surrogateescape")
"""What is no text is somebody's doing; it is to be told, not to end everything."""


class SqliteDriver:
    """A file, opened for reading alone; one of an older form is brought up to date first.

    Args:
        url: `sqlite:///` and the path.

    Raises:
        InputError: `ledger-missing`, `ledger-unreadable`.
        ConfigurationError: `ledger-newer`.
    """

    mentioned_at_once = MENTIONED_AT_ONCE

    def __init__(self, url: str) -> None:
        self._path = path_of(url)
        if not os.path.exists(self._path):  # noqa: PTH110 - as the driver takes it
            raise InputError("ledger-missing", ledger=self._path)
        self._connection = self._connected()
        if self._revision() != REVISION:
            self._connection.close()
            bring_up(url, self._path)
            self._connection = self._connected()

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """See `Driver`."""
        with _told(self._path):
            cursor = self._connection.execute(query, values)
            while piece := cursor.fetchmany(_PIECE):
                yield from piece

    def all_rows(self, query: str, values: Sequence[Any]) -> list[Row]:
        """See `Driver`."""
        with _told(self._path):
            return self._connection.execute(query, values).fetchall()

    def true_rows(self, query: str, values: Sequence[Any]) -> list[Row]:
        """See `Driver`: what is text for SQLite itself is read in half the time."""
        self._connection.text_factory = str
        try:
            return self.all_rows(query, values)
        finally:
            self._connection.text_factory = _LENIENT

    def strangers(self) -> list[str]:
        """See `Driver`."""
        return [str(name) for (name,) in self.all_rows(_STRANGERS, ())]

    def damage(self) -> list[str]:
        """See `Driver`: an index that was changed says other things than its table."""
        return [str(told) for (told,) in self.all_rows(f"PRAGMA integrity_check({_MOST_TOLD})", ()) if told != "ok"]

    def begin(self) -> None:
        """See `Driver`."""
        with suppress(sqlite3.OperationalError):  # none was begun
            self._connection.execute("COMMIT")
        with _told(self._path):
            self._connection.execute("BEGIN")

    def close(self) -> None:
        """See `Driver`."""
        self._connection.close()

    def _connected(self) -> sqlite3.Connection:
        """Open the file for reading alone; in a folder that takes no file beside it, as one that nobody writes."""
        name = f"file:{quote(self._path)}?mode=ro"
        with _told(self._path):
            for options in ("", "&immutable=1"):
                connection = sqlite3.connect(name + options, uri=True, check_same_thread=False, isolation_level=None)
                connection.text_factory = _LENIENT
                try:
                    connection.execute(_CACHE)
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


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Say in our words what the driver says."""
    try:
        yield
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: Exception) -> InputError:
    return InputError("ledger-unreadable", ledger=path, cause=cause_of(error))
