"""Where each line of a text block stands in its box, and at what size.

Lengths are points, places are measured from the lower left corner of the box. Nothing is placed where its ink would
leave the box: what does not fit is an error.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, NamedTuple

from gsign.appearance.embed import EmbeddedFont
from gsign.appearance.text import wrap
from gsign.errors import UsageError

__all__ = ["ALIGNMENT", "Align", "Block", "Box", "PlacedLine", "fit"]

Align = Literal["left", "centre", "right"]

ALIGNMENT: Final[dict[Align, float]] = {"left": 0.0, "centre": 0.5, "right": 1.0}
"""Share of the spare width that stands before a line."""
LARGEST: Final = 11.0
COMFORTABLE: Final = 8.0
"""Lines shrink to this before they are broken."""
SMALLEST: Final = 5.0
"""Below this nobody reads Vietnamese tone marks on paper."""
_STEP: Final = 0.25
_TOLERANCE: Final = 1e-6


class Box(NamedTuple):
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


class PlacedLine(NamedTuple):
    """A line and where its baseline starts."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Block:
    """Lines with their places."""

    size: float
    lines: tuple[PlacedLine, ...]


def fit(
    lines: Sequence[str],
    font: EmbeddedFont,
    box: Box,
    *,
    size: float | None = None,
    align: Align = "left",
    leading: float = 1.2,
) -> Block:
    """Place lines in a box, centred in its height.

    Args:
        lines: as `text.clean_lines` returns them.
        font: has every character.
        box: where the ink stays inside.
        size: font size in points; None takes the largest from 11 down to 8 at which no line is broken, else the
            largest down to 5 at which the broken lines fit.
        align: of each line.
        leading: distance of baselines in font sizes.

    Raises:
        UsageError: `appearance-too-small`.
    """
    setting = _Setting(font, box, align, leading, cache(font.width), cache(font.above), cache(font.below))
    if size is None:
        size = setting.largest(lines)
    broken = setting.broken(lines, size)
    if not setting.fits(broken, size):
        raise UsageError("appearance-too-small", width=f"{box.width:.0f}", height=f"{box.height:.0f}", size=f"{size:g}")
    return Block(size, tuple(setting.placed(broken, size)))


@dataclass(frozen=True, slots=True)
class _Setting:
    font: EmbeddedFont
    box: Box
    align: Align
    leading: float
    width: Callable[[str], float]
    """Measures of the font, remembered: sizes are tried one after another."""
    above: Callable[[str], float]
    below: Callable[[str], float]

    def largest(self, lines: Sequence[str]) -> float:
        """Return the size to set `lines` in; the smallest where nothing fits."""
        widest = max(map(self.width, lines), default=0.0)
        whole = min(
            LARGEST, self.box.width / max(widest, _TOLERANCE), self.box.height / max(self.height(lines), _TOLERANCE)
        )
        if whole >= COMFORTABLE:
            return whole
        sizes = [COMFORTABLE - step * _STEP for step in range(1 + int((COMFORTABLE - SMALLEST) / _STEP))]
        fitting = bisect_left(sizes, True, key=lambda size: self.fits(self.broken(lines, size), size))
        return sizes[min(fitting, len(sizes) - 1)]

    def broken(self, lines: Sequence[str], size: float) -> list[str]:
        return wrap(lines, self.width, self.box.width / size + _TOLERANCE)

    def fits(self, lines: Sequence[str], size: float) -> bool:
        widest = max(map(self.width, lines), default=0.0)
        return (
            widest * size <= self.box.width + _TOLERANCE * size
            and self.height(lines) * size <= self.box.height + _TOLERANCE * size
        )

    def height(self, lines: Sequence[str]) -> float:
        """Height from the ink of the first line to that of the last, in ems."""
        if not lines:
            return 0.0
        return self.above(lines[0]) + self.leading * (len(lines) - 1) + self.below(lines[-1])

    def placed(self, lines: Sequence[str], size: float) -> Iterator[PlacedLine]:
        spare = self.box.height - self.height(lines) * size
        baseline = self.box.y + self.box.height - spare / 2 - self.above(lines[0]) * size
        share = ALIGNMENT[self.align]
        for number, line in enumerate(lines):
            before = self.font.inks[line[0]].before if line else 0.0
            x = self.box.x + before * size + share * (self.box.width - self.width(line) * size)
            yield PlacedLine(line, x, baseline - number * self.leading * size)
