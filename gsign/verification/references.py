"""Who refers to an object: what a later revision adds or replaces must not be something that old content draws.

A page of the signed revision may name an object that does not exist yet, or that a permitted change may replace (a
"certificate" of the DSS that is also a page's content). So every number that later revisions list is looked for in
the bytes before them. References are found on raw bytes, in any spelling that some reader takes for one; only where
that finds something are the objects read one by one, and must be readable in one way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document
from gsign.syntax.source import CHUNK, Source, chunks
from gsign.syntax.xref import Entry, StreamObject
from gsign.verification.contents import ANY, AS_CONTENT, Contents, Named
from gsign.verification.odd_references import LONGEST, odd_references
from gsign.verification.views import as_of, few_objects, object_streams, objects, parts

__all__ = ["References", "Use", "refs_in"]

_MAX_DEPTH: Final = 64
_WITH_REFS: Final = frozenset({Ref, StreamObject, dict, list})
_SPACE: Final = rb"(?:[\x00\t\n\x0c\r ]|%[^\r\n]*[\r\n])*"
_FOLLOWED: Final = frozenset({"Root", "Info", "Encrypt", "ID"})
"""Entries of a trailer (ISO 32000-2 Table 15) that may be references."""
_IN_CONTENT: Final = ("",)
"""The key under which content refers to an object: none that any rule knows."""
_DRAWN: Final = AS_CONTENT | {"XObject"}
"""Keys by which a stream is content: what attached files and fonts hold names nothing."""
_MASK: Final = ("SMask", "G")
_OF_OTHERS: Final = frozenset({"XObject", "Resources", "Parent", "P", "Kids"})
"""Keys above which something else is drawn that has the stream."""
_NAMES_BETWEEN: Final = 2
_CERTIFIED: Final = ("Reference", "Data")
"""By which a signature says what it is about (Table 256); nobody draws that."""


Hit = tuple[int | None, int]
"""A number that is referred to, None where it could be any, and a place in the file."""


class Use(NamedTuple):
    """A reference to an object: from which other, and the dictionary keys that lead to it there."""

    owner: int
    keys: tuple[str, ...]
    """From the outermost to the innermost; none where the owner is an array."""


class References:
    """Find references to some object numbers in the revisions of a document.

    Args:
        document: the whole document.
        fresh: numbers that later revisions use for the first time, and others that are to be looked for.
        end: behind the last byte that needs to be searched for them.
        absent: entries by number of objects that do not stand where they are listed: they are not read.
    """

    def __init__(
        self, document: Document, fresh: Iterable[int], end: int, absent: Mapping[int, Entry] = MappingProxyType({})
    ) -> None:
        self._document = document
        self._fresh = frozenset(fresh)
        self._end = end
        self._absent = absent
        self._found: dict[int, list[int]] | None = None
        self._odd: list[int] = []
        self._uses: dict[int, dict[int, set[Use]]] = {}

    def to_fresh(self, number: int, section: int, end: int) -> frozenset[int]:
        """Return the numbers of the objects that refer to `number` before it exists.

        Args:
            number: one of those announced.
            section: index of the newest section of the revision that is looked at.
            end: where that revision ends in the file.

        Raises:
            PdfSyntaxError: there may be some, but the objects cannot all be read.
        """
        if number not in self._fresh:
            return self.to(number, section)
        if not any(position < end for position in self._places(number)):
            return frozenset()
        return self.to(number, section)

    def serves_trailers(self, number: int, key: str, section: int, end: int) -> bool:
        """Say whether nothing but trailers refers to one of the announced numbers, and under one key alone.

        A certification may say that it is about the catalog: iText's does in documents before PDF 1.6.

        Args:
            number: of the object.
            key: `Root` or `Info`.
            section: index of the newest section of the revision that is looked at.
            end: where that revision ends in the file.

        Raises:
            PdfSyntaxError: something else may, but the objects cannot all be read.
        """
        if all(self._is_in_trailer(position) for position in self._places(number) if position < end):
            return True
        return all(use.keys in ((key,), _CERTIFIED) for use in self.uses(number, section))

    def _is_in_trailer(self, position: int) -> bool:
        return any(section.offset <= position < section.end for _, section in parts(self._document))

    def _places(self, number: int) -> list[int]:
        """Return where in the file there may be a reference to one of the announced numbers."""
        if self._found is None:
            self._found = self._search()
        return [*self._found.get(number, ()), *self._odd]

    def to(self, number: int, section: int) -> frozenset[int]:
        """Return the numbers of the objects that refer to `number`; 0 stands for the trailer.

        Raises:
            PdfSyntaxError: the objects of the revision cannot all be read.
        """
        return frozenset(use.owner for use in self.uses(number, section))

    def uses(self, number: int, section: int) -> frozenset[Use]:
        """Return what an object is in a revision: who refers to it, and under which keys.

        Args:
            number: of the object.
            section: index of the newest section of the revision.

        Raises:
            PdfSyntaxError: the objects of the revision cannot all be read.
        """
        if section not in self._uses:
            self._uses[section] = _uses(self._document, section, self._absent)
        found = self._uses[section]
        owners = {named.owner for key in (number, ANY) for named in self._named.get(key, ())}
        by_content = (Use(o, _IN_CONTENT) for o in owners if not o or _is_drawn(found, o, _DRAWN))
        return frozenset((*found.get(number, ()), *by_content))

    @cached_property
    def _contents(self) -> Contents:
        contents = Contents(self._document)
        if contents.pictures:
            uses = _uses(self._document, 0, self._absent)
            if any(_is_drawn(uses, number, AS_CONTENT) for number in contents.pictures):
                raise PdfSyntaxError("picture that is also content")
        return contents

    @cached_property
    def _named(self) -> dict[int, list[Named]]:
        """What the contents of all revisions name, by its number: in nearly all documents nothing."""
        found: dict[int, list[Named]] = {}
        for named in self._contents.named:
            found.setdefault(named.number, []).append(named)
        return found

    def _search(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        if self._fresh:
            patterns = _patterns(self._fresh)
            for number, position in chain(self._in_file(patterns), _in_containers(self._document, patterns)):
                if number is None:
                    self._odd.append(position)
                else:
                    found.setdefault(number, []).append(position)
            for number, named in self._named.items():
                places = self._odd if number == ANY else found.setdefault(number, [])
                places += [one.offset for one in named]
        return found

    def _in_file(self, patterns: Sequence[re.Pattern[bytes]]) -> Sequence[Hit]:
        if few_objects(self._document):
            try:
                return list(_in_objects(self._document, self._fresh))
            except PdfSyntaxError:
                pass  # the bytes can be searched whatever they are
        data = _Data(self._document)
        return [
            (number, at)
            for number, at in _in_bytes(self._document.source, patterns, self._end)
            if number is not None or not data.holds(at)
        ]


def _is_drawn(uses: Mapping[int, Collection[Use]], number: int, keys: Collection[str]) -> bool:
    """Say whether one of these keys leads to a stream, by arrays and by names in dictionaries of their own."""
    waiting, seen = [(number, _NAMES_BETWEEN)], {number}
    while waiting:
        one, left = waiting.pop()
        for use in uses.get(one, ()):
            if any(key in keys for key in use.keys) or use.keys[-2:] == _MASK:
                return True
            left_then = left - len(use.keys)
            if left_then >= 0 and use.owner not in seen and _OF_OTHERS.isdisjoint(use.keys):
                seen.add(use.owner)
                waiting.append((use.owner, left_then))
    return False


def _in_objects(document: Document, numbers: frozenset[int]) -> Iterator[tuple[int, int]]:
    for offset, value, _ in objects(document):
        for ref in refs_in(value):
            if (number := _wrapped(ref.number)) in numbers:
                yield number, offset
    for _, section in parts(document):
        for _, ref in _refs_of_trailer(section.trailer):
            if ref.number in numbers:
                yield ref.number, section.offset


def _patterns(numbers: Iterable[int]) -> list[re.Pattern[bytes]]:
    """Return patterns for references, one for each length of numbers: with a common beginning they are found fast."""
    by_length: dict[int, list[bytes]] = {}
    for number in sorted(numbers):
        digits = b"%d" % number
        by_length.setdefault(len(digits), []).append(digits)
    behind = rb")(?=[\x00\t\n\x0c\r %+])" + _SPACE + rb"[+-]?\d+" + _SPACE + rb"R"
    return [re.compile(rb"(" + b"|".join(choice) + behind) for choice in by_length.values()]


def _wrapped(number: int) -> int:
    """Return which object a reference leads to where a reader keeps 32 bits of its number, as MuPDF does."""
    return number & 0xFFFFFFFF


def _in_bytes(source: Source, patterns: Sequence[re.Pattern[bytes]], end: int) -> Iterator[Hit]:
    overlap = b""
    at = 0
    for piece in chunks(source, 0, end):
        window = overlap + piece
        for number, place in _in_text(window, patterns, len(overlap)):
            yield number, at - len(overlap) + place
        overlap = window[-LONGEST:] if len(piece) == CHUNK else b""
        at += len(piece)


def _in_text(text: bytes, patterns: Sequence[re.Pattern[bytes]], start: int = 0) -> Iterator[Hit]:
    """Yield the references that end behind `start`."""
    for match in chain.from_iterable(pattern.finditer(text) for pattern in patterns):
        if match.end() > start and (number := _number(text, match)) is not None:
            yield number, match.start()
    for place in odd_references(text, start):
        yield None, place


def _number(window: bytes, match: re.Match[bytes]) -> int | None:
    """Return the number referred to, None where the digits are the end of a longer number."""
    at = match.start()
    before = window[max(0, at - 16) : at].rstrip(b"0")
    if before[-1:].isdigit():
        return None
    return int(match[1])


def _in_containers(document: Document, patterns: Sequence[re.Pattern[bytes]]) -> Iterator[Hit]:
    """Search the object streams of all revisions; a hit's position is that of its container."""
    for stream, data in object_streams(document):
        for number, _ in _in_text(data, patterns):
            yield number, stream.data_offset


