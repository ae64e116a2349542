"""A stamp stands upright where it was asked for, on pages turned, cropped and scaled in every combination.

What is drawn has four coloured corners, so that a picture shows how it is turned and mirrored; two renderers look.
"""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops

from gsign.errors import UsageError
from gsign.signer import Digest
from gsign.signing.geometry import PageView, Place, Rectangle
from gsign.signing.placeholder import base_entries
from gsign.signing.request import SignRequest
from gsign.signing.revision import FieldPlan, plan_field, write_signature
from gsign.signing.seed_values import Offer
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Name, Stream
from tests.documents.raw import Draft, classic, stream
from tests.rendering import by_pdfium_as_form, by_poppler
from tests.unit.small_documents import opened

RENDERERS = {"pdfium": by_pdfium_as_form, "poppler": by_poppler}
DPI = 144
CORNERS = {"red": (255, 0, 0), "green": (0, 160, 0), "blue": (0, 0, 255), "orange": (255, 160, 0)}
"""Upper left, upper right, lower left, lower right."""
OFFER = Offer(subfilter="", digest=Digest.SHA256, reason=None, certify=None, is_timestamped=False)


def flag(width: float, height: float) -> Stream:
    """Draw four quarters."""
    places = [(0.0, 0.5), (0.5, 0.5), (0.0, 0.0), (0.5, 0.0)]
    lines = [
        "{} rg {:.3f} {:.3f} {:.3f} {:.3f} re f".format(
            " ".join(f"{c / 255:.4f}" for c in colour), x * width, y * height, width / 2, height / 2
        )
        for colour, (x, y) in zip(CORNERS.values(), places, strict=True)
    ]
    box = {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, width, height]}
    return Stream(box, "\n".join(lines).encode())


