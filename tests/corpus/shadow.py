"""Shadow attacks: what is prepared before signing and comes to light by a change that looks permitted."""

from __future__ import annotations

from typing import Any

from gsign.syntax.objects import Name, Real, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import Kit, attach, change_catalog, change_page, open_document, page_of
from tests.corpus.model import forgery

_EVIL = b"BT /F1 40 Tf 100 400 Td (5 000 000 000) Tj ET"
_BOX = [0, 0, 595, 842]


def _prepared(kit: Kit, edit: Any, name: str = "one-page") -> bytes:
    """Prepare a document, then have it signed."""
    return kit.sign(kit.revise(kit.plain(name), edit))


def _resources(document: Document, **more: Any) -> dict[str, Any]:
    found = document.get(page_of(document)[1].get("Resources")) or {}
    return dict(found) | more


# ---------------------------------------------------------------- dangling references


def _awaiting(kit: Kit) -> tuple[bytes, int]:
    """A page that draws an object which does not exist yet, under a number that the next signature will use."""
    number = open_document(kit.plain()).size + 12

    def edit(document: Document, revision: Revision) -> None:
        change_page(revision, document, Resources=_resources(document, XObject={"Evil": Ref(number)}))

    return _prepared(kit, edit), number


def _add_as(revision: Revision, number: int, value: Any) -> None:
    while revision.add(None).number < number:
        pass
    revision.change(Ref(number), value)


@forgery("dangling-object-filled", "the page draws an object that is only added after signing", "content-changed")
def dangling_object_filled(kit: Kit) -> bytes:
    data, number = _awaiting(kit)
    form = Stream({"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": _BOX}, _EVIL)
    return kit.revise(data, lambda d, r: _add_as(r, number, form))


@forgery("dangling-appearance-in-scan", "the same in a large scan of few objects", "dangling-reference-filled")
def dangling_appearance_in_scan(kit: Kit) -> bytes:
    return _dangling(kit, kit.revise(kit.plain(), attach))


@forgery(
    "dangling-appearance",
    "the page draws what a later, valid signature brings as its picture",
    "dangling-reference-filled",
)
def dangling_appearance(kit: Kit) -> bytes:
    return _dangling(kit, kit.plain())


def _dangling(kit: Kit, plain: bytes) -> bytes:
    # The number that the picture of the next but one signature will have.
    for ahead in range(1, 40):
        number = open_document(plain).size + ahead

        def edit(document: Document, revision: Revision, number: int = number) -> None:
            change_page(revision, document, Resources=_resources(document, XObject={"Evil": Ref(number)}))

        data = kit.sign_blindly(kit.sign(kit.revise(plain, edit)), kit.agency, at=(1, 300, 300, 100, 50))
        value = open_document(data).load(Ref(number))
        if getattr(value, "dictionary", {}).get("Subtype") == "Form":
            return data
    raise LookupError


# ---------------------------------------------------------------- objects with two uses


@forgery("metadata-is-content", "the metadata stream is the page's content as well", "content-changed")
def metadata_is_content(kit: Kit) -> bytes:
    def prepare(document: Document, revision: Revision) -> None:
        both = revision.add(Stream({"Type": Name("Metadata"), "Subtype": Name("XML")}, b"BT ET"))
        change_page(revision, document, Contents=[page_of(document)[1]["Contents"], both])
        change_catalog(revision, document, Metadata=both)

    def attack(document: Document, revision: Revision) -> None:
        revision.change(document.catalog["Metadata"], Stream({"Type": Name("Metadata"), "Subtype": Name("XML")}, _EVIL))

    return kit.revise(_prepared(kit, prepare), attack)


@forgery(
    "dss-array-is-contents", "the array of stored certificates is the page's array of contents as well", "dss-changed"
)
def dss_array_is_contents(kit: Kit) -> bytes:
    def prepare(document: Document, revision: Revision) -> None:
        both = revision.add([page_of(document)[1]["Contents"]])
        change_page(revision, document, Contents=both)
        change_catalog(revision, document, DSS=revision.add({"Type": Name("DSS"), "Certs": both}))

    def attack(document: Document, revision: Revision) -> None:
        both = document.load(document.catalog["DSS"])["Certs"]
        revision.change(both, [*document.load(both), revision.add(Stream({}, _EVIL))])

    return kit.revise(_prepared(kit, prepare), attack)


