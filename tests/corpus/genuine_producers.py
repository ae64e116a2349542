"""What programs of others were seen to do: libraries for Node.js and Java, Poppler, MuPDF, word processors."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, Final

from gsign.signing.placeholder import base_entries
from gsign.signing.revision import FieldPlan, write_signature
from gsign.syntax.objects import Name, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.genuine_writers import ITEXT, Style, written
from tests.corpus.kit import FOOT, Edit, Kit, change_catalog, change_page, open_document, page_of
from tests.corpus.model import forgery, genuine

_FIRST: Final = (380, 220, 520, 280)
_SECOND: Final = (80, 730, 118, 750)
NODE: Final = Style(named_early=True, producer=b"pdfkit")
REPEATING: Final = Style(eol=b"\r\n", entry_end=b"\r\n", first_free=False, header=b"%PDF-1.7\r\n%\xe2\xe3\xcf\xd3\r\n")
MUPDF: Final = Style(trailer_apart=True, first_free=False, producer=b"MuPDF 1.21.1")
ITEXT_2: Final = replace(ITEXT, comment=b"", tree_entries=(("ITXT", b"2.1.7"),))
_EXACT: Final = [0, 0, 595.303937007874, 841.889763779528]
_ROUNDED: Final = [0, 0, 595.30398, 841.8898]


def _twice(kit: Kit, data: bytes, style: Style) -> bytes:
    data = written(kit, data, style, rect=_FIRST)
    return written(kit, data, style, rect=_SECOND, contents=lambda digest: kit.contents(digest, kit.agency))


@genuine("section-named-early", "`startxref` names the line end in front of the section", signatures=2)
def section_named_early(kit: Kit) -> bytes:
    return _twice(kit, kit.plain(), NODE)


@genuine("section-named-early-then-signed", "and ours behind it", signatures=2)
def section_named_early_then_signed(kit: Kit) -> bytes:
    return kit.sign(written(kit, kit.plain(), NODE), kit.agency, at=(1, 80, 730, 100, 50))


@genuine("trailer-behind-empty-line", "MuPDF leaves a line empty between the table and its trailer", signatures=2)
def trailer_behind_empty_line(kit: Kit) -> bytes:
    return _twice(kit, kit.plain(), MUPDF)


@genuine("lines-behind-end", "a writer leaves lines empty behind the end, and signs them too", signatures=2)
def lines_behind_end(kit: Kit) -> bytes:
    return _twice(kit, kit.plain(), replace(ITEXT, behind=b"\r\n \r\n\n"))


@forgery("words-behind-end", "what stands behind the end is more than white space", "bytes-after-end")
def words_behind_end(kit: Kit) -> bytes:
    return written(kit, kit.plain(), replace(ITEXT, behind=b"5\n"), rect=_SECOND)


@genuine("header-repeated", "a library for .NET writes a header in front of each revision", signatures=2)
def header_repeated(kit: Kit) -> bytes:
    return _twice(kit, kit.plain(), REPEATING)


@forgery("header-of-another-kind", "what stands there is no header of a document", "bytes-unaccounted")
def header_of_another_kind(kit: Kit) -> bytes:
    return written(kit, kit.signed(), replace(REPEATING, header=b"%PDF-1.7 trailer\r\n"), rect=_SECOND)


@forgery("section-named-from-afar", "`startxref` names a comment in front of the section, which is none of its own")
def section_named_from_afar(kit: Kit) -> bytes:
    data = kit.signed()
    at = data.rindex(b"xref", 0, data.rindex(b"startxref"))
    section, rest = data[at : data.rindex(b"startxref")], b"startxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"%x\n" + section + rest


@genuine("version-in-page-tree", "iText 2 leaves its version in the root of the page tree", signatures=2)
def version_in_page_tree(kit: Kit) -> bytes:
    return written(kit, kit.signed(), ITEXT_2, rect=_SECOND)


@forgery("attributes-in-page-tree", "the same, with something that all pages inherit", "pages-changed")
def attributes_in_page_tree(kit: Kit) -> bytes:
    style = replace(ITEXT_2, tree_entries=(("ITXT", b"2.1.7"), ("Rotate", 90)))
    return written(kit, kit.signed(), style, rect=_SECOND)


def _exact(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        change_page(revision, document, MediaBox=_EXACT)

    return kit.sign(kit.revise(kit.plain(), edit), at=FOOT)


def _on_exact(name: str, why: str, box: list[Any]) -> None:
    @genuine(f"page-size-{name}", why, signatures=2)
    def make(kit: Kit) -> bytes:
        return written(kit, _exact(kit), replace(ITEXT, page_entries=(("MediaBox", box),)), rect=_SECOND)


_on_exact("rounded", "MuPDF writes the page's size anew in single precision", _ROUNDED)
_on_exact("shortened", "Poppler writes ten decimals", [0, 0, 595.3039370079, 841.8897637795])


@forgery("page-size-changed", "the page's size changes by more than a writer's rounding", "page-changed")
def page_size_changed(kit: Kit) -> bytes:
    style = replace(ITEXT, page_entries=(("MediaBox", [0, 0, 595.4, 841.8898]),))
    return written(kit, _exact(kit), style, rect=_SECOND)


# ---------------------------------------------------------------- pictures without resources


def _with_box(content: bytes) -> Edit:
    """Return an edit that adds a check box whose picture brings no resources, as JavaScript libraries make them."""

    def edit(document: Document, revision: Revision) -> None:
        picture = revision.add(Stream({"Subtype": Name("Form"), "BBox": [0, 0, 20, 20]}, content))
        page, dictionary = page_of(document)
        widget = revision.add(
            {
                "Type": Name("Annot"), "Subtype": Name("Widget"), "FT": Name("Btn"), "T": b"Box", "P": page,
                "Rect": [100, 400, 120, 420], "AS": Name("Off"), "V": Name("Off"),
                "AP": {"N": {"Off": picture, "Yes": picture}},
            }
        )  # fmt: skip
        listed = document.array(dictionary.get("Annots"), "annots")
        change_page(revision, document, Annots=[*listed, widget])
        change_catalog(revision, document, AcroForm={"Fields": [widget]})

    return edit


def _resources(category: str, name: str, entries: dict[str, Any], content: bytes) -> Edit:
    """Return an edit that adds a resource to the form."""

    def edit(document: Document, revision: Revision) -> None:
        found = revision.add(Stream(entries, content) if content else entries)
        change_catalog(revision, document, AcroForm=document.form() | {"DR": {category: {name: found}}})

    return edit


_FRAME: Final = ("XObject", "FRM", {"Subtype": Name("Form"), "BBox": [0, 0, 9, 9]}, b"q Q")
_FONT: Final = ("Font", "Helv", {"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("Helvetica")}, b"")


def _without_resources(kit: Kit, content: bytes, resources: tuple[str, str, dict[str, Any], bytes]) -> bytes:
    data = kit.custom(kit.revise(kit.plain(), _with_box(content)), kit.contents)
    return kit.revise(data, _resources(*resources))


@genuine("frame-beside-plain-box", "a check box is drawn with lines alone; iText puts its frame in the form")
def frame_beside_plain_box(kit: Kit) -> bytes:
    return _without_resources(kit, b"q 1 0 0 1 0 0 cm 0 0 20 20 re S Q", _FRAME)


@genuine("font-beside-plain-box", "and so with a font of the form")
def font_beside_plain_box(kit: Kit) -> bytes:
    return _without_resources(kit, b"q 0 0 20 20 re S Q", _FONT)


@forgery("frame-drawn-by-box", "the box awaits the frame that comes later", "form-changed")
def frame_drawn_by_box(kit: Kit) -> bytes:
    return _without_resources(kit, b"q /FRM Do Q", _FRAME)


@forgery("font-set-by-box", "the box awaits the font that comes later", "form-changed")
def font_set_by_box(kit: Kit) -> bytes:
    return _without_resources(kit, b"BT /Helv 12 Tf (5) Tj ET", _FONT)


# ---------------------------------------------------------------- buttons that are drawn anew


def _ticked(kit: Kit, flags: int, states: tuple[str, ...] = ("Off", "Yes")) -> bytes:
    """Certify a form with a box; then tick it with new pictures for all its states, as iText does."""

    def flag(document: Document, revision: Revision) -> None:
        box = document.fields()[0]
        revision.change(box.ref, box.dictionary | {"Ff": flags})

    def tick(document: Document, revision: Revision) -> None:
        box = next(f for f in document.fields() if f.kind == "Btn")
        entries = {"Subtype": Name("Form"), "BBox": [0, 0, 20, 20], "Resources": {}}
        pictures = {state: revision.add(Stream(entries, b"q 0 0 20 20 re S Q")) for state in states}
        revision.change(box.ref, box.dictionary | {"V": Name("Yes"), "AS": Name("Yes"), "AP": {"N": pictures}})

    data = kit.revise(kit.revise(kit.plain(), _with_box(b"q 0 0 20 20 re S Q")), flag)
    return kit.revise(kit.sign(data, certify=2), tick)


@genuine("box-ticked-and-drawn", "iText draws a box anew when it is ticked", warning="form-filled-after")
def box_ticked_and_drawn(kit: Kit) -> bytes:
    return _ticked(kit, 0)


@forgery("button-drawn-anew", "a button that keeps no value is a picture and nothing else", "form-field-changed")
def button_drawn_anew(kit: Kit) -> bytes:
    return _ticked(kit, 1 << 16)


@forgery("box-with-new-state", "a box gets a state that it had not", "form-field-changed")
def box_with_new_state(kit: Kit) -> bytes:
    return _ticked(kit, 0, ("Off", "Yes", "No"))


# ---------------------------------------------------------------- validation data and fields that were there


@genuine("store-grown-in-place", "pyHanko writes the store of validation data anew in its place, with more in it")
def store_grown_in_place(kit: Kit) -> bytes:
    def first(document: Document, revision: Revision) -> None:
        store = revision.add({"Certs": [revision.add(Stream({}, b"0\x00"))]})
        change_catalog(revision, document, DSS=store)

    def second(document: Document, revision: Revision) -> None:
        store = document.catalog["DSS"]
        known = document.dictionary(store, "store")
        listed = [*document.array(known["Certs"], "certificates"), revision.add(Stream({}, b"0\x01"))]
        entry = revision.add({"Cert": listed})
        revision.change(store, known | {"Certs": listed, "VRI": {"A" * 40: entry}})

    return kit.revise(kit.revise(kit.signed(), first), second)


def _placed_anew(kit: Kit, data: bytes) -> bytes:
    """Sign; then sign the empty field that was there, which its writer makes so small that nothing is seen."""
    data = kit.sign(data, kit.agency)
    document = open_document(data)
    field = next(f for f in document.fields() if f.name == "ChuKy1")
    unseen = field._replace(dictionary=field.dictionary | {"Rect": [0.0, 0, 0, 0]})
    entries = base_entries("adbe.pkcs7.detached", None)
    placeholder = write_signature(document, FieldPlan("ChuKy1", unseen), entries, 6000)
    running = hashlib.sha256(data)
    for part in placeholder.covered():
        running.update(part)
    placeholder.fill(kit.contents(running.digest()))
    return data + bytes(placeholder.revision)


@genuine("empty-field-signed-elsewhere", "PDFBox makes an empty field that it signs unseen", signatures=2)
def empty_field_signed_elsewhere(kit: Kit) -> bytes:
    return _placed_anew(kit, kit.plain("field-merged"))


@forgery("shown-field-signed-elsewhere", "the field showed a mark where it was", "form-field-changed")
def shown_field_signed_elsewhere(kit: Kit) -> bytes:
    def mark(document: Document, revision: Revision) -> None:
        field = next(f for f in document.fields() if f.name == "ChuKy1")
        picture = revision.add(
            Stream({"Subtype": Name("Form"), "BBox": [0, 0, 9, 9], "Resources": {}}, b"0 0 9 9 re S")
        )
        revision.change(field.ref, field.dictionary | {"AP": {"N": picture}})

    return _placed_anew(kit, kit.revise(kit.plain("field-merged"), mark))


# ---------------------------------------------------------------- tags


def _with_tags(kit: Kit) -> bytes:
    """Make a tagged document, as word processors write them, and sign it."""

    def edit(document: Document, revision: Revision) -> None:
        page, _ = page_of(document)
        root = revision.add({})
        top = revision.add({})
        line = revision.add({"Type": Name("StructElem"), "S": Name("P"), "P": top, "Pg": page, "K": [0]})
        revision.change(top, {"Type": Name("StructElem"), "S": Name("Document"), "P": root, "K": [line]})
        parents = revision.add({"Nums": [0, [line]]})
        entries = {"Type": Name("StructTreeRoot"), "K": [top], "ParentTree": parents, "ParentTreeNextKey": 1}
        revision.change(root, entries)
        change_page(revision, document, StructParents=0)
        change_catalog(revision, document, StructTreeRoot=root, MarkInfo={"Marked": True})

    return kit.sign(kit.revise(kit.plain(), edit), at=FOOT)


ITEXT_7: Final = replace(
    ITEXT, comment=b"%iText-Core-8.0.5\n", tag={}, page_entries=(("Tabs", Name("S")),), producer=b"iText Core 8.0.5"
)


@genuine("widgets-tagged", "iText tags the widget of each signature in a tagged document", signatures=3)
def widgets_tagged(kit: Kit) -> bytes:
    return _twice(kit, _with_tags(kit), ITEXT_7)


def _tagged_otherwise(name: str, why: str, entries: dict[str, Any]) -> None:
    @forgery(f"tag-{name}", why)
    def make(kit: Kit) -> bytes:
        return written(kit, _with_tags(kit), replace(ITEXT_7, tag=entries), rect=_SECOND)


_tagged_otherwise(
    "with-text", "the new tag is read aloud as something that nobody signed", {"ActualText": b"5 000 000 000"}
)
_tagged_otherwise("of-content", "the new tag takes text of the page", {"K": [0]})
_tagged_otherwise("of-paragraph", "the new tag is a paragraph", {"S": Name("P")})
_tagged_otherwise(
    "replacing", "a tag of the document says something else", {"S": Name("Form"), "K": {"Type": Name("MCR")}}
)


@forgery("tag-of-another-widget", "the new tag is one of the signature that was there before")
def tag_of_another_widget(kit: Kit) -> bytes:
    data = _with_tags(kit)
    earlier = next(field for field in open_document(data).fields() if field.name.startswith("Signature"))
    tag = {"K": {"Type": Name("OBJR"), "Obj": earlier.ref}}
    return written(kit, data, replace(ITEXT_7, tag=tag), rect=_SECOND)


@forgery("tag-of-no-object", "the new tag says that the widget is content of the page")
def tag_of_no_object(kit: Kit) -> bytes:
    data = _with_tags(kit)
    widget = Ref(open_document(data).size + 1)
    tag = {"K": {"Type": Name("MCR"), "Obj": widget}}
    return written(kit, data, replace(ITEXT_7, tag=tag), rect=_SECOND)


@forgery("tags-exchanged", "a tag of the document is left out", "object-changed")
def tags_exchanged(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        root = document.dictionary(document.catalog["StructTreeRoot"], "tags")
        top = document.array(root["K"], "tags")[0]
        revision.change(top, document.dictionary(top, "tag") | {"K": []})

    return kit.revise(written(kit, _with_tags(kit), ITEXT_7, rect=_SECOND), edit)


@forgery("tags-led-astray", "text of the page is said to belong to the new tag", "object-changed")
def tags_led_astray(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        page, dictionary = page_of(document)
        ref = document.catalog["StructTreeRoot"]
        root = document.dictionary(ref, "tags")
        widget = revision.add(
            {
                "Type": Name("Annot"), "Subtype": Name("Widget"), "FT": Name("Sig"), "T": b"B", "P": page,
                "Rect": [0, 0, 0, 0], "StructParent": 1,
            }
        )  # fmt: skip
        top = document.array(root["K"], "tags")[0]
        kid = {"Type": Name("OBJR"), "Obj": widget, "Pg": page}
        tag = revision.add({"S": Name("Form"), "P": top, "K": kid})
        known = document.dictionary(top, "tag")
        revision.change(top, known | {"K": [*document.array(known["K"], "kids"), tag]})
        revision.change(ref, root | {"ParentTree": {"Nums": [0, [tag], 1, tag]}})
        listed = document.array(dictionary.get("Annots"), "annotations")
        change_page(revision, document, Annots=[*listed, widget])
        form = document.form()
        fields = {"Fields": [*document.array(form.get("Fields"), "fields"), widget]}
        found = document.catalog["AcroForm"]
        if isinstance(found, Ref):
            revision.change(found, form | fields)
        else:
            change_catalog(revision, document, AcroForm=form | fields)

    return kit.revise(_with_tags(kit), edit)


# ---------------------------------------------------------------- resources that form and pages share


def _sharing(kit: Kit, content: bytes, nested: bytes | None = None) -> bytes:
    """Sign a form that shares its resources with the page, as LibreOffice's do; then add a frame and a font there."""

    def share(document: Document, revision: Revision) -> None:
        _, page = page_of(document)
        found = dict(document.dictionary(page["Resources"], "resources"))
        if nested is not None:
            inner = revision.add(Stream({"Subtype": Name("Form"), "BBox": [0, 0, 9, 9]}, nested))
            found["XObject"] = {"In": inner}
        shared = revision.add(found)
        drawn = revision.add(Stream({}, content))
        contents = page["Contents"]
        change_page(
            revision,
            document,
            Resources=shared,
            Contents=[*(contents if isinstance(contents, list) else [contents]), drawn],
        )
        change_catalog(revision, document, AcroForm={"Fields": [], "DR": shared})

    def add(document: Document, revision: Revision) -> None:
        ref = document.form()["DR"]
        found = document.dictionary(ref, "resources")
        frame = revision.add(Stream({"Subtype": Name("Form"), "BBox": [0, 0, 9, 9], "Resources": {}}, b"q Q"))
        pictures = document.get(found.get("XObject")) or {}
        revision.change(ref, found | {"XObject": pictures | {"FRM": frame}})

    return kit.revise(kit.sign(kit.revise(kit.plain(), share)), add)


