"""Say in one word what is wrong with a file that cannot be read as a PDF."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gsign.errors import InputError
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.source import Readable, Source, open_source

__all__ = ["describe_damage", "open_document"]


@contextmanager
def open_document(source: Readable) -> Iterator[Source]:
    """Open a document, as `open_source`, whose damage is described wherever the strict reader comes upon it.

    Raises:
        InputError: as `open_source` and `describe_damage`.
    """
    with open_source(source) as opened:
        try:
            yield opened
        except PdfSyntaxError as error:
            raise describe_damage(opened, error) from error


def describe_damage(source: Source, error: PdfSyntaxError) -> InputError:
    """Make the error for a file whose structure is not understood.

    Args:
        source: the file.
        error: what the reader stumbled over.

    Returns:
        `input-empty`, `input-not-pdf`, `input-truncated` (no end-of-file marker) or `input-damaged`.
    """
    name = source.name or "-"
    if source.size == 0:
        return InputError("input-empty", file=name)
    if b"%PDF-" not in source.read(0, 1024):
        return InputError("input-not-pdf", file=name)
    tail_at = max(0, source.size - 2048)
    if b"%%EOF" not in source.read(tail_at, 2048):
        return InputError("input-truncated", file=name)
    return InputError("input-damaged", file=name, cause=str(error))
