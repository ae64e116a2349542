"""Documents and messages are signed by the same keys, over plain octets: no signature of one may pass for the other.

A PDF document signs all of itself but its signature. Programs that read PDF pass over what stands before it, and those
that read mail over what stands behind: octets that are both would be signed as what the signer never saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["NEAR", "begins_document", "is_signed_document"]

NEAR: Final = 4096
"""Octets in which readers look for the beginning of a document: most in a quarter of that."""
_BEGINNING: Final = b"%PDF-"
_MARK: Final = b"/ByteRange"
_RANGES: Final = re.compile(_MARK + rb"[\s\0]*\[([\s\0\d]{1,1000})\]")
_MOST: Final = 1_000


def begins_document(pieces: Iterable[bytes | memoryview]) -> bool:
    """Whether readers of PDF would take octets for a document, whatever else they are.

    Args:
        pieces: of the octets, in order.
    """
    first = b""
    for piece in pieces:
        first += piece[: NEAR - len(first)]
        if len(first) >= NEAR:
            break
    return _BEGINNING in first


def is_signed_document(octets: bytes | memoryview) -> bool:
    """Whether octets are what a PDF document signs: they name ranges as long as they are (ISO 32000 12.8.1)."""
    data = octets.obj if isinstance(octets, memoryview) else octets
    if not isinstance(data, bytes) or _MARK not in data:
        return False
    found = _RANGES.finditer(octets)
    return any(_covered(ranges[1]) == len(octets) for ranges, _ in zip(found, range(_MOST), strict=False))


def _covered(ranges: bytes) -> int:
    """Add up the lengths of ranges, each of which is an offset and a length."""
    return sum(int(length) for length in bytes(ranges).replace(b"\0", b" ").split()[1::2])
