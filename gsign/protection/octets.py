"""A message as callers give it, and its octets as they are signed: lines end in CRLF."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, FileIO
from typing import BinaryIO, Final

from gsign.errors import InputError
from gsign.mime import canonical_lines

__all__ = ["LARGEST", "Message", "octets_of", "read_whole"]

Message = bytes | str | os.PathLike[str] | BinaryIO
"""Octets, a path, or a binary file."""

LARGEST: Final = 256 << 20
"""Octets of a message: it is kept in memory, and mail servers take a tenth of that."""
_PIECE: Final = 1 << 20


def octets_of(message: Message) -> tuple[str | None, bytes]:
    """Return the name of a message's file, where it has one, and its octets.

    Raises:
        InputError: `input-unreadable`, `mail-too-large`; `mail-is-document` for a file that is a PDF.
    """
    if isinstance(message, (bytes, bytearray, memoryview)):
        _require_size(None, len(message))
        return None, canonical_lines(bytes(message))
    if isinstance(message, (str, os.PathLike)):
        path = os.fspath(message)
        with _mapped(path), open(message, "rb", buffering=0) as opened:
            return path, canonical_lines(_content(opened, path))
    name = getattr(message, "name", None)
    file = str(name) if name is not None else None
    return file, canonical_lines(read_whole(message, file))


def read_whole(message: BinaryIO, file: str | None) -> bytes:
    """Read a message to its end, wherever it comes from.

    Args:
        message: a binary file, or a pipe.
        file: what it is called.

    Raises:
        InputError: `input-unreadable`, `mail-too-large`, `mail-is-document`.
    """
    # What it holds in the end is given away as it is: nothing is copied.
    whole = BytesIO()
    with _mapped(file):
        while piece := message.read(_PIECE):
            whole.write(piece)
            _require_size(file, whole.tell())
    return _message(whole.getvalue(), file)


def _content(opened: FileIO, name: str) -> bytes:
    status = os.fstat(opened.fileno())
    if not stat.S_ISREG(status.st_mode):
        return read_whole(opened, name)
    _require_size(name, status.st_size)
    return _message(opened.readall(), name)


def _message(data: bytes, file: str | None) -> bytes:
    """Refuse what somebody took for a message by mistake."""
    if data.startswith(b"%PDF-"):
        raise InputError("mail-is-document", file=file or "-")
    return data


def _require_size(file: str | None, size: int) -> None:
    """Refuse a message that is larger than messages are.

    Raises:
        InputError: `mail-too-large`.
    """
    if size > LARGEST:
        raise InputError("mail-too-large", file=file or "-", most=LARGEST >> 20)


@contextmanager
def _mapped(file: str | None) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise InputError("input-unreadable", file=file or "-", cause=cause) from error
