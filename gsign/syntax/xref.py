"""Cross-reference sections: tables, streams, and both at once (ISO 32000-2 clauses 7.5.4 and 7.5.8).

Entries are looked up where they stand, not read all at once: a million objects cost no more than a few.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple, TypeVar

from gsign.syntax.filters import decode
from gsign.syntax.lexer import WHITE, Lexer, PdfSyntaxError, Truncated
from gsign.syntax.objects import Ref
from gsign.syntax.source import BytesSource, Source, window

__all__ = [
    "MAX_OBJECT",
    "MAX_SECTIONS",
    "Entry",
    "Section",
    "StreamObject",
    "read_chain",
    "read_object",
    "read_section",
]

MAX_SECTIONS: Final = 2048
MAX_NUMBER: Final = 8_388_607  # Annex C of ISO 32000-1: the largest object number readers must take
MAX_GENERATION: Final = 65_535
_BEHIND: Final = MAX_NUMBER + 2  # more entries than any subsection has
MAX_OBJECT: Final = 16 << 20
"""Largest object, stream data aside, in bytes."""
_WINDOW: Final = 4096
_FURTHER: Final = 16
_HEADING: Final = 512
_TABLE: Final = b"xref"
_SPACE_BEFORE: Final = 128
"""Where Firefox saves a linearized file, it names the end of its first object: up to so much white space follows."""
_ENTRY: Final = 20
_KEPT: Final = 64
"""Entries of a table that are remembered: as many as a revision has that adds a signature."""
_ENTRY_FORM: Final = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)")
_SUBSECTION: Final = re.compile(rb"[\x00\t\n\x0c\r ]*(\d{1,10})[\t ]+(\d{1,10})[\t ]*(?:\r\n|\r|\n)")
_TRAILER: Final = re.compile(rb"[\x00\t\n\x0c\r ]*trailer(?=[\x00\t\n\x0c\r <%])")
_STARTXREF: Final = re.compile(rb"startxref[\x00\t\n\x0c\r ]+(\d{1,20})[\x00\t\n\x0c\r ]+%%EOF[\x00\t\n\x0c\r ]*$")

_HEAD: Final = re.compile(rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,10})[\x00\t\n\x0c\r ]+obj")
_AFTER_VALUE: Final = re.compile(rb"[\x00\t\n\x0c\r ]*+(?:endobj|(stream)(?:\r\n|\n))")
# Lengths of streams, as Ghostscript wrote them: PDFium takes them for nothing, and looks for the end of the stream.
_GLUED: Final = re.compile(rb"[\x00\t\n\x0c\r ]*+(\d{1,10})endobj")

Parsed = TypeVar("Parsed")


class Entry(NamedTuple):
    """Where an object is: in the file (`offset`), in an object stream (`container`, `index`), or nowhere (free)."""

    kind: str
    """`n` in use, `f` free, `c` compressed."""
    offset: int
    """Offset in the file; number of the object stream where compressed."""
    generation: int
    """Generation; index in the object stream where compressed."""


class StreamObject:
    """A stream as it stands in the file; its data is read when asked for.

    Args:
        dictionary: of the stream.
        data_offset: where its data begins.
        ref: where the document is encrypted: whose key its data is under.
    """

    __slots__ = ("data_offset", "dictionary", "ref")

    def __init__(self, dictionary: dict[str, Any], data_offset: int, ref: Ref | None = None) -> None:
        self.dictionary = dictionary
        self.data_offset = data_offset
        self.ref = ref


class Section:
    """One cross-reference section with its trailer.

    Args:
        offset: where it begins.
        is_stream: whether it is a stream.
        trailer: trailer dictionary, or dictionary of the stream.
        ranges: first number, count, and where the first entry stands (in the file, or in `data`); in order, none
            overlapping.
        end: offset behind the trailer dictionary, or behind the dictionary of the stream.
        number: object number of a cross-reference stream.
        data: decoded data of a cross-reference stream.
        widths: of the fields in it.
    """

    __slots__ = (
        "_known",
        "data",
        "end",
        "hybrid",
        "is_stream",
        "number",
        "offset",
        "ranges",
        "stated",
        "trailer",
        "widths",
    )

    def __init__(
        self,
        offset: int,
        *,
        is_stream: bool,
        trailer: dict[str, Any],
        ranges: list[tuple[int, int, int]],
        end: int,
        number: int = 0,
        data: bytes = b"",
        widths: tuple[int, int, int] = (0, 0, 0),
    ) -> None:
        self.offset = offset
        self.stated = offset
        """What names it says that it begins here; see `is_named_by`."""
        self.is_stream = is_stream
        self.trailer = trailer
        self.ranges = ranges
        self.end = end
        self.number = number
        self.data = data
        self.widths = widths
        self.hybrid: Section | None = None
        """The stream that /XRefStm of a table names."""
        self._known: dict[int, Entry] = {}

    def is_named_by(self, source: Source, offset: int) -> bool:
        """Say whether an offset leads here: some writers name the line end in front of the section."""
        ahead = self.offset - offset
        return 0 <= ahead <= _SPACE_BEFORE and not source.read(offset, ahead).strip(WHITE)

    def entry(self, source: Source, number: int) -> Entry | None:
        """Look a number up in this section alone.

        Raises:
            PdfSyntaxError: the entry is malformed.
        """
        at = bisect_right(self.ranges, (number, _BEHIND, 0)) - 1
        if at < 0:
            return None
        first, count, entries_at = self.ranges[at]
        return self._entry_at(source, entries_at, number - first) if number < first + count else None

    def entries(self, source: Source) -> Iterator[tuple[int, Entry]]:
        """Yield every number of this section with its entry."""
        for first, count, at in self.ranges:
            for i in range(count):
                yield first + i, self._entry_at(source, at, i)

    def _entry_at(self, source: Source, at: int, index: int) -> Entry:
        if self.is_stream:
            return self._stream_entry(at + index * sum(self.widths))
        place = at + index * _ENTRY
        known = self._known.get(place)
        if known is not None:
            return known
        buffer, base = window(source, place, _ENTRY)
        match = _ENTRY_FORM.match(buffer, place - base)
        if match is None:
            raise PdfSyntaxError("malformed cross-reference entry", place)
        offset, generation, kind = match.groups()
        found = _entry(Entry, ("n" if kind == b"n" else "f", int(offset), int(generation)))
        if len(self._known) < _KEPT:
            self._known[place] = found
        return found

    def _stream_entry(self, at: int) -> Entry:
        w1, w2, w3 = self.widths
        kind = int.from_bytes(self.data[at : at + w1], "big") if w1 else 1
        second = int.from_bytes(self.data[at + w1 : at + w1 + w2], "big")
        third = int.from_bytes(self.data[at + w1 + w2 : at + w1 + w2 + w3], "big")
        if kind > 2:
            raise PdfSyntaxError("unknown type of cross-reference entry")
        return Entry("fnc"[kind], second, third)


def read_chain(source: Source) -> list[Section]:
    """Read all sections from the last `startxref` on, newest first.

    Raises:
        PdfSyntaxError: no or a wrong `startxref`, a malformed section, a loop, or more than `MAX_SECTIONS`.
    """
    tail_at = max(0, source.size - 2048)
    match = _STARTXREF.search(source.read(tail_at, 2048))
    if match is None:
        raise PdfSyntaxError("no startxref at the end", tail_at)
    sections: list[Section] = []
    seen: set[int] = set()
    offset: object = int(match[1])
    while offset is not None:
        if not isinstance(offset, int) or not 0 < offset < source.size:
            raise PdfSyntaxError("cross-reference sections do not form a chain")
        section = read_section(source, offset)
        if section.offset in seen:
            raise PdfSyntaxError("cross-reference sections do not form a chain")
        seen.add(section.offset)
        if len(seen) > MAX_SECTIONS:
            raise PdfSyntaxError("too many cross-reference sections")
        sections.append(section)
        offset = section.trailer.get("Prev")
    return sections


def read_section(source: Source, offset: int) -> Section:
    """Read the section at `offset`, with its hybrid part where it has one.

    Raises:
        PdfSyntaxError: none stands there, or it is malformed.
    """
    head = source.read(offset, _SPACE_BEFORE + len(_TABLE))
    found = head.lstrip(WHITE)
    is_table = found.startswith(_TABLE)
    begins_at = offset + len(head) - len(found)
    section = (_read_table_section if is_table else _read_stream_section)(source, begins_at)
    section.stated = offset
    if not is_table:
        return section
    hybrid_at = section.trailer.get("XRefStm")
    if hybrid_at is not None:
        if not isinstance(hybrid_at, int) or not 0 < hybrid_at < source.size:
            raise PdfSyntaxError("/XRefStm is off", offset)
        section.hybrid = _read_stream_section(source, hybrid_at)
    return section


def _read_table_section(source: Source, offset: int) -> Section:
    position = offset + 4
    ranges: list[tuple[int, int, int]] = []
    while True:
        buffer, base = window(source, position, _HEADING)
        match = _SUBSECTION.match(buffer, position - base)
        if match is None:
            break
        first, count = int(match[1]), int(match[2])
        _check_range(first, count, offset)
        entries_at = base + match.end()
        if count:
            ranges.append((first, count, entries_at))
        position = entries_at + count * _ENTRY
        if position > source.size or len(ranges) > 1 << 16:
            raise PdfSyntaxError("cross-reference table is off", offset)
    match = _TRAILER.match(buffer, position - base)
    if match is None:
        raise PdfSyntaxError("malformed cross-reference table", position)
    trailer, end = _read_value(source, base + match.end())
    if not isinstance(trailer, dict):
        raise PdfSyntaxError("malformed trailer", position)
    return Section(offset, is_stream=False, trailer=trailer, ranges=_in_order(ranges, offset), end=end)


def _read_stream_section(source: Source, offset: int) -> Section:
    number, _generation, value, end = read_object(source, offset)
    if not isinstance(value, StreamObject) or value.dictionary.get("Type") != "XRef":
        raise PdfSyntaxError("no cross-reference section", offset)
    dictionary = value.dictionary
    length = dictionary.get("Length")
    widths = _integers(dictionary.get("W"))
    index = _integers(dictionary.get("Index", [0, dictionary.get("Size")]))
    if not (isinstance(length, int) and 0 <= length <= source.size - value.data_offset):
        raise PdfSyntaxError("length of a cross-reference stream is off", offset)
    if len(widths) != 3 or max(widths) > 8 or len(index) % 2:
        raise PdfSyntaxError("malformed cross-reference stream", offset)
    data = decode(dictionary, source.read(value.data_offset, length))
    ranges: list[tuple[int, int, int]] = []
    at = 0
    for first, count in zip(index[::2], index[1::2], strict=True):
        _check_range(first, count, offset)
        if count:
            ranges.append((first, count, at))
        at += count * sum(widths)
    if at > len(data) or not sum(widths):
        raise PdfSyntaxError("cross-reference stream is too short", offset)
    return Section(
        offset,
        is_stream=True,
        trailer=dictionary,
        ranges=_in_order(ranges, offset),
        end=end,
        number=number,
        data=data,
        widths=(widths[0], widths[1], widths[2]),
    )


def _in_order(ranges: list[tuple[int, int, int]], offset: int) -> list[tuple[int, int, int]]:
    """Sort subsections; no object number may be in two of them, since readers differ on which one counts."""
    if len(ranges) < 2:
        return ranges
    ordered = sorted(ranges)
    if any(first + count > following for (first, count, _), (following, _, _) in pairwise(ordered)):
        raise PdfSyntaxError("object number twice in a cross-reference section", offset)
    return ordered


def _integers(value: object) -> list[int]:
    """Return an array of numbers from 0 on; empty where it is anything else."""
    if isinstance(value, list) and all(type(v) is int and v >= 0 for v in value):
        return value
    return []


def _check_range(first: int, count: int, offset: int) -> None:
    if first + count > MAX_NUMBER + 1:
        raise PdfSyntaxError("object number too large", offset)


def read_object(source: Source, offset: int) -> tuple[int, int, Any, int]:
    """Read the indirect object at `offset`: number, generation, value, and where its value ends.

    A stream is returned as `StreamObject`; what follows its dictionary is not looked at but for the keyword.

    Raises:
        PdfSyntaxError: no well-formed indirect object stands exactly there.
    """
    if offset >= source.size:
        raise PdfSyntaxError("no object here", offset)
    return _read_in_windows(source, offset, _parse_object)


def _read_value(source: Source, offset: int) -> tuple[Any, int]:
    return _read_in_windows(source, offset, _parse_value)


def _read_in_windows(source: Source, offset: int, parse: Callable[[Lexer], Parsed]) -> Parsed:
    """Parse what stands at an offset, with more bytes at hand each time that it was cut short."""
    if type(source) is BytesSource:
        return parse(Lexer(source.data, offset))
    length = _WINDOW
    while True:
        buffer, base = window(source, offset, length)
        final = base + len(buffer) >= source.size
        try:
            return parse(Lexer(buffer, offset - base, base=base, final=final))
        except Truncated:
            if final or length >= MAX_OBJECT:
                raise PdfSyntaxError("object without end", offset) from None
            length *= _FURTHER


def _parse_value(lexer: Lexer) -> tuple[Any, int]:
    return lexer.value(), lexer.base + lexer.position


def _parse_object(lexer: Lexer) -> tuple[int, int, Any, int]:
    number, generation = _parse_head(lexer)
    start = lexer.position
    try:
        value = lexer.value()
    except PdfSyntaxError:
        glued = _GLUED.match(lexer.buffer, start)
        if glued is None:
            raise
        return number, generation, int(glued[1]), lexer.base + glued.end(1)
    tail = _AFTER_VALUE.match(lexer.buffer, lexer.position)
    if tail is None or (tail[1] and not isinstance(value, dict)):
        return number, generation, *_parse_tail(lexer, value)
    if tail[1]:
        at = lexer.base + tail.end()
        return number, generation, StreamObject(value, at), at
    return number, generation, value, lexer.base + lexer.position


def _parse_head(lexer: Lexer) -> tuple[int, int]:
    head = _HEAD.match(lexer.buffer, lexer.position)
    if head is not None:
        lexer.position = head.end()
        number, generation = int(head[1]), int(head[2])
    else:
        # With a comment in it, or none at all.
        if not lexer.buffer[lexer.position : lexer.position + 1].isdigit():
            raise PdfSyntaxError("no object here", lexer.base + lexer.position)
        number, generation = lexer.integer(), lexer.integer()
        lexer.keyword(b"obj")
    if number > MAX_NUMBER or not 0 <= generation <= MAX_GENERATION:
        raise PdfSyntaxError("object number too large", lexer.base + lexer.position)
    return number, generation


def _parse_tail(lexer: Lexer, value: Any) -> tuple[Any, int]:
    """Pass what stands behind a value, whatever white space and comments are in between."""
    if lexer.has_keyword(b"stream") and isinstance(value, dict):
        at = lexer.position + 6
        if lexer.buffer.startswith(b"\r\n", at):
            at += 2
        elif lexer.buffer.startswith((b"\n", b"\r"), at):
            at += 1  # a carriage return alone is against the rules (clause 7.3.8.1), and read by all in one way
        else:
            raise lexer.fail("stream keyword without line feed")
        return StreamObject(value, lexer.base + at), lexer.base + at
    end = lexer.base + lexer.position
    lexer.keyword(b"endobj")
    return value, end


# What a NamedTuple's own constructor comes to, without the call between.
_entry = tuple.__new__
