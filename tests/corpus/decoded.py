"""Object streams that readers decode, or take apart, in other ways: the page that one sees is not what others see."""

from __future__ import annotations

import zlib

from gsign.syntax.objects import Ref, serialize
from tests.corpus.kit import Kit, open_document
from tests.corpus.model import forgery, genuine
from tests.corpus.two_uses import letter, stream

_ROW = 30
_FIRST = 9000
"""Where objects begin: far enough in for the rows' first octets, which a predictor takes away, to move all of one."""
_METADATA = b"/Type/Metadata/Subtype/XML"
_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 595 842 ] /Contents 4 0 R /Annots [ 7 0 R ] "
    b"/Resources << /Font << /F1 5 0 R >> >> >>"
)
_NINES = b"BT /F1 40 Tf 50 600 Td (999) Tj ET"


def _updated(
    kit: Kit, container: bytes, data: bytes, *packed: int, text: bytes = b"<x/>", metadata: bytes = b""
) -> bytes:
    """Sign a letter, and let metadata come later (9), with an object stream (11) that holds `packed`."""
    signed = kit.sign(letter())
    document = open_document(signed)
    assert document.size == 9
    assert document.load(Ref(3)).keys() == {"Type", "Parent", "MediaBox", "Contents", "Annots", "Resources"}
    root = document.trailer["Root"].number
    objects = {
        root: serialize(document.catalog | {"Metadata": Ref(9)}),
        9: stream(text, _METADATA + metadata),
        10: b"<</Predictor 12/Columns %d>>" % _ROW,
        11: stream(zlib.compress(data), b"/Type/ObjStm/N %d/Filter/FlateDecode%s" % (len(packed), container)),
    }
    out = bytearray(signed)
    entries = {number: b"\2%s%s" % ((11).to_bytes(4, "big"), at.to_bytes(2, "big")) for at, number in enumerate(packed)}
    for number, body in objects.items():
        entries[number] = b"\1%s\0\0" % len(out).to_bytes(4, "big")
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    place, own = len(out), 13
    entries[own] = b"\1%s\0\0" % place.to_bytes(4, "big")
    index = b" ".join(b"%d 1" % number for number in sorted(entries))
    head = b"/Type/XRef/W[1 4 2]/Index[%s]/Size %d/Root %d 0 R/Prev %d/ID%s" % (
        index, own + 1, root, document.sections[0].offset, serialize(document.trailer["ID"]),
    )  # fmt: skip
    rows = stream(b"".join(entries[number] for number in sorted(entries)), head)
    return bytes(out + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, rows, place))


def _two_faced() -> bytes:
    """Write an object stream that holds the page as it was, and draws object 9 once a predictor is applied to it."""
    other = _PAGE.replace(b"/Contents 4 0 R", b"/Contents 9 0 R")
    decoded = (b"3 0".ljust(_FIRST) + other).ljust(_FIRST + 20 * _ROW)
    out = bytearray(b"".join(b"\0" + decoded[at : at + _ROW] for at in range(0, len(decoded), _ROW)))
    at, step = _FIRST, _ROW + 1
    for token in _PAGE.split():
        if at // step != (at + len(token)) // step or not at % step:
            at = (at // step + 1) * step + 1  # behind the octet that begins a row
        out[at : at + len(token)] = token
        at += len(token) + 1
    return bytes(out)


def _predicted(name: str, why: str, parameters: bytes, metadata: bytes = b"") -> None:
    @forgery(name, why, "revision-malformed")
    def make(kit: Kit) -> bytes:
        first = b"/First %d" % _FIRST
        return _updated(kit, first + parameters, _two_faced(), 3, text=_NINES, metadata=metadata)


_predicted(
    "page-by-predictor-elsewhere",
    "the parameters of its filter are an object of their own: all readers show another page",
    b"/DecodeParms 10 0 R",
    b"/DecodeParms 10 0 R",
)
_predicted(
    "page-by-short-parameters",
    "they have the short name that inline images have: Poppler, MuPDF and PDF.js show another page",
    b"/DP<</Predictor 12/Columns %d>>" % _ROW,
)
_predicted(
    "page-by-short-filter",
    "the same with the short name of the filter besides, which PDF.js prefers",
    b"/F/FlateDecode/DP<</Predictor 12/Columns %d>>" % _ROW,
)


@forgery(
    "object-within-object",
    "an object begins within the page: Poppler, MuPDF and PDF.js read no further than that, and the page is empty",
    "revision-malformed",
)
def object_within_object(kit: Kit) -> bytes:
    head = b"3 0 12 %d " % _PAGE.index(b"<< /Font")
    return _updated(kit, b"/First %d" % len(head), head + _PAGE + b" << /Font 1 >> ", 3, 12)


@genuine("container-with-predictor", "an object stream with a predictor that all readers see, and objects side by side")
def container_with_predictor(kit: Kit) -> bytes:
    head = b"3 0 12 %d " % len(_PAGE)
    plain = head + _PAGE + b" \n<< /Font 1 >>"  # an offset may lead to the space in front
    plain += b" " * (-len(plain) % _ROW)
    rows = b"".join(b"\0" + plain[at : at + _ROW] for at in range(0, len(plain), _ROW))
    parameters = b"/First %d/DecodeParms<</Predictor 12/Columns %d>>" % (len(head), _ROW)
    return _updated(kit, parameters, rows, 3, 12)
