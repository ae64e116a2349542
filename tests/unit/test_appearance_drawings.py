"""What each role shows, as two renderers draw it, measured on paper."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from gsign.appearance import drawings, embed, incoming, text_drawing
from gsign.appearance.drawings import Drawing, initials_of, padded_month, padded_number, padded_symbol, written_time
from gsign.appearance.fonts import Typeface, typefaces_for
from gsign.appearance.roles import IMAGES, INCOMING, TEXTS, Rule, Shown
from gsign.appearance.sfnt import FontFile
from gsign.appearance.text import in_two
from gsign.errors import UsageError
from gsign.result import VIETNAM
from gsign.syntax.objects import Stream
from tests.rendering import (
    CORNER,
    PAGE,
    RENDERERS,
    as_freetype_draws,
    ink,
    page_with,
    text_by_pdfium,
    unmatched,
)
from tests.samples import PEN, STAMP, handwriting, seal
from tests.typefaces import fallback, system_fonts
from tests.unit.role_drawings import AGENCY, FEBRUARY, HALF_A_MM, MAKERS, MM, MOMENT, TEXTUAL


@pytest.fixture(params=sorted(RENDERERS))
def render(request: pytest.FixtureRequest) -> Callable[..., Image.Image]:
    return RENDERERS[request.param]


@pytest.fixture(params=sorted(MAKERS))
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return MAKERS[request.param]()


def natural(drawing: Drawing) -> Stream:
    return drawing.draw(drawing.width, drawing.height)


def words(form: Stream) -> list[str]:
    """Return the lines that a reader gets out of a form."""
    return text_by_pdfium(page_with(form))


def colours(picture: Image.Image, share: float = 0.02) -> list[tuple[int, int, int]]:
    """Return the colours that are not white and more than an edge, most frequent first."""
    counted = [(n, colour) for n, colour in picture.getcolors(1_000_000) if min(colour) < 235]
    total = sum(n for n, _ in counted)
    return [colour for n, colour in sorted(counted, reverse=True) if n > share * total]


# ---------------------------------------------------------------- sizes on paper


@pytest.mark.parametrize(
    "content, expected",
    [
        (lambda: seal(500, 60, dpi=500 / 36 * 25.4), 36),
        (lambda: seal(500, 0, dpi=500 / 36 * 25.4), 36),
        (lambda: seal(500, 200, dpi=500 / 32 * 25.4), 32),
        (lambda: seal(500, 60), 36),
        (lambda: seal(500, 60, dpi=72), 36),
        (lambda: seal(500, 60, dpi=2400), 36),
    ],
    ids=["36 mm", "without margin", "32 mm, wide margin", "no dpi", "dpi of a screen", "dpi of a stamp"],
)
def test_a_seal_is_as_large_on_paper_as_the_real_one(
    content: Callable[[], bytes], expected: float, render: Any
) -> None:
    drawing = drawings.seal(content())
    box = ink(render(page_with(natural(drawing))))
    assert box.right - box.left == pytest.approx(expected * MM, abs=HALF_A_MM)
    assert box.top - box.bottom == pytest.approx(expected * MM, abs=HALF_A_MM)
    assert (drawing.width, drawing.height) == pytest.approx((expected * MM + 2, expected * MM + 2), abs=0.4)


def test_a_seal_keeps_its_size_in_a_larger_box_and_stands_in_its_middle(render: Any) -> None:
    drawing = drawings.seal(seal())
    box = ink(render(page_with(drawing.draw(200, 130))))
    assert box.right - box.left == pytest.approx(36 * MM, abs=HALF_A_MM)
    assert (box.left + box.right) / 2 == pytest.approx(CORNER[0] + 100, abs=0.5)
    assert (box.bottom + box.top) / 2 == pytest.approx(CORNER[1] + 65, abs=0.5)


def test_the_incoming_stamp_is_35_by_50_mm(render: Any) -> None:
    box = ink(render(page_with(natural(MAKERS["incoming"]()))), darker_than=100)
    assert box.right - box.left == pytest.approx(50 * MM, abs=HALF_A_MM)
    assert box.top - box.bottom == pytest.approx(35 * MM, abs=HALF_A_MM)


@pytest.mark.parametrize(
    "dpi, expected",
    [(300, 64.2), (None, 45.0), (96, 45.0)],
    ids=["as scanned", "no dpi", "dpi of a screen"],
)
def test_a_leaders_signature_has_the_size_it_was_scanned_at_or_a_sensible_one(dpi: Any, expected: float) -> None:
    drawing = drawings.leader(handwriting(dpi=dpi))
    assert drawing.width == pytest.approx(expected * MM + 2, abs=HALF_A_MM)
    assert drawing.height < 25 * MM


def test_a_leaders_signature_fills_the_box_it_is_given_in_its_proportions(render: Any) -> None:
    drawing = drawings.leader(handwriting())
    box = ink(render(page_with(drawing.draw(92, 60))))
    assert box.right - box.left == pytest.approx(90, abs=1)
    assert box.top - box.bottom == pytest.approx(90 * (drawing.height - 2) / (drawing.width - 2), abs=1)
    assert (box.bottom + box.top) / 2 == pytest.approx(CORNER[1] + 30, abs=0.7)


@pytest.mark.parametrize("name, size", [("number", 13), ("day", 14), ("month", 14), ("year", 14), ("annex", 10)])
def test_digits_are_as_high_as_their_font_size_says(name: str, size: float, render: Any) -> None:
    # Digits of Times are 0.676 em high, those of the fallback 0.67.
    drawing = MAKERS[name]() if name != "annex" else drawings.annex_mark("2861", MOMENT)
    box = ink(render(page_with(natural(drawing))), darker_than=130)
    assert box.top - (CORNER[1] + drawing.baseline) == pytest.approx(0.675 * size, abs=0.35)


@pytest.mark.parametrize("asked, taken", [(None, 14), (13, 13), (13.5, 13.5), (11, 13), (20, 14)])
def test_a_date_has_the_size_of_the_words_around_it_within_the_clause(asked: float | None, taken: float) -> None:
    form = natural(drawings.day(FEBRUARY, size=asked))
    assert f"/F1 {taken:g} Tf".encode() in zlib.decompress(form.data)


# ---------------------------------------------------------------- nothing is clipped


def test_nothing_is_clipped_by_the_smallest_box(drawing: Drawing, render: Any) -> None:
    form = natural(drawing)
    room = 9
    # The same content in a larger box shows where ink would be that the real box cuts off.
    wider = {**form.dictionary, "BBox": [-room, -room, drawing.width + room, drawing.height + room]}
    drawn = ink(render(page_with(Stream(wider, form.data)), 288), darker_than=245)
    left, bottom = CORNER[0] + room, CORNER[1] + room
    assert drawn.left >= left - 0.01
    assert drawn.bottom >= bottom - 0.01
    assert drawn.right <= left + drawing.width + 0.01
    assert drawn.top <= bottom + drawing.height + 0.01


@pytest.mark.parametrize("path", [fallback(), *system_fonts()], ids=lambda path: path.name)
def test_no_font_is_clipped_or_leans_out_of_its_box(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    faces = [Typeface(FontFile(path)), Typeface(FontFile(path), slant=12)]
    with _prepared_anew(monkeypatch, lambda _, *, italic, bold: iter(faces[italic:])):
        for name in ("day", "initials", "copy", "incoming"):
            drawing = MAKERS[name]()
            test_nothing_is_clipped_by_the_smallest_box(drawing, RENDERERS["pdfium"])


def _prepared_anew(monkeypatch: pytest.MonkeyPatch, faces: Any) -> Any:
    class Anew:
        caches = (embed._prepared, text_drawing._setting, text_drawing.text_form, incoming.incoming_form)

        def __enter__(self) -> None:
            monkeypatch.setattr(embed, "typefaces_for", faces)
            self.clear()

        def __exit__(self, *_: object) -> None:
            monkeypatch.undo()
            self.clear()

        def clear(self) -> None:
            for cached in self.caches:
                cached.cache_clear()

    return Anew()


# ---------------------------------------------------------------- letters


@pytest.mark.parametrize(
    "shown, parts",
    [
        (Shown.NUMBER, ("286",)),
        (Shown.DAY, ("03",)),
        (Shown.ANNEX, ("05/QĐ-UBND", "2026-02-23T15:39:22+07:00")),
        (Shown.COPY, ("SAO LỤC", AGENCY, "2026-02-23T15:39:22+07:00")),
    ],
)
def test_letters_look_and_stand_as_the_font_says(shown: Shown, parts: tuple[str, ...], render: Any) -> None:
    box = text_drawing.text_size(shown, parts)
    setting = text_drawing._setting(shown, parts, None)
    face = next(typefaces_for("".join(parts), italic=TEXTS[shown].italic.value))
    block = text_drawing._placed(shown, setting, box.width, box.height)
    drawn = render(page_with(text_drawing.text_form(shown, parts, None, box.width, box.height)), 576)
    assert not face.slant, "no italic font: the comparison would need a slant"
    assert unmatched(drawn.convert("L"), as_freetype_draws(face.font.path, block, 576)) <= 3


def test_lines_do_not_touch_whatever_tone_marks_they_have() -> None:
    parts = ("SAO Y", "ỰỌỆ " * 9, "ẪỄỖ " * 9, "2026-02-23T15:39:22+07:00")
    setting = text_drawing._setting(Shown.COPY, parts, None)
    lines = text_drawing._placed(Shown.COPY, setting, setting.box.width, setting.box.height).lines
    assert len(lines) >= 3
    for upper, lower in pairwise(lines):
        gap = upper.y - lower.y - 10 * (setting.font.below(upper.text) + setting.font.above(lower.text))
        assert gap > 0.1, (upper.text, lower.text)


def test_both_renderers_agree_on_the_incoming_stamp() -> None:
    pdf = page_with(natural(MAKERS["incoming"]()))
    one, other = (draw(pdf, 576).convert("L") for draw in RENDERERS.values())
    assert unmatched(one, other) <= 3


@pytest.mark.parametrize("form", ["NFD", "NFC"])
def test_decomposed_names_are_drawn_as_composed_ones(form: Any) -> None:
    agency = unicodedata.normalize(form, AGENCY)
    expected = ["TRÍCH SAO", "VĂN PHÒNG ỦY BAN NHÂN DÂN TỈNH HƯNG YÊN", "2026-02-23T15:39:22+07:00"]
    assert words(natural(drawings.copy_mark("trich-sao", agency, MOMENT))) == expected
    stamp = words(natural(drawings.incoming_stamp(agency, 7, FEBRUARY)))
    assert stamp[:2] == ["VĂN PHÒNG ỦY BAN NHÂN DÂN", "TỈNH HƯNG YÊN"]


# ---------------------------------------------------------------- what is written


@pytest.mark.parametrize(
    "written, expected",
    [
        (padded_number("5"), "05"),
        (padded_number("05"), "05"),
        (padded_number("10"), "10"),
        (padded_number(" 286 "), "286"),
        (padded_number("12a"), "12a"),
        (padded_symbol("5/BNV-VP"), "05/BNV-VP"),
        (padded_symbol("286/QĐ-UBND"), "286/QĐ-UBND"),
        (padded_symbol("7"), "07"),
        (padded_month(date(2026, 1, 31)), "01"),
        (padded_month(date(2026, 2, 1)), "02"),
        (padded_month(date(2026, 3, 1)), "3"),
        (padded_month(date(2026, 12, 1)), "12"),
        (written_time(MOMENT), "2026-02-23T15:39:22+07:00"),
        (written_time(datetime(2026, 2, 23, 15, 39, tzinfo=VIETNAM)), "2026-02-23T15:39:00+07:00"),
        (initials_of("Nguyễn Thị Phương Thảo"), "NTPT"),
        (initials_of("Đặng  Ánh"), "ĐÁ"),
    ],
)
def test_numbers_dates_and_times_are_written_as_the_decree_says(written: str, expected: str) -> None:
    assert written == expected


def test_days_below_ten_have_a_leading_zero() -> None:
    assert words(natural(drawings.day(date(2026, 11, 9)))) == ["09"]
    assert words(natural(drawings.day(date(2026, 11, 10)))) == ["10"]


def test_an_annex_says_number_symbol_and_time_on_one_line() -> None:
    assert words(natural(drawings.annex_mark("5/QĐ-UBND", MOMENT))) == ["05/QĐ-UBND, 2026-02-23T15:39:22+07:00"]


@pytest.mark.parametrize(
    "agency, expected",
    [
        ("SỞ Y TẾ", ["SAO Y, SỞ Y TẾ, 2026-02-23T15:39:22+07:00"]),
        (AGENCY, [f"SAO Y, {AGENCY}", "2026-02-23T15:39:22+07:00"]),
        (
            "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG VÀ KIỂM SOÁT THỦ TỤC TỈNH AN HÒA",
            [
                "SAO Y",
                "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG",
                "VÀ KIỂM SOÁT THỦ TỤC TỈNH AN HÒA",
                "2026-02-23T15:39:22+07:00",
            ],
        ),
    ],
    ids=["short", "middling", "long"],
)
def test_a_copy_says_form_agency_and_time_on_as_few_lines_as_the_corner_has_room_for(
    agency: str, expected: list[str]
) -> None:
    form = natural(drawings.copy_mark("sao-y", agency, MOMENT))
    assert words(form) == expected
    assert form.dictionary["BBox"][2] <= 100 * MM + 2.1


def test_the_incoming_stamp_has_every_part_of_its_form() -> None:
    stamp = drawings.incoming_stamp("Sở Nội vụ", "12/VP", FEBRUARY, forwarded="Phòng Tổng hợp", file_code="TH-05")
    said = " ".join(words(natural(stamp)))
    for part in (
        "SỞ NỘI VỤ",
        "ĐẾN",
        "Số: 12/VP",
        "Ngày: 03/02/2026",
        "Chuyển: Phòng Tổng hợp",
        "Số và ký hiệu HS: TH-05",
    ):
        assert part in said


@pytest.mark.parametrize("agency", ["Sở Y tế", "ỰỌỆ ẪỄỖ ỰỌỆ ẪỄỖ ỰỌỆ ẪỄỖ ỰỌỆ ẪỄỖ", "Đ", "Ủy ban nhân dân tỉnh An Hòa"])
def test_the_agencys_name_stands_above_the_line_of_the_incoming_stamp(agency: str, render: Any) -> None:
    drawing = drawings.incoming_stamp(agency, 1, FEBRUARY)
    drawn = render(page_with(natural(drawing)), 288)
    x, top = CORNER[0] + 1, PAGE[1] - CORNER[1] - drawing.height + 1
    # Between the lines of the frame nothing but the name, and clear of them.
    inner = drawn.crop(tuple(round(4 * edge) for edge in (x + 2, top + 1.2, x + 50 * MM - 2, top + 24.2)))
    box = ImageChops.invert(inner.convert("L")).point(lambda level: 255 if level > 40 else 0).getbbox()
    assert box
    assert min(box[1], inner.height - box[3]) >= 2
    assert abs(box[0] - (inner.width - box[2])) <= 6


def test_what_is_long_gets_smaller_in_the_incoming_stamp_and_what_is_too_long_is_refused() -> None:
    code = "Hồ sơ công việc số 15/TH"
    assert code in " ".join(words(natural(drawings.incoming_stamp("Sở Nội vụ", 1, FEBRUARY, forwarded=code))))
    for texts in ({"number": "9" * 40}, {"forwarded": "x" * 80}, {"agency": "Ủy ban " * 30}):
        with pytest.raises(UsageError) as caught:
            drawings.incoming_stamp(**{"agency": "Sở Nội vụ", "number": 1, "received": FEBRUARY} | texts)  # type: ignore[arg-type]
        assert caught.value.code == "appearance-too-small"


@pytest.mark.parametrize(
    "name, expected",
    [
        ("Ủy ban nhân dân tỉnh Hưng Yên", ("Ủy ban nhân dân", "tỉnh Hưng Yên")),
        (AGENCY, ("VĂN PHÒNG ỦY BAN NHÂN DÂN", "TỈNH HƯNG YÊN")),
        ("Sở Khoa học và Công nghệ", ("Sở Khoa học", "và Công nghệ")),
        ("Sở Khoa học và Công nghệ tỉnh An Hòa", ("Sở Khoa học và Công nghệ", "tỉnh An Hòa")),
        ("Hai từ", ("Hai", "từ")),
    ],
)
def test_names_of_agencies_are_broken_where_a_part_begins(name: str, expected: tuple[str, str]) -> None:
    assert in_two(name, lambda text: float(len(text))) == expected


# ---------------------------------------------------------------- colours


def test_texts_on_documents_are_black(render: Any) -> None:
    for name in ("number", "day", "annex", "copy"):
        found = colours(render(page_with(natural(MAKERS[name]())), 576), 0.2)
        assert [max(colour) for colour in found] == [pytest.approx(0, abs=12)], name


@pytest.mark.parametrize("name, expected", [("leader", PEN), ("seal", STAMP)])
def test_images_have_the_colour_of_their_file(name: str, expected: tuple[int, int, int], render: Any) -> None:
    most = colours(render(page_with(natural(MAKERS[name]())), 288), 0.0)[0]
    assert most == pytest.approx(expected, abs=8)


def test_the_incoming_stamp_is_red_and_what_is_filled_in_is_black(render: Any) -> None:
    found = colours(render(page_with(natural(MAKERS["incoming"]())), 576), 0.05)
    assert found[0] == pytest.approx((204, 0, 0), abs=10)
    assert found[1] == pytest.approx((0, 0, 0), abs=10)


# ---------------------------------------------------------------- boxes and what is kept


@pytest.mark.parametrize("name", [*TEXTUAL, "seal"])
def test_what_keeps_its_size_is_refused_by_a_smaller_box(name: str) -> None:
    drawing = MAKERS[name]()
    for width, height in ((drawing.width - 2, drawing.height + 5), (drawing.width + 5, drawing.height - 2), (0, 0)):
        with pytest.raises(UsageError) as caught:
            drawing.draw(width, height)
        assert caught.value.code == ("image-needs-room" if name == "seal" else "appearance-too-small")
        assert "?" not in caught.value.sentence("vi") + caught.value.sentence("en")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=30))
def test_any_text_is_drawn_or_refused(name: str, value: str) -> None:
    refused = set()
    for make in (
        lambda: drawings.initials(name),
        lambda: drawings.number(value),
        lambda: drawings.annex_mark(value, MOMENT),
        lambda: drawings.copy_mark("sao-luc", name, MOMENT),
        lambda: drawings.incoming_stamp(name, value, FEBRUARY, forwarded=value),
    ):
        try:
            natural(make())
        except UsageError as error:
            refused.add(error.code)
    assert refused <= {"appearance-empty", "appearance-too-small", "appearance-character-missing"}


def test_nothing_to_show_is_refused_with_a_sentence() -> None:
    for make in (lambda: drawings.initials("\u200b "), lambda: drawings.incoming_stamp("", 1, FEBRUARY)):
        with pytest.raises(UsageError) as caught:
            make()
        assert caught.value.code == "appearance-empty"
        assert caught.value.sentence("vi") != caught.value.code


@pytest.mark.parametrize("name", TEXTUAL)
def test_the_same_text_again_is_not_drawn_again(name: str) -> None:
    assert natural(MAKERS[name]()) is natural(MAKERS[name]())


@pytest.mark.parametrize("make", [drawings.leader, drawings.seal, drawings.initials])
def test_an_image_is_prepared_once_however_often_its_file_is_read(make: Callable[[bytes], Drawing]) -> None:
    content = handwriting()
    one, other = (natural(make(bytes(bytearray(content)))).dictionary["Resources"]["XObject"] for _ in range(2))
    assert one["Im1"] is other["Im1"]


def test_another_time_is_another_drawing_with_the_same_font() -> None:
    one, other = (natural(drawings.copy_mark("sao-y", AGENCY, MOMENT.replace(minute=m))) for m in (1, 2))
    assert one.data != other.data
    assert one.dictionary["Resources"]["Font"]["F1"] is other.dictionary["Resources"]["Font"]["F1"]


@pytest.mark.parametrize("name", ["leader", "seal"])
def test_images_do_without_partial_transparency_where_it_is_forbidden(name: str) -> None:
    drawing = MAKERS[name]()
    for soft, entry in ((True, "SMask"), (False, "Mask")):
        form = drawing.draw(drawing.width, drawing.height, soft_mask=soft)
        assert {"SMask", "Mask"} & form.dictionary["Resources"]["XObject"]["Im1"].dictionary.keys() == {entry}


# ---------------------------------------------------------------- the table


def _rules(table: Any) -> Iterator[Rule[Any]]:
    for value in table:
        if isinstance(value, Rule):
            yield value


def test_every_value_names_its_clause_or_why_it_was_chosen() -> None:
    rules = [rule for look in (*TEXTS.values(), *IMAGES.values(), INCOMING) for rule in _rules(look)]
    assert len(rules) > 50
    for rule in rules:
        assert rule.clause.startswith(("Decree 30/2020, ", "chosen", "no clause")), rule


def test_what_the_decree_gives_is_in_the_table() -> None:
    number, day, annex, copy = (TEXTS[shown] for shown in (Shown.NUMBER, Shown.DAY, Shown.ANNEX, Shown.COPY))
    assert (number.sizes.value, number.italic.value) == ((13, 13), False)
    assert (day.sizes.value, day.italic.value) == ((13, 14), True)
    for mark in (annex, copy):
        assert (mark.sizes.value, mark.italic.value, mark.colour.value) == ((10, 10), False, (0, 0, 0))
    assert (IMAGES[Shown.LEADER].ink.value, IMAGES[Shown.SEAL].ink.value) == ("blue", "red")
    assert IMAGES[Shown.SEAL].is_real_size.value
    assert sorted(INCOMING.size.value) == [35, 50]
