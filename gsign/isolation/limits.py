"""How much one document may cost."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["Limits"]

_MIB: Final = 1 << 20


class Limits(NamedTuple):
    """Limits on one document.

    Args:
        seconds: from the question to the answer; then the process that judges it is ended.
        memory: address space that it may take beyond what it starts with, in bytes.
    """

    seconds: float = 60.0
    memory: int = 1024 * _MIB
