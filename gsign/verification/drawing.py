"""What readers see: every page of a signed revision drawn beside the same page of the whole file, pixel by pixel.

PDFium draws both. Only where fields of later signatures stand may they differ; and where those take most of a page, the
comparison would say nothing, so that counts as a difference too. Meant for a process with limits: a document decides
how long drawing takes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import sqrt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document
from gsign.syntax.source import Readable, Source, open_source
from gsign.verification.widgets import appearances_of

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["DrawingError", "differing_pages"]

_RESOLUTION: Final = 100
_MAX_PIXELS: Final = 2_000_000
_MAX_PAGES: Final = 2000
_MAX_FILE: Final = 256 << 20
_MAX_MASKED: Final = 0.5
"""Part of a page that later signatures may take."""
_BLEED: Final = 2
"""How far, in pixels, smoothed edges reach out of a rectangle."""

Rectangle = tuple[float, float, float, float]


class DrawingError(Exception):
    """The pages could not be compared."""


class _Spot(NamedTuple):
    """Where a signature field is drawn: page from 0, rectangle in the page's own coordinates, end of its revision."""

    page: int
    rectangle: Rectangle
    end: int


def differing_pages(source: Readable, ends: Mapping[str, int], password: str | None = None) -> dict[int, list[int]]:
    """Compare each signed revision with the whole file as they are drawn.

    Args:
        source: path, bytes or a seekable binary file.
        ends: where the revision ends that each signature covers, by the name of its field.
        password: of an encrypted document.

    Returns:
        For each end of a revision that is not the end of the file: the pages, from 1, that look different.

    Raises:
        DrawingError: too large or too many pages, or what cannot be drawn.
        InputError: the file cannot be read.
    """
    with open_source(source) as opened:
        size = opened.size
        older = sorted({end for end in ends.values() if 0 < end < size})
        if not older:
            return {}
        if size > _MAX_FILE:
            raise DrawingError("file too large")
        spots = _spots(opened, ends, password)
        data = opened.read(0, size)
    with _opened(data, size, password) as newest:
        return {end: _compare(data, end, newest, [s for s in spots if s.end > end], password) for end in older}


def _spots(source: Source, ends: Mapping[str, int], password: str | None) -> list[_Spot]:
    """Find where the signed fields are drawn."""
    try:
        document = Document(source)
        document.unlock(password)
        pages = _pages_of_widgets(document)
        return [
            _Spot(pages[appearance.number], appearance.rectangle, ends[field.name])
            for field in document.fields()
            if field.kind == "Sig" and field.name in ends
            for appearance in appearances_of(document, field)
            if appearance.number in pages
        ]
    except PdfSyntaxError as error:
        raise DrawingError("structure damaged") from error


def _pages_of_widgets(document: Document) -> dict[int, int]:
    found: dict[int, int] = {}
    for index, page in enumerate(document.pages()):
        if index >= _MAX_PAGES:
            raise DrawingError("too many pages")
        annotations = document.get(page.dictionary.get("Annots"))
        for annotation in annotations if isinstance(annotations, list) else ():
            if isinstance(annotation, Ref):
                found.setdefault(annotation.number, index)
    return found


# ---------------------------------------------------------------- drawing


class _Drawn(NamedTuple):
    """A document of PDFium's, and what draws its form fields, which are no part of its pages."""

    handle: Any
    form: Any


@contextmanager
def _opened(data: bytes, size: int, password: str | None) -> Iterator[_Drawn]:
    """Open the first `size` bytes with PDFium, without copying them."""
    import pypdfium2.raw as pdfium

    secret = password.encode() if password is not None else None
    handle = pdfium.FPDF_LoadMemDocument64(data, size, secret)
    if not handle:
        raise DrawingError("cannot be opened")
    settings = pdfium.FPDF_FORMFILLINFO(version=2)
    form = pdfium.FPDFDOC_InitFormFillEnvironment(handle, settings)
    try:
        if not form or pdfium.FPDF_GetPageCount(handle) > _MAX_PAGES:
            raise DrawingError("too many pages" if form else "form fields cannot be drawn")
        yield _Drawn(handle, form)
    finally:
        if form:
            pdfium.FPDFDOC_ExitFormFillEnvironment(form)
        pdfium.FPDF_CloseDocument(handle)


