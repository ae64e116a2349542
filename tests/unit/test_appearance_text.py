"""What is drawn is one form of each letter, and nothing that cannot be seen."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsign.appearance.plain import plain_lines
from gsign.appearance.text import clean_lines, normalise, wrap
from gsign.result import SignerInfo
from tests.typefaces import VIETNAMESE


def test_every_vietnamese_letter_is_one_character_however_it_is_written() -> None:
    for letter in VIETNAMESE:
        parts = unicodedata.normalize("NFD", letter)
        assert normalise(parts) == letter
        # Typed as base, tone, quality: the order that normalisation leaves alone.
        assert normalise(parts[:1] + parts[:0:-1]) == letter


@given(st.text())
def test_text_without_misplaced_marks_is_nfc(text: str) -> None:
    if not any(tone in unicodedata.normalize("NFD", text) for tone in "\u0300\u0301\u0303\u0309"):
        assert normalise(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    "line, drawn",
    [
        ("An\nChức vụ: Chủ tịch", "An Chức vụ: Chủ tịch"),
        ("An\u2028Bình", "An Bình"),
        ("Hưng\u00a0Yên", "Hưng Yên"),
        ("An \u202egnùH\u202c", "An gnùH"),
        ("An\u200b\u00ad\ufeff", "An"),
        ("An\x00\x1b[2J", "An  [2J"),
    ],
    ids=["line break", "line separator", "fixed space", "direction override", "zero width", "controls"],
)
def test_a_name_cannot_draw_another_line_or_read_backwards(line: str, drawn: str) -> None:
    assert clean_lines([line]) == [drawn]


@given(st.lists(st.text("ab ờ", max_size=40), max_size=5), st.integers(1, 12))
def test_wrapping_loses_no_letter_and_exceeds_no_width(lines: list[str], width: int) -> None:
    wrapped = wrap(lines, lambda text: float(len(text)), float(width))
    assert all(len(line) <= width for line in wrapped)
    assert "".join(wrapped).replace(" ", "") == "".join(lines).replace(" ", "")


def test_lines_break_at_spaces_and_inside_long_words_alone() -> None:
    lines = ["Cơ quan: Sở Nội vụ", "nguyenvanan@hungyen.gov.vn", "Ký"]
    assert wrap(lines, lambda text: float(len(text)), 12.0) == [
        "Cơ quan: Sở",
        "Nội vụ",
        "nguyenvanan@",
        "hungyen.gov.",
        "vn",
        "Ký",
    ]


def test_the_plain_block_names_signer_mailbox_agency_and_time_in_this_order() -> None:
    moment = datetime(2026, 2, 23, 15, 39, 22, 999, tzinfo=timezone(timedelta(hours=7)))
    signer = SignerInfo(name="Lê Văn Tám", organisation="SỞ NỘI VỤ", email="tam@hungyen.gov.vn")
    assert plain_lines(signer, moment, reason="Phê duyệt", location="Hưng Yên") == (
        "Người ký: Lê Văn Tám",
        "Email: tam@hungyen.gov.vn",
        "Cơ quan: SỞ NỘI VỤ",
        "Lý do: Phê duyệt",
        "Nơi ký: Hưng Yên",
        "Thời gian ký: 2026-02-23T15:39:22+07:00",
    )
    assert plain_lines(SignerInfo(name="C07"), moment) == ("Người ký: C07", "Thời gian ký: 2026-02-23T15:39:22+07:00")
