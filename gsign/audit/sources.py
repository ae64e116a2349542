"""Where the entries come from that are verified: a ledger, or files of lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

from gsign.audit.claims import SealedRange
from gsign.audit.derived import SEALED_WITH, TABLES, Row
from gsign.audit.entry import LAST, Chain, Entry, octets_of
from gsign.audit.findings import Findings
from gsign.audit.lines import LineError, Lines, read_entry
from gsign.audit.pieces import Piece
from gsign.audit.proving import Proved
from gsign.audit.reading import Reader
from gsign.audit.rows import MARKS
from gsign.audit.sealed_facts import SealedRows, digest_of_kept, is_kept
from gsign.audit.sharing import Workers
from gsign.errors import InputError

__all__ = ["FileSource", "LedgerSource"]

_AT_ONCE: Final = 2000
"""Entries of a piece."""
_MARKS: Final = tuple(f'"{kind}"'.encode() for kind in MARKS)


class LedgerSource:
    """A ledger.

    Args:
        reader: of it.
        workers: prove its entries, while others are followed.
        findings: takes what is wrong with it as a whole.
    """

    lists_sealed = True

    def __init__(self, reader: Reader, workers: Workers, findings: Findings) -> None:
        self._reader = reader
        self._workers = workers
        self._findings = findings
        self._strangers = reader.strangers()
        self._damage = workers.damage()
        for table in ("entry", "chain", *TABLES):
            if count := reader.odd_rows(table):
                findings.add("rows-odd", detail=f"{table}: {count}")
        self._heads = {chain.writer: chain for chain in reader.chains()}
        found = set(self._heads).union(*(reader.writers(table) for table in ("entry", *TABLES)))
        self._writers = sorted(found, reverse=True)
        self._coming = self._planned(sorted(found))
        self._begun: deque[_Begun] = deque()

    def marks(self) -> Iterable[Entry]:
        """See `Source`."""
        return self._reader.marks()

    def next_writer(self) -> str | None:
        """See `Source`."""
        return self._writers[-1] if self._writers else None

    def pieces(self) -> Iterator[Piece]:
        """See `Source`."""
        writer = self._writers.pop()
        while (begun := self._next_begun()) is not None and begun.writer == writer:
            self._begun.popleft()
            entries = partial(self._reader.entries_behind, writer, begun.after, begun.last)
            yield Piece(begun.last, entries, begun.proved())

    def head(self, writer: str) -> Chain | None:
        """See `Source`."""
        return self._heads.get(writer)

    def derived(self, writer: str) -> _Derived:
        """See `Source`."""
        return _Derived(self._reader, writer)

    def finish(self) -> None:
        """See `Source`."""
        # Where others answer for tables, what these hold is no longer of interest.
        for fault in self._strangers or self._damage():
            self._findings.add_foremost("ledger-rewired", fault)

    def _next_begun(self) -> _Begun | None:
        """Begin as much as pays, of the chains that come after as well."""
        while len(self._begun) < self._workers.ahead and (begun := next(self._coming, None)) is not None:
            self._begun.append(begun)
        return self._begun[0] if self._begun else None

    def _planned(self, writers: Sequence[str]) -> Iterator[_Begun]:
        for writer in writers:
            first = self._reader.end_of_piece(writer, 0, 1)
            after = 0 if first is None else first - 1
            while (last := self._reader.end_of_piece(writer, after, _AT_ONCE)) is not None:
                yield _Begun(writer, after, last, self._workers.prove(writer, after, last))
                after = last


class _Begun(NamedTuple):
    """A piece of a chain that is being proved."""

    writer: str
    after: int
    last: int
    proved: Callable[[], Proved | None]


class _Derived:
    """Derived rows of a chain, read beside its entries."""

    def __init__(self, reader: Reader, writer: str) -> None:
        self._reader = reader
        self._writer = writer
        self.mentioned = reader.mentioned(writer)
        self._seen: int | None = None
        self._gaps: list[tuple[int | None, int]] = []
        """Before the first entry that is there: behind which number, and up to which, no entry has rows."""

    def sealed(self, ranges: Sequence[SealedRange]) -> Iterator[tuple[SealedRange, bool]]:
        """See `Derived`."""
        first = next(self._reader.entries(self._writer), None)
        until = first.number - 1 if first is not None else LAST
        at: int | None = None
        for range_ in sorted(ranges, key=lambda range_: range_.first):
            if not is_kept(self._reader, range_):
                yield range_, True
                continue
            if digest_of_kept(self._reader, self._writer, range_.first, range_.last) != range_.facts:
                yield range_, False
            self._gaps.append((at, min(range_.first - 1, until)))
            at = max(at or 0, range_.last)
        if at is not None:
            self._gaps.append((at, until))
            self._seen = until

    def until(self, number: int | None) -> Iterator[tuple[str, list[Row]]]:
        """See `Derived`."""
        if number is not None and number == self._seen and not self._gaps:
            return
        for table in TABLES:
            rows = self._reader.derived(table, self._writer, self._seen, number)
            if self._gaps:
                rows = self._before(table) + rows
            yield table, rows
        self._seen = number
        self._gaps = []

    def skip(self, number: int) -> None:
        """See `Derived`."""
        self._seen = number

    def _before(self, table: str) -> list[Row]:
        gaps = self._gaps if table not in SEALED_WITH else [(None, self._gaps[-1][1])]
        return [row for after, last in gaps for row in self._reader.derived(table, self._writer, after, last)]


class FileSource:
    """A file of lines.

    Args:
        lines: the file.
        findings: takes what is wrong with lines.
        kept: of a segment what the ledger keeps of its entries, by chain.
    """

    lists_sealed = False

    def __init__(self, lines: Lines, findings: Findings, kept: Mapping[str, SealedRows] | None = None) -> None:
        self.name = str(lines.path)
        self._lines = lines
        self._findings = findings
        self._kept = kept or {}
        self._announced = sorted(lines.header.spans, reverse=True)
        self._coming = self._read()
        self._next: Entry | None = None
        self._is_begun = False
        self._done = ""

    def marks(self) -> Iterable[Entry]:
        """See `Source`."""
        try:
            for _, line in self._lines:
                if any(mark in line for mark in _MARKS):
                    try:
                        entry = read_entry(line)
                    except LineError:  # told where it is read with the others
                        continue
                    if entry.kind in MARKS:
                        yield entry
        except InputError:  # told where it is read with the others
            return

    def next_writer(self) -> str | None:
        """See `Source`."""
        self._begin()
        named = [self._announced[-1]] if self._announced else []
        if self._next is not None:
            named.append(self._next.writer)
        return min(named, default=None)

    def pieces(self) -> Iterator[Piece]:
        """See `Source`."""
        entries = self._entries()
        while piece := list(islice(entries, _AT_ONCE)):
            yield Piece(piece[-1].number, partial(iter, piece))

    def _entries(self) -> Iterator[Entry]:
        writer = self.next_writer()
        if self._announced and self._announced[-1] == writer:
            self._announced.pop()
        self._done = writer or ""
        self._compare_beginning(writer)
        while self._next is not None and self._next.writer == writer:
            yield self._next
            self._step()

    def head(self, writer: str) -> Chain | None:
        """See `Source`."""
        span = self._lines.header.spans.get(writer)
        return Chain(writer, span.last, octets_of(span.hash)) if span else None

    def derived(self, writer: str) -> SealedRows | None:
        """See `Source`."""
        return self._kept.get(writer)

    def finish(self) -> None:
        """See `Source`: all is told where it is read."""

    def _compare_beginning(self, writer: str | None) -> None:
        """Compare what the first line says of a chain's first entry: whoever takes the file over goes by it."""
        first, span = self._next, self._lines.header.spans.get(writer or "")
        if first is None or first.writer != writer or span is None:
            return
        if (span.first, span.previous) != (first.number, first.previous.hex()):
            self._findings.add("chain-begins-elsewhere", first.writer, first.number, detail=str(span.first))

    def _begin(self) -> None:
        if not self._is_begun:
            self._is_begun = True
            self._step()

    def _step(self) -> None:
        """Go on to the next entry whose chain was not done with before."""
        self._next = next(self._coming, None)
        while self._next is not None and self._next.writer < self._done:
            self._findings.add("entry-out-of-place", self._next.writer, self._next.number, detail=self.name)
            self._next = next(self._coming, None)

    def _read(self) -> Iterator[Entry]:
        try:
            for number, line in self._lines:
                try:
                    yield read_entry(line)
                except LineError:
                    self._findings.add("line-damaged", "", 0, detail=f"{self.name}:{number}")
        except InputError as error:
            self._findings.add(error.code, detail=self.name)
