"""Places found in letters as offices write them: where they belong, to a millimetre, or the error that is due."""

from __future__ import annotations

from datetime import date

import pytest

from gsign.appearance.placement.header import DatePlaces, find_date, find_number
from gsign.appearance.placement.incoming import find_incoming
from gsign.appearance.placement.initials import find_initials
from gsign.appearance.placement.leader import find_leader
from gsign.appearance.placement.pages import PageTexts
from gsign.appearance.placement.sizes import Extent
from gsign.errors import UsageError
from gsign.place import Place
from tests import letters
from tests.letters import At, Refused
from tests.letters.kinds import decision
from tests.letters.sheet import Sheet

MM = 72 / 25.4
IMAGE = Extent(45 * MM, 20 * MM)
NUMBER = Extent(19.5, 12, 3)
DAY, YEAR = Extent(14, 12, 3), Extent(28, 12, 3)
STAMP = Extent(50 * MM, 35 * MM)
INITIALS = Extent(25, 25)


def due(what: str) -> list[str]:
    """Return the letters that ask for something."""
    return [name for name in letters.names() if getattr(letters.made(name), what) is not None]


def opened(name: str) -> PageTexts:
    letter = letters.made(name)
    return PageTexts(letter.data, letter.password)


def require_refused(error: UsageError, expected: Refused) -> None:
    assert (error.code, error.facts["cause"]) == expected
    assert error.exit_code == 2
    for lang in ("vi", "en"):
        assert "--at" in error.advice(lang)


@pytest.mark.parametrize("name", due("leader"))
def test_leader_stands_between_post_and_name(name: str) -> None:
    letter = letters.made(name)
    with opened(name) as texts:
        if isinstance(letter.leader, Refused):
            with pytest.raises(UsageError) as caught:
                find_leader(texts, letter.signer, IMAGE)
            require_refused(caught.value, letter.leader)
            return
        place = find_leader(texts, letter.signer, IMAGE)
    assert isinstance(letter.leader, At)
    assert place.page == letter.leader.page
    assert place.x + place.width / 2 == pytest.approx(letter.leader.x, abs=MM)
    assert place.y + place.height / 2 == pytest.approx(letter.leader.y, abs=MM)
    assert place.width / place.height == pytest.approx(IMAGE.width / IMAGE.height)
    assert 0.5 <= place.width / IMAGE.width <= 1


def require_on_line(place: Place, expected: At, text: Extent) -> None:
    assert place.page == expected.page
    assert place.x + place.width / 2 == pytest.approx(expected.x, abs=MM)
    assert place.y + text.baseline == pytest.approx(expected.y, abs=0.5)
    assert (place.width, place.height) == (text.width, text.height)


@pytest.mark.parametrize("name", due("number"))
def test_number_stands_in_its_blank(name: str) -> None:
    letter = letters.made(name)
    with opened(name) as texts:
        if isinstance(letter.number, Refused):
            with pytest.raises(UsageError) as caught:
                find_number(texts, NUMBER)
            require_refused(caught.value, letter.number)
            return
        place = find_number(texts, NUMBER)
    assert isinstance(letter.number, At)
    require_on_line(place, letter.number, NUMBER)


@pytest.mark.parametrize("name", due("day"))
def test_date_stands_in_its_blanks(name: str) -> None:
    letter = letters.made(name)
    with opened(name) as texts:
        if isinstance(letter.day, Refused):
            with pytest.raises(UsageError) as caught:
                find_date(texts, DAY, DAY, YEAR)
            require_refused(caught.value, letter.day)
            return
        found = find_date(texts, DAY, DAY, YEAR)
    assert isinstance(found, DatePlaces)
    for place, expected, text in zip(found, (letter.day, letter.month, letter.year), (DAY, DAY, YEAR), strict=True):
        if expected is None:
            assert place is None
        else:
            assert isinstance(expected, At)
            assert place is not None
            require_on_line(place, expected, text)


@pytest.mark.parametrize("name", due("last"))
def test_initials_stand_behind_the_last_line(name: str) -> None:
    letter = letters.made(name)
    with opened(name) as texts:
        if isinstance(letter.last, Refused):
            with pytest.raises(UsageError) as caught:
                find_initials(texts, "Lê Thị Bình", INITIALS)
            require_refused(caught.value, letter.last)
            return
        place = find_initials(texts, "Lê Thị Bình", INITIALS)
    assert isinstance(letter.last, At)
    assert place.page == letter.last.page
    assert 0 < place.x - letter.last.x < 3 * MM
    assert place.y < letter.last.y < place.y + place.height


