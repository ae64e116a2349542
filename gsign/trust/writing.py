"""Files that appear only when they are complete."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["write_whole"]


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
