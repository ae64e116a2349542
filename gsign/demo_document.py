"""An official document in the form of Decree 30/2020/NĐ-CP, drawn for the demo: a decision on one A4 page."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from gsign.appearance.embed import EmbeddedFont, embedded_font
from gsign.place import POINTS
from gsign.syntax.complete import write_file
from gsign.syntax.objects import Indirect, Name, Ref, Stream, text_string

__all__ = ["SIGNATURE_PLACE", "decision"]

_WIDTH, _HEIGHT = 595.28, 841.89
# Appendix I, part I, section I.2: 20 mm above and below, 30 mm on the left, 15 mm on the right.
_LEFT, _RIGHT = 30 * POINTS, _WIDTH - 15 * POINTS
_LEFT_COLUMN, _RIGHT_COLUMN = 168.0, 410.0

SIGNATURE_PLACE = (1, 318.0, 196.0, 190.0, 66.0)
"""Page, lower-left corner and size of the room between the signer's post and name, in points."""

_BLANK = "\N{NO-BREAK SPACE}" * 5

_PREAMBLE = (
    "Căn cứ Luật Tổ chức chính quyền địa phương;",
    "Căn cứ Luật Giao dịch điện tử ngày 22 tháng 6 năm 2023;",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
    "Theo đề nghị của Chánh Văn phòng Ủy ban nhân dân tỉnh.",
)
_ARTICLES = (
    (
        "Điều 1. Văn bản điện tử do Ủy ban nhân dân tỉnh phát hành phải được ký số bằng khóa lưu trong thiết bị "
        "của người có thẩm quyền và của cơ quan, trước khi gửi qua hệ thống thư điện tử công vụ."
    ),
    (
        "Điều 2. Văn thư các cơ quan, đơn vị kiểm tra tính xác thực và tính toàn vẹn của văn bản điện tử "
        "khi tiếp nhận; văn bản không bảo đảm thì trả lại nơi gửi và nêu rõ lý do."
    ),
    (
        "Điều 3. Quyết định này có hiệu lực kể từ ngày ký. Chánh Văn phòng Ủy ban nhân dân tỉnh, Thủ trưởng "
        "các sở, ban, ngành và các tổ chức, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này./."
    ),
)
_RECIPIENTS = ("- Như Điều 3;", "- Chủ tịch, các Phó Chủ tịch;", "- Lưu: VT, CNTT.")


@dataclass
class _Page:
    """A page being drawn from the top; fonts are subset once all text is known."""

    runs: list[tuple[float, float, float, str, str]] = field(default_factory=list)
    rules: list[tuple[float, float, float]] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, size: float, style: str = "") -> None:
        self.runs.append((x, y, size, style, text))

    def centred(self, x: float, y: float, text: str, size: float, style: str = "") -> None:
        self.text(x - _font(style, text).advance(text) * size / 2, y, text, size, style)

    def rule(self, x: float, y: float, width: float) -> None:
        self.rules.append((x - width / 2, y, width))

    def paragraph(self, y: float, text: str, size: float, style: str = "") -> float:
        """Draw a justified paragraph, its first line indented by 1 cm, and return where the next may start."""
        lines = list(_wrapped(text, size, style))
        for number, line in enumerate(lines):
            left = _LEFT + (10 * POINTS if number == 0 else 0)
            self._justified(left, y, line, size, style, stretch=number < len(lines) - 1)
            y -= size * 1.35
        return y - 4

    def _justified(self, x: float, y: float, words: list[str], size: float, style: str, *, stretch: bool) -> None:
        font = _font(style, " ".join(words))
        space = font.advance(" ") * size
        if stretch and len(words) > 1:
            inked = sum(font.advance(word) for word in words) * size
            space = (_RIGHT - x - inked) / (len(words) - 1)
        for word in words:
            self.text(x, y, word, size, style)
            x += font.advance(word) * size + space

    def content(self, fonts: dict[str, EmbeddedFont]) -> bytes:
        parts = [
            f"BT /F{style} {size:g} Tf {x:.2f} {y:.2f} Td {fonts[style].show(text)} ET"
            for x, y, size, style, text in self.runs
        ]
        parts += [f"0.6 w {x:.2f} {y:.2f} m {x + width:.2f} {y:.2f} l S" for x, y, width in self.rules]
        return "\n".join(parts).encode("ascii")

    def fonts(self) -> dict[str, EmbeddedFont]:
        styles = {style for *_, style, _text in self.runs}
        return {s: _font(s, "".join(text for *_, style, text in self.runs if style == s)) for s in styles}


