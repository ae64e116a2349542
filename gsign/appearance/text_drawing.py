"""Texts of fixed font size: number, parts of a date, marks of annexes and copies, initials."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from gsign.appearance.colour import RGB_SPACE
from gsign.appearance.embed import EmbeddedFont, embedded_font
from gsign.appearance.layout import ALIGNMENT, Block, PlacedLine
from gsign.appearance.roles import POINTS, TEXTS, Shown
from gsign.appearance.stamp import form, text_operators
from gsign.appearance.text import clean_lines, wrap
from gsign.errors import UsageError
from gsign.syntax.objects import Stream

__all__ = ["TextSize", "text_form", "text_size"]

MARGIN: Final = 1.0
"""Around the ink, in points: renderers may draw a pixel beyond the outline."""
LEADING: Final = 1.15
_ABOVE, _BELOW = 0.75, 0.22
"""Least heights above and below the baselines in ems, those of ordinary letters: digits and words stand on one line."""
_SLACK: Final = 0.01


class TextSize(NamedTuple):
    """The smallest box of a text, in points, and its last baseline above the lower edge."""

    width: float
    height: float
    baseline: float


class _Setting(NamedTuple):
    font: EmbeddedFont
    lines: tuple[str, ...]
    size: TextSize


def text_size(shown: Shown, parts: tuple[str, ...]) -> TextSize:
    """Measure a text.

    Args:
        shown: what it is.
        parts: set on one line with commas between, or on a line each where that would be too wide.

    Raises:
        UsageError: `appearance-character-missing`.
    """
    return _setting(shown, parts).size


@lru_cache(maxsize=64)
def text_form(shown: Shown, parts: tuple[str, ...], width: float, height: float) -> Stream:
    """Draw a text, centred in the height of its box.

    Args:
        shown: what it is.
        parts: as for `text_size`.
        width: of the box, in points.
        height: likewise.

    Raises:
        UsageError: `appearance-too-small`.
    """
    font, lines, natural = _setting(shown, parts)
    rule = TEXTS[shown]
    size = rule.size.value
    if width < natural.width - _SLACK or height < natural.height - _SLACK:
        raise UsageError("appearance-too-small", width=f"{width:.0f}", height=f"{height:.0f}", size=f"{size:g}")
    share = ALIGNMENT[rule.align.value]
    last = (height - natural.height) / 2 + natural.baseline
    placed = []
    for number, line in enumerate(reversed(lines)):
        spare = width - 2 * MARGIN - font.width(line) * size
        x = MARGIN + share * spare + font.inks[line[0]].before * size
        placed.append(PlacedLine(line, x, last + number * LEADING * size))
    block = Block(size, tuple(reversed(placed)))
    resources = {"Font": {"F1": font.resource}, "ColorSpace": {"RGB": RGB_SPACE}}
    return form(width, height, [text_operators("F1", font, block, rule.colour.value)], resources)


@lru_cache(maxsize=64)
def _setting(shown: Shown, parts: tuple[str, ...]) -> _Setting:
    rule = TEXTS[shown]
    size = rule.size.value
    cleaned = [" ".join(part.split()) for part in clean_lines(parts)]
    whole = ", ".join(cleaned)
    font = embedded_font(whole, italic=rule.italic.value)
    room = rule.widest.value * POINTS / size
    lines = [whole] if font.width(whole) <= room else wrap(cleaned, font.width, room)
    above = max(_ABOVE, font.above(lines[0])) * size
    below = max(_BELOW, font.below(lines[-1])) * size
    natural = TextSize(
        width=max(map(font.width, lines)) * size + 2 * MARGIN,
        height=above + (len(lines) - 1) * LEADING * size + below + 2 * MARGIN,
        baseline=MARGIN + below,
    )
    return _Setting(font, tuple(lines), natural)
