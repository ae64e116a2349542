"""References that stand in content: in what streams draw, and in the styles of fields (ISO 32000-2 clause 7.8.2).

Content has no references. Yet Poppler, MuPDF, Ghostscript and PDF.js follow them within arrays and dictionaries: an
inline image has its colours from another object, and a text `[(1) 99 0 R] TJ` goes on with whatever string the 99th is.
Poppler and Ghostscript draw what the style of a field says in the same way.
"""

from __future__ import annotations

import enum
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import compress, pairwise
from typing import Any, Final, NamedTuple

from gsign.syntax.content import decode_content, inflate
from gsign.syntax.lexer import WHITE, Lexer, PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.pattern import lazily
from gsign.syntax.reader import Document
from gsign.syntax.source import Source, chunks
from gsign.syntax.xref import Section, StreamObject
from gsign.verification.views import object_streams, parts, value_at

__all__ = ["ANY", "AS_CONTENT", "Contents", "Named", "numbers_in"]

_END: Final = lazily(rb"R(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|\Z)(?:(?<=[\d.+\-\x00\t\n\x0c\r ]R)|(?<=\AR))")
# What readers draw in one go may be several streams, and a reference begin in one of them.
_WITHIN: Final = lazily(
    rb"(?:[\x00\t\n\x0c\r ]++|%[^\r\n]*+)*+(?:[\d.+\-]++(?:[\x00\t\n\x0c\r ]++|%[^\r\n]*+)*+)?+"
    rb"R(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|\Z)"
)
_COMMENT: Final = lazily(rb"%[^\r\n]*+")
_RUN: Final = WHITE + b"0123456789+-.eE"
_TOKEN: Final = lazily(rb"[^\x00\t\n\x0c\r ]+")
_DIGITS: Final = lazily(rb"\d+")
_LINE_END: Final = lazily(rb"[\r\n]")
_NEAR: Final = 64
_FAR: Final = 4096
_LONGEST_NUMBER: Final = 32
_OVERLAP: Final = 1 << 12
_LONGEST_END: Final = 16
_ROW: Final = 20
_MOST: Final = 512 << 20
"""Bytes of content, decoded: pictures are none of it."""
_LONGEST_WITHOUT_END: Final = 16 << 20
_STYLE: Final = lazily(rb"/(?:D|#44)(?:A|#41)(?=[\x00\t\n\x0c\r (<%\d])")
_HEAD: Final = 1 << 14
_BEGINS: Final = lazily(rb"[\x00\t\n\x0c\r ]*(\d{1,10})[\x00\t\n\x0c\r ]+\d{1,5}[\x00\t\n\x0c\r ]+obj")
# What nearly all streams begin with: one dictionary that cannot be read in two ways, and one filter or none.
_USUAL: Final = lazily(_BEGINS.pattern + rb"[\x00\t\n\x0c\r ]*<<([^#%()<>]*+)>>[\x00\t\n\x0c\r ]*+stream\r?\n")
_NUMBER, _DICTIONARY = 1, 2
_GAP: Final = rb"[\x00\t\n\x0c\r ]*+"
_STRING: Final = rb"\((?:[^()\\]++|\\[\x00-\xff]|\((?:[^()\\]++|\\[\x00-\xff])*+\))*+\)|<[0-9A-Fa-f]*+>"
_SIMPLE: Final = rb"[^()<>\[\]{}%]++"


def _nested(levels: int) -> bytes:
    """Return a pattern for what stands within a dictionary or an array, so many levels deep."""
    inner = _nested(levels - 1) if levels else b""
    deeper = b"|<<" + inner + rb">>|\[" + inner + rb"\]" if levels else b""
    return b"(?:" + _SIMPLE + b"|" + _STRING + deeper + b")*+"


