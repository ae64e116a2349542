"""What an image of a signature or seal is like: where its lines are, how clear its background, of which colour.

All is judged on a small sample of its pixels, in a few milliseconds, but for the box around its lines: a seal is as
large on paper as its lines are, whatever margin its file has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Edges", "Traits", "line_edges", "traits_of"]

Edges = tuple[int, int, int, int]
"""Left, upper, right and lower edge, in pixels."""

_SAMPLE: Final = 256
_CELLS: Final = 200
_VISIBLE: Final = 32
"""Alpha from which on a pixel is seen on paper."""
_PAPER: Final = 215
"""A pixel whose darkest channel is lighter than this is paper, not ink: scans are seldom pure white."""
_COLOURED: Final = 50
"""Saturation (of 255) below which no eye names a hue."""
_DEGREE: Final = 255 / 360
_HUES: Final = {"blue": (190, 280), "red": (330, 385)}
"""Ranges of hue in degrees; red goes round."""


class Traits(NamedTuple):
    """What was found, as shares of 1."""

    dpi: float | None
    """Pixels per inch, where the file tells and both axes agree."""
    clear: float
    """Pixels that are not seen at all."""
    paper: float
    """Opaque pixels that are nearly white."""
    hues: dict[str, float]
    """Pixels of ink that are blue, and red."""


def line_edges(image: Image.Image) -> Edges:
    """Return the box around what is drawn, without specks; the whole image where nothing is.

    Args:
        image: of mode RGB or RGBA.
    """
    ink = _ink(image)
    # A speck of dust at the edge of a scan would make the seal smaller: cells that hardly hold any ink do not count.
    cell = max(1, max(image.size) // _CELLS)
    coarse = ink.reduce(cell).point(lambda level: 255 if level >= 24 else 0).getbbox()
    if coarse is None:
        return ink.getbbox() or (0, 0, *image.size)
    left, upper, right, lower = ((edge + way) * cell for edge, way in zip(coarse, (-1, -1, 1, 1), strict=True))
    left, upper = max(0, left), max(0, upper)
    near = ink.crop((left, upper, min(right, image.width), min(lower, image.height))).getbbox()
    assert near is not None  # noqa: S101 - its cells hold ink
    return left + near[0], upper + near[1], left + near[2], upper + near[3]


def traits_of(image: Image.Image, dpi: object) -> Traits:
    """Judge an image.

    Args:
        image: of mode RGB or RGBA, whole.
        dpi: pixels per inch across and down as Pillow read them, or None.
    """
    from PIL import Image, ImageChops

    side = min(1.0, _SAMPLE / max(image.size))
    size = (max(1, round(image.width * side)), max(1, round(image.height * side)))
    sample = image.resize(size, Image.Resampling.NEAREST)
    seen = _seen(sample)
    ink = _ink(sample)
    count = sample.width * sample.height
    hue, saturation, _ = sample.convert("RGB").convert("HSV").split()
    coloured = ImageChops.multiply(ink, saturation.point(lambda level: 255 if level >= _COLOURED else 0))
    levels = hue.histogram(coloured)
    inked = max(1, ink.histogram()[255])
    return Traits(
        dpi=_agreed(dpi),
        clear=seen.histogram()[0] / count,
        paper=ImageChops.subtract(seen, ink).histogram()[255] / count,
        hues={name: _between(levels, *ends) / inked for name, ends in _HUES.items()},
    )


def _seen(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode != "RGBA":
        return Image.new("L", image.size, 255)
    return image.getchannel("A").point(lambda a: 255 if a >= _VISIBLE else 0)


def _ink(image: Image.Image) -> Image.Image:
    """Return a mask of the pixels that are seen and not paper."""
    from PIL import ImageChops

    red, green, blue = image.split()[:3]
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return ImageChops.multiply(_seen(image), darkest.point(lambda level: 255 if level <= _PAPER else 0))


def _between(levels: list[int], start: int, end: int) -> int:
    return sum(count for level, count in enumerate(levels) if (level / _DEGREE - start) % 360 <= end - start)


def _agreed(dpi: object) -> float | None:
    if not isinstance(dpi, tuple) or len(dpi) != 2:
        return None
    across, down = map(float, dpi)
    return across if across > 0 and abs(across - down) <= 0.02 * across else None
