"""Files that appear only when they are complete."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

__all__ = ["settled_version", "write_whole"]

_SETTLED: Final = 1_000_000_000


def write_whole(place: Path, content: bytes) -> None:
    """Write a file by way of a temporary one beside it, so that a crash leaves the old one or the new one.

    Args:
        place: the file; its folder is made, for its owner alone.
        content: what it holds.

    Raises:
        OSError: the folder or the file cannot be written.
    """
    import tempfile

    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def settled_version(folder: Path) -> int | None:
    """Return what changes whenever a file comes or goes; None while it may still change unseen.

    The clock of a file system ticks slowly: two changes within one tick look like one.

    Raises:
        OSError: there is no such folder.
    """
    modified = folder.stat().st_mtime_ns
    return modified if time.time_ns() - modified > _SETTLED else None
