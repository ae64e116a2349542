"""Pages with the places marked on them, to be looked at before anything is signed."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Final

from gsign.appearance.placement.pages import PageTexts, ShownPage
from gsign.errors import UsageError
from gsign.place import Place
from gsign.syntax.source import Readable

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

__all__ = ["preview"]

_DPI: Final = 100
_LABEL: Final = 13
_MARK: Final = (200, 30, 30)
_PADDING: Final = 2
_BETWEEN: Final = 12
_BEHIND: Final = (120, 120, 120)


def preview(source: Readable, places: Mapping[str, Place], password: str | None = None) -> bytes:
    """Draw the pages on which something is to be placed, one below the other, with a labelled frame for each place.

    Args:
        source: path, bytes or a seekable binary file.
        places: by the label to be written at the frame.
        password: of an encrypted document.

    Returns:
        A PNG image of 100 pixels an inch.

    Raises:
        InputError: the document cannot be read.
        UsageError: `page-not-there`, `place-outside-page`.
    """
    with PageTexts(source, password) as texts:
        by_page: dict[int, list[tuple[str, Place]]] = {}
        for label, place in places.items():
            page = texts.page(place.page)
            _require_inside(page, place)
            by_page.setdefault(page.number, []).append((label, place))
        pictures = [_marked(texts.page(number), marks) for number, marks in sorted(by_page.items())]
    return _stacked(pictures)


def _require_inside(page: ShownPage, place: Place) -> None:
    slack = 0.01
    inside = min(place.x, place.y) >= -slack and place.x + place.width <= page.width + slack
    if not inside or place.y + place.height > page.height + slack:
        raise UsageError("place-outside-page", width=f"{page.width:g}", height=f"{page.height:g}")


def _marked(page: ShownPage, marks: list[tuple[str, Place]]) -> Image:
    from PIL import Image, ImageDraw

    width, height, pixels = page.picture(_DPI)
    picture = Image.frombuffer("RGB", (width, height), pixels, "raw", "BGRX", 0, 1)
    pen = ImageDraw.Draw(picture)
    font = _font()
    for label, place in marks:
        left, right = (x * width / page.width for x in (place.x, place.x + place.width))
        top, bottom = (height - y * height / page.height for y in (place.y + place.height, place.y))
        pen.rectangle((left, top, right, bottom), outline=_MARK, width=2)
        _write(pen, font, label, (left, top, right, bottom), (width, height))
    return picture


def _write(
    pen: ImageDraw, font: FreeTypeFont, label: str, frame: tuple[float, float, float, float], page: tuple[int, int]
) -> None:
    """Write a label above a frame, below it at the top of the page."""
    _, _, width, height = map(int, pen.textbbox((0, 0), label, font=font))
    x = min(max(0, frame[0]), max(0, page[0] - width - 2 * _PADDING))
    y = frame[1] - height - 2 * _PADDING
    if y < 0:
        y = min(frame[3], page[1] - height - 2 * _PADDING)
    pen.rectangle((x, y, x + width + 2 * _PADDING, y + height + 2 * _PADDING), fill=_MARK)
    pen.text((x + _PADDING, y + _PADDING), label, fill=(255, 255, 255), font=font)


def _font() -> FreeTypeFont:
    from PIL import ImageFont

    from gsign.appearance.fonts import typefaces

    return ImageFont.truetype(next(typefaces()).font.path, _LABEL)


def _stacked(pictures: list[Image]) -> bytes:
    from PIL import Image

    size = max(p.width for p in pictures), sum(p.height + _BETWEEN for p in pictures) - _BETWEEN
    whole = Image.new("RGB", size, _BEHIND)
    top = 0
    for picture in pictures:
        whole.paste(picture, (0, top))
        top += picture.height + _BETWEEN
    written = BytesIO()
    whole.save(written, "PNG", dpi=(_DPI, _DPI))
    return written.getvalue()
