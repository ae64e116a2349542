"""Old entries taken out of a ledger into a segment, so that what is left can still be proved.

(1) the ledger is verified; (2) the entries are written to a file, which is on disk; (3) an entry `sealed` says which
they were, by number and hash, and what the file's digest is; (4) they are removed, a few at a time, so that nobody who
writes has to wait. Whoever is interrupted behind (3) goes on with (4) the next time. What reports count of them stays,
and (3) has its digest.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from gsign.audit.anchoring import heads_in
from gsign.audit.claims import Segment, segments_in
from gsign.audit.exporting import write_lines
from gsign.audit.ledger import Ledger
from gsign.audit.lines import Form, Lines, Span
from gsign.audit.private import close_to_others
from gsign.audit.reading import Reader, open_reader
from gsign.audit.sealed_facts import FactsDigest
from gsign.audit.verifying import verify_ledger
from gsign.errors import InputError
from gsign.result import shown_time

__all__ = ["Sealed", "seal"]

_AT_ONCE: Final = 500
_NAME: Final = "segment-{number:04d}-before-{before}.jsonl.gz"


class Sealed(NamedTuple):
    """What was sealed."""

    file: Path
    sha256: str
    entries: int
    entry: str
    """Reference of the entry that says so."""


def seal(
    url: str,
    before: datetime,
    folder: Path,
    *,
    station: str | None = None,
    tell: Callable[[int], object] = lambda _: None,
) -> Sealed:
    """Take the entries before a time out of a ledger into a file.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
        before: aware; entries of this time and later stay.
        folder: of the segments.
        station: as for `Ledger`.
        tell: called now and then with the number of entries that were dealt with.

    Raises:
        InputError: `seal-nothing`, `seal-broken-ledger`; the file cannot be written.
        TemporaryError: `ledger-unwritable`.
    """
    verified = verify_ledger(url, tell=tell)
    if not verified.is_whole:
        raise InputError("seal-broken-ledger", count=verified.wrong, first=verified.findings[0].sentence("en"))
    with Ledger(url, station=station) as ledger:
        with open_reader(url) as reader:
            segments = segments_in(reader.marks())
            _remove(ledger, segments)
            reader.begin()
            spans = _spans_before(reader, before)
            if not spans:
                raise InputError("seal-nothing", before=shown_time(before))
            file = folder / _NAME.format(number=len(segments) + 1, before=before.date().isoformat())
            count = _write(reader, spans, file, tell)
            segment = _segment(file, count, spans, _digests(reader, spans))
        entry = ledger.append("sealed", {"by": getpass.getuser(), "segments": [*map(_facts, (*segments, segment))]})
        _remove(ledger, [segment])
    return Sealed(file, segment.sha256, count, entry.reference)


def _spans_before(reader: Reader, before: datetime) -> dict[str, Span]:
    """Return the beginnings of the chains that are to be taken out.

    Wherever an entry among them holds the head of another chain, that one reaches as far: a segment can be verified
    without what came after it.
    """
    time = before.astimezone(UTC).isoformat(timespec="microseconds")
    sealed = {chain.writer: chain.sealed for chain in reader.chains()}
    reach = {writer: _last_before(reader, writer, time) for writer in reader.writers()}
    is_growing = True
    while is_growing:
        is_growing = False
        for mark in reader.marks():
            if mark.number <= reach.get(mark.writer, 0):
                for writer, (number, _) in heads_in(mark).items():
                    if number > reach.get(writer, number):
                        reach[writer] = number
                        is_growing = True
    return {writer: _span(reader, writer, last) for writer, last in reach.items() if last > sealed.get(writer, 0)}


def _last_before(reader: Reader, writer: str, time: str) -> int:
    query = "SELECT min(number) FROM entry WHERE writer = ? AND time >= ?"
    ((first_left,),) = reader.rows(query, (writer, time))
    return first_left - 1 if first_left is not None else next(reader.entries(writer, backwards=True)).number


def _span(reader: Reader, writer: str, last: int) -> Span:
    first, end = next(reader.entries(writer)), next(reader.entries(writer, last))
    return Span(first.number, first.previous.hex(), end.number, end.hash.hex())


def _write(reader: Reader, spans: dict[str, Span], path: Path, tell: Callable[[int], object]) -> int:
    from gsign.signing.output import complete_file

    with complete_file(path, b"", force=False) as file:
        close_to_others(file.fileno())
        count = write_lines(reader, Form.SEGMENT, spans, file, is_packed=True, tell=tell)
        file.flush()
        # What is not on disk must not go from the ledger.
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return count


def _digests(reader: Reader, spans: dict[str, Span]) -> dict[str, str]:
    """Return for each chain the digest of what reports count of its entries, from these alone."""
    found = {}
    for writer, span in spans.items():
        digest = FactsDigest()
        entries = reader.entries(writer, span.first, span.last)
        while piece := list(islice(entries, _AT_ONCE)):
            digest.add_entries(piece)
        found[writer] = digest.hexdigest()
    return found


def _segment(path: Path, count: int, spans: dict[str, Span], facts: dict[str, str]) -> Segment:
    chains = {writer: {**span._asdict(), "facts": facts[writer]} for writer, span in spans.items()}
    return Segment(path.name, Lines(path).digest(), count, chains)


def _facts(segment: Segment) -> dict[str, Any]:
    return {name: value for name, value in segment._asdict().items() if name != "witness"}


def _remove(ledger: Ledger, segments: list[Segment]) -> None:
    for segment in segments:
        for writer, span in segment.chains.items():
            ledger.remove_sealed(writer, int(span["last"]), at_once=_AT_ONCE)
