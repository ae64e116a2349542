"""A visible signature stands where it was asked to, as large as asked, upright, on pages of every kind."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageChops

import gsign.pdf
from gsign.signer import Signer
from tests import judges, pdfa
from tests.documents import Library, names
from tests.pki import Pki
from tests.rendering import by_pdfium_as_form, by_poppler
from tests.samples import handwriting

X, Y, WIDTH, HEIGHT = 60.0, 70.0, 230.0, 64.0
DPI = 144
RED, BLUE = (200, 0, 0), (0, 0, 200)
MILLIMETRE = 72 / 25.4
RENDERERS = {"pdfium": by_pdfium_as_form, "poppler": by_poppler}


def _flag() -> bytes:
    """Return a PNG of 3 x 2, red above blue, which fills the height that a stamp of 64 points leaves to it."""
    drawn = Image.new("RGB", (300, 200), RED)
    drawn.paste(BLUE, (0, 100, 300, 200))
    buffer = BytesIO()
    drawn.save(buffer, "PNG")
    return buffer.getvalue()


def _box(mask: Image.Image, unit: float) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of what is set, in points of the page as shown."""
    box = mask.getbbox()
    assert box, "nothing was drawn"
    left, upper, right, lower = (edge * unit * 72 / DPI for edge in box)
    high = mask.height * unit * 72 / DPI
    return left, high - lower, right, high - upper


def _like(picture: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    difference = ImageChops.difference(picture, Image.new("RGB", picture.size, colour))
    most = ImageChops.lighter(ImageChops.lighter(*difference.split()[:2]), difference.split()[2])
    return most.point(lambda level: 255 if level < 60 else 0)


@pytest.mark.parametrize("renderer", sorted(RENDERERS))
@pytest.mark.parametrize("name", names(tag="page", signable=True))
def test_a_stamp_is_upright_in_its_place(
    name: str, renderer: str, documents: Library, signers: dict[str, Signer], pki: Pki
) -> None:
    before = documents[name].data
    options: dict[str, Any] = {"trust": [pki.root_file], "offline": True, "at": (1, X, Y, WIDTH, HEIGHT)}
    after = gsign.pdf.sign(before, signers["rsa2048"], image=_flag(), **options)
    with pikepdf.open(BytesIO(after)) as pdf:
        # Neither renderer heeds it: their points are the page's own units.
        unit = float(pdf.pages[0].get("/UserUnit", 1))
    old, new = (RENDERERS[renderer](pdf, DPI) for pdf in (before, after))

    changed = ImageChops.difference(old.convert("L"), new.convert("L")).point(lambda level: 255 if level > 60 else 0)
    left, bottom, right, top = _box(changed, unit)
    assert left >= X
    assert right <= X + WIDTH
    assert bottom >= Y
    assert top <= Y + HEIGHT

    red, blue = (_box(_like(new, colour), unit) for colour in (RED, BLUE))
    middle = Y + HEIGHT / 2
    assert red == pytest.approx((X + 2, middle, X + 92, Y + 62), abs=MILLIMETRE / 2)
    assert blue == pytest.approx((X + 2, Y + 2, X + 92, middle), abs=MILLIMETRE / 2)
    # The text is on the right of the image.
    assert right > X + 150


@pytest.mark.parametrize("name", names(tag="archive", signable=True))
def test_an_archive_stays_one_with_text_and_a_transparent_image(
    name: str, documents: Library, signers: dict[str, Signer], pki: Pki, tmp_path: Path
) -> None:
    signed = tmp_path / "signed.pdf"
    options: dict[str, Any] = {"trust": [pki.root_file], "offline": True, "at": (1, X, Y, WIDTH, HEIGHT)}
    signed.write_bytes(gsign.pdf.sign(documents[name].data, signers["rsa2048"], image=handwriting(), **options))
    pdfa.assert_pdfa(signed)
    judges.qpdf_check(signed)
    judges.assert_pdfsig_accepts(signed, documents[name].signatures + 1)
