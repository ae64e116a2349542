"""Pages as a reader shows them: words with their boxes, earlier signatures, and where there is ink.

All lengths are points of the page as shown: cropped, turned and scaled (ISO 32000-2 clauses 7.7.3.3, 14.11.2.1). A
page is read when it is asked for, so that a block on the last page of a long document costs one page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from gsign.appearance.placement.pdfium import PdfiumDocument, PdfiumPage
from gsign.appearance.placement.words import Box, Phrase, Word, phrases_of, union
from gsign.errors import UsageError
from gsign.place import Place, Rectangle
from gsign.syntax.damage import describe_damage
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.pdfium import LOCK
from gsign.syntax.reader import Document
from gsign.syntax.source import Readable, Source, open_source

__all__ = ["PageTexts", "ShownPage", "SignatureBox"]

_RUN: Final = re.compile(r"\S+")
_PIXELS_A_POINT: Final = 2.0
_MOST_PIXELS: Final = 4000
_LIGHT: Final = bytes(range(150, 256))
"""Shades of paper, of watermarks and of the fringes of letters."""
_SPECKS: Final = 0.001
"""Part of a rectangle that may be dark without anything standing there, as on scanned paper."""
_ASKEW: Final = 5.0
"""Degrees by which text may be turned, as on scanned paper."""
_MAX_PARENTS: Final = 32


class SignatureBox(NamedTuple):
    """A signature field as it stands on a page."""

    name: str
    place: Place
    is_signed: bool


class PageTexts:
    """The pages of a document, read when they are asked for. Use it in a `with` statement.

    Args:
        source: path, bytes or a seekable binary file; must not change meanwhile.
        password: of an encrypted document; None tries the empty one.

    Raises:
        InputError: the document cannot be read or opened.
    """

    def __init__(self, source: Readable, password: str | None = None) -> None:
        self._opened = ExitStack()
        try:
            self._source = self._opened.enter_context(open_source(source))
            self._structure = _structure(self._source, password)
            self._pdfium = PdfiumDocument(self._source, password)
        except BaseException:
            self._opened.close()
            raise
        self._opened.callback(self._pdfium.close)
        self._pages: dict[int, ShownPage] = {}
        self.count = self._pdfium.count()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the document."""
        for index in list(self._pages):
            self._close_page(index)
        self._opened.close()

    def _close_page(self, index: int) -> None:
        if page := self._pages.pop(index, None):
            page.close()

    def page(self, number: int) -> ShownPage:
        """Return a page, counted from 1, or from -1 at the end.

        Raises:
            UsageError: `page-not-there`.
            InputError: the page is damaged.
        """
        index = number - 1 if number > 0 else number + self.count
        if not 0 <= index < self.count:
            raise UsageError("page-not-there", page=number, pages=self.count)
        if index not in self._pages:
            try:
                nearer = index if index < self.count // 2 else index - self.count
                dictionary = self._structure.page(nearer).dictionary
            except (PdfSyntaxError, IndexError) as error:
                raise describe_damage(self._source, PdfSyntaxError(str(error))) from error
            self._pages[index] = ShownPage(index + 1, self._pdfium.page(index), self._structure, dictionary)
        return self._pages[index]

    def backwards(self) -> Iterator[ShownPage]:
        """Yield the pages from the last one on; each is closed when the next is asked for."""
        for number in range(self.count, 0, -1):
            yield self.page(number)
            self._close_page(number - 1)


def _structure(source: Source, password: str | None) -> Document:
    try:
        document = Document(source)
        document.unlock(password)
        document.page_count()  # what it takes too much to read is refused before PDFium tries
    except PdfSyntaxError as error:
        raise describe_damage(source, error) from error
    return document


