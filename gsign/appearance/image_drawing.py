"""Images of signatures, seals and initials: how large they are on paper, and what is off with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from gsign.appearance.image import Picture, picture
from gsign.appearance.layout import Box
from gsign.appearance.roles import IMAGES, ImageRule, Shown
from gsign.appearance.stamp import form, image_operators
from gsign.appearance.traits import Traits
from gsign.errors import UsageError
from gsign.place import POINTS
from gsign.syntax.objects import Stream

__all__ = ["ImageSize", "image_form", "image_size", "image_warnings"]

_MM_PER_INCH: Final = 25.4
_SLACK: Final = 0.01
_SMALLEST: Final = 0.25
"""Part of its size below which nobody sees what an image shows."""
# What a good image has is far from these: the lines of a seal cover a third of it.
_LEAST_CLEAR: Final = 0.1
_MOST_PAPER: Final = 0.1
_LEAST_INK: Final = 0.6
_ROUND: Final = 0.06
_DPI_SLACK: Final = 0.98
MARGIN: Final = 1.0
"""Around the lines, in points: readers put images on whole pixels of the screen, and the box would cut them."""


class ImageSize(NamedTuple):
    """Size of the lines on paper in points, and whether it is known or assumed."""

    width: float
    height: float
    is_known: bool

    @property
    def box(self) -> tuple[float, float]:
        """Width and height of the smallest box."""
        return self.width + 2 * MARGIN, self.height + 2 * MARGIN


def image_size(shown: Shown, png: bytes) -> ImageSize:
    """Find the size that an image has on paper: by the file's resolution where that is plausible, else one assumed.

    Args:
        shown: what it is.
        png: content of a PNG file.

    Raises:
        InputError: `image-not-png`, `image-damaged`, `image-too-large`.
    """
    rule = IMAGES[shown]
    drawn, traits = _drawn(png, soft=True)
    most = max(drawn.width, drawn.height)
    told = _told(most, traits, rule)
    if told is not None:
        scale = told / most
    else:
        scale = min(rule.size.value[0] / drawn.width, rule.size.value[1] / drawn.height)
    return ImageSize(drawn.width * scale * POINTS, drawn.height * scale * POINTS, told is not None)


def _told(pixels: int, traits: Traits, rule: ImageRule) -> float | None:
    """Return the longer side in mm by the file's resolution: 72 or 96 dpi are often written without a meaning."""
    if traits.dpi is None:
        return None
    side = pixels / traits.dpi * _MM_PER_INCH
    shortest, longest = rule.plausible.value
    return side if shortest <= side <= longest else None


def image_form(
    shown: Shown, png: bytes, size: ImageSize, width: float, height: float, *, soft_mask: bool = True
) -> Stream:
    """Draw an image in the middle of its box.

    Args:
        shown: what it is.
        png: content of a PNG file.
        size: what `image_size` found.
        width: of the box, in points.
        height: likewise.
        soft_mask: whether partial transparency may be used; not in PDF/A-1.

    Raises:
        UsageError: `image-needs-room` where it may not be made that small.
    """
    scale = min((width - 2 * MARGIN) / size.width, (height - 2 * MARGIN) / size.height)
    smallest = 1.0 if IMAGES[shown].is_real_size.value else _SMALLEST
    if scale < smallest - _SLACK:
        needed = " x ".join(f"{side * smallest:.0f}" for side in size.box)
        raise UsageError("image-needs-room", width=f"{width:.0f}", height=f"{height:.0f}", needed=needed)
    if IMAGES[shown].is_real_size.value:
        scale = 1.0
    wide, high = size.width * scale, size.height * scale
    place = Box((width - wide) / 2, (height - high) / 2, wide, high)
    drawn, _ = _drawn(png, soft=soft_mask)
    return form(width, height, [image_operators("Im1", place)], {"XObject": {"Im1": drawn.xobject}})


def image_warnings(shown: Shown, png: bytes, size: ImageSize) -> tuple[str, ...]:
    """Return what is off with an image; it is used all the same."""
    drawn, traits = _drawn(png, soft=True)
    return tuple(_off(IMAGES[shown], drawn, traits, size))


def _off(rule: ImageRule, drawn: Picture, traits: Traits, size: ImageSize) -> Iterator[str]:
    if rule.is_clear.value and (traits.clear < _LEAST_CLEAR or traits.paper > _MOST_PAPER):
        yield "image-not-transparent"
    if drawn.width / size.width * 72 < rule.dpi.value * _DPI_SLACK:
        yield "image-low-resolution"
    if rule.ink.value is not None and traits.hues[rule.ink.value] < _LEAST_INK:
        yield f"image-not-{rule.ink.value}"
    if rule.is_square.value and abs(drawn.width / drawn.height - 1) > _ROUND:
        yield "seal-not-round"
    if rule.is_real_size.value and not size.is_known:
        yield "seal-size-assumed"


def _drawn(png: bytes, *, soft: bool) -> tuple[Picture, Traits]:
    drawn = picture(png, soft=soft, lines=True)
    assert drawn.traits is not None  # noqa: S101 - asked for
    return drawn, drawn.traits
