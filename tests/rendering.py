"""One-page documents that show a stamp, drawn by two independent renderers, and what is measured on the pictures.

Everything is in points from the lower left corner of the page, so that a test says where ink must be in the units in
which the stamp was asked for.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import reduce
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageDraw, ImageFont

from gsign.appearance.layout import Block
from gsign.syntax.objects import Name, Ref, Stream, serialize

PAGE = (300.0, 200.0)
CORNER = (20.0, 30.0)


class Ink(NamedTuple):
    """The box around everything that is not white."""

    left: float
    bottom: float
    right: float
    top: float


def page_with(stamp: Stream) -> bytes:
    """Return a page of 300 x 200 points with a signature field that shows `stamp` at (20, 30)."""
    left, bottom, right, top = stamp.dictionary["BBox"]
    x, y = CORNER
    field = {
        "Type": Name("Annot"),
        "Subtype": Name("Widget"),
        "FT": Name("Sig"),
        "T": b"Signature1",
        "F": 132,
        "Rect": [x, y, x + right - left, y + top - bottom],
        "AP": {"N": stamp},
    }
    catalog = {"Type": Name("Catalog"), "Pages": Ref(2), "AcroForm": {"Fields": [Ref(4)], "SigFlags": 3}}
    page = {"Type": Name("Page"), "Parent": Ref(2), "MediaBox": [0, 0, *PAGE], "Annots": [Ref(4)]}
    return _document([catalog, {"Type": Name("Pages"), "Kids": [Ref(3)], "Count": 1}, page, field])


def _document(objects: list[Any]) -> bytes:
    queue = list(objects)
    known: dict[int, Ref] = {}

    def allot(value: Any) -> Ref:
        if id(value) not in known:
            queue.append(value)
            known[id(value)] = Ref(len(queue))
        return known[id(value)]

    output = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, value in enumerate(queue, 1):  # grows while it is walked
        offsets.append(len(output))
        output += b"%d 0 obj\n" % number + _body(value, allot) + b"\nendobj\n"
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(queue) + 1) + entries
    trailer = serialize({"Size": len(queue) + 1, "Root": Ref(1)})
    return output + table + b"trailer\n" + trailer + b"\nstartxref\n%d\n%%%%EOF\n" % len(output)


def _body(value: Any, allot: Any) -> bytes:
    if isinstance(value, Stream):
        head = serialize({**value.dictionary, "Length": len(value.data)}, allot)
        return head + b"\nstream\n" + value.data + b"\nendstream"
    return serialize(getattr(value, "value", value), allot)


def by_pdfium(pdf: bytes, dpi: int = 288) -> Image.Image:
    """Draw the first page with pdfium, its fields as part of the page."""
    with _flattened(pdf) as document:
        return document[0].render(scale=dpi / 72).to_pil().convert("RGB")


def by_pdfium_as_form(pdf: bytes, dpi: int = 288) -> Image.Image:
    """Draw the first page with pdfium as a reader does, fields over the page; letters have coloured fringes then."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        document.init_forms()
        return document[0].render(scale=dpi / 72).to_pil().convert("RGB")
    finally:
        document.close()


def text_by_pdfium(pdf: bytes) -> list[str]:
    """Return the lines that pdfium reads on the first page."""
    with _flattened(pdf) as document:
        return document[0].get_textpage().get_text_bounded().split("\r\n")


@contextmanager
def _flattened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        document.init_forms()
        document[0].flatten()
        yield document
    finally:
        document.close()


def by_poppler(pdf: bytes, dpi: int = 288, page: int = 1) -> Image.Image:
    """Draw a page with poppler."""
    program = shutil.which("pdftoppm")
    assert program, "poppler-utils is not installed"
    command = [program, "-cropbox", "-singlefile", "-f", str(page), "-r", str(dpi), "-png", "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)
    assert not done.stderr, done.stderr.decode()
    return Image.open(BytesIO(done.stdout)).convert("RGB")


RENDERERS = {"pdfium": by_pdfium, "poppler": by_poppler}


def ink(picture: Image.Image, *, darker_than: int = 160) -> Ink:
    """Return the box around all pixels that are clearly not white."""
    distance = ImageChops.invert(picture).convert("RGB")
    strongest = ImageChops.lighter(ImageChops.lighter(*distance.split()[:2]), distance.split()[2])
    box = strongest.point(lambda level: 255 if level > 255 - darker_than else 0).getbbox()
    assert box, "nothing is drawn"
    scale = PAGE[0] / picture.width
    left, upper, right, lower = (edge * scale for edge in box)
    return Ink(left, PAGE[1] - lower, right, PAGE[1] - upper)


def colour_at(picture: Image.Image, x: float, y: float) -> tuple[int, int, int]:
    """Return the colour of the pixel at a point of the page."""
    scale = picture.width / PAGE[0]
    pixel = picture.getpixel((int(x * scale), int((PAGE[1] - y) * scale)))
    assert isinstance(pixel, tuple)
    return pixel[0], pixel[1], pixel[2]


def as_freetype_draws(path: Path, block: Block, dpi: int) -> Image.Image:
    """Draw the lines of a stamp letter by letter with FreeType, where the widths of the font file put them."""
    file = TTFont(path)
    widths, cmap, units = file["hmtx"], file.getBestCmap(), file["head"].unitsPerEm
    scale = dpi / 72
    picture = Image.new("L", (int(PAGE[0] * scale), int(PAGE[1] * scale)), 255)
    pen = ImageDraw.Draw(picture)
    face = ImageFont.truetype(path, block.size * scale, layout_engine=ImageFont.Layout.BASIC)
    for line in block.lines:
        x, y = CORNER[0] + line.x, PAGE[1] - CORNER[1] - line.y
        for letter in line.text:
            pen.text((x * scale, y * scale), letter, fill=0, font=face, anchor="ls")
            x += widths[cmap[ord(letter)]][0] / units * block.size
    return picture


def unmatched(drawn: Image.Image, expected: Image.Image) -> int:
    """Count the pixels that are black in one picture and have nothing dark within a quarter of a point in the other."""
    count = 0
    for one, other in ((drawn, expected), (expected, drawn)):
        black = one.point(lambda level: 255 if level < 40 else 0)
        near = _darkest_within(other, 2).point(lambda level: 255 if level < 160 else 0)
        count += ImageChops.subtract(black, near).histogram()[255]
    return count


def _darkest_within(picture: Image.Image, reach: int) -> Image.Image:
    """Give each pixel the darkest level around it: `ImageFilter.MinFilter`, a row and a column at a time."""
    for across, down in ((1, 0), (0, 1)):
        moved = (ImageChops.offset(picture, across * by, down * by) for by in range(-reach, reach + 1))
        picture = reduce(ImageChops.darker, moved)
    return picture
