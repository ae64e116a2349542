"""What readers draw by themselves: values without a picture, lines between points, an object that nobody counts."""

from __future__ import annotations

from typing import Any

from gsign.syntax.objects import Name, Ref
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.appearances import WHOLE, crafted, picture
from tests.corpus.kit import Kit, change_catalog, change_page, open_document, page_of
from tests.corpus.model import forgery, genuine

_WORDS = {"Rect": [100, 300, 500, 400], "DA": b"/Helv 30 Tf 0 g"}


def _list_on_page(document: Document, revision: Revision, *added: Ref) -> None:
    """Have the first page show further annotations."""
    listed = document.array(page_of(document)[1].get("Annots"), "annots")
    change_page(revision, document, Annots=[*listed, *added])


def _with_annotations(kit: Kit, *annotations: dict[str, Any]) -> bytes:
    """Certify a letter so that annotations are allowed, and add some."""

    def edit(document: Document, revision: Revision) -> None:
        common = {"Type": Name("Annot"), "P": page_of(document)[0], "F": 4}
        _list_on_page(document, revision, *(revision.add(common | entries) for entries in annotations))

    return kit.revise(kit.sign(kit.plain(), certify=3), edit)


def _with_kid(data: bytes, kit: Kit, **entries: Any) -> bytes:
    """Append an empty signature field with a widget apart."""

    def edit(document: Document, revision: Revision) -> None:
        page, _ = page_of(document)
        field = revision.add({})
        kid = revision.add({"Subtype": Name("Widget"), "P": page, "F": 4, "Parent": field} | _WORDS | entries)
        revision.change(field, {"FT": Name("Sig"), "T": b"Next", "Kids": [kid]})
        _list_on_page(document, revision, kid)
        fields = document.array(document.form()["Fields"], "fields")
        change_catalog(revision, document, AcroForm=document.form() | {"Fields": [*fields, field]})

    return kit.revise(data, edit)


@forgery(
    "text-as-empty-field",
    "the widget of an empty signature field says that it is a text field: Poppler, MuPDF and Ghostscript set its text",
    "form-field-added",
)
def text_as_empty_field(kit: Kit) -> bytes:
    return _with_kid(kit.signed(), kit, FT=Name("Tx"), V=b"1.000.000.000")


@forgery("box-as-empty-field", "the same with a ticked box", "form-field-added")
def box_as_empty_field(kit: Kit) -> bytes:
    return _with_kid(kit.signed(), kit, FT=Name("Btn"), V=Name("Yes"), AS=Name("Yes"))


@forgery(
    "value-shown-again",
    "the widget names a text field as what it belongs to: readers show that field's value a second time",
    "form-field-added",
)
def value_shown_again(kit: Kit) -> bytes:
    data = kit.signed("text-fields")
    text = next(f for f in open_document(data).fields() if f.kind == "Tx")
    return _with_kid(data, kit, Parent=text.ref)


@genuine("empty-field-with-kid", "an empty field whose widget is an object of its own")
def empty_field_with_kid(kit: Kit) -> bytes:
    return _with_kid(kit.signed(), kit, FT=Name("Sig"))


@forgery("object-zero-supplied", "the page names object 0, which Poppler shows once it is there", "revision-malformed")
def object_zero_supplied(kit: Kit) -> bytes:
    def prepare(document: Document, revision: Revision) -> None:
        change_page(revision, document, Contents=[page_of(document)[1]["Contents"], Ref(0)])

    data = kit.sign(kit.revise(kit.plain(), prepare))
    document = open_document(data)
    drawn = b"0 0 obj\n<</Length 24>>\nstream\n1 g 0 0 400 800 re f    \nendstream\nendobj\n"
    entries = (document.size, document.trailer["Root"].number, document.sections[0].offset)
    end = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % entries
    table = b"xref\n0 1\n%010d 00000 n \n" % len(data)
    return data + drawn + table + end + b"startxref\n%d\n%%%%EOF\n" % (len(data) + len(drawn))


# ---------------------------------------------------------------- annotations where they are allowed


