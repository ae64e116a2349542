"""Signed documents that read otherwise to whom searches the bytes, with nothing odd in what was added later."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable

from gsign.syntax.objects import Name, Raw, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.source import CHUNK
from gsign.syntax.writer import Revision
from tests.corpus.kit import FOOT, Kit, attach, change_catalog, change_page, open_document, page_of, resaved
from tests.corpus.model import forgery, genuine
from tests.corpus.repairs import prepared
from tests.corpus.two_uses import empty_field, letter, stream

_EVIL = b"BT /F1 40 Tf 100 400 Td (5 000 000 000) Tj ET"


def _signed_again(kit: Kit, data: bytes) -> bytes:
    return kit.sign_blindly(kit.sign(data, at=FOOT), kit.agency, at=(1, 80, 730, 100, 50))


def _with_hidden(kit: Kit, hidden: Callable[[int], bytes], name: str = "one-page") -> bytes:
    """Put bytes in front of the cross-reference table; `hidden` is given the number of the first page's content."""
    data = kit.plain(name)
    contents = page_of(open_document(data))[1]["Contents"]
    at = data.rindex(b"xref\n0 ")
    start = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    inserted = hidden((contents[0] if isinstance(contents, list) else contents).number)
    moved = start + len(inserted)
    return data[:at] + inserted + data[at:].replace(b"startxref\n%d" % start, b"startxref\n%d" % moved)


def _object(number: int, data: bytes = _EVIL, entries: bytes = b"", head: bytes = b"%d 0 obj") -> bytes:
    return head % number + b"\n<<%b/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (entries, len(data), data)


@forgery(
    "object-hidden", "another content of the page, listed nowhere; then a plain second signature", "hidden-objects"
)
def object_hidden(kit: Kit) -> bytes:
    return kit.sign_blindly(prepared(kit), kit.agency)


def _hidden(name: str, why: str, make: Callable[[int], bytes]) -> None:
    @forgery(f"object-hidden-{name}", why, "hidden-objects")
    def forged(kit: Kit) -> bytes:
        return _signed_again(kit, _with_hidden(kit, make))


_hidden("spelled", "the head has line ends in it", lambda n: _object(n, head=b"%d\r\n0\r\nobj"))
_hidden("zeros", "the head has more digits than it needs", lambda n: _object(n, head=b"000%d 000 obj"))
_hidden("far", "the head has much white space", lambda n: _object(n, head=b"%d 0" + b" " * 200 + b"obj"))
_hidden("new", "an object whose number no section has", lambda n: _object(n + 4000))
_hidden("trailer", "a trailer that no section has", lambda _: b"trailer\n<</Root 7 0 R/Size 9>>\n")
_hidden("generation", "of a later generation", lambda n: _object(n, head=b"%d 7 obj"))
_hidden("behind-comment", "a comment stands within the head", lambda n: _object(n, head=b"%d 0 %%c\nobj"))
_hidden("behind-remark", "a long one", lambda n: _object(n, head=b"%d 0 %%" + b"c" * 5000 + b"\nobj"))
_hidden("white", "PDFium has more characters of white space", lambda n: _object(n, head=b"%d\x800\xffobj"))
_hidden("real", "PDFium takes a real number for a generation", lambda n: _object(n, head=b"%d 0.0 obj"))
_hidden("signed", "MuPDF, Ghostscript and PDFium let it have a sign", lambda n: _object(n, head=b"%d +0 obj"))


@forgery("object-hidden-by-count", "a listed one lies in a stream, and one that is not outside", "hidden-objects")
def hidden_by_count(kit: Kit) -> bytes:
    blob = b"x" * 1_000_000 + b"\n7 0 obj\nnull\nendobj\n"
    data = letter(_6=stream(blob))
    inner = b"%010d 00000 n \n" % data.index(b"7 0 obj")
    data = data.replace(b"trailer\n<</Size 7", inner + b"trailer\n<</Size 8").replace(b"xref\n0 7", b"xref\n0 8")
    at = data.rindex(b"xref\n0 8")
    return _signed_again(
        kit, data[:at] + _object(4) + data[at:].replace(b"\n%d\n%%%%" % at, b"\n%d\n%%%%" % (at + len(_object(4))))
    )


