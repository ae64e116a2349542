"""Places beside the ink that two renderers draw: in the middle of what is blank, and over nothing."""

from __future__ import annotations

import pytest

from gsign.appearance.placement.corner import find_corner
from gsign.appearance.placement.header import find_date, find_number
from gsign.appearance.placement.incoming import find_incoming
from gsign.appearance.placement.initials import find_initials
from gsign.appearance.placement.leader import find_leader
from gsign.appearance.placement.pages import PageTexts
from gsign.appearance.placement.sizes import Extent
from gsign.place import Place
from tests import letters
from tests.letters import At
from tests.letters.paper import with_field
from tests.letters.pictures import RENDERERS, Picture, picture

WITH_ROOM = [
    "decision", "turned-90", "turned-180", "turned-270", "turned-many-pages", "cropped", "many-pages", "watermark",
    "official-letter", "official-letter-short", "plan-block-alone-on-last-page", "proposal-of-the-party",
    "report-with-table",
]  # fmt: skip
CROWDED = ("three-signers", "names-side-by-side", "recipients-near", "block-in-a-table")
MM = 72 / 25.4
IMAGE = Extent(45 * MM, 20 * MM)
DAY, YEAR, NUMBER = Extent(14, 12, 3), Extent(28, 12, 3), Extent(19.5, 12, 3)
STAMP, MARK, INITIALS = Extent(50 * MM, 35 * MM), Extent(140, 26), Extent(25, 25)


def with_place(what: str) -> list[str]:
    return [name for name in letters.names() if isinstance(getattr(letters.made(name), what), At)]


def opened(name: str) -> PageTexts:
    letter = letters.made(name)
    return PageTexts(letter.data, letter.password)


def drawn(renderer: str, name: str, texts: PageTexts, page: int) -> Picture:
    return picture(renderer, name, page, texts.page(page).width)


def unit_of(name: str) -> float:
    return {"in-units": 1.5, "turned-cropped-in-units": 2.0, "dots-in-units": 2.0}.get(name, 1.0)


def is_clear(shown: Picture, place: Place) -> bool:
    return shown.ink(place.x, place.y, place.x + place.width, place.y + place.height) is None


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("name", with_place("leader"))
def test_leader_is_in_the_middle_of_what_is_blank(renderer: str, name: str) -> None:
    letter = letters.made(name)
    with opened(name) as texts:
        place = find_leader(texts, letter.signer, IMAGE)
        shown = drawn(renderer, name, texts, place.page)
        unit = unit_of(name)
    assert is_clear(shown, place)
    axis, middle = place.x + place.width / 2, place.y + place.height / 2
    strip = axis - 25 * unit, axis + 25 * unit
    upper = shown.ink(strip[0], middle, strip[1], middle + 110 * unit)
    lower = shown.ink(strip[0], middle - 110 * unit, strip[1], middle)
    assert upper is not None
    assert lower is not None
    assert middle == pytest.approx((upper[1] + lower[3]) / 2, abs=MM * unit)
    name_line = shown.ink(axis - 105 * unit, lower[3] - 9 * unit, axis + 105 * unit, lower[3])
    assert name_line is not None
    if not name.startswith(CROWDED):  # nothing else stands on the line of the name
        assert axis == pytest.approx((name_line[0] + name_line[2]) / 2, abs=MM * unit)


def require_in_blank(shown: Picture, place: Place, unit: float, *, is_open: bool = False) -> None:
    """Look to both sides at the height of small letters, above dots and underscores."""
    bottom, top = place.y + 3 + 2.5 * unit, place.y + 3 + 6.5 * unit
    assert shown.ink(place.x, bottom, place.x + place.width, top) is None
    axis = place.x + place.width / 2
    left = shown.ink(axis - 60 * unit, bottom, axis, top)
    right = shown.ink(axis, bottom, axis + 60 * unit, top)
    assert left is not None
    if not is_open:
        assert right is not None
        assert axis == pytest.approx((left[2] + right[0]) / 2, abs=MM * unit)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("name", with_place("number"))
def test_number_and_date_are_in_the_middle_of_their_blanks(renderer: str, name: str) -> None:
    letter = letters.made(name)
    with opened(name) as texts:
        shown, unit = drawn(renderer, name, texts, 1), unit_of(name)
        require_in_blank(shown, find_number(texts, NUMBER), unit)
        if isinstance(letter.day, At):
            found = find_date(texts, DAY, DAY, YEAR)
            require_in_blank(shown, found.day, unit)
            require_in_blank(shown, found.month, unit)
            if found.year:
                require_in_blank(shown, found.year, unit, is_open=True)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("name", WITH_ROOM)
def test_marks_stand_on_blank_paper(renderer: str, name: str) -> None:
    with opened(name) as texts:
        shown = drawn(renderer, name, texts, 1)
        page = texts.page(1)
        corner = find_corner(texts, MARK)
        assert is_clear(shown, corner)
        assert corner.x > page.width / 2 - MARK.width / 2
        assert page.width - 46 * MM < corner.x + corner.width < page.width - 10 * MM
        assert corner.y > page.height - 60 * MM
        if not name.startswith("plan"):  # of its text, the end is not on the last page
            initials = find_initials(texts, "Lê Thị Bình", INITIALS)
            assert is_clear(drawn(renderer, name, texts, initials.page), initials)
        if letters.made(name).incoming:
            return
        stamp = find_incoming(texts, STAMP)
    assert is_clear(shown, stamp)
    assert stamp.x + stamp.width / 2 <= page.width / 2
    number = letters.made(name).number
    assert isinstance(number, At)
    assert number.y - 70 * MM < stamp.y + stamp.height < number.y


def test_initials_of_several_people_stand_side_by_side() -> None:
    data, places = letters.made("decision").data, []
    for _ in range(3):
        with PageTexts(data) as texts:
            place = find_initials(texts, "Lê Thị Bình", INITIALS)
        assert all(place.x >= other.x + other.width for other in places)
        assert abs(place.y - 402) < 30
        places.append(place)
        data = with_fields(letters.made("decision").data, places)


def with_fields(data: bytes, places: list[Place]) -> bytes:
    """Put signature fields where initials were found."""
    boxes = [(one.x, one.y, one.x + one.width, one.y + one.height) for one in places]
    return with_field(data, (min(b[0] for b in boxes), boxes[0][1], max(b[2] for b in boxes), boxes[0][3]), signed=True)
