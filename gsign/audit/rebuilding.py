"""Derived rows made anew from all entries: all that a revision needs which changes their tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, select, tuple_

from gsign.audit import schema
from gsign.audit.derived import MENTIONS, TABLES, rows_of_ours
from gsign.audit.entry import Entry
from gsign.audit.fact_tables import FACTS
from gsign.audit.rows import mentioned
from gsign.audit.schema import CHAINS, ENTRIES, METADATA
from gsign.audit.sqlite_file import MENTIONED_AT_ONCE

__all__ = ["rebuild"]

_AT_ONCE: Final = 1000
_TABLE_OF: Final[dict[str, Table]] = dict(zip(TABLES, (schema.MENTIONS, *FACTS), strict=True))


def rebuild(connection: Connection, names: Collection[str] = TABLES) -> None:
    """Drop tables of derived rows, make them as they should be, and fill them.

    Args:
        connection: to the database.
        names: of the tables. Those of facts also hold what was derived from entries that were sealed away since.
    """
    tables = {name: _TABLE_OF[name] for name in names}
    METADATA.drop_all(connection, tables=list(tables.values()))
    METADATA.create_all(connection, tables=list(tables.values()))
    at_once = MENTIONED_AT_ONCE if connection.dialect.name == "sqlite" else 1
    until = {writer: mentioned(writer, last, at_once) for writer, last in connection.execute(_ENDS)}
    for entries in _chunks(connection):
        found = rows_of_ours(entries)
        found[MENTIONS] = [row for row in found.get(MENTIONS, ()) if row[1] <= until.get(row[0], 0)]
        for name, table in tables.items():
            if rows := found.get(name):
                connection.execute(table.insert(), [_named(table, row) for row in rows])


_ENDS: Final = select(CHAINS.c.writer, CHAINS.c.number)


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