@forgery("object-hidden-between-pieces", "its head lies where one piece that is read ends", "hidden-objects")
def hidden_between_pieces(kit: Kit) -> bytes:
    at = kit.plain().rindex(b"xref\n0 ")

    def make(number: int) -> bytes:
        head = b"%d 0 ob" % (number + 4000)
        # What is not most of the file is read from its beginning.
        filler = b"%\n" * ((CHUNK - at - len(head)) // 2)
        return filler.ljust(CHUNK - at - len(head)) + _object(number + 4000)

    return _signed_again(kit, _with_hidden(kit, make))


@forgery("object-hidden-in-stream", "inside an attachment that is no document", "hidden-objects")
def hidden_in_stream(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        contents = page_of(document)[1]["Contents"]
        number = (contents[0] if isinstance(contents, list) else contents).number
        change_catalog(revision, document, Evidence=revision.add(Stream({}, b"\n" + _object(number))))

    return _signed_again(kit, kit.revise(kit.plain(), edit))


@forgery("object-hidden-in-string", "on a line of its own inside a string", "hidden-objects")
def hidden_in_string(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        change_catalog(revision, document, Evidence=revision.add(Raw(b"(\n%b)" % _object(4000, b""))))

    return _signed_again(kit, kit.revise(kit.plain(), edit))


@forgery("object-hidden-in-container", "an object stream that no section mentions", "hidden-objects")
def hidden_in_container(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        number = page_of(document)[0].number
        head = b"%d 0 " % number
        entries = {"Type": Name("ObjStm"), "N": 1, "First": len(head)}
        change_catalog(revision, document, Evidence=revision.add(Stream(entries, head + b"<</Type/Page>>")))

    return _signed_again(kit, kit.revise(kit.plain(), edit))


@forgery("object-hidden-in-container-spelled", "the same, its type spelled with numbers", "hidden-objects")
def hidden_in_container_spelled(kit: Kit) -> bytes:
    data = b"9 0 <</Type/Page>>"
    return _signed_again(kit, _listed(kit, b"/Type/O#62jS#74m/N 1/First 4", data))


def _listed(kit: Kit, entries: bytes, data: bytes) -> bytes:
    """Append a revision with one stream, spelled as told."""
    plain = kit.plain()
    document = open_document(plain)
    number, at = document.size, len(plain)
    body = _object(number, data, entries)
    trailer = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    root = document.trailer["Root"].number
    return plain + body + trailer % (number, at, number + 1, root, document.sections[0].offset, at + len(body))


@forgery("object-rolled-back", "the signed revision lists an older object than the last one", "hidden-objects")
def rolled_back(kit: Kit) -> bytes:
    plain = kit.plain()
    document = open_document(plain)
    contents = page_of(document)[1]["Contents"]
    number = (contents[0] if isinstance(contents, list) else contents).number
    entry = document.entry(number)
    assert entry is not None

    def edit(document: Document, revision: Revision) -> None:
        revision.change(contents[0] if isinstance(contents, list) else contents, Stream({}, _EVIL))

    revised = open_document(kit.revise(plain, edit))
    data = revised.source.read(0, revised.source.size)
    at = len(data)
    trailer = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    root = document.trailer["Root"].number
    rolled = data + trailer % (number, entry.offset, revised.size, root, revised.sections[0].offset, at)
    return _signed_again(kit, rolled)


@forgery("object-hidden-in-scan", "the same in a file of few objects and many bytes", "hidden-objects")
def hidden_in_scan(kit: Kit) -> bytes:
    return _signed_again(kit, kit.revise(_with_hidden(kit, _object), attach))


# ---------------------------------------------------------------- what writers in the field do


@genuine("object-written-twice", "a writer wrote an object twice and lists the last one", signatures=2)
def written_twice(kit: Kit) -> bytes:
    data = kit.plain()
    first = re.search(rb"\n(\d+) 0 obj\n<</Type /Pages.*?endobj", data, re.DOTALL)
    assert first is not None
    # In front of everything, so that all offsets move by as much.
    copy = first.group()[1:] + b"\n"
    at = data.index(b"1 0 obj")
    moved = data[:at] + copy + data[at:]
    start = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    table = moved.rindex(b"xref\n0 ")
    entries = re.sub(rb"(\d{10}) 00000 n", lambda m: b"%010d 00000 n" % (int(m[1]) + len(copy)), moved[table:])
    entries = entries.replace(b"startxref\n%d" % start, b"startxref\n%d" % (start + len(copy)))
    return _signed_again(kit, moved[:table] + entries)


@genuine("words-in-streams", "texts that speak of objects and trailers", signatures=2)
def words_in_streams(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        words = b"as (1 0 obj) is written, trailer << and so on"
        text = Stream({}, b"the obj of a trailer, the trailer of an endobj: 1 obj, x 0 obj; startxref\n")
        packed = Stream({"Filter": Name("FlateDecode")}, zlib.compress(_object(1)))
        change_catalog(revision, document, Evidence=[words, revision.add(text), revision.add(packed)])

    return _signed_again(kit, kit.revise(kit.plain(), edit))


@genuine("attached-document-signed-twice", "a document attached as it is has the same numbers", signatures=2)
def attached_signed_twice(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        change_catalog(revision, document, Evidence=revision.add(Stream({"Type": Name("EmbeddedFile")}, kit.signed())))

    return _signed_again(kit, kit.revise(kit.plain(), edit))


# ---------------------------------------------------------------- entries that point elsewhere

_GOOD = b"BT /F1 40 Tf 50 600 Td (100) Tj ET"


def _with_empty_field(kit: Kit, plain: bytes, **entries: object) -> bytes:
    def edit(found: Document, revision: Revision) -> None:
        empty_field(found, revision, **entries)

    return kit.revise(kit.sign(plain), edit)


@forgery(
    "object-hidden-behind-digits",
    "an entry for object 17 points into the digits of 117: as many objects are listed as there are",
    "hidden-objects",
)
def hidden_behind_digits(kit: Kit) -> bytes:
    inner = b"<<>>\nendobj\n%b6 0 obj\n<<>>" % _object(4)
    plain = letter(_GOOD, _117=inner)
    places = {17: plain.index(b"117 0 obj") + 1, 6: plain.index(b"\n6 0 obj") + 1}
    return _with_empty_field(kit, letter(_GOOD, _117=inner, places=places))


@forgery("object-hidden-in-stream-of-scan", "in the data of a scan's large picture", "hidden-objects")
def hidden_in_stream_of_scan(kit: Kit) -> bytes:
    picture = b"\n" + _object(4) + random.Random(1).randbytes(2_000_000)
    return _with_empty_field(kit, letter(_GOOD, _9=stream(picture)))


@forgery(
    "entry-astray",
    "the next signature's field has its place in an object that is listed where none is: mupdf searches the bytes, and "
    "finds the page as it was before the last revision",
    "hidden-objects",
)
def entry_astray(kit: Kit) -> bytes:
    from pikepdf import ObjectStreamMode

    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    plain = resaved(letter(_GOOD, _3=page % 6, _6=stream(_EVIL)), object_stream_mode=ObjectStreamMode.generate)

    def edit(found: Document, revision: Revision) -> None:
        change_page(revision, found, Contents=revision.add(Stream({}, _GOOD)))

    revised = kit.revise(plain, edit)
    number = open_document(revised).size
    listed = _listed_at(revised, number, 15)
    return _with_empty_field(kit, listed, Rect=Ref(number))


@genuine("entry-astray-unused", "a writer lists an object that is not there, and that nothing needs", signatures=2)
def entry_astray_unused(kit: Kit) -> bytes:
    return kit.sign(kit.sign(letter(_GOOD, places={9: 15})), kit.agency)


def _listed_at(data: bytes, number: int, place: int) -> bytes:
    """Append a section that lists one object more, where it is not."""
    found = open_document(data)
    row = b"\1" + place.to_bytes(4, "big") + b"\0\0" + b"\1" + len(data).to_bytes(4, "big") + b"\0\0"
    entries = b"/Type/XRef/W[1 4 2]/Index[%d 2]/Size %d/Root %d 0 R/Prev %d/ID[<00><00>]" % (
        number, number + 2, found.trailer["Root"].number, found.sections[0].offset,
    )  # fmt: skip
    return data + _object(number + 1, row, entries) + b"startxref\n%d\n%%%%EOF\n" % len(data)


# ---------------------------------------------------------------- what was deleted

_DELETED = b"BT /F1 40 Tf 50 300 Td (5 000 000) Tj ET"


def _with_table(data: bytes, row: bytes) -> bytes:
    """Append a table that says something else about object 9."""
    found = open_document(data)
    root, size = found.trailer["Root"].number, found.trailer["Size"]
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d/ID[<00><00>]>>" % (size, root, found.sections[0].offset)
    return data + b"xref\n9 1\n%b%b\nstartxref\n%d\n%%%%EOF\n" % (row, trailer, len(data))


def _deleted_from(contents: bytes, row: bytes) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[%b]/Resources<</Font<</F1 5 0 R>>>>>>"
    return _with_table(letter(_GOOD, _3=page % contents, _9=stream(_DELETED), places={10: 15}), row)


@forgery(
    "deleted-object-found",
    "a page draws what was deleted; a later field names an object that is absent: MuPDF searches, and finds both",
    "hidden-objects",
)
def deleted_object_found(kit: Kit) -> bytes:
    return _with_empty_field(kit, _deleted_from(b"4 0 R 9 0 R", b"0000000000 00000 f \n"), Parent=Ref(10))


@forgery("displaced-object-found", "the same of an object that was listed elsewhere before", "hidden-objects")
def displaced_object_found(kit: Kit) -> bytes:
    return _with_empty_field(kit, _deleted_from(b"4 0 R 9 0 R", b"0000000600 00000 n \n"), Parent=Ref(10))


@genuine("deleted-object-unused", "a writer deleted an object that nothing refers to any more", signatures=2)
def deleted_object_unused(kit: Kit) -> bytes:
    return _signed_again(kit, _deleted_from(b"4 0 R", b"0000000000 00001 f \n"))
