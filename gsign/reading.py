"""Read a small file whole, and nothing that is too large for it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

__all__ = ["read_at_most"]


def read_at_most(path: Path, most: int) -> bytes:
    """Read a file that has no more octets than that; a device that has no end does not fill the memory.

    Raises:
        OSError: it cannot be read, or has more (EFBIG).
    """
    with path.open("rb") as file:
        octets = file.read(most + 1)
    if len(octets) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return octets
