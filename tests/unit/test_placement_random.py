"""Signature blocks of any kind, put together at random: the place is where the block was set, whatever is beside it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from gsign.appearance.placement.leader import find_leader
from gsign.appearance.placement.pages import PageTexts
from gsign.appearance.placement.sizes import Extent
from gsign.appearance.placement.words import box_of
from tests.letters import parts
from tests.letters.paper import cropped, in_units, turned
from tests.letters.parts import Signing
from tests.letters.sheet import Sheet

MM = 72 / 25.4
FAMILY = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Huỳnh",
    "Hoàng",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Lý",
    "Y",
    "H'",
    "Tôn",
)
MIDDLE = ("Văn", "Thị", "Hữu", "Đức", "Quốc", "Minh", "Xuân", "Thu")
GIVEN = ("An", "Bình", "Châu", "Dũng", "Hùng", "Hưng", "Hòa", "Thúy", "Mỹ", "Oanh", "Phượng", "Quỳnh", "Tú", "Yến")
POSTS = (
    ["CHỦ TỊCH"],
    ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"],
    ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"],
    ["TL. BỘ TRƯỞNG", "KT. CỤC TRƯỞNG", "PHÓ CỤC TRƯỞNG"],
    ["Q. TRƯỞNG PHÒNG"],
    ["Hiệu trưởng"],
)
TITLES = ("", "", "Đại tá ", "TS. ", "PGS.TS. ")


def name(chance: random.Random) -> str:
    return " ".join([chance.choice(FAMILY), *chance.sample(MIDDLE, chance.randint(0, 2)), chance.choice(GIVEN)])


def letter(chance: random.Random, who: str) -> tuple[bytes, Signing]:
    """Set a block somewhere on the lower half of a page, among what else may stand there."""
    form = chance.choice(("NFC", "NFD"))
    sheet = Sheet(form, way=chance.choice(("lines", "letters", "twice")))
    parts.heading(sheet)
    if chance.random() < 0.5:
        parts.body(sheet, 618, paragraphs=0, more=(f"Giao ông {who}, Chủ tịch, chịu trách nhiệm thi hành.",))
    base, size, blank = chance.choice((430, 380, 300)), chance.choice((11, 12, 13, 14, 15)), chance.uniform(62, 120)
    printed = chance.choice(TITLES) + chance.choice((who, who.upper(), who.replace(" ", "  ")))
    signing = parts.signing(
        sheet,
        base,
        chance.choice(POSTS),
        printed,
        axis=chance.uniform(380, 450),
        blank=blank,
        size=size,
        style=chance.choice(("bold", "regular")),
        letter_space=chance.choice((0.0, 0.0, 2.0)) if form == "NFC" else 0.0,
        note=chance.choice(("", "", "(Ký tên, đóng dấu)")),
    )
    beside(chance, sheet, who, base)
    if chance.random() < 0.3:
        sheet.next_page()
        sheet.write("PHỤ LỤC", 300, 760, align="centre")
        sheet.write(f"1. {who}", 100, 700)
        sheet.write(who, 300, 680)
    return sheet.finish(), signing


def beside(chance: random.Random, sheet: Sheet, who: str, base: float) -> None:
    kind = chance.choice(("nothing", "recipients", "another block"))
    if kind == "recipients":
        parts.recipients(sheet, base, ("- Như trên;", f"- {who};", "- Lưu: VT."))
    elif kind == "another block":
        parts.signing(sheet, base, ["THƯ KÝ"], f"{who} Khánh", axis=150)


def changed(chance: random.Random, data: bytes) -> tuple[bytes, Sequence[float]]:
    """Change the paper: return the file, what is cut off at the left and below, and the unit."""
    kind = chance.choice(("plain", "plain", "turned", "cropped", "units"))
    if kind == "turned":
        return turned(data, chance.choice((90, 180, 270))), (0, 0, 1)
    if kind == "cropped":
        return cropped(data, (15, 20, 585, 835)), (15, 20, 1)
    return (in_units(data, 2), (0, 0, 2)) if kind == "units" else (data, (0, 0, 1))


@pytest.mark.parametrize("seed", range(60))
def test_the_place_is_where_the_block_was_set(seed: int) -> None:
    chance = random.Random(seed)
    who = name(chance)
    data, signing = letter(chance, who)
    data, (left, bottom, unit) = changed(chance, data)
    with PageTexts(data) as texts:
        place = find_leader(texts, chance.choice((who, who.upper(), f"{who} (UBND)")), Extent(127, 56))
        assert not texts.page(place.page).dark(box_of(place))
    assert place.page == signing.page
    assert place.x + place.width / 2 == pytest.approx((signing.axis - left) * unit, abs=MM * unit)
    assert place.y + place.height / 2 == pytest.approx((signing.middle - bottom) * unit, abs=MM * unit)
