"""A message as callers give it, and its octets as they are signed: lines end in CRLF."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from gsign.errors import InputError
from gsign.mime import canonical_lines

__all__ = ["Message", "octets_of"]

Message = bytes | str | os.PathLike[str] | BinaryIO
"""Octets, a path, or a binary file."""


def octets_of(message: Message) -> tuple[str | None, bytes]:
    """Return the name of a message's file, where it has one, and its octets.

    Raises:
        InputError: `input-unreadable`.
    """
    if isinstance(message, (bytes, bytearray, memoryview)):
        return None, canonical_lines(bytes(message))
    name = os.fspath(message) if isinstance(message, (str, os.PathLike)) else getattr(message, "name", None)
    try:
        data = Path(message).read_bytes() if isinstance(message, (str, os.PathLike)) else message.read()
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise InputError("input-unreadable", file=str(name or "-"), cause=cause) from error
    return str(name) if name is not None else None, canonical_lines(data)
