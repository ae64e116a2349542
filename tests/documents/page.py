"""What stands on the pages: an official document in Vietnamese, set in an embedded font."""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass

import font_source_serif_pro  # type: ignore[import-untyped]
from fontTools import subset
from fontTools.ttLib import TTFont

from tests.documents.raw import Draft, stream

A4 = (595, 842)

# (text, x, y, size) of a decision with its number, date and signature still blank.
DECISION = (
    ("ỦY BAN NHÂN DÂN", 80, 780, 13),
    ("TỈNH HƯNG YÊN", 90, 763, 13),
    ("Số:        /QĐ-UBND", 85, 738, 13),
    ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 270, 780, 13),
    ("Độc lập - Tự do - Hạnh phúc", 320, 763, 13),
    ("Hưng Yên, ngày      tháng      năm 2026", 300, 738, 13),
    ("QUYẾT ĐỊNH", 255, 690, 14),
    ("Về việc ứng dụng chữ ký số chuyên dùng công vụ", 150, 670, 14),
    ("Điều 1. Văn bản gửi qua thư điện tử công vụ phải được ký số.", 85, 620, 13),
    ("Điều 2. Quyết định này có hiệu lực kể từ ngày ký.", 85, 600, 13),
    ("Nơi nhận:", 85, 300, 12),
    ("- Như Điều 2;", 85, 285, 11),
    ("- Lưu: VT, NV.", 85, 271, 11),
    ("CHỦ TỊCH", 400, 300, 13),
    ("Trần Quốc Văn", 385, 200, 13),
)
_PAGE_WORDS = "Trang Phụ lục 0123456789"


@dataclass(frozen=True)
class EmbeddedFont:
    """A subset ready to be embedded, and how its characters are shown."""

    program: bytes
    glyphs: dict[str, int]
    widths: dict[int, int]
    ascent: int
    descent: int
    box: tuple[int, int, int, int]

    def show(self, text: str) -> bytes:
        """Return `text` as a hexadecimal string in Identity-H."""
        return b"<" + b"".join(b"%04x" % self.glyphs[c] for c in text) + b">"


@functools.cache
def font() -> EmbeddedFont:
    """Subset Source Serif Pro, which the project depends on, to the characters used here."""
    path = font_source_serif_pro.font_files_ttf["SourceSerifPro"]
    whole = TTFont(path, recalcTimestamp=False)
    characters = sorted({c for text, *_ in DECISION for c in text} | set(_PAGE_WORDS))
    options = subset.Options(glyph_names=False, hinting=False, layout_features=[], notdef_outline=True)
    tool = subset.Subsetter(options)
    tool.populate(text="".join(characters))
    tool.subset(whole)
    out = io.BytesIO()
    whole.save(out)
    cut = TTFont(io.BytesIO(out.getvalue()))
    scale = 1000 / cut["head"].unitsPerEm
    names, order = cut.getBestCmap(), cut.getGlyphOrder()
    glyphs = {c: order.index(names[ord(c)]) for c in characters}
    widths = {i: round(cut["hmtx"][name][0] * scale) for i, name in enumerate(order)}
    head = cut["head"]
    box = (round(head.xMin * scale), round(head.yMin * scale), round(head.xMax * scale), round(head.yMax * scale))
    return EmbeddedFont(
        out.getvalue(), glyphs, widths, round(cut["hhea"].ascent * scale), round(cut["hhea"].descent * scale), box
    )


def decision_content() -> bytes:
    """Return the content stream of the decision, black in DeviceGray."""
    lines = [b"BT 0 g /F1 %d Tf 1 0 0 1 %d %d Tm %s Tj ET" % (size, x, y, font().show(t)) for t, x, y, size in DECISION]
    return b"\n".join(lines)


def numbered_content(number: int) -> bytes:
    """Return the content stream of a further page, which says its number."""
    return b"BT 0 g /F1 13 Tf 1 0 0 1 85 760 Tm %s Tj ET" % font().show(f"Trang {number}")


