"""What writers do in documents of public test suites, and forgeries that each allowance could be mistaken for."""

from __future__ import annotations

import re
from typing import Any

from gsign.syntax.objects import Name, Raw, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import FOOT, Kit, change_catalog, change_page, open_document, page_of
from tests.corpus.model import forgery, genuine

_SECOND = (1, 80, 730, 100, 50)
_EVIL = b"BT /F1 40 Tf 100 400 Td (5 000 000 000) Tj ET"


def _signed_again(kit: Kit, data: bytes) -> bytes:
    return kit.sign(kit.sign(data, at=FOOT), kit.agency, at=_SECOND)


# ---------------------------------------------------------------- cross-reference sections


def _with_stream_section(kit: Kit, number: int | None = None, own: bytes = b"") -> bytes:
    """Append a section that is a stream and does not list itself, or as `own`; it writes the information anew."""
    data = kit.signed("object-streams")
    document = open_document(data)
    information = document.trailer["Info"]
    body = b"%d 0 obj\n<</Title(x)>>\nendobj\n" % information.number
    at = len(data) + len(body)
    row = b"\1" + len(data).to_bytes(4, "big") + b"\0\0" + own
    number = number or document.size
    index = b"%d 1 %d 1" % (information.number, number) if own else b"%d 1" % information.number
    head = b"<</Type/XRef/W[1 4 2]/Index[%b]/Size %d/Root %d 0 R/Info %d 0 R/Prev %d/Length %d>>" % (
        index, document.size + 1, document.trailer["Root"].number, information.number,
        document.sections[0].offset, len(row),
    )  # fmt: skip
    section = b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (number, head, row)
    return data + body + section + b"startxref\n%d\n%%%%EOF\n" % at


@genuine("section-unlisted", "a cross-reference stream need not list itself")
def section_unlisted(kit: Kit) -> bytes:
    return _with_stream_section(kit)


@genuine("section-listed-as-free", "iText lists its cross-reference stream as a free object")
def section_listed_as_free(kit: Kit) -> bytes:
    return _with_stream_section(kit, own=b"\0" + bytes(4) + b"\xff\xff")


@forgery("section-takes-number", "an unlisted section has the number of a page's content: repair puts it there")
def section_takes_number(kit: Kit) -> bytes:
    contents = page_of(open_document(kit.signed("object-streams")))[1]["Contents"]
    return _with_stream_section(kit, (contents[0] if isinstance(contents, list) else contents).number)


def _with_hybrid(kit: Kit, shift: int = 0) -> bytes:
    """Append a hybrid section whose stream repeats the table; `shift` makes its offset another one."""
    data = kit.signed("hybrid")
    document = open_document(data)
    information, number = document.trailer["Info"], document.size
    body = b"%d 0 obj\n<</Title(x)>>\nendobj\n" % information.number
    at = len(data) + len(body)
    row = b"\1" + (len(data) + shift).to_bytes(4, "big") + b"\0\0"
    head = b"<</Type/XRef/W[1 4 2]/Index[%d 1]/Size %d/Length %d>>" % (information.number, number + 1, len(row))
    section = b"%d 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (number, head, row)
    table = b"xref\n%d 1\n%010d 00000 n \n%d 1\n%010d 00000 n \n" % (information.number, len(data), number, at)
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        number + 1, document.trailer["Root"].number, information.number, document.sections[0].offset, at,
        at + len(section),
    )  # fmt: skip
    return data + body + section + table + trailer


@genuine("hybrid-repeated", "a hybrid section whose stream repeats its table, as some writers append it")
def hybrid_repeated(kit: Kit) -> bytes:
    return _with_hybrid(kit)


@genuine("hybrid-repeated-then-signed", "and a signature behind it", signatures=2)
def hybrid_repeated_then_signed(kit: Kit) -> bytes:
    return kit.sign(_with_hybrid(kit), kit.agency, at=_SECOND)


@forgery("hybrid-repeated-otherwise", "the stream says another place than the table")
def hybrid_repeated_otherwise(kit: Kit) -> bytes:
    return _with_hybrid(kit, 5)


@genuine("trailer-behind-section", "a trailer that names nothing stands behind a cross-reference stream", signatures=2)
def trailer_behind_section(kit: Kit) -> bytes:
    data = kit.plain("object-streams")
    at = data.rindex(b"startxref")
    return _signed_again(kit, data[:at] + b"trailer\n<</Size 6/ID[(a)(b)]>>\n" + data[at:])


@genuine("offsets-before-line-end", "entries point to the line end in front of their object", signatures=2)
def offsets_before_line_end(kit: Kit) -> bytes:
    data = kit.plain()
    unread = re.search(rb"\n(\d+) 0 obj\n<</Type /Font", data)
    assert unread is not None
    listed = b"%010d 00000 n" % (unread.start() + 1)
    assert data.count(listed) == 1
    return _signed_again(kit, data.replace(listed, b"%010d 00000 n" % unread.start()))


@genuine("trailer-of-an-office-program", "its trailer has an entry of its own that refers to nothing", signatures=2)
def trailer_of_office(kit: Kit) -> bytes:
    data = kit.plain()
    size = open_document(data).size
    entry = b"trailer\n<< /AdditionalStreams [/application#2Fvnd.oasis.opendocument.text %d 0 R] " % size
    return _signed_again(kit, re.sub(rb"trailer\s*<<", lambda _: entry, data))


