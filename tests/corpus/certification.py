"""Changes that a certification or a lock forbids, and attacks on certified documents."""

from __future__ import annotations

from gsign.syntax.objects import Name, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import Kit, change_catalog, change_page, page_of
from tests.corpus.model import forgery, genuine


def fill(document: Document, revision: Revision) -> None:
    """Fill the first text field in."""
    field = next(f for f in document.fields() if f.kind == "Tx")
    form = revision.add(Stream({"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, 99, 20]}, b"BT ET"))
    revision.change(field.ref, field.dictionary | {"V": b"286", "AP": {"N": form}})


def note(document: Document, revision: Revision) -> None:
    """Put a note on the first page."""
    ref = revision.add(
        {"Type": Name("Annot"), "Subtype": Name("Text"), "Rect": [9, 9, 29, 29], "Contents": b"x", "F": 4}
    )
    listed = page_of(document)[1].get("Annots", [])
    change_page(revision, document, Annots=[*document.array(listed, "annots"), ref])


@forgery("certified-afterwards", "the catalog calls a signature a certification that is none", "permissions-changed")
def certified_afterwards(kit: Kit) -> bytes:
    def certify(document: Document, revision: Revision) -> None:
        signature = next(f.value for f in document.fields() if f.kind == "Sig")
        change_catalog(revision, document, Perms={"DocMDP": signature})

    return kit.revise(kit.signed(), certify)


@forgery("signed-though-final", "a signature follows a certification that forbids all changes", "certification-forbids")
def signed_though_final(kit: Kit) -> bytes:
    data = kit.custom(kit.plain(), kit.contents, name="C", certify=1)
    return kit.custom(data, kit.contents, name="B")


@forgery(
    "annotated-though-forms-only", "a note follows a certification that allows forms alone", "certification-forbids"
)
def annotated_though_forms_only(kit: Kit) -> bytes:
    return kit.revise(kit.sign(kit.plain(), certify=2), note)


@forgery("annotated-though-final", "a note follows a certification that forbids all changes", "certification-forbids")
def annotated_though_final(kit: Kit) -> bytes:
    return kit.revise(kit.sign(kit.plain(), certify=1), note)


@forgery("filled-though-final", "a field is filled in after a certification that forbids it", "certification-forbids")
def filled_though_final(kit: Kit) -> bytes:
    return kit.revise(kit.sign(kit.plain("text-fields"), certify=1), fill)


@forgery("filled-after-approval", "a field is filled in and no certification allows it", "form-filled")
def filled_after_approval(kit: Kit) -> bytes:
    return kit.revise(kit.sign(kit.plain("text-fields")), fill)


@forgery("annotated-after-approval", "a note is added and no certification allows it", "annotation-added")
def annotated_after_approval(kit: Kit) -> bytes:
    return kit.revise(kit.signed(), note)


@forgery("content-though-annotations", "the page changes where annotations are allowed", "page-changed")
def content_though_annotations(kit: Kit) -> bytes:
    return kit.revise(kit.sign(kit.plain(), certify=3), lambda d, r: change_page(r, d, Rotate=90))


@forgery("annotation-with-script", "an annotation with a script where annotations are allowed", "page-changed")
def annotation_with_script(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        action = {"S": Name("JavaScript"), "JS": b"x"}
        ref = revision.add(
            {"Type": Name("Annot"), "Subtype": Name("Text"), "Rect": [9, 9, 29, 29], "AA": {"E": action}}
        )
        change_page(revision, document, Annots=[*page_of(document)[1].get("Annots", []), ref])

    return kit.revise(kit.sign(kit.plain(), certify=3), edit)


@forgery("certification-dropped", "the catalog forgets that the document is certified", "permissions-changed")
def certification_dropped(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        change_catalog(revision, document, Perms={})

    return kit.revise(kit.sign(kit.plain(), certify=1), edit)


@forgery("field-layout-changed", "filling a field in also moves it", "form-field-changed")
def field_layout_changed(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        field = next(f for f in document.fields() if f.kind == "Tx")
        revision.change(field.ref, field.dictionary | {"V": b"x", "Rect": [0, 0, 595, 842]})

    return kit.revise(kit.sign(kit.plain("text-fields"), certify=2), edit)


@forgery("field-name-changed", "a field is renamed", "form-field-changed")
def field_name_changed(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        field = next(f for f in document.fields() if f.kind == "Tx")
        revision.change(field.ref, field.dictionary | {"T": b"khac"})

    return kit.revise(kit.sign(kit.plain("text-fields"), certify=2), edit)


@forgery("locked-field-filled", "a field is filled in that a signature had locked", "field-locked-changed")
def locked_field_filled(kit: Kit) -> bytes:
    parameters = {"Type": Name("TransformParams"), "V": Name("1.2"), "Action": Name("All")}
    lock = {"Type": Name("SigRef"), "TransformMethod": Name("FieldMDP"), "TransformParams": parameters}
    certified = kit.sign(kit.plain("text-fields"), certify=2)
    return kit.revise(kit.custom(certified, kit.contents, {"Reference": [lock]}), fill)


@forgery(
    "locked-field-spelled", "the lock names the field in one encoding, the field in another", "field-locked-changed"
)
def locked_field_spelled(kit: Kit) -> bytes:
    def rename(document: Document, revision: Revision) -> None:
        field = next(f for f in document.fields() if f.kind == "Tx")
        revision.change(field.ref, field.dictionary | {"T": b"\xa0"})

    named = [b"\xfe\xff\x20\xac"]
    locked = {"Type": Name("TransformParams"), "V": Name("1.2"), "Action": Name("Include"), "Fields": named}
    lock = {"Type": Name("SigRef"), "TransformMethod": Name("FieldMDP"), "TransformParams": locked}
    certified = kit.sign(kit.revise(kit.plain("text-fields"), rename), certify=2)
    return kit.revise(kit.custom(certified, kit.contents, {"Reference": [lock]}), fill)


def _allowing(level: int) -> dict[str, object]:
    parameters = {"Type": Name("TransformParams"), "P": level, "V": Name("1.2")}
    return {"Reference": [{"Type": Name("SigRef"), "TransformMethod": Name("DocMDP"), "TransformParams": parameters}]}


@forgery(
    "annotated-as-second-signer-allows",
    "a second signer allows himself the notes that the first one did not",
    "annotation-added",
)
def annotated_as_second_allows(kit: Kit) -> bytes:
    data = kit.custom(kit.signed(), lambda digest: kit.contents(digest, kit.agency), _allowing(3), name="Second")
    return kit.revise(data, note)


@forgery(
    "filled-as-second-signer-allows",
    "a second signer allows himself to fill in what the first one signed",
    "form-filled",
)
def filled_as_second_allows(kit: Kit) -> bytes:
    first = kit.sign(kit.plain("text-fields"))
    return kit.revise(kit.custom(first, kit.contents, _allowing(2), name="Second"), fill)


@genuine(
    "certified-3-then-signed-then-note",
    "notes are allowed by the certification, whoever approves later",
    signatures=2,
    warning="annotated-after",
)
def certified_then_signed_then_note(kit: Kit) -> bytes:
    return kit.revise(kit.sign(kit.sign(kit.plain(), certify=3), kit.agency), note)
