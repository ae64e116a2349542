"""Images for the demo, drawn here: a pen stroke that is nobody's hand, and a seal that says that it is a sample."""

from __future__ import annotations

from io import BytesIO
from math import cos, pi, sin
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

__all__ = ["handwriting", "seal"]

_BLUE, _RED = (24, 44, 150), (205, 22, 36)
_DPI = 400
_SEAL_MM, _STROKE_MM = 36, (42, 17)
_FINE = 2
"""Pixels drawn for each pixel kept, so that edges are smooth."""
_WORDS = "MẪU THỬ NGHIỆM · KHÔNG CÓ GIÁ TRỊ · "


def handwriting() -> bytes:
    """Draw loops and an underline in blue ink, on a transparent background, as a PNG."""
    width, height = (round(mm / 25.4 * _DPI) * _FINE for mm in _STROKE_MM)
    image, pen = _sheet(width, height)
    for step in range(4000):
        t = step / 4000
        loops = sin(30 * t + 0.6) * (1 - 0.6 * t)
        x = width * (0.06 + 0.78 * t + 0.045 * cos(30 * t))
        y = height * (0.46 - 0.34 * loops + 0.06 * sin(7 * t))
        _dot(pen, x, y, height / 75 * (1.6 + sin(30 * t)))
    for step in range(1200):
        t = step / 1200
        _dot(pen, width * (0.95 - 0.6 * t), height * (0.82 + 0.07 * sin(3.4 * t)), height / 75 * (1.7 - t))
    return _png(image)


def seal() -> bytes:
    """Draw a round red seal of real size: two rings, a star, and words around that say what it is, as a PNG."""
    side = round(_SEAL_MM / 25.4 * _DPI) * _FINE
    image, pen = _sheet(side, side, _RED)
    middle = side / 2
    for share, thick in ((1.0, 0.035), (0.58, 0.014)):
        reach = middle * share - 1
        box = (middle - reach, middle - reach, middle + reach, middle + reach)
        pen.ellipse(box, outline=(*_RED, 255), width=round(thick * side))
    points = [(0.44 if corner % 2 == 0 else 0.17, pi * corner / 5) for corner in range(10)]
    pen.polygon([(middle + middle * r * sin(a), middle - middle * r * cos(a)) for r, a in points], fill=(*_RED, 255))
    _write_around(image, _WORDS, 0.755 * middle, 0.2 * middle)
    return _png(image)


def _sheet(width: int, height: int, ink: tuple[int, int, int] = _BLUE) -> tuple[Image, ImageDraw]:
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (width, height), (*ink, 0))
    return image, ImageDraw.Draw(image)


def _dot(pen: ImageDraw, x: float, y: float, radius: float) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*_BLUE, 255))


def _write_around(image: Image, words: str, radius: float, size: float) -> None:
    """Write letters along a whole circle around the middle, clockwise from the top."""
    from PIL import Image, ImageDraw, ImageFont

    from gsign.appearance.fonts import typefaces_for

    font = ImageFont.truetype(str(next(typefaces_for(set(words), bold=True)).font.path), size)
    middle, side = image.width / 2, round(2 * size)
    whole = font.getlength(words)
    for index, letter in enumerate(words):
        turn = 2 * pi * (font.getlength(words[:index]) + font.getlength(letter) / 2) / whole
        tile = Image.new("RGBA", (side, side), (*_RED, 0))
        ImageDraw.Draw(tile).text((side / 2, side / 2), letter, fill=(*_RED, 255), font=font, anchor="mm")
        tile = tile.rotate(-turn * 180 / pi, Image.Resampling.BICUBIC)
        x, y = middle + radius * sin(turn), middle - radius * cos(turn)
        image.alpha_composite(tile, (round(x - side / 2), round(y - side / 2)))


def _png(image: Image) -> bytes:
    from PIL.Image import Resampling

    small = image.resize((image.width // _FINE, image.height // _FINE), Resampling.LANCZOS)
    buffer = BytesIO()
    small.save(buffer, "PNG", dpi=(_DPI, _DPI))
    return buffer.getvalue()
