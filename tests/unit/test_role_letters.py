"""Letters as offices write them, signed in one role after another, places found from their text, measured as drawn.

After each step the page is drawn again: what is new on it is what the step put there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import pypdfium2
import pytest
from PIL import Image, ImageChops

import gsign.pdf
from gsign import pkcs12
from gsign.appearance.roles import IMAGES, INCOMING, TEXTS, Shown
from gsign.result import Indication
from gsign.signer import Signer
from gsign.signing.geometry import PageView
from tests import judges, letters
from tests.letters import At
from tests.pki import ORGANISATION, Pki, Subject
from tests.rendering import by_poppler
from tests.samples import handwriting, seal
from tests.unit.small_documents import opened

MM = 72 / 25.4
DPI = 144
NAMES = (
    "decision",
    "official-letter",
    "invitation",
    "report-with-table",
    "plan-block-alone-on-last-page",
    "date-year-blank",
    "turned-many-pages",
    "turned-cropped-in-units",
)
WITHOUT_ROOM = {"report-with-table"}
"""Where no blank of 50 x 35 mm is under the number: the stamp is put where the clerk says."""
SEAL_MM = 34.0
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "leader": ("leader", {"role": "leader", "image": handwriting(700, 380)}),
    "issue": (
        "agency",
        {"role": "issue", "number": "286", "date": "2026-12-23", "image": seal(dpi=500 / SEAL_MM * 25.4)},
    ),
    "copy": ("agency", {"role": "copy", "copy_form": "sao-y"}),
    "incoming": ("agency", {"role": "incoming", "number": "1234"}),
}


class Box(NamedTuple):
    """Edges in points of the page as shown."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    @property
    def size(self) -> tuple[float, float]:
        return self.right - self.left, self.top - self.bottom


class Sheet(NamedTuple):
    """A page as drawn, at 144 pixels per inch of paper, and its height in points."""

    drawn: Image.Image
    high: float

    def added(self, before: Sheet, within: tuple[float, float, float, float] | None = None) -> Box:
        """Return the box around what is new since `before`, in a part of the page."""
        scale = self.drawn.height / self.high
        new = ImageChops.difference(self.drawn.convert("L"), before.drawn.convert("L"))
        left, bottom, right, top = within or (0, 0, self.drawn.width / scale, self.high)
        edges = [round(edge * scale) for edge in (left, self.high - top, right, self.high - bottom)]
        part = new.crop((edges[0], edges[1], edges[2], edges[3])).point(lambda level: 255 if level > 50 else 0)
        found = part.getbbox()
        assert found, "nothing was added there"
        return Box(
            (edges[0] + found[0]) / scale,
            self.high - (edges[1] + found[3]) / scale,
            (edges[0] + found[2]) / scale,
            self.high - (edges[1] + found[1]) / scale,
        )


class Course(NamedTuple):
    """A letter after each step."""

    letter: letters.Letter
    after: dict[str, bytes]
    has_found_room: bool

    def sheet(self, step: str, number: int, renderer: str) -> Sheet:
        return _sheet(self.after[step], number, renderer)


# A letter's sheets are asked for one test after another; those of all letters would be a gigabyte.
@lru_cache(maxsize=16)
def _sheet(data: bytes, number: int, renderer: str) -> Sheet:
    document = opened(data)
    view = PageView(document, document.page(number - 1))
    draw = by_poppler_page if renderer == "poppler" else by_pdfium_page
    # No renderer heeds the unit of a page.
    return Sheet(draw(data, number, round(DPI * view.unit)), view.size[1])


def by_pdfium_page(data: bytes, number: int, dpi: int) -> Image.Image:
    document = pypdfium2.PdfDocument(data)
    try:
        document.init_forms()
        return document[number - 1].render(scale=dpi / 72).to_pil().convert("RGB")
    finally:
        document.close()


def by_poppler_page(data: bytes, number: int, dpi: int) -> Image.Image:
    return by_poppler(data, dpi, number)


