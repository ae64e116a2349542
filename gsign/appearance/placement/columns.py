"""What stands above and below a phrase in the same column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gsign.appearance.placement.words import Box, Phrase, parts_of

__all__ = ["above", "below", "is_aligned", "part_over"]

_ASKEW: Final = 10.0
"""How far, in points, lines set with spaces are off the axis of their column."""
_SHARED: Final = 0.2
_CLOSE: Final = 0.35
"""How far lines set close reach into each other, in heights of a line."""


def above(phrases: Iterable[Phrase], box: Box) -> list[Phrase]:
    """Return what stands above a box and over it, from the nearest up."""
    found = [p for p in phrases if p.box.bottom > box.top - _CLOSE * p.box.height and _overlaps(p.box, box)]
    return sorted(found, key=lambda phrase: phrase.base)


def below(phrases: Iterable[Phrase], box: Box) -> list[Phrase]:
    """Return what stands below a box and under it, from the nearest down."""
    found = [p for p in phrases if p.box.top < box.bottom + _CLOSE * p.box.height and _overlaps(p.box, box)]
    return sorted(found, key=lambda phrase: -phrase.base)


def part_over(phrase: Phrase, box: Box) -> Phrase:
    """Return the part of a phrase that stands over a box, where columns are so near that they read as one phrase."""
    if abs(phrase.box.centre - box.centre) < _ASKEW or abs(phrase.box.left - box.left) < _ASKEW / 2:
        return phrase
    parts = parts_of(phrase)
    return min(parts, key=lambda part: abs(part.box.centre - box.centre))


def is_aligned(one: Box, other: Box) -> bool:
    """Whether two lines stand on one axis, or begin at the same edge."""
    return (
        _within(one.centre, other) or _within(other.centre, one) or abs(one.left - other.left) < _ASKEW
    ) and _overlaps(one, other)


def _within(x: float, box: Box) -> bool:
    return box.left - _ASKEW <= x <= box.right + _ASKEW


def _overlaps(one: Box, other: Box) -> bool:
    """Whether one stands over the other, and does not only reach over its end from another column."""
    shared = min(one.right, other.right) - max(one.left, other.left)
    return shared > _SHARED * min(one.width, other.width)
