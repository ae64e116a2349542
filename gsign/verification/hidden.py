"""What a reader would find that searches the bytes for objects instead of following the cross-reference.

Readers do so at what they take for damage, and then the last object of each number counts, wherever it stands. What
makes each of them begin cannot be listed for certain. So where anything was added after a signature, the revisions up
to it must read the same both ways: no object, object stream or trailer stands in them that no cross-reference section
lists, and the object that counts is the last one of its number in the file.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import compress, repeat
from operator import sub
from typing import Final

from gsign.syntax.lexer import WHITE, Lexer, PdfSyntaxError
from gsign.syntax.pattern import lazily
from gsign.syntax.reader import Document
from gsign.syntax.source import BytesSource, Source, chunks, window
from gsign.syntax.xref import MAX_NUMBER, Entry, Section, StreamObject
from gsign.verification.coverage import ReasonError
from gsign.verification.references import References
from gsign.verification.views import as_of, few_objects, object_stream, parts

__all__ = ["check_nothing_hidden"]

_HIDDEN: Final = "hidden-objects"
_OBJ: Final = lazily(rb"obj(?<!endobj)")
# Also with some of its letters spelled as numbers.
_CONTAINERS: Final = (lazily(rb"ObjStm"), lazily(rb"#(?:4[Ff]|62|6[Aa]|53|74|6[Dd])"))
_HEAD: Final = lazily(rb"[\x00\t\n\x0c\r ]*(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,10})[\x00\t\n\x0c\r ]+obj")
_BEFORE_OBJ: Final = lazily(rb"(\d+)[\x00\t\n\x0c\r ]+(\d+)[\x00\t\n\x0c\r ]+\Z")
# Numbers, white space and comments that only some readers take for a head: `4 0.0 obj`, `4 +0 obj`, a comment between.
_GAP: Final = rb"(?:[\x00\t\n\x0b\x0c\r \x80\xa0\xff]|%[^\r\n]*+[\r\n])"
_ODD_HEAD: Final = lazily(
    rb"(?:(?<![\d.+-])\d[\d.+-]*+" + _GAP + rb"++[+-]?\d[\d.+-]*+|\A[^\r\n]{4000,}+[\r\n])" + _GAP + rb"*+\Z"
)
_TRAILER: Final = lazily(rb"trailer(?=" + _GAP + rb"*+<<)")
_IN_USE: Final = lazily(rb"(\d{10}) \d{5} n")
_ROW: Final = 20
_KIND: Final = 17
_ZERO: Final = b"00000"
_NEW: Final = b" 00000 n"
_DIGITS: Final = frozenset(b"0123456789")
_LINE_ENDS: Final = (b" \n", b" \r", b"\r\n")
# What entries of a table look like once digits are all 0 and all are in use.
_SHAPE: Final = bytes.maketrans(b"123456789f", b"000000000n")
_ROW_IN_SHAPE: Final = b"0000000000 00000 n"
_DIGITS_AS_BYTES: Final = frozenset(bytes((digit,)) for digit in _DIGITS)
_ARE_USED: Final = bytes(kind == ord("n") for kind in range(256))
_LONGEST_HEAD: Final = 64
_WINDOW: Final = 4096
_LONGEST_SPACE: Final = 1 << 16
_LONGEST_TRAILER: Final = 1 << 16
_OVERLAP: Final = 16
_HEADS_AT_ONCE: Final = 1 << 10
_MOST_HEADS: Final = 1 << 14
_ATTACHED: Final = b"%PDF-"
_ATTACHED_WITHIN: Final = 1024


def check_nothing_hidden(document: Document, section: int, end: int) -> Mapping[int, Entry]:
    """Make sure that searching the signed revisions finds what their cross-reference sections say.

    Args:
        document: the whole document.
        section: index of the newest section of the revision that is looked at.
        end: where that revision ends.

    Returns:
        The entries, by number, of objects that do not stand where they are listed, and that nothing refers to.

    Raises:
        ReasonError: `hidden-objects`; `revision-malformed` where a section or an object that one lists stands behind
            the end, so that a later revision can supply it.
        PdfSyntaxError: something that is listed cannot be read.
    """
    revision = as_of(document, section)
    sections = [found for _, found in parts(revision)]
    listed, astray = _listed(revision.source, sections, end)
    absent = _unused(document, revision, astray)
    _check_freed(document, revision, sections, absent)
    search = _Search(revision, listed, end)
    # Counting first: words are found at once, while a place for each of them takes longer than all the rest.
    suspects = search.marks(_OBJ, search.data)
    if search.count(_OBJ) != search.listed_outside():
        suspects |= search.marks(_OBJ, search.parts)
    for at in suspects:
        search.check_definition(at)
    tables = [(part.offset, part.end) for part in sections if not part.is_stream]
    for at in search.marks(_TRAILER, [*search.parts, *search.data]):
        if not any(start < at < behind for start, behind in tables) and search.is_seen(at):
            _check_trailer(revision, at)
    _check_containers(revision, sections, search)
    return absent


def _listed(source: Source, sections: list[Section], end: int) -> tuple[set[int], set[int]]:
    """Return where objects stand that are listed by their own number, and the numbers of those that do not."""
    newest: dict[int, int] = {}
    found: set[int] = set()
    astray: set[int] = set()
    for section in reversed(sections):
        numbers, offsets, reused = _in_use(source, section)
        if section.offset >= end or max(offsets, default=0) >= end:
            raise ReasonError("revision-malformed")
        if newest and any(newest.get(n, 0) > at for n, at in zip(numbers, offsets, strict=True)):
            raise ReasonError(_HIDDEN)  # the one that counts is not the last one in the file
        newest.update(zip(numbers, offsets, strict=True))
        astray.difference_update(numbers)
        if type(source) is BytesSource and not reused:
            unusual = _spelled_otherwise(source.data, numbers, offsets)
            usual = set(zip(numbers, offsets, strict=True)).difference(unusual) if unusual else None
            found.update(offsets if usual is None else (at for _, at in usual))
        else:
            unusual = list(zip(numbers, offsets, strict=True))
        for number, offset in unusual:
            place = _place(source, number, reused.get(number, 0), offset)
            if place is None:
                astray.add(number)
            elif source.read(place - 1, 1) not in _DIGITS_AS_BYTES:  # else part of another number, which is counted
                found.add(place)
    return found, astray


def _spelled_otherwise(data: bytes, numbers: Sequence[int], offsets: Sequence[int]) -> list[tuple[int, int]]:
    """Return the numbers and offsets of those objects that do not begin there as nearly all writers spell it."""
    greatest = max(numbers, default=0)
    if greatest >= _MOST_HEADS:
        return list(zip(numbers, offsets, strict=True))
    heads, stands = _usual_heads((greatest // _HEADS_AT_ONCE + 1) * _HEADS_AT_ONCE), data.startswith
    if all(map(stands, map(heads.__getitem__, numbers), map(sub, offsets, repeat(1)))):
        return []
    return [
        (number, at)
        for number, at in zip(numbers, offsets, strict=True)
        if not stands(heads[number][1:], at) or data[at - 1] in _DIGITS
    ]


def _unused(document: Document, revision: Document, astray: set[int]) -> dict[int, Entry]:
    """Make sure that nothing refers to what does not stand where it is listed: readers begin to search when it does.

    macOS refers to such objects. So it is let pass where readers cannot but find what is listed.
    """
    absent = {number: entry for number in astray if (entry := revision.entry(number)) is not None and entry.kind == "n"}
    references = References(document, (), 0, absent)
    if absent and not _is_found_in_one_way(document) and any(references.uses(number, 0) for number in absent):
        raise ReasonError(_HIDDEN)
    return absent


def _is_found_in_one_way(document: Document) -> bool:
    """Say whether the last object of a number counts for all that search, and there is one catalog to choose.

    Objects in streams count for some as if they stood elsewhere in the file.
    """
    root = document.trailer["Root"]
    return all(not section.is_stream and section.trailer.get("Root") == root for _, section in parts(document))


def _check_freed(document: Document, revision: Document, sections: list[Section], absent: Mapping[int, Entry]) -> None:
    """Make sure that nothing refers to what was deleted, or is absent now, and still stands in the file.

    Whoever searches the bytes finds it; and Poppler begins to search as soon as it needs what was deleted.
    """
    if len(sections) < 2:
        return
    free: set[int] = set()
    used: set[int] = set()
    for section in sections:
        freed_here, used_here = _by_use(revision.source, section)
        free |= freed_here
        used |= used_here
    left = {number for number in free & used if (entry := revision.entry(number)) is None or entry.kind == "f"}
    left |= {number for number in absent if _stood_before(revision, sections, number, absent[number])}
    references = References(document, left, document.source.size, absent)
    if any(references.to_fresh(number, 0, document.source.size) for number in left):
        raise ReasonError(_HIDDEN)


def _by_use(source: Source, section: Section) -> tuple[set[int], set[int]]:
    """Return the numbers of objects that a section says are free, and of those that are not, 0 aside."""
    if section.is_stream:
        kinds = [(number, entry.kind) for number, entry in section.entries(source)]
        return {n for n, kind in kinds if kind == "f" and n}, {n for n, kind in kinds if kind != "f"}
    free: set[int] = set()
    used: set[int] = set()
    for first, count, at in section.ranges:
        are_used = source.read(at, count * _ROW)[_KIND::_ROW].translate(_ARE_USED)
        used_here = set(compress(range(first, first + count), are_used))
        used |= used_here
        if 0 in are_used:
            free.update(set(range(first, first + count)) - used_here)
    return free - {0}, used


def _stood_before(revision: Document, sections: list[Section], number: int, entry: Entry) -> bool:
    """Say whether an older section lists an absent object somewhere else."""
    known = (section.entry(revision.source, number) for section in sections)
    return any(found is not None and found.kind != "f" and found != entry for found in known)


@lru_cache(maxsize=_MOST_HEADS // _HEADS_AT_ONCE)
def _usual_heads(count: int) -> list[bytes]:
    """Return how objects begin as nearly all writers spell it, by their number, behind a line's end."""
    return [b"\n%d 0 obj" % number for number in range(count)]


