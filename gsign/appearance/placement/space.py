"""Blank paper: where on a page nothing is drawn and no signature stands."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor
from typing import Final

from gsign.appearance.placement.pages import ShownPage
from gsign.appearance.placement.words import Box, box_of

__all__ = ["BlankPaper"]

_CLEAR: Final = 2
"""Points that stay clear around what is placed."""


class BlankPaper:
    """The blank parts of a page, point by point.

    Args:
        page: the page.
    """

    def __init__(self, page: ShownPage) -> None:
        self._page = page
        self._rows, self._scale = page.dark_rows()
        self._signatures = [box_of(one.place) for one in page.signatures]

    def is_blank(self, box: Box) -> bool:
        """Whether a box and a narrow strip around it lie on the page and hold nothing."""
        if not self._page.holds(box):
            return False
        wide = Box(box.left - _CLEAR, box.bottom - _CLEAR, box.right + _CLEAR, box.top + _CLEAR)
        if any(box.meets(wide) for box in self._signatures):
            return False
        left, right = max(0, floor(wide.left * self._scale)), max(0, ceil(wide.right * self._scale))
        high = len(self._rows)
        top, bottom = floor(high - wide.top * self._scale), ceil(high - wide.bottom * self._scale)
        return not any(1 in row[left:right] for row in self._rows[max(0, top) : max(0, bottom)])

    def first(self, boxes: Iterable[Box]) -> Box | None:
        """Return the first of some boxes that is blank."""
        return next(filter(self.is_blank, boxes), None)
