"""Files of a ledger are for their owner to write and for their group to read: they name persons."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

__all__ = ["MODE", "close_to_others", "make_private"]

MODE: Final = 0o640
"""At most; whoever runs with a narrower umask gets less."""


def make_private(path: str) -> None:
    """Make an empty file where there is none: what others make of it would be for all to read.

    Args:
        path: of the file; a link is followed.

    Raises:
        OSError: it cannot be made.
    """
    # One that is there is not opened: to close it would end the locks that SQLite has on it in this process.
    with suppress(FileExistsError):
        os.close(os.open(os.path.realpath(path), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE))


def close_to_others(file: int) -> None:
    """Take from everybody what goes beyond `MODE`.

    Args:
        file: descriptor of an open file.
    """
    os.fchmod(file, os.fstat(file).st_mode & MODE)