@genuine("frame-in-shared-resources", "iText puts its frame where LibreOffice's form and pages share their resources")
def frame_in_shared_resources(kit: Kit) -> bytes:
    return _sharing(kit, b"q 9 9 20 20 re S Q")


@forgery("frame-awaited-by-page", "the page that shares them awaits the frame", "object-changed")
def frame_awaited_by_page(kit: Kit) -> bytes:
    return _sharing(kit, b"q /FRM Do Q")


@forgery(
    "frame-awaited-by-nested-form", "what the page draws brings no resources and awaits the frame", "object-changed"
)
def frame_awaited_by_nested_form(kit: Kit) -> bytes:
    return _sharing(kit, b"q /In Do Q", b"/FRM Do")


# ---------------------------------------------------------------- what was said elsewhere, said where it counts


def _written_down(kit: Kit, change: dict[str, Any], made: Edit | None = None) -> bytes:
    """Sign a page that inherits; then sign as iText does, which writes down with the page what it inherits."""
    data = kit.plain("inherited")
    data = kit.sign(kit.revise(data, made) if made else data)
    document = open_document(data)
    entries = document.inherited(page_of(document)[0]) | change
    return written(kit, data, replace(ITEXT, page_entries=tuple(entries.items())), rect=_SECOND)


@genuine("inherited-written-down", "iText writes down with a page what it inherits", signatures=2)
def inherited_written_down(kit: Kit) -> bytes:
    return _written_down(kit, {})