@pytest.mark.parametrize("name", due("incoming"))
def test_no_stamp_where_there_is_no_number_or_no_room(name: str) -> None:
    expected = letters.made(name).incoming
    assert expected is not None
    with opened(name) as texts, pytest.raises(UsageError) as caught:
        find_incoming(texts, STAMP)
    require_refused(caught.value, expected)


def test_an_error_tells_what_was_found_as_at_takes_it() -> None:
    with opened("twice-on-one-page") as texts, pytest.raises(UsageError) as caught:
        find_leader(texts, letters.LEADER, IMAGE)
    found = str(caught.value.facts["found"]).split("; ")
    assert len(found) == 2
    page, x, y = found[0].split(" ")[0].split(",")
    assert (int(page), 100 < int(x) < 200, 510 < int(y) < 530) == (1, True, True)
    assert f"“BÊN GIAO … {letters.LEADER}”" in found[0]
    assert found[0] in caught.value.sentence("vi")
    assert found[1] in caught.value.sentence("en")


def test_a_number_that_is_filled_in_is_shown() -> None:
    with opened("number-filled-in") as texts, pytest.raises(UsageError) as caught:
        find_number(texts, NUMBER)
    assert "“Số: 286/QĐ-UBND”" in caught.value.sentence("vi")


def test_a_date_that_is_filled_in_is_shown() -> None:
    with opened("date-filled-in") as texts, pytest.raises(UsageError) as caught:
        find_date(texts, DAY, DAY, YEAR)
    assert "“Hưng Yên, ngày 05 tháng 3 năm 2026”" in caught.value.sentence("vi")


def test_a_number_without_a_symbol_stands_behind_its_colon() -> None:
    sheet = Sheet()
    colon = sheet.write("Số:", 100, 745)
    sheet.write("Hưng Yên, ngày 05 tháng 3 năm 2026", 330, 745, style="italic")
    with PageTexts(sheet.finish()) as texts:
        place = find_number(texts, NUMBER)
    assert 0 < place.x - colon.right < 2 * MM
    assert place.y + NUMBER.baseline == pytest.approx(745, abs=0.1)


MONTH_PRINTED = ("Hưng Yên, ngày ", "......", " tháng ", "3", " năm 2026")


def test_a_month_that_is_printed_stays() -> None:
    letter = decision(date=MONTH_PRINTED)
    with PageTexts(letter.data) as texts:
        found = find_date(texts, DAY, DAY, YEAR, when=date(2026, 3, 2))
    assert (found.month, found.year) == (None, None)
    assert isinstance(letter.day, At)
    assert found.day is not None
    require_on_line(found.day, letter.day, DAY)


@pytest.mark.parametrize("when", [date(2026, 4, 2), date(2025, 3, 2)])
def test_another_date_than_is_printed_is_an_error(when: date) -> None:
    with PageTexts(decision(date=MONTH_PRINTED).data) as texts, pytest.raises(UsageError) as caught:
        find_date(texts, DAY, DAY, YEAR, when=when)
    require_refused(caught.value, Refused("place-taken", "date-line-says-otherwise"))
    assert "tháng 3 năm 2026" in caught.value.sentence("en")


def test_half_a_year_is_no_year() -> None:
    letter = decision(date=("Hưng Yên, ngày ", "......", " tháng ", "......", " năm 20", "...."))
    with PageTexts(letter.data) as texts, pytest.raises(UsageError) as caught:
        find_date(texts, DAY, DAY, YEAR, when=date(2026, 3, 2))
    assert caught.value.code == "place-taken"


def test_a_long_document_is_read_from_its_end() -> None:
    letter = decision(extra_pages=25)
    read: list[int] = []
    with PageTexts(letter.data) as texts:
        page_of = texts.page

        def counted(number: int):
            read.append(number)
            return page_of(number)

        texts.page = counted  # type: ignore[method-assign]
        place = find_leader(texts, letter.signer, IMAGE)
        assert place.page == texts.count == 27
        assert read[0] == 27
        assert min(read) > 15
