"""Whether readers begin at the front of a file: a linearized one is read from there (ISO 32000-2 Annex F).

Poppler, PDF.js and Chromium do so as long as the file has the length that its first object states. Poppler and PDF.js
then look for the section behind the first `endobj` of the file, wherever that stands; and all of them read that object
less strictly than it should be written. So where the first object may be such a one and is odd in any way, it misleads.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.pattern import lazily
from gsign.syntax.reader import Document
from gsign.syntax.source import CHUNK, Source
from gsign.syntax.xref import MAX_OBJECT, StreamObject

__all__ = ["reads_from_front"]

_HEADER_AS_SHORT_AS_CAN_BE: Final = 9
"""Behind so many bytes PDFium looks for the first object, whatever the header is."""
_SPACE_OR_REMARKS: Final = lazily(rb"(?:[\x00\t\n\x0b\x0c\r \x80\xa0\xff]++|%[^\r\n]*+)*+")
_SPACE: Final = lazily(rb"(?:[\x00\t\n\x0c\r ]+|%[^\r\n]*[\r\n])*")
_OPEN_REMARK: Final = lazily(rb"%[^\r\n]*+\Z")
# Signs and points anywhere, and exponents: some reader takes each of them for a number.
_NUMBER: Final = lazily(rb"[\d+.\-eE]++")
_PLAIN_HEAD: Final = lazily(rb"\d{1,10}[\x00\t\n\x0c\r ]+\d{1,5}[\x00\t\n\x0c\r ]+obj")
_OBJECT_END: Final = lazily(rb"[\x00\t\n\x0c\r ]*endobj")
_LINEARIZED: Final = lazily(
    b"/" + b"".join(b"(?:%c|#%x%x|#%x%X)" % (c, c >> 4, c & 15, c >> 4, c & 15) for c in b"Linearized")
)
_WINDOW: Final = 512


def reads_from_front(document: Document, index: int, size: int) -> bool:
    """Say whether reading from the front leads to a revision's section, or is impossible since the length differs.

    Args:
        document: the whole document.
        index: of the revision's newest section.
        size: where the revision ends, which was the length of the file.
    """
    source = document.source
    places = {_behind_space(source, 0), _behind_space(source, _HEADER_AS_SHORT_AS_CAN_BE)}
    return all(_leads_to_section(document, at, index, size) for at in places)


def _leads_to_section(document: Document, at: int, index: int, size: int) -> bool:
    """Say the same of what begins at a place."""
    source = document.source
    if not _begins_object(source, at):
        return True
    read = _plainly_read(document, at)
    if read is None:
        return _LINEARIZED.search(source.read(at, MAX_OBJECT)) is None
    value, end = read
    entries = value.dictionary if isinstance(value, StreamObject) else value
    if not isinstance(entries, dict) or "Linearized" not in entries or _differs(entries.get("L"), size):
        return True
    return isinstance(value, dict) and document.sections[index].offset == _behind_first_object(source, end)


def _plainly_read(document: Document, at: int) -> tuple[Any, int] | None:
    """Return the object that begins at a place, and where its value ends; None for one that is odd in any way."""
    if _PLAIN_HEAD.match(document.source.read(at, _WINDOW)) is None:
        return None
    with suppress(PdfSyntaxError):
        return document.read_at(at)[2:]
    return None


def _differs(length: Any, size: int) -> bool:
    return length is None or (type(length) is int and length != size)


def _behind_first_object(source: Source, end: int) -> int | None:
    """Return what readers find behind the first `endobj`, if that is the one of the object whose value ends there."""
    window = source.read(end, _WINDOW)
    tail = _OBJECT_END.match(window)
    if tail is None or b"endobj" in source.read(0, end + tail.end() - 1):
        return None
    space = _SPACE.match(window, tail.end())
    return end + space.end() if space is not None else None


def _begins_object(source: Source, at: int) -> bool:
    """Say whether some reader takes what stands at a place for the head of an object."""
    for _ in range(2):
        number = _NUMBER.match(source.read(at, _WINDOW))
        if number is None:
            return False
        if number.end() == _WINDOW:
            return True  # who knows
        at = _behind_space(source, at + number.end())
    return source.read(at, 3) == b"obj"


def _behind_space(source: Source, at: int) -> int:
    """Pass white space and comments, as much as there is."""
    remark = b""
    while True:
        length = _WINDOW if not remark else CHUNK
        window = remark + source.read(at, length)
        match = _SPACE_OR_REMARKS.match(window)
        passed = match.end() if match is not None else 0
        at += passed - len(remark)
        if passed < len(window) or len(window) - len(remark) < length:
            return at
        remark = b"%" if _OPEN_REMARK.search(window) is not None else b"\n"
