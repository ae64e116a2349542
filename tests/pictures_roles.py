"""Pictures of roles for the manual, as they stand on a document: `python -m tests.pictures_roles docs/images`.

A decision with blanks goes the way it goes in an agency: initials, leader, number, date and seal; then an annex, a copy
and the copy of the agency that receives it. Places are found from its text; poppler draws it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

from PIL import Image

from gsign import demo_document as form
from gsign.appearance import drawings
from gsign.appearance.drawings import Drawing
from gsign.appearance.placement.corner import find_corner
from gsign.appearance.placement.header import date_font_size, find_date, find_number
from gsign.appearance.placement.incoming import find_incoming
from gsign.appearance.placement.initials import find_initials
from gsign.appearance.placement.leader import find_leader
from gsign.appearance.placement.pages import PageTexts
from gsign.appearance.placement.seal import find_seal
from gsign.place import Place
from gsign.result import VIETNAM
from gsign.signer import Digest
from gsign.signing.placeholder import base_entries
from gsign.signing.revision import plan_field, write_signature
from gsign.signing.seed_values import Offer
from gsign.syntax.reader import Document
from gsign.syntax.source import BytesSource
from tests.rendering import by_poppler
from tests.samples import handwriting, seal

LEADER = "Nguyễn Văn An"
DRAFTER = "Nguyễn Thị Phương Thảo"
AGENCY = "ỦY BAN NHÂN DÂN TỈNH AN HÒA"
RECEIVER = "Sở Khoa học và Công nghệ tỉnh An Hòa"
MOMENT = datetime(2026, 2, 23, 15, 39, 22, tzinfo=VIETNAM)
_DPI = 130
_SEAL_DPI = 500 / 36 * 25.4
_TOP = form._HEIGHT - 20 * form._MM - 12


def decision() -> bytes:
    """Draw a decision whose number and date are blank, with more room for the signature."""
    page = form._Page()
    page.centred(form._LEFT_COLUMN, _TOP, "ỦY BAN NHÂN DÂN", 13)
    page.centred(form._LEFT_COLUMN, _TOP - 16, "TỈNH AN HÒA", 13, "B")
    page.rule(form._LEFT_COLUMN, _TOP - 22, 46)
    page.centred(form._RIGHT_COLUMN, _TOP, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "B")
    page.centred(form._RIGHT_COLUMN, _TOP - 16, "Độc lập - Tự do - Hạnh phúc", 13, "B")
    page.rule(form._RIGHT_COLUMN, _TOP - 22, 160)
    page.centred(form._LEFT_COLUMN, _TOP - 42, "Số:         /QĐ-UBND", 13)
    page.centred(form._RIGHT_COLUMN, _TOP - 42, "An Hòa, ngày       tháng       năm 2026", 13, "I")
    page.centred(form._WIDTH / 2, _TOP - 84, "QUYẾT ĐỊNH", 14, "B")
    page.centred(form._WIDTH / 2, _TOP - 102, "Về việc ký số văn bản điện tử", 14, "B")
    page.rule(form._WIDTH / 2, _TOP - 109, 80)
    y = form._draw_body(page, 610.0)
    form._draw_ending(page, min(y, 282.0), LEADER)
    return form._file(page, "Quyết định")


def letter() -> bytes:
    """Draw an official letter, whose number and date are printed."""
    page = form._Page()
    page.centred(form._LEFT_COLUMN, _TOP, "ỦY BAN NHÂN DÂN", 13)
    page.centred(form._LEFT_COLUMN, _TOP - 16, "TỈNH AN HÒA", 13, "B")
    page.rule(form._LEFT_COLUMN, _TOP - 22, 46)
    page.centred(form._RIGHT_COLUMN, _TOP, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "B")
    page.centred(form._RIGHT_COLUMN, _TOP - 16, "Độc lập - Tự do - Hạnh phúc", 13, "B")
    page.rule(form._RIGHT_COLUMN, _TOP - 22, 160)
    page.centred(form._LEFT_COLUMN, _TOP - 42, "Số: 286/UBND-VP", 13)
    page.centred(form._LEFT_COLUMN, _TOP - 58, "V/v ký số văn bản điện tử", 12)
    page.centred(form._RIGHT_COLUMN, _TOP - 42, "An Hòa, ngày 23 tháng 02 năm 2026", 13, "I")
    page.centred(form._RIGHT_COLUMN, _TOP - 100, "Kính gửi: Các sở, ban, ngành tỉnh.", 13)
    form._draw_body(page, 540.0)
    return form._file(page, "Công văn")


def annex() -> bytes:
    """Draw the first page of an annex."""
    page = form._Page()
    page.centred(form._WIDTH / 2, _TOP, "PHỤ LỤC", 14, "B")
    page.centred(form._WIDTH / 2, _TOP - 18, "DANH MỤC VĂN BẢN PHẢI KÝ SỐ", 14, "B")
    page.centred(form._WIDTH / 2, _TOP - 36, "(Kèm theo Quyết định số 286/QĐ-UBND", 13, "I")
    page.centred(form._WIDTH / 2, _TOP - 52, "ngày 23 tháng 02 năm 2026 của Ủy ban nhân dân tỉnh An Hòa)", 13, "I")
    form._draw_body(page, 660.0)
    return form._file(page, "Phụ lục")


def with_drawing(data: bytes, drawing: Drawing, find: Callable[[PageTexts], Place]) -> bytes:
    """Return a document with a signature field that shows a drawing where it belongs."""
    texts = PageTexts(data, None)
    place = find(texts)
    texts.close()
    document = Document(BytesSource(data))
    offer = Offer(subfilter="", digest=Digest.SHA256, reason=None, certify=None, is_timestamped=False)
    entries = base_entries("ETSI.CAdES.detached", None)
    plan = plan_field(document, None, offer)
    return data + bytes(write_signature(document, plan, entries, 100, place=place, draw=drawing.draw).revision)


def signed() -> bytes:
    """Return the decision as it leaves the agency."""
    data = decision()
    mark = drawings.initials(drawings.initials_of(DRAFTER))
    data = with_drawing(data, mark, lambda texts: find_initials(texts, DRAFTER, mark))
    name = drawings.leader(handwriting(760, 420))
    places = []

    def found(texts: PageTexts) -> Place:
        places.append(find_leader(texts, LEADER, name))
        return places[0]

    data = with_drawing(data, name, found)
    number = drawings.number(286)
    data = with_drawing(data, number, lambda texts: find_number(texts, number))
    texts = PageTexts(data, None)
    size = date_font_size(texts)
    parts = [make(MOMENT, size=size) for make in (drawings.day, drawings.month, drawings.year)]
    dates = find_date(texts, *parts)
    texts.close()
    for part, place in zip(parts, dates, strict=True):
        if place is not None:
            data = with_drawing(data, part, lambda _, place=place: place)
    stamp = drawings.seal(seal(dpi=_SEAL_DPI))
    return with_drawing(data, stamp, lambda texts: find_seal(texts, places[0], stamp))


def main(folder: Path) -> None:
    """Write the pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    decided = by_poppler(signed(), _DPI)
    mark = drawings.annex_mark("286/QĐ-UBND", MOMENT)
    attached = by_poppler(with_drawing(annex(), mark, lambda texts: find_corner(texts, mark)), _DPI)
    copied = drawings.copy_mark("sao-y", "VĂN PHÒNG " + AGENCY, MOMENT.replace(hour=16))
    copy = by_poppler(with_drawing(letter(), copied, lambda texts: find_corner(texts, copied)), _DPI)
    stamp = drawings.incoming_stamp(RECEIVER, 1234, MOMENT.date())
    received = by_poppler(with_drawing(letter(), stamp, lambda texts: find_incoming(texts, stamp)), _DPI)
    pictures = {
        "role-issue": _part(decided, 60, 715, 575, 800),
        "role-leader": _part(decided, 200, 140, 575, 300),
        "role-initials": _part(decided, 60, 290, 575, 350),
        "role-annex": _part(attached, 60, 690, 585, 842),
        "role-copy": _part(copy, 60, 690, 585, 842),
        "role-incoming": _part(received, 60, 590, 585, 800),
        "role-all": decided.resize((decided.width * 5 // 8, decided.height * 5 // 8), Image.Resampling.LANCZOS),
    }
    for name, shown in pictures.items():
        buffer = BytesIO()
        shown.quantize(256).save(buffer, "PNG", optimize=True)
        (folder / f"{name}.png").write_bytes(buffer.getvalue())


def _part(page: Image.Image, left: float, bottom: float, right: float, top: float) -> Image.Image:
    scale = _DPI / 72
    high = page.height / scale
    return page.crop(
        (round(left * scale), round((high - top) * scale), round(right * scale), round((high - bottom) * scale))
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