# ---------------------------------------------------------------- validation data


@genuine("store-written-anew", "validation data is written anew: other digests as keys, less in it, references")
def store_written_anew(kit: Kit) -> bytes:
    def first(document: Document, revision: Revision) -> None:
        certificate, other = revision.add(Stream({}, b"0\x00")), revision.add(Stream({}, b"0\x01"))
        change_catalog(revision, document, DSS={"Certs": [certificate, other], "VRI": {"A" * 40: {"Cert": [other]}}})

    def second(document: Document, revision: Revision) -> None:
        certificate = revision.add(Stream({}, b"0\x02"))
        entry = revision.add({"Cert": revision.add([certificate])})
        store = revision.add({"Certs": revision.add([certificate]), "VRI": revision.add({"b" * 64: entry})})
        change_catalog(revision, document, DSS=store)

    return kit.revise(kit.revise(kit.signed(), first), second)


@genuine("store-with-leftovers", "objects of an earlier attempt refer to each other, and nothing to them")
def store_with_leftovers(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        certificate = revision.add(Stream({}, b"0\x02"))
        change_catalog(revision, document, DSS={"Certs": [certificate]})
        revision.add({"Type": Name("VRI"), "C" * 40: revision.add({"Cert": revision.add([certificate])})})

    return kit.revise(kit.signed(), edit)


@genuine("extension-referred-to", "an extension is announced by reference")
def extension_referred_to(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        extension = revision.add({"ESIC": {"BaseVersion": Name("1.7"), "ExtensionLevel": 1}})
        change_catalog(revision, document, Extensions=extension)

    return kit.revise(kit.signed(), edit)


# ---------------------------------------------------------------- the form's resources


def _framed(data: bytes, entries: dict[str, Any]) -> Any:
    """Return an edit that names a new frame among the form's resources."""

    def edit(document: Document, revision: Revision) -> None:
        frame = revision.add(Stream({"Subtype": Name("Form"), "BBox": [0, 0, 9, 9]} | entries, data))
        form = document.form() | {"DR": {"XObject": {"FRM": frame}, "ProcSet": [Name("PDF"), Name("Text")]}}
        ref = document.catalog["AcroForm"]
        if isinstance(ref, Ref):
            revision.change(ref, form)
        else:
            change_catalog(revision, document, AcroForm=form)

    return edit


@genuine("frame-renewed", "iText names the newest signature's frame among the form's resources", signatures=2)
def frame_renewed(kit: Kit) -> bytes:
    data = kit.revise(kit.signed(), _framed(b"q Q", {}))
    return kit.sign(kit.revise(data, _framed(b"q  Q", {})), kit.agency, at=_SECOND)


@forgery("frame-renewed-under-picture", "the signed picture brings no resources and draws the frame of the form")
def frame_renewed_under_picture(kit: Kit) -> bytes:
    def field(document: Document, revision: Revision) -> None:
        picture = revision.add(Stream({"Subtype": Name("Form"), "BBox": [0, 0, 100, 20]}, b"/FRM Do"))
        page, _ = page_of(document)
        widget = revision.add(
            {
                "Type": Name("Annot"), "Subtype": Name("Widget"), "FT": Name("Tx"), "T": b"Text", "P": page,
                "Rect": [100, 400, 200, 420], "AP": {"N": picture},
            }
        )  # fmt: skip
        change_page(revision, document, Annots=[widget])
        change_catalog(revision, document, AcroForm={"Fields": [widget]})

    data = kit.revise(kit.revise(kit.plain(), field), _framed(b"q Q", {}))
    return kit.revise(kit.sign(data), _framed(_EVIL, {}))


# ---------------------------------------------------------------- spellings


def _with_font(kit: Kit, descriptor: bytes) -> bytes:
    """Sign; then add a font to the form's resources, which the later signature's writer does."""

    def edit(document: Document, revision: Revision) -> None:
        described = revision.add(Raw(descriptor))
        font = {"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("X"), "FontDescriptor": described}
        form = document.form() | {"DR": {"Font": {"X": revision.add(font)}}}
        ref = document.catalog["AcroForm"]
        if isinstance(ref, Ref):
            revision.change(ref, form)
        else:
            change_catalog(revision, document, AcroForm=form)

    return kit.revise(kit.signed(), edit)


@genuine("glyph-names-on-lines", "Acrobat breaks the names of a font's glyphs into lines")
def glyph_names_on_lines(kit: Kit) -> bytes:
    return _with_font(kit, b"<</Type/FontDescriptor/FontName/X/CharSet(/space/exc\\\rlam/quotedbl)/Flags 4>>")


@forgery("glyph-names-in-string", "what looks like them is part of another value")
def glyph_names_in_string(kit: Kit) -> bytes:
    return _with_font(kit, b"<</Type/FontDescriptor/FontName/X/Panose(/CharSet(\\\r\\777)(x))/Flags 4>>")


@forgery("glyph-names-beside-string", "the same, with a name that is spelled otherwise")
def glyph_names_beside_string(kit: Kit) -> bytes:
    return _with_font(kit, b"<</Type/FontDescriptor/Char#53et()/Panose(/CharSet(\\\r\\777))/Flags 4>>")
