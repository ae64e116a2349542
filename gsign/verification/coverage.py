"""Which bytes a signature covers, read off the bytes themselves (ISO 32000-2 clauses 12.8.1 and 12.8.3.3.1).

Nothing here trusts lengths that add up or what a parser made of a document. The signature dictionary is looked for
where the cross-reference points, its own tokens are located, and /ByteRange must leave out exactly the hexadecimal
string of its own /Contents and reach the end of the file or of a revision that the document's chain of cross-reference
sections really has. Anything unclear is no coverage.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from gsign.result import Coverage
from gsign.syntax.lexer import Lexer, PdfSyntaxError, Truncated
from gsign.syntax.objects import Name, Ref
from gsign.syntax.reader import Document
from gsign.syntax.source import Source, window
from gsign.syntax.xref import MAX_OBJECT
from gsign.verification.views import as_of

__all__ = ["Cover", "ReasonError", "cover", "revision_at", "shared"]

_WINDOW: Final = 1 << 16
_HEAD: Final = re.compile(rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+obj(?=[\x00\t\n\x0c\r <])")
# A key as everybody writes them, with the white space around it; and its value, where that is a plain name or string.
_ENTRY: Final = re.compile(
    rb"[\x00\t\n\x0c\r ]*+/([A-Za-z0-9_.]++)[\x00\t\n\x0c\r ]*+"
    rb"(?:(/[A-Za-z0-9_.]++)(?=[\x00\t\n\x0c\r ()<>\[\]{}/%])|(\([^()\\\r]*+\))"
    rb"|(?=[/\[(<])|(?<=[\x00\t\n\x0c\r ])(?=[+\-.\dA-Za-z]))"
)
_KEY, _NAME, _TEXT = range(1, 4)
# Some writers leave lines empty behind the end, and sign those as well.
_END: Final = re.compile(
    rb"startxref[\x00\t\n\x0c\r ]+(\d{1,20})[\x00\t\n\x0c\r ]+%%EOF[\x00\t\n\x0c\r ]{0,128}+\Z",
)
_TAIL: Final = 256
_BEFORE_VALUE: Final = 64
"""A key stands in front of its value, with little between."""


class ReasonError(ValueError):
    """A signature or document is not as it must be; `reason` is a stable kebab-case identifier."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Entries(NamedTuple):
    """The values of a dictionary by their keys, and where the token of each begins and ends in the file."""

    values: dict[str, Any]
    places: dict[str, tuple[int, int]]


class Cover(NamedTuple):
    """What one signature covers."""

    coverage: Coverage
    reasons: tuple[str, ...] = ()
    byte_range: tuple[int, int, int, int] | None = None
    contents: bytes = b""
    """Decoded /Contents, padding included."""
    section: int = -1
    """Index of the newest cross-reference section of the covered revision; 0 is the document's newest."""
    dictionary: dict[str, Any] | None = None
    place: tuple[int, int] = (0, 0)
    """Where the entries of the signature dictionary begin and end in the file."""

    @property
    def end(self) -> int:
        """Offset behind the last covered byte."""
        assert self.byte_range is not None  # noqa: S101 - asked only of what is covered
        return self.byte_range[2] + self.byte_range[3]


def cover(document: Document, value: Any) -> Cover:
    """Determine what the signature covers that a field's /V names.

    (1) /V refers to an uncompressed object of its own, which stands where the newest cross-reference says, with the
    right number and generation; (2) its /ByteRange and /Contents are direct, /ByteRange is four sane integers from 0;
    (3) the gap is exactly the hexadecimal string of this /Contents; (4) the second part ends where the file ends or
    where a revision does; (5) that revision itself has this very object.
    """
    entries = _Entries({}, {})
    if not isinstance(value, Ref):
        return Cover(Coverage.NONE, ("signature-object-unclear",))
    try:
        entries = _locate(document, value)
        byte_range = _byte_range(entries.values.get("ByteRange"), document.source.size)
        contents = _gap(document.source, entries, byte_range)
        section = revision_at(document, byte_range[2] + byte_range[3])
        _check_defined(document, value, section)
    except ReasonError as error:
        return _uncovered(entries, _reasons(document.source, entries.values.get("ByteRange"), error.reason))
    except PdfSyntaxError:
        return _uncovered(entries, ("signature-object-unclear",))
    whole = byte_range[2] + byte_range[3] == document.source.size
    coverage = Coverage.WHOLE_FILE if whole else Coverage.REVISION
    return Cover(coverage, (), byte_range, contents, section, entries.values, _place(entries))


def _uncovered(entries: _Entries, reasons: tuple[str, ...]) -> Cover:
    return Cover(Coverage.NONE, reasons, dictionary=entries.values, place=_place(entries))


def _place(entries: _Entries) -> tuple[int, int]:
    if not entries.places:
        return 0, 0
    places = list(entries.places.values())  # in the order of the file
    return places[0][0] - _BEFORE_VALUE, places[-1][1]


def _reasons(source: Source, numbers: Any, reason: str) -> tuple[str, ...]:
    """Add that a program rewrote the file, where the bytes that the range leaves out are no signature at all."""
    if reason in ("byte-range-malformed", "signature-object-unclear") or not isinstance(numbers, list):
        return (reason,)
    _, start, end, _ = numbers
    edges = source.read(start, 1) + source.read(end - 1, 1)
    return (reason, "rewritten-after-signing") if edges != b"<>" else (reason,)


