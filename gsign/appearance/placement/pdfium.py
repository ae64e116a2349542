"""A document as PDFium reads and draws it: letters with their boxes, and the ink of a rectangle.

PDFium may run in one thread at a time: whoever calls it holds `LOCK`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from math import degrees, hypot
from typing import Any, Final

from gsign.errors import InputError
from gsign.syntax.pdfium import LOCK
from gsign.syntax.source import BytesSource, Source

__all__ = ["PdfiumDocument", "PdfiumPage"]

Box = tuple[float, float, float, float]

_MAX_LETTERS: Final = 200_000


class PdfiumDocument:
    """A document opened by PDFium, which reads what it needs and no more.

    Args:
        source: the file; stays open while this is used.
        password: of an encrypted document.

    Raises:
        InputError: `input-damaged` where PDFium cannot open it.
    """

    def __init__(self, source: Source, password: str | None) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        secret = password.encode() if password is not None else None
        with LOCK:
            if isinstance(source, BytesSource):
                self._kept: Any = source.data
                self._handle = pdfium.FPDF_LoadMemDocument64(source.data, source.size, secret)
            else:
                self._kept = _file_access(pdfium, source)
                self._handle = pdfium.FPDF_LoadCustomDocument(self._kept, secret)
        if not self._handle:
            raise InputError("input-damaged", file=source.name or "-", cause="PDFium")
        # Fields, and with them earlier signatures, are drawn by what fills in forms.
        self._settings = pdfium.FPDF_FORMFILLINFO(version=2)
        with LOCK:
            self._form = pdfium.FPDFDOC_InitFormFillEnvironment(self._handle, self._settings)

    def count(self) -> int:
        """Return the number of pages."""
        with LOCK:
            return int(self._pdfium.FPDF_GetPageCount(self._handle))

    def page(self, index: int) -> PdfiumPage:
        """Load a page, from 0."""
        return PdfiumPage(self._pdfium, self._handle, self._form, index)

    def close(self) -> None:
        """Give back what PDFium holds; its pages must be closed."""
        with LOCK:
            if self._form:
                self._pdfium.FPDFDOC_ExitFormFillEnvironment(self._form)
            self._pdfium.FPDF_CloseDocument(self._handle)


def _file_access(pdfium: Any, source: Source) -> Any:
    def get_block(_: Any, offset: int, buffer: Any, size: int) -> int:
        try:
            data = source.read(offset, size)
        except InputError:
            return 0
        if len(data) != size:
            return 0
        ctypes.memmove(buffer, data, size)
        return 1

    access = pdfium.FPDF_FILEACCESS()
    access.m_FileLen = source.size
    access.m_GetBlock = type(access.m_GetBlock)(get_block)
    return access


class PdfiumPage:
    """A page: its letters in the page's own coordinates."""

    def __init__(self, pdfium: Any, document: Any, form: Any, index: int) -> None:
        self._pdfium = pdfium
        self._form = form
        with LOCK:
            self._handle = pdfium.FPDF_LoadPage(document, index)
            self._text = pdfium.FPDFText_LoadPage(self._handle) if self._handle else None
            if self._handle and form:
                pdfium.FORM_OnAfterLoadPage(self._handle, form)
        if not self._text:
            self.close()
            raise InputError("input-damaged", file="-", cause="PDFium")

    def close(self) -> None:
        """Give back what PDFium holds."""
        with LOCK:
            if self._handle:
                if self._text:
                    self._pdfium.FPDFText_ClosePage(self._text)
                if self._form:
                    self._pdfium.FORM_OnBeforeClosePage(self._handle, self._form)
                self._pdfium.FPDF_ClosePage(self._handle)
        self._handle = None

    def letters(self) -> str:
        """Return the text; the position of a letter is its index, and what has no Unicode is U+FFFD."""
        with LOCK:
            count = min(max(self._pdfium.FPDFText_CountChars(self._text), 0), _MAX_LETTERS)
            buffer = (ctypes.c_ushort * (count + 1))()
            written = self._pdfium.FPDFText_GetText(self._text, 0, count, buffer) - 1
            if written == count:
                return bytes(buffer)[: 2 * count].decode("utf-16-le", "replace")
            # Some letters take two units or none: then one by one.
            codes = (self._pdfium.FPDFText_GetUnicode(self._text, index) for index in range(count))
            return "".join(chr(code) if code and not 0xD800 <= code < 0xE000 else "\ufffd" for code in codes)

    def line_boxes(self) -> Callable[[int], Box]:
        """Return what tells a letter's box as high as its font."""
        box = self._pdfium.FS_RECTF()
        pointer, tell, text = ctypes.byref(box), self._pdfium.FPDFText_GetLooseCharBox, self._text

        def box_of(index: int) -> Box:
            tell(text, index, pointer)
            return box.left, box.bottom, box.right, box.top

        return box_of

    def ink_box(self, index: int) -> Box:
        """Return the box of a letter's own outline."""
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        with LOCK:
            self._pdfium.FPDFText_GetCharBox(self._text, index, left, right, bottom, top)
        return left.value, bottom.value, right.value, top.value

    def origins(self) -> Callable[[int], tuple[float, float]]:
        """Return what tells the point on the base line where a letter begins."""
        x, y = ctypes.c_double(), ctypes.c_double()
        tell, text = self._pdfium.FPDFText_GetCharOrigin, self._text
        pointers = ctypes.byref(x), ctypes.byref(y)

        def origin_of(index: int) -> tuple[float, float]:
            tell(text, index, *pointers)
            return x.value, y.value

        return origin_of

    def angles(self) -> Callable[[int], float]:
        """Return what tells by how many degrees a letter is turned clockwise on the page before it is shown."""
        tell, text = self._pdfium.FPDFText_GetCharAngle, self._text
        return lambda index: degrees(tell(text, index))

    def font_size(self, index: int) -> float:
        """Return the size at which a letter is set."""
        matrix = self._pdfium.FS_MATRIX()
        with LOCK:
            nominal = self._pdfium.FPDFText_GetFontSize(self._text, index)
            self._pdfium.FPDFText_GetMatrix(self._text, index, matrix)
        return float(nominal * hypot(matrix.c, matrix.d))

    def geometry(self) -> tuple[Box, int]:
        """Return the visible part of the page in its own coordinates, and by how much it is turned clockwise."""
        box = self._pdfium.FS_RECTF()
        with LOCK:
            self._pdfium.FPDF_GetPageBoundingBox(self._handle, box)
            turned = self._pdfium.FPDFPage_GetRotation(self._handle) * 90
        return (box.left, box.bottom, box.right, box.top), turned

    def draw_grey(self, whole: tuple[int, int], part: tuple[int, int, int, int]) -> list[bytes]:
        """Draw a part of the page with its annotations on white.

        Args:
            whole: width and height of the whole page in pixels.
            part: left, top, width and height in pixels.

        Returns:
            The rows from the top, a byte for each pixel: 0 is black.
        """
        return self._draw(whole, part, self._pdfium.FPDFBitmap_Gray, 1)

    def draw_colour(self, whole: tuple[int, int]) -> list[bytes]:
        """Draw the whole page with its annotations on white: rows of blue, green, red, nothing."""
        return self._draw(whole, (0, 0, *whole), self._pdfium.FPDFBitmap_BGRx, 4)

    def _draw(
        self, whole: tuple[int, int], part: tuple[int, int, int, int], kind: int, bytes_a_pixel: int
    ) -> list[bytes]:
        pdfium = self._pdfium
        left, top, width, height = part
        with LOCK:
            bitmap = pdfium.FPDFBitmap_CreateEx(width, height, kind, None, 0)
            if not bitmap:
                raise InputError("input-damaged", file="-", cause="PDFium")
            try:
                pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
                where = (bitmap, self._handle, -left, -top, *whole, 0, pdfium.FPDF_ANNOT)
                pdfium.FPDF_RenderPageBitmap(*where)
                if self._form:
                    pdfium.FPDF_FFLDraw(self._form, *where)
                stride = pdfium.FPDFBitmap_GetStride(bitmap)
                pixels = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
            finally:
                pdfium.FPDFBitmap_Destroy(bitmap)
        wide = width * bytes_a_pixel
        return [pixels[row * stride : row * stride + wide] for row in range(height)]
