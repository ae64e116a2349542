"""What a signature shows: text, an image, or both, as the form XObject of a widget's appearance (ISO 32000-2, 8.10).

The form's box is as large as the annotation's rectangle in points, so sizes are real. It needs nothing from the page:
fonts are embedded, colours calibrated, and PDF/A-2 stays PDF/A-2.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, Final

from gsign.appearance.colour import BLACK, RGB_SPACE, Colour, fill
from gsign.appearance.embed import EmbeddedFont, embedded_font
from gsign.appearance.image import Picture, picture
from gsign.appearance.layout import Align, Block, Box, fit
from gsign.appearance.text import clean_lines
from gsign.errors import UsageError
from gsign.syntax.objects import Name, Stream

__all__ = ["form", "image_operators", "text_operators", "text_stamp"]

_IMAGE_SHARE: Final = 0.4
"""Part of the box that an image may take beside text."""


def text_stamp(
    lines: Sequence[str],
    width: float,
    height: float,
    *,
    image: bytes | None = None,
    font_size: float | None = None,
    colour: Colour = BLACK,
    align: Align = "left",
    italic: bool = False,
    bold: bool = False,
    margin: float = 2.0,
    soft_mask: bool = True,
) -> Stream:
    """Draw lines of text, an image, or an image with text beside it (below it where the box is upright).

    Args:
        lines: one string a line, any Unicode form; empty for an image alone.
        width: of the stamp in points, that of the annotation's rectangle.
        height: likewise.
        image: content of a PNG file; it keeps its proportions and is centred.
        font_size: in points; long lines are broken. None finds the size that fits.
        colour: of the text.
        align: of the text.
        italic: whether slanted.
        bold: whether heavy.
        margin: around and between image and text, in points.
        soft_mask: whether partial transparency may be used; not in PDF/A-1.

    Raises:
        UsageError: `appearance-too-small`, `appearance-character-missing`.
        InputError: `image-not-png`, `image-damaged`, `image-too-large`.
    """
    if not (width > 2 * margin and height > 2 * margin):
        raise UsageError("appearance-too-small", width=f"{width:g}", height=f"{height:g}", size=f"{font_size or 5:g}")
    content: list[str] = []
    resources: dict[str, Any] = {}
    area = Box(margin, margin, width - 2 * margin, height - 2 * margin)
    cleaned = clean_lines(lines)
    has_text = any(line.strip() for line in cleaned)
    if image is not None:
        shown = picture(image, soft=soft_mask)
        place, area = _share(area, shown, margin) if has_text else (area, area)
        content.append(image_operators("Im1", _inside(place, shown)))
        resources["XObject"] = {"Im1": shown.xobject}
    if has_text:
        font = embedded_font("".join(cleaned), italic=italic, bold=bold)
        block = fit(cleaned, font, area, size=font_size, align=align)
        content.append(text_operators("F1", font, block, colour))
        resources |= {"Font": {"F1": font.resource}, "ColorSpace": {"RGB": RGB_SPACE}}
    return form(width, height, content, resources)


def text_operators(name: str, font: EmbeddedFont, block: Block, colour: Colour = BLACK) -> str:
    """Return the operators that draw a block of text; `name` is the font's in the resources."""
    operators = [f"q {fill(colour)} BT /{name} {_number(block.size)} Tf"]
    slant = _number(font.slope)
    operators += [
        f"1 0 {slant} 1 {_number(line.x)} {_number(line.y)} Tm {font.show(line.text)}"
        for line in block.lines
        if line.text
    ]
    return "\n".join([*operators, "ET Q"])


def image_operators(name: str, place: Box) -> str:
    """Return the operators that draw an image over a box; `name` is the image's in the resources."""
    return f"q {_number(place.width)} 0 0 {_number(place.height)} {_number(place.x)} {_number(place.y)} cm /{name} Do Q"


def form(width: float, height: float, content: Sequence[str], resources: dict[str, Any]) -> Stream:
    """Return a form XObject of this size in points that runs `content` with `resources`."""
    dictionary = {
        "Type": Name("XObject"),
        "Subtype": Name("Form"),
        "BBox": [0, 0, float(width), float(height)],
        "Resources": resources,
        "Filter": Name("FlateDecode"),
    }
    return Stream(dictionary, zlib.compress("\n".join(content).encode("ascii"), 1))


def _share(area: Box, shown: Picture, gap: float) -> tuple[Box, Box]:
    """Divide a box between an image and text: side by side, or one above the other where it is upright."""
    if area.width >= area.height:
        taken = min(_IMAGE_SHARE * area.width, area.height * shown.width / shown.height)
        rest = area.width - taken - gap
        return area._replace(width=taken), area._replace(x=area.x + taken + gap, width=rest)
    taken = min(_IMAGE_SHARE * area.height, area.width * shown.height / shown.width)
    rest = area.height - taken - gap
    return area._replace(y=area.y + rest + gap, height=taken), area._replace(height=rest)


def _inside(place: Box, shown: Picture) -> Box:
    """Return the largest box of the image's proportions, centred."""
    scale = min(place.width / shown.width, place.height / shown.height)
    width, height = shown.width * scale, shown.height * scale
    return Box(place.x + (place.width - width) / 2, place.y + (place.height - height) / 2, width, height)


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")