class _Data:
    """Tell what stands in the data of streams, where anything may look like a reference."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._offsets: list[int] | None = None

    def holds(self, at: int) -> bool:
        """Say whether a place in the file is within a listed stream's data."""
        document = self._document
        if self._offsets is None:
            listed = (entry for _, s in parts(document) for _, entry in s.entries(document.source))
            self._offsets = sorted({entry.offset for entry in listed if entry.kind == "n"})
        index = bisect_right(self._offsets, at) - 1
        if index < 0:
            return False
        try:
            value = document.read_at(self._offsets[index])[2]
            if not isinstance(value, StreamObject):
                return False
            length = document.get(value.dictionary.get("Length"))
        except PdfSyntaxError:
            return False
        return type(length) is int and value.data_offset <= at < value.data_offset + length


def _uses(document: Document, section: int, absent: Mapping[int, Entry]) -> dict[int, set[Use]]:
    """Read every object of a revision and say which of them refer to which numbers."""
    revision = as_of(document, section)
    found: dict[int, set[Use]] = {}
    for number, entry in _live(revision):
        if absent.get(number) == entry:
            continue
        generation = entry.generation if entry.kind == "n" else 0
        for ref, keys in _keyed_refs(revision.load(Ref(number, generation))):
            found.setdefault(_wrapped(ref.number), set()).add(Use(number, keys))
    for key, ref in chain.from_iterable(_refs_of_trailer(part.trailer) for _, part in parts(revision)):
        found.setdefault(ref.number, set()).add(Use(0, (key,)))
    return found


