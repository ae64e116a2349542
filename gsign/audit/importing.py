"""A ledger taken over from a file of lines: verified before anything is written, and repeatable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, islice
from pathlib import Path
from typing import Final, NamedTuple

from gsign.audit.databases import open_rows
from gsign.audit.entry import Chain, Entry, link_of
from gsign.audit.lines import Lines, read_entry
from gsign.audit.reading import Reader, open_reader
from gsign.audit.rows import Rows
from gsign.audit.trouble import unwritable
from gsign.audit.verifying import verify_file
from gsign.errors import GsignError, InputError, TemporaryError

__all__ = ["Imported", "import_file"]

_AT_ONCE: Final = 1000


class Imported(NamedTuple):
    """What became of a file."""

    entries: int
    """That were written."""
    known: int
    """That were there already."""


def import_file(url: str, path: Path, *, tell: Callable[[int], object] = lambda _: None) -> Imported:
    """Take over the entries of an export or a segment that a ledger does not have yet.

    Args:
        url: `sqlite:///…` or `postgresql://…`; a ledger that is not there is made.
        path: of the file.
        tell: called now and then with the number of entries that were dealt with.

    Raises:
        InputError: `import-broken`, `import-conflict`, `import-gap`: nothing is written; `export-unreadable`.
        TemporaryError: `chain-in-use`, `ledger-unwritable`: what was written is whole, and trying again goes on.
    """
    verified = verify_file(path)
    if not verified.is_whole:
        first = verified.findings[0].sentence("en")
        raise InputError("import-broken", file=str(path), count=verified.wrong, first=first)
    lines = Lines(path)
    rows = _opened(url)
    try:
        with open_reader(url) as reader:
            heads = {chain.writer: chain for chain in reader.chains()}
            for writer, span in lines.header.spans.items():
                _look(path, rows, writer, span.first, span.last, heads.get(writer))
            if heads:
                _compare(path, lines, reader, heads)
        return _write(rows, lines, heads, tell)
    finally:
        rows.close()


def _opened(url: str) -> Rows:
    try:
        return open_rows(url)
    except GsignError:
        raise
    except Exception as error:
        raise unwritable(error) from error


def _look(path: Path, rows: Rows, writer: str, first: int, last: int, head: Chain | None) -> None:
    """Make sure that entries of a chain can be added behind those that are there."""
    if head is not None and first > head.number + 1:
        raise InputError("import-gap", file=str(path), writer=writer, last=head.number)
    if (head is None or last > head.number) and not rows.hold(writer):
        raise TemporaryError("chain-in-use", writer=writer)


def _compare(path: Path, lines: Lines, reader: Reader, heads: Mapping[str, Chain]) -> None:
    """Make sure that entries which are in both are the same, and that those behind them go on from them."""
    for writer, entries in groupby(_entries(lines), key=lambda entry: entry.writer):
        kept = reader.entries(writer)
        known = next(kept, None)
        head = heads.get(writer)
        for entry in entries:
            while known is not None and known.number < entry.number:
                known = next(kept, None)
            differs = known is not None and known.number == entry.number and known != entry
            if differs or (head and head.number + 1 == entry.number and head.hash != entry.previous):
                raise InputError("import-conflict", file=str(path), entry=entry.reference)


def _write(rows: Rows, lines: Lines, heads: dict[str, Chain], tell: Callable[[int], object]) -> Imported:
    written = known = 0
    for writer, entries in groupby(_entries(lines), key=lambda entry: entry.writer):
        chain = heads.get(writer)
        while piece := list(islice(entries, _AT_ONCE)):
            new = [entry for entry in piece if chain is None or entry.number > chain.number]
            known += len(piece) - len(new)
            if new:
                chain = _chain_after(chain, new)
                try:
                    with rows.transaction() as transaction:
                        transaction.add(new, chain)
                except Exception as error:
                    raise unwritable(error) from error
                written += len(new)
            tell(written + known)
    return Imported(written, known)


def _chain_after(chain: Chain | None, entries: list[Entry]) -> Chain:
    first, last = entries[0], entries[-1]
    if chain is None:
        is_first_form = link_of(first) is None
        chain = Chain(first.writer, 0, b"", sealed=first.number - 1, closed=int(is_first_form))
    anchored = max((entry.number for entry in entries if entry.kind == "anchored"), default=chain.anchored)
    return chain._replace(number=last.number, hash=last.hash, anchored=anchored)


def _entries(lines: Lines) -> Iterator[Entry]:
    return (read_entry(line) for _, line in lines)
