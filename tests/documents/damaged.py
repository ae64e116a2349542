"""Documents that are damaged, and such as are meant to do harm."""

from __future__ import annotations

import zlib

from tests.documents import page
from tests.documents.model import Expect, entry
from tests.documents.raw import Draft, body, classic, cross_reference_stream, header, object_stream, stream, table
from tests.documents.structure import one_page

_D = ("damaged",)
_H = ("hostile",)
_REFUSED = Expect.REFUSED


@entry("wrong-startxref", "startxref is off: viewers repair it", expect=_REFUSED, code="input-damaged", tags=_D)
def wrong_startxref() -> bytes:
    return classic(page.document().draft, startxref=77)


@entry("startxref-beyond", "startxref lies beyond the end", expect=_REFUSED, code="input-damaged", tags=_D)
def startxref_beyond() -> bytes:
    return classic(page.document().draft, startxref=10**9)


@entry("offsets-off", "every offset in the table is off by two", expect=_REFUSED, code="input-damaged", tags=_D)
def offsets_off() -> bytes:
    return classic(page.document().draft, shift=2)


@entry("no-xref", "the table and the trailer's startxref are missing", expect=_REFUSED, code="input-damaged", tags=_D)
def no_xref() -> bytes:
    data = one_page()
    start, trailer = data.rindex(b"xref\n0 "), data.rindex(b"trailer")
    return data[:start] + data[trailer : data.rindex(b"startxref")] + b"%%EOF\n"


@entry("wrong-length", "a stream's /Length is too small", expect=Expect.THOROUGH, tags=_D)
def wrong_length() -> bytes:
    layout = page.document()
    content = page.decision_content()
    layout.draft.objects[layout.contents[0]] = b"<</Length 10>>\nstream\n%s\nendstream" % content
    return classic(layout.draft)


@entry("size-too-small", "the trailer's /Size is smaller than the highest number", expect=Expect.THOROUGH, tags=_D)
def size_too_small() -> bytes:
    return classic(page.document().draft, size=4)


