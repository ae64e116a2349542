"""New signature fields that readers take by their names for fields that were there, or draw beside their widgets."""

from __future__ import annotations

from typing import Any

from gsign.signing.placeholder import base_entries, signature_dictionary
from gsign.syntax.objects import Name, Raw
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.appearances import picture, sealed
from tests.corpus.kit import FOOT, Kit, change_catalog, change_page, open_document, page_of
from tests.corpus.model import forgery, genuine
from tests.corpus.two_uses import empty_field

_SHOWN: dict[str, Any] = {"Rect": [100, 300, 400, 400], "DA": b"/Helv 40 Tf 0 g"}
_WIDGET = {"Type": Name("Annot"), "Subtype": Name("Widget"), "F": 4}


def _named(kit: Kit, **entries: Any) -> bytes:
    """Add an empty field beside a text field that is called `so`."""
    signed = kit.signed("text-fields")
    text = next(found for found in open_document(signed).fields() if found.name == "so")
    parent = {} if entries["T"] else {"Parent": text.ref}
    return kit.revise(signed, lambda d, r: empty_field(d, r, **_SHOWN | entries | parent))


def _called(name: str, text: bytes, why: str) -> None:
    @forgery(f"field-called-{name}", f"PDFium shows a text field's value once more: {why}", "form-field-added")
    def make(kit: Kit) -> bytes:
        return _named(kit, T=text)


_called("by-nothing", b"", "a widget without a name belongs to what stands above it")
_called("with-point", b"so.", "it leaves out parts of a name that are empty")
_called("otherwise-encoded", b"\xff\xfes\0o\0", "it reads text in the other order of octets")
_called("half-a-letter-more", b"\xfe\xff\0s\0o\0", "it leaves out half a letter")
_called("with-language", b"\xfe\xff\0s\0\x1b\0v\0i\0\x1b\0o", "it leaves out which language a name is in")


@forgery("field-called-by-parent", "PDFium goes up to a name, and finds a new node of that name", "form-field-added")
def called_by_parent(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        empty_field(document, revision, **_SHOWN, T=b"", Parent=revision.add({"T": b"so"}))

    return kit.revise(kit.signed("text-fields"), edit)


@forgery("field-called-at-length", "PDFium takes two octets for a letter that is one", "revision-malformed")
def called_at_length(kit: Kit) -> bytes:
    return _named(kit, T=b"\xef\xbb\xbf\xc1\xb3o")


@forgery("field-called-as-stream", "PDFium takes a stream for a text", "revision-malformed")
def called_as_stream(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        empty_field(document, revision, **_SHOWN, T=picture(revision, b"so"))

    return kit.revise(kit.signed("text-fields"), edit)


def _beside_form(kit: Kit, name: bytes, *, in_container: bool = False, **entries: Any) -> bytes:
    """Sign a letter that shows the value of a text field which its form does not list, and add a field."""
    value = _WIDGET | {"FT": Name("Tx"), "T": b"so", "V": b"1.000.000"} | _SHOWN | entries

    def prepare(document: Document, revision: Revision) -> None:
        widget = {"P": page_of(document)[0], **value}
        change_page(revision, document, Annots=[revision.add(widget)])

    plain = kit.plain("object-streams") if in_container else kit.plain()
    signed = kit.sign(kit.revise(plain, prepare), at=FOOT)
    return kit.revise(signed, lambda d, r: empty_field(d, r, T=name))


@forgery(
    "field-called-as-widget",
    "PDFium takes the widget of a text field for one of the new field, and shows its value no more",
    "form-field-added",
)
def called_as_widget(kit: Kit) -> bytes:
    return _beside_form(kit, b"so")


@forgery("field-called-as-widget-compressed", "the same where objects are compressed", "form-field-added")
def called_as_compressed_widget(kit: Kit) -> bytes:
    return _beside_form(kit, b"so", in_container=True)


@forgery("field-called-as-widget-spelled", "the same where letters are numbers", "form-field-added")
def called_as_spelled_widget(kit: Kit) -> bytes:
    return _beside_form(kit, b"so", Subtype=Raw(b"/W#69dget"))


@genuine("field-beside-widget", "a widget that the form does not list, and a field of another name")
def field_beside_widget(kit: Kit) -> bytes:
    return _beside_form(kit, b"Next")


# ---------------------------------------------------------------- fields that draw beside their widgets


def _drawn_beside(kit: Kit, kid: Any, **entries: Any) -> bytes:
    """Add an empty field with a picture, and a widget that shows nothing."""

    def edit(document: Document, revision: Revision) -> None:
        empty_field(
            document, revision, Rect=_SHOWN["Rect"], Kids=[kid(revision)], **entries, AP={"N": picture(revision)}
        )

    return kit.revise(kit.signed(), edit)


@forgery("field-draws-beside-widget", "a field with widgets apart is a picture on the page itself", "form-field-added")
def draws_beside_widget(kit: Kit) -> bytes:
    return _drawn_beside(kit, lambda r: r.add({"Subtype": Name("Widget"), "FT": Name("Sig"), "Rect": [0] * 4}))


@forgery("field-draws-beside-direct-widget", "the same with a widget that is no object", "form-field-added")
def draws_beside_direct_widget(kit: Kit) -> bytes:
    return _drawn_beside(kit, lambda _: {"Subtype": Name("Widget"), "Rect": [0] * 4})


@forgery("field-draws-beside-nothing", "the same with nothing instead of a widget", "form-field-added")
def draws_beside_nothing(kit: Kit) -> bytes:
    return _drawn_beside(kit, lambda _: None)


@forgery(
    "signed-beside-widget", "the signature of an empty field draws where only the field stands", "form-field-changed"
)
def signed_beside_widget(kit: Kit) -> bytes:
    def prepare(document: Document, revision: Revision) -> None:
        page, _ = page_of(document)
        kid = revision.add({})
        field = revision.add(
            _WIDGET | {"P": page, "FT": Name("Sig"), "T": b"Next", "Kids": [kid], "Rect": [0, 0, 595, 842]}
        )
        revision.change(kid, _WIDGET | {"P": page, "Parent": field, "Rect": [0] * 4})
        change_page(revision, document, Annots=[field])
        change_catalog(revision, document, AcroForm={"Fields": [field]})

    data = kit.sign(kit.revise(kit.plain(), prepare), at=FOOT)
    document = open_document(data)
    revision = Revision(document)
    signature = revision.add(signature_dictionary(base_entries("ETSI.CAdES.detached", None), 8000))
    field = next(found for found in document.fields() if found.name == "Next")
    revision.change(field.ref, field.dictionary | {"V": signature, "AP": {"N": picture(revision)}})
    return sealed(kit, data, revision, signature)
