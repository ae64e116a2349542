"""Places in the blank parts of the first page: the top right corner, and under the document's number.

Decree 30/2020, Appendix I, part I, II.8.b (annex) and part II, I.3 (copy); Appendix IV, I (incoming stamp).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gsign.appearance.placement.faults import Found, not_found, taken, uncertain
from gsign.appearance.placement.folding import is_legacy
from gsign.appearance.placement.header import NUMBER, number_lines
from gsign.appearance.placement.pages import PageTexts, ShownPage
from gsign.appearance.placement.sizes import Sized
from gsign.appearance.placement.space import BlankPaper
from gsign.appearance.placement.words import Box
from gsign.place import Place

__all__ = ["find_corner", "find_incoming"]

_MM: Final = 72 / 25.4
_RIGHT: Final = 15 * _MM
"""The right margin (Decree 30/2020, Appendix I, part I, I.3: 15 to 20 mm)."""
_TOP: Final = 8 * _MM
"""Inside the top margin of 20 to 25 mm, where only a page number may stand."""
_NEAREST: Final = 5 * _MM
"""To the paper's edge: printers reach no farther."""
_LOWEST: Final = 45 * _MM
_ASIDE: Final = 30 * _MM
_STEP: Final = 2.0
_BELOW_NUMBER: Final = 70 * _MM
_GAP: Final = 4.0


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
        raise uncertain(_written(size), "no-room-in-corner", words)
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


def find_incoming(texts: PageTexts, size: Sized) -> Place:
    """Find blank paper for the stamp on what arrives: under the number and what belongs to it.

    Args:
        texts: the document.
        size: of the stamp.

    Raises:
        UsageError: `place-not-found` without a number, `place-uncertain` with several, `place-taken` where no blank
            space is large enough.
    """
    page = texts.page(1)
    numbers = [one for one in number_lines(page) if page.dark(one.box)]
    found = [Found(1, one.box, one.text) for one in numbers]
    if not numbers:
        letters = page.letters.strip()
        cause = (
            "no-text-on-pages" if not letters else "text-in-old-encoding" if is_legacy(letters) else "no-number-line"
        )
        raise not_found(NUMBER, cause)
    # Numbers of other documents may be named further down.
    box = BlankPaper(page).first(_under(page, numbers[0].box, size))
    if box is None:
        raise taken(_written(size), "no-room-under-number", found[:1])
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


def _written(size: Sized) -> str:
    return f"{size.width / _MM:.0f} x {size.height / _MM:.0f} mm"
