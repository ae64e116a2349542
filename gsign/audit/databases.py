"""The databases that hold ledgers, chosen by a URL."""

from __future__ import annotations

from gsign.audit.rows import Rows

__all__ = ["open_rows"]


def open_rows(url: str) -> Rows:
    """Open the rows of a ledger, whose tables are made, or brought up to date where they are of an older form.

    Args:
        url: `sqlite:///…` or `postgresql://…`.

    Raises:
        ConfigurationError: `ledger-newer`.
        Exception: the driver's own, for whoever says that the ledger cannot be written.
    """
    if url.startswith("sqlite:"):
        from gsign.audit.sqlite import SqliteRows

        return SqliteRows(url)
    from gsign.audit.postgres import PostgresRows

    return PostgresRows(url)
