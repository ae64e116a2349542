"""Bytes that readers find though no revision lists them, and structure that leads readers astray."""

from __future__ import annotations

import re

from gsign.syntax.objects import Name, Ref, Stream
from gsign.syntax.reader import Document
from gsign.syntax.writer import Revision
from tests.corpus.kit import Kit, change_catalog, open_document, replaced
from tests.corpus.model import forgery

_EVIL = b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"


def _store(document: Document, revision: Revision) -> None:
    certificate = revision.add(Stream({}, b"0\x00"))
    change_catalog(revision, document, DSS=revision.add({"Type": Name("DSS"), "Certs": [certificate]}))


def _with_store(kit: Kit) -> tuple[bytes, bytes]:
    """A signed document, and a permitted revision to be appended to it."""
    data = kit.signed()
    return data, kit.revise(data, _store)[len(data) :]


def _shifted(tail: bytes, base: int, at: int, inserted: bytes) -> bytes:
    """Insert bytes into a revision and mend its offsets."""
    start = int(re.findall(rb"startxref\s+(\d+)", tail)[-1])

    def mend(match: re.Match[bytes]) -> bytes:
        offset = int(match[1])
        return b"%010d %s" % (offset + (len(inserted) if offset >= base + at else 0), match[2])

    mended = re.sub(rb"(\d{10}) (\d{5} n)", mend, tail)
    mended = mended[:at] + inserted + mended[at:]
    return mended.replace(b"startxref\n%d" % start, b"startxref\n%d" % (start + len(inserted)))


@forgery(
    "object-unlisted", "an object stands between the listed ones: readers that repair find it", "bytes-unaccounted"
)
def object_unlisted(kit: Kit) -> bytes:
    data, tail = _with_store(kit)
    return data + _shifted(tail, len(data), 0 if tail[:1].isdigit() else 1, _EVIL)


@forgery("object-in-comment", "an object stands in a comment")
def object_in_comment(kit: Kit) -> bytes:
    data, tail = _with_store(kit)
    return data + _shifted(tail, len(data), 0 if tail[:1].isdigit() else 1, b"% 1 0 obj <<>> endobj\n")


