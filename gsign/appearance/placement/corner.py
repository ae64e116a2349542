"""The top right corner of the first page, where annexes and copies are marked.

Decree 30/2020, Appendix I, part I, II.8.b (annex) and part II, I.3 (copy).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gsign.appearance.placement.faults import Found, uncertain
from gsign.appearance.placement.pages import PageTexts, ShownPage
from gsign.appearance.placement.sizes import Sized, in_millimetres
from gsign.appearance.placement.space import BlankPaper
from gsign.appearance.placement.words import Box
from gsign.place import POINTS, Place

__all__ = ["find_corner"]

_RIGHT: Final = 15 * POINTS
"""The right margin (Decree 30/2020, Appendix I, part I, I.3: 15 to 20 mm)."""
_TOP: Final = 8 * POINTS
"""Inside the top margin of 20 to 25 mm, where only a page number may stand."""
_NEAREST: Final = 5 * POINTS
"""To the paper's edge: printers reach no farther."""
_LOWEST: Final = 45 * POINTS
_ASIDE: Final = 30 * POINTS
_STEP: Final = 2.0


def find_corner(texts: PageTexts, size: Sized) -> Place:
    """Find the top right corner of the first page, clear of what stands there.

    Args:
        texts: the document.
        size: of what is to be placed.

    Raises:
        UsageError: `place-uncertain` where nothing of this size is blank near the corner.
    """
    page = texts.page(1)
    box = BlankPaper(page).first(_in_corner(page, size))
    if box is None:
        corner = Box(page.width - _RIGHT - _ASIDE - size.width, page.height - _LOWEST, page.width, page.height)
        words = [Found(1, phrase.box, phrase.text) for phrase in page.phrases if phrase.box.meets(corner)]
        raise uncertain(in_millimetres(size), "no-room-in-corner", words)
    return Place(1, box.left, box.bottom, size.width, size.height)


def _in_corner(page: ShownPage, size: Sized) -> Iterator[Box]:
    """Yield boxes from the best one on: first up and down, then away from the right margin."""
    downs = [_NEAREST + step * _STEP for step in range(int((_LOWEST - _NEAREST) / _STEP) + 1)]
    downs.sort(key=lambda down: (abs(down - _TOP), down))
    for aside in range(int(_ASIDE / _STEP) + 1):
        right = page.width - _RIGHT - aside * _STEP
        for down in downs:
            top = page.height - down
            yield Box(right - size.width, top - size.height, right, top)
