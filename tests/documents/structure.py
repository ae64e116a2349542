"""Documents that differ in how the file is built, not in what it shows."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pikepdf

from tests.documents import page
from tests.documents.model import Expect, entry
from tests.documents.raw import (
    Draft,
    body,
    classic,
    cross_reference_stream,
    header,
    hybrid,
    stream,
    table,
    update,
    update_by_stream,
)

_T = ("structure",)


@entry("one-page", "a decision on one A4 page, PDF 1.4, cross-reference table", tags=_T)
def one_page() -> bytes:
    return classic(page.document(version="1.4").draft)


@entry("five-pages", "several pages", tags=_T)
def five_pages() -> bytes:
    return classic(page.document(5).draft)


@entry("500-pages", "a long document: what is not touched must not be read", tags=_T)
def five_hundred_pages() -> bytes:
    return classic(page.document(500).draft)


@entry("object-streams", "PDF 1.5, catalog and pages in an object stream", tags=_T)
def object_streams() -> bytes:
    return cross_reference_stream(page.document(version="1.5").draft)


@entry("object-streams-catalog-outside", "PDF 1.5, only the page tree in an object stream", tags=_T)
def object_streams_catalog_outside() -> bytes:
    layout = page.document(version="1.5")
    return cross_reference_stream(layout.draft, packed={2, layout.first})


@entry("pdf-2.0", "PDF 2.0 without an information dictionary", tags=_T)
def pdf_2() -> bytes:
    layout = page.document(version="2.0")
    layout.draft.info = None
    return classic(layout.draft)


@entry("catalog-version", "the catalog's /Version overrules the header's", tags=_T)
def catalog_version() -> bytes:
    return classic(page.document(version="1.3", catalog=b"/Version /1.7").draft)


@entry("linearized", "linearized: the first page's section comes first, its table is chained backwards", tags=_T)
def linearized() -> bytes:
    return _by_qpdf(classic(page.document(5).draft), linearize=True)


@entry("linearized-object-streams", "linearized with object streams", tags=_T)
def linearized_object_streams() -> bytes:
    generate = pikepdf.ObjectStreamMode.generate
    return _by_qpdf(classic(page.document(5).draft), linearize=True, object_stream_mode=generate)


def _by_qpdf(data: bytes, **options: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(out, static_id=True, **options)  # type: ignore[arg-type]
    return out.getvalue()


@entry("hybrid", "hybrid-reference as Word writes it: page objects only in the stream", expect=Expect.THOROUGH, tags=_T)
def hybrid_reference() -> bytes:
    layout = page.document(2)
    # Old readers see one page; the second is hidden from them along with nothing they need.
    return hybrid(layout.draft, {layout.page_numbers[1], layout.draft.info or 0})


@entry("hybrid-page-tree", "hybrid-reference whose whole page tree is hidden", expect=Expect.THOROUGH, tags=_T)
def hybrid_page_tree() -> bytes:
    layout = page.document()
    return hybrid(layout.draft, {2, layout.first})


@entry("crlf", "CR LF line ends", tags=_T)
def crlf() -> bytes:
    return classic(page.document().draft, eol=b"\r\n")


@entry("cr-only", "CR line ends, as old Macintosh programs wrote", tags=_T)
def cr_only() -> bytes:
    return classic(page.document().draft, eol=b"\r")


@entry("no-final-newline", "nothing after %%EOF: a revision needs a line end of its own", tags=_T)
def no_final_newline() -> bytes:
    return one_page().rstrip(b"\n")


@entry("trailing-garbage", "zero bytes after %%EOF, as some mail gateways add", expect=Expect.THOROUGH, tags=_T)
def trailing_garbage() -> bytes:
    return one_page() + bytes(300)


@entry(
    "leading-garbage",
    "bytes before %PDF, offsets counted from %PDF",
    expect=Expect.REFUSED,
    code="input-damaged",
    tags=_T,
)
def leading_garbage() -> bytes:
    return b"Content-Type: application/pdf\r\n\r\n" + one_page()


@entry(
    "leading-garbage-counted",
    "bytes before %PDF, offsets counted from the file's start",
    expect=Expect.REFUSED,
    code="input-damaged",
    tags=_T,
)
def leading_garbage_counted() -> bytes:
    junk = b"\n\n  junk  \n"
    layout = page.document()
    out = bytearray(junk + header(layout.draft))
    written, offsets = body(layout.draft, len(out))
    place = len(out) + len(written)
    out += written + table({0: None, **offsets}) + b"trailer\n<<" + layout.draft.trailer() + b">>\n"
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % place)


@entry("two-subsections", "object numbers with a gap: a table of two subsections", tags=_T)
def two_subsections() -> bytes:
    layout = page.document()
    layout.draft.objects[500] = b"<</Gap true>>"
    return classic(layout.draft)


@entry("revisions", "five revisions chained by /Prev, each with another title", tags=_T)
def revisions() -> bytes:
    layout = page.document()
    data = classic(layout.draft)
    for number in range(4):
        data = update(data, layout.draft, {layout.draft.info or 0: b"<</Title (b\x1bn %d)>>" % number})
    return data


@entry("revisions-by-streams", "revisions as cross-reference streams chained by /Prev", tags=_T)
def revisions_by_streams() -> bytes:
    layout = page.document(version="1.5")
    data = cross_reference_stream(layout.draft)
    for number in range(3):
        data = update_by_stream(data, layout.draft, {layout.draft.info or 0: b"<</Title (revision %d)>>" % number})
    return data


@entry("revised-catalog", "the catalog and the page come from a later revision", tags=_T)
def revised_catalog() -> bytes:
    layout = page.document()
    changed = {1: b"<</Type /Catalog /Pages 2 0 R /Lang (vi-VN)>>", layout.first: layout.draft.objects[layout.first]}
    return update(classic(layout.draft), layout.draft, changed)


@entry("freed-entries", "never-used entries freed with generation 65534, as published documents have", tags=_T)
def freed_entries() -> bytes:
    layout = page.document()
    changed = {layout.draft.info or 0: b"<</Title (x)>>"}
    return update(classic(layout.draft), layout.draft, changed, freed={60: 65534, 61: 65534})


@entry("reused-number", "an object freed in one revision comes back with generation 1", tags=_T)
def reused_number() -> bytes:
    layout = page.document()
    spare = layout.draft.add(b"(spare)")
    data = classic(layout.draft)
    data = update(data, layout.draft, {layout.draft.info or 0: b"<</Title (x)>>"}, freed={spare: 1})
    start = len(data)
    out = bytearray(data + b"%d 1 obj\n(again)\nendobj\n" % spare)
    place = len(out)
    previous = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    out += b"xref\n%d 1\n%010d 00001 n \n" % (spare, start)
    out += b"trailer\n<<" + layout.draft.trailer(more=b"/Prev %d" % previous) + b">>\nstartxref\n%d\n%%%%EOF\n" % place
    return bytes(out)


@entry("no-identifier", "no /ID in the trailer: a signing revision may add one", tags=_T)
def no_identifier() -> bytes:
    layout = page.document(version="1.4")
    layout.draft.identifier = None
    return classic(layout.draft)


@entry("odd-spelling", "escaped names, comments, nested strings, no space where none is needed", tags=_T)
def odd_spelling() -> bytes:
    layout = page.document()
    layout.draft.objects[1] = (
        b"<</Type/Cat#61log% comment with >> and endobj\n"
        b"/Pages 2 0 R/Lang(vi\\(\\)((nested) \\\\))/X<</Y[/Z null true]>>>>"
    )
    return classic(layout.draft)


@entry("markers-in-data", "startxref, %%EOF and endobj inside a stream and a string", tags=_T)
def markers_in_data() -> bytes:
    layout = page.document()
    layout.draft.add(stream(b"startxref\n1\n%%EOF\nendobj\nendstream x", compress=False))
    layout.draft.add(b"(trailer <</Root 99 0 R>> startxref 7 %%EOF)")
    return classic(layout.draft)


@entry("indirect-length", "the stream's /Length is an object of its own, behind it", tags=_T)
def indirect_length() -> bytes:
    layout = page.document()
    content = page.decision_content()
    length = layout.draft.add(b"%d" % len(content))
    layout.draft.objects[layout.contents[0]] = b"<</Length %d 0 R>>\nstream\n%s\nendstream" % (length, content)
    return classic(layout.draft)


@entry("narrow-xref-stream", "a cross-reference stream with a predictor, as qpdf writes it", tags=_T)
def narrow_xref_stream() -> bytes:
    return _by_qpdf(one_page(), object_stream_mode=pikepdf.ObjectStreamMode.generate)


def large(path: Path, size: int = 200_000_000) -> Path:
    """Write a document of about `size` bytes, most of it one attached stream that does not compress."""
    layout = page.document()
    draft = Draft(layout.draft.objects, info=layout.draft.info)
    block = random.Random(1).randbytes(1_000_000)
    count = size // len(block)
    out = bytearray(header(draft))
    written, offsets = body(draft, len(out))
    out += written
    number = draft.size
    offsets[number] = len(out)
    head = bytes(out) + b"%d 0 obj\n<</Length %d>>\nstream\n" % (number, count * len(block))
    draft.objects[number] = b""
    with path.open("wb") as file:
        file.write(head)
        for _ in range(count):
            file.write(block)
        file.write(b"\nendstream\nendobj\n")
        place = file.tell()
        file.write(table({0: None, **offsets}) + b"trailer\n<<" + draft.trailer() + b">>\n")
        file.write(b"startxref\n%d\n%%%%EOF\n" % place)
    return path
