"""The revision that a signature makes: its field, its widget, its dictionary (ISO 32000-2 clause 12.7.5.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from gsign.errors import UsageError
from gsign.place import Place, Rectangle
from gsign.signing.geometry import PageView
from gsign.signing.permissions import check_permissions, check_rights
from gsign.signing.placeholder import Placeholder, references, signature_dictionary
from gsign.signing.seed_values import Offer, check_seed_values
from gsign.syntax.objects import Name, Ref, Stream, text_string
from gsign.syntax.reader import Document, Field, Page
from gsign.syntax.writer import Revision

__all__ = ["Draw", "FieldPlan", "plan_field", "write_document_timestamp", "write_signature"]

Draw = Callable[[float, float], Stream]
"""Draw an appearance of this width and height, in points as shown."""

_PRINT_AND_LOCKED: Final = 4 | 128
_SIGNATURES_EXIST_APPEND_ONLY: Final = 1 | 2
_INVISIBLE: Final = [0, 0, 0, 0]


class FieldPlan(NamedTuple):
    """Which field is signed: one that exists, or a new one."""

    name: str
    existing: Field | None

    @property
    def is_visible(self) -> bool:
        """Whether the field is an existing one that has a place on a page."""
        if self.existing is None:
            return False
        rect = self.existing.dictionary.get("Rect")
        return "Kids" in self.existing.dictionary or (rect is not None and rect != _INVISIBLE)


def plan_field(document: Document, name: str | None, offer: Offer, fresh: str = "Signature") -> FieldPlan:
    """Choose the field and make sure that it may be signed.

    Args:
        document: the document.
        name: fully qualified name of an empty signature field, or of one to make; None makes a fresh name.
        offer: what the signature will be.
        fresh: what a fresh name begins with.

    Raises:
        UsageError: `field-not-signature`, `field-already-signed`, `field-name-invalid`, `certify-not-first`.
        InputError: an earlier signature forbids it (`certified-no-changes`, `field-locked`), or the field demands
            something else (`field-seed-values`), or its author withholds the right to sign (`rights-withheld`).
    """
    fields = document.fields()
    existing = next((f for f in fields if f.name == name), None) if name else None
    if existing is not None:
        if existing.kind != "Sig":
            raise UsageError("field-not-signature", field=name)
        if existing.value is not None:
            raise UsageError("field-already-signed", field=name)
    chosen = name or _fresh_name(fields, fresh)
    if any(f.name.startswith(chosen + ".") for f in fields):
        raise UsageError("field-not-signature", field=chosen)  # it is the parent of others
    if existing is None and "." in chosen:
        raise UsageError("field-name-invalid", field=chosen)
    check_rights(document, in_existing_field=existing is not None)
    check_permissions(document, fields, chosen, certify=offer.certify is not None)
    seed = document.get(existing.dictionary.get("SV")) if existing else None
    if isinstance(seed, dict):
        check_seed_values(document, chosen, seed, offer)
    return FieldPlan(chosen, existing)


def _fresh_name(fields: list[Field], stem: str = "Signature") -> str:
    taken = {f.name.partition(".")[0] for f in fields}
    number = 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


def write_signature(
    document: Document,
    plan: FieldPlan,
    entries: dict[str, Any],
    reserved: int,
    *,
    place: Place | None = None,
    draw: Draw | None = None,
    certify: int | None = None,
) -> Placeholder:
    """Write the revision, with room for the signature.

    Args:
        document: the document.
        plan: the field.
        entries: further entries of the signature dictionary.
        reserved: room for /Contents, in bytes.
        place: where a new field stands; None makes it invisible.
        draw: makes the appearance of a visible one.
        certify: DocMDP permissions (1, 2 or 3) of a certification.
    """
    revision = Revision(document)
    lock = document.get(plan.existing.dictionary.get("Lock")) if plan.existing else None
    root = document.trailer["Root"]
    reference = references(certify, lock, root)
    signature = revision.add(signature_dictionary(entries | ({"Reference": reference} if reference else {}), reserved))
    if plan.existing is not None:
        _sign_existing(document, revision, plan.existing, signature, draw)
        _list_in_form(document, revision, None)
    else:
        field = _add_field(document, revision, plan.name, signature, place, draw)
        _list_in_form(document, revision, field)
    if certify is not None:
        _certify(document, revision, signature)
    data = revision.write()
    return Placeholder.locate(data, document.source.size, revision.offsets[signature.number])


# ---------------------------------------------------------------- the field


def _add_field(
    document: Document, revision: Revision, name: str, signature: Ref, place: Place | None, draw: Draw | None
) -> Ref:
    page = _page(document, place.page if place else 1)
    widget: dict[str, Any] = {
        "Type": Name("Annot"),
        "Subtype": Name("Widget"),
        "FT": Name("Sig"),
        "T": text_string(name),
        "Rect": _INVISIBLE,
        "F": _PRINT_AND_LOCKED,
        "P": page.ref,
        "V": signature,
    }
    if place is not None and draw is not None:
        view = PageView(document, page)
        widget["Rect"] = view.to_page(Rectangle(place.x, place.y, place.width, place.height))
        widget |= _dress(view, draw, place.width, place.height)
    field = revision.add(widget)
    _annotate(document, revision, page, field)
    return field


def _page(document: Document, number: int) -> Page:
    pages = document.page_count()
    if number == 0 or not -pages <= number <= pages:
        raise UsageError("page-not-there", page=number, pages=pages)
    return document.page(number - 1 if number > 0 else number)


def _dress(view: PageView, draw: Draw, width: float, height: float) -> dict[str, Any]:
    form = draw(width, height)
    if view.rotation == 0:
        return {"AP": {"N": form}}
    # The drawing itself is shared between signatures: what turns it belongs to this page alone.
    turned = Stream(form.dictionary | {"Matrix": view.upright}, form.data)
    return {"AP": {"N": turned}, "MK": {"R": view.rotation}}


def _annotate(document: Document, revision: Revision, page: Page, widget: Ref) -> None:
    # An array that is an object of its own may be that of other pages too: this page gets one for itself.
    own = document.array(page.dictionary.get("Annots"), "/Annots")
    revision.change(page.ref, page.dictionary | {"Annots": [*own, widget]})


def _sign_existing(document: Document, revision: Revision, field: Field, signature: Ref, draw: Draw | None) -> None:
    value = field.dictionary | {"V": signature}
    kids = document.array(field.dictionary.get("Kids"), "/Kids")
    widgets = [field.ref] if not kids else [k for k in kids if isinstance(k, Ref)]
    revision.change(field.ref, value)
    for widget_ref in widgets:
        widget = revision.current(widget_ref)
        if not isinstance(widget, dict):
            continue
        dressed = _dress_existing(document, widget_ref, widget, draw)
        if dressed is not widget:
            revision.change(widget_ref, dressed)


def _dress_existing(document: Document, widget_ref: Ref, widget: dict[str, Any], draw: Draw | None) -> dict[str, Any]:
    numbers = [document.get(v) for v in document.array(widget.get("Rect"), "/Rect")]
    rect = [float(v) for v in numbers if isinstance(v, (int, float))]
    if draw is None or len(rect) != 4 or rect[0] == rect[2] or rect[1] == rect[3]:
        return widget
    view = PageView(document, _page_of(document, widget_ref, widget))
    width, height = view.shown_size(rect)
    return widget | _dress(view, draw, width, height)


def _page_of(document: Document, widget_ref: Ref, widget: dict[str, Any]) -> Page:
    """Return the page whose /Annots lists a widget: the one in /P, where that is right, else by looking at all."""
    named = widget.get("P")
    if isinstance(named, Ref):
        dictionary = document.get(named)
        if isinstance(dictionary, dict) and widget_ref in document.array(dictionary.get("Annots"), "/Annots"):
            return Page(named, dictionary, document.inherited(named))
    for page in document.pages():
        if widget_ref in document.array(page.dictionary.get("Annots"), "/Annots"):
            return page
    return document.page(0)


# ---------------------------------------------------------------- form and catalog


def _list_in_form(document: Document, revision: Revision, field: Ref | None) -> None:
    """Put the field into /Fields, and say that signatures exist and only appending keeps them valid."""
    reference = document.catalog.get("AcroForm")
    form = dict(document.form())
    flags = document.get(form.get("SigFlags")) or 0
    if field is not None:
        # As with /Annots: an array of its own may be something else too, such as the annotations of a page.
        form["Fields"] = [*document.array(form.get("Fields"), "/Fields"), field]
    form["SigFlags"] = (flags if isinstance(flags, int) else 0) | _SIGNATURES_EXIST_APPEND_ONLY
    if form == document.form():
        return
    if isinstance(reference, Ref) and document.get(reference) is not None:
        revision.change(reference, form)
    elif document.catalog.get("AcroForm") is None:
        _change_catalog(document, revision, {"AcroForm": revision.add(form)})
    else:
        _change_catalog(document, revision, {"AcroForm": form})


def _certify(document: Document, revision: Revision, signature: Ref) -> None:
    permissions = document.dictionary(document.catalog.get("Perms") or {}, "/Perms")
    _change_catalog(document, revision, {"Perms": permissions | {"DocMDP": signature}})


def _change_catalog(document: Document, revision: Revision, entries: dict[str, Any]) -> None:
    root = document.trailer["Root"]
    revision.change(root, revision.current(root) | entries)


def write_document_timestamp(document: Document, entries: dict[str, Any], reserved: int) -> Placeholder:
    """Write the revision of a document timestamp: an invisible field (ISO 32000-2 clause 12.8.5)."""
    plan = FieldPlan(_fresh_name(document.fields()), None)
    return write_signature(document, plan, entries, reserved)
