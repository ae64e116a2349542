"""The same letters on other paper: turned, cropped, scaled, encrypted, scanned; and with something in the way."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from functools import partial

import pikepdf
import pypdfium2

from tests.letters import parts
from tests.letters.kinds import decision
from tests.letters.model import LETTERS, At, Letter, Refused
from tests.letters.sheet import Sheet

SCAN = Refused("place-not-found", "no-text-on-pages")
USER = "mật khẩu"


def _rewritten(data: bytes, change: Callable[[pikepdf.Pdf], None], **options: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        change(pdf)
        pdf.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def turned(data: bytes, degrees: int) -> bytes:
    """Turn the paper but not what is read: content lies on its side and /Rotate sets it upright."""

    def change(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            wide, high = (float(v) for v in page.mediabox[2:])
            matrix = {90: f"0 1 -1 0 {high} 0", 180: f"-1 0 0 -1 {wide} {high}", 270: f"0 -1 1 0 0 {wide}"}[degrees]
            page.contents_add(f"q {matrix} cm".encode(), prepend=True)
            page.contents_add(b"Q")
            page.mediabox = [0, 0, *((wide, high) if degrees == 180 else (high, wide))]
            page.obj.Rotate = degrees

    return _rewritten(data, change)


def cropped(data: bytes, box: tuple[float, float, float, float]) -> bytes:
    """Show a part of the paper only."""

    def change(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            page.cropbox = list(box)

    return _rewritten(data, change)


def in_units(data: bytes, unit: float) -> bytes:
    """Let a unit of the page be longer than a point."""

    def change(pdf: pikepdf.Pdf) -> None:
        for page in pdf.pages:
            page.obj.UserUnit = unit
        pdf.Root.Version = pikepdf.Name("/1.6")

    return _rewritten(data, change)


def scanned(data: bytes, dpi: int = 100) -> bytes:
    """Draw the pages and keep the pictures alone."""
    document = pypdfium2.PdfDocument(data)
    sheet = Sheet()
    for index in range(len(document)):
        if index:
            sheet.next_page()
        picture = document[index].render(scale=dpi / 72).to_pil().convert("L")
        sheet.canvas.drawInlineImage(picture, 0, 0, sheet.width, sheet.height)
    document.close()
    return sheet.finish()


def scanned_with_text(data: bytes, dpi: int = 150) -> bytes:
    """Draw each page, and lay what was read on it under the picture, as programs that read scans do."""
    document = pypdfium2.PdfDocument(data)
    pictures = [document[index].render(scale=dpi / 72).to_pil().convert("L") for index in range(len(document))]
    document.close()

    def change(pdf: pikepdf.Pdf) -> None:
        for page, picture in zip(pdf.pages, pictures, strict=True):
            image = pdf.make_stream(
                picture.tobytes(),
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=picture.width,
                Height=picture.height,
                ColorSpace=pikepdf.Name.DeviceGray,
                BitsPerComponent=8,
            )
            name = page.add_resource(image, pikepdf.Name.XObject)
            wide, high = (float(v) for v in page.mediabox[2:])
            page.contents_add(b"3 Tr", prepend=True)
            page.contents_add(f"q {wide} 0 0 {high} 0 0 cm {name} Do Q".encode())

    return _rewritten(data, change)


def merged(*documents: bytes) -> bytes:
    """Put documents into one file."""
    out = io.BytesIO()
    with pikepdf.new() as whole:
        for one in documents:
            with pikepdf.open(io.BytesIO(one)) as pdf:
                whole.pages.extend(pdf.pages)
        whole.save(out)
    return out.getvalue()


def by_cairo(data: bytes) -> bytes:
    """Let another program write the document: other fonts, other pieces of text."""
    program = shutil.which("pdftocairo")
    assert program, "poppler-utils is not installed"
    return subprocess.run([program, "-pdf", "-", "-"], input=data, capture_output=True, check=True).stdout


def with_drawing(data: bytes, operators: str, page: int = -1) -> bytes:
    """Draw something over a page."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[page].contents_add(f"\nq {operators} Q".encode())

    return _rewritten(data, change)


