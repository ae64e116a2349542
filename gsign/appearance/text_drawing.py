"""Texts of fixed font size: number, parts of a date, marks of annexes and copies, initials."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from gsign.appearance.colour import RGB_SPACE
from gsign.appearance.embed import EmbeddedFont, embedded_font
from gsign.appearance.layout import ALIGNMENT, Block, PlacedLine
from gsign.appearance.roles import TEXTS, Shown
from gsign.appearance.stamp import form, text_operators
from gsign.appearance.text import clean_lines, in_two, wrap
from gsign.errors import UsageError
from gsign.place import POINTS
from gsign.syntax.objects import Stream

__all__ = ["TextSize", "text_form", "text_size"]

MARGIN: Final = 1.0
"""Around the ink, in points: renderers may draw a pixel beyond the outline."""
_LEADING: Final = 1.2
_BETWEEN: Final = 0.03
"""Between the ink of one line and that of the next, in ems."""
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
    size: float
    leading: float
    """Distance of the baselines, in points."""
    box: TextSize


def text_size(shown: Shown, parts: tuple[str, ...], size: float | None = None) -> TextSize:
    """Measure a text.

    Args:
        shown: what it is.
        parts: set on one line with commas between, or on more where that would be too wide.
        size: font size of what stands around it, in points; taken as far as the rule allows.

    Raises:
        UsageError: `appearance-empty`, `appearance-character-missing`.
    """
    return _setting(shown, parts, size).box


@lru_cache(maxsize=64)
def text_form(shown: Shown, parts: tuple[str, ...], size: float | None, width: float, height: float) -> Stream:
    """Draw a text, centred in the height of its box.

    Args:
        shown: what it is.
        parts: as for `text_size`.
        size: likewise.
        width: of the box, in points.
        height: likewise.

    Raises:
        UsageError: `appearance-too-small`.
    """
    setting = _setting(shown, parts, size)
    if width < setting.box.width - _SLACK or height < setting.box.height - _SLACK:
        raise UsageError("appearance-too-small", width=f"{width:.0f}", height=f"{height:.0f}", size=f"{setting.size:g}")
    operators = text_operators("F1", setting.font, _placed(shown, setting, width, height), TEXTS[shown].colour.value)
    resources = {"Font": {"F1": setting.font.resource}, "ColorSpace": {"RGB": RGB_SPACE}}
    return form(width, height, [operators], resources)


def _placed(shown: Shown, setting: _Setting, width: float, height: float) -> Block:
    font, lines, size, leading, box = setting
    share = ALIGNMENT[TEXTS[shown].align.value]
    first = (height - box.height) / 2 + box.baseline + (len(lines) - 1) * leading
    placed = []
    for number, line in enumerate(lines):
        spare = width - 2 * MARGIN - font.width(line) * size
        x = MARGIN + share * spare + font.inks[line[0]].before * size
        placed.append(PlacedLine(line, x, first - number * leading))
    return Block(size, tuple(placed))


@lru_cache(maxsize=64)
def _setting(shown: Shown, parts: tuple[str, ...], asked: float | None) -> _Setting:
    rule = TEXTS[shown]
    smallest, largest = rule.sizes.value
    size = largest if asked is None else min(largest, max(smallest, asked))
    cleaned = [" ".join(part.split()) for part in clean_lines(parts) if part.split()]
    if not cleaned:
        raise UsageError("appearance-empty")
    font = embedded_font(", ".join(cleaned), italic=rule.italic.value)
    lines = _lines(cleaned, font, rule.widest.value * POINTS / size)
    above = max(_ABOVE, font.above(lines[0])) * size
    below = max(_BELOW, font.below(lines[-1])) * size
    letters = "".join(lines)
    leading = max(_LEADING, font.above(letters) + font.below(letters) + _BETWEEN) * size
    box = TextSize(
        width=max(map(font.width, lines)) * size + 2 * MARGIN,
        height=above + (len(lines) - 1) * leading + below + 2 * MARGIN,
        baseline=MARGIN + below,
    )
    return _Setting(font, tuple(lines), size, leading, box)


def _lines(parts: list[str], font: EmbeddedFont, room: float) -> list[str]:
    """Set as many parts on a line as have room; a name that is too long for a line gets two of like width."""
    lines: list[str] = []
    for part in parts:
        if lines and font.width(f"{lines[-1]}, {part}") <= room:
            lines[-1] = f"{lines[-1]}, {part}"
        elif font.width(part) > room and " " in part:
            lines += in_two(part, font.width)
        else:
            lines.append(part)
    return wrap(lines, font.width, room)