@forgery("object-in-stream", "an object stands inside a stored certificate", "bytes-unaccounted")
def object_in_stream(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        certificate = revision.add(Stream({}, b"\n" + _EVIL))
        change_catalog(revision, document, DSS=revision.add({"Type": Name("DSS"), "Certs": [certificate]}))

    return kit.revise(kit.signed(), edit)


def _in_stored(name: str, why: str, head: bytes) -> None:
    @forgery(f"object-in-stream-{name}", why, "bytes-unaccounted")
    def make(kit: Kit) -> bytes:
        def edit(document: Document, revision: Revision) -> None:
            certificate = revision.add(Stream({}, b"\n" + _EVIL.replace(b"1 0 obj", head)))
            change_catalog(revision, document, DSS=revision.add({"Type": Name("DSS"), "Certs": [certificate]}))

        return kit.revise(kit.signed(), edit)


_in_stored("far", "the same, with much white space in its head", b"1 0" + b" " * 30 + b"obj")
_in_stored("remark", "the same, with a comment in its head", b"1 0 % what stands here is longer than a head\nobj")


@forgery("trailer-in-stream", "a trailer stands inside a stored certificate", "bytes-unaccounted")
def trailer_in_stream(kit: Kit) -> bytes:
    def edit(document: Document, revision: Revision) -> None:
        certificate = revision.add(Stream({}, b"\ntrailer\n<</Root 9 0 R>>\nstartxref\n1\n%%EOF\n"))
        change_catalog(revision, document, DSS=revision.add({"Type": Name("DSS"), "Certs": [certificate]}))

    return kit.revise(kit.signed(), edit)


@forgery("garbage-appended", "something stands behind the end of the file")
def garbage_appended(kit: Kit) -> bytes:
    return kit.signed() + b"garbage"


@forgery("objects-appended", "objects stand behind the end, without a section of their own")
def objects_appended(kit: Kit) -> bytes:
    return kit.signed() + _EVIL


@forgery("end-repeated", "objects are appended and the old end is repeated behind them", "bytes-after-end")
def end_repeated(kit: Kit) -> bytes:
    data = kit.signed()
    return data + _EVIL + data[data.rindex(b"startxref") :]


@forgery("garbage-in-front", "something stands before the header, offsets mended by no one")
def garbage_in_front(kit: Kit) -> bytes:
    return b"garbage\n" + kit.signed()


@forgery(
    "header-not-first", "the header is not at the first byte: readers count offsets from it", "bytes-before-header"
)
def header_not_first(kit: Kit) -> bytes:
    # Made by the signer's own hands, offsets counted from the first byte: still two readings.
    return kit.custom(kit.plain("leading-garbage-counted"), kit.contents)


@forgery("truncated", "the end is cut off")
def truncated(kit: Kit) -> bytes:
    return kit.signed()[:-200]


@forgery("section-without-trailer", "a table without a trailer is appended")
def section_without_trailer(kit: Kit) -> bytes:
    data = kit.signed()
    return data + _EVIL + b"xref\n0 1\n0000000000 65535 f \nstartxref\n%d\n%%%%EOF\n" % (len(data) + len(_EVIL))


@forgery("startxref-elsewhere", "the end points to the first revision's section: the signature is skipped")
def startxref_elsewhere(kit: Kit) -> bytes:
    data = kit.signed()
    older = open_document(data).sections[-1].offset
    return data + b"startxref\n%d\n%%%%EOF\n" % older


@forgery("section-points-wrong", "a listed object is another one")
def section_points_wrong(kit: Kit) -> bytes:
    data, tail = _with_store(kit)
    offset = re.search(rb"(\d{10}) 00000 n", tail)
    assert offset is not None
    return data + tail.replace(offset[1], b"%010d" % (int(offset[1]) + 1))


@forgery("root-replaced", "the trailer names another catalog", "trailer-changed")
def root_replaced(kit: Kit) -> bytes:
    data = kit.signed()
    number = open_document(data).size
    tail = kit.revise(data, lambda d, r: r.add(d.catalog))[len(data) :]
    root = open_document(data).trailer["Root"].number
    return data + tail.replace(b"/Root %d 0 R" % root, b"/Root %d 0 R" % number)


@forgery("size-shrunk", "/Size is too small: readers drop the objects beyond", "trailer-changed")
def size_shrunk(kit: Kit) -> bytes:
    data, tail = _with_store(kit)
    size = re.search(rb"/Size (\d+)", tail)
    assert size is not None
    return data + tail.replace(size[0], b"/Size %s" % b"5".ljust(len(size[1])))


@forgery(
    "hybrid-revision", "the appended section is hybrid: old and new readers see different objects", "hybrid-revision"
)
def hybrid_revision(kit: Kit) -> bytes:
    data = kit.signed("object-streams")
    document = open_document(data)
    at = len(data)
    trailer = b"xref\n0 0\ntrailer\n<</Size %d/Root %d 0 R/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n"
    section = document.sections[0].offset
    return data + trailer % (document.size, document.trailer["Root"].number, section, section, at)


def _trapped(kit: Kit, key: bytes) -> bytes:
    def signed(length: int) -> bytes:
        plain = kit.plain()
        head, rest = plain[:15], plain[15:]
        trap = b"90 0 obj\n<</%s/L %010d/H[0 0]/O 4/E 9/N 1/T 9>>\nendobj\n" % (key, length)
        moved = head + trap + rest
        shift = len(trap)
        mended = re.sub(rb"(\d{10}) (\d{5} n)", lambda m: b"%010d %s" % (int(m[1]) + shift, m[2]), moved)
        start = int(re.findall(rb"startxref\s+(\d+)", mended)[-1])
        mended = mended.replace(b"startxref\n%d" % start, b"startxref\n%d" % (start + shift))
        return kit.custom(mended, kit.contents)

    return signed(len(signed(0)))


@forgery("linearization-trap", "the file claims to be linearized with a length that an update makes true")
def linearization_trap(kit: Kit) -> bytes:
    return _trapped(kit, b"Linearized 1")


@forgery("linearization-trap-escaped", "the same, the key spelled with an escape", "linearization-misleads")
def linearization_trap_escaped(kit: Kit) -> bytes:
    return _trapped(kit, b"Line#61rized 1")


@forgery("linearization-trap-glued", "the same, nothing between key and value", "linearization-misleads")
def linearization_trap_glued(kit: Kit) -> bytes:
    return _trapped(kit, b"Linearized[1]")


@forgery(
    "linearized-until-updated",
    "as long as the signed file is whole, Poppler reads it from its front, where the page is another",
    "linearization-misleads",
)
def linearized_until_updated(kit: Kit) -> bytes:
    from tests.corpus.two_uses import stream

    numbers = 100

    def plain(length: int, offsets: dict[int, int]) -> tuple[bytes, int]:
        """Return a document with an honest content that only its front knows, and where that stands."""
        rows = b"".join(
            b"\1%b\0\0" % offsets[number].to_bytes(4, "big") if number in offsets else bytes(7)
            for number in range(numbers)
        )
        objects = [
            (90, b"<</Linearized 1/L %010d/H[0 0]/O 3/E 9/N 1/T 9>>" % length),
            (80, stream(rows, b"/Type/XRef/W[1 4 2]/Size %d/Root 1 0 R" % numbers)),
            (4, stream(b"BT /F1 40 Tf 50 600 Td (900) Tj ET")),
            (1, b"<</Type/Catalog/Pages 2 0 R>>"),
            (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            (3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"),
            (4, stream(b"BT /F1 40 Tf 50 600 Td (9 000 000) Tj ET")),
            (5, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
        ]
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places: dict[int, int] = {}
        honest = 0
        for number, body in objects:
            honest = honest or (len(out) if number == 4 else 0)
            places[number] = len(out)
            out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
        at = len(out)
        out += b"xref\n0 1\n0000000000 65535 f \n"
        out += b"".join(b"%d 1\n%010d 00000 n \n" % (number, places[number]) for number in sorted(places))
        return bytes(out + b"trailer\n<</Size 91/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % at), honest

    draft, honest = plain(0, {})
    signed = kit.custom(draft, kit.contents)
    document = open_document(signed)
    entries = {number: document.entry(number) for number in range(1, numbers)}
    offsets = {number: entry.offset for number, entry in entries.items() if entry is not None and entry.kind == "n"}
    final, _ = plain(len(signed), offsets | {4: honest})
    return kit.revise(kit.signed_again(final + signed[len(draft) :]), _store)


@forgery("entries-shifted", "from a free entry of object 1 on, some readers count from 0", "revision-malformed")
def entries_shifted(kit: Kit) -> bytes:
    from tests.corpus.two_uses import letter

    # The objects of the letter, one number later.
    plain = re.sub(rb"(?<!\d)([1-5]) 0 (obj|R)", lambda m: b"%d 0 %b" % (int(m[1]) + 1, m[2]), letter())
    plain = plain.replace(b"xref\n0 6\n0000000000 65535 f \n", b"xref\n2 5\n").replace(b"/Size 6", b"/Size 7")
    data = kit.custom(plain, kit.contents)
    document = open_document(data)
    entries = [document.entry(number) for number in range(2, document.size)]
    rows = b"".join(b"%010d %05d n \n" % (entry.offset, entry.generation) for entry in entries if entry is not None)
    table = b"xref\n1 %d\n0000000000 65535 f \n%btrailer\n<</Size %d/Root 2 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return data + table % (len(entries) + 1, rows, document.size, document.sections[0].offset, len(data))


@forgery("object-freed", "the catalog's form is freed: the signature is gone for readers")
def object_freed(kit: Kit) -> bytes:
    data = kit.signed()
    document = open_document(data)
    form = document.catalog["AcroForm"].number
    trailer = b"xref\n%d 1\n0000000000 00001 f \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    root = document.trailer["Root"].number
    return data + trailer % (form, document.size, root, document.sections[0].offset, len(data))


@forgery("generation-raised", "an object is given a new generation: old references find nothing")
def generation_raised(kit: Kit) -> bytes:
    data = kit.signed()
    document = open_document(data)
    number = document.page(0).dictionary["Contents"].number
    at = len(data)
    body = b"%d 1 obj\n<<>>\nendobj\n" % number
    trailer = b"xref\n%d 1\n%010d 00001 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    root = document.trailer["Root"].number
    return data + body + trailer % (number, at, document.size, root, document.sections[0].offset, at + len(body))


def _encrypted_for_some(kit: Kit, value: bytes) -> bytes:
    """Write a letter whose first trailer says that it is encrypted, and whose second one does not."""
    from tests.corpus.two_uses import letter

    named = b"/Encrypt 6 0 R"
    data = letter(trailer=named, _6=value)
    data = kit.revise(data, lambda document, revision: revision.change(Ref(5), document.load(Ref(5))))
    at = data.rindex(b"trailer")
    return data[:at] + replaced(data[at:], named, b" " * len(named))


@forgery(
    "encrypted-by-older-trailer",
    "PDFium decrypts what an older trailer says is encrypted, and draws other content than the rest",
    "encryption-contradicts",
)
def encrypted_by_older_trailer(kit: Kit) -> bytes:
    return kit.sign_blindly(_encrypted_for_some(kit, b"<</Filter/Standard/V 1/R 2/O<00>/U<00>/P -4>>"))


@forgery("encrypted-by-older-trailer-later", "the same, where the dictionary comes later", "encryption-contradicts")
def encrypted_by_older_trailer_later(kit: Kit) -> bytes:
    return kit.stamped(kit.sign_blindly(_encrypted_for_some(kit, b"null")))