@entry(
    "truncated",
    "cut in the middle: neither table nor catalog's end can be had",
    expect=_REFUSED,
    code="input-truncated",
    tags=_D,
)
def truncated() -> bytes:
    # The catalog comes last here and is lost, so that nothing can be rebuilt.
    layout = page.document()
    draft = layout.draft
    draft.objects = {n: draft.objects[n] for n in sorted(draft.objects, reverse=True)}
    data = classic(draft)
    return data[: len(data) // 3]


@entry("empty", "no bytes at all", expect=_REFUSED, code="input-empty", tags=_D)
def empty() -> bytes:
    return b""


@entry("not-a-pdf", "a Word file by its first bytes", expect=_REFUSED, code="input-not-pdf", tags=_D)
def not_a_pdf() -> bytes:
    return b"PK\x03\x04\x14\x00\x06\x00\x08\x00" + bytes(range(256)) * 8


@entry("header-only", "a header and nothing more", expect=_REFUSED, code="input-truncated", tags=_D)
def header_only() -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


@entry("no-pages", "a catalog whose page tree is empty", expect=_REFUSED, code="input-damaged", tags=_D)
def no_pages() -> bytes:
    return classic(Draft({1: b"<</Type /Catalog /Pages 2 0 R>>", 2: b"<</Type /Pages /Kids [] /Count 0>>"}))


@entry("prev-loop", "/Prev leads back to the same section", expect=Expect.BOUNDED, tags=_H)
def prev_loop() -> bytes:
    draft = page.document().draft
    data = header(draft)
    written, offsets = body(draft, len(data))
    place = len(data) + len(written)
    known = {0: None, **{n: o for n, o in offsets.items() if n != 1}}  # the catalog would be in an earlier section
    trailer = b"trailer\n<<" + draft.trailer(more=b"/Prev %d" % place) + b">>\n"
    return data + written + table(known) + trailer + b"startxref\n%d\n%%%%EOF\n" % place


@entry(
    "huge-size", "a cross-reference stream that promises four thousand million entries", expect=Expect.BOUNDED, tags=_H
)
def huge_size() -> bytes:
    draft = page.document().draft
    data = header(draft)
    written, _ = body(draft, len(data))
    place = len(data) + len(written)
    entries = b"/Type /XRef /W [1 4 2] /Index [0 4294967295] " + draft.trailer(size=4294967295)
    section = b"90 0 obj\n" + stream(bytes(70), entries) + b"\nendobj\n"
    return data + written.replace(b"/Type /Catalog", b"/Type /Katalog") + section + b"startxref\n%d\n%%%%EOF\n" % place


@entry("deep-nesting", "arrays nested a hundred thousand times in the catalog", expect=Expect.BOUNDED, tags=_H)
def deep_nesting() -> bytes:
    return classic(page.document(catalog=b"/X " + b"[" * 100_000 + b"]" * 100_000).draft)


@entry("bomb", "an object stream of 100 kB that unpacks to 1 GB before the catalog", expect=Expect.BOUNDED, tags=_H)
def bomb() -> bytes:
    draft = page.document(version="1.5").draft
    catalog = draft.objects.pop(1)
    packed = _spaces_and(catalog, count=1000)
    container = draft.size
    draft.objects[container] = (
        b"<</Type /ObjStm /N 1 /First 13 /Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream"
        % (len(packed), packed)
    )
    return _with_rows(draft, {1: (2, container, 0)})


@entry("object-stream-in-itself", "an object stream that claims to hold itself", expect=Expect.BOUNDED, tags=_H)
def object_stream_in_itself() -> bytes:
    draft = page.document(version="1.5").draft
    catalog = draft.objects.pop(1)
    container = draft.size
    draft.objects[container] = object_stream({1: catalog})
    return _with_rows(draft, {1: (2, container, 0), container: (2, container, 1)})


def _spaces_and(catalog: bytes, count: int) -> bytes:
    """Return the zlib stream of an object stream's index, `count` million spaces, and the catalog."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    index, million = b"1 1000000000 ", b" " * 1_000_000
    start = packer.compress(index) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the packer remembers nothing, so the same million packs to the same bytes again.
    block = packer.compress(million) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(catalog) + packer.flush()
    checksum = zlib.adler32(index)
    for _ in range(count):
        checksum = zlib.adler32(million, checksum)
    return b"\x78\xda" + start + block * count + end + zlib.adler32(catalog, checksum).to_bytes(4, "big")


def _with_rows(draft: Draft, rows: dict[int, tuple[int, int, int]]) -> bytes:
    """Write the draft with a cross-reference stream in which `rows` overrule what is true."""
    data = header(draft)
    written, offsets = body(draft, len(data))
    place, number = len(data) + len(written), draft.size + 1
    known = {0: (0, 0, 65535)} | {n: (1, o, 0) for n, o in offsets.items()} | {number: (1, place, 0)} | rows
    index = b" ".join(b"%d 1" % n for n in sorted(known))
    rows_data = b"".join(
        k.to_bytes(1, "big") + a.to_bytes(4, "big") + b.to_bytes(2, "big")
        for k, a, b in (known[n] for n in sorted(known))
    )
    entries = b"/Type /XRef /W [1 4 2] /Index [%s] " % index + draft.trailer(size=number + 1)
    section = b"%d 0 obj\n" % number + stream(rows_data, entries) + b"\nendobj\n"
    return data + written + section + b"startxref\n%d\n%%%%EOF\n" % place


@entry("page-tree-loop", "a page tree that contains itself", expect=Expect.BOUNDED, tags=_H)
def page_tree_loop() -> bytes:
    layout = page.document()
    layout.draft.objects[2] = b"<</Type /Pages /Kids [2 0 R 2 0 R] /Count 2>>"
    return classic(layout.draft)


@entry("field-tree-loop", "a field whose kid is itself", expect=Expect.BOUNDED, tags=_H)
def field_tree_loop() -> bytes:
    layout = page.document(catalog=b"/AcroForm <</Fields [90 0 R]>>")
    layout.draft.objects[90] = b"<</T (a) /FT /Sig /Kids [90 0 R]>>"
    return classic(layout.draft)


@entry("reference-loop", "a reference that leads to itself where the page's boxes are", expect=Expect.BOUNDED, tags=_H)
def reference_loop() -> bytes:
    layout = page.document()
    layout.draft.objects[90] = b"90 0 R"
    layout.draft.objects[1] = b"<</Type /Catalog /Pages 90 0 R>>"
    return classic(layout.draft)


@entry(
    "predictor-columns", "a predictor that promises rows of a thousand million bytes", expect=Expect.BOUNDED, tags=_H
)
def predictor_columns() -> bytes:
    data = cross_reference_stream(page.document(version="1.5").draft)
    parameters = b"/DecodeParms <</Predictor 12 /Columns 1000000000>> /Type /XRef"
    return data.replace(b"/Type /XRef", parameters)
