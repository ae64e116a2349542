"""Mentions of many entries written together, and none of the entry whose fate is told: they are made anew."""

from __future__ import annotations

from alembic import op

from gsign.audit.derived import MENTIONS
from gsign.audit.rebuilding import rebuild

revision = "r0004"
down_revision = "r0003"


def upgrade() -> None:
    """Replace the mentions."""
    rebuild(op.get_bind(), (MENTIONS,))
