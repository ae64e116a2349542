"""Content that names objects, in streams that a strict reader cannot read and that others draw."""

from __future__ import annotations

import zlib

from tests.corpus.contents import supplied
from tests.corpus.kit import Kit
from tests.corpus.model import forgery, genuine
from tests.corpus.two_uses import letter

_SUM = b"BT /F1 40 Tf 50 600 Td [(1)99 0 R( VND)] TJ ET "
_PACKED = zlib.compress(_SUM)
_HEX = _SUM.hex().encode() + b">"
_FLATE = b"/Filter/FlateDecode"
_TWICE = b"/A 1/A 2"


def _content(data: bytes, entries: bytes, keyword: bytes = b"stream\n") -> bytes:
    return b"<<%b/Length %d>>\n%b%b\nendstream" % (entries, len(data), keyword, data)


def _malformed(name: str, why: str, content: bytes, inner: bytes = b"") -> None:
    @forgery(f"malformed-{name}", f"the content names an awaited object: {why}")
    def make(kit: Kit) -> bytes:
        places = {9: letter(_4=content).index(inner)} if inner else None
        return supplied(kit.sign_blindly(letter(_4=content, places=places)), b"(000000)")


_malformed("key-twice", "its dictionary has a key twice", _content(_PACKED, _TWICE + _FLATE))
_malformed(
    "carriage-return", "the same, and its keyword's line ends oddly", _content(_PACKED, _TWICE + _FLATE, b"stream\r")
)
_malformed("space", "white space stands behind its keyword", _content(_PACKED, _FLATE, b"stream \n"))
_malformed(
    "keyword-in-string", "the keyword stands in a string as well", _content(_PACKED, b"/A(stream\n)/A 2" + _FLATE)
)
_malformed("end-in-string", "the object's end stands in a string", _content(_PACKED, b"/A(endobj)/A 2" + _FLATE))
_malformed("hexadecimal", "it is written in digits", _content(_HEX, _TWICE + b"/Filter/ASCIIHexDecode"))
_malformed(
    "chain",
    "it is compressed and written in digits",
    _content(_PACKED.hex().encode() + b">", _TWICE + b"/Filter[/ASCIIHexDecode/FlateDecode]"),
)
_malformed(
    "entry-inside",
    "an entry points into its dictionary, where no object is",
    _content(_PACKED, b"/A 1" + _FLATE),
    b"/A 1",
)
_malformed(
    "object-in-string",
    "another object stands in its string",
    _content(_PACKED, b"/A(endobj 9 0 obj null endobj)" + _FLATE),
    b"9 0 obj",
)
_malformed(
    "object-in-dictionary",
    "another object stands in its dictionary, where Poppler passes it over",
    _content(_PACKED, b"/A endobj 9 0 obj null endobj " + _FLATE),
    b"9 0 obj",
)
_malformed(
    "object-in-remark",
    "another object stands in a comment",
    _content(_PACKED, b"/A 1%endobj 9 0 obj null endobj\n" + _FLATE),
    b"9 0 obj",
)


@genuine("malformed-content", "a writer wrote a key of a content's dictionary twice, and names nothing", signatures=2)
def malformed_content(kit: Kit) -> bytes:
    packed = zlib.compress(b"BT /F1 40 Tf 50 600 Td (900) Tj ET")
    return kit.sign(kit.sign(letter(_4=_content(packed, _TWICE + _FLATE))), kit.agency)
