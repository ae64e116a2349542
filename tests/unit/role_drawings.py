"""Drawings of each role, as tests draw them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from gsign.appearance import drawings
from gsign.appearance.drawings import Drawing
from tests.samples import handwriting, seal

MOMENT = datetime(2026, 2, 23, 8, 39, 22, 500, tzinfo=UTC)
FEBRUARY = date(2026, 2, 3)
AGENCY = "VĂN PHÒNG ỦY BAN NHÂN DÂN TỈNH HƯNG YÊN"
MM = 72 / 25.4
HALF_A_MM = 0.5 * MM

MAKERS: dict[str, Callable[[], Drawing]] = {
    "leader": lambda: drawings.leader(handwriting()),
    "seal": lambda: drawings.seal(seal(dpi=500 / 36 * 25.4)),
    "initials": lambda: drawings.initials("NTPT"),
    "initials image": lambda: drawings.initials(handwriting(dpi=None)),
    "number": lambda: drawings.number(286),
    "day": lambda: drawings.day(FEBRUARY),
    "month": lambda: drawings.month(FEBRUARY),
    "year": lambda: drawings.year(FEBRUARY),
    "annex": lambda: drawings.annex_mark("286/QĐ-UBND", MOMENT),
    "copy": lambda: drawings.copy_mark("trich-sao", AGENCY, MOMENT),
    "incoming": lambda: drawings.incoming_stamp("Sở Khoa học và Công nghệ tỉnh Hưng Yên", 1234, FEBRUARY),
}
TEXTUAL = ("initials", "number", "day", "month", "year", "annex", "copy", "incoming")
