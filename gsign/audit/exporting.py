"""A ledger written to a file of lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, Final

from gsign.audit.lines import Form, Span, Writing, header_line, line_of
from gsign.audit.reading import Reader, open_reader

__all__ = ["export_ledger", "spans_of", "write_lines"]

_TOLD_EVERY: Final = 10_000


def export_ledger(
    url: str, file: BinaryIO, *, is_packed: bool = False, tell: Callable[[int], object] = lambda _: None
) -> int:
    """Write all entries of a ledger as lines of JSON, as they are at one moment, and return their number.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
        file: to be written to.
        is_packed: whether it is gzipped.
        tell: called now and then with the number of entries that were written.

    Raises:
        InputError: `ledger-missing`, `ledger-unreadable`.
        TemporaryError: `ledger-unreadable`.
        OSError: the file cannot be written.
    """
    with open_reader(url) as reader:
        return write_lines(reader, Form.EXPORT, spans_of(reader), file, is_packed=is_packed, tell=tell)


def spans_of(reader: Reader) -> dict[str, Span]:
    """Return which entries a ledger has, by chain."""
    spans = {}
    for writer in reader.writers():
        first, last = next(reader.entries(writer), None), next(reader.entries(writer, backwards=True), None)
        if first is None or last is None:  # rows of numbers that no entry has
            continue
        spans[writer] = Span(first.number, first.previous.hex(), last.number, last.hash.hex())
    return spans


def write_lines(
    reader: Reader,
    form: Form,
    spans: dict[str, Span],
    file: BinaryIO,
    *,
    is_packed: bool,
    tell: Callable[[int], object] = lambda _: None,
) -> int:
    """Write some entries of each chain as lines, and return their number."""
    writing = Writing(file, is_packed=is_packed)
    writing.write(header_line(form, spans))
    count = 0
    for writer, span in sorted(spans.items()):
        for entry in reader.entries(writer, span.first, span.last):
            writing.write(line_of(entry))
            count += 1
            if count % _TOLD_EVERY == 0:
                tell(count)
    writing.close()
    tell(count)
    return count
