"""How much of a message's structure is read before it is given up as too much."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Limits"]


class Limits(NamedTuple):
    """Bounds on structure; what lies beyond them is left unread and noted on the part where it was.

    Args:
        depth: how deep parts may nest; noted as `too-deep`.
        parts: how many parts a message may have in all; `too-many-parts`.
        header: bytes of one header block; `header-too-large`.
        headers: bytes of all header blocks together; `too-many-fields`.
        fields: fields of one header block; `too-many-fields`.
    """

    depth: int = 30
    parts: int = 20_000
    header: int = 256 << 10
    headers: int = 8 << 20
    fields: int = 2_000
