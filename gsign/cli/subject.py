"""The file that evidence is about: a document or a message, known by its digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gsign.errors import InputError

__all__ = ["digest_of", "is_document"]


def is_document(file: Path) -> bool:
    """Tell a PDF document from a message, as readers do: by the first kilobyte (ISO 32000-2 clause 7.5.2, note)."""
    return b"%PDF-" in _beginning(file)


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal.

    Raises:
        InputError: `input-unreadable`.
    """
    try:
        with open(file, "rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise InputError("input-unreadable", file=str(file), cause=error.strerror) from error


def _beginning(file: Path) -> bytes:
    try:
        with open(file, "rb") as opened:
            return opened.read(1024)
    except OSError as error:
        raise InputError("input-unreadable", file=str(file), cause=error.strerror) from error
