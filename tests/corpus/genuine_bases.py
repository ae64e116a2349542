"""Documents as programs leave them before anybody signs, each signed by two; and forgeries beside what is let pass."""

from __future__ import annotations

import zlib

from gsign.syntax.objects import Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import FOOT, Kit, change_page, open_document, replaced
from tests.corpus.model import forgery, genuine
from tests.corpus.two_uses import empty_field, letter, stream

_SECOND = (1, 80, 730, 100, 50)
_CONTENT = b"BT /F1 40 Tf 50 600 Td (900) Tj ET"
_FONT_FILE = stream(b"1 0 R")
"""What looks like a reference to the catalog makes the verifier read every object, to see who else refers to it."""
_FORM = b"/AcroForm<</Fields[]>>"
_TREE = b"/StructTreeRoot 30 0 R"
_TREE_ROOT = b"<</Type/StructTreeRoot/ParentTree 31 0 R/IDTree 32 0 R>>"


def _signed_by_two(kit: Kit, data: bytes) -> bytes:
    return kit.sign(kit.sign(data, at=FOOT), kit.agency, at=_SECOND)


# ---------------------------------------------------------------- entries at the first byte of the file


def _listed_at_zero(data: bytes, *numbers: int) -> bytes:
    """List objects as being in use, at the first byte of the file."""
    start = data.rindex(b"\nxref\n") + len(b"\nxref\n0 33\n")
    for number in numbers:
        at = start + 20 * number
        data = data[:at] + replaced(data[at : at + 20], b" f ", b" n ") + data[at + 20 :]
    return data


@genuine("entries-at-zero", "many writers list what they have not written at the first byte", signatures=2)
def entries_at_zero(kit: Kit) -> bytes:
    return _signed_by_two(kit, _listed_at_zero(letter(catalog=_FORM, _32=_FONT_FILE), 6, 7, 31))


@genuine(
    "entries-at-zero-referred-to", "macOS refers to such objects, from the root of the structure tree", signatures=2
)
def entries_at_zero_referred_to(kit: Kit) -> bytes:
    tagged = letter(catalog=_TREE, _30=_TREE_ROOT, _32=b"<<>>")
    return _signed_by_two(kit, _listed_at_zero(tagged, 31))


@forgery(
    "entries-at-zero-with-two-roots",
    "whoever searches the bytes may take the catalog of the first revision",
    "hidden-objects",
)
def entries_at_zero_with_two_roots(kit: Kit) -> bytes:
    tagged = _listed_at_zero(letter(catalog=_TREE, _30=_TREE_ROOT, _32=b"<<>>"), 31)
    found = open_document(tagged)
    start = len(tagged)
    catalog = b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 30 0 R>>"
    body = b"33 0 obj\n%b\nendobj\n" % catalog
    table = b"xref\n33 1\n%010d 00000 n \n" % start
    trailer = b"trailer\n<</Size 34/Root 33 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        found.sections[0].offset, start + len(body),
    )  # fmt: skip
    return kit.sign_blindly(kit.sign(tagged + body + table + trailer, at=FOOT), kit.agency, at=_SECOND)


@genuine("older-root-spelled-otherwise", "an older trailer's /Root is no reference, which nobody follows", signatures=2)
def older_root_spelled_otherwise(kit: Kit) -> bytes:
    data = letter()
    data = kit.revise(data, lambda document, revision: revision.change(Ref(5), document.load(Ref(5))))
    at = data.index(b"trailer")
    end = data.index(b"startxref")
    odd = replaced(data[at:end], b"/Root 1 0 R", b"/Root[1 0] ")
    return _signed_by_two(kit, data[:at] + odd + data[end:])


# ---------------------------------------------------------------- the information dictionary


@genuine("keywords-of-macos", "macOS lists keywords one by one; the next writer says when it wrote", signatures=2)
def keywords_of_macos(kit: Kit) -> bytes:
    information = b"<</Producer 34 0 R/Keywords 35 0 R/AAPL:Keywords 36 0 R>>"
    texts = {"_33": information, "_34": b"(Quartz)", "_35": b"()", "_36": b"[(one)35 0 R]"}
    signed = kit.sign(letter(trailer=b"/Info 33 0 R", **texts), at=FOOT)

    def edit(found: Document, revision: Revision) -> None:
        told = found.dictionary(Ref(33), "information") | {"ModDate": b"D:20260127153922+07'00'"}
        revision.change(Ref(33), told)

    return kit.sign(kit.revise(signed, edit), kit.agency, at=_SECOND)


