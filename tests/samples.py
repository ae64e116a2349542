"""Images as agencies keep them, drawn here: nobody's signature, nobody's seal."""

from __future__ import annotations

import math
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from tests.typefaces import fallback

PEN = (22, 48, 160)
STAMP = (206, 24, 38)
_FINE = 2


def png(drawn: Image.Image, **options: Any) -> bytes:
    """Return an image as the content of a file."""
    buffer = BytesIO()
    drawn.save(buffer, "PNG", **options)
    return buffer.getvalue()


@cache
def handwriting(
    width: int = 900, height: int = 450, *, dpi: float | None = 300, ink: tuple[int, int, int] = PEN
) -> bytes:
    """Return a pen stroke on a transparent background, with a margin as a careless cut leaves it."""
    drawn = Image.new("RGBA", (width * _FINE, height * _FINE), (*ink, 0))
    pen = ImageDraw.Draw(drawn)
    for step in range(3000):
        t = step / 3000
        x = 0.08 + 0.8 * t + 0.05 * math.sin(34 * t)
        y = 0.55 - 0.3 * math.sin(34 * t + 1.3) * (1 - 0.75 * t) - 0.08 * math.sin(5 * t)
        thick = _FINE * width / 900 * (3 + 2.2 * math.sin(34 * t + 0.4))
        centre = x * width * _FINE, y * height * _FINE
        pen.ellipse([centre[0] - thick, centre[1] - thick, centre[0] + thick, centre[1] + thick], fill=(*ink, 255))
    return png(drawn.resize((width, height), Image.Resampling.LANCZOS), **_resolution(dpi))


@cache
def seal(
    across: int = 500,
    margin: int = 60,
    *,
    dpi: float | None = None,
    ink: tuple[int, int, int] = STAMP,
    behind: tuple[int, int, int, int] | None = None,
) -> bytes:
    """Return a seal of so many pixels across: rings, a star, letters around; `behind` is its background.

    It is neither symmetrical from left to right nor from top to bottom.
    """
    side = (across + 2 * margin) * _FINE
    drawn = Image.new("RGBA", (side, side), behind or (*ink, 0))
    pen = ImageDraw.Draw(drawn)
    middle, radius = side / 2, across * _FINE / 2
    for outer, thick in ((1.0, 0.035), (0.93, 0.012), (0.6, 0.012)):
        reach = outer * radius
        pen.ellipse([middle - reach, middle - reach, middle + reach, middle + reach], outline=(*ink, 255),
                    width=max(1, round(thick * radius)))  # fmt: skip
    star = [
        (middle + 0.42 * radius * part * math.sin(turn), middle - 0.42 * radius * part * math.cos(turn))
        for turn, part in ((math.pi * point / 5, 1.0 if point % 2 == 0 else 0.382) for point in range(10))
    ]
    pen.polygon(star, fill=(*ink, 255))
    _write_around(drawn, "MẪU DẤU ĐỂ THỬ * KHÔNG CỦA AI", 0.765 * radius, 0.21 * radius, ink)
    pen.rectangle([middle - 0.2 * radius, middle + 0.7 * radius, middle, middle + 0.8 * radius], fill=(*ink, 255))
    small = drawn.resize((side // _FINE, side // _FINE), Image.Resampling.LANCZOS)
    return png(small, **_resolution(dpi))


def _write_around(drawn: Image.Image, text: str, radius: float, size: float, ink: tuple[int, int, int]) -> None:
    """Write letters upright along the upper part of a circle around the middle."""
    font = ImageFont.truetype(fallback("SourceSerifPro-Bold.ttf"), size)
    middle = drawn.width / 2
    side = round(2 * size)
    for place, letter in enumerate(text):
        before = font.getlength(text[:place]) + font.getlength(letter) / 2
        turn = -2.2 + 4.4 * before / font.getlength(text)
        tile = Image.new("RGBA", (side, side), (*ink, 0))
        ImageDraw.Draw(tile).text((side / 2, side / 2 + 0.35 * size), letter, fill=(*ink, 255), font=font, anchor="ms")
        tile = tile.rotate(-math.degrees(turn), Image.Resampling.BICUBIC)
        x, y = middle + radius * math.sin(turn), middle - radius * math.cos(turn)
        drawn.alpha_composite(tile, (round(x - side / 2), round(y - side / 2)))


def _resolution(dpi: float | None) -> dict[str, Any]:
    return {} if dpi is None else {"dpi": (dpi, dpi)}
