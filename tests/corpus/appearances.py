"""What a later, valid signature or a permitted change draws: over the page, where nobody looks, without a signer."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from typing import Any, Final

from gsign.signer import Digest
from gsign.signing.placeholder import Placeholder, base_entries, signature_dictionary
from gsign.syntax.objects import Name, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import Kit, change_catalog, change_page, open_document, page_of
from tests.corpus.model import forgery, genuine
from tests.corpus.two_uses import empty_field, letter

WHITE: Final = b"1 g 0 0 100 100 re f"
WHOLE: Final = [0, 0, 595, 842]
_FORM: Final[dict[str, Any]] = {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, 100, 100]}


def picture(revision: Revision, data: bytes = WHITE, box: Any = (0, 0, 100, 100)) -> Ref:
    """Add a form that covers its box in white."""
    return revision.add(Stream({"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": list(box)}, data))


def crafted(
    kit: Kit,
    data: bytes,
    widgets: list[dict[str, Any]],
    *,
    pages: tuple[int, ...] = (0,),
    timestamp: bool = False,
    entries: dict[str, Any] | None = None,
    name: bytes = b"Crafted",
    draw: Callable[[Revision], Ref] = picture,
    is_first: bool = False,
) -> bytes:
    """Append a valid signature by the agency whose field has these widgets, listed on these pages.

    `draw` makes their picture; `is_first` puts them in front of other annotations.
    """
    document = open_document(data)
    revision = Revision(document)
    kind, subfilter = ("DocTimeStamp", "ETSI.RFC3161") if timestamp else ("Sig", "ETSI.CAdES.detached")
    signature = revision.add(signature_dictionary(base_entries(subfilter, None, kind=kind) | (entries or {}), 8000))
    field = {"FT": Name("Sig"), "T": name, "V": signature}
    refs = _widgets(document, revision, field, [{"AP": {"N": draw(revision)}} | widget for widget in widgets])
    for index in pages:
        listed = document.array(page_of(document, index)[1].get("Annots"), "annots")
        change_page(revision, document, index, Annots=[*refs, *listed] if is_first else [*listed, *refs])
    return sealed(kit, data, revision, signature, is_timestamp=timestamp)


def sealed(kit: Kit, data: bytes, revision: Revision, signature: Ref, *, is_timestamp: bool = False) -> bytes:
    """Append a revision, and fill the value of the signature in that it adds: the agency's."""
    tail = revision.write()
    placeholder = Placeholder.locate(tail, len(data), revision.offsets[signature.number])
    running = hashlib.sha256(data)
    for part in placeholder.covered():
        running.update(part)
    placeholder.fill(_stamp(kit, running.digest()) if is_timestamp else kit.contents(running.digest(), kit.agency))
    return data + bytes(placeholder.revision)


def _widgets(document: Document, revision: Revision, field: dict[str, Any], widgets: list[dict[str, Any]]) -> list[Ref]:
    common = {"Type": Name("Annot"), "Subtype": Name("Widget"), "F": 132, "P": page_of(document)[0]}
    wanted = [common | widget for widget in widgets]
    dressed = [{key: value for key, value in widget.items() if value is not None} for widget in wanted]
    form = document.catalog.get("AcroForm")
    fields = document.form().get("Fields", [])
    if len(dressed) == 1:
        refs = [revision.add(dressed[0] | field)]
        listed = refs
    else:
        parent = revision.add(field)
        refs = [revision.add(widget | {"Parent": parent}) for widget in dressed]
        revision.change(parent, field | {"Kids": refs})
        listed = [parent]
    changed = document.form() | {"Fields": [*document.array(fields, "fields"), *listed], "SigFlags": 3}
    if isinstance(form, Ref):
        revision.change(form, changed)
    else:
        revision.change(document.trailer["Root"], document.catalog | {"AcroForm": revision.add(changed)})
    return refs


def _stamp(kit: Kit, digest: bytes) -> bytes:
    from gsign.trust.timestamp import TimestampClient

    return TimestampClient(kit.pki.tsa_url).stamp(digest, Digest.SHA256)


# ---------------------------------------------------------------- pages covered


