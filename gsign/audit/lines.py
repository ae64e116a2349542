"""Entries as lines of JSON: an export, a segment. Any program can follow their chains.

The first line names the chains, in the order in which they follow, with their first and last entries. A line is an
entry; its body is the object that its hash covers, written with sorted keys and without blanks, or text where somebody
has made it something else.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, NamedTuple, cast

from gsign.audit.entry import Entry, canonical
from gsign.errors import InputError

__all__ = ["FORMAT", "Form", "Header", "LineError", "Lines", "Span", "Writing", "header_line", "line_of", "read_entry"]

FORMAT: Final = "gsign-ledger"
_VERSION: Final = 1
_LONGEST: Final = 64 << 20
"""Octets of a line: more than the reasons and recipients of any message."""
_GZIP: Final = b"\x1f\x8b"


class Span(NamedTuple):
    """Which entries of a chain there are."""

    first: int
    previous: str
    """Hash of the entry before the first, hexadecimal."""
    last: int
    hash: str
    """Of the last."""


class Form(StrEnum):
    """What a file is."""

    EXPORT = "export"
    """All that a ledger had."""
    SEGMENT = "segment"
    """What was taken out of it; earlier segments come before."""


class Header(NamedTuple):
    """What the first line says."""

    form: Form
    spans: Mapping[str, Span]


class LineError(ValueError):
    """A line is none of ours."""


def header_line(form: Form, spans: Mapping[str, Span]) -> bytes:
    """Write the first line.

    Args:
        form: what the file is.
        spans: by chain.
    """
    chains = {writer: span._asdict() for writer, span in sorted(spans.items())}
    # What it is stands first: that is what a person looks at.
    return f'{{"format":"{FORMAT}","version":{_VERSION},"form":"{form}","chains":{canonical(chains)}}}\n'.encode()


def line_of(entry: Entry) -> bytes:
    """Write an entry."""
    return _line(entry, entry.body if _is_canonical(entry.body) else canonical(entry.body))


def _line(entry: Entry, body: str) -> bytes:
    quoted = [canonical(text) for text in (entry.writer, entry.time, entry.kind)]
    return (
        f'{{"writer":{quoted[0]},"number":{entry.number},"time":{quoted[1]},"kind":{quoted[2]},"body":{body},'
        f'"previous":"{entry.previous.hex()}","hash":"{entry.hash.hex()}"}}\n'
        # What is no text is handed on as it is: `verify` tells of it.
    ).encode("utf-8", "surrogatepass")


def read_entry(line: bytes) -> Entry:
    """Read an entry. What is read is all that the line says: whoever adds to it, or says a thing twice, has changed it.

    Raises:
        LineError: it is none.
    """
    try:
        found = json.loads(line)
        body = found["body"]
        text = body if isinstance(body, str) else canonical(body)
        entry = Entry(
            str(found["writer"]),
            int(found["number"]),
            str(found["time"]),
            str(found["kind"]),
            text,
            bytes.fromhex(found["previous"]),
            bytes.fromhex(found["hash"]),
        )
        # What is no text cannot have been covered by a hash.
        canonical(entry[:5]).encode()
        written = _line(entry, text) if isinstance(body, dict) else line_of(entry)
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise LineError(str(error)) from error
    if written.rstrip() != line.rstrip():
        raise LineError("it says more than an entry does")
    return entry


class Lines:
    """A file of entries, read from its beginning as often as asked.

    Args:
        path: of the file, gzipped or not.

    Attributes:
        header: what its first line says.
        sha256: of the file as it is, once it was read to its end.

    Raises:
        InputError: `export-unreadable`, `export-not-one`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header = self._header()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Return the lines behind the first, each with its number.

        Raises:
            InputError: `export-unreadable`, `export-cut`.
        """
        with self._opened() as file:
            for number, line in enumerate(self._lines(file), 1):
                if number > 1:
                    yield number, line

    def digest(self) -> str:
        """Return the SHA-256 of the file as it lies there.

        Raises:
            InputError: `export-unreadable`.
        """
        try:
            with open(self.path, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise self._unreadable(error) from error

    def _header(self) -> Header:
        with self._opened() as file:
            line = next(self._lines(file), b"")
        try:
            found = json.loads(line)
            is_ours = found["format"] == FORMAT and found["version"] == _VERSION
            form = Form(found["form"])
            spans = {str(writer): _span(span) for writer, span in found["chains"].items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InputError("export-not-one", file=str(self.path)) from error
        if not is_ours:
            raise InputError("export-not-one", file=str(self.path))
        return Header(form, spans)

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        with ExitStack() as opened:
            try:
                file = opened.enter_context(open(self.path, "rb"))
                is_packed = file.read(2) == _GZIP
                file.seek(0)
            except OSError as error:
                raise self._unreadable(error) from error
            yield cast("IO[bytes]", opened.enter_context(gzip.open(file))) if is_packed else file

    def _lines(self, file: IO[bytes]) -> Iterator[bytes]:
        try:
            while line := file.readline(_LONGEST):
                if not line.endswith(b"\n"):
                    raise InputError("export-cut", file=str(self.path))
                yield line
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise InputError("export-cut", file=str(self.path)) from error
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> InputError:
        return InputError("export-unreadable", file=str(self.path), cause=os.strerror(error.errno or 0))


def _span(found: Mapping[str, Any]) -> Span:
    return Span(int(found["first"]), str(found["previous"]), int(found["last"]), str(found["hash"]))


def _is_canonical(body: str) -> bool:
    try:
        found = json.loads(body)
        return isinstance(found, dict) and canonical(found) == body
    except (ValueError, RecursionError):
        return False


class Writing:
    """A file of entries as it is written.

    Args:
        file: to be written to.
        is_packed: whether it is gzipped.
    """

    def __init__(self, file: BinaryIO, *, is_packed: bool) -> None:
        self._is_packed = is_packed
        self._file: Any = gzip.GzipFile("", "wb", 6, file, mtime=0) if is_packed else file

    def write(self, line: bytes) -> None:
        """Write a line."""
        self._file.write(line)

    def close(self) -> None:
        """End the file; what is below stays open."""
        if self._is_packed:
            self._file.close()