def _compare(data: bytes, end: int, newest: _Drawn, spots: Sequence[_Spot], password: str | None) -> list[int]:
    import pypdfium2.raw as pdfium

    with _opened(data, end, password) as older:
        counts = pdfium.FPDF_GetPageCount(older.handle), pdfium.FPDF_GetPageCount(newest.handle)
        differing = [
            index + 1
            for index in range(min(counts))
            if _differs(older, newest, index, [s.rectangle for s in spots if s.page == index])
        ]
        return [*differing, *range(min(counts) + 1, max(counts) + 1)]


def _differs(older: _Drawn, newest: _Drawn, index: int, later: Sequence[Rectangle]) -> bool:
    with _page(older, index) as before, _page(newest, index) as after:
        if before.size != after.size:
            return True
        one, other = before.draw(), after.draw()
        if one == other:
            return False
        boxes = [after.pixels_of(rectangle) for rectangle in later]
        return _differ_outside(before.image(one), after.image(other), boxes)


class _Page:
    """A page of PDFium's, and how large it is drawn."""

    def __init__(self, handle: Any, form: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._handle = handle
        self._form = form
        width, height = pdfium.FPDF_GetPageWidthF(handle), pdfium.FPDF_GetPageHeightF(handle)
        if not (width > 0 and height > 0):
            raise DrawingError("page without an area")
        scale = min(_RESOLUTION / 72, sqrt(_MAX_PIXELS / (width * height)))
        self.size = max(1, round(width * scale)), max(1, round(height * scale))
        if self.size[0] * self.size[1] > 2 * _MAX_PIXELS:
            raise DrawingError("page too long")

    def draw(self) -> bytes:
        """Draw the page with its annotations on white, four bytes a pixel."""
        pdfium = self._pdfium
        width, height = self.size
        bitmap = pdfium.FPDFBitmap_Create(width, height, 0)
        if not bitmap:
            raise DrawingError("no memory for the page")
        try:
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
            place = (bitmap, self._handle, 0, 0, width, height, 0, pdfium.FPDF_ANNOT)
            pdfium.FPDF_RenderPageBitmap(*place)
            pdfium.FPDF_FFLDraw(self._form, *place)
            rows = pdfium.FPDFBitmap_GetStride(bitmap) * height
            return ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), rows)
        finally:
            pdfium.FPDFBitmap_Destroy(bitmap)

    def image(self, pixels: bytes) -> Image:
        """Return what was drawn as an image."""
        from PIL import Image

        return Image.frombuffer("RGB", self.size, pixels, "raw", "BGRX", len(pixels) // self.size[1], 1)

    def pixels_of(self, rectangle: Rectangle) -> tuple[int, int, int, int]:
        """Return the pixels that a rectangle of the page takes: left, top, right, bottom."""
        xs, ys = zip(*(self._pixel(x, y) for x in rectangle[::2] for y in rectangle[1::2]), strict=True)
        width, height = self.size
        return (
            max(0, min(xs) - _BLEED),
            max(0, min(ys) - _BLEED),
            min(width, max(xs) + _BLEED),
            min(height, max(ys) + _BLEED),
        )

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        self._pdfium.FPDF_PageToDevice(self._handle, 0, 0, *self.size, 0, x, y, across, down)
        return across.value, down.value


@contextmanager
def _page(document: _Drawn, index: int) -> Iterator[_Page]:
    import pypdfium2.raw as pdfium

    handle = pdfium.FPDF_LoadPage(document.handle, index)
    if not handle:
        raise DrawingError("page cannot be loaded")
    pdfium.FORM_OnAfterLoadPage(handle, document.form)
    try:
        yield _Page(handle, document.form)
    finally:
        pdfium.FORM_OnBeforeClosePage(handle, document.form)
        pdfium.FPDF_ClosePage(handle)


def _differ_outside(one: Image, other: Image, boxes: Iterable[tuple[int, int, int, int]]) -> bool:
    from PIL import Image, ImageChops, ImageDraw

    mask = Image.new("1", one.size, 1)
    pen = ImageDraw.Draw(mask)
    for left, top, right, bottom in boxes:
        if right > left and bottom > top:
            pen.rectangle((left, top, right - 1, bottom - 1), fill=0)
    if mask.convert("L").histogram()[0] > _MAX_MASKED * one.size[0] * one.size[1]:
        return True
    nothing = Image.new("RGB", one.size)
    return Image.composite(ImageChops.difference(one, other), nothing, mask).getbbox() is not None
