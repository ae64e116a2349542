"""An output file that appears only when it is complete."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from gsign.errors import InputError, UsageError
from gsign.syntax.source import Readable, type_of_path

__all__ = ["Entering", "complete_file", "enter"]

Record = TypeVar("Record")
Entering = Callable[[BinaryIO, Record], object]
"""Writes down what a file is, before it appears; where that raises, the file does not."""

_KEPT_AT_ONCE: Final = 16 << 20
"""Up to this size, in bytes, a file is on the disk before it takes its name: for larger ones that would take as long as
all the rest."""
# What file systems say that know no such request.
_UNKNOWN_HERE: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})


@contextmanager
def complete_file(output: Path, source: Readable, *, force: bool) -> Iterator[BinaryIO]:
    """Open a file that takes its name only when the block ends without an error; none is left otherwise.

    Even where power fails: a file of up to 16 MB, once it has its name, is whole.

    Args:
        output: where the file is to appear.
        source: what is read meanwhile; it must not be the same file.
        force: whether an existing file is replaced.

    Raises:
        UsageError: `output-is-input`, `output-exists`.
        InputError: `output-unwritable`: folder missing or read-only, disk full.
    """
    if "\0" in str(output):
        raise InputError("output-unwritable", file=str(output), cause=os.strerror(errno.EINVAL))
    _refuse_input(output, source)
    if not force and os.path.lexists(output):
        raise UsageError("output-exists", file=str(output))
    if os.path.lexists(output) and not os.path.isfile(output) and not os.path.islink(output):  # noqa: PTH113, PTH114
        raise InputError("output-unwritable", file=str(output), cause="not a regular file")
    part = output.with_name(f".gsign-{os.urandom(8).hex()}.part")
    try:
        with _mapped(output):
            file = _begin(part)
        with _mapped(output):
            try:
                yield file
                _keep(file)
                _give_name(file, part)
                # Some file systems tell only now that a write has failed.
                file.close()
            finally:
                # After a fault, closing flushes again and may fail again: the first one is the one to tell.
                with suppress(OSError):
                    file.close()
            reveal(part, output, force=force)
    finally:
        with suppress(OSError):
            part.unlink()


def enter(file: BinaryIO, record: Record, entering: Entering[Record] | None) -> None:
    """Show a file that is complete, and has no name yet, to whoever writes down that it is made.

    It is on disk before: what is written down is not lost by a disk that turns out to be full.

    Args:
        file: from `complete_file`.
        record: what was done.
        entering: reads the file from its beginning; None where nobody writes anything down.
    """
    if entering is None:
        return
    _keep(file)
    file.seek(0)
    entering(file, record)
    file.seek(0, os.SEEK_END)


def _refuse_input(output: Path, source: Readable) -> None:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return
    with suppress(OSError, ValueError):  # missing, or a file object without a descriptor
        read = Path(source).stat() if isinstance(source, type_of_path) else os.fstat(source.fileno())
        if os.path.samestat(output.stat(), read):
            raise UsageError("output-is-input", file=str(output))


def _begin(part: Path) -> BinaryIO:
    """Open a file that has no name yet, where there is such a thing: nothing is left of a program that is killed."""
    with suppress(OSError, AttributeError):
        descriptor = os.open(part.parent, os.O_RDWR | os.O_TMPFILE, 0o666)
        if os.path.lexists(_place_of(descriptor)):
            return open(descriptor, "w+b")
        os.close(descriptor)
    return open(part, "x+b")


def _give_name(file: BinaryIO, part: Path) -> None:
    if not os.fstat(file.fileno()).st_nlink:
        # The descriptor of a folder, which a whole path does not need, makes it follow the link (linkat).
        os.link(_place_of(file.fileno()), part, src_dir_fd=file.fileno())


def _place_of(descriptor: int) -> str:
    return f"/proc/self/fd/{descriptor}"


def _keep(file: BinaryIO) -> None:
    file.flush()
    if file.tell() > _KEPT_AT_ONCE:
        return
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in _UNKNOWN_HERE:
            raise


def reveal(part: Path, output: Path, *, force: bool) -> None:
    """Give a complete file the name it is to have.

    Raises:
        UsageError: `output-exists`.
        OSError: the file system refuses.
    """
    if force:
        part.replace(output)
        return
    try:
        # A link, unlike a rename, fails where somebody made the file meanwhile.
        os.link(part, output)
    except FileExistsError:
        raise UsageError("output-exists", file=str(output)) from None
    except OSError:  # a file system without links
        part.rename(output)


@contextmanager
def _mapped(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        cause = os.strerror(error.errno) if error.errno else str(error)
        raise InputError("output-unwritable", file=str(output), cause=cause) from error
