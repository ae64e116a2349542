"""What each role shows, on pages of every kind."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops

from gsign.signer import Digest
from gsign.signing.geometry import Place
from gsign.signing.placeholder import base_entries
from gsign.signing.revision import plan_field, write_signature
from gsign.signing.seed_values import Offer
from tests.documents.archive import pdfa_2b as archival_page
from tests.documents.raw import Draft, classic, stream
from tests.pdfa import violations
from tests.rendering import (
    by_pdfium_as_form,
    by_poppler,
)
from tests.unit.role_drawings import MAKERS
from tests.unit.small_documents import opened

OFFER = Offer(subfilter="", digest=Digest.SHA256, reason=None, certify=None, is_timestamped=False)
WIDE, HIGH = 460.0, 300.0
STANDS = {
    "leader": (10, 200),
    "seal": (200, 190),
    "initials": (330, 270),
    "number": (330, 240),
    "day": (360, 240),
    "annex": (10, 170),
    "copy": (165, 130),
    "incoming": (10, 40),
    "initials image": (200, 60),
}
AS_SHOWN = {"pdfium": by_pdfium_as_form, "poppler": by_poppler}


def _page(entries: bytes) -> bytes:
    draft = Draft({1: b"<</Type /Catalog /Pages 2 0 R>>", 2: b"<</Type /Pages /Kids [3 0 R] /Count 1>>"})
    draft.objects[3] = b"<</Type /Page /Parent 2 0 R /Resources <<>> /Contents 4 0 R %s>>" % entries
    draft.objects[4] = stream(b"")
    return classic(draft)


def _with_all(data: bytes) -> bytes:
    for name, (x, y) in STANDS.items():
        drawing = MAKERS[name]()
        document = opened(data)
        place = Place(1, x, y, drawing.width, drawing.height)
        entries = base_entries("ETSI.CAdES.detached", None)
        written = write_signature(
            document, plan_field(document, None, OFFER), entries, 100, place=place, draw=drawing.draw
        )
        data += bytes(written.revision)
    return data


def _media(turned: int, unit: float, offset: float = 0) -> bytes:
    wide, high = (HIGH, WIDE) if turned % 180 else (WIDE, HIGH)
    return b"[%g %g %g %g]" % (offset, offset, offset + wide / unit, offset + high / unit)


@pytest.fixture(scope="module")
def upright() -> dict[str, Image.Image]:
    data = _with_all(_page(b"/MediaBox " + _media(0, 1)))
    return {name: draw(data, 144) for name, draw in AS_SHOWN.items()}


@pytest.mark.parametrize("renderer", sorted(AS_SHOWN))
@pytest.mark.parametrize(
    "shape, turned",
    [("plain", 90), ("plain", 180), ("cropped", 0), ("cropped", 270), ("unit of 2", 0), ("unit of 2", 90)],
)
def test_each_looks_the_same_on_pages_turned_cropped_and_scaled(
    shape: str, turned: int, renderer: str, upright: dict[str, Image.Image]
) -> None:
    unit = 2 if shape == "unit of 2" else 1
    box = b"/MediaBox " + _media(turned, unit)
    if shape == "cropped":
        box = b"/MediaBox [-20 -20 900 900] /CropBox " + _media(turned, unit, 35)
    data = _with_all(_page(box + b" /Rotate %d /UserUnit %d" % (turned, unit)))
    # No renderer heeds UserUnit: at twice the resolution the page is as large as it is on paper.
    picture = AS_SHOWN[renderer](data, 144 * unit)
    for name, (x, y) in STANDS.items():
        drawing = MAKERS[name]()
        edges = (2 * (x - 2), 2 * (HIGH - y - drawing.height - 2), 2 * (x + drawing.width + 2), 2 * (HIGH - y + 2))
        seen, expected = (page.crop(tuple(map(round, edges))).convert("L") for page in (picture, upright[renderer]))
        assert _alike(seen, expected), name


def _alike(one: Image.Image, other: Image.Image) -> bool:
    """Tell whether pictures differ by no more than edges that fall on other pixels."""
    small = [picture.reduce(4) for picture in (one, other)]
    difference = ImageChops.difference(*small)
    return difference.getextrema()[1] < 90 and sum(difference.tobytes()) < 0.03 * 255 * len(difference.tobytes())


def test_the_comparison_sees_what_is_mirrored(upright: dict[str, Image.Image]) -> None:
    picture = upright["poppler"].convert("L")
    for name, (x, y) in STANDS.items():
        drawing = MAKERS[name]()
        edges = (2 * x, 2 * (HIGH - y - drawing.height), 2 * (x + drawing.width), 2 * (HIGH - y))
        shown = picture.crop(tuple(map(round, edges)))
        assert _alike(shown, shown.copy())
        assert not _alike(shown, shown.transpose(Image.Transpose.ROTATE_180)), name


def test_a_document_to_be_archived_stays_one() -> None:
    data = archival_page()
    assert violations(data) == []
    signed = _with_all(data)
    # Only the signature itself is missing: room for it is reserved, nothing is signed here.
    assert {found.clause for found in violations(signed)} == {"6.4.3"}
