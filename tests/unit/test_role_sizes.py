"""Roles signed one after another on pages of every kind: where each stands and how large it is on paper, measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image, ImageChops

import gsign.pdf
from gsign import pkcs12
from gsign.result import Indication
from gsign.signer import Signer
from tests import judges
from tests.documents.raw import Draft, classic, stream
from tests.pki import LEADER, ORGANISATION, Pki
from tests.rendering import by_pdfium_as_form, by_poppler
from tests.samples import handwriting, seal

MM = 72 / 25.4
WIDE, HIGH = 420.0, 300.0
RENDERERS = {"pdfium": by_pdfium_as_form, "poppler": by_poppler}
DPI = 216
PAGES = {
    "turned and cropped": (90, 1, 35),
    "upside down, unit of 2": (180, 2, 0),
    "turned, cropped, unit of 1.5": (270, 1.5, -20),
}
"""Rotation, user unit, and where the crop box begins."""

SEAL_PIXELS = 500
SIGNED: list[tuple[str, dict[str, Any]]] = [
    ("leader", {"role": "leader", "image": handwriting(), "at": (1, 120, 200)}),
    (
        "agency",
        {
            "role": "issue",
            "number": "5",
            "date": "2026-02-03",
            "image": seal(SEAL_PIXELS, 80, dpi=SEAL_PIXELS / 32 * 25.4),
            "at": {"number": (1, 20, 260), "day": (1, 50, 260), "month": (1, 80, 260), "seal": (1, 310, 190)},
        },
    ),
    ("agency", {"role": "copy", "copy_form": "sao-luc", "at": (1, 130, 150)}),
    ("agency", {"role": "incoming", "number": "1234", "date": "2026-02-05", "at": (1, 20, 30)}),
]
# What the ink of each covers, in points from the corner of its place, and its size: width and height.
EXPECTED: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "seal": ((310 + 1, 190 + 1), (32 * MM, 32 * MM)),
    "incoming": ((20 + 1, 30 + 1), (50 * MM, 35 * MM)),
}
DIGITS = {"number": (20, 13), "day": (50, 14), "month": (80, 14)}
"""Left edge of its place, and font size."""


@pytest.fixture(scope="module")
def keys(session_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Signer]]:
    folder = tmp_path_factory.mktemp("keys")
    opened = {
        name: pkcs12.open_signer(session_pki.leaf(who, variant="no-pointers").p12(folder / name, "x"), pin="x")
        for name, who in (("leader", LEADER), ("agency", ORGANISATION))
    }
    yield opened
    for signer in opened.values():
        signer.close()


@pytest.fixture(scope="module", params=sorted(PAGES))
def signed(request: pytest.FixtureRequest, keys: dict[str, Signer], session_pki: Pki) -> tuple[bytes, float]:
    """A page that all have signed, and its user unit."""
    turned, unit, start = PAGES[request.param]
    data = _page(turned, unit, start)
    trust = [session_pki.root_file, session_pki.intermediate_file]
    for key, options in SIGNED:
        data = gsign.pdf.sign(data, keys[key], trust=trust, revocation="off", **options)
    result = gsign.pdf.verify(data, trust=trust, revocation="off")
    assert result.indication is Indication.TOTAL_PASSED, result.to_dict()
    assert len(result.signatures) == 7
    return data, unit


def _page(turned: int, unit: float, start: float) -> bytes:
    wide, high = (HIGH, WIDE) if turned % 180 else (WIDE, HIGH)
    box = b"[%g %g %g %g]" % (start, start, start + wide / unit, start + high / unit)
    draft = Draft({1: b"<</Type /Catalog /Pages 2 0 R>>", 2: b"<</Type /Pages /Kids [3 0 R] /Count 1>>"})
    draft.objects[3] = (
        b"<</Type /Page /Parent 2 0 R /Resources <<>> /Contents 4 0 R /MediaBox [-60 -60 700 700] /CropBox %s"
        b" /Rotate %d /UserUnit %g>>" % (box, turned, unit)
    )
    draft.objects[4] = stream(b"")
    return classic(draft)


@pytest.fixture(params=sorted(RENDERERS))
def paper(request: pytest.FixtureRequest, signed: tuple[bytes, float]) -> Image.Image:
    """The page at 216 pixels per inch of paper: no renderer heeds its unit."""
    data, unit = signed
    picture = RENDERERS[request.param](data, round(DPI * unit))
    assert picture.size == pytest.approx((WIDE * DPI / 72, HIGH * DPI / 72), abs=3)
    return picture


def ink(paper: Image.Image, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of what is drawn in a part of the page, in points."""
    scale = DPI / 72
    edges = (left * scale, (HIGH - top) * scale, right * scale, (HIGH - bottom) * scale)
    part = ImageChops.invert(paper.crop(tuple(map(round, edges))).convert("L"))
    box = part.point(lambda level: 255 if level > 40 else 0).getbbox()
    assert box, "nothing is drawn there"
    return left + box[0] / scale, top - box[3] / scale, left + box[2] / scale, top - box[1] / scale


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_has_a_real_size_has_it_on_paper(paper: Image.Image, name: str) -> None:
    (x, y), (wide, high) = EXPECTED[name]
    left, bottom, right, top = ink(paper, x - 5, y - 5, x + wide + 5, y + high + 5)
    assert (right - left, top - bottom) == pytest.approx((wide, high), abs=0.5 * MM)
    assert (left, bottom) == pytest.approx((x, y), abs=MM)


def test_a_leaders_signature_stands_upright_where_it_was_asked_for(paper: Image.Image) -> None:
    left, bottom, right, top = ink(paper, 115, 195, 308, 296)
    assert (left, bottom) == pytest.approx((121, 201), abs=MM)
    # Scanned at 300 dpi: 758 x 260 pixels of ink.
    assert (right - left, top - bottom) == pytest.approx((758 * 0.24, 260 * 0.24), abs=0.5 * MM)
    # It begins with its highest loops: more ink on the left.
    scale = DPI / 72
    halves = [
        paper.crop((round(scale * x), 0, round(scale * (x + 90)), round(scale * 104))).convert("L") for x in (121, 212)
    ]
    dark = [sum(half.histogram()[:200]) for half in halves]
    assert dark[0] > 1.3 * dark[1]


@pytest.mark.parametrize("name", sorted(DIGITS))
def test_number_and_date_are_as_large_as_the_decree_says(paper: Image.Image, name: str) -> None:
    x, size = DIGITS[name]
    left, bottom, right, top = ink(paper, x - 2, 256, x + 22, 285)
    assert top - bottom == pytest.approx(0.675 * size, abs=0.6)
    # Two digits of half an em.
    assert right - left == pytest.approx(0.93 * size, abs=0.12 * size)
    assert left == pytest.approx(x + 1, abs=MM)


def test_the_mark_of_a_copy_is_of_size_10(paper: Image.Image) -> None:
    left, bottom, right, top = ink(paper, 125, 145, 420, 189)
    assert left == pytest.approx(131, abs=MM)
    assert right - left <= 100 * MM
    lines = round((top - bottom) / 12)
    assert top - bottom == pytest.approx((lines - 1) * 12 + 9, abs=2.5)


def test_an_independent_judge_accepts_all_of_them(signed: tuple[bytes, float], tmp_path: Any) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed[0])
    judges.assert_pdfsig_accepts(path, 7)
    judges.qpdf_check(path)