def _check_trailer(revision: Document, at: int) -> None:
    """Some writers put a trailer behind a cross-reference stream: one that names no object decides nothing."""
    buffer, base = window(revision.source, at, _LONGEST_TRAILER)
    lexer = Lexer(buffer, at - base, base=base)
    lexer.keyword(b"trailer")
    if lexer.value().keys() & {"Root", "Info", "Encrypt", "Prev", "XRefStm"}:
        raise ReasonError(_HIDDEN)


def _in_use(source: Source, section: Section) -> tuple[list[int], list[int], dict[int, int]]:
    """Return the numbers and offsets of a section's objects, its own if it is one; and generations other than 0."""
    if section.is_stream:
        used = [(number, entry) for number, entry in section.entries(source) if entry.kind == "n"]
        reused = {number: entry.generation for number, entry in used if entry.generation}
        numbers = [section.number, *(number for number, _ in used)]
        return numbers, [section.offset, *(entry.offset for _, entry in used)], reused
    all_numbers: list[int] = []
    all_offsets: list[int] = []
    reused = {}
    for first, count, at in section.ranges:
        rows = source.read(at, count * _ROW)
        are_used = rows[_KIND::_ROW].translate(_ARE_USED)
        numbers = list(compress(range(first, first + count), are_used))
        offsets = list(map(int, compress(rows.split()[::3], are_used) if _alike(rows) else _IN_USE.findall(rows)))
        if len(numbers) != len(offsets):
            raise ReasonError(_HIDDEN)  # readers disagree on what it says
        if rows.count(_NEW) != len(numbers):
            used_rows = (rows[(number - first) * _ROW :] for number in numbers)
            reused.update(
                {n: int(row[11:16]) for n, row in zip(numbers, used_rows, strict=True) if row[11:16] != _ZERO}
            )
        all_numbers += numbers
        all_offsets += offsets
    return all_numbers, all_offsets, reused


