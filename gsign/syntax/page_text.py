"""The text at the top of a document's first page, as PDFium reads it: enough to see what the document is."""

from __future__ import annotations

import ctypes
from typing import Final

from gsign.syntax.pdfium import LOCK

__all__ = ["first_page_text"]

_MOST: Final = 3000
"""Letters that are looked at: a title stands above them."""


def first_page_text(data: bytes) -> str:
    """Return the beginning of the first page's text; empty where PDFium finds none.

    Args:
        data: the document.
    """
    import pypdfium2.raw as pdfium

    with LOCK:
        document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
        page = pdfium.FPDF_LoadPage(document, 0) if document else None
        text = pdfium.FPDFText_LoadPage(page) if page else None
        try:
            count = min(max(pdfium.FPDFText_CountChars(text), 0), _MOST) if text else 0
            letters = (ctypes.c_ushort * (count + 1))()
            written = pdfium.FPDFText_GetText(text, 0, count, letters) if count else 0
            return bytes(letters)[: 2 * max(written - 1, 0)].decode("utf-16-le", "replace")
        finally:
            if text:
                pdfium.FPDFText_ClosePage(text)
            if page:
                pdfium.FPDF_ClosePage(page)
            if document:
                pdfium.FPDF_CloseDocument(document)