def with_field(
    data: bytes, rectangle: tuple[float, float, float, float], name: str = "Signature1", *, signed: bool = False
) -> bytes:
    """Put a signature field on the first page; a signed one shows a blue square, and nothing proves it."""

    def change(pdf: pikepdf.Pdf) -> None:
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Sig,
                T=name,
                Rect=list(rectangle),
                F=4,
            )
        )
        if signed:
            look = pdf.make_stream(b"0 0 0.7 rg 0 0 50 50 re f")
            look.Type, look.Subtype, look.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 50, 50]
            field.AP, field.V = pikepdf.Dictionary(N=look), pikepdf.Dictionary(Type=pikepdf.Name.Sig)
        pdf.pages[0].obj.Annots = pikepdf.Array([field])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[field], SigFlags=1)

    return _rewritten(data, change)


# ---------------------------------------------------------------- the collection


def _add(name: str, make: Callable[[Letter], Letter], base: str = "decision") -> None:
    LETTERS[name] = lambda: make(LETTERS[base]())


def _same(at: At) -> At:
    return at


for _degrees in (90, 180, 270):
    _add(f"turned-{_degrees}", lambda one, by=_degrees: one.moved(turned(one.data, by), _same))
_add("turned-many-pages", lambda one: one.moved(turned(one.data, 90), _same), "many-pages")
_add(
    "cropped",
    lambda one: one.moved(cropped(one.data, (20, 30, 580, 830)), lambda at: At(at.page, at.x - 20, at.y - 30)),
)
_add(
    "dots-in-units",
    lambda one: one.moved(in_units(one.data, 2.0), lambda at: At(at.page, at.x * 2, at.y * 2)),
    "number-full-stops",
)
_add("in-units", lambda one: one.moved(in_units(one.data, 1.5), lambda at: At(at.page, at.x * 1.5, at.y * 1.5)))
_add(
    "turned-cropped-in-units",
    lambda one: one.moved(
        in_units(cropped(turned(one.data, 270), (10, 20, 830, 590)), 2.0),
        # Shown, the crop box begins at (595.28 - 590, 10): the page lies on its side.
        lambda at: At(at.page, (at.x - (595.2756 - 590)) * 2, (at.y - 10) * 2),
    ),
)
_add(
    "encrypted",
    lambda one: one.moved(
        _rewritten(one.data, lambda _: None, encryption=pikepdf.Encryption(user=USER, owner="owner", R=6)), _same, USER
    ),
)
_add(
    "object-streams",
    lambda one: one.moved(
        _rewritten(one.data, lambda _: None, object_stream_mode=pikepdf.ObjectStreamMode.generate), _same
    ),
)
_add(
    "scanned",
    lambda one: Letter(scanned(one.data), leader=SCAN, number=SCAN, day=SCAN, last=SCAN, incoming=SCAN),
)
_add(
    "last-page-scanned",
    lambda one: Letter(
        merged(decision(printed="Trần Thị Lan").data, scanned(one.data)),
        leader=Refused("place-not-found", "name-perhaps-on-a-scan"),
    ),
)
_add("scanned-with-text", lambda one: one.moved(scanned_with_text(one.data), _same))
_add("written-by-cairo", lambda one: one.moved(by_cairo(one.data), _same))
_add("minutes-written-by-cairo", lambda one: one.moved(by_cairo(one.data), _same), "minutes-chair")
_WATERMARK = "BT /F1 60 Tf 0.85 g 0.7 0.7 -0.7 0.7 150 250 Tm (DU THAO) Tj ET"
_add("watermark", lambda one: one.moved(with_drawing(one.data, _WATERMARK), _same))


def _drawn_over(one: Letter) -> Letter:
    assert isinstance(one.leader, At)
    stroke = f"{one.leader.x - 60} {one.leader.y - 5} m {one.leader.x + 60} {one.leader.y + 6} l S"
    return one._replace(
        data=with_drawing(one.data, f"0 0 0.6 RG 3 w {stroke}"), leader=Refused("place-taken", "taken-by-drawing")
    )


def _with_field_in_blank(one: Letter, *, signed: bool) -> Letter:
    assert isinstance(one.leader, At)
    x, y = one.leader.x, one.leader.y
    return one._replace(
        data=with_field(one.data, (x - 50, y - 20, x + 50, y + 20), signed=signed),
        leader=Refused("place-taken", "taken-by-signature" if signed else "taken-by-empty-field"),
    )


_add("drawn-over", _drawn_over)
_add("field-in-the-blank", partial(_with_field_in_blank, signed=False))
_add("signature-in-the-blank", partial(_with_field_in_blank, signed=True))


