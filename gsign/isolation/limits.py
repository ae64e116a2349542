"""How much one document may cost."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["MESSAGE", "Limits"]

_MIB: Final = 1 << 20


class Limits(NamedTuple):
    """Limits on one document.

    Args:
        seconds: from the question to the answer; then the process that judges it is ended.
        memory: address space that it may take beyond what it starts with, in bytes.
    """

    seconds: float = 60.0
    memory: int = 1024 * _MIB


MESSAGE: Final = Limits(seconds=120.0, memory=2048 * _MIB)
"""On a message that may be as large as messages may be: it is held several times while it is looked into."""
