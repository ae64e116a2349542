"""Where text stands on the pages of a signed revision, as PDFium reads it.

Of scans and drawn letters there is nothing to read: there the ink counts.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any, Final

from gsign.syntax.pdfium import LOCK
from gsign.syntax.source import BytesSource, Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from PIL.Image import Image

__all__ = ["PageText"]

_MAX_LETTERS: Final = 200_000
_MAX_OBJECTS: Final = 2_000
_MAX_PIXELS: Final = 4_000_000
_APART: Final = 60
"""How much darker than its paper ink is, or lighter where the paper is dark, of 255."""
_INK_OF_LETTER: Final = 35
"""Pixels, one for each point, that a letter of size 13 makes darker."""
_WORD: Final = 3
"""Letters' worth of ink that is no line of dots."""
_NOTHING, _TEXT, _ANYTHING = range(3)


class PageText:
    """Count the letters inside rectangles.

    PDFium is loaded when it is first asked: most documents have nothing that could lie over their text.

    Args:
        source: the file.
        end: where the revision ends that is looked at.
        password: of an encrypted document.
    """

    def __init__(self, source: Source, end: int, password: str | None = None) -> None:
        self._source = source
        self._end = end
        self._password = password
        self._opened: Any = None
        self._pages: dict[int, Any] = {}
        self._inks: dict[int, Any] = {}
        self.is_known = True
        """False once text was asked for that could not be read."""

    def within(self, index: int, rectangle: tuple[float, float, float, float]) -> tuple[int, int]:
        """Return how many letters of a page, counted from 0, stand inside a rectangle, and how many there are.

        Where none is, but something else is drawn, as many as its ink would make, of a number that nobody knows.
        """
        with LOCK:
            return self._within(index, rectangle)

    def _within(self, index: int, rectangle: tuple[float, float, float, float]) -> tuple[int, int]:
        try:
            page = self._page(index)
            total = page.count_chars()
            if total > _MAX_LETTERS:
                self.is_known = False
                return 0, 0
            left, bottom, right, top = rectangle
            found = _letters(page.get_text_bounded(left, bottom, right, top)) if total else 0
            if not found and (drawn := _other_than_letters(page.page, rectangle)):
                covered = self._ink(index, page.page, rectangle) // _INK_OF_LETTER
                # Dotted lines to be filled in are text as well.
                return covered if drawn == _ANYTHING or covered >= _WORD else 0, sys.maxsize
            return found, _letters(page.get_text_range()) if total else 0
        except Exception:  # noqa: BLE001 - whatever PDFium makes of a stranger's page, it is then not known
            self.is_known = False
            return 0, 0

    def _ink(self, index: int, page: Any, rectangle: tuple[float, float, float, float]) -> int:
        """Return how many pixels inside a rectangle are darker or lighter than the page's paper."""
        if index not in self._inks:
            self._inks[index] = _drawn(page)
        image, paper = self._inks[index]
        crop = image.crop(_pixels(page, image.size, rectangle))
        shades: list[int] = crop.histogram() if crop.width and crop.height else []
        return sum(shades[: max(0, paper - _APART)]) + sum(shades[paper + _APART + 1 :])

    def _page(self, index: int) -> Any:
        if self._opened is None:
            from pypdfium2 import PdfDocument

            source = self._source
            data = source.data[: self._end] if isinstance(source, BytesSource) else _Window(source, self._end)
            self._opened = PdfDocument(data, password=self._password)
        if index not in self._pages:
            self._pages[index] = self._opened[index].get_textpage()
        return self._pages[index]


def _other_than_letters(page: Any, rectangle: tuple[float, float, float, float]) -> int:
    """Say what is drawn in a rectangle where no letters can be read: `_TEXT`, `_ANYTHING` else, or nothing.

    Text may say of itself that it has no letters, or other ones than it shows.
    """
    import ctypes

    import pypdfium2.raw as pdfium

    left, bottom, right, top = rectangle
    sides = [ctypes.c_float() for _ in range(4)]
    count = pdfium.FPDFPage_CountObjects(page)
    seen = _NOTHING
    for at in range(min(count, _MAX_OBJECTS)):
        found = pdfium.FPDFPage_GetObject(page, at)
        is_known = pdfium.FPDFPageObj_GetBounds(found, *sides)
        x, y, across, up = (side.value for side in sides)
        if is_known and not (x < right and across > left and y < top and up > bottom):
            continue
        if pdfium.FPDFPageObj_GetType(found) != pdfium.FPDF_PAGEOBJ_TEXT:
            return _ANYTHING
        seen = _TEXT
    return _ANYTHING if count > _MAX_OBJECTS else seen


def _drawn(page: Any) -> tuple[Image, int]:
    """Draw a page without its annotations, a pixel for each point, in shades of grey; and say which its paper has."""
    width, height = page.get_size()
    if not 0 < width * height <= _MAX_PIXELS:
        raise ValueError("no page to be drawn")
    image = page.render(scale=1, may_draw_forms=False, draw_annots=False).to_pil().convert("L")
    shades = image.histogram()
    return image, shades.index(max(shades))


def _pixels(
    page: Any, size: tuple[int, int], rectangle: tuple[float, float, float, float]
) -> tuple[int, int, int, int]:
    """Return which pixels of a drawn page a rectangle takes: left, top, right, bottom."""
    import ctypes

    import pypdfium2.raw as pdfium

    across, down = ctypes.c_int(), ctypes.c_int()
    xs, ys = [], []
    for x in rectangle[::2]:
        for y in rectangle[1::2]:
            pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
            xs.append(min(max(across.value, 0), size[0]))
            ys.append(min(max(down.value, 0), size[1]))
    return min(xs), min(ys), max(xs), max(ys)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


class _Window(io.RawIOBase):
    """The beginning of a source as a file, so that PDFium reads what it needs and no more."""

    def __init__(self, source: Source, size: int) -> None:
        super().__init__()
        self._source = source
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._source.read(self._at, max(0, min(len(view), self._size - self._at)))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