@forgery("covered-by-halves", "two stamps that hide a page together", "appearance-covers-page")
def covered_by_halves(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        look = {"Type": Name("Annot"), "Subtype": Name("Stamp"), "F": 4, "AP": {"N": picture(revision)}}
        halves = [revision.add(look | {"Rect": [0, bottom, 595, bottom + 420]}) for bottom in (0, 421)]
        _list_on_page(document, revision, *halves)

    return kit.revise(kit.sign(kit.plain(), certify=3), edit)


@forgery("filled-by-halves", "two fields that hide a page together once they are filled in", "appearance-covers-page")
def filled_by_halves(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision, *, filled: bool = True) -> None:
        for at, field in enumerate([f for f in document.fields() if f.kind == "Tx"][:2]):
            place = {"Rect": [0, 421 * at, 595, 421 * at + 420]}
            value = {"V": b"x", "AP": {"N": picture(revision)}} if filled else place
            revision.change(field.ref, field.dictionary | value)

    prepared = kit.revise(kit.plain("text-fields"), lambda d, r: edit(d, r, filled=False))
    return kit.revise(kit.sign(prepared, certify=2), edit)


@forgery("covered-by-polygon", "a white area whose corners lie outside of its rectangle", "appearance-covers-page")
def covered_by_polygon(kit: Kit) -> bytes:
    corners = [0, 0, 595, 0, 595, 842, 0, 842]
    look = {"Subtype": Name("Polygon"), "Rect": [10, 10, 20, 20], "C": [1, 1, 1], "IC": [1, 1, 1]}
    return _with_annotations(kit, look | {"Vertices": corners})


@forgery("covered-by-line", "a white line as wide as the page is high", "appearance-covers-page")
def covered_by_line(kit: Kit) -> bytes:
    look = {"Subtype": Name("Ink"), "Rect": [10, 10, 20, 20], "C": [1, 1, 1], "BS": {"W": 900}}
    return _with_annotations(kit, look | {"InkList": [[0, 421, 595, 421]]})


@forgery("covered-by-highlight", "a black highlight over all that stands there", "appearance-covers-page")
def covered_by_highlight(kit: Kit) -> bytes:
    look = {"Subtype": Name("Highlight"), "Rect": [10, 10, 20, 20], "C": [0, 0, 0]}
    return _with_annotations(kit, look | {"QuadPoints": [0, 842, 595, 842, 0, 0, 595, 0]})


@forgery("covered-by-leaders", "lines that stand off far from where they begin", "appearance-covers-page")
def covered_by_leaders(kit: Kit) -> bytes:
    look = {"Subtype": Name("Line"), "Rect": [10, 10, 20, 20], "C": [1, 1, 1], "BS": {"W": 80}}
    return _with_annotations(kit, look | {"L": [100, 10, 500, 10], "LL": 800})


@forgery("covered-by-window", "an open window, which Ghostscript draws in white", "appearance-covers-page")
def covered_by_window(kit: Kit) -> bytes:
    return _with_annotations(kit, {"Subtype": Name("Popup"), "Rect": WHOLE, "Open": True})


@forgery(
    "timestamp-over-page",
    "a document timestamp without a picture, which MuPDF marks where it is to be signed",
    "appearance-covers-page",
)
def timestamp_over_page(kit: Kit) -> bytes:
    return crafted(kit, kit.signed(), [{"Rect": WHOLE, "AP": None}], timestamp=True)


@forgery("points-that-are-none", "nobody knows where it is drawn", "revision-malformed")
def points_that_are_none(kit: Kit) -> bytes:
    look = {"Subtype": Name("Highlight"), "Rect": [10, 10, 20, 20]}
    return _with_annotations(kit, look | {"QuadPoints": [Name("All")]})


@genuine("certified-3-then-commented", "a line, a highlight and a note with its window", warning="annotated-after")
def certified_then_commented(kit: Kit) -> bytes:
    line = {"Subtype": Name("Line"), "Rect": [90, 590, 310, 610], "L": [100, 600, 300, 600]}
    marked = {"Subtype": Name("Highlight"), "Rect": [80, 640, 300, 660], "C": [1, 1, 0]}
    note = {"Subtype": Name("Text"), "Rect": [500, 700, 520, 720], "Contents": b"?"}
    window = {"Subtype": Name("Popup"), "Rect": [0, 0, 595, 842], "Open": False}
    return _with_annotations(kit, line, marked | {"QuadPoints": [80, 660, 300, 660, 80, 640, 300, 640]}, note, window)


@genuine(
    "locked-upright-by-poppler", "Poppler and Okular lock the picture, upright, on pages that are so", signatures=2
)
def locked_upright_by_poppler(kit: Kit) -> bytes:
    return crafted(kit, kit.signed(), [{"Rect": [100, 100, 200, 150], "F": 148}])


@genuine("locked-upright-unseen", "pdfsig does so with an empty picture on a turned page as well", signatures=2)
def locked_upright_unseen(kit: Kit) -> bytes:
    unseen = {"AP": None, "Rect": [0, 0, 0, 0], "F": 148}
    return crafted(kit, kit.signed("rotated-90"), [unseen])