def _refs_of_trailer(trailer: dict[str, Any]) -> Iterator[tuple[str, Ref]]:
    """Yield what a trailer refers to that readers follow: some office programs have entries of their own there."""
    for key in _FOLLOWED & trailer.keys():
        for ref in refs_in(trailer[key]):
            yield key, ref


def _live(revision: Document) -> Iterator[tuple[int, Entry]]:
    numbers = {n for _, s in parts(revision) for n, entry in s.entries(revision.source) if entry.kind != "f"}
    for number in numbers:
        entry = revision.entry(number)
        if entry is not None and entry.kind != "f":
            yield number, entry


def refs_in(value: Any, depth: int = 0) -> Iterator[Ref]:
    """Yield the references inside a value, not following them.

    Raises:
        PdfSyntaxError: nested too deep.
    """
    if isinstance(value, Ref):
        yield value
    elif depth > _MAX_DEPTH:
        raise PdfSyntaxError("nested too deep")
    elif isinstance(value, StreamObject):
        yield from refs_in(value.dictionary, depth + 1)
    elif isinstance(value, dict):
        for item in value.values():
            if type(item) in _WITH_REFS:
                yield from refs_in(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            if type(item) in _WITH_REFS:
                yield from refs_in(item, depth + 1)


def _keyed_refs(value: Any, keys: tuple[str, ...] = (), depth: int = 0) -> Iterator[tuple[Ref, tuple[str, ...]]]:
    """Yield the references inside a value with the keys that lead to each."""
    if isinstance(value, Ref):
        yield value, keys
    elif depth > _MAX_DEPTH:
        raise PdfSyntaxError("nested too deep")
    elif isinstance(value, StreamObject):
        yield from _keyed_refs(value.dictionary, keys, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _keyed_refs(item, (*keys, key), depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _keyed_refs(item, keys, depth + 1)
