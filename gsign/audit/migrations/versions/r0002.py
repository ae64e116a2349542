"""Where each chain ends, and derived rows: chains are gone on with, instead of one for each opening."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gsign.audit.rebuilding import rebuild

revision = "r0002"
down_revision = "r0001"

_IS_MARK = sa.text("kind IN ('opened', 'anchored', 'checkpoint', 'sealed')")


def upgrade() -> None:
    """Make the tables, and fill them from the entries there are."""
    op.create_index("ix_entry_marks", "entry", ["writer", "number"], sqlite_where=_IS_MARK, postgresql_where=_IS_MARK)
    op.create_table(
        "chain",
        sa.Column("writer", sa.String(64), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("anchored", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("sealed", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("closed", sa.SmallInteger, nullable=False, server_default="0"),
    )
    op.execute(
        "INSERT INTO chain (writer, number, hash, closed) SELECT writer, number, hash, 1 FROM entry AS e"
        " WHERE number = (SELECT max(number) FROM entry WHERE writer = e.writer)"
    )
    rebuild(op.get_bind())
