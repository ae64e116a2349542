"""Genuine letters in the hand of other writers: revisions as iText, Acrobat and agencies' own tools lay them out."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gsign.signing.placeholder import base_entries, signature_dictionary
from gsign.syntax.objects import Name, Raw, Ref, serialize, text_string
from gsign.syntax.reader import Document
from tests.corpus.appearances import WHITE
from tests.corpus.kit import Kit, change_page, open_document, page_of
from tests.corpus.model import genuine

_FREE: Final = b"0000000000 65535 f"


@dataclass(frozen=True)
class Style:
    """How a writer lays a revision out."""

    eol: bytes = b"\n"
    entry_end: bytes = b" \n"
    comment: bytes = b""
    first_free: bool = True
    freed: bool = False
    """Frees a number that was never used, with generation 65534."""
    streams: bool = False
    """A cross-reference stream, and dictionaries in an object stream."""
    indirect_annotations: bool = False
    named_early: bool = False
    """`startxref` names the line end in front of the section."""
    header: bytes = b""
    """Stands in front of what the revision writes."""
    about_catalog: bool = False
    """Whether a certification names the catalog, as iText's does in documents before PDF 1.6."""
    behind: bytes = b""
    """Stands behind the end, and is signed as well."""
    trailer_apart: bool = False
    """A line is left empty between the table and its trailer."""
    tag: Mapping[str, Any] | None = None
    """Tags the widget by an element with these entries."""
    page_entries: tuple[tuple[str, Any], ...] = ()
    """What the page says anew."""
    tree_entries: tuple[tuple[str, Any], ...] = ()
    """What is added to the root of the page tree."""
    producer: bytes = b"iText\\256 5.5.6 \\2512000-2015 iText Group NV \\(AGPL-version\\)"
    subfilter: str = "adbe.pkcs7.detached"


ITEXT: Final = Style(comment=b"%iText-5.5.6\n")
ACROBAT: Final = Style(eol=b"\r\n", entry_end=b"\r\n", first_free=False, producer=b"Adobe Acrobat 11.0")
ACROBAT_STREAMS: Final = Style(eol=b"\r\n", streams=True, producer=b"Adobe Acrobat 11.0")
AGENCY: Final = Style(comment=b"%iText-5.5.6\n", freed=True, indirect_annotations=True)


