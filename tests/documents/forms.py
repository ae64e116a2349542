"""Documents with form fields: empty signature fields in every form the standard allows, and other fields."""

from __future__ import annotations

from tests.documents import page
from tests.documents.model import Expect, entry
from tests.documents.raw import classic, cross_reference_stream, stream

_T = ("form",)
_BOX = b"/Rect [380 220 520 280]"


def _form(layout: page.Layout, fields: list[int], *, more: bytes = b"", indirect: bool = False) -> None:
    """Put an AcroForm with `fields` into the catalog."""
    form = b"<</Fields [%s]%s>>" % (b" ".join(b"%d 0 R" % f for f in fields), more)
    value = b"%d 0 R" % layout.draft.add(form) if indirect else form
    layout.draft.objects[1] = layout.draft.objects[1].removesuffix(b">>") + b" /AcroForm " + value + b">>"


def _annotate(layout: page.Layout, widgets: list[int]) -> None:
    array = b" ".join(b"%d 0 R" % w for w in widgets)
    layout.draft.objects[layout.first] = (
        layout.draft.objects[layout.first].removesuffix(b">>") + b" /Annots [%s]>>" % array
    )


def _merged(layout: page.Layout, name: bytes = b"ChuKy1", more: bytes = b"") -> int:
    """Add a signature field that is its own widget."""
    return layout.draft.add(
        b"<</FT /Sig /T (%s) /Type /Annot /Subtype /Widget /F 132 /P %d 0 R %s%s>>" % (name, layout.first, _BOX, more)
    )


def _with_one_field(more: bytes = b"", form: bytes = b"") -> page.Layout:
    layout = page.document()
    field = _merged(layout, more=more)
    _annotate(layout, [field])
    _form(layout, [field], more=form)
    return layout


@entry("field-merged", "an empty signature field that is its own widget", fields=("ChuKy1",), tags=_T)
def field_merged() -> bytes:
    return classic(_with_one_field().draft)


@entry("field-in-object-stream", "the same, in an object stream", fields=("ChuKy1",), tags=_T)
def field_in_object_stream() -> bytes:
    return cross_reference_stream(_with_one_field().draft)


@entry("field-with-kid", "an empty signature field with its widget in /Kids", fields=("ChuKy1",), tags=_T)
def field_with_kid() -> bytes:
    layout = page.document()
    field = layout.draft.add(b"")
    widget = layout.draft.add(
        b"<</Type /Annot /Subtype /Widget /F 132 /Parent %d 0 R /P %d 0 R %s>>" % (field, layout.first, _BOX)
    )
    layout.draft.objects[field] = b"<</FT /Sig /T (ChuKy1) /Kids [%d 0 R]>>" % widget
    _annotate(layout, [widget])
    _form(layout, [field])
    return classic(layout.draft)


@entry(
    "fields-nested",
    "fields whose names have parents, /FT inherited from one",
    fields=("phong.vanthu.dau", "phong.lanhdao"),
    tags=_T,
)
def fields_nested() -> bytes:
    layout = page.document()
    draft = layout.draft
    top, clerk = draft.add(b""), draft.add(b"")
    leader = _child(layout, top, b"/FT /Sig /T (lanhdao)")
    seal = _child(layout, clerk, b"/T (dau)")
    draft.objects[clerk] = b"<</T (vanthu) /FT /Sig /Parent %d 0 R /Kids [%d 0 R]>>" % (top, seal)
    draft.objects[top] = b"<</T (phong) /Kids [%d 0 R %d 0 R]>>" % (clerk, leader)
    _annotate(layout, [leader, seal])
    _form(layout, [top])
    return classic(draft)


def _child(layout: page.Layout, parent: int, entries: bytes) -> int:
    return layout.draft.add(
        b"<<%s /Parent %d 0 R /Type /Annot /Subtype /Widget /F 132 /P %d 0 R %s>>"
        % (entries, parent, layout.first, _BOX)
    )


@entry("field-invisible", "an empty field of no size and on no page", fields=("ChuKy1",), tags=_T)
def field_invisible() -> bytes:
    layout = page.document()
    field = layout.draft.add(b"<</FT /Sig /T (ChuKy1) /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0]>>")
    _form(layout, [field])
    return classic(layout.draft)


@entry("field-vietnamese-name", "a field's name in UTF-16", fields=("Chữ ký lãnh đạo",), tags=_T)
def field_vietnamese_name() -> bytes:
    layout = page.document()
    name = b"\xfe\xff" + "Chữ ký lãnh đạo".encode("utf-16-be")
    field = layout.draft.add(
        b"<</FT /Sig /T <%s> /Type /Annot /Subtype /Widget /F 132 /P %d 0 R %s>>"
        % (name.hex().encode(), layout.first, _BOX)
    )
    _annotate(layout, [field])
    _form(layout, [field])
    return classic(layout.draft)


