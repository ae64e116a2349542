"""What readers draw of themselves, without a picture: backgrounds, notes, and text in fonts that the form names."""

from __future__ import annotations

from typing import Any

from gsign.syntax.objects import Name, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.appearances import crafted
from tests.corpus.kit import Kit, change_catalog
from tests.corpus.model import forgery, genuine
from tests.corpus.two_uses import letter

TEXT = [60, 590, 560, 800]
WHITE = [1, 1, 1]
NINES = {
    "Type": Name("Font"),
    "Subtype": Name("Type1"),
    "BaseFont": Name("Helvetica"),
    "Encoding": {"Type": Name("Encoding"), "Differences": [49, Name("nine"), Name("eight")]},
}


@forgery("background-over-text", "no picture: Poppler fills what /MK says, all over the text", "appearance-covers-page")
def background_over_text(kit: Kit) -> bytes:
    return crafted(kit, kit.signed(), [{"Rect": TEXT, "AP": None, "MK": {"BG": WHITE}}])


@forgery("background-unbounded", "of a malformed rectangle readers make what they like", "appearance-unbounded")
def background_unbounded(kit: Kit) -> bytes:
    return crafted(kit, kit.signed(), [{"Rect": [*TEXT, 0], "AP": None, "MK": {"BG": WHITE}}])


@forgery("background-by-timestamp", "a document timestamp draws no background", "appearance-without-signature")
def background_by_timestamp(kit: Kit) -> bytes:
    return crafted(kit, kit.signed(), [{"Rect": [100, 300, 500, 420], "AP": None, "MK": {"BG": WHITE}}], timestamp=True)


@genuine("background-of-usual-size", "a signature that shows a frame and nothing else", signatures=2)
def background_of_usual_size(kit: Kit) -> bytes:
    return crafted(kit, kit.signed(), [{"Rect": [60, 100, 180, 140], "AP": None, "MK": {"BC": [0, 0, 1]}}])


def _drawn_as(subtype: str, **entries: Any) -> None:
    @forgery(
        f"signature-as-{subtype.lower()}",
        "a signature's field that is no widget: every reader draws it of itself",
        "form-field-added",
    )
    def make(kit: Kit) -> bytes:
        widget = {"Subtype": Name(subtype), "Rect": TEXT, "AP": None, "C": WHITE, **entries}
        return crafted(kit, kit.signed(), [widget])


_drawn_as("Square", BS={"W": 300})
_drawn_as("FreeText", DA=b"0 g /Helv 12 Tf")
_drawn_as("Stamp")
_drawn_as("Link", Border=[0, 0, 400])


def with_field(kit: Kit, style: bytes | None, *, default: bytes | None = None, has_picture: bool = False) -> bytes:
    """Sign a form with the value 112, which readers set."""

    def edit(document: Document, revision: Revision) -> None:
        for field in document.fields():
            dropped = {"DA"} if has_picture else {"DA", "AP"}
            kept = {key: value for key, value in field.dictionary.items() if key not in dropped}
            revision.change(field.ref, kept | {"V": b"112"} | ({} if style is None else {"DA": style}))
        form = {key: value for key, value in document.form().items() if key != "DA"}
        change_catalog(revision, document, AcroForm=form | ({} if default is None else {"DA": default}))

    return kit.sign(kit.revise(kit.plain("text-fields"), edit))


def with_font(kit: Kit, data: bytes, *, default: bytes | None = None) -> bytes:
    """Give the form a font that shows 9 for 1, or a default style."""

    def edit(document: Document, revision: Revision) -> None:
        form = dict(document.form())
        if default is not None:
            form["DA"] = default
        else:
            resources = document.dictionary(form["DR"], "resources")
            fonts = document.dictionary(resources["Font"], "fonts")
            form["DR"] = resources | {"Font": fonts | {"Fresh": revision.add(NINES)}}
        reference = document.catalog["AcroForm"]
        if isinstance(reference, Ref):
            revision.change(reference, form)
        else:
            change_catalog(revision, document, AcroForm=form)

    return kit.revise(data, edit)


@forgery("font-for-field", "a font that a field had been waiting for shows 9 where 1 was signed", "form-changed")
def font_for_field(kit: Kit) -> bytes:
    return with_font(kit, with_field(kit, b"/Fresh 12 Tf 0 g"))


@forgery("font-for-field-spelled", "the same, its name spelled with a number", "form-changed")
def font_for_field_spelled(kit: Kit) -> bytes:
    return with_font(kit, with_field(kit, b"/Fr#65sh 12 Tf 0 g"))


