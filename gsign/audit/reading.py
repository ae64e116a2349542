"""A ledger read: in one snapshot, never more at once than a piece."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, Self, cast

from gsign.audit.derived import Row
from gsign.audit.driver import Driver
from gsign.audit.entry import LAST, Chain, Entry
from gsign.audit.looking import CHAIN, ENTRY
from gsign.audit.rows import MARKS, mentioned

__all__ = ["Reader", "open_reader"]

# ruff: noqa: S608 - the names of tables and columns are our own
_MARKS: Final = ", ".join(f"'{kind}'" for kind in MARKS)
_OURS: Final = re.compile(r"[a-z0-9_.-]+")
"""Names of chains as stations write them."""
_ENTRY_TYPES: Final = (str, int, str, str, str, bytes, bytes)
_CHAIN_TYPES: Final = (str, int, bytes, int, int, int)


class Reader:
    """Read a ledger as it is at one moment, however long that takes, while others write on.

    Attributes:
        mentioned_at_once: entries whose mentions are written together.

    Raises:
        InputError: `ledger-missing`, `ledger-unreadable`.
        TemporaryError: `ledger-unreadable`: the server does not answer.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.mentioned_at_once = driver.mentioned_at_once
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
        found = (Chain._make(_mended(row, _CHAIN_TYPES)) for row in self.rows(f"SELECT {CHAIN} FROM chain"))
        return sorted(chain for chain in found if _is_text(chain.writer))

    def writers(self, table: str = "entry") -> list[str]:
        """Return whose rows a table has."""
        return sorted(writer for writer in self._distinct(table) if _is_text(writer))

    def strangers(self) -> list[str]:
        """Name what is in the database that may make it say what its tables do not: views, triggers."""
        return self._driver.strangers()

    def damage(self) -> list[str]:
        """Name what does not fit together in the file: indexes that say what their tables do not. It takes long."""
        return self._driver.damage()

    def odd_rows(self, table: str) -> int:
        """Count rows that cannot have been written by us, and that nobody comes upon who follows the chains."""
        count = self._count(table, "writer IS NULL")
        for writer in self._distinct(table):
            place, value = _placed(writer)
            is_ours = isinstance(writer, str) and _OURS.fullmatch(writer) is not None
            for beside in (" AND number < 1", f" AND number > {LAST}") if is_ours else ("",):
                count += self._count(table, f"writer = {place}{beside}", value)
        return count

    def entries(self, writer: str, first: int = 1, last: int = LAST, *, backwards: bool = False) -> Iterator[Entry]:
        """Return the entries of a chain, in order, or the last first."""
        order = "DESC" if backwards else "ASC"
        query = f"SELECT {ENTRY} FROM entry WHERE writer = ? AND number BETWEEN ? AND ? ORDER BY number {order}"
        return self._entries(query, (writer, first, last))

    def entries_behind(self, writer: str, after: int, last: int) -> Iterator[Entry]:
        """Return the entries of a chain behind a number, up to another one, whatever stands for numbers there."""
        query = f"SELECT {ENTRY} FROM entry WHERE writer = ? AND number > ? AND number <= ? ORDER BY number"
        return self._entries(query, (writer, after, last))

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

    def mentioned(self, writer: str) -> int:
        """Return the number of the entry up to which a chain's entries must have mentions."""
        ends = "SELECT number FROM chain WHERE writer = ? UNION ALL SELECT max(number) FROM entry WHERE writer = ?"
        found = [number for (number,) in self._driver.all_rows(ends, (writer, writer)) if isinstance(number, int)]
        return mentioned(writer, max(found, default=0), self.mentioned_at_once)

    def end_of_piece(self, writer: str, after: int, length: int) -> int | None:
        """Return the number of the last of so many entries of a chain behind a number; None where there are none."""
        inside = f"SELECT number FROM entry WHERE writer = ? AND number > ? AND number <= {LAST}"
        query = f"SELECT max(number) FROM ({inside} ORDER BY number LIMIT {length}) AS piece"
        ((number,),) = self._driver.all_rows(query, (writer, after))
        return cast("int | None", number)

    def piece(self, table: str, writer: str, after: int, last: int) -> list[Row]:
        """Return rows of a table as the driver has them, between an entry and another one, in the order of these.

        Raises:
            GsignError: some are no rows of ours.
        """
        columns = ENTRY if table == "entry" else "*"
        query = f"SELECT {columns} FROM {table} WHERE writer = ? AND number > ? AND number <= ? ORDER BY number"
        return self._driver.true_rows(query, (writer, after, last))

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """Ask for rows; `?` stands for values."""
        return self._driver.rows(query, values)

    def _entries(self, query: str, values: Sequence[Any] = ()) -> Iterator[Entry]:
        for row in self.rows(query, values):
            yield Entry._make(_mended(row, _ENTRY_TYPES))

    def _count(self, table: str, condition: str, *values: Any) -> int:
        return int(self._driver.all_rows(f"SELECT count(*) FROM {table} WHERE {condition}", values)[0][0])

    def _distinct(self, table: str) -> Iterator[Any]:
        """Return all there is in a column of writers. One look at an index for each, whatever the number of rows."""
        query = f"SELECT min(writer) FROM {table}"
        ((found,),) = self._driver.all_rows(query, ())
        while found is not None:
            yield found
            place, value = _placed(found)
            ((found,),) = self._driver.all_rows(f"{query} WHERE writer > {place}", (value,))


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
        from gsign.audit.sqlite_reading import SqliteDriver

        return Reader(SqliteDriver(url))
    from gsign.audit.postgres_reading import PostgresDriver

    return Reader(PostgresDriver(url))


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


def _placed(writer: Any) -> tuple[str, Any]:
    """Return how a value of the column of writers stands in a question, and the value to be asked with."""
    if isinstance(writer, str) and not _is_text(writer):
        return "CAST(? AS TEXT)", writer.encode("utf-8", "surrogateescape")
    return "?", writer