@pytest.fixture(scope="module")
def keys(session_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Signer]]:
    folder = tmp_path_factory.mktemp("keys")
    leader = Subject(letters.LEADER, units=("Lãnh đạo UBND tỉnh",), email="nvhung@hungyen.gov.vn")
    made = {
        name: pkcs12.open_signer(session_pki.leaf(who, variant="no-pointers").p12(folder / name, "x"), pin="x")
        for name, who in (("leader", leader), ("agency", ORGANISATION))
    }
    yield made
    for signer in made.values():
        signer.close()


@pytest.fixture(scope="module", params=NAMES)
def course(request: pytest.FixtureRequest, keys: dict[str, Signer], session_pki: Pki) -> Course:
    letter = letters.made(request.param)
    trust = [session_pki.root_file, session_pki.intermediate_file]
    after = {"": letter.data}
    data = letter.data
    has_room = request.param not in WITHOUT_ROOM
    for step, (key, options) in STEPS.items():
        place = {} if has_room or step != "incoming" else {"at": (1, 60, 40)}
        data = gsign.pdf.sign(data, keys[key], trust=trust, revocation="off", **options, **place)
        after[step] = data
    result = gsign.pdf.verify(data, trust=trust, revocation="off")
    assert result.indication is Indication.TOTAL_PASSED, result.to_dict()
    return Course(letter, after, has_room)


@pytest.fixture(params=["pdfium", "poppler"])
def renderer(request: pytest.FixtureRequest) -> str:
    return request.param


def leaders_ink(course: Course, renderer: str) -> Box:
    place = course.letter.leader
    assert isinstance(place, At)
    sheets = [course.sheet(step, place.page, renderer) for step in ("leader", "")]
    return sheets[0].added(sheets[1])


def test_the_leaders_signature_is_in_the_middle_between_title_and_name(course: Course, renderer: str) -> None:
    place = course.letter.leader
    assert isinstance(place, At)
    ink = leaders_ink(course, renderer)
    assert ink.middle == pytest.approx((place.x, place.y), abs=MM)
    wide, high = ink.size
    assert wide / high == pytest.approx(589 / 218, rel=0.04)
    assert wide <= 589 / 300 * 72 + 0.5 * MM


def test_number_and_date_stand_in_their_blanks_on_the_line(course: Course, renderer: str) -> None:
    issued, before = (course.sheet(step, 1, renderer) for step in ("issue", "leader"))
    sizes = {"number": 13, "day": 14, "month": 14, "year": 14}
    for name, size in sizes.items():
        place = getattr(course.letter, name)
        if not isinstance(place, At):
            continue
        ink = issued.added(before, (place.x - 24, place.y - 6, place.x + 24, place.y + 14))
        # The size of a date follows the words around, from 13 on.
        assert ink.size[1] == pytest.approx(0.67 * size, abs=0.5 * MM), name
        assert ink.middle[0] == pytest.approx(place.x, abs=MM), name
        assert ink.bottom == pytest.approx(place.y, abs=0.5 * MM), name


def test_the_seal_has_its_real_size_and_covers_a_third_of_the_signature_on_its_left(
    course: Course, renderer: str
) -> None:
    place, number = course.letter.leader, course.letter.number
    assert isinstance(place, At)
    assert isinstance(number, At)
    signature = leaders_ink(course, renderer)
    sheets = [course.sheet(step, place.page, renderer) for step in ("issue", "leader")]
    high, wide = sheets[0].high, sheets[0].drawn.width / sheets[0].drawn.height * sheets[0].high
    # Number and date were added in the same step.
    ink = sheets[0].added(sheets[1], (0, 0, wide, number.y - 20 if place.page == 1 else high))
    assert ink.size == pytest.approx((SEAL_MM * MM, SEAL_MM * MM), abs=0.5 * MM)
    third = signature.left + signature.size[0] / 3
    assert ink.right == pytest.approx(third, abs=MM)
    assert signature.bottom < ink.middle[1] < signature.top
    # It is red, and what it covers shines through.
    x, y = (round(value * sheets[0].drawn.height / high) for value in (ink.left, high - ink.top))
    side = round(ink.size[0] * sheets[0].drawn.height / high)
    seen = sheets[0].drawn.crop((x, y, x + side, y + side))
    red = sum(n for n, (r, g, b) in seen.getcolors(1 << 20) if r > 150 and g < 90 and b < 90)
    blue = sum(n for n, (r, g, b) in seen.getcolors(1 << 20) if b > 110 and r < 90)
    assert red > 0.1 * side * side
    assert blue > 0.004 * side * side


