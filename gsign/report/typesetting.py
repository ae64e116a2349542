"""Blocks of text for a page: broken into lines, stacked, set side by side. Lengths are points, `y` grows downwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gsign.appearance.embed import EmbeddedFont, embed
from gsign.appearance.fonts import typefaces_for
from gsign.appearance.sfnt import FontError
from gsign.appearance.text import clean_lines, wrap

__all__ = ["BLACK", "GREY", "Block", "Colour", "Fonts", "Ink"]

Colour = tuple[float, float, float]
BLACK: Final[Colour] = (0.07, 0.07, 0.07)
GREY: Final[Colour] = (0.4, 0.4, 0.4)

LEADING: Final = 1.19
_ALPHABET: Final = frozenset(
    "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
)
_BASE: Final = _ALPHABET | {c.upper() for c in _ALPHABET} | set("0123456789 fjwzFJWZ.,:;()[]/-+'\"@_?<>")
_SIGNS: Final = {"→": ">", "•": "-", "…": "...", "–": "-", "\N{REPLACEMENT CHARACTER}": "?"}
"""Signs that reports use, and what stands for one that a typeface lacks."""


class Fonts:
    """A regular and a bold typeface that draw everything a report says; what they lack is spelt by its number.

    Args:
        texts: everything that will be drawn, in any style.
    """

    scale = 1.0
    """Every size is multiplied by this."""

    def __init__(self, texts: Iterable[str]) -> None:
        wanted = {c for line in clean_lines(texts) for c in line} | _BASE | _SIGNS.keys()
        self.regular = _font(wanted, bold=False)
        self.bold = _font(wanted, bold=True)
        self._known = self.regular.codes.keys() & self.bold.codes.keys()

    def drawable(self, text: str) -> str:
        """Return the text as it can be drawn."""
        (line,) = clean_lines([text])
        return "".join(c if c in self._known else _spelt(c) for c in line)


def _font(wanted: set[str], *, bold: bool) -> EmbeddedFont:
    for face in typefaces_for(_BASE, bold=bold):
        try:
            return embed(face, sorted(c for c in wanted if face.font.glyph(ord(c))))
        except FontError:
            continue
    raise AssertionError("typefaces_for ends in an error of its own")


def _spelt(character: str) -> str:
    return _SIGNS.get(character) or f"[U+{ord(character):04X}]"


class Ink(NamedTuple):
    """One thing drawn: a line of text, or a filled rectangle where `text` is empty. `y` is its top in the block."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour
    text: str = ""
    size: float = 0.0
    bold: bool = False


@dataclass
class Block:
    """A stack of lines with a width; grows downwards as things are added."""

    fonts: Fonts
    width: float
    height: float = 0.0
    inks: list[Ink] = field(default_factory=list)

    def text(self, text: str, size: float, *, bold: bool = False, colour: Colour = BLACK, indent: float = 0.0) -> None:
        """Add text below, broken into as many lines as it takes."""
        size *= self.fonts.scale
        for line in self._lines(text, size, bold=bold, indent=indent):
            self.inks.append(Ink(indent, self.height, 0.0, size, colour, line, size, bold))
            self.height += size * LEADING

    def right(self, text: str, size: float, *, bold: bool = False, colour: Colour = BLACK, y: float = 0.0) -> float:
        """Add one line at the right edge, `y` below the top, and return its width; the stack does not grow."""
        size *= self.fonts.scale
        drawn = self.fonts.drawable(text)
        width = self._font(bold=bold).advance(drawn) * size
        self.inks.append(Ink(self.width - width, y, 0.0, size, colour, drawn, size, bold))
        return width

    def gap(self, height: float) -> None:
        """Leave room."""
        self.height += height

    def rule(self, colour: Colour, thickness: float = 0.5) -> None:
        """Add a line across."""
        self.inks.append(Ink(0.0, self.height, self.width, thickness, colour))
        self.height += thickness

    def add(self, other: Block, x: float = 0.0) -> None:
        """Add a block below."""
        self._draw(other, x, self.height)
        self.height += other.height

    def beside(self, left: Block, right: Block, gap: float) -> None:
        """Add two blocks side by side below."""
        self._draw(left, 0.0, self.height)
        self._draw(right, left.width + gap, self.height)
        self.height += max(left.height, right.height)

    def frame(self, colour: Colour, thickness: float, *, left: float | None = None) -> None:
        """Draw a frame around everything so far; `left` is the thickness of its left edge."""
        self.inks += [
            Ink(0.0, 0.0, self.width, thickness, colour),
            Ink(0.0, self.height - thickness, self.width, thickness, colour),
            Ink(self.width - thickness, 0.0, thickness, self.height, colour),
            Ink(0.0, 0.0, left or thickness, self.height, colour),
        ]

    def _draw(self, other: Block, x: float, y: float) -> None:
        self.inks += [ink._replace(x=ink.x + x, y=ink.y + y) for ink in other.inks]

    def _lines(self, text: str, size: float, *, bold: bool, indent: float) -> Iterator[str]:
        drawn = self.fonts.drawable(text)
        yield from wrap([drawn], self._font(bold=bold).advance, (self.width - indent) / size)

    def _font(self, *, bold: bool) -> EmbeddedFont:
        return self.fonts.bold if bold else self.fonts.regular
