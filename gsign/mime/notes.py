"""What is odd about a part: whatever two readers of mail may read differently has a name."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Note"]


class Note(NamedTuple):
    """Something that readers of mail take differently.

    Args:
        id: a stable kebab-case identifier.
        detail: what it is about, such as a field's name; as it came, not for a terminal.
    """

    id: str
    detail: str = ""
