"""Say in one word what is wrong with a file that cannot be read as a PDF."""

from __future__ import annotations

from gsign.errors import InputError
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.source import Source

__all__ = ["describe_damage"]


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