_TIDY: Final = lazily(
    _GAP + rb"\d++[\x00\t\n\x0c\r ]++\d++[\x00\t\n\x0c\r ]++obj" + _GAP
    + rb"(?:<<" + _nested(4) + rb">>|\[" + _nested(4) + rb"\]|" + _STRING + rb"|[^()<>\[\]{}%a-zA-Z]++|/?[A-Za-z0-9]++)"
    + _GAP + b"endobj" + _GAP + rb"(?:\Z|(?:start)?xref)"
)  # fmt: skip
_DIGITS_ALIKE: Final = bytes.maketrans(b"123456789", b"000000000")
"""No part of that pattern tells one digit from another."""
_SHORT: Final = 512
"""Bytes of an object whose shape is remembered."""
_LENGTH: Final = lazily(
    rb"/Length[\x00\t\n\x0c\r ]+(\d{1,10})(?:[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+R)?(?=[/\s]|\Z)"
)
_FLATE: Final = lazily(
    rb"/Filter[\x00\t\n\x0c\r ]*(?:\[[\x00\t\n\x0c\r ]*)?/FlateDecode(?=[\x00\t\n\x0c\r /\]]|\Z)[\x00\t\n\x0c\r ]*\]?"
)
_PICTURE: Final = lazily(rb"/Subtype[\x00\t\n\x0c\r ]*/Image(?=[\x00\t\n\x0c\r /]|\Z)")
_OTHERWISE: Final = lazily(
    rb"Parms|/DP|/Length(?=[\x00\t\n\x0c\r ])|/F{1,2}(?:ilter)?(?:[\x00\t\n\x0c\r ]+\d|[\x00\t\n\x0c\r ]*[/\[])"
)
_OF_PICTURES: Final = frozenset({"DCTDecode", "DCT", "JPXDecode", "JBIG2Decode", "CCITTFaxDecode", "CCF"})
AS_CONTENT: Final = frozenset({"Contents", "AP", "CharProcs", "Pattern"})
"""Keys by which a stream is content, whatever it says that it is."""


ANY: Final = -1
"""Stands for whatever content may name that cannot be read, or that begins within a reference."""


class Named(NamedTuple):
    """What some reader takes for an object's number, the object whose content names it, and where that begins."""

    number: int
    owner: int
    """0 where it is the style of a field."""
    offset: int