def _font(style: str, text: str) -> EmbeddedFont:
    return embedded_font(text, bold="B" in style, italic="I" in style)


def _wrapped(text: str, size: float, style: str) -> Iterator[list[str]]:
    font = _font(style, text)
    room = (_RIGHT - _LEFT) / size
    line: list[str] = []
    width = 10 * POINTS / size
    for word in text.split():
        if line and width + font.advance(" ".join([*line, word])) > room:
            yield line
            line, width = [], 0.0
        line.append(word)
    yield line


def decision(day: date, signer: str, *, number: str | None) -> bytes:
    """Draw the decision and return it as a PDF file.

    Args:
        day: date of the document.
        signer: full name under the signature.
        number: of the document; None leaves blanks for it, the day and the month, as before a document is issued.
    """
    page = _Page()
    _draw_heading(page, day, number)
    y = _draw_body(page, 610.0)
    _draw_ending(page, min(y, 282.0), signer)
    page.centred(_WIDTH / 2, 34, "Văn bản mẫu do gsign tạo để thử nghiệm, không có giá trị pháp lý.", 8, "I")
    return _file(page, "Quyết định về việc ký số văn bản điện tử")


def _draw_heading(page: _Page, day: date, number: str | None) -> None:
    top = _HEIGHT - 20 * POINTS - 12
    page.centred(_LEFT_COLUMN, top, "ỦY BAN NHÂN DÂN", 13)
    page.centred(_LEFT_COLUMN, top - 16, "TỈNH AN HÒA", 13, "B")
    page.rule(_LEFT_COLUMN, top - 22, 46)
    page.centred(_RIGHT_COLUMN, top, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "B")
    page.centred(_RIGHT_COLUMN, top - 16, "Độc lập - Tự do - Hạnh phúc", 13, "B")
    page.rule(_RIGHT_COLUMN, top - 22, 160)
    # Days below 10 and the months 1 and 2 have a leading zero.
    written = f"{day.day:02}", f"{day.month:02}" if day.month < 3 else str(day.month)
    days, months = written if number else (_BLANK, _BLANK)
    page.centred(_LEFT_COLUMN, top - 42, f"Số: {number or _BLANK + _BLANK}/QĐ-UBND", 13)
    page.centred(_RIGHT_COLUMN, top - 42, f"An Hòa, ngày {days} tháng {months} năm {day.year}", 13, "I")
    page.centred(_WIDTH / 2, top - 84, "QUYẾT ĐỊNH", 14, "B")
    page.centred(_WIDTH / 2, top - 102, "Về việc ký số văn bản điện tử", 14, "B")
    page.rule(_WIDTH / 2, top - 109, 80)


def _draw_body(page: _Page, y: float) -> float:
    page.centred(_WIDTH / 2, y, "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH AN HÒA", 13, "B")
    y -= 26
    for line in _PREAMBLE:
        y = page.paragraph(y, line, 13, "I")
    page.centred(_WIDTH / 2, y - 6, "QUYẾT ĐỊNH:", 13, "B")
    y -= 30
    for line in _ARTICLES:
        y = page.paragraph(y, line, 13)
    return y


def _draw_ending(page: _Page, y: float, signer: str) -> None:
    page.text(_LEFT, y, "Nơi nhận:", 12, "BI")
    for number, line in enumerate(_RECIPIENTS, 1):
        page.text(_LEFT, y - 14 * number, line, 11)
    page.centred(_RIGHT_COLUMN, y, "CHỦ TỊCH", 13, "B")
    page.centred(_RIGHT_COLUMN, SIGNATURE_PLACE[2] - 18, signer, 13, "B")


def _file(page: _Page, title: str) -> bytes:
    """Write a PDF 1.7 file of one page (ISO 32000-1 7.5)."""
    fonts = page.fonts()
    sheet = {
        "Type": Name("Page"),
        "Parent": Ref(2),
        "MediaBox": [0, 0, _WIDTH, _HEIGHT],
        "Resources": {"Font": {f"F{style}": font.resource for style, font in fonts.items()}},
        "Contents": Stream({"Filter": Name("FlateDecode")}, zlib.compress(page.content(fonts))),
    }
    tree = Indirect({"Type": Name("Pages"), "Kids": [Indirect(sheet)], "Count": 1})
    catalog = {"Type": Name("Catalog"), "Pages": tree, "Lang": b"vi", "ViewerPreferences": {"DisplayDocTitle": True}}
    return write_file(catalog, {"Title": text_string(title), "Producer": b"gsign"})