def blank(entries: bytes, field: bytes = b"") -> bytes:
    """Return a page without content."""
    draft = Draft({1: b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [%s]>>>>" % (b"5 0 R" if field else b"")})
    draft.objects[2] = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"
    listed = b" /Annots [5 0 R]" if field else b""
    draft.objects[3] = b"<</Type /Page /Parent 2 0 R /Resources <<>> /Contents 4 0 R%s %s>>" % (listed, entries)
    draft.objects[4] = stream(b"")
    if field:
        draft.objects[5] = b"<</FT /Sig /T (f) /Type /Annot /Subtype /Widget /F 4 %s>>" % field
    return classic(draft)


def stamped(data: bytes, place: Place | None, field: str | None = None) -> bytes:
    document = opened(data)
    plan = plan_field(document, field, OFFER)
    entries = base_entries("ETSI.CAdES.detached", None)
    return data + bytes(write_signature(document, plan, entries, 100, place=place, draw=flag).revision)


def boxes(picture: Image.Image, unit: float) -> dict[str, tuple[float, float, float, float]]:
    """Return, by colour, left, bottom, right, top in points of the page as shown."""
    scale = unit * 72 / DPI
    found = {}
    for name, colour in CORNERS.items():
        difference = ImageChops.difference(picture, Image.new("RGB", picture.size, colour))
        most = ImageChops.lighter(ImageChops.lighter(*difference.split()[:2]), difference.split()[2])
        box = most.point(lambda level: 255 if level < 60 else 0).getbbox()
        assert box, f"no {name} is to be seen"
        found[name] = (
            box[0] * scale,
            (picture.height - box[3]) * scale,
            box[2] * scale,
            (picture.height - box[1]) * scale,
        )
    return found


def quarters(x: float, y: float, width: float, height: float) -> dict[str, tuple[float, float, float, float]]:
    middle, centre, right, top = y + height / 2, x + width / 2, x + width, y + height
    return {
        "red": (x, middle, centre, top),
        "green": (centre, middle, right, top),
        "blue": (x, y, centre, middle),
        "orange": (centre, y, right, middle),
    }


SHAPES = {
    "plain": b"/MediaBox [0 0 200 150]",
    "cropped": b"/MediaBox [0 0 260 220] /CropBox [30 40 230 190]",
    "shifted": b"/MediaBox [-50 -70 150 80]",
    "swapped": b"/MediaBox [150 80 -50 -70]",
    "crop-larger": b"/MediaBox [10 20 210 170] /CropBox [-100 -100 900 900]",
    "crop-overlaps": b"/MediaBox [0 0 200 150] /CropBox [-80 -90 300 150]",
    "reals": b"/MediaBox [0.5 .25 200.5 150.25]",
}


@pytest.mark.parametrize("renderer", sorted(RENDERERS))
@pytest.mark.parametrize("unit", [1, 2.5])
@pytest.mark.parametrize("turned", [0, 90, 180, 270, -90, 450])
@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_upright_in_its_place(shape, turned, unit, renderer):
    data = blank(SHAPES[shape] + b" /Rotate %d /UserUnit %g" % (turned, unit))
    wide, high = (150, 200) if turned % 180 else (200, 150)
    picture = RENDERERS[renderer](stamped(data, Place(1, 20 * unit, 30 * unit, 90 * unit, 50 * unit)), DPI)
    # Neither renderer heeds UserUnit: their points are the page's own units.
    assert (picture.width / DPI * 72, picture.height / DPI * 72) == pytest.approx((wide, high), abs=1)
    for name, box in quarters(20 * unit, 30 * unit, 90 * unit, 50 * unit).items():
        assert boxes(picture, unit)[name] == pytest.approx(box, abs=1 * unit), (name, boxes(picture, unit))


@pytest.mark.parametrize("renderer", sorted(RENDERERS))
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("page", [b"/P 3 0 R", b"", b"/P 4 0 R", b"/P 99 0 R", b"/P null"])
def test_an_existing_field_is_filled_upright(turned, page, renderer):
    data = blank(b"/MediaBox [0 0 200 150] /Rotate %d" % turned, b"/Rect [110 80 20 30] " + page)
    picture = RENDERERS[renderer](stamped(data, None, "f"), DPI)
    shown = {0: (20, 30, 90, 50), 90: (30, 90, 50, 90), 180: (90, 70, 90, 50), 270: (70, 20, 50, 90)}[turned]
    for name, box in quarters(*shown).items():
        assert boxes(picture, 1)[name] == pytest.approx(box, abs=1), name


def test_a_field_without_a_page_is_drawn_for_the_one_that_shows_it():
    draft = Draft({1: b"<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [5 0 R]>>>>"})
    draft.objects[2] = b"<</Type /Pages /Kids [4 0 R 3 0 R] /Count 2>>"
    for number, entries in ((3, b"/Rotate 90 /Annots [5 0 R]"), (4, b"/Rotate 0")):
        draft.objects[number] = b"<</Type /Page /Parent 2 0 R /Resources <<>> /MediaBox [0 0 200 150] %s>>" % entries
    draft.objects[5] = b"<</FT /Sig /T (f) /Type /Annot /Subtype /Widget /F 4 /Rect [20 30 110 80]>>"
    document = opened(stamped(classic(draft), None, "f"))
    widget = document.dictionary(document.fields()[0].ref, "widget")
    assert widget["MK"] == {"R": 90}
    form = document.get(widget["AP"]["N"]).dictionary
    assert (form["BBox"], form["Matrix"]) == ([0, 0, 50, 90], [0, 1, -1, 0, 0, 0])


# ---------------------------------------------------------------- limits of the page


def view(entries: bytes) -> PageView:
    document = opened(blank(entries))
    return PageView(document, document.page(0))


@pytest.mark.parametrize("turned, size", [(0, (200, 150)), (90, (150, 200)), (180, (200, 150)), (270, (150, 200))])
def test_the_size_is_that_of_the_page_as_shown(turned, size):
    shown = view(SHAPES["cropped"] + b" /Rotate %d /UserUnit 2" % turned)
    assert shown.size == tuple(2 * v for v in size)
    shown.to_page(Rectangle(0, 0, *shown.size))
    shown.to_page(Rectangle(-0.005, 0, shown.size[0] + 0.01, 1))


@pytest.mark.parametrize(
    "rectangle",
    [(-1, 0, 10, 10), (0, -1, 10, 10), (191, 0, 10, 10), (0, 141, 10, 10), (0, 0, 0, 10), (0, 0, 10, -1)],
)
def test_a_place_outside_the_page(rectangle):
    with pytest.raises(UsageError) as caught:
        view(SHAPES["plain"]).to_page(Rectangle(*rectangle))
    assert caught.value.code == "place-outside-page"
    assert caught.value.facts == {"width": "200", "height": "150"}


@pytest.mark.parametrize(
    "entries",
    [
        b"",
        b"/MediaBox [0 0 200]",
        b"/MediaBox [0 0 (x) 150]",
        b"/MediaBox [0 0 true 150]",
        b"/MediaBox 5",
        b"/MediaBox [0 0 200 150] /Rotate 45",
        b"/MediaBox [0 0 200 150] /Rotate 90.5",
        b"/MediaBox [0 0 200 150] /CropBox [900 900 950 950]",
        b"/MediaBox [0 0 200 150] /UserUnit -1",
        b"/MediaBox [0 0 200 150] /UserUnit (2)",
    ],
)
def test_pages_whose_view_is_not_certain(entries):
    with pytest.raises(PdfSyntaxError):
        view(entries)


def test_boxes_may_be_objects_of_their_own():
    draft = Draft({1: b"<</Type /Catalog /Pages 2 0 R>>", 2: b"<</Type /Pages /Kids [3 0 R] /Count 1>>"})
    draft.objects[3] = b"<</Type /Page /Parent 2 0 R /MediaBox 4 0 R /Rotate 6 0 R /CropBox null /UserUnit 7 0 R>>"
    draft.objects |= {4: b"[0 0 5 0 R 150]", 5: b"200", 6: b"90", 7: b"null"}
    document = opened(classic(draft))
    assert PageView(document, document.page(0)).size == (150, 200)


# ---------------------------------------------------------------- what a caller may give


@pytest.mark.parametrize(
    "at", [(1, 20, 30), (-2, 20.5, 30, 90, 50), (1.0, 20, 30), [1, 20, 30], Place(3, 1, 2, 3, 4), None]
)
def test_places(at):
    assert list(SignRequest.of(at=at).spots.values()) == ([] if at is None else [at])


@pytest.mark.parametrize(
    "at",
    [
        (),
        (1, 2),
        (1, 2, 3, 4),
        (1, 2, 3, 4, 5, 6),
        (1.5, 2, 3),
        (1, float("nan"), 3),
        (1, 2, 3, float("inf"), 5),
        (float("inf"), 2, 3),
        (1, "2", 3),
        ("1", "2", "3"),
        (1, None, 3),
        Place(1, 2, 3, float("nan"), 5),
    ],
)
def test_places_that_are_none(at):
    with pytest.raises(UsageError) as caught:
        SignRequest.of(at=at)
    assert caught.value.code == "place-malformed"


def test_the_plan_of_a_new_field_is_invisible():
    assert not FieldPlan("x", None).is_visible