@entry(
    "field-name-taken", "fields already called Signature1 and Signature2", fields=("Signature1", "Signature2"), tags=_T
)
def field_name_taken() -> bytes:
    layout = page.document()
    fields = [_merged(layout, b"Signature1"), _merged(layout, b"Signature2")]
    _annotate(layout, fields)
    _form(layout, fields)
    return classic(layout.draft)


def _text_field(layout: page.Layout, name: bytes) -> int:
    appearance = layout.draft.add(stream(b"/Tx BMC EMC", b"/Type /XObject /Subtype /Form /BBox [0 0 100 20]"))
    return layout.draft.add(
        b"<</FT /Tx /T (%s) /V (cu) /DA (/F1 12 Tf 0 g) /Type /Annot /Subtype /Widget /F 4 /P %d 0 R"
        b" /Rect [85 500 185 520] /AP <</N %d 0 R>>>>" % (name, layout.first, appearance)
    )


@entry("text-fields", "a form with text fields and no signature field, /SigFlags absent", tags=_T)
def text_fields() -> bytes:
    layout = page.document()
    fields = [_text_field(layout, b"so"), _text_field(layout, b"ngay")]
    _annotate(layout, fields)
    _form(layout, fields, more=b" /DA (/F1 12 Tf 0 g) /DR <</Font <</F1 %d 0 R>>>>" % layout.font)
    return classic(layout.draft)


@entry("form-indirect", "AcroForm and its /Fields as objects of their own", fields=("ChuKy1",), tags=_T)
def form_indirect() -> bytes:
    layout = page.document()
    field = _merged(layout)
    _annotate(layout, [field])
    array = layout.draft.add(b"[%d 0 R]" % field)
    form = layout.draft.add(b"<</Fields %d 0 R>>" % array)
    layout.draft.objects[1] = b"<</Type /Catalog /Pages 2 0 R /AcroForm %d 0 R>>" % form
    return classic(layout.draft)


@entry("form-empty", "an AcroForm with no fields", tags=_T)
def form_empty() -> bytes:
    layout = page.document()
    _form(layout, [])
    return classic(layout.draft)


@entry("form-without-fields", "an AcroForm that lacks /Fields", tags=_T)
def form_without_fields() -> bytes:
    return classic(page.document(catalog=b"/AcroForm <</SigFlags 0>>").draft)


@entry("need-appearances", "/NeedAppearances true: viewers redraw fields", fields=("ChuKy1",), tags=_T)
def need_appearances() -> bytes:
    return classic(_with_one_field(form=b" /NeedAppearances true").draft)


@entry(
    "xfa",
    "a form with an XFA part: viewers that know XFA show something else",
    fields=("ChuKy1",),
    expect=Expect.THOROUGH,
    tags=_T,
)
def xfa() -> bytes:
    layout = page.document()
    field = _merged(layout)
    _annotate(layout, [field])
    packet = layout.draft.add(stream(b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"></xdp:xdp>'))
    _form(layout, [field], more=b" /XFA %d 0 R" % packet)
    return classic(layout.draft)


_LOCK_ALL = b"<</Type /SigFieldLock /Action /All>>"
_LOCK_SOME = b"<</Type /SigFieldLock /Action /Include /Fields [(so)]>>"


def _locked(lock: bytes) -> bytes:
    layout = page.document()
    text = _text_field(layout, b"so")
    field = _merged(layout, more=b" /Lock %d 0 R" % layout.draft.add(lock))
    _annotate(layout, [text, field])
    _form(layout, [text, field], more=b" /DA (/F1 12 Tf 0 g) /DR <</Font <</F1 %d 0 R>>>>" % layout.font)
    return classic(layout.draft)


@entry("field-lock-all", "signing the field locks all fields: a FieldMDP reference is due", fields=("ChuKy1",), tags=_T)
def field_lock_all() -> bytes:
    return _locked(_LOCK_ALL)


@entry("field-lock-some", "signing the field locks one other field", fields=("ChuKy1",), tags=_T)
def field_lock_some() -> bytes:
    return _locked(_LOCK_SOME)


@entry("field-seed-value", "a seed value asks for SHA-256 and CAdES, both as must", fields=("ChuKy1",), tags=_T)
def field_seed_value() -> bytes:
    seed = b" /SV <</Type /SV /Ff 66 /SubFilter [/ETSI.CAdES.detached] /DigestMethod [(SHA256)]>>"
    return classic(_with_one_field(seed).draft)


@entry("field-seed-value-unmet", "a seed value demands a digest that the law forbids", fields=("ChuKy1",), tags=_T)
def field_seed_value_unmet() -> bytes:
    return classic(_with_one_field(b" /SV <</Type /SV /Ff 64 /DigestMethod [(SHA1)]>>").draft)
