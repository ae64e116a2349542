"""A ledger and the segments that were taken out of it, looked into as one.

A segment has no index: it is gone through, as often as there are steps from an entry to those that go with it. Whoever
asks for evidence waits some seconds for each million entries; nothing is written anywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from gsign.audit.claims import segments_in
from gsign.audit.derived import words_of
from gsign.audit.entry import LAST, Entry, canonical
from gsign.audit.lines import Lines, read_entry
from gsign.audit.mentions import entries_about
from gsign.audit.rows import MARKS
from gsign.errors import InputError

if TYPE_CHECKING:
    from gsign.audit.claims import Segment
    from gsign.audit.entry import Chain
    from gsign.audit.reading import Reader

__all__ = ["Unseen", "Whole"]

_PLACE: Final = re.compile(rb'\{"writer":"((?:[^"\\]|\\.)*)","number":([0-9]{1,19}),')
"""How a line begins."""
_GOES_WITH: Final = re.compile(rb'"(?:entry|appeared|lost)":(\[[^\]]*\]|"[^"]*")')
"""Where a body may name other entries; their references have no character that JSON would escape."""
_QUOTED: Final = re.compile(rb'"([^"]*)"')
_MARKS: Final = tuple(f'"kind":"{kind}"'.encode() for kind in MARKS)


class Unseen(NamedTuple):
    """A segment that was not looked into."""

    file: str
    sha256: str
    entries: int


class Whole:
    """Look into a ledger, and into its segments where these are at hand.

    Args:
        reader: of the ledger.
        folder: of the segments; None where only the ledger is looked into.

    Raises:
        InputError: `evidence-segment-missing`, `evidence-segment-changed`.
    """

    def __init__(self, reader: Reader, folder: Path | None = None) -> None:
        self._reader = reader
        segments = segments_in(reader.marks())
        self._lines = [_opened(folder, segment) for segment in segments] if folder is not None else []
        self.unseen = [Unseen(s.file, s.sha256, s.entries) for s in segments] if folder is None else []

    def about(self, texts: Collection[str]) -> list[Entry]:
        """Return the entries that name one of some digests or message-ids."""
        found = [entry for text in texts for entry in entries_about(self._reader, text)]
        wanted = [canonical(text)[1:-1].encode("utf-8", "surrogatepass") for text in texts]
        named = set(texts)
        chosen = self._chosen(lambda line: any(text in line for text in wanted))
        return found + [entry for entry in chosen if not named.isdisjoint(words_of(json.loads(entry.body)))]

    def going_with(self, references: Collection[str]) -> list[Entry]:
        """Return the entries that may say of themselves that they go with others."""
        found = [entry for reference in references for entry in entries_about(self._reader, reference)]
        wanted = {reference.encode() for reference in references}

        def names_one(line: bytes) -> bool:
            return any(
                not wanted.isdisjoint(_QUOTED.findall(value)) for value in _GOES_WITH.findall(line) if len(value) > 1
            )

        return found + list(self._chosen(names_one))

    def at(self, places: Collection[tuple[str, int]]) -> list[Entry]:
        """Return entries by chain and number."""
        if not places:
            return []
        found = [entry for writer, number in places for entry in self._reader.entries(writer, number, number)]
        wanted = {(canonical(writer)[1:-1].encode("utf-8", "surrogatepass"), number) for writer, number in places}
        return found + list(self._chosen(lambda line: _place(line) in wanted))

    def entries(self, writer: str, first: int = 1, last: int = LAST) -> Iterator[Entry]:
        """Return the entries of a chain, in order."""
        after = first - 1
        name = canonical(writer)[1:-1].encode("utf-8", "surrogatepass")
        for lines in self._lines:
            span = lines.header.spans.get(writer)
            if span is None or span.last <= after or span.first > last:
                continue
            for _, line in lines:
                place = _place(line)
                if place is not None and place[0] == name and after < place[1] <= last:
                    after = place[1]
                    yield read_entry(line)
        if after < last:
            yield from self._reader.entries(writer, after + 1, last)

    def marks(self) -> Iterator[Entry]:
        """Return the entries that hold heads of chains."""
        yield from self._chosen(lambda line: any(mark in line for mark in _MARKS))
        yield from self._reader.marks()

    def chains(self) -> list[Chain]:
        """Return where each chain ends."""
        return self._reader.chains()

    def _chosen(self, is_wanted: Callable[[bytes], bool]) -> Iterator[Entry]:
        """Return entries of segments by what their lines look like."""
        for lines in self._lines:
            for _, line in lines:
                if is_wanted(line):
                    yield read_entry(line)


def _place(line: bytes) -> tuple[bytes, int] | None:
    found = _PLACE.match(line)
    return (found[1], int(found[2])) if found else None


def _opened(folder: Path, segment: Segment) -> Lines:
    """Open a segment that is the one which the ledger tells of."""
    path = folder / Path(segment.file).name
    if not path.exists():
        raise InputError("evidence-segment-missing", file=segment.file, folder=str(folder))
    lines = Lines(path)
    if lines.digest() != segment.sha256:
        raise InputError("evidence-segment-changed", file=str(path), entry=segment.witness)
    return lines