def add_font(draft: Draft) -> int:
    """Add the font as a Type0 font with Identity-H and return its number."""
    face = font()
    program = draft.add(stream(face.program, b"/Length1 %d" % len(face.program)))
    box = b" ".join(b"%d" % v for v in face.box)
    descriptor = draft.add(
        b"<</Type /FontDescriptor /FontName /ABCDEF+SourceSerifPro /Flags 4 /FontBBox [%s] /ItalicAngle 0 /Ascent %d"
        b" /Descent %d /CapHeight 670 /StemV 80 /FontFile2 %d 0 R>>" % (box, face.ascent, face.descent, program)
    )
    widths = b" ".join(b"%d" % face.widths[i] for i in sorted(face.widths))
    descendant = draft.add(
        b"<</Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+SourceSerifPro /CIDSystemInfo <</Registry (Adobe)"
        b" /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /CIDToGIDMap /Identity /DW 1000 /W [0 [%s]]>>"
        % (descriptor, widths)
    )
    unicode_map = draft.add(stream(_to_unicode(face)))
    return draft.add(
        b"<</Type /Font /Subtype /Type0 /BaseFont /ABCDEF+SourceSerifPro /Encoding /Identity-H"
        b" /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>" % (descendant, unicode_map)
    )


def _to_unicode(face: EmbeddedFont) -> bytes:
    pairs = sorted({glyph: c for c, glyph in face.glyphs.items()}.items())
    blocks = []
    for start in range(0, len(pairs), 100):
        lines = [b"<%04x> <%s>" % (g, c.encode("utf-16-be").hex().encode()) for g, c in pairs[start : start + 100]]
        blocks.append(b"%d beginbfchar\n%s\nendbfchar" % (len(lines), b"\n".join(lines)))
    return (
        b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe)"
        b" /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        b"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n%s\nendcmap\nCMapName currentdict /CMap"
        b" defineresource pop\nend\nend" % b"\n".join(blocks)
    )


@dataclass
class Layout:
    """Numbers of the objects that variants change."""

    draft: Draft
    pages: int
    page_numbers: list[int]
    contents: list[int]
    font: int

    @property
    def first(self) -> int:
        """The first page's number."""
        return self.page_numbers[0]


def document(
    pages: int = 1, *, catalog: bytes = b"", page: bytes = b"", root_pages: bytes = b"", version: str = "1.7",
    box: bytes = b"/MediaBox [0 0 595 842]", resources: bool = True,
) -> Layout:  # fmt: skip
    """Draft a document: object 1 the catalog, 2 the page tree, the decision on the first page.

    Args:
        pages: how many; the first is the decision, the others say their number.
        catalog: further entries of the catalog.
        page: further entries of every page.
        root_pages: further entries of the page tree's root.
        version: of the header.
        box: the page's boxes.
        resources: whether each page names its resources itself.
    """
    draft = Draft(version=version)
    draft.objects = {1: b"", 2: b""}
    face = add_font(draft)
    contents, numbers = [], []
    own = b" /Resources <</Font <</F1 %d 0 R>>>>" % face if resources else b""
    for index in range(pages):
        contents.append(draft.add(stream(decision_content() if index == 0 else numbered_content(index + 1))))
        entries = b" ".join(part for part in (box, page) if part)
        numbers.append(draft.add(
            b"<</Type /Page /Parent 2 0 R %s%s /Contents %d 0 R>>" % (entries, own, contents[-1])
        ))  # fmt: skip
    draft.info = draft.add(
        b"<</Title <feff%s> /Producer (gsign tests)>>" % "Quyết định".encode("utf-16-be").hex().encode()
    )
    kids = b" ".join(b"%d 0 R" % n for n in numbers)
    draft.objects[1] = b"<</Type /Catalog /Pages 2 0 R%s>>" % (b" " + catalog if catalog else b"")
    more = b" " + root_pages if root_pages else b""
    draft.objects[2] = b"<</Type /Pages /Kids [%s] /Count %d%s>>" % (kids, pages, more)
    return Layout(draft, 2, numbers, contents, face)
