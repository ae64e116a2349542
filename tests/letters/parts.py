"""The parts that documents of agencies are made of, set as Decree 30/2020, Appendix I asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.letters.sheet import Sheet, Style, Text, width_of

LEFT, RIGHT = 85.0, 546.0
AGENCY_AXIS, STATE_AXIS = 165.0, 405.0
BLOCK_AXIS = 425.0

_CITATIONS = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015 và Luật sửa đổi, bổ sung một",
    "số điều của Luật Tổ chức Chính phủ và Luật Tổ chức chính quyền địa phương ngày 22 tháng 11 năm 2019;",
    "Căn cứ Nghị định số: 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
    "Xét đề nghị của Giám đốc Sở Nội vụ tại Tờ trình số 112/TTr-SNV ngày 10 tháng 02 năm 2026,",
)
_PARAGRAPH = (
    "Các cơ quan, đơn vị có trách nhiệm tổ chức thực hiện nhiệm vụ được giao bảo đảm đúng tiến độ và chất",
    "lượng; kịp thời báo cáo những khó khăn, vướng mắc phát sinh để được xem xét, giải quyết theo quy định.",
    "Văn phòng có trách nhiệm theo dõi, đôn đốc và tổng hợp kết quả thực hiện trước ngày 25 hằng tháng.",
)


class Blank(NamedTuple):
    """Where something is to be filled in: the middle of the blank, its base line and width."""

    page: int
    axis: float
    base: float
    width: float


class Signing(NamedTuple):
    """A signature block as it was set."""

    page: int
    axis: float
    title_base: float
    name: Text

    @property
    def middle(self) -> float:
        """Height of the middle between the title's base line and the capitals of the name."""
        return (self.title_base + self.name.base + 0.66 * self.name.size) / 2


def heading(sheet: Sheet, agency: Sequence[str] = ("ỦY BAN NHÂN DÂN", "TỈNH HƯNG YÊN"), top: float = 780) -> None:
    """Set the agency's name and the national title, with the lines under them."""
    for row, name in enumerate(agency):
        last = row == len(agency) - 1
        sheet.write(name, AGENCY_AXIS, top - 16 * row, style="bold" if last else "regular", size=12.5, align="centre")
    sheet.line(AGENCY_AXIS - 30, top - 16 * len(agency) + 10, AGENCY_AXIS + 30, top - 16 * len(agency) + 10)
    sheet.write("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", STATE_AXIS, top, style="bold", size=12, align="centre")
    sheet.write("Độc lập - Tự do - Hạnh phúc", STATE_AXIS, top - 16, style="bold", size=13, align="centre")
    sheet.line(STATE_AXIS - 82, top - 22, STATE_AXIS + 82, top - 22)


def number(sheet: Sheet, before: str, filler: str, after: str, base: float = 745, *, runs: bool = False) -> Blank:
    """Set the line of the number; `filler` is what stands in the blank.

    Args:
        sheet: where.
        before: such as `Số:`.
        filler: spaces, dots, underscores.
        after: such as `/QĐ-UBND`.
        base: of the line.
        runs: whether what stands before and after the blank is set apart, with nothing between.
    """
    whole = before + filler + after
    left = AGENCY_AXIS - width_of(whole) / 2
    start = left + width_of(before)
    width = width_of(filler)
    if runs:
        sheet.write(before, left, base)
        sheet.write(after, start + width, base)
    else:
        sheet.write(whole, left, base)
    return Blank(sheet.page, start + width / 2, base, width)


def date(
    sheet: Sheet,
    pieces: Sequence[str] = ("Hưng Yên, ngày", "       ", "tháng", "       ", "năm 2026"),
    base: float = 745,
    *,
    size: float = 14,
    runs: bool = False,
) -> list[Blank]:
    """Set the line of place and date from words and fillers in turn; return the fillers' places."""
    whole = "".join(pieces)
    x = STATE_AXIS - width_of(whole, "italic", size) / 2
    if not runs:
        sheet.write(whole, x, base, style="italic", size=size)
    blanks = []
    for index, piece in enumerate(pieces):
        width = width_of(piece, "italic", size)
        if index % 2:
            blanks.append(Blank(sheet.page, x + width / 2, base, width))
        elif runs:
            sheet.write(piece, x, base, style="italic", size=size)
        x += width
    return blanks


def title(sheet: Sheet, words: str, about: str, base: float = 685) -> None:
    sheet.write(words, sheet.width / 2, base, style="bold", size=14, align="centre")
    sheet.write(about, sheet.width / 2, base - 18, style="bold", size=14, align="centre")
    sheet.line(sheet.width / 2 - 50, base - 25, sheet.width / 2 + 50, base - 25)


def body(sheet: Sheet, base: float, paragraphs: int = 2, *, more: Sequence[str] = (), end: str = "./.") -> Text:
    """Set citations and paragraphs downwards from a base line; return the last line."""
    for line in (*_CITATIONS, *more):
        sheet.words(line, LEFT, RIGHT, base)
        base -= 18
    for number_ in range(paragraphs):
        sheet.write(f"Điều {number_ + 1}.", LEFT + 28, base, style="bold")
        base -= 18
        for line in _PARAGRAPH:
            sheet.words(line, LEFT, RIGHT, base)
            base -= 18
    return sheet.write(f"Quyết định này có hiệu lực thi hành kể từ ngày ký{end}", LEFT + 28, base)


def fill(sheet: Sheet, pages: int) -> None:
    """Set whole pages of text, each with its number on top."""
    for _ in range(pages):
        sheet.next_page()
        sheet.write(str(sheet.page), sheet.width / 2, 805, align="centre")
        base = 775.0
        while base > 80:
            for line in _PARAGRAPH:
                sheet.words(line, LEFT, RIGHT, base)
                base -= 18


def recipients(sheet: Sheet, base: float, lines: Sequence[str] = ()) -> None:
    sheet.write("Nơi nhận:", LEFT, base, style="bold-italic", size=12)
    for row, line in enumerate(lines or ("- Như Điều 3;", "- Chủ tịch, các PCT UBND tỉnh;", "- Lưu: VT, NC.")):
        sheet.write(line, LEFT, base - 14 * (row + 1), size=11)


def signing(
    sheet: Sheet,
    base: float,
    titles: Sequence[str],
    name: str,
    *,
    axis: float = BLOCK_AXIS,
    blank: float = 90,
    style: Style = "bold",
    size: float = 14,
    letter_space: float = 0.0,
    note: str = "",
) -> Signing:
    """Set a signature block: titles downwards from a base line, and the name below the blank.

    Args:
        sheet: where.
        base: of the first title.
        titles: lines.
        name: as printed.
        axis: of the column.
        blank: from the last base line above to that of the name.
        style: of all lines.
        size: of all lines.
        letter_space: between the letters of titles and name.
        note: in brackets under the titles.
    """
    for row, line in enumerate(titles):
        sheet.write(line, axis, base - 17 * row, style=style, size=size, align="centre", letter_space=letter_space)
    last = base - 17 * (len(titles) - 1)
    if note:
        last -= 16
        sheet.write(note, axis, last, style="italic", size=12, align="centre")
    written = sheet.write(name, axis, last - blank, style=style, size=size, align="centre", letter_space=letter_space)
    return Signing(sheet.page, axis, last, written)