def _locate(document: Document, ref: Ref) -> _Entries:
    """Find the top-level entries of the dictionary at the object's place in the file."""
    entry = document.entry(ref.number)
    if entry is None or entry.kind != "n" or entry.generation != ref.generation:
        raise ReasonError("signature-object-unclear")
    length = _WINDOW
    while True:
        buffer, base = window(document.source, entry.offset, length)
        try:
            entries, end = _read_entries(
                buffer, entry.offset - base, base, ref, final=base + len(buffer) >= document.source.size
            )
            document.keep(entry.offset, (ref.number, ref.generation, entries.values, end))
            return entries
        except Truncated:
            if length > MAX_OBJECT:
                raise ReasonError("signature-object-unclear") from None
            length *= 4


def _read_entries(buffer: bytes, at: int, base: int, ref: Ref, *, final: bool) -> tuple[_Entries, int]:
    """Read the dictionary entry by entry, and return where it ends besides."""
    head = _HEAD.match(buffer, at)
    if head is None or (int(head[1]), int(head[2])) != (ref.number, ref.generation):
        raise ReasonError("signature-object-unclear")
    lexer = Lexer(buffer, head.end(), base=base, final=final)
    lexer.keyword(b"<<")
    values: dict[str, Any] = {}
    places: dict[str, tuple[int, int]] = {}
    value: Any
    while (found := _ENTRY.match(buffer, lexer.position)) or not lexer.has_keyword(b">>"):
        if found is not None:
            key, lexer.position = found[_KEY].decode("ascii"), found.end()
        else:
            key = _name(lexer)
        if found is not None and found.lastindex == _NAME:
            start, value = found.start(_NAME), Name(found[_NAME][1:].decode("ascii"))
        elif found is not None and found.lastindex == _TEXT:
            start, value = found.start(_TEXT), found[_TEXT][1:-1]
        else:
            start, value = lexer.position, lexer.value()
        if key in values:
            raise ReasonError("signature-object-unclear")
        values[key] = value
        places[key] = base + start, base + lexer.position
    lexer.position += 2
    end = base + lexer.position
    lexer.keyword(b"endobj")
    return _Entries(values, places), end


def _name(lexer: Lexer) -> str:
    """Read a key with what is odd about it: comments, characters spelled as numbers, or that it is none."""
    key = lexer.value()
    lexer.skip_space()
    if not isinstance(key, Name):
        raise ReasonError("signature-object-unclear")
    return str(key)


def _byte_range(numbers: Any, size: int) -> tuple[int, int, int, int]:
    if not (isinstance(numbers, list) and len(numbers) == 4 and all(type(n) is int and n >= 0 for n in numbers)):
        raise ReasonError("byte-range-malformed")
    first, start, end, rest = numbers
    if first != 0 or not 0 < start < end or not rest:
        raise ReasonError("byte-range-malformed")
    if end + rest > size:
        raise ReasonError("byte-range-beyond-file")
    return first, start, end, rest


def _gap(source: Source, entries: _Entries, byte_range: tuple[int, int, int, int]) -> bytes:
    contents = entries.values.get("Contents")
    if not isinstance(contents, bytes):
        raise ReasonError("contents-malformed")
    _, start, end, _ = byte_range
    if entries.places["Contents"] != (start, end):
        raise ReasonError("byte-range-gap")
    # Two digits for each octet and nothing between them, whatever the token was taken for.
    if source.read(start, 1) + source.read(end - 1, 1) != b"<>" or not contents or end - start != 2 * len(contents) + 2:
        raise ReasonError("contents-malformed")
    return contents


def revision_at(document: Document, end: int) -> int:
    """Return the index of the newest section of the revision that ends at `end`.

    Raises:
        ReasonError: `byte-range-end`: no revision of the document's chain ends there.
    """
    tail_at = max(0, end - _TAIL)
    match = _END.search(document.source.read(tail_at, end - tail_at))
    if match is None:
        raise ReasonError("byte-range-end")
    offset = int(match[1])
    found = None
    for index, section in enumerate(document.sections):
        if found is None and section.is_named_by(document.source, offset):
            found = index
        # Sections of the revision lie before its end, those of later revisions behind it.
        if section.offset < end if found is None else section.end > end:
            raise ReasonError("byte-range-end")
    if found is None:
        raise ReasonError("byte-range-end")
    return found


def _check_defined(document: Document, ref: Ref, section: int) -> None:
    """The covered revision must have the very object that the newest one has, and within its own bytes."""
    if as_of(document, section).entry(ref.number) != document.entry(ref.number):
        raise ReasonError("signature-object-changed")


def shared(covers: Iterable[Cover]) -> set[tuple[int, int, int, int]]:
    """Return the byte ranges whose gap is that of another signature too, or crosses it."""
    ranges = sorted((c.byte_range for c in covers if c.byte_range is not None), key=lambda r: r[1:3])
    found: set[tuple[int, int, int, int]] = set()
    for i, one in enumerate(ranges):
        crossing = [r for r in ranges[i + 1 :] if r[1] < one[2]]
        found.update(crossing, (one,) if crossing else ())
    return found
