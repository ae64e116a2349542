"""Incremental saving: a revision is appended that changes what is shown."""

from __future__ import annotations

from typing import Any

from gsign.syntax.objects import Name, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from gsign.syntax.xref import StreamObject
from tests.corpus.kit import Kit, change_catalog, change_page, page_of
from tests.corpus.model import forgery

_TEXT = b"BT /F1 40 Tf 100 400 Td (5 000 000 000) Tj ET"


def _stream(data: bytes = _TEXT, **entries: Any) -> Stream:
    return Stream(entries, data)


@forgery("content-replaced", "the page's content stream is another one", "content-changed")
def content_replaced(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        _, page = page_of(document)
        ref = page["Contents"][0] if isinstance(page["Contents"], list) else page["Contents"]
        revision.change(ref, _stream())

    return kit.revise(kit.signed(), edit)


@forgery("content-redirected", "the page names another content stream", "page-changed")
def content_redirected(kit: Kit) -> bytes:
    return kit.revise(kit.signed(), lambda d, r: change_page(r, d, Contents=r.add(_stream())))


@forgery("content-appended", "the page names a further content stream", "page-changed")
def content_appended(kit: Kit) -> bytes:
    return kit.revise(
        kit.signed(), lambda d, r: change_page(r, d, Contents=[page_of(d)[1]["Contents"], r.add(_stream())])
    )


def _page_entry(name: str, entry: str, value: Any, why: str) -> None:
    @forgery(f"page-{name}", why, "page-changed")
    def make(kit: Kit) -> bytes:
        return kit.revise(kit.signed(), lambda d, r: change_page(r, d, **{entry: value}))


_page_entry("media-box", "MediaBox", [0, 0, 595, 400], "half of the page is cut off")
_page_entry("crop-box", "CropBox", [0, 400, 595, 842], "the lower half is not shown")
_page_entry("rotated", "Rotate", 180, "the page stands on its head")
_page_entry("resources", "Resources", {"Font": {}}, "fonts and images are others")
_page_entry("user-unit", "UserUnit", 10, "the page is ten times as large")
_page_entry("action", "AA", {"O": {"S": Name("JavaScript"), "JS": b"x"}}, "a script runs when the page opens")
_page_entry("group", "Group", {"S": Name("Transparency")}, "colours are blended differently")


@forgery("font-replaced", "the font's glyphs are others: digits can be swapped", "font-changed")
def font_replaced(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        ref = _first(document, lambda v: isinstance(v, dict) and v.get("Type") == "Font")
        revision.change(ref, {"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("Courier")})

    return kit.revise(kit.signed(), edit)


@forgery("font-program-replaced", "the font file is another one", "content-changed")
def font_program_replaced(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        ref = _first(
            document, lambda v: (isinstance(v, dict) and "FontFile2" in v) or (isinstance(v, dict) and "FontFile3" in v)
        )
        descriptor = document.load(ref)
        revision.change(descriptor.get("FontFile2") or descriptor["FontFile3"], _stream(b"x"))

    return kit.revise(kit.signed(), edit)


@forgery("font-descriptor-changed", "the font names another program", "font-changed")
def font_descriptor_changed(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        ref = _first(document, lambda v: isinstance(v, dict) and v.get("Type") == "FontDescriptor")
        revision.change(ref, document.load(ref) | {"Flags": 4, "FontFile2": revision.add(_stream(b"x"))})

    return kit.revise(kit.signed(), edit)


def _first(document: Document, matches: Any) -> Ref:
    for number in range(1, document.size):
        ref = Ref(number)
        if matches(document.load(ref)):
            return ref
    raise LookupError


@forgery("page-added", "a page is added", "pages-changed")
def page_added(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        ref = document.catalog["Pages"]
        tree = document.load(ref)
        new = revision.add(page_of(document)[1] | {"Contents": revision.add(_stream())})
        revision.change(ref, tree | {"Kids": [*tree["Kids"], new], "Count": tree["Count"] + 1})

    return kit.revise(kit.signed(), edit)


@forgery("page-removed", "a page is taken out", "pages-changed")
def page_removed(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        ref = document.catalog["Pages"]
        tree = document.load(ref)
        revision.change(ref, tree | {"Kids": tree["Kids"][1:], "Count": tree["Count"] - 1})

    return kit.revise(kit.signed("five-pages"), edit)


@forgery("pages-swapped", "pages are in another order", "pages-changed")
def pages_swapped(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        ref = document.catalog["Pages"]
        tree = document.load(ref)
        revision.change(ref, tree | {"Kids": tree["Kids"][::-1]})

    return kit.revise(kit.signed("five-pages"), edit)


@forgery("page-tree-replaced", "the catalog names another page tree", "pages-changed")
def page_tree_replaced(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        tree = document.load(document.catalog["Pages"])
        change_catalog(revision, document, Pages=revision.add(tree | {"Kids": tree["Kids"][:1], "Count": 1}))

    return kit.revise(kit.signed("five-pages"), edit)


def _annotation(name: str, why: str, reason: str = "annotation-added", **entries: Any) -> None:
    @forgery(f"annotation-{name}", why, reason)
    def make(kit: Kit) -> bytes:
        def edit(document: Document, revision: Revision) -> None:
            form = {"Subtype": Name("Form"), "BBox": [0, 0, 100, 100]}
            annotation = {
                "Type": Name("Annot"), "Rect": [100, 600, 300, 700], "F": 4, "AP": {"N": revision.add(_stream(**form))},
            } | entries  # fmt: skip
            annotations = page_of(document)[1].get("Annots", [])
            change_page(revision, document, Annots=[*annotations, revision.add(annotation)])

        return kit.revise(kit.signed(), edit)


_annotation("stamp", "a stamp covers a paragraph", Subtype=Name("Stamp"))
_annotation("free-text", "text is written over the page", Subtype=Name("FreeText"), DA=b"/Helv 12 Tf", Contents=b"x")
_annotation("redact", "a redaction hides a paragraph", "page-changed", Subtype=Name("Redact"))
_annotation(
    "link", "a link leads elsewhere", "page-changed", Subtype=Name("Link"), A={"S": Name("URI"), "URI": b"http://x"}
)
_annotation("watermark", "a watermark is drawn on the page", "page-changed", Subtype=Name("Watermark"))
_annotation("widget", "a field's picture without a field", "page-changed", Subtype=Name("Widget"))


def _catalog(name: str, why: str, reason: str, **entries: Any) -> None:
    @forgery(f"catalog-{name}", why, reason)
    def make(kit: Kit) -> bytes:
        return kit.revise(kit.signed(), lambda d, r: change_catalog(r, d, **entries))


_catalog(
    "layers", "layers are defined that hide content", "optional-content-changed", OCProperties={"OCGs": [], "D": {}}
)
_catalog(
    "open-action",
    "a script runs when the document opens",
    "actions-changed",
    OpenAction={"S": Name("JavaScript"), "JS": b"x"},
)
_catalog("names", "files are attached", "actions-changed", Names={"EmbeddedFiles": {"Names": []}})
_catalog("outlines", "bookmarks say something else", "catalog-changed", Outlines={"Type": Name("Outlines")})
_catalog("labels", "page numbers are shown differently", "catalog-changed", PageLabels={"Nums": [0, {"St": 7}]})
_catalog(
    "preferences",
    "the viewer is told to behave differently",
    "catalog-changed",
    ViewerPreferences={"HideMenubar": True},
)
_catalog(
    "structure",
    "the accessible text is another one",
    "catalog-changed",
    StructTreeRoot={"Type": Name("StructTreeRoot")},
)
_catalog("language", "the language of the text is another one", "catalog-changed", Lang=b"en")
_catalog("needs-rendering", "the form is drawn from XFA", "catalog-changed", NeedsRendering=True)


@forgery("image-replaced", "a drawing on the page is another one", "content-changed")
def image_replaced(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        ref = _first(document, lambda v: isinstance(v, StreamObject) and v.dictionary.get("Subtype") == "Form")
        revision.change(ref, _stream(Subtype=Name("Form"), BBox=[0, 0, 9, 9]))

    return kit.revise(kit.sign(kit.signed()), edit)


@forgery(
    "stream-length-changed", "an indirect /Length is another number: less of the stream is drawn", "object-changed"
)
def stream_length_changed(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        lengths = [Ref(n) for n in range(1, document.size) if type(document.load(Ref(n))) is int]
        for ref in lengths:
            revision.change(ref, 10)

    return kit.revise(kit.signed("indirect-length"), edit)