@forgery("dss-stream-replaced", "a stored certificate that the page draws is replaced", "content-changed")
def dss_stream_replaced(kit: Kit) -> bytes:
    def prepare(document: Document, revision: Revision) -> None:
        content = page_of(document)[1]["Contents"]
        change_catalog(revision, document, DSS=revision.add({"Type": Name("DSS"), "Certs": [content]}))

    def attack(document: Document, revision: Revision) -> None:
        revision.change(page_of(document)[1]["Contents"], Stream({}, _EVIL))

    return kit.revise(_prepared(kit, prepare), attack)


@forgery("info-is-resources", "the information dictionary is the page's resources as well")
def info_is_resources(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        resources = page_of(document)[1]["Resources"]
        revision.change(resources, {"Font": {}, "Title": b"x"})

    def prepare(document: Document, revision: Revision) -> None:
        both = revision.add(_resources(document))
        change_page(revision, document, Resources=both)
        document.trailer["Info"] = both

    return kit.revise(_prepared(kit, prepare), attack)


@forgery(
    "permissions-are-resources", "a dictionary the page draws with becomes the catalog's permissions", "object-changed"
)
def permissions_are_resources(kit: Kit) -> bytes:
    def prepare(document: Document, revision: Revision) -> None:
        change_page(revision, document, Resources=revision.add(_resources(document)))

    def attack(document: Document, revision: Revision) -> None:
        resources = page_of(document)[1]["Resources"]
        revision.change(resources, {"DocMDP": document.fields()[0].value})
        change_catalog(revision, document, Perms=resources)

    return kit.revise(_prepared(kit, prepare), attack)


@forgery("annotations-are-contents", "the page's array of annotations is its array of contents as well")
def annotations_are_contents(kit: Kit) -> bytes:
    def prepare(document: Document, revision: Revision) -> None:
        both = revision.add([page_of(document)[1]["Contents"]])
        change_page(revision, document, Contents=both, Annots=both)

    def attack(document: Document, revision: Revision) -> None:
        both = page_of(document)[1]["Contents"]
        revision.change(both, [*document.load(both), revision.add(Stream({}, _EVIL))])

    return kit.revise(kit.custom(kit.revise(kit.plain(), prepare), kit.contents), attack)


# ---------------------------------------------------------------- hide


def _layered(document: Document, revision: Revision) -> None:
    layer = revision.add({"Type": Name("OCG"), "Name": b"x"})
    change_catalog(revision, document, OCProperties={"OCGs": [layer], "D": revision.add({"ON": [layer], "OFF": []})})


@forgery("layer-switched", "a layer that was shown is switched off", "object-changed")
def layer_switched(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        properties = document.catalog["OCProperties"]
        revision.change(properties["D"], {"ON": [], "OFF": properties["OCGs"]})

    return kit.revise(_prepared(kit, _layered), attack)


@forgery("layer-redefined", "a layer is given a usage that hides it", "optional-content-changed")
def layer_redefined(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        layer = document.catalog["OCProperties"]["OCGs"][0]
        revision.change(layer, document.load(layer) | {"Usage": {"View": {"ViewState": Name("OFF")}}})

    return kit.revise(_prepared(kit, _layered), attack)


@forgery("image-removed", "an image that covered the real text is removed", "object-removed")
def image_removed(kit: Kit) -> bytes:
    data = kit.signed()
    document = open_document(data)
    content = page_of(document)[1]["Contents"].number
    at = len(data)
    xref = b"xref\n%d 1\n0000000000 00001 f \n" % content
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (
        document.size, document.trailer["Root"].number, document.sections[0].offset,
    )  # fmt: skip
    return data + xref + trailer + b"startxref\n%d\n%%%%EOF\n" % at


@forgery("annotation-removed", "an annotation that was signed with the page is removed", "annotation-removed")
def annotation_removed(kit: Kit) -> bytes:
    def prepare(document: Document, revision: Revision) -> None:
        note = revision.add({"Type": Name("Annot"), "Subtype": Name("Square"), "Rect": [9, 9, 99, 99]})
        change_page(revision, document, Annots=[note])

    return kit.revise(_prepared(kit, prepare), lambda d, r: change_page(r, d, Annots=page_of(d)[1]["Annots"][1:]))


# ---------------------------------------------------------------- fields and pictures of signatures


def _field(document: Document) -> Any:
    return next(f for f in document.fields() if f.kind == "Sig")


@forgery("field-moved", "the signature's picture is moved to another place", "signature-changed")
def field_moved(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        field = _field(document)
        revision.change(field.ref, field.dictionary | {"Rect": [50, 50, 590, 800]})

    return kit.revise(kit.signed(), attack)


@forgery("field-redrawn", "the signature's picture shows somebody else", "signature-changed")
def field_redrawn(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        field = _field(document)
        form = revision.add(Stream({"Subtype": Name("Form"), "BBox": _BOX}, _EVIL))
        revision.change(field.ref, field.dictionary | {"AP": {"N": form}})

    return kit.revise(kit.signed(), attack)


@forgery("picture-replaced", "the drawing of the signature itself is replaced", "content-changed")
def picture_replaced(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        revision.change(_field(document).dictionary["AP"]["N"], Stream({"Subtype": Name("Form"), "BBox": _BOX}, _EVIL))

    return kit.revise(kit.signed(), attack)


@forgery("field-hidden", "the signature is not shown any more", "signature-changed")
def field_hidden(kit: Kit) -> bytes:
    return kit.revise(kit.signed(), lambda d, r: r.change(_field(d).ref, _field(d).dictionary | {"F": 2}))


@forgery("field-removed", "the field is taken out of the form", "form-field-removed")
def field_removed(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        kept = _field(document).ref
        form = document.catalog["AcroForm"]
        revision.change(form, document.load(form) | {"Fields": [kept]})

    return kit.revise(kit.sign(kit.signed(), kit.agency), attack)


@forgery("only-field-removed", "the only signature's field is taken out of the form", "rewritten-after-signing")
def only_field_removed(kit: Kit) -> bytes:
    return kit.revise(kit.signed(), lambda d, r: r.change(d.catalog["AcroForm"], {"Fields": []}))


@forgery("value-replaced", "the field holds another signature dictionary, a copy of the first")
def value_replaced(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        field = _field(document)
        copy = revision.add(document.load(field.value))
        revision.change(field.ref, field.dictionary | {"V": copy})

    return kit.revise(kit.signed(), attack)


@forgery("dictionary-redefined", "the signature dictionary is written once more, with another name")
def dictionary_redefined(kit: Kit) -> bytes:
    return kit.revise(kit.signed(), _redefine)


def _redefine(document: Document, revision: Revision) -> None:
    value = _field(document).value
    revision.change(value, document.load(value) | {"Name": b"Somebody else"})


def _new_field(document: Document, revision: Revision, **entries: Any) -> None:
    form = document.catalog["AcroForm"]
    ref, page = page_of(document)
    field = revision.add(
        {
            "Type": Name("Annot"), "Subtype": Name("Widget"), "FT": Name("Sig"), "T": b"Evil", "F": 4, "P": ref,
            "Rect": [100, 500, 400, 700],
        } | entries
    )  # fmt: skip
    change_page(revision, document, Annots=[*page.get("Annots", []), field])
    revision.change(form, document.load(form) | {"Fields": [*document.load(form)["Fields"], field]})


@forgery("drawing-as-empty-field", "text is drawn as an empty signature field", "appearance-without-signature")
def drawing_as_empty_field(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        form = revision.add(Stream({"Subtype": Name("Form"), "BBox": _BOX}, _EVIL))
        _new_field(document, revision, AP={"N": form})

    return kit.revise(kit.signed(), attack)


@forgery("drawing-as-broken-signature", "text is drawn as a signature that holds nothing", "later-signature-broken")
def drawing_as_broken_signature(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        form = revision.add(Stream({"Subtype": Name("Form"), "BBox": _BOX}, _EVIL))
        value = {
            "Type": Name("Sig"),
            "SubFilter": Name("adbe.pkcs7.detached"),
            "ByteRange": [0, 1, 2, 3],
            "Contents": b"x",
        }
        _new_field(document, revision, AP={"N": form}, V=revision.add(value))

    return kit.revise(kit.signed(), attack)


@forgery("two-fields-one-value", "a second field shares the signature of the first", "signatures-share-bytes")
def two_fields_one_value(kit: Kit) -> bytes:
    return kit.revise(kit.signed(), lambda d, r: _new_field(d, r, V=_field(d).value))


@forgery("field-with-action", "a new signature field runs a script", "form-field-added")
def field_with_action(kit: Kit) -> bytes:
    return kit.revise(kit.signed(), lambda d, r: _new_field(d, r, A={"S": Name("JavaScript"), "JS": b"x"}))


@forgery("field-above-itself", "a new field is its own parent: MuPDF draws the page no more", "form-field-added")
def field_above_itself(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        _new_field(document, revision, Parent=Ref(document.size))

    return kit.revise(kit.signed(), attack)


@forgery("text-field-added", "a text field with a value is laid over the page", "form-field-added")
def text_field_added(kit: Kit) -> bytes:
    return kit.revise(kit.signed(), lambda d, r: _new_field(d, r, FT=Name("Tx"), V=b"5 000 000 000"))


@forgery("page-covered", "a valid later signature's picture covers the page", "appearance-covers-page")
def page_covered(kit: Kit) -> bytes:
    return kit.sign_blindly(kit.signed(), kit.agency, at=(1, 0, 0, 595, 842))


@forgery("appearances-needed", "readers are told to draw the fields anew", "form-changed")
def appearances_needed(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        form = document.catalog["AcroForm"]
        revision.change(form, document.load(form) | {"NeedAppearances": True})

    return kit.revise(kit.signed(), attack)


def _flags_respelled(name: str, flags: object) -> None:
    @forgery(f"form-flags-{name}", "the form's flags are of a kind that each reader takes in its way", "form-changed")
    def make(kit: Kit) -> bytes:
        def attack(document: Document, revision: Revision) -> None:
            form = document.catalog["AcroForm"]
            revision.change(form, document.load(form) | {"SigFlags": flags})

        return kit.revise(kit.signed(), attack)


_flags_respelled("boolean", True)
_flags_respelled("real", Real(b"3.0"))


@forgery("xfa-added", "the form is drawn from XFA", "form-changed")
def xfa_added(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        form = document.catalog["AcroForm"]
        revision.change(form, document.load(form) | {"XFA": revision.add(Stream({}, b"<x/>"))})

    return kit.revise(kit.signed(), attack)


@forgery("form-replaced", "the catalog names another form, without the signature", "rewritten-after-signing")
def form_replaced(kit: Kit) -> bytes:
    return kit.revise(kit.signed(), lambda d, r: change_catalog(r, d, AcroForm=r.add({"Fields": []})))


@forgery("form-font-replaced", "a font that fields are drawn with is another one")
def form_font_replaced(kit: Kit) -> bytes:
    def prepare(document: Document, revision: Revision) -> None:
        font = revision.add({"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("Helvetica")})
        change_catalog(revision, document, AcroForm={"Fields": [], "DR": {"Font": {"Helv": font}}})

    def attack(document: Document, revision: Revision) -> None:
        form = document.catalog["AcroForm"]
        value = document.dictionary(form, "form")
        font = revision.add({"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("ZapfDingbats")})
        changed = value | {"DR": {"Font": {"Helv": font}}}
        if isinstance(form, Ref):
            revision.change(form, changed)
        else:
            change_catalog(revision, document, AcroForm=changed)

    return kit.revise(_prepared(kit, prepare), attack)


def _bare_picture(document: Document, revision: Revision) -> dict[str, Any]:
    return {"AP": {"N": revision.add(Stream({"Subtype": Name("Form")}, _EVIL))}}


@forgery(
    "picture-without-frame",
    "a filled field's picture has no frame: PDFium draws it over the whole page",
    "appearance-unbounded",
)
def picture_without_frame(kit: Kit) -> bytes:
    def attack(document: Document, revision: Revision) -> None:
        field = next(f for f in document.fields() if f.kind == "Tx")
        revision.change(field.ref, field.dictionary | {"V": b"1"} | _bare_picture(document, revision))

    return kit.revise(kit.sign(kit.plain("text-fields"), certify=2), attack)


@forgery(
    "background-as-empty-field",
    "an empty signature field has a background that hides the text",
    "appearance-without-signature",
)
def background_as_empty_field(kit: Kit) -> bytes:
    return kit.revise(kit.signed(), lambda d, r: _new_field(d, r, MK={"BG": [1, 1, 1]}))