class Contents:
    """What the contents and styles of all revisions of a document name, and which streams were not looked into.

    Args:
        document: the whole document.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._left = _MOST
        self.pictures: set[int] = set()
        """Numbers of streams that are pictures, if nothing uses them otherwise."""
        self.named: list[Named] = []
        self._is_encrypted = document.is_encrypted
        for offset, behind in _extents(document):
            head = document.source.read(offset, min(behind - offset, _HEAD))
            if not self._is_silent(head, is_whole=behind - offset <= _HEAD):
                self.named += self._at(offset, head)
        for stream, data in object_streams(document):
            self.named += [Named(number, 0, stream.data_offset) for number in self._in_styles(data)]

    def _is_silent(self, head: bytes, *, is_whole: bool) -> bool:
        """Say whether an object names nothing, where that is soon found out: so it is of nearly all objects."""
        if self._is_encrypted:
            return False
        if b"stream" not in head:
            # Most objects neither draw nor say how anything is drawn.
            return is_whole and b"/DA" not in head and b"#" not in head and _is_tidy(head)
        usual = _USUAL.match(head)
        length = _length_of_compressed(usual[_DICTIONARY]) if usual is not None else None
        if usual is None or length is None:
            return False
        start = usual.end()
        end = start + length
        if head.find(b"endstream", end, end + _LONGEST_END) < 0:
            return False
        machine = zlib.decompressobj()
        try:
            text = machine.decompress(head[start:end], _LONGEST_WITHOUT_END)
        except zlib.error:
            return False
        if machine.unconsumed_tail or len(text) > self._left or _END.search(text) is not None:
            return False
        self._left -= len(text)
        return True

    def _at(self, offset: int, head: bytes) -> list[Named]:
        """Return what the object names that begins at an offset."""
        usual = _USUAL.match(head)
        begins = usual or _BEGINS.match(head)
        if begins is None:
            return []  # none stands there; who needs it, is told elsewhere
        owner = int(begins[_NUMBER])
        if usual is not None and not self._is_encrypted:
            numbers = self._in_usual(owner, offset, usual)
        elif b"stream" in head or self._is_encrypted or len(head) == _HEAD or not _is_tidy(head):
            owner, numbers = self._in_unusual(owner, offset)
        else:
            owner, numbers = 0, self._in_styles(head)
        return [Named(number, owner, offset) for number in numbers]

    def _in_usual(self, owner: int, offset: int, usual: re.Match[bytes]) -> Iterable[int]:
        dictionary = usual[_DICTIONARY]
        length = _LENGTH.search(dictionary)
        if length is None:
            return self._in_unusual(owner, offset)[1]
        written = _written(dictionary[: length.start()] + dictionary[length.end() :])
        if written is _Written.PICTURE:
            self.pictures.add(owner)
            return ()
        source, start = self._document.source, offset + usual.end()
        size = int(length[1]) if length[2] is None else self._document.get(Ref(int(length[1]), int(length[2])))
        if written is _Written.UNUSUALLY or type(size) is not int or not 0 <= size <= source.size:
            return self._in_unusual(owner, offset)[1]
        if b"endstream" not in source.read(start + size, _LONGEST_END):
            return self._in_unusual(owner, offset)[1]
        if written is _Written.COMPRESSED:
            return self._in_pieces(inflate(source.read(start, size)))
        self._left += size  # what grows is to be limited
        return self._in_pieces(chunks(source, start, start + size))

    def _in_unusual(self, owner: int, offset: int) -> tuple[int, Iterable[int]]:
        document = self._document
        try:
            value = value_at(document, offset)
        except PdfSyntaxError:
            return owner, self._in_damaged(owner, offset)
        if not isinstance(value, StreamObject):
            return 0, _in_value(document, value)
        filters = _direct(document, value.dictionary.get("Filter"))
        if value.dictionary.get("Subtype") == "Image" or not _OF_PICTURES.isdisjoint(_names(filters)):
            self.pictures.add(owner)
            return owner, ()
        if value.dictionary.keys() & {"F", "FFilter", "FDecodeParms", "DP"}:
            return owner, (ANY,)
        try:
            data = _stored(document, value)
            parameters = _direct(document, value.dictionary.get("DecodeParms"))
            return owner, list(numbers_in(decode_content(filters, parameters, data)))
        except ValueError:
            return owner, (ANY,)

    def _in_pieces(self, pieces: Iterable[bytes]) -> list[int]:
        found: list[int] = []
        overlap = b""
        for piece in pieces:
            self._left -= len(piece)
            if self._left < 0:
                return [*found, ANY]
            text = overlap + piece if overlap else piece
            if _END.search(text) is not None:
                found += numbers_in(text)
            overlap = text[-_OVERLAP:]
        return found

    def _in_damaged(self, owner: int, offset: int) -> Iterator[int]:
        """Yield what an object may name that is malformed: whoever needs it, is told elsewhere."""
        from gsign.verification.malformed import data_starts, filters_named, stream_keyword

        text = self._document.source.read(offset, _LONGEST_WITHOUT_END)
        head = _BEGINS.match(text)
        keyword = stream_keyword(text, head.end() if head is not None else 0)
        if keyword is None:
            yield from self._in_styles(text.partition(b"endobj")[0])
            return
        begins, ends = keyword
        filters = filters_named(text[:begins])
        if self._is_encrypted or filters is None or len(filters) > 1:
            yield ANY
        elif not filters:
            yield from numbers_in(text[ends:].partition(b"endstream")[0])
        elif filters[0] in ("FlateDecode", "Fl"):
            for start in data_starts(text, ends):
                yield from self._in_pieces(inflate(text[start:]))
        elif _OF_PICTURES.isdisjoint(filters):
            yield ANY
        else:
            self.pictures.add(owner)

    def _in_styles(self, text: bytes) -> Iterator[int]:
        """Yield what the styles name that stand in the text of objects which are not encrypted."""
        for match in _STYLE.finditer(text):
            with suppress(PdfSyntaxError):  # what is no style to us is none to readers that repair nothing
                style = self._document.get(Lexer(text, match.end()).value())
                yield from numbers_in(style) if isinstance(style, bytes) else ()


class _Written(enum.Enum):
    """How the data of a stream stand in the file."""

    PLAINLY = enum.auto()
    COMPRESSED = enum.auto()
    PICTURE = enum.auto()
    UNUSUALLY = enum.auto()


@lru_cache(maxsize=256)
def _written(dictionary: bytes) -> _Written:
    """Tell from a stream's dictionary, its length left out: those of pages are all alike."""
    if _PICTURE.search(dictionary) is not None:
        return _Written.PICTURE
    rest, filters = _FLATE.subn(b"", dictionary, count=1)
    if _OTHERWISE.search(rest) is not None:
        return _Written.UNUSUALLY
    return _Written.COMPRESSED if filters else _Written.PLAINLY