def test_the_mark_of_the_copy_is_in_the_top_right_corner(course: Course, renderer: str) -> None:
    sheets = [course.sheet(step, 1, renderer) for step in ("copy", "issue")]
    wide = sheets[0].drawn.width / sheets[0].drawn.height * sheets[0].high
    ink = sheets[0].added(sheets[1])
    assert 15 * MM - MM <= wide - ink.right <= 46 * MM
    assert sheets[0].high - ink.top <= 46 * MM
    assert ink.size[0] <= 100 * MM
    # Lines of size 10, 12 points apart.
    assert min(abs(ink.size[1] - (count * 12 + 8.8)) for count in (0, 1, 2)) < MM


def test_the_incoming_stamp_is_50_by_35_mm_under_the_number(course: Course, renderer: str) -> None:
    sheets = [course.sheet(step, 1, renderer) for step in ("incoming", "copy")]
    ink = sheets[0].added(sheets[1])
    assert ink.size == pytest.approx((50 * MM, 35 * MM), abs=0.5 * MM)
    place = course.letter.number
    assert isinstance(place, At)
    if course.has_found_room:
        assert place.y - 75 * MM < ink.top < place.y
    else:
        assert (ink.left, ink.bottom) == pytest.approx((61, 41), abs=MM)


def test_each_stands_on_the_page_that_the_table_says(course: Course) -> None:
    shown = {**IMAGES, **TEXTS, Shown.INCOMING: INCOMING}
    leader = course.letter.leader
    assert isinstance(leader, At)
    pages = {"first": 1, "signer": leader.page}
    document = opened(course.after["incoming"])
    stands = {}
    for number in range(document.page_count()):
        for annotation in document.array(document.page(number).get("Annots"), "annotations"):
            widget = document.dictionary(annotation, "annotation")
            stands[widget["T"].decode().rstrip("1").lower()] = number + 1
    assert len(stands) == 7 + isinstance(course.letter.year, At)
    assert stands == {name: pages[shown[Shown(name)].page.value] for name in stands}


def test_nothing_lies_over_text_but_where_the_decree_wants_it(course: Course) -> None:
    """Only the seal may cover ink: it stands over the signature, and may touch title and name of its block."""
    for step, before in (("leader", ""), ("copy", "issue"), ("incoming", "copy")):
        page = course.letter.leader.page if step == "leader" and isinstance(course.letter.leader, At) else 1
        sheets = [course.sheet(name, page, "poppler") for name in (step, before)]
        new = ImageChops.difference(sheets[0].drawn, sheets[1].drawn).convert("L")
        mask = new.point(lambda level: 255 if level > 50 else 0)
        box = mask.getbbox()
        assert box
        covered = sheets[1].drawn.convert("L").crop(box).point(lambda level: 255 if level < 200 else 0)
        if step == "leader":
            assert not covered.getbbox()
        assert not ImageChops.multiply(covered, mask.crop(box)).getbbox(), step


def test_an_independent_judge_accepts_every_signature(course: Course, tmp_path: Any) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(course.after["incoming"])
    parts = 7 + isinstance(course.letter.year, At)
    judges.assert_pdfsig_accepts(path, parts)
