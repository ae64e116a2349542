"""Content and styles that name objects, as content may not: Poppler, MuPDF, Ghostscript and PDF.js look them up."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from gsign.syntax.objects import Name, Stream, serialize
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import Kit, change_catalog, open_document, resaved
from tests.corpus.model import forgery, genuine
from tests.corpus.two_uses import document, letter, stream

_SUM = b"BT /F1 40 Tf 50 600 Td [(1)99 0 R( VND)] TJ ET "
_WORDS = b"(000000)"
_PLAIN = b"BT /F1 40 Tf 50 600 Td (900) Tj ET "
_PIXELS = b" ID " + bytes(64) + b"\nEI Q "
_IMAGE = b"q 300 0 0 100 40 590 cm BI /W 8 /H 8 "
_AWAITED = "dangling-reference-filled"
_LZW = b"/Filter/LZWDecode"


def supplied(data: bytes, value: bytes) -> bytes:
    """Append a store of validation data, as anybody may, one of whose streams refers to object 99."""
    found = open_document(data)
    root = found.trailer["Root"].number
    objects = {
        root: serialize(found.catalog)[:-2] + b"/DSS 101 0 R>>",
        99: value,
        100: stream(b"x", b"/Certificate 99 0 R"),
        101: b"<</Certs[100 0 R]>>",
    }
    out, places = bytearray(), {}
    for number, body in objects.items():
        places[number] = len(data) + len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(data) + len(out)
    out += b"xref\n"
    for number, place in sorted(places.items()):
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += b"trailer\n<</Size 102/Root %d 0 R/Prev %d/ID[<00><00>]>>\n" % (root, found.sections[0].offset)
    return data + bytes(out) + b"startxref\n%d\n%%%%EOF\n" % start


def of_contents(*contents: bytes, resources: bytes = b"", **more: bytes) -> bytes:
    """Write a letter whose page has these streams as its content."""
    kept = {60 + index: content for index, content in enumerate(contents)}
    listed = b" ".join(b"%d 0 R" % number for number in kept)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[%b]/Resources<</Font<</F1 5 0 R>>%b>>>>"
        % (listed, resources),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    }
    return document(objects | kept | {int(name[1:]): value for name, value in more.items()})


def in_lzw(data: bytes) -> bytes:
    """Write each octet as a code of nine bits, and forget the table before codes grow longer."""
    codes = [code for at in range(0, len(data), 200) for code in (256, *data[at : at + 200])] + [257]
    bits = "".join(f"{code:09b}" for code in codes)
    return bytes(int(bits[at : at + 8].ljust(8, "0"), 2) for at in range(0, len(bits), 8))


def _awaits(name: str, why: str, make: Callable[[], bytes], value: bytes, reason: str = _AWAITED) -> None:
    @forgery(name, why, reason)
    def forged(kit: Kit) -> bytes:
        return supplied(kit.sign(make()), value)


_awaits("content-awaits-words", "a text goes on with a string that comes later", lambda: letter(_SUM), _WORDS)
_awaits(
    "content-awaits-words-compressed",
    "the same, compressed",
    lambda: of_contents(stream(zlib.compress(_SUM), b"/Filter/FlateDecode")),
    _WORDS,
)
_awaits(
    "content-awaits-words-damaged",
    "the same in compressed data that end early: readers draw what there is",
    lambda: of_contents(stream(zlib.compress(_SUM)[:-5] + b"\xff\xff\xff\xff\xff", b"/Filter/FlateDecode")),
    _WORDS,
)
_awaits(
    "content-awaits-words-as-text",
    "the same, written as text",
    lambda: of_contents(stream(_SUM.hex().encode() + b">", b"/Filter/ASCIIHexDecode")),
    _WORDS,
)
_awaits(
    "content-awaits-words-lzw", "the same by an old filter", lambda: of_contents(stream(in_lzw(_SUM), _LZW)), _WORDS
)
_awaits(
    "content-awaits-words-lzw-named-elsewhere",
    "the same, where the filter's name is an object",
    lambda: of_contents(stream(in_lzw(_SUM), b"/Filter 7 0 R"), _7=b"/LZWDecode"),
    _WORDS,
)
_awaits(
    "content-awaits-words-across-streams",
    "the reference begins in one stream and ends in the next",
    lambda: of_contents(stream(_SUM.partition(b"R")[0]), stream(b"R" + _SUM.partition(b"R")[2])),
    _WORDS,
)
_awaits("content-awaits-words-spelled", "a sign before the number", lambda: letter(_SUM.replace(b"99", b"+99")), _WORDS)
_awaits(
    "content-awaits-words-signed", "a sign between the numbers", lambda: letter(_SUM.replace(b"9 0", b"9+0")), _WORDS
)
_awaits("content-awaits-words-remarked", "a comment between", lambda: letter(_SUM.replace(b"99 ", b"99%no\n")), _WORDS)
_awaits(
    "content-awaits-words-in-form",
    "in what the page draws",
    lambda: letter(
        b"/Fm Do",
        b"/XObject<</Fm 6 0 R>>",
        _6=stream(_SUM, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>"),
    ),
    _WORDS,
)
_awaits(
    "content-awaits-words-as-picture",
    "the page's content says that it is a picture",
    lambda: of_contents(stream(_SUM, b"/Type/XObject/Subtype/Image/Width 1/Height 1")),
    _WORDS,
    "revision-malformed",
)
_awaits(
    "content-awaits-words-in-style-of-box",
    "in how a box looks, by dictionaries of their own",
    lambda: letter(
        page=b"/Annots[6 0 R]",
        catalog=b"/AcroForm<</Fields[6 0 R]>>",
        _6=b"<</Type/Annot/Subtype/Widget/FT/Btn/T(a)/V/Yes/AS/Yes/Rect[50 500 400 640]/F 4/P 3 0 R/AP 7 0 R>>",
        _7=b"<</N 8 0 R>>",
        _8=b"<</Yes 9 0 R>>",
        _9=stream(_SUM, b"/Subtype/Image/BBox[0 0 350 140]/Resources<</Font<</F1 5 0 R>>>>"),
    ),
    _WORDS,
    "revision-malformed",
)
_awaits(
    "content-awaits-depth", "an image has no depth until it comes later", lambda: letter(
        _PLAIN + _IMAGE + b"/CS/G/BPC 99 0 R" + _PIXELS
    ), b"8",
)  # fmt: skip
_awaits(
    "content-awaits-palette",
    "nor colours",
    lambda: letter(_PLAIN + _IMAGE + b"/CS[/I/RGB 1 99 0 R]/BPC 8" + _PIXELS),
    stream(b"\xff" * 6),
)
_awaits(
    "style-awaits-words",
    "Poppler and Ghostscript draw what a field's style says",
    lambda: letter(
        page=b"/Annots[6 0 R]",
        catalog=b"/AcroForm<</Fields[6 0 R]/DR<</Font<</F1 5 0 R>>>>>>",
        _6=b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(900)/Rect[50 600 400 640]/F 4/P 3 0 R"
        b"/DA(/F1 20 Tf [\\(1\\)\\071\\071 0 R] TJ 0 g)>>",
    ),
    _WORDS,
)


@forgery("metadata-as-palette", "an image in the content has its colours from the metadata", "content-changed")
def metadata_as_palette(kit: Kit) -> bytes:
    def replace(found: Document, revision: Revision) -> None:
        described = {"Type": Name("Metadata"), "Subtype": Name("XML")}
        revision.change(found.catalog["Metadata"], Stream(described, b"\xff" * 6))

    content = _PLAIN + _IMAGE + b"/CS[/I/RGB 1 6 0 R]/BPC 8" + _PIXELS
    described = stream(bytes(3) + b"\xff" * 3, b"/Type/Metadata/Subtype/XML")
    return kit.revise(kit.sign(letter(content, catalog=b"/Metadata 6 0 R", _6=described)), replace)


@genuine("attached-text-about-references", "an attached text speaks of an object that comes later")
def attached_text(kit: Kit) -> bytes:
    attached = stream(b"R 4 0 R and [(1)99 0 R] TJ", b"/Type/EmbeddedFile")
    tree = b"/Names<</EmbeddedFiles<</Names[(a.txt)<</Type/Filespec/F(a.txt)/EF<</F 6 0 R>>>>]>>>>"
    return supplied(kit.sign(letter(catalog=tree, _6=attached)), _WORDS)


@genuine("attached-by-unknown-filter", "nobody draws an attachment, whatever it is encoded with")
def attached_by_unknown_filter(kit: Kit) -> bytes:
    attached = stream(b"\x00\x01", b"/Type/EmbeddedFile/Filter/BrotliDecode")
    tree = b"/Names<</EmbeddedFiles<</Names[(a.txt)<</Type/Filespec/F(a.txt)/EF<</F 6 0 R>>>>]>>>>"
    return supplied(kit.sign(letter(catalog=tree, _6=attached)), _WORDS)


@genuine("content-by-old-filter", "content of another century is signed twice", signatures=2)
def content_by_old_filter(kit: Kit) -> bytes:
    return kit.sign(kit.sign(of_contents(stream(in_lzw(_PLAIN), _LZW))), kit.agency)


@genuine("content-with-images", "an image with its own colours, in the content and as an object", signatures=2)
def content_with_images(kit: Kit) -> bytes:
    picture = stream(zlib.compress(bytes(3)), b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceRGB"
                     b"/BitsPerComponent 8/Filter/FlateDecode")  # fmt: skip
    content = _PLAIN + _IMAGE + b"/CS[/I/RGB 1 <000000FFFFFF>]/BPC 8" + _PIXELS + b"/N Do"
    return kit.sign(
        kit.sign(letter(content, b"/Font<</F1 5 0 R>>/XObject<</N 6 0 R/G 6 0 R>>", _6=picture)), kit.agency
    )


@genuine("object-that-nobody-reads", "a writer spells a number in its own way, where nobody needs it", signatures=2)
def object_that_nobody_reads(kit: Kit) -> bytes:
    odd = stream(b"4 0 R", b"/Type/Odd/Of<</A --5>>/Kept(stream)")
    return kit.sign(kit.sign(letter(_6=odd)), kit.agency)


@forgery("content-awaits-words-encrypted", "the same in a document that is encrypted", _AWAITED)
def content_awaits_words_encrypted(kit: Kit) -> bytes:
    import pikepdf

    data = resaved(letter(_SUM), encryption=pikepdf.Encryption(owner="o", user=""))
    signed = kit.sign(data)
    found = open_document(signed)
    found.unlock(None)
    revision = Revision(found)
    revision._next = 99
    words = revision.add(b"000000")
    store = revision.add({"Certs": [revision.add(Stream({"Certificate": words}, b"x"))]})
    change_catalog(revision, found, DSS=store)
    return signed + bytes(revision.write())
