"""Bytes of a document, read in pieces: a path, a bytes object or a seekable binary file look the same."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from gsign.errors import InputError

__all__ = [
    "CHUNK",
    "BeginningOf",
    "BytesSource",
    "ExtendedSource",
    "Readable",
    "Source",
    "chunks",
    "open_source",
    "window",
]

CHUNK: Final = 1 << 20
_SMALL: Final = 4 << 20
"""Up to here, in bytes, a file is read at once: it is then the same bytes whatever happens to it."""

# A named pipe must not keep us waiting for a writer: it is refused once it is open.
_OPEN_TO_READ: Final = (
    os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)

type_of_path = (str, os.PathLike)
Readable = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO


class Source(Protocol):
    """Random access to bytes that do not change."""

    size: int
    name: str | None

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`; fewer only at the end."""
        ...


class BytesSource:
    """Bytes in memory."""

    def __init__(self, data: bytes, name: str | None = None) -> None:
        self.data = data
        self.size = len(data)
        self.name = name

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`."""
        return self.data[offset : offset + length]


class _DescriptorSource:
    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._as_opened = self._state()
        self.size = self._as_opened[0]
        self.name: str | None = name

    def _state(self) -> tuple[int, int]:
        status = os.fstat(self._descriptor)
        return status.st_size, status.st_mtime_ns

    def read(self, offset: int, length: int) -> bytes:
        try:
            data = os.pread(self._descriptor, length, offset)
            while len(data) < min(length, self.size - offset):
                more = os.pread(self._descriptor, length - len(data), offset + len(data))
                if not more:
                    break
                data += more
            if self._state() != self._as_opened:
                # What was looked at first would be signed beside what came later.
                raise InputError("input-changed", file=self.name)
        except OSError as error:
            raise InputError("input-unreadable", file=self.name, cause=os.strerror(error.errno or 0)) from error
        return data


class _FileSource:
    def __init__(self, file: BinaryIO) -> None:
        name = getattr(file, "name", None)
        self.name = name if isinstance(name, str) else None
        self._file = file
        self._lock = threading.Lock()
        with self._mapped():
            if not isinstance(file.read(0), bytes):
                raise TypeError("not opened in binary mode")
            self.size = file.seek(0, os.SEEK_END)

    def read(self, offset: int, length: int) -> bytes:
        with self._lock, self._mapped():
            self._file.seek(offset)
            data = self._file.read(length)
            while len(data) < min(length, self.size - offset):  # an unbuffered file may return less than it has
                more = self._file.read(length - len(data))
                if not more:
                    break
                data += more
            return data

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, TypeError) as error:  # not seekable, closed, or not binary
            cause = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
            raise InputError("input-unreadable", file=self.name or "-", cause=cause) from error


class ExtendedSource:
    """A source with further bytes behind it: a document while revisions are being added."""

    def __init__(self, base: Source, tail: bytes) -> None:
        self.base = base
        self.tail = tail
        self.size = base.size + len(tail)
        self.name = base.name

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`."""
        if offset >= self.base.size:
            at = offset - self.base.size
            return self.tail[at : at + length]
        head = self.base.read(offset, min(length, self.base.size - offset))
        return head + self.tail[: length - len(head)]


class BeginningOf:
    """A source without its last bytes.

    Args:
        base: the source.
        size: how many bytes are left.
    """

    def __init__(self, base: Source, size: int) -> None:
        self.base = base
        self.size = size
        self.name = base.name

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`."""
        return self.base.read(offset, max(0, min(length, self.size - offset)))


@contextmanager
def open_source(source: Readable) -> Iterator[Source]:
    """Open a path, bytes or a seekable binary file for reading in pieces.

    Raises:
        InputError: `input-unreadable` where it cannot be opened or is no regular file.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield BytesSource(bytes(source))
        return
    if not isinstance(source, type_of_path):
        if not hasattr(source, "read"):
            raise TypeError(f"a document is a path, bytes or a binary file, not {source!r}")
        yield _FileSource(source)
        return
    path = Path(source)
    try:
        descriptor = os.open(path, _OPEN_TO_READ)
    except (OSError, ValueError) as error:  # a name with a null character is a ValueError
        cause = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        raise InputError("input-unreadable", file=str(path), cause=cause) from error
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise InputError("input-is-folder", file=str(path))
        if not stat.S_ISREG(mode):
            raise InputError("input-unreadable", file=str(path), cause="not a regular file")
        opened = _DescriptorSource(descriptor, str(path))
        yield BytesSource(opened.read(0, opened.size), opened.name) if opened.size <= _SMALL else opened
    finally:
        os.close(descriptor)


def window(source: Source, offset: int, length: int) -> tuple[bytes, int]:
    """Return bytes around an offset to be looked at: `length` from there on at least, and the offset they begin at.

    What is in memory is not copied for it.
    """
    if type(source) is BytesSource:
        return source.data, 0
    return source.read(offset, length), offset


def chunks(source: Source, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of a source in order, in pieces of at most `CHUNK`.

    Raises:
        InputError: `input-shrank`.
    """
    position = start
    stop = source.size if end is None else end
    while position < stop:
        piece = source.read(position, min(CHUNK, stop - position))
        if not piece:
            raise InputError("input-shrank", file=source.name or "-")
        yield piece
        position += len(piece)
