"""Pages set line by line at known places, in a Times-like face with all Vietnamese letters."""

from __future__ import annotations

import io
import re
import unicodedata
from functools import cache
from typing import Literal, NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from gsign.appearance.fonts import typefaces_for
from tests.typefaces import VIETNAMESE

Style = Literal["regular", "bold", "italic", "bold-italic"]
Align = Literal["left", "centre", "right"]
Way = Literal["lines", "letters", "twice"]

_STYLES: dict[Style, tuple[bool, bool]] = {
    "regular": (False, False),
    "bold": (True, False),
    "italic": (False, True),
    "bold-italic": (True, True),
}


class Text(NamedTuple):
    """A piece of text as it was set."""

    page: int
    left: float
    right: float
    base: float
    size: float

    @property
    def axis(self) -> float:
        return (self.left + self.right) / 2


@cache
def _font(style: Style) -> str:
    """Register a face of this style; reportlab knows outlines of TrueType only."""
    bold, italic = _STYLES[style]
    faces = (face.font for face in typefaces_for(VIETNAMESE, bold=bold, italic=italic) if "glyf" in face.font.tables)
    font = next(faces)
    pdfmetrics.registerFont(TTFont(f"letters-{style}", str(font.path)))
    return f"letters-{style}"


def width_of(text: str, style: Style = "regular", size: float = 13) -> float:
    return float(pdfmetrics.stringWidth(text, _font(style), size))


class Sheet:
    """A document being set; everything is measured from the lower left corner of an A4 page.

    Args:
        form: of Unicode, in which letters are stored.
        size: of the paper.
        way: how writers of PDF put text: a line at once, letter by letter without spaces, or twice to look bold.
    """

    def __init__(self, form: Literal["NFC", "NFD"] = "NFC", size: tuple[float, float] = A4, way: Way = "lines") -> None:
        self._file = io.BytesIO()
        self.canvas = Canvas(self._file, pagesize=size, invariant=True)
        self.form = form
        self.way = way
        self.page = 1
        self.width, self.height = size

    def write(
        self,
        text: str,
        x: float,
        base: float,
        *,
        style: Style = "regular",
        size: float = 13,
        align: Align = "left",
        colour: float = 0.0,
        letter_space: float = 0.0,
    ) -> Text:
        """Set one piece of text; `x` is its left edge, middle or right edge."""
        width = width_of(text, style, size) + letter_space * len(text)
        left = x - {"left": 0.0, "centre": 0.5, "right": 1.0}[align] * width
        self.canvas.setFillGray(colour)
        self.canvas.setFont(_font(style), size)
        stored = unicodedata.normalize(self.form, text)
        if self.way == "letters":
            self._letter_by_letter(stored, left, base, style, size, letter_space)
        else:
            for shift in (0.0, 0.3) if self.way == "twice" else (0.0,):
                self.canvas.drawString(left + shift, base, stored, charSpace=letter_space)
        return Text(self.page, left, left + width, base, size)

    def _letter_by_letter(
        self, text: str, left: float, base: float, style: Style, size: float, letter_space: float
    ) -> None:
        for letter in re.findall(r".[\u0300-\u036f]*", text):  # with its marks
            if not letter.isspace():
                self.canvas.drawString(left, base, letter)
            left += width_of(letter, style, size) + letter_space

    def words(self, text: str, left: float, right: float, base: float, *, size: float = 13) -> Text:
        """Set a line justified, word by word."""
        words = text.split()
        spare = right - left - sum(width_of(word, size=size) for word in words)
        gap = spare / max(1, len(words) - 1)
        x = left
        for word in words:
            self.write(word, x, base, size=size)
            x += width_of(word, size=size) + gap
        return Text(self.page, left, right, base, size)

    def line(self, x1: float, y1: float, x2: float, y2: float, width: float = 0.5) -> None:
        self.canvas.setLineWidth(width)
        self.canvas.line(x1, y1, x2, y2)

    def next_page(self) -> None:
        self.canvas.showPage()
        self.page += 1

    def finish(self) -> bytes:
        self.canvas.showPage()
        self.canvas.save()
        return self._file.getvalue()
