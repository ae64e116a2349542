"""What a reader asks of SQLite and of PostgreSQL, each by its own driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from gsign.audit.databases import open_rows
from gsign.audit.derived import Row
from gsign.audit.trouble import cause_of
from gsign.errors import GsignError, InputError

__all__ = ["Driver", "bring_up"]


class Driver(Protocol):
    """A ledger that is read, in one snapshot. In what is asked `?` stands for values.

    All raise `ledger-unreadable`: an InputError where a file is none, a TemporaryError where a server does not answer.
    """

    mentioned_at_once: int
    """Entries whose mentions are written together."""

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        """Return rows, never more of them at once than a piece; octets that are no text are escaped."""
        ...

    def all_rows(self, query: str, values: Sequence[Any]) -> list[Row]:
        """Return rows, all at once."""
        ...

    def true_rows(self, query: str, values: Sequence[Any]) -> list[Row]:
        """Return rows as `all_rows` does, faster: octets that are no text are an error."""
        ...

    def strangers(self) -> list[str]:
        """Name what is in the database that may make it say what its tables do not: views, triggers."""
        ...

    def damage(self) -> list[str]:
        """Name what does not fit together in the file: indexes, pages. It takes long."""
        ...

    def begin(self) -> None:
        """Begin a snapshot; the one before ends."""
        ...

    def close(self) -> None:
        """Let go of the ledger."""
        ...


def bring_up(url: str, name: str) -> None:
    """Bring a ledger up to date.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
        name: what the ledger is called in an error; without a password.

    Raises:
        InputError: `ledger-unreadable`.
        ConfigurationError: `ledger-newer`.
    """
    try:
        open_rows(url).close()
    except GsignError:
        raise
    except Exception as error:
        raise InputError("ledger-unreadable", ledger=name, cause=cause_of(error)) from error
