"""Signed documents that a program saved again."""

from __future__ import annotations

import io
import warnings

import pikepdf

from gsign.result import Indication
from gsign.syntax.objects import Name, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import Kit, attach, change_catalog, resaved
from tests.corpus.model import forgery


@forgery("resaved", "saved again: positions moved", "rewritten-after-signing")
def saved_again(kit: Kit) -> bytes:
    return resaved(kit.signed())


@forgery("resaved-linearized", "saved for the web", "rewritten-after-signing")
def saved_linearized(kit: Kit) -> bytes:
    return resaved(kit.signed(), linearize=True)


@forgery("resaved-optimised", "saved with object streams", "rewritten-after-signing")
def saved_optimised(kit: Kit) -> bytes:
    return resaved(kit.signed(), object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=True)


@forgery("scan-resaved", "a large scan, saved again", "rewritten-after-signing")
def scan_saved_again(kit: Kit) -> bytes:
    return resaved(kit.sign(kit.revise(kit.plain(), attach)))


@forgery("scan-form-dropped", "a large scan whose catalog lost its form", "rewritten-after-signing")
def scan_form_dropped(kit: Kit) -> bytes:
    data = kit.sign(kit.revise(kit.plain(), attach))
    return kit.revise(data, lambda d, r: change_catalog(r, d, AcroForm=None))


def _without(kit: Kit, *, annotations: bool, **options: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(kit.signed())) as pdf, warnings.catch_warnings():
        # That widgets are left without a form is the point.
        warnings.simplefilter("ignore")
        del pdf.Root.AcroForm
        if annotations:
            for page in pdf.Root.Pages.Kids:
                del page.Annots
        pdf.save(out, **options)
    return out.getvalue()


@forgery("form-dropped", "saved without its form: the signature's dictionary remains", "rewritten-after-signing")
def form_dropped(kit: Kit) -> bytes:
    return _without(kit, annotations=False)


@forgery("form-dropped-optimised", "the same, packed into object streams", "rewritten-after-signing")
def form_dropped_optimised(kit: Kit) -> bytes:
    return _without(kit, annotations=False, object_stream_mode=pikepdf.ObjectStreamMode.generate)


@forgery("printed", "nothing of the signature remains", indication=Indication.NO_SIGNATURE_FOUND)
def printed(kit: Kit) -> bytes:
    return _without(kit, annotations=True)


def _dictionary(data: bytes) -> bytes:
    """Return the object that holds the signature dictionary."""
    at = data.rindex(b"/ByteRange")
    begin = data.rindex(b"\n", 0, data.rindex(b" obj", 0, at)) + 1
    return data[begin : data.index(b"endobj", at) + 7]


def _without_field(data: bytes) -> bytes:
    return data.replace(b"/FT /Sig", b"/FX /Sig")


@forgery("range-and-field-lost", "what is signed cannot be told, and no field leads there", "rewritten-after-signing")
def range_and_field_lost(kit: Kit) -> bytes:
    return _without_field(kit.signed().replace(b"/ByteRange", b"/ByteStuff"))


@forgery("certified-field-lost", "a certification that no field leads to: no usage rights", "rewritten-after-signing")
def certified_field_lost(kit: Kit) -> bytes:
    return _without_field(kit.sign(kit.plain(), certify=2))


@forgery("form-dropped-compressed", "the signature is in an object stream", "rewritten-after-signing")
def form_dropped_compressed(kit: Kit) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(kit.signed())) as pdf:
        signature = pdf.Root.AcroForm.Fields[0].V
        # qpdf leaves dictionaries that say what they are where they can be signed.
        del signature.Type
        pdf.Root.Kept = signature
        del pdf.Root.AcroForm
        del pdf.pages[0].Annots
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"/ByteRange" not in out.getvalue()
    return out.getvalue()


@forgery("range-and-form-lost", "the same, where the form is gone", "rewritten-after-signing")
def range_and_form_lost(kit: Kit) -> bytes:
    return kit.signed().replace(b"/ByteRange", b"/ByteStuff").replace(b"/AcroForm", b"/AcroFile")


@forgery("range-respelled", "the same with names that are spelled by numbers", "rewritten-after-signing")
def range_respelled(kit: Kit) -> bytes:
    spelled = _dictionary(kit.signed()).replace(b"/ByteRange", b"/Byte#52ange").replace(b"/SubFilter", b"/Sub#46ilter")
    return _beside(kit.plain(), spelled)


@forgery("scan-signature-unlisted", "a large scan that no longer lists its signature", "rewritten-after-signing")
def scan_signature_unlisted(kit: Kit) -> bytes:
    return _beside(kit.revise(kit.plain(), attach), _dictionary(kit.signed()))


@forgery("signature-among-decoys", "an attachment speaks of ranges very often", "rewritten-after-signing")
def signature_among_decoys(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        change_catalog(revision, document, Evidence=revision.add(Stream({}, b"/ByteRange " * 70_000)))

    return _beside(kit.revise(kit.plain(), edit), _dictionary(kit.signed()))


@forgery(
    "kinds-of-signatures-named",
    "a field tells which kinds of signatures it wants, and there is none",
    indication=Indication.NO_SIGNATURE_FOUND,
)
def kinds_named(kit: Kit) -> bytes:
    wanted = {"Type": Name("SV"), "SubFilter": [Name("ETSI.CAdES.detached"), Name("adbe.pkcs7.detached")]}
    field = {"FT": Name("Sig"), "T": b"x", "SV": wanted}

    def edit(document: Document, revision: Revision) -> None:
        change_catalog(revision, document, AcroForm={"Fields": [revision.add(field)]})

    return kit.revise(kit.plain(), edit)


def _beside(data: bytes, inserted: bytes) -> bytes:
    """Put bytes in front of the last cross-reference table, where no section lists them."""
    at = data.rindex(b"\nxref\n") + 1
    start = data.rindex(b"startxref")
    return data[:at] + inserted + data[at:start] + b"startxref\n%d\n%%%%EOF\n" % (at + len(inserted))
