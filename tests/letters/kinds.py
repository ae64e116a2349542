"""Kinds of documents, each as offices write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.letters import parts
from tests.letters.model import LEADER, Letter, Refused, finished, letter
from tests.letters.parts import LEFT, RIGHT
from tests.letters.sheet import Sheet

FILLED = Refused("place-taken", "number-line-filled-in")
DATED = Refused("place-taken", "date-line-filled-in")
TIGHT = Refused("place-taken", "blank-too-small")
CROWDED = Refused("place-taken", "no-room-under-number")


def decision(
    *,
    form: Any = "NFC",
    way: Any = "lines",
    titles: Sequence[str] = ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
    printed: str = LEADER,
    signer: str = LEADER,
    number: tuple[str, str, str] = ("Số:", "             ", "/QĐ-UBND"),
    date: Sequence[str] = ("Hưng Yên, ngày", "        ", "tháng", "        ", "năm 2026"),
    runs: bool = False,
    more: Sequence[str] = (),
    extra_pages: int = 0,
    to: Sequence[str] = (),
    **block: Any,
) -> Letter:
    """A decision of a people's committee (quyết định)."""
    sheet = Sheet(form, way=way)
    parts.heading(sheet)
    blank = parts.number(sheet, *number, runs=runs)
    dates = parts.date(sheet, date, runs=runs)
    parts.title(sheet, "QUYẾT ĐỊNH", "Về việc kiện toàn Ban Chỉ đạo")
    last = parts.body(sheet, 615, more=more)
    base = last.base - 40
    if extra_pages:
        parts.fill(sheet, extra_pages)
        sheet.next_page()
        last = sheet.words("Chánh Văn phòng và các cá nhân có liên quan chịu trách nhiệm thi hành./.", LEFT, RIGHT, 760)
        last = last._replace(left=LEFT)
        base = 720
    parts.recipients(sheet, base, to)
    signing = parts.signing(sheet, base, titles, printed, **block)
    return finished(
        sheet,
        leader=signing,
        number=blank,
        day=dates[0],
        month=dates[1],
        year=dates[2] if len(dates) > 2 else None,
        last=None if extra_pages else last,
    )._replace(signer=signer)


def official_letter(*, titles: Sequence[str] = ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), short: bool = False) -> Letter:
    """A letter of a department (công văn): its subject stands under the number."""
    sheet = Sheet()
    parts.heading(sheet, ("UBND TỈNH HƯNG YÊN", "SỞ NỘI VỤ"))
    number = parts.number(sheet, "Số:", "           ", "/SNV-CCVC")
    dates = parts.date(sheet)
    for row, line in enumerate(("V/v triển khai chữ ký số trong", "hệ thống hộp thư công vụ")):
        sheet.write(line, parts.AGENCY_AXIS, 728 - 14 * row, size=12, align="centre")
    sheet.write("Kính gửi: Các sở, ban, ngành tỉnh.", 240, 590, size=14)
    last = parts.body(sheet, 560, paragraphs=0 if short else 2)
    parts.recipients(sheet, last.base - 40, ("- Như trên;", "- Lưu: VT, CCVC."))
    signing = parts.signing(sheet, last.base - 40, titles, LEADER)
    return finished(sheet, leader=signing, number=number, day=dates[0], month=dates[1], last=last)


def report() -> Letter:
    """A report with a table (báo cáo)."""
    sheet = Sheet()
    parts.heading(sheet, ("UBND TỈNH HƯNG YÊN", "VĂN PHÒNG"))
    number = parts.number(sheet, "Số:", "           ", "/BC-VP")
    dates = parts.date(sheet)
    parts.title(sheet, "BÁO CÁO", "Kết quả sử dụng hộp thư công vụ 6 tháng đầu năm")
    base = 612.0
    rows = [("TT", "Cơ quan", "Số văn bản"), ("1", "Sở Nội vụ", "1.204"), ("2", "Sở Y tế", "987"), ("3", LEADER, "3")]
    for row, cells in enumerate(rows):
        for cell, x in zip(cells, (LEFT + 10, LEFT + 60, LEFT + 300), strict=True):
            sheet.write(cell, x, base - 20 * row)
        sheet.line(LEFT, base - 20 * row - 6, RIGHT, base - 20 * row - 6)
    sheet.line(LEFT, base + 14, RIGHT, base + 14)
    for x in (LEFT, LEFT + 50, LEFT + 290, RIGHT):
        sheet.line(x, base + 14, x, base - 66)
    last = sheet.write("Trên đây là báo cáo kết quả 6 tháng đầu năm./.", LEFT + 28, 530)
    parts.recipients(sheet, 490)
    signing = parts.signing(sheet, 490, ["CHÁNH VĂN PHÒNG"], LEADER)
    return finished(sheet, leader=signing, number=number, day=dates[0], month=dates[1], last=last, incoming=CROWDED)


