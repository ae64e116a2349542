"""Documents inside documents, and documents that are something else as well."""

from __future__ import annotations

import zlib

from tests.documents.raw import Draft, classic, cross_reference_stream, stream
from tests.hiding.kit import attached
from tests.hiding.model import Make, add, way
from tests.hiding.zips import zipped

_PAGE = b"<</Type /Page /Parent 2 0 R /Resources <<>> /MediaBox [0 0 595 842]%s>>"
_FILE = b"<</Type /Filespec /F (vb.pdf) /UF (vb.pdf) /EF <</F 5 0 R>>>>"


def _draft(embedded: bytes, catalog: bytes = b"", page: bytes = b"", specification: bytes = _FILE) -> Draft:
    return Draft(
        {
            1: b"<</Type /Catalog /Pages 2 0 R" + catalog + b">>",
            2: b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
            3: _PAGE % page,
            4: specification,
            5: embedded,
        }
    )


_TREE = b" /Names <</EmbeddedFiles <</Names [(vb.pdf) 4 0 R]>>>>"


def _stream(pdf: bytes) -> bytes:
    return stream(pdf, b"/Type /EmbeddedFile")


CARRIERS: dict[str, tuple[str, Make]] = {
    "name-tree": ("in the list of attachments", lambda d: classic(_draft(_stream(d), _TREE))),
    "annotation": (
        "as a paper clip on the page",
        lambda d: classic(
            _draft(_stream(d), page=b" /Annots [<</Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 4 0 R>>]")
        ),
    ),
    "associated": ("as an associated file (PDF/A-3)", lambda d: classic(_draft(_stream(d), b" /AF [4 0 R]"))),
    "portfolio": ("in a portfolio", lambda d: classic(_draft(_stream(d), _TREE + b" /Collection <</View /T>>"))),
    "inline": (
        "its description inside the list",
        lambda d: classic(
            _draft(_stream(d), b" /Names <</EmbeddedFiles <</Names [(a) " + _FILE + b"]>>>>", specification=b"null")
        ),
    ),
    "uncompressed": ("not packed", lambda d: classic(_draft(stream(d, compress=False), _TREE))),
    "object-streams": ("described in an object stream", lambda d: cross_reference_stream(_draft(_stream(d), _TREE))),
    "escaped": (
        "its keys spelled by codes",
        lambda d: classic(_draft(_stream(d), _TREE, specification=_FILE.replace(b"/EF", b"/#45#46"))),
    ),
    "hexadecimal": (
        "in hexadecimal digits",
        lambda d: classic(
            _draft(
                b"<</Filter /ASCIIHexDecode /Length %d>>\nstream\n%s>\nendstream" % (len(d) * 2 + 1, d.hex().encode()),
                _TREE,
            )
        ),
    ),
    "twice-packed": (
        "packed and in digits",
        lambda d: classic(_draft(_two_filters(d), _TREE)),
    ),
    "unlinked": ("described, though nothing leads to it", lambda d: classic(_draft(_stream(d)))),
    "unix": (
        "under a key for another system",
        lambda d: classic(_draft(_stream(d), _TREE, specification=b"<</Type /Filespec /F (a) /EF <</Unix 5 0 R>>>>")),
    ),
}


def _two_filters(pdf: bytes) -> bytes:
    body = zlib.compress(pdf).hex().encode() + b">"
    return b"<</Filter [/ASCIIHexDecode /FlateDecode] /Length %d>>\nstream\n%s\nendstream" % (len(body), body)


for _name, (_why, _make) in CARRIERS.items():
    add(f"embedded-{_name}", _why, lambda d, m=_make: attached(m(d), b"bia.pdf", b"application/pdf"))


@way("in an archive embedded in a document")
def zip_embedded(pdf: bytes) -> bytes:
    return attached(CARRIERS["name-tree"][1](zipped(("vb.pdf", pdf))), b"bia.pdf")


@way("three documents in each other")
def embedded_deep(pdf: bytes) -> bytes:
    for _ in range(3):
        pdf = CARRIERS["name-tree"][1](pdf)
    return attached(pdf, b"bia.pdf")


@way("embedded in a document in an archive")
def embedded_in_zip(pdf: bytes) -> bytes:
    return attached(zipped(("bia.pdf", CARRIERS["annotation"][1](pdf))), b"vb.zip")


@way("an archive behind the document: one file, two kinds", ambiguous="polyglot")
def document_and_archive(pdf: bytes) -> bytes:
    return attached(classic(_draft(b"null")) + zipped(("vb.pdf", pdf)), b"bia.pdf")


@way("packed in a way that is not read", unreadable="method-unsupported", finds=False)
def embedded_lzw(pdf: bytes) -> bytes:
    body = b"<</Filter /LZWDecode /Length %d>>\nstream\n%s\nendstream" % (len(pdf), pdf)
    return attached(classic(_draft(body, _TREE)), b"bia.pdf")


@way("40 MB that pack into little, embedded in a document", unreadable="too-large", finds=False)
def embedded_bomb(pdf: bytes) -> bytes:
    return attached(classic(_draft(_stream(bytes(40 << 20)), _TREE)), b"bia.pdf")
