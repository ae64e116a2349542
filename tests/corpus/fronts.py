"""Files that begin as linearized ones do, in ways of which only some readers take notice, with a length yet to come."""

from __future__ import annotations

from collections.abc import Callable

from tests.corpus.kit import Kit
from tests.corpus.model import forgery, genuine
from tests.corpus.two_uses import stream

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_FIRST, _SECTION = 10, 15
_OTHERS = range(_FIRST, _SECTION)
_FONTS = b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"


def _page(content: int, tree: int) -> bytes:
    return b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Contents %d 0 R%b>>" % (tree, content, _FONTS)


def _section(rows: bytes, more: bytes = b"") -> bytes:
    entries = b"/Type/XRef/W[1 4 2]/Index[%d %d]/Size 30/Root 11 0 R" % (_FIRST, len(_OTHERS))
    return stream(rows, entries + more)


def _written(front: Callable[[int, bytes], list[tuple[int, bytes]]], length: int, rows: bytes) -> tuple[bytes, bytes]:
    """Write a letter behind a front that leads to another one, and return it with the rows of that one's section."""
    objects = [
        *front(length, rows),
        (11, b"%d 0 obj\n<</Type/Catalog/Pages 12 0 R>>"),
        (12, b"%d 0 obj\n<</Type/Pages/Kids[13 0 R]/Count 1>>"),
        (13, b"%d 0 obj\n" + _page(14, 12)),
        (14, b"%d 0 obj\n" + stream(b"BT /F1 40 Tf 50 600 Td (900) Tj ET")),
        (1, b"%d 0 obj\n<</Type/Catalog/Pages 2 0 R>>"),
        (2, b"%d 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        (3, b"%d 0 obj\n" + _page(4, 2)),
        (4, b"%d 0 obj\n" + stream(b"BT /F1 40 Tf 50 600 Td (100) Tj ET")),
    ]
    out = bytearray(_HEADER)
    places: dict[int, int] = {}
    for number, text in objects:
        digits = b"%d" % number
        written = text.replace(b"%d", digits, 1)
        places[number] = len(out) + written.index(digits)
        out += written + b"\nendobj\n"
    size, start = max(places) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    used = (b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 00000 f \n" for n in range(1, size))
    out += b"".join(used) + b"trailer\n<</Size %d/Root 1 0 R/ID[<00><00>]>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return bytes(out), b"".join(_row(places.get(number)) for number in _OTHERS)


def _row(place: int | None) -> bytes:
    return bytes(7) if place is None else b"\1%b\0\0" % place.to_bytes(4, "big")


def _signed(kit: Kit, front: Callable[[int, bytes], list[tuple[int, bytes]]]) -> bytes:
    """Sign a letter, and add the line ends that make the length true which its front states."""
    length, rows = 0, bytes(7 * len(_OTHERS))
    for _ in range(3):
        plain, rows = _written(front, length, rows)
        signed = kit.sign_blindly(plain)
        length = len(signed) + 3
    return signed + b"\n\n\n"


def _stated(length: int) -> bytes:
    return b"/Linearized 1/L %010d/O 13/E 9/N 1/T 9/H[9 9]" % length


def _behind_dictionary(head: bytes, more: bytes = b"") -> Callable[[int, bytes], list[tuple[int, bytes]]]:
    def front(length: int, rows: bytes) -> list[tuple[int, bytes]]:
        return [
            (_FIRST, head + b"\n<<" + more + _stated(length) + b">>"),
            (_SECTION, b"%d 0 obj\n" + _section(rows)),
        ]

    return front


def _in_section(remark: bytes) -> Callable[[int, bytes], list[tuple[int, bytes]]]:
    return lambda length, rows: [(_SECTION, remark + b"%d 0 obj\n" + _section(rows, _stated(length)))]


def _misleading(name: str, why: str, front: Callable[[int, bytes], list[tuple[int, bytes]]]) -> None:
    @forgery(f"front-{name}", why, "linearization-misleads")
    def make(kit: Kit) -> bytes:
        return _signed(kit, front)


_misleading(
    "with-sign", "Poppler, PDF.js and Chromium let the first number have a sign", _behind_dictionary(b"+%d 0 obj")
)
_misleading("with-remark", "they let a comment stand in the head", _behind_dictionary(b"%d %c\n0 obj"))
_misleading("with-exponent", "PDF.js takes 10E0 for 10", _behind_dictionary(b"%dE0 0 obj"))
_misleading("with-end-as-key", "Chromium reads on behind a key /endobj", _behind_dictionary(b"%d 0 obj", b"/endobj 1"))
_misleading("is-section", "PDF.js begins behind the word endobj in a comment", _in_section(b"% endobj\n"))
_misleading("is-far-section", "the same, and the object is far away", _in_section(b"% endobj\n%" + b"x" * 1100 + b"\n"))


@genuine("front-plain", "the same begins with an object like others", signatures=1)
def front_plain(kit: Kit) -> bytes:
    return _signed(kit, lambda _, rows: [(_SECTION, b"%d 0 obj\n" + _section(rows))])
