"""Pictures of stamps for the manual, drawn by poppler: `python -m tests.pictures docs/images`.

The signature in them is a curve made here; it is nobody's.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw

from gsign.appearance.colour import RGB_SPACE
from gsign.appearance.embed import embed
from gsign.appearance.fonts import Typeface, typefaces
from gsign.appearance.layout import Box, fit
from gsign.appearance.stamp import form, text_operators, text_stamp
from gsign.syntax.objects import Stream
from tests.rendering import CORNER, PAGE, by_poppler, page_with
from tests.samples import handwriting
from tests.typefaces import VIETNAMESE

LINES = (
    "Người ký: Nguyễn Thị Phương Thảo",
    "Email: ntpthao@hungyen.gov.vn",
    "Cơ quan: ỦY BAN NHÂN DÂN TỈNH HƯNG YÊN",
    "Thời gian ký: 2026-02-23T15:39:22+07:00",
)
_DPI = 200


def letters(face: Typeface) -> Stream:
    """Return a form with every Vietnamese letter in one typeface."""
    rows = [VIETNAMESE[start : start + 24] for start in range(0, len(VIETNAMESE), 24)]
    font = embed(face, sorted(set(VIETNAMESE)))
    block = fit(rows, font, Box(2, 2, 256, 126), size=12, leading=1.5)
    resources = {"Font": {"F1": font.resource}, "ColorSpace": {"RGB": RGB_SPACE}}
    return form(260, 130, [text_operators("F1", font, block)], resources)


def picture_of(stamp: Stream) -> Image.Image:
    """Return a stamp as poppler draws it, with its box in grey."""
    scale = _DPI / 72
    page = by_poppler(page_with(stamp), _DPI)
    left, bottom = CORNER
    width, height = stamp.dictionary["BBox"][2:]
    edges = [left * scale, (PAGE[1] - bottom - height) * scale, (left + width) * scale, (PAGE[1] - bottom) * scale]
    ImageDraw.Draw(page).rectangle(edges, outline=(200, 200, 200))
    margin = 12
    return page.crop((int(edges[0]) - margin, int(edges[1]) - margin, int(edges[2]) + margin, int(edges[3]) + margin))


def main(folder: Path) -> None:
    """Write the pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    faces = list(typefaces())
    pictures = {
        "stamp-plain": text_stamp(LINES, 260, 64, image=handwriting()),
        "stamp-plain-text": text_stamp(LINES, 190, 54),
        "letters": letters(faces[0]),
        "letters-fallback": letters(faces[-1]),
    }
    for name, stamp in pictures.items():
        picture_of(stamp).quantize(32).save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
