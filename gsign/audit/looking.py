"""What a transaction looks up: the same statements for SQLite and PostgreSQL, each with its own sign for values."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from gsign.audit.entry import Chain, Entry

__all__ = ["CHAIN", "ENTRY", "Looking", "statements"]

# ruff: noqa: S608 - the names of tables and columns are our own
ENTRY: Final = ", ".join(Entry._fields)
CHAIN: Final = ", ".join(Chain._fields)


class Statements(NamedTuple):
    """What is asked."""

    chain: str
    chains: str
    entry: str
    first: str


def statements(value: str) -> Statements:
    """Return what is asked of a database in whose statements this stands for a value."""
    return Statements(
        f"SELECT {CHAIN} FROM chain WHERE writer = {value}",
        f"SELECT {CHAIN} FROM chain ORDER BY writer",
        f"SELECT {ENTRY} FROM entry WHERE writer = {value} AND number = {value}",
        f"SELECT min(number) FROM entry WHERE writer = {value}",
    )


class Looking:
    """Look up where chains end, and entries.

    Args:
        connection: of the driver.
        asked: what it is asked.
    """

    def __init__(self, connection: Any, asked: Statements) -> None:
        self._execute = connection.execute
        self._asked = asked

    def chain(self, writer: str) -> Chain | None:
        """See `Transaction`."""
        row = self._execute(self._asked.chain, (writer,)).fetchone()
        return Chain(*row) if row else None

    def chains(self) -> list[Chain]:
        """See `Transaction`."""
        return [Chain(*row) for row in self._execute(self._asked.chains)]

    def entry(self, writer: str, number: int) -> Entry | None:
        """See `Transaction`."""
        row = self._execute(self._asked.entry, (writer, number)).fetchone()
        return Entry(*row) if row else None

    def first(self, writer: str) -> int | None:
        """See `Transaction`."""
        (number,) = self._execute(self._asked.first, (writer,)).fetchone()
        return None if number is None else int(number)