def _alike(rows: bytes) -> bool:
    """Say whether all entries of a table are of one form and end alike, as any program's do."""
    line_end = rows[_KIND + 1 : _ROW]
    return line_end in _LINE_ENDS and rows.translate(_SHAPE) == len(rows) // _ROW * (_ROW_IN_SHAPE + line_end)


def _place(source: Source, number: int, generation: int, offset: int) -> int | None:
    """Return where an object stands that is listed at an offset, or behind the white space there."""
    head = _HEAD.match(source.read(offset, _LONGEST_HEAD))
    return offset + head.start(1) if head is not None and (int(head[1]), int(head[2])) == (number, generation) else None


class _Search:
    """Find words in the bytes of a revision.

    Args:
        revision: the document as it was.
        listed: where its listed objects stand.
        end: where it ends.
    """

    def __init__(self, revision: Document, listed: set[int], end: int) -> None:
        self._revision = revision
        self._listed = listed
        self._end = end

        self.data: list[tuple[int, int]] = []
        """From where to where the data of streams stand, where they are most of the file: scans are large."""
        if few_objects(revision):
            self.data = list(self._data_of_streams())
        ends = [0, *(behind for _, behind in self.data)]
        self.parts = list(zip(ends, [*(start for start, _ in self.data), end], strict=True))
        """What is left of the bytes without `data`."""

    @cached_property
    def _offsets(self) -> list[int]:
        """Where the listed objects stand, in order."""
        return sorted(self._listed)

    def listed_outside(self) -> int:
        """Say how many listed objects are not in `data`."""
        within = (bisect_left(self._offsets, end) - bisect_left(self._offsets, start) for start, end in self.data)
        return len(self._listed) - sum(within)

    def count(self, word: re.Pattern[bytes]) -> int:
        """Say how often a word stands outside `data`, in files on disk twice across two pieces' border."""
        source = self._revision.source
        if type(source) is BytesSource:  # nothing is copied
            return sum(len(word.findall(source.data, start, end)) for start, end in self.parts)
        return sum(len(word.findall(text)) for _, text in self._texts(self.parts))

    def marks(self, word: re.Pattern[bytes], parts: Iterable[tuple[int, int]]) -> set[int]:
        """Return where a word stands in parts of the bytes."""
        source = self._revision.source
        if type(source) is BytesSource:
            return {match.start() for start, end in parts for match in word.finditer(source.data, start, end)}
        return {base + match.start() for base, text in self._texts(parts) for match in word.finditer(text)}

    def _texts(self, parts: Iterable[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
        """Yield the bytes in pieces that overlap a little, each with its offset."""
        for start, end in parts:
            at = start
            overlap = b""
            for piece in chunks(self._revision.source, start, end):
                text = overlap + piece if overlap else piece
                yield at - len(overlap), text
                at += len(piece)
                overlap = text[-_OVERLAP:]

    def _data_of_streams(self) -> Iterator[tuple[int, int]]:
        at = 0
        for offset in self._offsets:
            data = self._data_at(offset)
            if data is not None and offset >= at and data[1] <= self._end:
                yield data
                at = data[1]

    def _data_at(self, offset: int) -> tuple[int, int] | None:
        """Return where the data of the stream begins and ends that stands at an offset; None for anything else."""
        source = self._revision.source
        try:
            _, _, value, _ = self._revision.read_at(offset)
            length = self._revision.get(value.dictionary.get("Length")) if isinstance(value, StreamObject) else None
        except PdfSyntaxError:
            return None
        if type(length) is not int or not 0 <= length <= source.size:
            return None
        end = value.data_offset + length
        return (value.data_offset, end) if b"endstream" in source.read(end, 16) else None

    def check_definition(self, at: int) -> None:
        """Refuse the object whose `obj` stands somewhere, if that is what it is, and none that is listed.

        One whose number another object has that stands behind it counts for nobody.
        """
        head = self._head_before(at)
        if head is None:
            before = self._revision.source.read(max(0, at - _WINDOW), min(at, _WINDOW))
            if _ODD_HEAD.search(before) is not None and self.is_seen(at):
                raise ReasonError(_HIDDEN)
            return
        start, number, generation = head
        if start in self._listed or not self.is_seen(start):
            return
        entry = self._revision.entry(number) if number <= MAX_NUMBER else None
        if entry is None or entry.kind != "n" or entry.offset <= start or entry.generation < generation:
            raise ReasonError(_HIDDEN)

    def _head_before(self, at: int) -> tuple[int, int, int] | None:
        """Read the two numbers in front of `obj` with their place; None where it is a word like others."""
        length = min(at, _LONGEST_HEAD)
        while True:
            before = self._revision.source.read(at - length, length)
            head = _BEFORE_OBJ.search(before)
            if head is not None and head.start():
                return at - length + head.start(), int(head[1]), int(head[2])
            if length == at or before.translate(None, WHITE + b"0123456789") or length > _LONGEST_SPACE:
                break
            length = min(at, 16 * length)
        if length > _LONGEST_SPACE:
            raise ReasonError(_HIDDEN)
        return None

    def containers(self) -> Iterator[int]:
        """Yield the numbers of what is spelled as an object stream."""
        for word in _CONTAINERS:
            for at in self.marks(word, self.parts):
                index = bisect_right(self._offsets, at) - 1
                if index >= 0:
                    number, _, value, _ = self._revision.read_at(self._offsets[index])
                    if isinstance(value, StreamObject) and value.dictionary.get("Type") == "ObjStm":
                        yield number

    def is_seen(self, at: int) -> bool:
        """Say whether some reader takes a word for what it says.

        Inside an object only at the beginning of a line, and never in a document that is attached as it is.
        """
        index = bisect_right(self._offsets, at) - 1
        source = self._revision.source
        if index < 0:
            return True
        data = self._data_at(self._offsets[index])
        if data is not None and data[0] <= at < data[1] and _ATTACHED in source.read(data[0], _ATTACHED_WITHIN):
            return False
        if at >= (data[1] if data is not None else self._end_at(self._offsets[index])):
            return True
        before = source.read(max(0, at - _LONGEST_HEAD), min(at, _LONGEST_HEAD)).rstrip(b" \t\0\f")
        return not before or before[-1:] in b"\r\n"

    def _end_at(self, offset: int) -> int:
        try:
            return self._revision.read_at(offset)[3]
        except PdfSyntaxError:
            return offset


def _check_containers(revision: Document, sections: Iterable[Section], search: _Search) -> None:
    """An object stream holds nothing but what some section says that it holds."""
    listed: dict[int, set[tuple[int, int]]] = {}
    for section in sections:
        if section.is_stream:
            for number, entry in section.entries(revision.source):
                if entry.kind == "c":
                    listed.setdefault(entry.offset, set()).add((number, entry.generation))
    if not listed.keys() >= set(search.containers()):
        raise ReasonError(_HIDDEN)
    for container, held in listed.items():
        stream, data = object_stream(revision, container)
        count = stream.dictionary.get("N")
        if type(count) is not int or not 0 <= count <= len(data):
            raise ReasonError(_HIDDEN)
        head = Lexer(data)
        for index in range(count):
            number = head.integer()
            head.integer()
            if (number, index) not in held:
                raise ReasonError(_HIDDEN)
