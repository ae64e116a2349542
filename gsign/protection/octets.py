"""A message as callers give it, and its octets as they are signed: lines end in CRLF."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO, FileIO
from pathlib import Path
from typing import BinaryIO, Final

from gsign.errors import InputError
from gsign.mime import canonical_lines

__all__ = ["LARGEST", "LARGEST_WRITTEN", "Message", "beginning_of", "octets_of", "read_whole"]

Message = bytes | str | os.PathLike[str] | BinaryIO
"""Octets, a path, or a binary file."""

LARGEST: Final = 256 << 20
"""Octets of a message that is read: it is kept in memory, and mail servers take a fifth of that."""
LARGEST_WRITTEN: Final = 128 << 20
"""Octets of a message that something is made of: signed and encrypted it is not yet twice as large."""
_PIECE: Final = 1 << 20
_BEGINNING: Final = 256 << 10


def octets_of(message: Message, most: int | None = None) -> tuple[str | None, bytes]:
    """Return the name of a message's file, where it has one, and its octets.

    Args:
        message: octets, a path or a binary file.
        most: how many octets it may have; `LARGEST` where nothing else is said.

    Raises:
        InputError: `input-unreadable`, `mail-too-large`; `mail-is-folder`, `mail-is-document` for a file that is a
            PDF, `mail-is-none` for one that is something else.
    """
    if isinstance(message, (bytes, bytearray, memoryview)):
        _require_size(None, len(message), most)
        return None, canonical_lines(bytes(message))
    if isinstance(message, (str, os.PathLike)):
        path = os.fspath(message)
        with _mapped(path), open(message, "rb", buffering=0) as opened:
            return path, canonical_lines(_content(opened, path, most))
    if not hasattr(message, "read"):
        raise TypeError(f"a message is bytes, a path or a binary file, not {message!r}")
    name = getattr(message, "name", None)
    file = str(name) if name is not None else None
    return file, canonical_lines(read_whole(message, file, most))


def beginning_of(message: Path | bytes) -> bytes:
    """Return what a message begins with, its header at least; nothing where it cannot be read: that is told later.

    Args:
        message: octets, or a path.
    """
    if isinstance(message, bytes):
        return canonical_lines(message[:_BEGINNING])
    with suppress(OSError), message.open("rb") as opened:
        return canonical_lines(opened.read(_BEGINNING))
    return b""


def read_whole(message: BinaryIO, file: str | None, most: int | None = None) -> bytes:
    """Read a message to its end, wherever it comes from.

    Args:
        message: a binary file, or a pipe.
        file: what it is called.
        most: as for `octets_of`.

    Raises:
        InputError: `input-unreadable`, `mail-too-large`, `mail-is-document`, `mail-is-none`.
    """
    # What it holds in the end is given away as it is: nothing is copied.
    whole = BytesIO()
    with _mapped(file):
        if not isinstance(message.read(0), bytes):
            raise TypeError("not opened in binary mode")
        while piece := message.read(_PIECE):
            whole.write(piece)
            _require_size(file, whole.tell(), most)
    return _message(whole.getvalue(), file)


def _content(opened: FileIO, name: str, most: int | None) -> bytes:
    status = os.fstat(opened.fileno())
    if not stat.S_ISREG(status.st_mode):
        return read_whole(opened, name, most)
    _require_size(name, status.st_size, most)
    return _message(opened.readall(), name)


def _message(data: bytes, file: str | None) -> bytes:
    """Refuse what somebody took for a message by mistake."""
    if data.startswith(b"%PDF-"):
        raise InputError("mail-is-document", file=file or "-")
    if not _field().search(data, 0, _BEGINNING):
        raise InputError("mail-is-none", file=file or "-")
    return data


@cache
def _field() -> re.Pattern[bytes]:
    """Return what finds one of the fields that every message has one of."""
    names = rb"from|to|cc|sender|reply-to|subject|date|message-id|received|return-path|mime-version|content-type"
    return re.compile(rb"^(?:" + names + rb")[ \t]*:", re.IGNORECASE | re.MULTILINE)


def _require_size(file: str | None, size: int, most: int | None) -> None:
    most = LARGEST if most is None else most
    if size > most:
        raise InputError("mail-too-large", file=file or "-", most=most >> 20)


@contextmanager
def _mapped(file: str | None) -> Iterator[None]:
    try:
        yield
    except IsADirectoryError as error:
        raise InputError("mail-is-folder", file=file or "-") from error
    except (OSError, ValueError, TypeError) as error:  # closed, or not binary
        cause = getattr(error, "strerror", None) or str(error)
        raise InputError("input-unreadable", file=file or "-", cause=cause) from error
