"""A ledger, or an export of one, verified with what is kept elsewhere: segments and checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from gsign.audit.checking import verify
from gsign.audit.claims import Claims, SealedRange, Segment, ranges_of, segments_in
from gsign.audit.entry import GENESIS, Entry
from gsign.audit.findings import Findings, Verification
from gsign.audit.lines import Form, Lines
from gsign.audit.pieces import Source
from gsign.audit.reading import Reader, open_reader
from gsign.audit.sealed_facts import SealedRows, is_kept
from gsign.audit.sharing import Here, Processes, Workers
from gsign.audit.sources import FileSource, LedgerSource
from gsign.errors import InputError

__all__ = ["Known", "verify_file", "verify_ledger"]

_MANY: Final = 20_000
"""Entries from which on it pays to start processes."""

Known = Mapping[str, Mapping[str, tuple[int, str]]]
"""Of each checkpoint the heads that it holds: of each chain a number and a hash (hexadecimal)."""


def verify_ledger(
    url: str,
    *,
    segments: Path | None = None,
    known: Known | None = None,
    tell: Callable[[int], object] = lambda _: None,
) -> Verification:
    """Verify a ledger.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
        segments: folder of the segments that were sealed; None where what is in them is not looked at.
        known: heads that checkpoints hold, by the names of their files.
        tell: called now and then with the number of entries that were verified.

    Raises:
        InputError: `ledger-missing`, `ledger-unreadable`.
        TemporaryError: `ledger-unreadable`.
    """
    findings = Findings()
    with ExitStack() as opened:
        reader = opened.enter_context(open_reader(url))
        workers: Workers = Here(reader)
        if sum(chain.number - chain.sealed for chain in reader.chains()) > _MANY:
            workers = Processes(url, reader)
            opened.callback(workers.close)
        sources: list[Source] = []
        if segments is not None:
            sources += _segments(segments, reader.marks(), findings, reader)
        return _verified([*sources, LedgerSource(reader, workers, findings)], known, findings, tell)


def verify_file(
    path: Path,
    *,
    segments: Path | None = None,
    known: Known | None = None,
    tell: Callable[[int], object] = lambda _: None,
) -> Verification:
    """Verify an export, or a segment; arguments as for `verify_ledger`.

    Raises:
        InputError: `export-unreadable`, `export-not-one`.
    """
    findings = Findings()
    sources: list[Source] = []
    lines = Lines(path)
    before = _before(lines)
    if segments is not None:
        sources += _segments(segments, FileSource(lines, Findings()).marks(), findings)
    return _verified([*sources, FileSource(lines, findings)], known, findings, tell, before)


def _before(lines: Lines) -> list[SealedRange]:
    """Return what came before a segment, as it says itself; the ledger knows its digest, and so whether it is so."""
    if lines.header.form is not Form.SEGMENT:
        return []
    name = lines.path.name
    return [
        SealedRange(writer, 1, span.first - 1, GENESIS.hex(), span.previous, name, name)
        for writer, span in lines.header.spans.items()
        if span.first > 1
    ]


def _verified(
    sources: Sequence[Source],
    known: Known | None,
    findings: Findings,
    tell: Callable[[int], object],
    before: Sequence[SealedRange] = (),
) -> Verification:
    with closing(Claims()) as claims:
        for range_ in before:
            claims.sealed.setdefault(range_.writer, []).append(range_)
        for witness, heads in (known or {}).items():
            for writer, (number, hash_) in heads.items():
                claims.add(writer, number, hash_, witness)
        return verify(sources, claims, findings, tell=tell)


def _segments(
    folder: Path, marks: Iterable[Entry], findings: Findings, ledger: Reader | None = None
) -> list[FileSource]:
    """Open the segments that a ledger knows of, the oldest first; whoever has changed one shows."""
    sources = []
    for segment in segments_in(marks):
        path = folder / Path(segment.file).name
        try:
            lines = Lines(path)
            if lines.digest() != segment.sha256:
                findings.add("segment-changed", witness=segment.witness, detail=segment.file)
        except InputError as error:
            code = "segment-changed" if path.exists() else "segment-missing"
            findings.add(code, witness=segment.witness, detail=f"{segment.file} ({error.code})")
            continue
        sources.append(FileSource(lines, findings, _kept(ledger, segment) if ledger is not None else None))
    return sources


def _kept(ledger: Reader, segment: Segment) -> dict[str, SealedRows]:
    """Return what a ledger keeps of the entries of a segment."""
    ranges = (range_ for range_ in ranges_of(segment) if is_kept(ledger, range_))
    return {range_.writer: SealedRows(ledger, range_.writer, range_.first, range_.last) for range_ in ranges}
