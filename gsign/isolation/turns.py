"""Which documents a process judges in one turn: few and small ones, so that nobody waits for somebody else's."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

__all__ = ["turns"]

Source = TypeVar("Source", bound="str | os.PathLike[str] | bytes")

_MOST: Final = 4
_MOST_BYTES: Final = 1 << 20
_LONGEST_NAME: Final = 512
"""Names of a turn go to a process at once; they must fit into its pipe, of which 4 kB are certain."""


def turns(sources: Iterable[Source], jobs: int) -> Iterator[list[Source]]:
    """Group documents that are named by their paths.

    The first turns are of one document each, so that few documents are shared out evenly and the first result comes
    soon. A large document has a turn of its own, as does one whose content is given.

    Args:
        sources: paths or contents.
        jobs: how many processes take turns.
    """
    turn: list[Source] = []
    size = 0
    for begun, source in enumerate(sources, 1):
        octets = _size(source) if jobs > 1 else _MOST_BYTES
        if turn and size + octets > _MOST_BYTES:
            yield turn
            turn, size = [], 0
        turn.append(source)
        size += octets
        if len(turn) >= min(_MOST, 1 + begun // (2 * jobs)) or size >= _MOST_BYTES:
            yield turn
            turn, size = [], 0
    if turn:
        yield turn


def _size(source: str | os.PathLike[str] | bytes) -> int:
    """Return how large a document is; one that is better asked for alone counts as large."""
    if isinstance(source, bytes) or len(os.fspath(source)) > _LONGEST_NAME:
        return _MOST_BYTES
    try:
        return os.stat(source).st_size  # noqa: PTH116 - for every document of a million
    except OSError:
        return 0  # whoever reads it says so
