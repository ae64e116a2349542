"""Words of a page, and the phrases they form: neighbours on one line without a column's gap between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from gsign.place import Place

__all__ = ["Box", "Phrase", "Word", "box_of", "parts_of", "phrases_of", "stands_apart", "union"]

# Wider than any space between words of a justified line, narrower than what sets columns apart: in heights of a line.
_COLUMN_GAP: Final = 1.3
_OTHER_SETTING: Final = 0.45
"""Least gap between columns that nearly touch."""
_CLEARLY_WIDER: Final = 1.8
_SPACE: Final = 0.2
"""Width of a space, about."""
_SAME_LINE: Final = 0.3


class Box(NamedTuple):
    """Edges, in points of the page as shown."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From bottom to top."""
        return self.top - self.bottom

    @property
    def centre(self) -> float:
        """The middle from left to right."""
        return (self.left + self.right) / 2

    def meets(self, other: Box) -> bool:
        """Whether both have an area in common."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )


class Word(NamedTuple):
    """Letters without a space between them."""

    text: str
    box: Box
    """As high as the font, not as these letters."""
    base: float
    """Height of the base line."""
    start: int
    """Index of its first letter on the page."""


class Phrase(NamedTuple):
    """Words side by side, from the left."""

    words: tuple[Word, ...]
    box: Box

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def base(self) -> float:
        """Height of the base line."""
        return self.words[0].base


def box_of(place: Place) -> Box:
    """Return the edges of a place."""
    return Box(place.x, place.y, place.x + place.width, place.y + place.height)


def union(boxes: Iterable[Box]) -> Box:
    """Return the box around boxes, of which there is at least one."""
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return Box(min(lefts), min(bottoms), max(rights), max(tops))


def phrases_of(words: Iterable[Word]) -> list[Phrase]:
    """Put words together, from the top of the page and from the left."""
    return [phrase for line in _lines(words) for phrase in _split(line)]


def stands_apart(words: Sequence[Word], start: int, end: int) -> bool:
    """Whether some words of a line form a column that nearly touches its neighbours.

    The gaps around them are then clearly wider than those between them: even gaps, however wide, are spaces.
    """
    inner = [_gap(words, index) for index in range(start + 1, end)]
    least = max(_OTHER_SETTING, _CLEARLY_WIDER * max(inner, default=_SPACE))
    return (start == 0 or _gap(words, start) >= least) and (end == len(words) or _gap(words, end) >= least)


def parts_of(phrase: Phrase) -> list[Phrase]:
    """Split a phrase where columns nearly touch: where gaps are clearly wider than the least one.

    Letters set apart have gaps of two kinds, which say nothing of columns.
    """
    words = phrase.words
    gaps = [_gap(words, index) for index in range(1, len(words))]
    if not gaps or 2 * sum(len(word.text) == 1 for word in words) > len(words):
        return [phrase]
    least = max(_OTHER_SETTING, _CLEARLY_WIDER * max(min(gaps), _SPACE))
    starts = [0, *(index for index, gap in enumerate(gaps, 1) if gap >= least), len(words)]
    return [_phrase(words[start:end]) for start, end in pairwise(starts)]


def _gap(words: Sequence[Word], index: int) -> float:
    """Return the gap before a word, in heights of the line."""
    before, after = words[index - 1].box, words[index].box
    return (after.left - before.right) / min(before.height, after.height)


def _phrase(words: Sequence[Word]) -> Phrase:
    return Phrase(tuple(words), union(word.box for word in words))


def _lines(words: Iterable[Word]) -> list[list[Word]]:
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: -word.base):
        if lines and lines[-1][0].base - word.base < _SAME_LINE * min(lines[-1][0].box.height, word.box.height):
            lines[-1].append(word)
        else:
            lines.append([word])
    return lines


def _split(line: list[Word]) -> list[Phrase]:
    line.sort(key=lambda word: word.box.left)
    groups = [[line[0]]]
    for word in line[1:]:
        last = groups[-1][-1]
        if word.box.left - last.box.right > _COLUMN_GAP * min(word.box.height, last.box.height):
            groups.append([word])
        else:
            groups[-1].append(word)
    return [_phrase(group) for group in groups]