@forgery("inherited-written-otherwise", "the page is not of the size that it inherited", "page-changed")
def inherited_written_otherwise(kit: Kit) -> bytes:
    return _written_down(kit, {"MediaBox": [0, 0, 595, 400]})


@forgery("inherited-from-another", "the page names a node as its parent that does not list it", "page-changed")
def inherited_from_another(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        tree = document.catalog["Pages"]
        other = revision.add(document.dictionary(tree, "page tree") | {"MediaBox": [0, 0, 595, 400]})
        change_page(revision, document, Parent=other)

    return _written_down(kit, {}, edit)


def _intents(kit: Kit, change: dict[str, Any]) -> bytes:
    """Sign a document that says what colours it is for; then make that an object of its own, as PDFBox does."""
    intent = {"Type": Name("OutputIntent"), "S": Name("GTS_PDFA1"), "OutputConditionIdentifier": b"sRGB"}
    data = kit.revise(kit.plain(), lambda d, r: change_catalog(r, d, OutputIntents=[intent]))
    return kit.revise(kit.sign(data), lambda d, r: change_catalog(r, d, OutputIntents=[r.add(intent | change)]))


@genuine("output-intent-set-apart", "PDFBox makes it an object of its own")
def output_intent_set_apart(kit: Kit) -> bytes:
    return _intents(kit, {})


@forgery("output-intent-changed", "and that says something else", "catalog-changed")
def output_intent_changed(kit: Kit) -> bytes:
    return _intents(kit, {"OutputConditionIdentifier": b"CMYK"})
