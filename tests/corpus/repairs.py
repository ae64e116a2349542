"""Documents that hide an older or another picture of a page, and revisions at which some reader begins to repair.

A reader that cannot follow the cross-reference searches the bytes for objects and takes the last one of each number.
What was prepared before signing, and listed nowhere, then comes to light.
"""

from __future__ import annotations

import re
from typing import Final

from gsign.syntax.objects import Name, Raw, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import FOOT, Kit, change_catalog, change_page, open_document, page_of
from tests.corpus.model import forgery
from tests.corpus.two_uses import empty_field, letter

_HIDDEN: Final = (
    b"%d 0 obj\n<</Length 46>>\nstream\n0 g 100 380 200 100 re f                       \nendstream\nendobj\n"
)


def prepared(kit: Kit) -> bytes:
    """Sign a document with a second, unlisted content stream of its first page."""
    data = kit.plain()
    contents = page_of(open_document(data))[1]["Contents"]
    number = (contents[0] if isinstance(contents, list) else contents).number
    at = data.rindex(b"xref\n0 ")
    start = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    hidden = _HIDDEN % number
    end = data[at:].replace(b"startxref\n%d" % start, b"startxref\n%d" % (start + len(hidden)))
    return kit.sign(data[:at] + hidden + end, at=FOOT)


def _updated(kit: Kit, data: bytes) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        change_catalog(revision, document, Extensions={})

    return kit.revise(data, edit)[len(data) :]


def _spelled(name: str, why: str, pattern: bytes, replacement: bytes) -> None:
    @forgery(f"repaired-{name}", why)
    def make(kit: Kit) -> bytes:
        data = prepared(kit)
        tail = _updated(kit, data)
        spelled = re.sub(pattern, replacement, tail)
        assert spelled != tail
        return data + spelled


_spelled("table-without-line-end", "poppler and pdfium repair", rb"\nxref\n", rb"\nxref")
_spelled("subsection-with-tab", "mupdf repairs", rb"xref\n(\d+) (\d+)\n", rb"xref\n\1\t\2\n")
_spelled("subsection-with-two-spaces", "mupdf repairs", rb"xref\n(\d+) (\d+)\n", rb"xref\n\1  \2\n")
_spelled("startxref-with-null", "poppler repairs", rb"startxref\n(\d+)\n", b"startxref\\0\\g<1>\\0")
_spelled("size-beyond-integers", "mupdf repairs", rb"/Size (\d+)", b"/Size 2147483648")
_spelled("size-beyond-everything", "mupdf repairs", rb"/Size (\d+)", b"/Size 99999999999999999999")
_spelled("hybrid-without-hybrid", "readers look for a section that is none", rb"/Prev", b"/XRefStm null/Prev")


@forgery("repaired-far-end", "the end is out of mupdf's sight, which repairs", "bytes-after-end")
def far_end(kit: Kit) -> bytes:
    return prepared(kit) + bytes(1500)


def _stream_section(
    name: str, why: str, widths: tuple[int, int, int] = (1, 4, 2), more: bytes = b"", size: int | None = None
) -> None:
    @forgery(f"repaired-stream-{name}", why)
    def make(kit: Kit) -> bytes:
        data = prepared(kit)
        document = open_document(data)
        number, root = document.size, document.trailer["Root"].number
        fields = zip((1, len(data), 0), widths, strict=True)
        row = b"".join(value.to_bytes(width, "big") for value, width in fields)
        head = b"<</Type/XRef/W[%d %d %d]/Index[%d 1]/Size %d/Root %d 0 R/Prev %d/Length %d%s>>" % (
            *widths, number, size or number + 1, root, document.sections[0].offset, len(row), more,
        )  # fmt: skip
        section = b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (number, head, row)
        return data + section + b"startxref\n%d\n%%%%EOF\n" % len(data)


_stream_section("wide", "poppler repairs", (8, 8, 8))
_stream_section("size", "poppler and pdfium repair", size=1 << 31)
_stream_section("hybrid", "mupdf looks for a section that is none", more=b"/XRefStm 17")


def _respelled(kit: Kit, signed: bytes, later: bytes) -> bytes:
    """A dictionary that the page draws with is written once more, with the same values for some readers."""
    form = Stream({"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, 9, 9]}, b"1 g 0 0 9 9 re f")

    def prepare(document: Document, revision: Revision) -> None:
        resources = revision.add(Raw(signed % revision.add(form).number))
        change_page(revision, document, Resources=resources)

    def respell(document: Document, revision: Revision) -> None:
        resources = page_of(document)[1]["Resources"]
        (found,) = document.load(resources)["XObject"].values()
        revision.change(resources, Raw(later % found.number))

    return kit.revise(kit.sign(kit.revise(kit.plain(), prepare)), respell)


@forgery("name-respelled", "PDFium decodes what follows a stray number sign: the picture is not found any more")
def name_respelled(kit: Kit) -> bytes:
    return _respelled(kit, b"<</XObject<</F#G1 %d 0 R>>>>", b"<</XObject<</F#23G1 %d 0 R>>>>")


@forgery("string-respelled", "PDFium keeps both characters of a line end in a string: a palette is shifted")
def string_respelled(kit: Kit) -> bytes:
    head = b"<</XObject<</F %d 0 R>>/ColorSpace<</C[/Indexed/DeviceGray 1("
    return _respelled(kit, head + b"\n\377)]>>>>", head + b"\r\n\377)]>>>>")


@forgery("string-respelled-octal", "an escape beyond 255 is cut, or is not")
def string_respelled_octal(kit: Kit) -> bytes:
    head = b"<</XObject<</F %d 0 R>>/ColorSpace<</C[/Indexed/DeviceGray 1("
    return _respelled(kit, head + b"\\001\377)]>>>>", head + b"\\401\377)]>>>>")


@forgery("string-respelled-plainly", "the odd spelling is in the signed revision")
def string_respelled_plainly(kit: Kit) -> bytes:
    head = b"<</XObject<</F %d 0 R>>/ColorSpace<</C[/Indexed/DeviceGray 1("
    return _respelled(kit, head + b"\r\n\377)]>>>>", head + b"\n\377)]>>>>")


@forgery("repaired-generation", "Poppler repairs where a reference has another generation", "revision-malformed")
def other_generation(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        empty_field(document, revision, TU=Ref(page_of(document)[0].number, 5))

    return kit.revise(kit.signed(), edit)


@forgery("repaired-absent", "MuPDF repairs where it needs an object that is not there", "revision-malformed")
def absent_named_later(kit: Kit) -> bytes:
    return kit.revise(kit.sign(letter(places={9: 15})), lambda d, r: empty_field(d, r, Parent=Ref(9)))
