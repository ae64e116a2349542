"""Derived rows made anew from all entries: all that a revision needs which changes their tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, select, tuple_

from gsign.audit.derived import TABLES, rows_of_ours
from gsign.audit.entry import Entry
from gsign.audit.fact_tables import FACTS
from gsign.audit.schema import ENTRIES, MENTIONS, METADATA

__all__ = ["rebuild"]

_AT_ONCE: Final = 1000
_TABLES: Final = (MENTIONS, *FACTS)


def rebuild(connection: Connection) -> None:
    """Drop the tables of derived rows, make them as they should be, and fill them."""
    METADATA.drop_all(connection, tables=_TABLES)
    METADATA.create_all(connection, tables=_TABLES)
    of_name: dict[str, Table] = dict(zip(TABLES, _TABLES, strict=True))
    for entries in _chunks(connection):
        for name, rows in rows_of_ours(entries).items():
            table = of_name[name]
            connection.execute(table.insert(), [_named(table, row) for row in rows])


def _named(table: Table, row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(table.columns.keys(), row, strict=True))


def _chunks(connection: Connection) -> Iterator[list[Entry]]:
    """Read all entries, so many at a time as fit in memory."""
    key = tuple_(ENTRIES.c.writer, ENTRIES.c.number)
    last = ("", 0)
    while True:
        query = select(ENTRIES).where(key > last).order_by(ENTRIES.c.writer, ENTRIES.c.number).limit(_AT_ONCE)
        found = [Entry._make(row) for row in connection.execute(query)]
        if not found:
            return
        yield found
        last = (found[-1].writer, found[-1].number)
