"""What is known of entries from elsewhere: heads that other chains, checkpoints and segments hold."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from gsign.audit.anchoring import SPOILT, heads_in
from gsign.audit.entry import LAST, Entry, canonical

__all__ = ["Claim", "Claims", "SealedRange", "Segment", "ranges_of", "sealed_in", "segments_in"]

_AT_ONCE: Final = 1000


class Claim(NamedTuple):
    """That an entry of a chain has had this hash."""

    number: int
    hash: str
    """Hexadecimal."""
    witness: str
    """Who says so: the reference of an entry, or a file."""


class SealedRange(NamedTuple):
    """Entries of a chain that were taken out of the ledger into a segment."""

    writer: str
    first: int
    last: int
    previous: str
    """Hash of the entry before the first, hexadecimal."""
    hash: str
    """Of the last."""
    segment: str
    """The name of its file."""
    witness: str
    """Reference of the entry that says so."""
    facts: str = ""
    """Digest of the rows that reports count of them (hexadecimal); empty where an earlier version removed these."""


class Segment(NamedTuple):
    """A file of entries that were taken out of the ledger."""

    file: str
    """Its name."""
    sha256: str
    """Of the file, hexadecimal."""
    entries: int
    chains: Mapping[str, Mapping[str, Any]]
    """Of each chain `first`, `previous` (hash before the first), `last`, `hash` (of the last) and `facts`."""
    witness: str = ""
    """Reference of the entry that says so."""


class Claims:
    """Claims by chain, in the order of their entries; kept in a temporary file, since they may be many."""

    def __init__(self) -> None:
        # Without a name it is a file that the system deletes.
        self._kept = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._kept.execute(
            "CREATE TABLE claim (writer TEXT, number INTEGER, hash TEXT, witness TEXT,"
            " PRIMARY KEY (writer, number, hash)) WITHOUT ROWID"
        )
        self._new: list[tuple[str, int, str, str]] = []
        self.sealed: dict[str, list[SealedRange]] = {}

    def close(self) -> None:
        """Delete them."""
        self._kept.close()

    def add(self, writer: str, number: int, hash_: str, witness: str) -> None:
        """Add a claim."""
        self._new.append((writer, number, hash_, witness))
        if len(self._new) >= _AT_ONCE:
            self._keep()

    def add_mark(self, entry: Entry) -> None:
        """Add what an entry says of other chains."""
        for writer, (number, hash_) in heads_in(entry).items():
            self.add(writer, number, hash_, entry.reference)
        if entry.kind == "sealed":
            for range_ in sealed_in(entry):
                ranges = self.sealed.setdefault(range_.writer, [])
                if not any(known._replace(witness=range_.witness) == range_ for known in ranges):
                    ranges.append(range_)
                    self.add(range_.writer, range_.last, range_.hash, range_.witness)

    def of(self, writer: str) -> Iterator[Claim]:
        """Return the claims about a chain, in order."""
        self._keep()
        found = self._kept.execute(
            "SELECT number, hash, witness FROM claim WHERE writer = ? ORDER BY number", (writer,)
        )
        return map(Claim._make, found)

    def writers(self) -> list[str]:
        """Return the chains about which there are claims."""
        self._keep()
        return sorted({row[0] for row in self._kept.execute("SELECT DISTINCT writer FROM claim")} | self.sealed.keys())

    def _keep(self) -> None:
        self._kept.execute("BEGIN")
        self._kept.executemany("INSERT OR IGNORE INTO claim VALUES (?, ?, ?, ?)", self._new)
        self._kept.execute("COMMIT")
        self._new.clear()


def sealed_in(entry: Entry) -> list[SealedRange]:
    """Return what a `sealed` entry says was taken out of the ledger, by it and by all before it."""
    with suppress(*SPOILT):
        return [range_ for segment in _segments_of(entry) for range_ in ranges_of(segment)]
    return []


def ranges_of(segment: Segment) -> list[SealedRange]:
    """Return which entries of each chain a segment has; none from where on somebody has spoilt what is said of them."""
    found: list[SealedRange] = []
    with suppress(*SPOILT):
        for writer, span in segment.chains.items():
            first, last = int(span["first"]), int(span["last"])
            previous, hash_, facts = str(span["previous"]), str(span["hash"]), str(span.get("facts", ""))
            canonical([writer, previous, hash_, facts]).encode()
            if not 0 < first <= last <= LAST:
                return found
            ends = previous, hash_, segment.file
            found.append(SealedRange(writer, first, last, *ends, segment.witness, facts))
    return found


def segments_in(marks: Iterable[Entry]) -> list[Segment]:
    """Return the segments that entries say were sealed, the oldest first."""
    found: dict[str, Segment] = {}
    for entry in marks:
        # What was changed or is no text has no say.
        with suppress(*SPOILT):
            if entry.kind == "sealed" and entry.computed_hash() == entry.hash:
                found |= {segment.file: segment for segment in _segments_of(entry) if segment.file not in found}
    return sorted(found.values(), key=lambda segment: segment.file)


def _segments_of(entry: Entry) -> list[Segment]:
    return [
        Segment(str(each["file"]), str(each["sha256"]), int(each["entries"]), dict(each["chains"]), entry.reference)
        for each in json.loads(entry.body)["segments"]
    ]
