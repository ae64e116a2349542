"""References to what a later revision brings, spelled so that some readers follow them and others do not."""

from __future__ import annotations

from gsign.syntax.objects import Name, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.source import CHUNK
from gsign.syntax.writer import Revision
from tests.corpus.kit import Kit, change_catalog, open_document, page_of
from tests.corpus.model import forgery
from tests.corpus.two_uses import letter, stream

_AWAITED = 90
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 9 0 R>>"
_DRAWN = b"BT /F1 40 Tf 50 600 Td (900) Tj ET /Cover Do"


def _covered(kit: Kit, signed: bytes) -> bytes:
    """Store a "certificate" under the number that the page awaits, which covers it."""

    def store(document: Document, revision: Revision) -> None:
        while (added := revision.add({})).number < _AWAITED:
            pass
        cover = {"Subtype": Name("Form"), "BBox": [0, 0, 595, 842]}
        revision.change(added, Stream(cover, b"1 0 0 rg 0 0 300 300 re f"))
        change_catalog(revision, document, DSS={"Certs": [added]})

    return kit.revise(signed, store)


def _letter(resources: bytes, **more: bytes) -> bytes:
    return letter(_DRAWN, _3=_PAGE, _9=b"<</Font<</F1 5 0 R>>/XObject %b>>" % resources, **more)


def _spelled(name: str, why: str, resources: bytes) -> None:
    @forgery(f"awaited-{name}", why, "revision-malformed")
    def make(kit: Kit) -> bytes:
        return _covered(kit, kit.sign(_letter(resources)))


_spelled("by-point", "PDFium and PDF.js take a real number for an object's", b"<</Cover 90.0 0 R>>")
_spelled("by-point-behind", "the same for its generation", b"<</Cover 90 0. R>>")
_spelled("by-sign-behind", "MuPDF, PDFium and PDF.js pass over a sign behind digits", b"<</Cover 90- 0 R>>")
_spelled("by-sign-between", "PDF.js passes over a sign between digits", b"<</Cover 9-0 0 R>>")
_spelled("by-exponent", "PDF.js reads exponents", b"<</Cover 9E1 0 R>>")
_spelled("by-white-space", "PDFium has two more characters of white space", b"<</Cover 90\x800\xffR>>")
_spelled("behind-comment", "a comment hides which number it is", b"<</Cover 90.0 % 7\n0 R>>")
_spelled("in-name", "a name that PDFium reads as a name and a reference", b"<</Cover\x8090\x800\x80R/A /B 1>>")


@forgery("awaited-over-border", "a reference too long to be seen in one piece of the file", "dangling-reference-filled")
def over_border(kit: Kit) -> bytes:
    # As many small objects as make it cheaper to search the bytes.
    many = {f"_{number}": b"(%d)" % number for number in range(20, 60)}

    def plain(filling: int) -> bytes:
        return _letter(b"<</Cover 90%b0 R>>" % (b" " * 2000), _8=stream(b" " * filling), **many)

    begins = plain(CHUNK).index(b"/Cover 90 ")
    data = plain(2 * CHUNK - begins - 1000)
    assert CHUNK - 1100 < data.index(b"/Cover 90 ") < CHUNK - 900
    return _covered(kit, kit.sign(data))


@forgery("awaited-in-container", "the same in an object stream", "revision-malformed")
def in_container(kit: Kit) -> bytes:
    from gsign.syntax.objects import serialize
    from tests.documents.raw import object_stream

    plain = kit.plain("object-streams")
    document = open_document(plain)
    page, dictionary = page_of(document)
    fonts = document.page(0).get("Resources")
    pictures, container, content, own = range(document.size, document.size + 4)
    changed = dictionary | {
        "Resources": document.get(fonts) | {"XObject": Ref(pictures)},
        "Contents": [dictionary["Contents"], Ref(content)],
    }
    bodies = {
        container: object_stream({pictures: b"<</Cover 90.0 0 R>>"}),
        content: stream(b"/Cover Do"),
        page.number: serialize(changed),
    }
    out = bytearray(plain)
    rows = {pictures: b"\2" + container.to_bytes(4, "big") + b"\0\0"}
    for number, body in bodies.items():
        rows[number] = b"\1" + len(out).to_bytes(4, "big") + b"\0\0"
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    at = len(out)
    rows[own] = b"\1" + at.to_bytes(4, "big") + b"\0\0"
    head = b"/Type/XRef/W[1 4 2]/Index[%b]/Size %d/Root %d 0 R/Prev %d" % (
        b" ".join(b"%d 1" % number for number in sorted(rows)), own + 1, document.trailer["Root"].number,
        document.sections[0].offset,
    )  # fmt: skip
    out += b"%d 0 obj\n%b\nendobj\n" % (own, stream(b"".join(rows[number] for number in sorted(rows)), head))
    out += b"startxref\n%d\n%%%%EOF\n" % at
    return _covered(kit, kit.custom(bytes(out), kit.contents))
