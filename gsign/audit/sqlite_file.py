"""A file of SQLite, as a ledger is kept in it."""

from __future__ import annotations

import sqlite3
from typing import Final

__all__ = ["BUSY_SECONDS", "MENTIONED_AT_ONCE", "connect", "make_durable", "path_of"]

BUSY_SECONDS: Final = 10
"""How long another program may hold the file, or another process its turn."""
MENTIONED_AT_ONCE: Final = 16
"""Entries whose mentions are written together: those of one commit alone would touch half as many pages again.

Up to multiples of it ledgers hold mentions: with another number comes a revision that makes these anew.
"""
_COPIED_AT: Final = 4000
"""Pages in the file of what was written last (16 MiB) at which they are copied to where they belong.

Commits write the same few pages again and again: the more of them come together, the less is copied. What bounds it is
the room beside the ledger, and the time that the commit takes that copies.
"""


def path_of(url: str) -> str:
    """Return the path in a URL."""
    return url.removeprefix("sqlite:///")


def connect(path: str) -> sqlite3.Connection:
    """Connect as a ledger does.

    Raises:
        sqlite3.Error: it cannot be.
    """
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        make_durable(connection, None)
    except BaseException:
        connection.close()
        raise
    return connection


def make_durable(connection: sqlite3.Connection, _: object) -> None:
    """Make a connection of SQLite write as a ledger does."""
    # The driver's own guessing of when a transaction begins is off.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    # On disk at each commit, not only at a checkpoint.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint={_COPIED_AT}")
