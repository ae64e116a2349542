"""Where text stands on the pages of a signed revision, as PDFium reads it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

from gsign.syntax.pdfium import LOCK
from gsign.syntax.source import BytesSource, Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["PageText"]

_MAX_LETTERS: Final = 200_000


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
        self.is_known = True
        """False once text was asked for that could not be read."""

    def within(self, index: int, rectangle: tuple[float, float, float, float]) -> tuple[int, int]:
        """Return how many letters of a page, counted from 0, stand inside a rectangle, and how many there are."""
        with LOCK:
            return self._within(index, rectangle)

    def _within(self, index: int, rectangle: tuple[float, float, float, float]) -> tuple[int, int]:
        try:
            page = self._page(index)
            total = page.count_chars()
            if not total:
                return 0, 0
            if total > _MAX_LETTERS:
                self.is_known = False
                return 0, 0
            left, bottom, right, top = rectangle
            return _letters(page.get_text_bounded(left, bottom, right, top)), _letters(page.get_text_range())
        except Exception:  # noqa: BLE001 - whatever PDFium makes of a stranger's page, it is then not known
            self.is_known = False
            return 0, 0

    def _page(self, index: int) -> Any:
        if self._opened is None:
            from pypdfium2 import PdfDocument

            source = self._source
            data = source.data[: self._end] if isinstance(source, BytesSource) else _Window(source, self._end)
            self._opened = PdfDocument(data, password=self._password)
        if index not in self._pages:
            self._pages[index] = self._opened[index].get_textpage()
        return self._pages[index]


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
