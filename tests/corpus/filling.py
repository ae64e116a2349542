"""Forms that are filled in where a certification allows it, as programs write fields anew; and what poses as that."""

from __future__ import annotations

from typing import Any

from gsign.syntax.objects import Name, Ref, Stream
from gsign.syntax.reader import Document, Field
from gsign.syntax.writer import Revision
from tests.corpus.kit import Edit, Kit, change_catalog, change_page, page_of
from tests.corpus.model import forgery, genuine

_FILLED = "form-filled-after"
_BUTTON = 1 << 16


def _picture(content: bytes) -> Stream:
    return Stream({"Subtype": Name("Form"), "BBox": [0, 0, 20, 20], "Resources": {}}, content)


def _with_field(entries: dict[str, Any], pictures: dict[str, Any], *, apart: bool = False) -> Edit:
    """Return an edit that adds a field with pictures; `apart` makes its widget an object of its own."""

    def edit(document: Document, revision: Revision) -> None:
        page, dictionary = page_of(document)
        shown = {key: _added(revision, value) for key, value in pictures.items()}
        widget = {
            "Type": Name("Annot"), "Subtype": Name("Widget"), "P": page, "Rect": [100, 400, 120, 420], "AP": shown,
        }  # fmt: skip
        field = {"T": b"Field", **entries}
        ref = revision.add({}) if apart else revision.add(widget | field)
        kid = ref
        if apart:
            kid = revision.add(widget | {"Parent": ref})
            revision.change(ref, field | {"Kids": [kid]})
        listed = document.array(dictionary.get("Annots"), "annots")
        change_page(revision, document, Annots=[*listed, kid])
        change_catalog(revision, document, AcroForm={"Fields": [ref]})

    return edit


def _added(revision: Revision, value: Any) -> Any:
    return {k: _added(revision, v) for k, v in value.items()} if isinstance(value, dict) else revision.add(value)


def _filled(kit: Kit, made: Edit, fill: Edit) -> bytes:
    return kit.revise(kit.sign(kit.revise(kit.plain(), made), certify=2), fill)


def _field(document: Document) -> Field:
    return next(found for found in document.fields() if found.name == "Field")


_TEXT = _with_field({"FT": Name("Tx"), "DA": b"0 g /F1 12 Tf"}, {"N": _picture(b"")})


def _style(*, drawn: bool) -> Edit:
    """Return an edit that fills the text in and spells its style and border anew."""

    def edit(document: Document, revision: Revision) -> None:
        field = _field(document)
        entries = {"V": b"286", "DA": b"1 g /F1 12 Tf", "BS": {"S": Name("S"), "W": 1}}
        if drawn:
            entries["AP"] = {"N": revision.add(_picture(b"BT ET"))}
        kept = {key: value for key, value in field.dictionary.items() if key != "AP"}
        revision.change(field.ref, kept | entries)

    return edit


@genuine("style-respelled-when-filled", "MuPDF spells style and border anew", warning=_FILLED)
def style_respelled_when_filled(kit: Kit) -> bytes:
    return _filled(kit, _TEXT, _style(drawn=True))


@forgery("style-changed-for-readers", "readers set the text themselves, white on white", "form-field-changed")
def style_changed_for_readers(kit: Kit) -> bytes:
    return _filled(kit, _TEXT, _style(drawn=False))


@genuine("pressed-look-dropped", "MuPDF ticks a box and leaves out how it looks while pressed", warning=_FILLED)
def pressed_look_dropped(kit: Kit) -> bytes:
    states = {"Off": _picture(b""), "Yes": _picture(b"0 0 m")}
    box = _with_field({"FT": Name("Btn"), "AS": Name("Off"), "V": Name("Off")}, {"N": states, "D": states})

    def tick(document: Document, revision: Revision) -> None:
        found = _field(document)
        shown = {state: revision.add(_picture(b"0 0 20 20 re S")) for state in states}
        revision.change(found.ref, found.dictionary | {"V": Name("Yes"), "AS": Name("Yes"), "AP": {"N": shown}})

    return _filled(kit, box, tick)


def _in_place(*, with_value: bool, button: bool = False) -> Edit:
    """Return an edit that writes the picture of a widget anew in its place."""

    def edit(document: Document, revision: Revision) -> None:
        found = _field(document)
        kids = found.dictionary.get("Kids")
        widget = document.dictionary(kids[0], "widget") if kids else found.dictionary
        picture = document.dictionary(widget["AP"], "pictures")["N"]
        assert isinstance(picture, Ref)
        revision.change(picture, _picture(b"0 0 20 20 re f"))
        if with_value:
            revision.change(found.ref, found.dictionary | ({"M": b"D:20260127153922"} if button else {"V": b"286"}))

    return edit


_APART = _with_field({"FT": Name("Tx")}, {"N": _picture(b"")}, apart=True)


@genuine("picture-in-place", "pypdf fills a field in and draws its widget anew in place", warning=_FILLED)
def picture_in_place(kit: Kit) -> bytes:
    return _filled(kit, _APART, _in_place(with_value=True))


@forgery("picture-in-place-alone", "the picture changes, and nothing was filled in", "content-changed")
def picture_in_place_alone(kit: Kit) -> bytes:
    return _filled(kit, _APART, _in_place(with_value=False))


@forgery("button-drawn-in-place", "a button that keeps no value shows another picture", "content-changed")
def button_drawn_in_place(kit: Kit) -> bytes:
    button = _with_field({"FT": Name("Btn"), "Ff": _BUTTON}, {"N": _picture(b"")})
    return _filled(kit, button, _in_place(with_value=True, button=True))
