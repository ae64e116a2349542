"""Messages named on the command line: files, or `-` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gsign.errors import InputError, UsageError

__all__ = ["STDIN", "is_stdin", "read_stdin", "require_alone"]

STDIN: Final = Path("-")


def is_stdin(file: Path) -> bool:
    """Whether a message is to be read from standard input."""
    return file == STDIN


def require_alone(files: Sequence[Path]) -> None:
    """Refuse standard input beside files: its output would have no name.

    Raises:
        UsageError: `stdin-not-alone`.
    """
    if STDIN in files and len(files) > 1:
        raise UsageError("stdin-not-alone")


def read_stdin() -> bytes:
    """Read the message that comes in.

    Raises:
        InputError: `input-unreadable`.
    """
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise InputError("input-unreadable", file="-", cause=error.strerror) from error