@lru_cache(maxsize=1024)
def _length_of_compressed(dictionary: bytes) -> int | None:
    """Return how long the data of a compressed stream are, where its dictionary says so itself; else None."""
    length = _LENGTH.search(dictionary)
    if length is None or length[2] is not None:
        return None
    rest = dictionary[: length.start()] + dictionary[length.end() :]
    return int(length[1]) if _written(rest) is _Written.COMPRESSED else None


def _extents(document: Document) -> list[tuple[int, int]]:
    """Return where the objects of all revisions begin, and where the next one does."""
    listed = {offset for _, section in parts(document) for offset in _offsets(document.source, section)}
    offsets = sorted(offset for offset in listed if offset < document.source.size)
    return list(pairwise([*offsets, document.source.size]))


def _offsets(source: Source, section: Section) -> Iterator[int]:
    if section.is_stream:
        yield from (entry.offset for _, entry in section.entries(source) if entry.kind == "n")
        return
    for _, count, at in section.ranges:
        words = source.read(at, count * _ROW).split()
        yield from map(int, compress(words[::3], map(b"n".__eq__, words[2::3])))


def _is_tidy(text: bytes) -> bool:
    """Say whether an object that is no stream surely ends where a piece of the file does, or a section follows."""
    shape = text.translate(_DIGITS_ALIKE)
    return _is_tidy_again(shape) if len(shape) <= _SHORT else _is_tidy_in_shape(shape)


def _is_tidy_in_shape(shape: bytes) -> bool:
    return _TIDY.match(shape) is not None


# Pages differ in their numbers, and in little else.
_is_tidy_again: Final = lru_cache(maxsize=1024)(_is_tidy_in_shape)


def _stored(document: Document, stream: StreamObject) -> bytes:
    """Return a stream's data: up to where its length says, else as far as readers look for its end."""
    with suppress(PdfSyntaxError):
        return document.stream_bytes(stream)
    if document.is_encrypted:
        raise PdfSyntaxError("length of a stream is off", stream.data_offset)
    return document.source.read(stream.data_offset, _LONGEST_WITHOUT_END).partition(b"endstream")[0]


def _names(filters: Any) -> list[str]:
    return [name for name in (filters if isinstance(filters, list) else [filters]) if isinstance(name, str)]


def _direct(document: Document, value: Any) -> Any:
    found = document.get(value)
    return [document.get(item) for item in found] if isinstance(found, list) else found


def _in_value(document: Document, value: Any) -> Iterator[int]:
    """Yield what the styles in a value name."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            style = document.get(found.get("DA"))
            yield from numbers_in(style) if isinstance(style, bytes) else ()
        waiting += found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()


# ---------------------------------------------------------------- in decoded text


def numbers_in(text: bytes) -> Iterator[int]:
    """Yield the numbers of the objects that some reader may follow from content."""
    if _WITHIN.match(text) is not None:
        yield ANY
    for match in _END.finditer(text):
        yield from _spelled(_run_before(text, match.start()))
        yield from _spelled(_run_before(text, match.start(), remarked=True))


def _run_before(text: bytes, at: int, *, remarked: bool = False) -> bytes:
    """Return the numbers and the white space that stand before a place, with or without comments between."""
    length = _FAR if remarked else _NEAR
    while True:
        before = text[max(0, at - length) : at]
        if remarked:
            if b"%" not in before and length >= at:
                return b""
            # What stands before the first line end may be the end of a comment.
            before = _COMMENT.sub(b" ", before if length >= at else _LINE_END.split(before, 1)[-1])
        kept = before.rstrip(_RUN)
        if kept or length >= at:
            return before[len(kept) :]
        length *= 16


def _spelled(run: bytes) -> Iterator[int]:
    """Yield what the last two numbers may say: signs and points in them mean other things to each reader."""
    for token in _TOKEN.findall(run)[-2:]:
        groups = _DIGITS.findall(token)
        spelled = {int(group[-_LONGEST_NUMBER:]) for group in (*groups, b"".join(groups)) if group}
        with suppress(ValueError, OverflowError):
            spelled.add(int(float(token)))
        yield from (number & 0xFFFFFFFF for number in spelled)
