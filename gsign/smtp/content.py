"""The octets between DATA and the line that holds a single dot (RFC 5321 clauses 4.1.1.4 and 4.5.2).

Data ends at CRLF "." CRLF and nowhere else. What another server could take for an end, or for another line than we do
(a CR or LF on its own, NUL), is a fault and never mended: a message that two servers cut differently carries a second
one inside. Checks run over whole pieces of the stream, not over lines.
"""

from __future__ import annotations

import enum
import hashlib
import mmap
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from gsign.mime.lines import after_even_lines, line_faults

__all__ = ["CUT_DIFFERENTLY", "FAULT_REPLIES", "Content", "ContentFault", "ContentReader", "find_fault"]

LINE_LIMIT: Final = 1000
"""Octets of a line: 998 of text and CRLF; the dot that transparency adds does not count (RFC 5321 clause 4.5.3.1.6)."""

Content = bytes | mmap.mmap
"""A message: in memory, or where it is large mapped from a file that nobody else can open."""

_END: Final = b".\r\n"
_GAP: Final = 8 << 10
"""Octets after which lines are looked at once more for being of one length; where they are not, twice as many."""
_SMALL: Final = 32 << 10
_OVERHEAD: Final = 64
"""Octets of memory that a piece takes beside its own: a client may send a line at a time."""
_EASY: Final = 64 << 10
"""Octets of a message that is kept in memory however many others are."""
_MEMORY: Final = 128 << 20
"""Octets in memory of all messages that have begun; beyond that, they are kept in files."""
_DOT: Final = re.compile(rb"\r\n\.")
"""A line that begins with a dot, or ends everything. An expression finds that in half the time that `in` takes."""


class _Memory:
    """What unfinished messages take of it."""

    octets = 0


class ContentFault(enum.StrEnum):
    """Why content is refused."""

    BARE_CR = "bare-cr"
    BARE_LF = "bare-lf"
    NUL = "nul"
    LINE_TOO_LONG = "line-too-long"
    TOO_LARGE = "message-too-large"
    UNENDED = "unended"
    """Its last line has no end."""
    STORAGE = "storage"
    """Ours: the file that holds a large message cannot be written."""


CUT_DIFFERENTLY: Final = {
    ContentFault.BARE_CR: "bare CR",
    ContentFault.BARE_LF: "bare LF",
    ContentFault.NUL: "NUL",
}
"""What two servers may take for an end, or one of them alone."""
FAULT_REPLIES: Final = {
    ContentFault.LINE_TOO_LONG: (550, "5.6.0", "a line is longer than 998 octets"),
    ContentFault.TOO_LARGE: (552, "5.3.4", "message is larger than allowed"),
    ContentFault.STORAGE: (451, "4.3.1", "no room for the message; try again later"),
    ContentFault.UNENDED: (550, "5.6.0", "the last line does not end in CRLF"),
}
"""What the client hears of the other faults."""


