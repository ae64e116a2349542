"""The memory of a process that holds a PIN."""

from __future__ import annotations

from typing import Final

__all__ = ["protect_memory"]

_PR_SET_DUMPABLE: Final = 4


def protect_memory() -> None:
    """Make no core file, and let no other process of the same user attach or read this one's memory."""
    import ctypes
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
