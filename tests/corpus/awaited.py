"""Places that a signed revision points to before anything is there: a later revision fills them."""

from __future__ import annotations

from gsign.syntax.objects import Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import Kit, change_catalog, change_page, open_document
from tests.corpus.model import forgery
from tests.corpus.two_uses import letter

_EVIL = b"BT /F1 40 Tf 100 400 Td (5 000 000 000) Tj ET"


@forgery("object-awaited-by-offset", "a signed entry points behind the end, where the object is put later")
def object_awaited_by_offset(kit: Kit) -> bytes:
    from tests.documents.page import document as layout_of
    from tests.documents.raw import classic

    def signed(offset: int) -> bytes:
        layout = layout_of(version="1.4")
        evil = layout.draft.add(b"<<>>")
        layout.draft.objects[layout.first] = layout.draft.objects[layout.first].replace(
            b"/Resources <<", b"/Resources <</XObject <</Evil %d 0 R>> " % evil
        )
        data = classic(layout.draft)
        entry = b"%010d 00000 n" % data.index(b"%d 0 obj" % evil)
        assert data.count(entry) == 1
        data = data.replace(entry, b"%010d 00000 n" % offset)
        return kit.custom(data, kit.contents)

    data = signed(len(signed(0)))
    number = open_document(data).trailer["Size"]
    evil = open_document(signed(0)).sections[-1].trailer["Size"] - 1
    assert number
    body = b"%d 0 obj\n<</Subtype/Form/BBox[0 0 595 842]/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (
        evil,
        len(_EVIL),
        _EVIL,
    )
    at = len(data)
    document = open_document(data)
    trailer = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return data + body + trailer % (
        evil, at, document.size, document.trailer["Root"].number, document.sections[0].offset, at + len(body),
    )  # fmt: skip


@forgery("section-awaited", "the signed trailer names a hybrid section that is only put there later")
def section_awaited(kit: Kit) -> bytes:
    from tests.documents.page import document as layout_of
    from tests.documents.raw import classic, stream

    layout = layout_of(version="1.5")
    evil = layout.draft.add(b"<<>>")
    first = layout.draft.objects[layout.first]
    layout.draft.objects[layout.first] = first.replace(
        b"/Resources <<", b"/Resources <</XObject <</Evil %d 0 R>> " % evil
    )
    dummy = layout.draft.add(stream(b"", b"/Type/XRef/W[1 4 2]/Index[0 0]/Size 1/Root 1 0 R"))
    plain = classic(layout.draft)
    # The table does not know the object, and the trailer points to a section: at first to one that says nothing.
    plain = plain.replace(b"%010d 00000 n" % plain.index(b"%d 0 obj" % evil), b"0000000000 00000 f")
    plain = plain.replace(b"trailer\n<<", b"trailer\n<</XRefStm %010d " % plain.index(b"%d 0 obj" % dummy))
    data = kit.custom(plain, kit.contents)
    body = b"%d 0 obj\n<</Subtype/Form/BBox[0 0 595 842]/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (
        evil, len(_EVIL), _EVIL,
    )  # fmt: skip
    place = len(data) + len(body)
    known = plain.index(b"%d 0 obj" % dummy)
    data = kit.signed_again(data.replace(b"/XRefStm %010d" % known, b"/XRefStm %010d" % place))
    size, previous = evil + 40, int(data.rsplit(b"startxref", 1)[1].split()[0])
    rows = b"".join(b"\1" + at.to_bytes(4, "big") + b"\0\0" for at in (len(data), place))
    head = b"/Type/XRef/W[1 4 2]/Index[%d 1 %d 1]/Size %d/Root 1 0 R/Prev %d" % (evil, size - 1, size, previous)
    section = b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (size - 1, stream(rows, head), place)
    return data + body + section


@forgery("container-awaited", "a signed entry lies in an object stream that is only added later")
def container_awaited(kit: Kit) -> bytes:
    from tests.documents.raw import object_stream, stream

    plain = kit.plain("object-streams")
    document = open_document(plain)
    turned, container, own = document.size, document.size + 1, document.size + 2
    prepared = kit.revise(plain, lambda d, r: change_page(r, d, Rotate=Ref(turned)))
    previous = open_document(prepared).sections[0].offset

    def section(at: int, number: int, size: int, prev: int, rows: dict[int, bytes]) -> bytes:
        index = b" ".join(b"%d 1" % n for n in rows)
        head = b"/Type/XRef/W[1 4 2]/Index[%s]/Size %d/Root %d 0 R/Prev %d" % (
            index, size, document.trailer["Root"].number, prev,
        )  # fmt: skip
        body = b"%d 0 obj\n%s\nendobj\n" % (number, stream(b"".join(rows.values()), head))
        return body + b"startxref\n%d\n%%%%EOF\n" % at

    packed = b"\2" + container.to_bytes(4, "big") + b"\0\0"

    def plainly(at: int) -> bytes:
        return b"\1" + at.to_bytes(4, "big") + b"\0\0"

    at = len(prepared)
    prepared += section(at, own, own + 1, previous, {turned: packed, own: plainly(at)})
    data = kit.custom(prepared, kit.contents)
    size = open_document(data).size
    body = b"%d 0 obj\n%s\nendobj\n" % (container, object_stream({turned: b"180"}))
    at = len(data) + len(body)
    rows = {turned: packed, container: plainly(len(data)), size: plainly(at)}
    return data + body + section(at, size, size + 1, open_document(data).sections[0].offset, rows)


@forgery(
    "object-awaited-by-overflow",
    "the page draws an object whose number has 33 bits: MuPDF keeps 32 of them",
    "dangling-reference-filled",
)
def awaited_by_overflow(kit: Kit) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R %d 0 R]/Resources<</Font<</F1 5 0 R>>>>>>"
    data = kit.sign(letter(_3=page % ((1 << 32) + 60)))

    def edit(document: Document, revision: Revision) -> None:
        while (added := revision.add({})).number < 60:
            pass
        revision.change(added, Stream({}, b"1 0 0 rg 0 0 300 300 re f"))
        change_catalog(revision, document, DSS={"Certs": [added]})

    return kit.revise(data, edit)
