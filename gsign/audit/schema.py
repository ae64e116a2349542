"""Tables of the ledger, the same in SQLite and PostgreSQL, as reports and migrations use them.

What writes entries does so by the drivers themselves (`sqlite`, `postgres`) and never loads this: SQLAlchemy takes
longer to import than a signature takes to make.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, SmallInteger, String, Table, Text, text

__all__ = ["CHAINS", "ENTRIES", "MENTIONS", "METADATA"]

METADATA: Final = MetaData()

ENTRIES: Final = Table(
    "entry",
    METADATA,
    Column("writer", String(64), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("time", String(32), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)

_IS_MARK: Final = text("kind IN ('opened', 'anchored', 'checkpoint', 'sealed')")
Index("ix_entry_marks", ENTRIES.c.writer, ENTRIES.c.number, sqlite_where=_IS_MARK, postgresql_where=_IS_MARK)

CHAINS: Final = Table(
    "chain",
    METADATA,
    Column("writer", String(64), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("anchored", BigInteger, nullable=False, server_default="0"),
    Column("sealed", BigInteger, nullable=False, server_default="0"),
    Column("closed", SmallInteger, nullable=False, server_default="0"),
)
"""Where each chain ends."""

MENTIONS: Final = Table(
    "mention",
    METADATA,
    Column("writer", String(64), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("word", BigInteger, primary_key=True, autoincrement=False, index=True),
    sqlite_with_rowid=False,
)
"""Which entries name a digest or a message-id, by the first octets of the word's own digest."""
