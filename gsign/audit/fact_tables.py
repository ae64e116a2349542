"""Tables of what entries say that reports ask for, as reports and migrations use them; `facts` makes the rows.

Apart from it, since whoever writes an entry needs the rows and has no time to import SQLAlchemy.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from gsign.audit.facts import DIGEST, NAME, WORD
from gsign.audit.schema import METADATA

__all__ = ["DOCUMENTS", "FACTS", "FATES", "MESSAGES", "REASONS", "SERVICES"]


def _table(name: str, *columns: Column[Any]) -> Table:
    key = (
        Column("writer", String(64), primary_key=True),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
    )
    # Rows lie in the order of their entries, so that tables are joined without an index beside them.
    return Table(name, METADATA, *key, *columns, sqlite_with_rowid=False)


MESSAGES: Final = _table(
    "fact_message",
    Column("agency", String(NAME), primary_key=True),
    Column("direction", String(8), primary_key=True),
    Column("message", LargeBinary(DIGEST), nullable=False),
    Column("sender", LargeBinary(DIGEST), nullable=False),
    Column("smime", String(16), nullable=False),
    Column("passed", Integer, nullable=False),
)
"""Whom a message was between: a row for each agency and direction (`sent`, `received`, `internal`).

Where no agency of the configuration has a part in it, there is one row with both empty. `passed`: how many of its
documents bear valid signatures.
"""
DOCUMENTS: Final = _table(
    "fact_document",
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("document", LargeBinary(DIGEST), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("domain", String(16), nullable=False),
    Column("level", String(8), nullable=False),
)
"""What a message brought. `domain`: of its valid signatures, or `several`; `level`: the lowest of them."""
REASONS: Final = _table("fact_reason", Column("reason", String(WORD), primary_key=True))
"""Why a message was not let through, each reason once."""
FATES: Final = _table(
    "fact_fate",
    Column("time", BigInteger, nullable=False),
    Column("month", Integer, nullable=False),
    Column("fate", String(12), nullable=False),
    Column("of_writer", String(64), nullable=False),
    Column("of_number", BigInteger, nullable=False),
    Column("signed", Boolean, nullable=False),
)
"""What became of a message whose decision is the entry `of_…`.

`time` in microseconds since 1970; `month` such as 202609, by Vietnam's calendar; `signed` by its agency's key on the
way.
"""
SERVICES: Final = _table(
    "fact_service",
    Column("month", Integer, nullable=False),
    Column("act", String(12), nullable=False),
    Column("agency", String(NAME), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("key", String(8), nullable=False),
    Column("role", String(12), nullable=False),
    Column("level", String(8), nullable=False),
    Column("verdict", String(12), nullable=False),
)
"""Signatures made and verifications done by the program itself (`act`: `signed`, `verified`)."""
Index("fact_fate_by_month", FATES.c.month, FATES.c.fate)
Index("fact_fate_by_entry", FATES.c.of_writer, FATES.c.of_number)
Index("fact_service_by_month", SERVICES.c.month)

FACTS: Final = (MESSAGES, DOCUMENTS, REASONS, FATES, SERVICES)
"""The tables, in the order of `Facts`."""
