"""Names that only what is suspicious needs, looked for in bytes: a document without any is harmless as far as they go.

Looking for names costs a hundredth of reading objects. No name can be missed: one that is written with escapes is
itself a mark, and object streams are marks that lead to their contents.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final, NamedTuple

__all__ = ["FONT", "OBJECT_STREAM", "Mark", "MarkFinder", "marks_in"]

FONT: Final = b"BaseFont"
OBJECT_STREAM: Final = b"ObjStm"

_NAMES: Final = (
    b"3D", b"AP", FONT, b"Caret", b"Circle", b"Collection", b"EF", b"EmbeddedFiles", b"FFilter", b"FileAttachment",
    b"Filespec", b"FreeText", b"GoTo3DView", b"GoToE", b"GoToR", b"Hide", b"Highlight", b"ImportData", b"Ink", b"JS",
    b"JavaScript", b"Launch", b"Line", b"Movie", b"OCProperties", b"OPI", OBJECT_STREAM, b"PolyLine", b"Polygon",
    b"Redact", b"Ref", b"Rendition", b"ResetForm", b"RichMedia", b"RichMediaExecute", b"Screen", b"SetOCGState",
    b"Sound", b"Square", b"Squiggly", b"Stamp", b"StrikeOut", b"SubmitForm", b"Underline", b"Watermark", b"XFA",
)  # fmt: skip
# A pattern tries alternatives one after another: each first letter is looked at once.
_BY_LETTER: Final = b"|".join(
    letter + b"(?:%b)" % b"|".join(name[1:] for name in names)
    for letter, names in groupby(sorted(_NAMES), key=lambda name: name[:1])
)
# /F is the flags of most annotations; of a stream it is a file only where it leads to one.
_FILE: Final = rb"F(?=[\x00\t\n\x0c\r ]*(?:[(<]|\d{1,10}[\x00\t\n\x0c\r ]+\d{1,5}[\x00\t\n\x0c\r ]+R))"
_MARKS: Final = re.compile(rb"/(?:(%b)\b|%b)" % (_BY_LETTER, _FILE))
# An escape of a letter or digit has no purpose but to be overlooked.
_ESCAPE: Final = re.compile(rb"#(?:3[0-9]|4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa])")
_NAME_BEFORE: Final = re.compile(rb"/[^\x00\t\n\x0c\r ()<>\[\]{}/%]*\Z")
_LONGEST: Final = 64
"""Bytes that a mark and what must follow it take at most."""
_MAX_MARKS: Final = 20_000


class Mark(NamedTuple):
    """A name and where its solidus stands; the name is empty for a file and for one that is written with escapes."""

    at: int
    name: bytes


def marks_in(data: bytes) -> list[Mark]:
    """Return the marks in some bytes, in no order."""
    found = [Mark(match.start(), match[1] or b"") for match in _MARKS.finditer(data)]
    if b"#" in data:
        for escape in _ESCAPE.finditer(data):
            at = escape.start()
            if name := _NAME_BEFORE.search(data, max(0, at - _LONGEST), at):
                found.append(Mark(name.start(), b""))
    return found


class MarkFinder:
    """Collect the marks of a file that is read piece by piece."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.is_complete = True
        """Whether none was left out because there were too many."""
        self._end = 0
        self._overlap = b""

    def __call__(self, piece: bytes) -> None:
        """Look at the next piece of the file."""
        window = self._overlap + piece if self._overlap else piece
        base = self._end - len(self._overlap)
        # One that lies in the overlap may be found twice, which does no harm.
        self.marks += [Mark(base + at, name) for at, name in marks_in(window)]
        if len(self.marks) > _MAX_MARKS:
            del self.marks[_MAX_MARKS:]
            self.is_complete = False
        self._end += len(piece)
        self._overlap = window[-_LONGEST:]
