"""The stamp on what arrives (Decree 30/2020, Appendix IV, I): a form of 50 x 35 mm, filled in."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from gsign.appearance.colour import BLACK, RGB_SPACE, Colour, stroke
from gsign.appearance.embed import EmbeddedFont, embedded_font
from gsign.appearance.layout import Block, Box, PlacedLine, fit
from gsign.appearance.roles import INCOMING
from gsign.appearance.stamp import form, text_operators
from gsign.appearance.text import clean_lines, in_two
from gsign.errors import UsageError
from gsign.place import POINTS
from gsign.syntax.objects import Stream

__all__ = ["INCOMING_BOX", "incoming_form"]

INCOMING_BOX: Final = (INCOMING.size.value[0] * POINTS + 2, INCOMING.size.value[1] * POINTS + 2)
"""Width and height of the smallest box, in points: a point around, since readers put lines on whole pixels."""
_MARGIN: Final = 5.0
_NAME_LARGEST: Final = 9.0
_NAME_COMFORTABLE: Final = 8.0
"""A name gets two lines before it shrinks to less."""
_NAME_SMALLEST: Final = 5.0
_VALUE_SIZES: Final = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)
_NAME_HEIGHT: Final = 25.0
_NAME_LEADING: Final = 1.18
_TITLE_SHARE: Final = 0.34
_FIRST: Final = -15.0
"""Baseline of the first row under the agency's name, and distance of the rows."""
_ROW: Final = 17.5
_HALF_CAPITAL: Final = 0.33
_SLACK: Final = 0.01


@lru_cache(maxsize=32)
def incoming_form(agency: str, values: tuple[str, ...], width: float, height: float) -> Stream:
    """Draw the stamp in the middle of its box.

    Args:
        agency: name of the agency that received the document.
        values: number, date, to whom it is passed on, number and symbol of the file; an empty one is left to be
            filled in.
        width: of the box, in points.
        height: likewise.

    Raises:
        UsageError: `appearance-too-small`, `appearance-empty`, `appearance-character-missing`.
    """
    if width < INCOMING_BOX[0] - _SLACK or height < INCOMING_BOX[1] - _SLACK:
        raise UsageError("appearance-too-small", width=f"{width:.0f}", height=f"{height:.0f}", size="10")
    wide, high = (side * POINTS for side in INCOMING.size.value)
    title, *labels = INCOMING.rows.value
    (name, *cleaned) = (" ".join(text.split()) for text in clean_lines([agency, *values]))
    if not name:
        raise UsageError("appearance-empty")
    plain = embedded_font("".join([*labels, *cleaned]))
    bold = embedded_font(name.upper() + title, bold=True)
    frame = Box((width - wide) / 2, (height - high) / 2, wide, high)
    rule = frame.y + high - _NAME_HEIGHT
    content = [_frame(frame, rule), _name(name.upper(), bold, frame), _title(title, bold, frame, rule)]
    for row, (label, value) in enumerate(zip(labels, cleaned, strict=True)):
        left = frame.x + (wide * _TITLE_SHARE if row < 2 else _MARGIN)
        baseline = rule + _FIRST - row * _ROW
        content += _row(label, value, plain, left, frame.x + wide - _MARGIN, baseline)
    resources = {"Font": {"F1": plain.resource, "F2": bold.resource}, "ColorSpace": {"RGB": RGB_SPACE}}
    return form(width, height, content, resources)


def _frame(frame: Box, rule: float) -> str:
    line = INCOMING.line.value
    inner = f"{frame.x + line / 2:.3f} {frame.y + line / 2:.3f} {frame.width - line:.3f} {frame.height - line:.3f} re S"
    under = f"{frame.x:.3f} {rule:.3f} m {frame.x + frame.width:.3f} {rule:.3f} l S"
    return f"q {stroke(INCOMING.colour.value)} {line:g} w {inner} {under} Q"


def _name(name: str, font: EmbeddedFont, frame: Box) -> str:
    """Draw the agency's name on one line, or on two where they can be larger."""
    room = Box(
        frame.x + _MARGIN, frame.y + frame.height - _NAME_HEIGHT + 2, frame.width - 2 * _MARGIN, _NAME_HEIGHT - 4
    )
    leading = max(_NAME_LEADING, font.above(name) + font.below(name))
    lines, size = [name], _largest([name], font, room, leading)
    if size < _NAME_COMFORTABLE and " " in name:
        lines = [*in_two(name, font.width)]
        size = _largest(lines, font, room, leading)
    if size < _NAME_SMALLEST:
        raise UsageError(
            "appearance-too-small", width=f"{room.width:.0f}", height=f"{room.height:.0f}", size=f"{_NAME_SMALLEST:g}"
        )
    block = fit(lines, font, room, size=size, align="centre", leading=leading)
    return text_operators("F2", font, block, INCOMING.colour.value)


def _largest(lines: list[str], font: EmbeddedFont, room: Box, leading: float) -> float:
    """Return the size up to 9 in which lines have room."""
    high = font.above(lines[0]) + (len(lines) - 1) * leading + font.below(lines[-1])
    widest = max(map(font.width, lines))
    return min(_NAME_LARGEST, room.width / max(widest, _SLACK), room.height / max(high, _SLACK))


def _title(title: str, font: EmbeddedFont, frame: Box, rule: float) -> str:
    size = INCOMING.title_size.value
    spare = frame.width * _TITLE_SHARE - font.width(title) * size
    # Its capitals are centred on those of the two rows beside it.
    baseline = rule + _FIRST - _ROW / 2 - _HALF_CAPITAL * (size - INCOMING.text_size.value)
    block = Block(size, (PlacedLine(title, frame.x + spare / 2, baseline),))
    return text_operators("F2", font, block, INCOMING.colour.value)


def _row(label: str, value: str, font: EmbeddedFont, left: float, right: float, baseline: float) -> list[str]:
    """Draw a label, what is filled in, and dots up to the right edge."""
    size = INCOMING.text_size.value
    start = left + (font.width(label) + 0.25) * size
    drawn = [_line(label, font, size, left, baseline, INCOMING.colour.value)]
    drawn.append(
        f"q {stroke(INCOMING.colour.value)} 0.7 w 1 J [0 2.2] 0 d {start:.3f} {baseline - 1.2:.3f} m {right:.3f}"
        f" {baseline - 1.2:.3f} l S Q"
    )
    if value:
        smaller = next((s for s in _VALUE_SIZES if font.width(value) * s <= right - start), None)
        if smaller is None:
            raise UsageError(
                "appearance-too-small", width=f"{right - start:.0f}", height=f"{_ROW:.0f}", size=f"{_VALUE_SIZES[-1]:g}"
            )
        drawn.append(_line(value, font, smaller, start, baseline, BLACK))
    return drawn


def _line(text: str, font: EmbeddedFont, size: float, x: float, y: float, colour: Colour) -> str:
    return text_operators("F1", font, Block(size, (PlacedLine(text, x, y),)), colour)
