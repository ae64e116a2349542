"""Proof that entries stand in a ledger: the chain from each to a hash that others have, without anybody else's entries.

A run of links leads from an entry to the end of its chain as a checkpoint has it, or as it was when the proof was made.
Of the entries between, a link has time, kind and the body's digest: enough to compute the hashes, and no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from gsign.audit.anchoring import heads_in
from gsign.audit.entry import LAST, Entry, Link, canonical, is_first_form, link_of

if TYPE_CHECKING:
    from gsign.audit.evidence.whole import Whole

__all__ = ["Followed", "Heads", "ProofError", "Run", "Witness", "follow", "runs_of", "write_run"]

Heads = Mapping[str, tuple[int, str]]
"""Of each chain the number and the hash (hexadecimal) of its last entry."""
_HEAD: Final = "head"


class Witness(NamedTuple):
    """Whoever else knows where chains ended."""

    name: str
    """A file of the bundle, or the reference of an entry that tells of a checkpoint."""
    heads: Heads


class Run(NamedTuple):
    """A piece of a chain."""

    writer: str
    first: int
    previous: str
    """Hash of the entry before the first, hexadecimal."""
    last: int
    hash: str
    """Of the last entry."""
    witness: str
    """Who has that hash; `head` where the chain ended there when the proof was made."""


class Followed(NamedTuple):
    """A run that was followed from hash to hash."""

    run: Run
    hashes: Sequence[bytes]
    """Of its entries, in order."""

    def hash_at(self, number: int) -> str | None:
        """Return the hash of an entry, hexadecimal; None for one that is not in the run."""
        at = number - self.run.first
        return self.hashes[at].hex() if 0 <= at < len(self.hashes) else None


class ProofError(ValueError):
    """A run does not prove what it should."""


# ---------------------------------------------------------------- made


def runs_of(whole: Whole, entries: Iterable[Entry], given: Sequence[Witness]) -> list[Run]:
    """Choose the pieces of the chains that prove entries.

    Args:
        whole: the ledger.
        entries: what is to be proved.
        given: checkpoints that go with the proof; they come before those that the ledger only tells of.
    """
    told = [Witness(mark.reference, heads_in(mark)) for mark in whole.marks() if mark.kind == "checkpoint"]
    ends = {chain.writer: (chain.number, chain.hash.hex()) for chain in whole.chains()}
    runs: dict[tuple[str, int], Run] = {}
    for entry in sorted(entries, key=lambda entry: (entry.writer, entry.number)):
        last, hash_, witness = _end(entry, given, told, ends)
        # Entries with one end share the run of the first.
        known = runs.get((entry.writer, last))
        if known is None:
            runs[entry.writer, last] = Run(entry.writer, entry.number, entry.previous.hex(), last, hash_, witness)
    return list(runs.values())


def _end(entry: Entry, given: Sequence[Witness], told: Sequence[Witness], ends: Heads) -> tuple[int, str, str]:
    for witnesses in (given, told):
        found = [(*w.heads[entry.writer], w.name) for w in witnesses if entry.writer in w.heads]
        behind = [end for end in found if end[0] >= entry.number]
        if behind:
            return min(behind)
    return (*ends[entry.writer], _HEAD)


def write_run(whole: Whole, run: Run) -> Iterator[bytes]:
    """Write a run: a line that says what it is, and one for each link."""
    yield canonical(run._asdict()).encode() + b"\n"
    for entry in whole.entries(run.writer, run.first, run.last):
        link = link_of(entry)
        # Of a chain of the first form the bodies themselves are covered.
        last = entry.body if link is None else link.body_digest.hex()
        yield canonical([entry.time, entry.kind, last]).encode() + b"\n"


# ---------------------------------------------------------------- checked


def follow(lines: Sequence[bytes]) -> Followed:
    """Follow a run to its end.

    Args:
        lines: as `write_run` wrote them.

    Raises:
        ProofError: it is none, or its hashes do not follow from each other.
    """
    try:
        run = Run(**json.loads(lines[0]))
        links = [_link(line) for line in lines[1:]]
        previous = bytes.fromhex(run.previous)
        canonical(run).encode()
        numbers = _numbers(run)
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        raise ProofError("proof-malformed") from error
    if len(links) != len(numbers):
        raise ProofError("proof-cut")
    hashes = []
    for number, link in zip(numbers, links, strict=True):
        previous = _hash(run.writer, number, link, previous)
        hashes.append(previous)
    if previous.hex() != run.hash:
        raise ProofError("proof-broken")
    return Followed(run, hashes)


def _numbers(run: Run) -> range:
    if not (isinstance(run.writer, str) and 1 <= run.first <= run.last <= LAST):
        raise ValueError("no run")
    return range(run.first, run.last + 1)


def _link(line: bytes) -> tuple[str, str, str]:
    time, kind, covered = json.loads(line)
    if not all(isinstance(text, str) for text in (time, kind, covered)):
        raise ValueError("no link")
    return time, kind, covered


def _hash(writer: str, number: int, link: tuple[str, str, str], previous: bytes) -> bytes:
    time, kind, covered = link
    entry = Entry(writer, number, time, kind, covered, previous, b"")
    try:
        if is_first_form(writer):
            return entry.computed_hash()
        return Link(writer, number, time, kind, bytes.fromhex(covered), previous).computed_hash()
    except (ValueError, UnicodeEncodeError) as error:
        raise ProofError("proof-malformed") from error
