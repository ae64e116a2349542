"""What one producer leaves and the next one writes anew: frames in resources that are shared, descriptions, texts."""

from __future__ import annotations

from typing import Any, Final

from gsign.syntax.objects import Name, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import FOOT, Kit, change_catalog, change_page, page_of
from tests.corpus.model import forgery, genuine

_FORM: Final[dict[str, Any]] = {"Subtype": Name("Form"), "BBox": [0, 0, 9, 9]}
_FONT: Final = {"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("Helvetica")}
_AS_ITEXT: Final = b"q /FRM Do Q BT (L\xfd do: H\xe0 N\xf4i) Tj ET"

# ---------------------------------------------------------------- the newest signature's frame


def _frame_renewed(kit: Kit, drawn: bytes, own: dict[str, Any] | None = None) -> bytes:
    """Sign a page that draws a picture; then another program renews the frame in what form and page share.

    Args:
        kit: signs.
        drawn: what the picture draws.
        own: resources of the picture; by default a frame of its own.
    """

    def share(document: Document, revision: Revision) -> None:
        _, page = page_of(document)
        frame = revision.add(Stream(_FORM | {"Resources": {}}, b"q Q"))
        resources = {"XObject": {"FRM": frame}} if own is None else own
        picture = revision.add(Stream(_FORM | {"Resources": resources}, drawn))
        found = document.dictionary(page["Resources"], "resources")
        shared = revision.add(found | {"XObject": {"In": picture, "FRM": frame}})
        change_page(revision, document, Resources=shared, Contents=revision.add(Stream({}, b"q /In Do Q")))
        change_catalog(revision, document, AcroForm={"Fields": [], "DR": shared})

    def renew(document: Document, revision: Revision) -> None:
        ref = document.form()["DR"]
        found = document.dictionary(ref, "resources")
        frame = revision.add(Stream(_FORM | {"Resources": {}}, b"0 0 9 9 re f"))
        revision.change(ref, found | {"XObject": document.dictionary(found["XObject"], "pictures") | {"FRM": frame}})

    return kit.revise(kit.sign(kit.revise(kit.plain(), share), at=FOOT), renew)


@genuine("shared-frame-renewed", "PDFBox renews the frame beside iText's signature, whose text is Vietnamese")
def shared_frame_renewed(kit: Kit) -> bytes:
    return _frame_renewed(kit, _AS_ITEXT)


def _frame_awaited(name: str, why: str, drawn: bytes, own: dict[str, Any]) -> None:
    @forgery(f"shared-frame-{name}", why, "object-changed")
    def make(kit: Kit) -> bytes:
        return _frame_renewed(kit, drawn, own)


_frame_awaited("not-brought", "the picture brings no frame, and finds the new one", b"/FRM Do", {})
_frame_awaited("brought-as-font", "what it brings by that name is a font", b"/FRM Do", {"Font": {"FRM": _FONT}})
_frame_awaited("brought-as-nothing", "what it brings by that name is none", b"/FRM Do", {"XObject": {"FRM": None}})
_frame_awaited("brought-as-value", "what it brings by that name is no picture", b"/FRM Do", {"XObject": {"FRM": 1}})
_frame_awaited("with-space-behind", "a blank that some readers take for one ends the name", b"/FRM\xa0 Do", {})
_frame_awaited("with-space-in-front", "and one that some readers leave out begins it", b"/\xa0FRM Do", {})
_frame_awaited("behind-text", "the name stands behind a text with other letters", b"(\xfd) Tj /FRM Do", {})

# ---------------------------------------------------------------- descriptions


def _described_anew(kit: Kit, length: int, later: dict[str, Any]) -> bytes:
    """Sign a document as PDFKit describes it; then describe it anew as pyHanko does."""
    description = {"Type": Name("Metadata"), "Subtype": Name("XML")}

    def describe(document: Document, revision: Revision) -> None:
        change_catalog(revision, document, Metadata=revision.add(Stream(description | {"length": length}, b"<x/>")))
        texts = {"Producer": revision.add(b"PDFKit"), "Creator": revision.add(b"PDFKit")}
        revision.change(document.trailer["Info"], texts)

    def anew(document: Document, revision: Revision) -> None:
        revision.change(document.catalog["Metadata"], Stream(description | later, b"<xx/>"))
        ref = document.trailer["Info"]
        revision.change(ref, document.dictionary(ref, "information") | {"Producer": b"PDFKit; pyHanko"})

    return kit.revise(kit.sign(kit.revise(kit.plain(), describe), at=FOOT), anew)


@genuine("described-by-two", "PDFKit's description has a key of its own, and its texts are objects")
def described_by_two(kit: Kit) -> bytes:
    return _described_anew(kit, 4, {"length": 4})


@forgery("description-with-other-key", "a description gains what it had not", "metadata-changed")
def description_with_other_key(kit: Kit) -> bytes:
    return _described_anew(kit, 4, {"FormType": 1})


@forgery("description-with-other-value", "or says it otherwise", "metadata-changed")
def description_with_other_value(kit: Kit) -> bytes:
    return _described_anew(kit, 4, {"length": 5})


# ---------------------------------------------------------------- labels of pages


def _labelled(kit: Kit, style: str) -> bytes:
    """Sign a document whose catalog has the labels of its pages; then set them apart, with this style of numbers."""

    def label(document: Document, revision: Revision) -> None:
        change_catalog(revision, document, PageLabels={"Nums": [0, {"S": Name("r")}]})

    def set_apart(document: Document, revision: Revision) -> None:
        change_catalog(revision, document, PageLabels={"Nums": [0, revision.add({"S": Name(style)})]})

    return kit.revise(kit.sign(kit.revise(kit.plain(), label), at=FOOT), set_apart)


@genuine("page-labels-set-apart", "PDFBox makes a label an object of its own")
def page_labels_set_apart(kit: Kit) -> bytes:
    return _labelled(kit, "r")


@forgery("page-labels-changed", "and the pages are numbered otherwise", "catalog-changed")
def page_labels_changed(kit: Kit) -> bytes:
    return _labelled(kit, "D")
