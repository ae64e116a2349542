"""The SHA-256 of the file that was judged, by which anybody can tell later which file a report speaks of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from gsign.errors import InputError
from gsign.result import VerificationResult
from gsign.syntax.source import chunks, open_source

__all__ = ["with_digest"]


def with_digest(source: str | bytes, judge: Callable[[], VerificationResult]) -> VerificationResult:
    """Judge a document and add the facts `sha256` (hexadecimal) and `size` (bytes) of what was judged.

    Args:
        source: path or content.
        judge: does it.

    Raises:
        InputError: `input-changed` where the file was written to or replaced meanwhile.
    """
    before = _state(source)
    result = judge()
    digest = hashlib.sha256()
    with open_source(source) as opened:
        for piece in chunks(opened):
            digest.update(piece)
        size = opened.size
    if _state(source) != before:
        raise InputError("input-changed", file=source)
    return result._replace(facts={**result.facts, "sha256": digest.hexdigest(), "size": size})


def _state(source: str | bytes) -> tuple[int, ...] | None:
    if isinstance(source, bytes):
        return None
    try:
        status = Path(source).stat()
    except OSError:
        return None  # whoever reads the file says so
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
