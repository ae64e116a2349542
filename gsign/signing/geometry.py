"""Rectangles of the page as it is shown, and as the file counts it (ISO 32000-2 clauses 7.7.3.3, 8.3.2.3, 12.5.5)."""

from __future__ import annotations

from typing import Any, Final

from gsign.errors import UsageError
from gsign.place import Place, Rectangle
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.reader import Document, Page

__all__ = ["PageView", "Place", "Rectangle"]

# Upright on a page that is shown turned clockwise by the key: the axes of the form, as a matrix of form space.
_UPRIGHT: Final[dict[int, list[int]]] = {
    0: [1, 0, 0, 1, 0, 0],
    90: [0, 1, -1, 0, 0, 0],
    180: [-1, 0, 0, -1, 0, 0],
    270: [0, -1, 1, 0, 0, 0],
}


class PageView:
    """A page as a reader shows it: cropped, turned and scaled.

    Args:
        document: where the page is from.
        page: the page.

    Raises:
        PdfSyntaxError: the page has no box, or boxes and rotation are off.
    """

    def __init__(self, document: Document, page: Page) -> None:
        left, bottom, right, top = _box(document, page)
        rotate = document.get(page.get("Rotate")) or 0
        unit = document.get(page.dictionary.get("UserUnit")) or 1
        if type(rotate) is not int or rotate % 90 or not isinstance(unit, (int, float)) or unit <= 0:
            raise PdfSyntaxError("page rotation or unit is off")
        self.rotation = rotate % 360
        self.unit = float(unit)
        self._left, self._bottom = left, bottom
        self._wide, self._high = right - left, top - bottom

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as shown, in points."""
        wide, high = self._wide * self.unit, self._high * self.unit
        return (high, wide) if self.rotation in (90, 270) else (wide, high)

    @property
    def upright(self) -> list[int]:
        """The matrix that makes a form stand upright on this page."""
        return _UPRIGHT[self.rotation]

    def to_page(self, shown: Rectangle) -> list[float]:
        """Turn a rectangle as shown into a /Rect.

        Raises:
            UsageError: `place-outside-page` where it does not lie on the page.
        """
        wide, high = self.size
        slack = 0.01
        if (
            min(shown.width, shown.height) <= 0
            or min(shown.x, shown.y) < -slack
            or shown.x + shown.width > wide + slack
            or shown.y + shown.height > high + slack
        ):
            raise UsageError("place-outside-page", width=f"{wide:g}", height=f"{high:g}")
        x1, y1 = self._point(shown.x, shown.y)
        x2, y2 = self._point(shown.x + shown.width, shown.y + shown.height)
        return [round(v, 3) for v in (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))]

    def shown_size(self, rect: list[float]) -> tuple[float, float]:
        """Return the width and height that a /Rect has as shown, in points."""
        wide, high = abs(rect[2] - rect[0]) * self.unit, abs(rect[3] - rect[1]) * self.unit
        return (high, wide) if self.rotation in (90, 270) else (wide, high)

    def _point(self, shown_x: float, shown_y: float) -> tuple[float, float]:
        x, y = shown_x / self.unit, shown_y / self.unit
        turned = {
            0: (x, y),
            90: (self._wide - y, x),
            180: (self._wide - x, self._high - y),
            270: (y, self._high - x),
        }[self.rotation]
        return self._left + turned[0], self._bottom + turned[1]


def _box(document: Document, page: Page) -> tuple[float, float, float, float]:
    media = _rectangle(document, page.get("MediaBox"))
    if media is None:
        raise PdfSyntaxError("page without /MediaBox")
    crop = _rectangle(document, page.get("CropBox"))
    if crop is None:
        return media
    # A reader shows no more than both boxes have in common (clause 14.11.2.1).
    common = (max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3]))
    if common[0] >= common[2] or common[1] >= common[3]:
        raise PdfSyntaxError("/CropBox lies outside /MediaBox")  # readers then show different things
    return common


def _rectangle(document: Document, value: Any) -> tuple[float, float, float, float] | None:
    numbers = [document.get(v) for v in document.array(value, "box")]
    if not numbers:
        return None
    if len(numbers) != 4 or not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in numbers):
        raise PdfSyntaxError("page box is off")
    x1, y1, x2, y2 = map(float, numbers)
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