class ContentReader:
    """Collect content piece by piece.

    Args:
        limit: octets that a message may have.
        spool_after: octets beyond which the message is kept in a file.
        folder: where that file is made; None for the system's.

    Attributes:
        fault: the first one found; from then on content is dropped, but its end is still looked for.
        size: octets of content so far.
        is_complete: whether the end has come.
        has_dots: whether a line of the message begins with a dot, as few do.
    """

    def __init__(self, limit: int, *, spool_after: int = 1 << 20, folder: Path | None = None) -> None:
        self.fault: ContentFault | None = None
        self.size = 0
        self.is_complete = False
        self.has_dots = False
        self._limit = limit
        self._spool_after = spool_after
        self._folder = folder
        self._pieces: list[bytes] = []
        self._in_memory = 0
        self._file: IO[bytes] | None = None
        self._open_line = b""
        self._is_after_crlf = True
        self._digest = hashlib.sha256()

    def feed(self, octets: bytes) -> bytes:
        """Take what has arrived, and return what follows the end of the content; empty before that."""
        data = self._open_line + octets if self._open_line else octets
        if self._is_after_crlf and data.startswith(_END):
            self.is_complete = True
            return data[len(_END) :]
        found = _DOT.search(data)
        has_dots = found is not None or (self._is_after_crlf and data.startswith(b"."))
        end = data.find(b"\r\n.\r\n", found.start()) if found is not None else -1
        if end >= 0:
            # Most messages have but the one dot.
            has_dots = data.startswith(b".") or (found is not None and found.start() < end)
            self._take(data[: end + 2], has_dots=has_dots)
            self.is_complete = True
            return data[end + 5 :]
        # Whole lines are checked and kept; a piece of one waits for its rest.
        cut = data.rfind(b"\n") + 1
        self._wait_with(data[cut:])
        if cut:
            self._take(data[:cut], has_dots=has_dots)
        return b""

    def feed_chunk(self, octets: bytes) -> None:
        """Take part of content whose size is said beforehand, so that nothing marks its end (RFC 3030)."""
        data = self._open_line + octets
        cut = data.rfind(b"\n") + 1
        self._wait_with(data[cut:])
        if cut:
            lines = data[:cut]
            self._take(lines, has_dots=False)
            self.has_dots = self.has_dots or lines.startswith(b".") or _DOT.search(lines) is not None

    def end_chunks(self) -> None:
        """Say that no more chunks come."""
        self.is_complete = True
        if self._open_line:
            self._fail(ContentFault.UNENDED)

    def content(self) -> Content:
        """Return the message without the dots that transparency added."""
        if self._file is None:
            return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    @property
    def sha256(self) -> str:
        """Digest of the message, in hexadecimal."""
        return self._digest.hexdigest()

    def close(self) -> None:
        """Give up the file, if there is one, and the message."""
        self._forget_pieces()
        if self._file is not None:
            # What a full disk did not take is not wanted any more.
            with suppress(OSError):
                self._file.close()

    def _wait_with(self, open_line: bytes) -> None:
        if len(open_line) > LINE_LIMIT:
            self._fail(ContentFault.LINE_TOO_LONG)
            # Enough of it to tell that this is not the start of a line, and that a CR may come before an LF.
            open_line = open_line[-4:] if open_line[-4:-3] != b"." else b"x" + open_line[-3:]
        self._open_line = open_line

    def _take(self, lines: bytes, *, has_dots: bool) -> None:
        self._is_after_crlf = lines.endswith(b"\r\n")
        if self.fault is not None:
            return
        if has_dots:
            lines = lines.removeprefix(b".").replace(b"\r\n.", b"\r\n")
            self.has_dots = self.has_dots or lines.startswith(b".") or _DOT.search(lines) is not None
        fault = find_fault(lines)
        if fault is not None:
            self._fail(fault)
            return
        self.size += len(lines)
        if self.size > self._limit:
            self._fail(ContentFault.TOO_LARGE)
            return
        self._digest.update(lines)
        self._keep(lines)

    def _keep(self, lines: bytes) -> None:
        takes = len(lines) + _OVERHEAD
        if self._file is None and self._has_room(self._in_memory + takes):
            self._pieces.append(lines)
            self._in_memory += takes
            _Memory.octets += takes
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed with the transaction
                self._file.writelines(self._pieces)
                self._forget_pieces()
            self._file.write(lines)
            # A disk that is full says so now, rather than when the message is there.
            self._file.flush()
        except OSError:
            self._fail(ContentFault.STORAGE)

    def _has_room(self, octets: int) -> bool:
        return octets <= self._spool_after and (octets <= _EASY or _Memory.octets < _MEMORY)

    def _forget_pieces(self) -> None:
        self._pieces.clear()
        _Memory.octets -= self._in_memory
        self._in_memory = 0

    def _fail(self, fault: ContentFault) -> None:
        self.fault = self.fault or fault
        self.close()


def find_fault(lines: bytes) -> ContentFault | None:
    """Find what is off in whole lines: a CR or LF on its own, NUL, a line that is too long."""
    faults = line_faults(lines)
    if faults:
        return next(
            fault for fault in (ContentFault.BARE_LF, ContentFault.BARE_CR, ContentFault.NUL) if fault in faults
        )
    return ContentFault.LINE_TOO_LONG if _has_long_line(lines) else None


def _has_long_line(lines: bytes) -> bool:
    start, last = 0, len(lines) - LINE_LIMIT
    # Of a small message all lines are through by the time that those of one length were found.
    next_look, gap = 0 if last > _SMALL else last, _GAP
    while start < last:
        if start >= next_look:
            # Lines of one length need no look at each; theirs is within the limit.
            stop = after_even_lines(lines, start)
            next_look, gap = (stop + _GAP, _GAP) if stop > start else (start + gap, 2 * gap)
            if stop > start:
                start = stop
                continue
        # From the start of a line, the last end within the limit is the start of another: as few steps as can be.
        end = lines.rfind(b"\n", start, start + LINE_LIMIT)
        if end < 0:
            return True
        start = end + 1
    return False
