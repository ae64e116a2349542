"""Why a ledger could not be read or written, in the words of the system or of the driver, and in a line."""

from __future__ import annotations

from gsign.errors import TemporaryError

__all__ = ["cause_of", "unwritable"]


def cause_of(error: Exception) -> str:
    """Return what the system or a driver said; of anything else, which nobody expected, also what it is."""
    said = getattr(error, "orig", None) or error
    if isinstance(said, OSError) and said.strerror:
        return f"{said.strerror}: {said.filename}" if said.filename else said.strerror
    words = str(said).partition("\n")[0]
    return f"{type(said).__name__}: {words}" if type(said).__module__ == "builtins" or not words else words


def unwritable(error: Exception) -> TemporaryError:
    """Say that nothing was written, and why."""
    return TemporaryError("ledger-unwritable", cause=cause_of(error))
