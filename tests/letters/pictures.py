"""Pages of letters drawn by two renderers, and where ink is on them, in points of the page as shown."""

from __future__ import annotations

import io
import shutil
import subprocess
from functools import cache
from typing import NamedTuple

import pypdfium2
from PIL import Image

from tests import letters

RENDERERS = ("pdfium", "poppler")
_DPI = 108
_DARK = 140


class Picture(NamedTuple):
    """A page as drawn, grey."""

    image: Image.Image
    scale: float
    """Pixels in a point."""

    def ink(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float] | None:
        """Return the box around the ink inside a box; None where there is none."""
        high = self.image.height
        corner = round(left * self.scale), round(high - top * self.scale)
        part = self.image.crop((*corner, round(right * self.scale), round(high - bottom * self.scale)))
        box = part.point(lambda shade: 255 * (shade < _DARK)).getbbox()
        if box is None:
            return None
        return (
            (corner[0] + box[0]) / self.scale,
            (high - corner[1] - box[3]) / self.scale,
            (corner[0] + box[2]) / self.scale,
            (high - corner[1] - box[1]) / self.scale,
        )


@cache
def picture(renderer: str, name: str, page: int, width: float) -> Picture:
    """Draw a page.

    Args:
        renderer: `pdfium` or `poppler`.
        name: of the letter.
        page: from 1.
        width: of the page as shown, in points.
    """
    letter = letters.made(name)
    draw = _by_pdfium if renderer == "pdfium" else _by_poppler
    image = draw(letter.data, page, letter.password)
    return Picture(image, image.width / width)


def _by_pdfium(data: bytes, page: int, password: str | None) -> Image.Image:
    document = pypdfium2.PdfDocument(data, password=password)
    try:
        return document[page - 1].render(scale=_DPI / 72).to_pil().convert("L")
    finally:
        document.close()


def _by_poppler(data: bytes, page: int, password: str | None) -> Image.Image:
    program = shutil.which("pdftoppm")
    assert program, "poppler-utils is not installed"
    options = ["-cropbox", "-singlefile", "-gray", "-r", str(_DPI), "-f", str(page)]
    secret = ["-upw", password] if password else []
    done = subprocess.run([program, *options, *secret, "-"], input=data, capture_output=True, check=True)
    return Image.open(io.BytesIO(done.stdout)).convert("L")
