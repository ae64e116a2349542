"""Look through a document before it is signed, at as few of its objects as will do.

The marks that the bytes hold lead to the objects worth reading: in a usual document its fonts alone. Where a mark
cannot be told to belong to an object, as in what an earlier revision left behind, all objects are read.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import Any, Final

from gsign.signing.lint.fields import judge_fields
from gsign.signing.lint.fonts import shows_missing_font
from gsign.signing.lint.judging import judge
from gsign.signing.lint.marks import FONT, OBJECT_STREAM, MarkFinder, marks_in
from gsign.syntax.filters import decode
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document
from gsign.syntax.source import BytesSource
from gsign.syntax.xref import Entry, StreamObject

__all__ = ["Lint"]

_UNEXAMINED: Final = "document-not-examined"
_FONT_MISSING: Final = "document-font-missing"
_HEAD: Final = re.compile(rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+obj\Z")
_SPACE: Final = rb"[\x00\t\n\x0c\r ]+"
_DESCRIPTOR: Final = re.compile(rb"/FontDescriptor%b(\d{1,10})%b\d{1,5}%bR" % (_SPACE, _SPACE, _SPACE))
_PROGRAM: Final = re.compile(rb"/FontFile[23]?%b(\d{1,10})%b\d{1,5}%bR" % (_SPACE, _SPACE, _SPACE))
_PLAIN_STRING: Final = re.compile(rb"\([\w .+-]*\)")
_BACK: Final = 4 << 10
"""How far in front of a mark its object may begin, in bytes, to be found without reading all objects."""
_FONT_TEXT: Final = 2 << 10
_MAX_OBJECTS: Final = 50_000
_MAX_DECODED: Final = 64 << 20


class _UnclearError(Exception):
    """A mark belongs to no object that can be told."""


class Lint:
    """Find what can be turned against the signer.

    It is given the file's bytes while they are read for other purposes, or none at all, as for large files of few
    objects; all objects are then looked at.

    Args:
        document: the document, which must not change meanwhile.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._finder: MarkFinder | None = None
        self._seen: set[int] = set()
        self._found: tuple[str, ...] | None = None

    def __call__(self, piece: bytes) -> None:
        """Look at the next piece of the file."""
        if self._finder is None:
            self._finder = MarkFinder()
        if not self._is_in_memory:  # what is stays at hand until somebody wants to know
            self._finder(piece)

    def findings(self) -> tuple[str, ...]:
        """Return identifiers of warnings, each once; all bytes must have passed, or none. Looks once."""
        if self._found is None:
            self._found = self._look()
        return self._found

    @property
    def _is_in_memory(self) -> bool:
        return type(self._document.source) is BytesSource

    def _look(self) -> tuple[str, ...]:
        found: set[str] = set()
        try:
            found.update(judge_fields(self._document))
            found.update(self._objects())
            if _FONT_MISSING in found and not shows_missing_font(self._document):
                found.remove(_FONT_MISSING)
        except PdfSyntaxError:
            found.add(_UNEXAMINED)
        return tuple(sorted(found))

    def _objects(self) -> set[str]:
        finder = self._finder
        if finder is not None and isinstance(self._document.source, BytesSource):
            finder(self._document.source.data)
        if finder is None or not finder.is_complete:
            return set(self._all())
        try:
            return {code for mark in finder.marks for code in self._marked(mark.at, mark.name)}
        except _UnclearError:
            return set(self._all())

    # ------------------------------------------------------------ marks

    def _marked(self, at: int, name: bytes) -> Iterator[str]:
        owner = self._owner(at)
        if owner is None or owner[0] in self._seen:
            return
        number, entry = owner
        if name == FONT and self._is_embedded(self._document.source.read(entry.offset, _FONT_TEXT)):
            return
        self._seen.add(number)
        value = self._document.load(Ref(number, entry.generation))
        yield from judge(self._document, value)
        if isinstance(value, StreamObject) and value.dictionary.get("Type") == OBJECT_STREAM.decode():
            yield from self._compressed(number, value)

    def _owner(self, at: int) -> tuple[int, Entry] | None:
        """Find the object that a mark stands in; None where it is part of a stream's data.

        Raises:
            _UnclearError: no object that the newest revision has.
        """
        start = max(0, at - _BACK)
        window = self._document.source.read(start, at - start)
        end = window.rfind(b"obj") + 3
        head = _HEAD.search(window, max(0, end - 32), end)
        if head is not None:
            number, entry = int(head[1]), self._document.entry(int(head[1]))
            if entry is not None and entry.kind == "n" and entry.offset == start + head.start():
                return number, entry
        return self._around(at)

    def _around(self, at: int) -> tuple[int, Entry] | None:
        index = bisect_right(self._offsets, (at,)) - 1
        if index >= 0:
            offset, number = self._offsets[index]
            _, generation, value, end = self._document.read_at(offset)
            if isinstance(value, StreamObject):
                length = self._document.get(value.dictionary.get("Length"))
                if end <= at < end + (length if isinstance(length, int) else 0):
                    return None
            if at < end:
                return number, Entry("n", offset, generation)
        raise _UnclearError

    @cached_property
    def _offsets(self) -> list[tuple[int, int]]:
        """Where the objects of the newest revision begin, with their numbers."""
        entries = ((n, self._document.entry(n)) for n in self._numbers())
        return sorted((entry.offset, n) for n, entry in entries if entry is not None and entry.kind == "n")

    def _is_embedded(self, text: bytes) -> bool:
        """Say whether a font's own words are enough to see that its program is there, or that of its descendant."""
        words = _plain(text)
        if (found := _DESCRIPTOR.search(words)) is None:
            return b"/DescendantFonts" in words
        descriptor = self._document.entry(int(found[1]))
        if descriptor is None or descriptor.kind != "n":
            return False
        program = _PROGRAM.search(_plain(self._document.source.read(descriptor.offset, _FONT_TEXT)))
        entry = self._document.entry(int(program[1])) if program is not None else None
        return entry is not None and entry.kind == "n"

    def _compressed(self, container: int, stream: StreamObject) -> Iterator[str]:
        """Look at the marks in an object stream."""
        data = decode(stream.dictionary, self._document.stream_bytes(stream), _MAX_DECODED)
        marks = marks_in(data)
        if not marks:
            return
        numbers, starts = _index(stream.dictionary, data)
        for mark in marks:
            index = bisect_right(starts, mark.at) - 1
            if index < 0 or self._document.entry(numbers[index]) != Entry("c", container, index):
                continue  # the newest revision has it elsewhere
            if numbers[index] not in self._seen:
                self._seen.add(numbers[index])
                yield from judge(self._document, self._document.load(Ref(numbers[index])))

    # ------------------------------------------------------------ everything

    def _all(self) -> Iterator[str]:
        for number in self._numbers():
            yield from judge(self._document, self._document.value_of(number))

    def _numbers(self) -> set[int]:
        """Return the numbers of all objects.

        Raises:
            PdfSyntaxError: there are more than can be looked at while somebody waits.
        """
        sections = [part for s in self._document.sections for part in (s, s.hybrid) if part is not None]
        ranges = [range(first, first + count) for section in sections for first, count, _ in section.ranges]
        if sum(map(len, ranges)) > _MAX_OBJECTS:
            raise PdfSyntaxError("too many objects")
        return set(chain.from_iterable(ranges))


def _plain(text: bytes) -> bytes:
    """Return an object's words without its strings; nothing where strings or comments could be taken for words."""
    words = _PLAIN_STRING.sub(b"", text[: text.find(b"endobj")])
    return b"" if b"(" in words or b"%" in words else words


def _index(entries: dict[str, Any], data: bytes) -> tuple[list[int], list[int]]:
    """Return the numbers of the objects in an object stream, and where each begins."""
    first = entries.get("First")
    if not isinstance(first, int):
        raise PdfSyntaxError("malformed object stream")
    try:
        numbers = list(map(int, data[:first].split()))
    except ValueError:
        raise PdfSyntaxError("malformed object stream") from None
    return numbers[::2], [first + at for at in numbers[1::2]]
