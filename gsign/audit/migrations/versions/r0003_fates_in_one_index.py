"""All that reports ask of the fates of messages, in one index; rows stay as they are."""

from __future__ import annotations

from alembic import op

revision = "r0003"
down_revision = "r0002"

_NAME = "fact_fate_by_month"


def upgrade() -> None:
    """Replace the index."""
    op.drop_index(_NAME, "fact_fate")
    op.create_index(_NAME, "fact_fate", ["fate", "month", "of_writer", "of_number", "time", "is_signed"])
