"""Names, post titles and letters, compared as a reader compares them."""

from __future__ import annotations

import unicodedata

import pytest

from gsign.appearance.placement.folding import fold, is_legacy
from gsign.appearance.placement.names import SignerName, is_title
from gsign.appearance.placement.posts import is_note, is_post, says_signed


@pytest.mark.parametrize(
    "one, other",
    [
        ("CHỦ TỊCH", "chủ tịch"),
        ("C H Ủ  T Ị C H", "Chủ tịch"),
        ("Hoà", "Hòa"),
        ("THUÝ", "Thúy"),
        ("Đỗ", "\u00d0ỗ"),
        ("Văn\u00a0A", "Văn A"),
        ("H\u2019 Liêm", "H' Liêm"),
        ("o\ufb03ce", "office"),
        ("Nguyễn", unicodedata.normalize("NFD", "NGUYỄN")),
    ],
)
def test_the_same_to_a_reader(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "one, other", [("Hùng", "Hưng"), ("Hoàn", "Hoan"), ("Đào", "Dào"), ("Thủy", "Thúy"), ("Lam", "Lâm")]
)
def test_marks_make_another_word(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    "common_name, person",
    [
        ("Nguyễn Văn A", "Nguyễn Văn A"),
        ("PGS.TS. Nguyễn Văn A", "Nguyễn Văn A"),
        ("Đại tá Nguyễn Văn A", "Nguyễn Văn A"),
        ("Nguyễn Văn A (Sở Nội vụ)", "Nguyễn Văn A"),
        ("Nguyễn Văn A - Giám đốc", "Nguyễn Văn A"),
        ("Nguyễn Văn A, 001085001234", "Nguyễn Văn A"),
        ("Nguyễn Văn A 001085001234", "Nguyễn Văn A"),
        ("H' Liêm Niê", "H' Liêm Niê"),
        ("Y Thanh Hà Niê Kđăm", "Y Thanh Hà Niê Kđăm"),
        ("Nhượng", "Nhượng"),
        ("C07", "C07"),
    ],
)
def test_the_name_in_a_certificate(common_name: str, person: str) -> None:
    assert SignerName(common_name).text == person


@pytest.mark.parametrize("text", ["PGS.TS.", "Thượng tá", "Thiếu tướng, GS.TS", "ThS", "Ông", "BSCKII.", "Đ/c"])
def test_titles(text: str) -> None:
    assert is_title(text)


@pytest.mark.parametrize("text", ["Nguyễn", "Phó", "Chủ tịch", "", "-", "Họ và tên:"])
def test_no_titles(text: str) -> None:
    assert not is_title(text)


@pytest.mark.parametrize(
    "text",
    [
        "CHỦ TỊCH",
        "KT. CHỦ TỊCH",
        "Q. GIÁM ĐỐC",
        "TM. ỦY BAN NHÂN DÂN",
        "Phó Giám đốc",
        "T/M BAN THƯỜNG VỤ",
        unicodedata.normalize("NFD", "THƯỢNG TỌA TRỤ TRÌ"),
        "TRƯỞNG CA",
    ],
)
def test_posts(text: str) -> None:
    assert is_post(text)


@pytest.mark.parametrize(
    "text",
    [
        "Chủ tịch Ủy ban nhân dân tỉnh chịu trách nhiệm thi hành Quyết định này.",
        "- Chủ tịch, các Phó Chủ tịch;",
        "Nơi nhận:",
        "NƠI NHẬN:",
        "QUYẾT ĐỊNH:",
        "Nguyễn Văn A",
        "286/QĐ-UBND",
        "<<KY_SO>>",
        "HỌ VÀ TÊN",
        "",
    ],
)
def test_no_posts(text: str) -> None:
    assert not is_post(text)


def test_notes_under_a_post() -> None:
    assert is_note("(Ký, ghi rõ họ tên)")
    assert not is_note("(Đã ký)")
    assert says_signed("(Đã ký)")
    assert says_signed("ĐÃ KÝ")
    assert not says_signed("(Ký tên, đóng dấu)")


def test_text_of_before_unicode() -> None:
    assert is_legacy("Hµ Néi, ngµy 5 th\u00b8ng 3 n¨m 2001")
    assert is_legacy("Haø Noäi, ngaøy 5 thaùng 3 naêm 2001")
    assert not is_legacy("Hà Nội, ngày 5 tháng 3 năm 2001")