def invitation() -> Letter:
    """An invitation (giấy mời), signed by order."""
    sheet = Sheet()
    parts.heading(sheet, ("ỦY BAN NHÂN DÂN", "HUYỆN VĂN GIANG"))
    number = parts.number(sheet, "Số: ", "…………", "/GM-UBND")
    dates = parts.date(sheet, ("Văn Giang, ngày ", "……", " tháng ", "……", " năm 2026"))
    parts.title(sheet, "GIẤY MỜI", "Họp triển khai Đề án 06")
    for row, line in enumerate(
        ("Thời gian: 08 giờ 00 phút, ngày 15 tháng 3 năm 2026.", "Địa điểm: Phòng họp số 2.", f"Chủ trì: ông {LEADER}.")
    ):
        sheet.write(line, LEFT + 28, 622 - 20 * row, size=14)
    last = sheet.write("Kính mời các đại biểu đến dự họp đúng thời gian, địa điểm nêu trên./.", LEFT + 28, 570, size=14)
    parts.recipients(sheet, 530)
    signing = parts.signing(sheet, 530, ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"], LEADER)
    return finished(sheet, leader=signing, number=number, day=dates[0], month=dates[1], last=last)


def schedule() -> Letter:
    """A week's schedule (lịch công tác): a table with names, a block below it."""
    sheet = Sheet()
    parts.heading(sheet)
    number = parts.number(sheet, "Số: ", "........", "/LCT-UBND")
    dates = parts.date(sheet, ("Hưng Yên, ngày ", ".....", " tháng ", ".....", " năm 2026"))
    parts.title(sheet, "LỊCH CÔNG TÁC TUẦN 12", "Từ ngày 16/3/2026 đến ngày 20/3/2026")
    rows = (("Thứ hai", "CHỦ TỊCH"), ("", LEADER), ("Thứ ba", "PHÓ CHỦ TỊCH"), ("", "Trần Thị Lan"))
    for row, (day, who) in enumerate(rows):
        base = 612 - 20 * row
        sheet.write(day, LEFT + 10, base)
        sheet.write(who, LEFT + 150, base)
        sheet.line(LEFT, base - 5, RIGHT, base - 5)
    parts.recipients(sheet, 480)
    signing = parts.signing(sheet, 480, ["KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"], LEADER)
    return finished(sheet, leader=signing, number=number, day=dates[0], month=dates[1])


def minutes(*, signer: str = LEADER, names: Sequence[str] = ("Trần Thị Lan", LEADER), pages: int = 0) -> Letter:
    """Minutes (biên bản): secretary and chair sign side by side, and no date is left blank."""
    sheet = Sheet()
    parts.heading(sheet, ("SỞ TƯ PHÁP", "PHÒNG HÀNH CHÍNH"))
    sheet.write("Số: 05/BB-STP", parts.AGENCY_AXIS, 745, align="centre")
    parts.title(sheet, "BIÊN BẢN", "Họp giao ban tháng 3 năm 2026")
    last = parts.body(sheet, 618, more=(f"Chủ tọa: ông {LEADER}, Giám đốc Sở; Thư ký: bà Trần Thị Lan, chuyên viên.",))
    if pages:
        parts.fill(sheet, pages)
        sheet.next_page()
    base = 700 if pages else last.base - 40
    left = parts.signing(sheet, base, ["THƯ KÝ"], names[0], axis=190, note="(Ký, ghi rõ họ tên)")
    right = parts.signing(sheet, base, ["CHỦ TỌA"], names[1], axis=420, note="(Ký, ghi rõ họ tên)")
    due = left if signer == names[0] else right
    undated = Refused("place-not-found", "no-date-line")
    return finished(sheet, leader=due, number=FILLED, day=undated)._replace(signer=signer)


def three_signers(signer: str) -> Letter:
    """A voucher: three people sign side by side in narrow columns."""
    sheet = Sheet()
    parts.heading(sheet, ("SỞ TÀI CHÍNH", "VĂN PHÒNG"))
    parts.title(sheet, "PHIẾU CHI", "Chi mua văn phòng phẩm")
    sheet.write("Hưng Yên, ngày 02 tháng 3 năm 2026", 420, 560, style="italic", align="centre")
    people = {
        "Phạm Thị Mai": ("NGƯỜI LẬP PHIẾU", 150),
        "Đỗ Đình Đức": ("KẾ TOÁN TRƯỞNG", 310),
        LEADER: ("GIÁM ĐỐC", 470),
    }
    blocks = {
        name: parts.signing(sheet, 540, [post], name, axis=axis, blank=70, size=12)
        for name, (post, axis) in people.items()
    }
    return finished(sheet, leader=blocks[signer])._replace(signer=signer)


def proposal() -> Letter:
    """A proposal (tờ trình) of a party's office: another form of number, a star line instead of the national title."""
    sheet = Sheet()
    sheet.write("TỈNH ỦY HƯNG YÊN", parts.AGENCY_AXIS, 780, align="centre")
    sheet.write("*", parts.AGENCY_AXIS, 764, align="centre")
    sheet.write("ĐẢNG CỘNG SẢN VIỆT NAM", parts.STATE_AXIS, 780, style="bold", size=15, align="centre")
    sheet.line(310, 774, 500, 774)
    number = parts.number(sheet, "Số", "           ", "-TTr/TU", base=744)
    dates = parts.date(sheet, base=744)
    parts.title(sheet, "TỜ TRÌNH", "về việc ban hành quy chế làm việc")
    last = parts.body(sheet, 618)
    parts.recipients(sheet, last.base - 40)
    signing = parts.signing(sheet, last.base - 40, ["T/M BAN THƯỜNG VỤ", "PHÓ BÍ THƯ"], LEADER)
    return finished(sheet, leader=signing, number=number, day=dates[0], month=dates[1], last=last)


def notice(rank: str, name: str = LEADER) -> Letter:
    """A notice of the police (thông báo): a rank before the name."""
    sheet = Sheet()
    parts.heading(sheet, ("CÔNG AN TỈNH", "PHÒNG PV01"))
    number = parts.number(sheet, "Số: ", "_______", "/TB-PV01")
    dates = parts.date(sheet, ("Hưng Yên, ngày ", "____", " tháng ", "____", " năm 2026"))
    parts.title(sheet, "THÔNG BÁO", "Kết luận của lãnh đạo Phòng")
    last = parts.body(sheet, 618)
    parts.recipients(sheet, last.base - 40)
    signing = parts.signing(sheet, last.base - 40, ["TRƯỞNG PHÒNG"], f"{rank}{name}")
    return finished(sheet, leader=signing, number=number, day=dates[0], month=dates[1], last=last)._replace(signer=name)


def plan() -> Letter:
    """A plan (kế hoạch) whose signature block stands alone on the last page."""
    sheet = Sheet()
    parts.heading(sheet)
    number = parts.number(sheet, "Số:", "           ", "/KH-UBND")
    dates = parts.date(sheet)
    parts.title(sheet, "KẾ HOẠCH", "Cải cách hành chính năm 2026")
    parts.body(sheet, 618)
    parts.fill(sheet, 1)
    sheet.next_page()
    sheet.write("3", sheet.width / 2, 805, align="centre")
    parts.recipients(sheet, 765)
    signing = parts.signing(sheet, 765, ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"], LEADER)
    return finished(sheet, leader=signing, number=number, day=dates[0], month=dates[1])


def law() -> Letter:
    """A resolution of a council whose annex in the same file names the signer without a block (nghị quyết)."""
    sheet = Sheet()
    parts.heading(sheet, ("HỘI ĐỒNG NHÂN DÂN", "TỈNH HƯNG YÊN"))
    number = parts.number(sheet, "Số:", "          ", "/2026/NQ-HĐND")
    dates = parts.date(sheet)
    parts.title(sheet, "NGHỊ QUYẾT", "Về dự toán ngân sách năm 2026")
    last = parts.body(sheet, 618)
    parts.recipients(sheet, last.base - 40)
    signing = parts.signing(sheet, last.base - 40, ["CHỦ TỊCH"], LEADER)
    sheet.next_page()
    sheet.write("PHỤ LỤC", sheet.width / 2, 760, style="bold", align="centre")
    for row, line in enumerate(("DANH SÁCH", f"1. {LEADER}", "2. Trần Thị Lan")):
        sheet.write(line, LEFT, 720 - 20 * row)
    sheet.write(LEADER, 330, 700)
    sheet.write("Chủ tịch", 330, 720)
    return finished(sheet, leader=signing, number=number, day=dates[0], month=dates[1])


letter("decision")(decision)
letter("official-letter")(official_letter)
letter("official-letter-short", short=True, titles=("TUQ. GIÁM ĐỐC", "TRƯỞNG PHÒNG CÔNG CHỨC"))(official_letter)
letter("report-with-table")(report)
letter("invitation")(invitation)
letter("schedule")(schedule)
letter("minutes-chair")(minutes)
letter("minutes-secretary", signer="Trần Thị Lan")(minutes)
letter("minutes-long", pages=3)(minutes)
letter("proposal-of-the-party")(proposal)
letter("plan-block-alone-on-last-page")(plan)
letter("resolution-with-annex")(law)
for _who in ("Phạm Thị Mai", "Đỗ Đình Đức", LEADER):
    letter(f"three-signers-{_who.split()[-1]}", signer=_who)(three_signers)
_RANKS = {
    "senior-colonel": "Đại tá ",
    "colonel": "Thượng tá ",
    "doctor": "PGS.TS. ",
    "both": "Thiếu tướng, TS ",
    "master": "ThS.",
}
for _key, _rank in _RANKS.items():
    letter(f"notice-{_key}", rank=_rank)(notice)
