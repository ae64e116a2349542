"""Tables of what entries say that reports ask for, as reports and migrations use them; `facts` makes the rows.

Apart from it, since whoever writes an entry needs the rows and has no time to import SQLAlchemy.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String, Table, Text

from gsign.audit.facts import NAME, TABLES, WORD
from gsign.audit.schema import METADATA

__all__ = ["DOCUMENTS", "FACTS", "FATES", "MESSAGES", "REASONS", "SERVICES"]

_MESSAGE, _DOCUMENT, _REASON, _FATE, _SERVICE = TABLES


def _table(name: str, *columns: Column[Any]) -> Table:
    key = (
        Column("writer", String(64), primary_key=True),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
    )
    # Rows lie in the order of their entries, so that tables are joined without an index beside them.
    return Table(name, METADATA, *key, *columns, sqlite_with_rowid=False)


MESSAGES: Final = _table(
    _MESSAGE,
    Column("parties", BigInteger, nullable=False, index=True),
    Column("message", BigInteger, nullable=False),
    Column("sender", BigInteger, nullable=False),
    Column("is_own", SmallInteger, nullable=False),
    Column("carries_valid", SmallInteger, nullable=False),
    Column("names", Text, nullable=False),
)
"""A message that was decided on. `parties` is the number of `names` (see `facts.Parties`).

`is_own`: it came with a valid signature of its sender's; `carries_valid`: with a document that bears valid ones.
"""
DOCUMENTS: Final = _table(
    _DOCUMENT,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("parties", BigInteger, nullable=False),
    Column("document", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("verdict", SmallInteger, nullable=False),
    Column("domain", SmallInteger, nullable=False),
    Column("level", SmallInteger, nullable=False),
)
"""What a message brought; kind, verdict, domain and level as places in the lists of `facts` and `document_kind`."""
REASONS: Final = _table(_REASON, Column("reason", String(WORD), primary_key=True))
"""Why a message was not let through, each reason once."""
FATES: Final = _table(
    _FATE,
    Column("time", BigInteger, nullable=False),
    Column("month", Integer, nullable=False),
    Column("fate", String(12), nullable=False),
    Column("of_writer", String(64), nullable=False),
    Column("of_number", BigInteger, nullable=False),
    Column("is_signed", SmallInteger, nullable=False),
)
"""What became of a message whose decision is the entry `of_…`.

`delivered`, `refused`, `deferred`, `held`, `released` or `rejected`. `time` in microseconds since 1970; `month` such as
202609, by Vietnam's calendar; `is_signed`: by its agency's key on the way.
"""
SERVICES: Final = _table(
    _SERVICE,
    Column("month", Integer, nullable=False),
    Column("act", String(24), nullable=False),
    Column("agency", String(NAME), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("key", String(8), nullable=False),
    Column("role", String(12), nullable=False),
    Column("level", String(8), nullable=False),
    Column("verdict", String(12), nullable=False),
)
"""Signatures made and verifications done by the program itself: `sign`, `sign-message`, `verify-document`, …."""
# All that a report asks of a fate is in the index, in the order in which decisions are looked up by it.
Index(
    "fact_fate_by_month",
    *(FATES.c[name] for name in ("fate", "month", "of_writer", "of_number", "time", "is_signed")),
)
Index("fact_fate_by_entry", FATES.c.of_writer, FATES.c.of_number)
Index("fact_service_by_month", SERVICES.c.month)

FACTS: Final = (MESSAGES, DOCUMENTS, REASONS, FATES, SERVICES)
"""The tables, in the order of `Facts`."""