@forgery("covered-by-five-numbers", "a rectangle of five numbers, of which readers take four", "appearance-unbounded")
def covered_by_five_numbers(kit: Kit) -> bytes:
    return crafted(kit, kit.signed(), [{"Rect": [*WHOLE, 0]}])


@forgery("covered-by-parts", "four pictures that cover a page together", "appearance-covers-page")
def covered_by_parts(kit: Kit) -> bytes:
    return crafted(kit, kit.signed(), [{"Rect": [0, 205 * i, 595, 205 * i + 205]} for i in range(4)])


@forgery("covered-by-many", "several signatures that cover a page together", "appearance-covers-page")
def covered_by_many(kit: Kit) -> bytes:
    data = kit.signed()
    for bottom in (0, 300):
        data = kit.sign_blindly(data, kit.agency, at=(1, 0, bottom, 595, 260))
    return data


@forgery("covered-in-crop-box", "the media box is vast, what is shown of it is covered", "appearance-covers-page")
def covered_in_crop_box(kit: Kit) -> bytes:
    data = kit.revise(kit.plain(), lambda d, r: change_page(r, d, MediaBox=[-5000, -5000, 5000, 5000], CropBox=WHOLE))
    return crafted(kit, kit.sign(data), [{"Rect": WHOLE}])


@forgery("covered-elsewhere", "/P names a large page, the picture is listed on a small one", "appearance-covers-page")
def covered_elsewhere(kit: Kit) -> bytes:
    name = "five-pages"
    document = open_document(kit.plain(name))
    data = kit.revise(kit.plain(name), lambda d, r: change_page(r, d, 1, MediaBox=[0, 0, 9000, 9000]))
    return crafted(kit, kit.sign(data), [{"Rect": WHOLE, "P": page_of(document, 1)[0]}])


@forgery(
    "picture-by-timestamp", "anybody can have a document timestamp: it draws nothing", "appearance-without-signature"
)
def picture_by_timestamp(kit: Kit) -> bytes:
    return crafted(kit, kit.signed(), [{"Rect": [100, 300, 500, 420]}], timestamp=True)


@forgery("certified-picture-by-timestamp", "even where nothing at all may change", "appearance-without-signature")
def certified_picture_by_timestamp(kit: Kit) -> bytes:
    return crafted(kit, kit.sign(kit.plain(), certify=1), [{"Rect": [100, 300, 500, 420]}], timestamp=True)


@genuine("document-timestamp-invisible", "a field of no area, with an empty picture", signatures=2)
def document_timestamp_invisible(kit: Kit) -> bytes:
    return _without_area(kit, Stream(_FORM, b"% DSBlank\n"), timestamp=True)


@genuine("document-timestamp-invisible-compressed", "the same as iText writes it", signatures=2)
def document_timestamp_invisible_compressed(kit: Kit) -> bytes:
    return _without_area(kit, Stream(_FORM | {"Filter": Name("FlateDecode")}, zlib.compress(b"")), timestamp=True)


@genuine("signature-without-area", "a small picture, which nearly all readers leave out", signatures=2)
def signature_without_area(kit: Kit) -> bytes:
    return _without_area(kit, Stream(_FORM, WHITE))


@forgery(
    "picture-without-area-by-timestamp",
    "Ghostscript draws the picture of a field that has no area as large as it is",
    "appearance-without-signature",
)
def picture_without_area_by_timestamp(kit: Kit) -> bytes:
    return _without_area(
        kit, Stream(_FORM | {"BBox": [0, 0, 1, 1], "Matrix": [595, 0, 0, 842, 0, 0]}, WHITE), timestamp=True
    )