class ShownPage:
    """A page as shown.

    Args:
        number: from 1.
        raw: the page as PDFium has it.
        structure: the document as the strict reader has it.
        dictionary: the page's dictionary.
    """

    def __init__(self, number: int, raw: PdfiumPage, structure: Document, dictionary: dict[str, Any]) -> None:
        self.number = number
        self._raw = raw
        self._structure = structure
        self._dictionary = dictionary
        (left, bottom, right, top), self._turned = raw.geometry()
        self._origin = left, bottom
        self._extent = right - left, top - bottom
        unit = structure.get(dictionary.get("UserUnit")) or 1
        self._unit = float(unit) if isinstance(unit, (int, float)) and unit > 0 else 1.0
        wide, high = self._extent[0] * self._unit, self._extent[1] * self._unit
        self.width, self.height = (high, wide) if self._turned in (90, 270) else (wide, high)
        self._scale = min(_PIXELS_A_POINT, _MOST_PIXELS / max(self.width, self.height))

    def close(self) -> None:
        """Give back what drawing and reading it takes; what was read stays."""
        self._raw.close()

    # ------------------------------------------------------------ text

    @cached_property
    def letters(self) -> str:
        """The text as the page holds it; cheap, without places."""
        return self._raw.letters()

    @cached_property
    def words(self) -> list[Word]:
        """The words that stand upright, in the order of the page's text."""
        line_box, origin, angle = self._raw.line_boxes(), self._raw.origins(), self._raw.angles()
        whole = Box(0, 0, self.width, self.height)
        found = []
        with LOCK:
            for run in _RUN.finditer(self.letters):
                first, last = run.start(), run.end() - 1
                if abs((angle(first) + self._turned + 180) % 360 - 180) > _ASKEW:
                    continue
                x, y = origin(first)
                box = union((self._shown(line_box(first)), self._shown(line_box(last))))
                if box.height > 0 and box.meets(whole):
                    found.append(Word(run[0], box, self._point(x, y)[1], first))
        return found

    @cached_property
    def phrases(self) -> list[Phrase]:
        """Words side by side without a column's gap, from the top and from the left."""
        return phrases_of(self.words)

    def letter_boxes(self, word: Word) -> list[Box]:
        """Return the box of each letter of a word."""
        line_box = self._raw.line_boxes()
        with LOCK:
            return [self._shown(line_box(word.start + index)) for index in range(len(word.text))]

    def outline(self, words: Iterable[Word]) -> Box:
        """Return the box around the outlines of the letters of some words: a font's height may not hold all marks."""
        with LOCK:
            boxes = [self._shown(self._raw.ink_box(word.start + i)) for word in words for i in range(len(word.text))]
        return union(box for box in boxes if box.height > 0)

    def font_size(self, word: Word) -> float:
        """Return the size at which a word is set."""
        return self._raw.font_size(word.start) * self._unit

    # ------------------------------------------------------------ signatures and ink

    @cached_property
    def signatures(self) -> list[SignatureBox]:
        """Signature fields that are shown on this page, signed or not."""
        found: list[SignatureBox] = []
        annotations = self._structure.get(self._dictionary.get("Annots"))
        for reference in annotations if isinstance(annotations, list) else ():
            annotation = self._structure.get(reference)
            if isinstance(annotation, dict) and annotation.get("Subtype") == "Widget":
                found += self._signature(annotation)
        return found

    def _signature(self, widget: dict[str, Any]) -> Iterator[SignatureBox]:
        kind = value = None
        names: list[str] = []
        node: Any = widget
        for _ in range(_MAX_PARENTS):
            if not isinstance(node, dict):
                break
            kind = kind or self._structure.get(node.get("FT"))
            value = value if value is not None else self._structure.get(node.get("V"))
            name = self._structure.get(node.get("T"))
            names += [_text(name)] if isinstance(name, bytes) else []
            node = self._structure.get(node.get("Parent"))
        rectangle = self._structure.rectangle(widget.get("Rect"))
        if kind == "Sig" and rectangle is not None:
            box = self._shown(rectangle)
            if box.width > 0 and box.height > 0:
                place = Place(self.number, box.left, box.bottom, box.width, box.height)
                yield SignatureBox(".".join(reversed(names)), place, value is not None)

    def dark(self, box: Box) -> bool:
        """Whether something is drawn inside a box: letters, lines, images, annotations; watermarks are too light."""
        rows, width = self._drawn(box)
        ink = sum(len(row.translate(None, _LIGHT)) for row in rows)
        return ink > _SPECKS * width * len(rows)

    def dark_rows(self) -> tuple[list[bytes], float]:
        """Return the whole page, a byte for each pixel: 1 where something is drawn; and how many pixels a point has."""
        table = bytes(shade < _LIGHT[0] for shade in range(256))
        scale = min(1.0, _MOST_PIXELS / max(self.width, self.height))
        size = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        return [row.translate(table) for row in self._raw.draw_grey(size, (0, 0, *size))], scale

    def picture(self, dpi: float) -> tuple[int, int, bytes]:
        """Draw the page with its annotations: width and height in pixels, rows of blue, green, red and nothing."""
        size = max(1, round(self.width * dpi / 72)), max(1, round(self.height * dpi / 72))
        return *size, b"".join(self._raw.draw_colour(size))

    def _drawn(self, box: Box) -> tuple[list[bytes], int]:
        whole = max(1, round(self.width * self._scale)), max(1, round(self.height * self._scale))
        left, right = (min(max(0, round(x * self._scale)), whole[0]) for x in (box.left, box.right))
        top, bottom = (min(max(0, whole[1] - round(y * self._scale)), whole[1]) for y in (box.top, box.bottom))
        width, height = max(1, right - left), max(1, bottom - top)
        return self._raw.draw_grey(whole, (left, top, width, height)), width

    # ------------------------------------------------------------ the page as shown

    def holds(self, box: Rectangle | Box) -> bool:
        """Whether a box lies on the page."""
        left, bottom, right, top = box if isinstance(box, Box) else _edges(box)
        return left >= 0 and bottom >= 0 and right <= self.width and top <= self.height

    def _point(self, x: float, y: float) -> tuple[float, float]:
        across, up = x - self._origin[0], y - self._origin[1]
        wide, high = self._extent
        shown = {
            0: (across, up),
            90: (up, wide - across),
            180: (wide - across, high - up),
            270: (high - up, across),
        }[self._turned]
        return shown[0] * self._unit, shown[1] * self._unit

    def _shown(self, box: tuple[float, float, float, float]) -> Box:
        x1, y1 = self._point(box[0], box[1])
        x2, y2 = self._point(box[2], box[3])
        return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def _edges(rectangle: Rectangle) -> tuple[float, float, float, float]:
    return rectangle.x, rectangle.y, rectangle.x + rectangle.width, rectangle.y + rectangle.height


def _text(value: bytes) -> str:
    from gsign.syntax.reader import decode_text

    return decode_text(value)