def written(
    kit: Kit,
    data: bytes,
    style: Style,
    *,
    certify: int | None = None,
    rect: tuple[int, int, int, int] = (380, 220, 520, 280),
    contents: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """Append a signature as a writer of this style does."""
    document = open_document(data)
    objects = _objects(document, style, certify, rect)
    signature = max(n for n, value in objects.items() if isinstance(value, dict) and "ByteRange" in value)
    body, offsets, packed = _body(document, objects, style, signature)
    tail = bytes(body) + _section(document, offsets, packed, len(data) + len(body), style)
    gap = tail.index(b"<0000", offsets[signature] - len(data))
    behind = tail.index(b">", gap) + 1
    numbers = b"[0 %d %d %d]" % (len(data) + gap, len(data) + behind, len(tail) - behind)
    at = tail.index(b"[0 0000000000", offsets[signature] - len(data))
    tail = tail[:at] + numbers.ljust(tail.index(b"]", at) + 1 - at) + tail[tail.index(b"]", at) + 1 :]
    value = (contents or kit.contents)(hashlib.sha256(data + tail[:gap] + tail[behind:]).digest()).hex().encode()
    return data + tail[: gap + 1] + value.ljust(behind - gap - 2, b"0") + tail[behind - 1 :]


def _objects(document: Document, style: Style, certify: int | None, rect: tuple[int, ...]) -> dict[int, Any]:
    """Make what a signature adds and changes: its field, the page, the form, the catalog, the information."""
    size = document.size
    page_ref, page = page_of(document)
    signature, widget, picture, annotations = (Ref(size + i) for i in range(4))
    entries = base_entries(style.subfilter, None)
    if certify is not None:
        method = {"Type": Name("SigRef"), "TransformMethod": Name("DocMDP")}
        parameters = {"Type": Name("TransformParams"), "P": certify, "V": Name("1.2")}
        about = {"Data": document.trailer["Root"]} if style.about_catalog else {}
        entries["Reference"] = [method | {"TransformParams": parameters} | about]
    field = {
        "FT": Name("Sig"), "T": text_string(f"Signature{size}"), "V": signature, "F": 132, "Type": Name("Annot"),
        "Subtype": Name("Widget"), "Rect": list(rect), "P": page_ref, "AP": {"N": picture}, "DR": {},
    }  # fmt: skip
    listed = [*document.array(page.get("Annots"), "annots"), widget]
    entries_of_page = {"Annots": annotations if style.indirect_annotations else listed} | dict(style.page_entries)
    form = document.form()
    fields = [*document.array(form.get("Fields"), "fields"), widget]
    catalog = document.catalog | {"AcroForm": form | {"Fields": fields, "SigFlags": 3, "DA": b"/Helv 0 Tf 0 g "}}
    if isinstance(document.catalog.get("AcroForm"), Ref):
        form_ref = document.catalog["AcroForm"]
        changed = {form_ref.number: form | {"Fields": fields, "SigFlags": 3}}
        catalog = dict(document.catalog)
    else:
        changed = {}
    if certify is not None:
        catalog["Perms"] = {"DocMDP": signature}
    box = b"<</Type/XObject/Subtype/Form/BBox[0 0 100 100]/Resources<</ProcSet[/PDF]>>/FormType 1/Length %d>>"
    found: dict[int, Any] = {
        signature.number: signature_dictionary(entries, 6000),
        widget.number: field,
        picture.number: (box % len(WHITE), WHITE),
        document.trailer["Root"].number: catalog,
        page_ref.number: page | entries_of_page,
    } | changed
    if style.indirect_annotations:
        found[annotations.number] = listed
    if style.tree_entries:
        tree = document.catalog["Pages"]
        found[tree.number] = document.dictionary(tree, "page tree") | dict(style.tree_entries)
    if style.tag is not None:
        found |= _tagged(document, field, widget, Ref(size + 4), style.tag)
    information = document.trailer.get("Info")
    if isinstance(information, Ref):
        entries = {"Producer": Raw(b"(%s)" % style.producer), "ModDate": b"D:20260127153922+07'00'"}
        found[information.number] = document.dictionary(information, "information") | entries
    return found


def _tagged(
    document: Document, field: dict[str, Any], widget: Ref, element: Ref, entries: Mapping[str, Any]
) -> dict[int, Any]:
    """Tag the widget as iText does from its seventh version on: the tree of parents is written anew."""
    root_ref = document.catalog["StructTreeRoot"]
    root = document.dictionary(root_ref, "tags")
    top_ref = document.array(root["K"], "tags")[0]
    top = document.dictionary(top_ref, "tag")
    parents = document.dictionary(root["ParentTree"], "parents")
    field["StructParent"] = root["ParentTreeNextKey"]
    kid = {"Type": Name("OBJR"), "Obj": widget, "Pg": field["P"]}
    tag = {"Type": Name("StructElem"), "S": Name("Form"), "P": top_ref, "Pg": field["P"], "K": [kid]}
    return {
        element.number: tag | dict(entries),
        top_ref.number: top | {"K": [*document.array(top["K"], "kids"), element]},
        root_ref.number: root
        | {
            "ParentTreeNextKey": field["StructParent"] + 1,
            "ParentTree": {"Nums": [*parents["Nums"], field["StructParent"], element]},
        },
    }


def _body(
    document: Document, objects: dict[int, Any], style: Style, signature: int
) -> tuple[bytearray, dict[int, int], list[int]]:
    base = document.source.size
    body = bytearray(b"" if document.source.read(base - 1, 1) in b"\r\n" else style.eol) + style.header
    offsets: dict[int, int] = {}
    packed: list[int] = []
    for number, value in objects.items():
        if style.streams and not isinstance(value, tuple) and number != signature:
            packed.append(number)
            continue
        offsets[number] = base + len(body)
        text = b"%s\nstream\r\n%s\r\nendstream" % value if isinstance(value, tuple) else serialize(value)
        body += b"%d 0 obj" % number + style.eol + text + style.eol + b"endobj" + style.eol
    if packed:
        texts = [serialize(objects[number]) for number in packed]
        starts = [sum(len(t) + 1 for t in texts[:i]) for i in range(len(texts))]
        head = b" ".join(b"%d %d" % pair for pair in zip(packed, starts, strict=True)) + b" "
        data = zlib.compress(head + b" ".join(texts))
        container = document.size + 4
        offsets[container] = base + len(body)
        entries = (container, len(data), len(packed), len(head))
        body += b"%d 0 obj\r\n<</Type/ObjStm/Filter/FlateDecode/Length %d/N %d/First %d>>stream\r\n" % entries
        body += data + b"\r\nendstream\r\nendobj\r\n"
    return body, offsets, packed


def _section(document: Document, offsets: dict[int, int], packed: list[int], start: int, style: Style) -> bytes:
    size = document.size + 6
    carried = {k: document.trailer[k] for k in ("Root", "Info", "ID") if k in document.trailer}
    trailer = {"Size": size, "Prev": document.sections[0].stated} | carried
    end = style.eol
    if style.streams:
        own = size - 1
        rows = {n: (1, at, 0) for n, at in offsets.items()} | {own: (1, start, 0)}
        rows |= {n: (2, document.size + 4, i) for i, n in enumerate(packed)}
        raw = b"".join(
            k.to_bytes(1, "big") + a.to_bytes(4, "big") + g.to_bytes(1, "big") for _, (k, a, g) in sorted(rows.items())
        )
        index = [v for n in sorted(rows) for v in (n, 1)]
        data = zlib.compress(raw)
        trailer |= {
            "Type": Name("XRef"),
            "W": [1, 4, 1],
            "Index": index,
            "Length": len(data),
            "Filter": Name("FlateDecode"),
        }
        section = b"%d 0 obj" % own + end + serialize(trailer) + b"stream\r\n" + data + b"\r\nendstream\r\nendobj" + end
    else:
        rows_text = {n: b"%010d 00000 n" % at for n, at in offsets.items()}
        if style.first_free:
            rows_text[0] = _FREE
        if style.freed:
            rows_text[size - 1] = b"0000000000 65534 f"
        section = b"xref" + end
        for number, row in sorted(rows_text.items()):
            section += b"%d 1" % number + end + row + style.entry_end
        section += end * style.trailer_apart + b"trailer" + end + serialize(trailer) + end
    section += style.comment + b"startxref" + end + b"%d" % (start - style.named_early) + end
    return section + b"%%EOF" + end + style.behind


def _letter(kit: Kit, data: bytes, style: Style) -> bytes:
    """Certify with P=2, then number, date and seal as approvals of the agency."""
    data = written(kit, data, style, certify=2)
    for rect in ((80, 730, 118, 750), (380, 730, 418, 750), (340, 200, 442, 302)):
        data = written(kit, data, style, rect=rect, contents=lambda digest: kit.contents(digest, kit.agency))
    return data


def _written(name: str, why: str, style: Style, base: str = "one-page") -> None:
    @genuine(f"written-{name}", why, signatures=4)
    def make(kit: Kit) -> bytes:
        return _letter(kit, kit.plain(base), style)


_written("itext", "a table for each revision, the form in the catalog, a comment before startxref", ITEXT)
_written("itext-about-catalog", "on a scan of an earlier version", replace(ITEXT, about_catalog=True))
_written("itext-on-hybrid", "from a word processor", ITEXT, "hybrid")
_written("itext-on-linearized", "from a file for the web", ITEXT, "linearized")
_written("itext-on-form", "where a form was", ITEXT, "text-fields")
_written("acrobat", "lines end with two characters", ACROBAT)
_written("acrobat-streams", "object streams and cross-reference streams", ACROBAT_STREAMS, "object-streams")
_written(
    "acrobat-streams-on-linearized", "the same, on a file for the web", ACROBAT_STREAMS, "linearized-object-streams"
)
_written("agency", "numbers freed that were never used, annotations listed in an object of their own", AGENCY)
_written("agency-on-pdfa", "on an archived document", AGENCY, "pdfa-2b")
_written("agency-rotated", "on a page shown turned", AGENCY, "rotated-90")
_written("agency-on-shared-annotations", "two pages listed the same annotations", AGENCY, "annots-shared")


@genuine("written-by-all", "one letter through four programs", signatures=4)
def written_by_all(kit: Kit) -> bytes:
    data = written(kit, kit.plain("hybrid"), ITEXT, certify=2)
    data = written(kit, data, ACROBAT, rect=(80, 730, 118, 750))
    data = written(kit, data, AGENCY, rect=(380, 730, 418, 750))
    return kit.sign(data, kit.agency, at=(1, 340, 200, 102, 102))


@genuine("name-with-number-sign", "a page whose font is named with a usual escape", signatures=2)
def name_with_number_sign(kit: Kit) -> bytes:
    def edit(document: Document, revision: Any) -> None:
        found = document.get(page_of(document)[1].get("Resources")) or {}
        fonts = document.get(found.get("Font")) or {}
        named = {f"Times New {i}": value for i, value in enumerate(fonts.values())}
        change_page(revision, document, Resources=dict(found) | {"Font": dict(fonts) | named})

    return written(kit, written(kit, kit.revise(kit.plain(), edit), ITEXT), AGENCY, rect=(80, 730, 118, 750))
