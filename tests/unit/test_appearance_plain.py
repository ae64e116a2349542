"""A plain signature shows as much as its box has room for."""

from __future__ import annotations

import datetime as dt

import pytest

from gsign.appearance.plain import plain_lines, plain_stamp
from gsign.appearance.stamp import text_stamp
from gsign.errors import UsageError
from gsign.result import SignerInfo

_WHO = SignerInfo(name="Nguyễn Thị Ánh Tuyết", email="nttanhtuyet@hungyen.gov.vn", organisation="UBND TỈNH HƯNG YÊN")
_WHEN = dt.datetime(2026, 2, 23, 15, 39, 22, tzinfo=dt.timezone(dt.timedelta(hours=7)))
_LINES = plain_lines(_WHO, _WHEN)


def test_a_roomy_box_shows_every_line() -> None:
    assert plain_stamp(_LINES, 170, 60).data == text_stamp(_LINES, 170, 60).data


@pytest.mark.parametrize(
    "width, height, shown",
    [(100, 22, (_LINES[0], _LINES[-1])), (100, 12, _LINES[:1]), (58, 10, ("Nguyễn Thị Ánh Tuyết",))],
)
def test_a_small_box_shows_who_before_all(width: float, height: float, shown: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        text_stamp(_LINES, width, height)
    assert plain_stamp(_LINES, width, height).data == text_stamp(shown, width, height).data


def test_a_box_too_small_for_a_name_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        plain_stamp(_LINES, 12, 8)
    assert refused.value.code == "appearance-too-small"