@forgery(
    "picture-gone-by-timestamp",
    "what the signer saw in a field gives way to a timestamp",
    "appearance-without-signature",
)
def picture_gone_by_timestamp(kit: Kit) -> bytes:
    def prepare(document: Document, revision: Revision) -> None:
        empty_field(document, revision, Rect=[100, 300, 300, 400], AP={"N": picture(revision, b"0 g 9 9 80 80 re f")})

    data = kit.sign(kit.revise(kit.revise(kit.plain(), _add_form), prepare))
    document = open_document(data)
    revision = Revision(document)
    stamp = revision.add(signature_dictionary(base_entries("ETSI.RFC3161", None, kind="DocTimeStamp"), 8000))
    field = next(found for found in document.fields() if found.name == "Next")
    kept = {key: value for key, value in field.dictionary.items() if key != "AP"}
    revision.change(field.ref, kept | {"V": stamp})
    return sealed(kit, data, revision, stamp, is_timestamp=True)


def _add_form(document: Document, revision: Revision) -> None:
    change_catalog(revision, document, AcroForm={"Fields": []})


@forgery("covered-without-area", "the same with a signature", "appearance-covers-page")
def covered_without_area(kit: Kit) -> bytes:
    return _without_area(kit, Stream(_FORM | {"BBox": WHOLE}, b"1 g 0 0 595 842 re f"))


def _without_area(kit: Kit, drawn: Stream, **options: Any) -> bytes:
    return crafted(kit, kit.signed(), [{"Rect": [0, 0, 0, 0]}], draw=lambda revision: revision.add(drawn), **options)


@forgery("filled-over-page", "a text field as large as the page is filled in", "appearance-covers-page")
def filled_over_page(kit: Kit) -> bytes:
    def place(document: Document, revision: Revision) -> None:
        found = next(f for f in document.fields() if f.kind == "Tx")
        revision.change(found.ref, found.dictionary | {"Rect": WHOLE})

    def fill(document: Document, revision: Revision) -> None:
        found = next(f for f in document.fields() if f.kind == "Tx")
        revision.change(found.ref, found.dictionary | {"V": b"x", "AP": {"N": picture(revision)}})

    return kit.revise(kit.sign(kit.revise(kit.plain("text-fields"), place), certify=2), fill)


@forgery("annotated-over-page", "a stamp as large as the page, where annotations are allowed", "appearance-covers-page")
def annotated_over_page(kit: Kit) -> bytes:
    def stamp(document: Document, revision: Revision) -> None:
        ref = revision.add(
            {"Type": Name("Annot"), "Subtype": Name("Stamp"), "Rect": WHOLE, "F": 4, "AP": {"N": picture(revision)}}
        )
        listed = document.array(page_of(document)[1].get("Annots"), "annots")
        change_page(revision, document, Annots=[*listed, ref])

    return kit.revise(kit.sign(kit.plain(), certify=3), stamp)


@forgery(
    "text-covered", "a picture of a quarter of the page lies over nearly all of its text", "appearance-covers-page"
)
def text_covered(kit: Kit) -> bytes:
    return crafted(kit, kit.sign(kit.plain()), [{"Rect": [60, 590, 560, 800]}])


def _unfixed(name: str, flags: int, why: str) -> None:
    @forgery(f"picture-{name}", why, "appearance-unbounded")
    def make(kit: Kit) -> bytes:
        rotated = kit.revise(kit.plain(), lambda found, revision: change_page(revision, found, Rotate=90))
        return crafted(kit, kit.sign(rotated), [{"Rect": [100, 100, 300, 160], "F": 132 | flags}])


_unfixed("that-does-not-turn", 16, "on a turned page the picture stands beside its rectangle, over other text")
_unfixed("that-does-not-shrink", 8, "the smaller the page is shown, the more of it the picture covers")


@forgery(
    "empty-field-over-page",
    "an empty field as large as the page, in which MuPDF draws a mark of its own",
    "appearance-covers-page",
)
def empty_field_over_page(kit: Kit) -> bytes:
    def edit(found: Document, revision: Revision) -> None:
        empty_field(found, revision, Rect=[0, 0, 595, 842])

    return kit.revise(kit.sign(letter()), edit)


@forgery(
    "empty-field-nowhere",
    "an empty field whose place is no rectangle: MuPDF shows an empty page",
    "appearance-unbounded",
)
def empty_field_nowhere(kit: Kit) -> bytes:
    def edit(found: Document, revision: Revision) -> None:
        empty_field(found, revision, Rect={"Left": 0})

    return kit.revise(kit.sign(letter()), edit)