# ---------------------------------------------------------------- spellings of streams


def _lengths_apart(length: bytes) -> bytes:
    return letter(_4=stream(_CONTENT).replace(b"/Length %d" % len(_CONTENT), b"/Length 6 0 R"), _6=length)


@genuine("length-glued-to-endobj", "Ghostscript wrote `34endobj` for the length of a stream", signatures=2)
def length_glued_to_endobj(kit: Kit) -> bytes:
    glued = _lengths_apart(b"%d" % len(_CONTENT)).replace(
        b"\n%d\nendobj" % len(_CONTENT), b"\n%dendobj " % len(_CONTENT)
    )
    return _signed_by_two(kit, glued)


@forgery("length-glued-after-signing", "PDFium takes the number for nothing, others for what it says")
def length_glued_after_signing(kit: Kit) -> bytes:
    def edit(found: Document, revision: Revision) -> None:
        empty_field(found, revision, MaxLen=revision.add(31337))

    return replaced(kit.revise(kit.signed(), edit), b"31337\nendobj", b"31337endobj\n")


@genuine("stream-behind-carriage-return", "writers for classic Mac OS end the keyword's line so", signatures=2)
def stream_behind_carriage_return(kit: Kit) -> bytes:
    return _signed_by_two(kit, replaced(letter(catalog=_FORM, _6=_FONT_FILE), b">>\nstream\n", b">>\nstream\r"))


# ---------------------------------------------------------------- compression without an end


def _in_object_stream(packed: bytes, first: int) -> bytes:
    """Write a letter whose catalog stands in an object stream, and its section in another stream."""
    pages = {
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        4: stream(_CONTENT),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        6: stream(packed, b"/Type/ObjStm/N 1/First %d/Filter/FlateDecode" % first),
    }
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    rows = [b"\0\0\0\0\0\0\0", b"\2" + (6).to_bytes(4, "big") + b"\0\0"]
    for number, value in pages.items():
        rows.append(b"\1" + len(out).to_bytes(4, "big") + b"\0\0")
        out += b"%d 0 obj\n%b\nendobj\n" % (number, value)
    start = len(out)
    rows.append(b"\1" + start.to_bytes(4, "big") + b"\0\0")
    entries = b"/Type/XRef/W[1 4 2]/Size 8/Root 1 0 R/ID[<00><00>]"
    out += b"7 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream(b"".join(rows), entries), start)
    return bytes(out)


def _flushed(held: bytes) -> bytes:
    machine = zlib.compressobj()
    return machine.compress(held) + machine.flush(zlib.Z_SYNC_FLUSH)


_HELD = b"1 0 <</Type/Catalog/Pages 2 0 R>>"


@genuine("compression-never-closed", "a writer flushes what it compressed, and never ends it", signatures=2)
def compression_never_closed(kit: Kit) -> bytes:
    return _signed_by_two(kit, _in_object_stream(_flushed(_HELD), 4))


# ---------------------------------------------------------------- linearized files, saved again


def saved_by_firefox(data: bytes) -> bytes:
    """Save a linearized file as Firefox does: what it says was the section before is the end of the first object."""
    found = open_document(data)
    first = data.index(b"endobj") + len(b"endobj")
    start = found.sections[0].offset
    assert not data[first:start].strip(), "what pads the first object"
    revision = Revision(found)
    change_page(revision, found, Contents=revision.add(Stream({}, _CONTENT)))
    return data + replaced(revision.write(), b"/Prev %d" % start, b"/Prev %d" % first)


@genuine(
    "linearized-saved-by-firefox",
    "its section names the end of the file's first object as the one before",
    signatures=2,
)
def linearized_saved_by_firefox(kit: Kit) -> bytes:
    return _signed_by_two(kit, saved_by_firefox(kit.plain("linearized")))
