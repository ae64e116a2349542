"""How much one document may cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["Limits"]

_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on one document.

    Args:
        seconds: from the question to the answer; then the process that judges it is ended.
        memory: address space of that process, in bytes.
    """

    seconds: float = 60.0
    memory: int = 1024 * _MIB
