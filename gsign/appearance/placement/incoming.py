"""Blank paper under the document's number, for the stamp on what arrives.

Decree 30/2020, Appendix IV, I.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gsign.appearance.placement.blanks import why_no_line
from gsign.appearance.placement.faults import Found, not_found, taken
from gsign.appearance.placement.header import NUMBER, number_lines
from gsign.appearance.placement.pages import PageTexts, ShownPage
from gsign.appearance.placement.sizes import Sized, in_millimetres
from gsign.appearance.placement.space import BlankPaper
from gsign.appearance.placement.words import Box
from gsign.place import POINTS, Place

__all__ = ["find_incoming"]

_NEAREST: Final = 5 * POINTS
"""To the paper's edge: printers reach no farther."""
_STEP: Final = 4.0
_BELOW_NUMBER: Final = 70 * POINTS
_GAP: Final = 4.0


def find_incoming(texts: PageTexts, size: Sized) -> Place:
    """Find blank paper for the stamp on what arrives: under the number and what belongs to it.

    Args:
        texts: the document.
        size: of the stamp.

    Raises:
        UsageError: `place-not-found` without a number, `place-taken` where no blank space is large enough.
    """
    page = texts.page(1)
    numbers = [one for one in number_lines(page) if page.dark(one.box)]
    found = [Found(1, one.box, one.text) for one in numbers]
    if not numbers:
        raise not_found(NUMBER, why_no_line(page, "number-line"))
    # Numbers of other documents may be named further down.
    box = BlankPaper(page).first(_under(page, numbers[0].box, size))
    if box is None:
        raise taken(in_millimetres(size), "no-room-under-number", found[:1])
    return Place(1, box.left, box.bottom, size.width, size.height)


def _under(page: ShownPage, number: Box, size: Sized) -> Iterator[Box]:
    """Yield boxes under the number: the nearest first, best in the middle under it, in the left half of the page."""
    middle = max(number.centre - size.width / 2, _NEAREST)
    asides = [step * _STEP for step in range(int(page.width / 2 / _STEP))]
    lefts = [x for aside in asides for x in dict.fromkeys((middle - aside, middle + aside))]
    lefts = [x for x in lefts if x >= _NEAREST and x + size.width / 2 <= page.width / 2]
    for down in range(int(_BELOW_NUMBER / _STEP)):
        top = number.bottom - _GAP - down * _STEP
        for left in lefts:
            yield Box(left, top - size.height, left + size.width, top)