def _twice() -> Letter:
    """The same person signs twice on one page."""
    sheet = Sheet()
    parts.heading(sheet)
    parts.title(sheet, "BIÊN BẢN", "Bàn giao tài sản")
    for axis, who in ((180, "BÊN GIAO"), (430, "BÊN NHẬN")):
        parts.signing(sheet, 600, [who], "Nguyễn Văn Hùng", axis=axis)
    return Letter(sheet.finish(), leader=Refused("place-uncertain", "several-signature-blocks"))


def _two_lines() -> Letter:
    """A long name broken over two lines."""
    one = "Y Thanh Hà Niê Kđăm"
    sheet = Sheet()
    parts.heading(sheet)
    parts.title(sheet, "QUYẾT ĐỊNH", "Về việc khen thưởng")
    parts.recipients(sheet, 600)
    signing = parts.signing(sheet, 600, ["PHÓ CHỦ TỊCH"], "Y Thanh Hà")
    sheet.write("Niê Kđăm", parts.BLOCK_AXIS, signing.name.base - 17, style="bold", size=14, align="centre")
    return Letter(sheet.finish(), signer=one, leader=At(1, signing.axis, signing.middle))


def _rank_above() -> Letter:
    """A rank on a line of its own above the name."""
    sheet = Sheet()
    parts.heading(sheet)
    parts.title(sheet, "THÔNG BÁO", "Kết quả")
    parts.recipients(sheet, 600)
    signing = parts.signing(sheet, 600, ["TRƯỞNG PHÒNG"], "Thượng tá")
    sheet.write("Nguyễn Văn Hùng", parts.BLOCK_AXIS, signing.name.base - 17, style="bold", size=14, align="centre")
    return Letter(sheet.finish(), leader=At(1, signing.axis, signing.middle))


def _framed() -> Letter:
    """A signature block in the cells of a table with lines."""
    sheet = Sheet()
    parts.heading(sheet)
    parts.title(sheet, "HỢP ĐỒNG", "Cung cấp dịch vụ")
    left = parts.signing(sheet, 600, ["ĐẠI DIỆN BÊN A"], "Trần Thị Lan", axis=195)
    right = parts.signing(sheet, 600, ["ĐẠI DIỆN BÊN B"], "Nguyễn Văn Hùng", axis=430)
    for x in (90, 310, 550):
        sheet.line(x, 620, x, left.name.base - 10)
    for y in (620, left.name.base - 10):
        sheet.line(90, y, 550, y)
    return Letter(sheet.finish(), leader=At(1, right.axis, right.middle))


def _legacy() -> Letter:
    """Text of a font from before Unicode (TCVN3), as a PDF of such a document has it."""
    sheet = Sheet()
    lines = (
        "Céng hßa x· héi chñ nghÜa ViÖt Nam",
        "Sè:      /Q§-UB",
        "H\u00adng Yªn, ngµy    th\u00b8ng    n¨m 2026",
        "Chñ tÞch",
        "NguyÔn V¨n Hïng",
    )
    for row, line in enumerate(lines):
        sheet.write(line, 100, 750 - 60 * row)
    old = Refused("place-not-found", "text-in-old-encoding")
    return Letter(sheet.finish(), leader=old, number=old, day=old, last=old)


def _hidden() -> Letter:
    """A second block that nobody sees."""
    sheet = Sheet()
    parts.heading(sheet)
    parts.title(sheet, "QUYẾT ĐỊNH", "Về việc khen thưởng")
    signing = parts.signing(sheet, 600, ["CHỦ TỊCH"], "Nguyễn Văn Hùng")
    sheet.write("CHỦ TỊCH", 200, 300, style="bold", size=14, align="centre", colour=1.0)
    sheet.write("Nguyễn Văn Hùng", 200, 210, style="bold", size=14, align="centre", colour=1.0)
    return Letter(sheet.finish(), leader=At(1, signing.axis, signing.middle))


LETTERS["twice-on-one-page"] = _twice
LETTERS["name-on-two-lines"] = _two_lines
LETTERS["rank-above-the-name"] = _rank_above
LETTERS["block-in-a-table"] = _framed
LETTERS["old-encoding"] = _legacy
LETTERS["hidden-block"] = _hidden