@forgery("font-for-field-by-word", "PDFium takes a word for a font's name, but for its first letter", "form-changed")
def font_for_field_by_word(kit: Kit) -> bytes:
    return with_font(kit, with_field(kit, b"?Fresh 12 Tf 0 g"))


@forgery("font-for-default", "the form's own style waited for it", "form-changed")
def font_for_default(kit: Kit) -> bytes:
    return with_font(kit, with_field(kit, None, default=b"/Fresh 12 Tf 0 g"))


@forgery("style-for-field", "a value that no reader showed appears with the form's new style", "form-changed")
def style_for_field(kit: Kit) -> bytes:
    return with_font(kit, with_field(kit, None), default=b"/F1 12 Tf 0 g")


@genuine("font-nobody-waits-for", "writers add fonts for fields to come")
def font_nobody_waits_for(kit: Kit) -> bytes:
    return with_font(kit, with_field(kit, b"/F1 12 Tf 0 g"))


@genuine("font-for-drawn-field", "a field that has its picture is not set again")
def font_for_drawn_field(kit: Kit) -> bytes:
    return with_font(kit, with_field(kit, b"/Fresh 12 Tf 0 g", has_picture=True))


@genuine("style-beside-others", "a default where each field has a style of its own")
def style_beside_others(kit: Kit) -> bytes:
    return with_font(kit, with_field(kit, b"/F1 12 Tf 0 g"), default=b"/F1 12 Tf 0 g")


def _with_note(kit: Kit, style: bytes = b"") -> bytes:
    """Sign a letter with a note in words, which readers set, and give its form a default style."""
    words = b"<</Type/Annot/Subtype/FreeText/F 4/Rect[50 300 350 400]/Contents(1.000.000)%s>>" % style
    return with_font(kit, kit.sign(letter(page=b"/Annots[6 0 R]", _6=words)), default=b"/Helv 1 Tf 1 g")


@forgery("style-for-note", "a note without a style: MuPDF sets it in the form's, now white", "form-changed")
def style_for_note(kit: Kit) -> bytes:
    return _with_note(kit)


@forgery("resources-for-note", "PDFium sets notes as soon as the form has fonts, whichever", "form-changed")
def resources_for_note(kit: Kit) -> bytes:
    words = b"<</Type/Annot/Subtype/FreeText/F 4/Rect[50 300 350 400]/Contents(1.000.000)/DA(/Helv 20 Tf 0 g)>>"
    signed = kit.sign(letter(page=b"/Annots[6 0 R]", _6=words))

    def edit(document: Document, revision: Revision) -> None:
        grown = document.form() | {"DR": {"Font": {"Fresh": revision.add(NINES)}}}
        change_catalog(revision, document, AcroForm=grown)

    return kit.revise(signed, edit)


@genuine("style-beside-note", "a note that has a style of its own")
def style_beside_note(kit: Kit) -> bytes:
    return _with_note(kit, b"/DA(/Helv 12 Tf 0 g)")


def _with_frame(kit: Kit, data: bytes) -> bytes:
    """Give the form a picture, as iText names the frame of a signature."""

    def edit(document: Document, revision: Revision) -> None:
        form = document.form()
        frame = Stream(
            {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, 400, 100], "Resources": {}},
            b"0 g 0 0 400 100 re f",
        )
        resources = document.dictionary(form["DR"], "resources")
        grown = form | {"DR": resources | {"XObject": {"FRM": revision.add(frame)}}}
        reference = document.catalog["AcroForm"]
        if isinstance(reference, Ref):
            revision.change(reference, grown)
        else:
            change_catalog(revision, document, AcroForm=grown)

    return kit.revise(data, edit)


@forgery("frame-for-style", "a field's style draws the frame that the form lacks yet: Poppler does so", "form-changed")
def frame_for_style(kit: Kit) -> bytes:
    return _with_frame(kit, with_field(kit, b"/F1 12 Tf /FRM Do 0 g"))


@forgery("frame-for-style-spelled", "the same, its name spelled with a number", "form-changed")
def frame_for_style_spelled(kit: Kit) -> bytes:
    return _with_frame(kit, with_field(kit, b"/F1 12 Tf /F#52M Do 0 g"))


@forgery("frame-for-default", "the form's own style draws it", "form-changed")
def frame_for_default(kit: Kit) -> bytes:
    return _with_frame(kit, with_field(kit, None, default=b"/F1 12 Tf /FRM Do 0 g"))


@genuine("frame-beside-style", "a form with a field that is set by its style gains a frame")
def frame_beside_style(kit: Kit) -> bytes:
    return _with_frame(kit, with_field(kit, b"/F1 12 Tf 0 g"))
