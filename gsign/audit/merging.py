"""Rows in order told apart by whether they stand alone: most do, and are counted without being looked at one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import compress, groupby, islice
from operator import eq, not_, or_
from typing import Any, Final

__all__ = ["Row", "told_apart"]

Row = tuple[Any, ...]
_PIECE: Final = 1000


def told_apart(
    rows: Iterable[Row], key: Callable[[Row], object]
) -> Iterator[tuple[Iterator[Row], Iterator[list[Row]]]]:
    """Return those that have a key of their own, and those that share one, a piece at a time.

    Args:
        rows: in the order of their keys.
        key: what rows share that go together.
    """
    coming = iter(rows)
    left: list[Row] = []
    while new := list(islice(coming, _PIECE)):
        # The last ones may go on in the next piece.
        piece, left = _divided([*left, *new], key)
        yield _parts(piece, key)
    yield _parts(left, key)


def _divided(rows: list[Row], key: Callable[[Row], object]) -> tuple[list[Row], list[Row]]:
    at, last = len(rows) - 1, key(rows[-1])
    while at and key(rows[at - 1]) == last:
        at -= 1
    return rows[:at], rows[at:]


def _parts(piece: list[Row], key: Callable[[Row], object]) -> tuple[Iterator[Row], Iterator[list[Row]]]:
    keys = list(map(key, piece))
    as_next = list(map(eq, keys, keys[1:]))
    shares = list(map(or_, [False, *as_next], [*as_next, False])) if piece else []
    together = groupby(compress(piece, shares), key=key)
    return compress(piece, map(not_, shares)), (list(same) for _, same in together)
