"""Pictures of later signatures that do not stay in their frames: for some readers they are all over the page."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from gsign.syntax.objects import Name, Ref, Stream
from tests.corpus.appearances import crafted
from tests.corpus.kit import Kit
from tests.corpus.model import forgery, genuine
from tests.corpus.two_uses import letter, stream

_TEXT = b"BT /F1 40 Tf 50 600 Td (900) Tj ET"
_PLACE = [450, 30, 560, 70]
_WHITE = b" 1 g -3000 -3000 9000 9000 re f"
_BOX = b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]"
_LAYERS = b"/OCProperties<</OCGs[8 0 R]/D<</OFF[8 0 R]>>>>"
_GLYPHS = (
    b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/CharProcs 12 0 R/FirstChar 97/LastChar 97"
    b"/Encoding<</Type/Encoding/Differences[97/a]>>/Widths[9]>>"
)


def _letter(content: bytes = _TEXT) -> bytes:
    """Write a letter with a stamp (6), a hidden layer (8), and what is drawn by nothing yet (9 to 13)."""
    return letter(
        content,
        b"/Font<</F1 5 0 R/Drawn 11 0 R>>/XObject<</Wide 9 0 R/Open 10 0 R>>/Properties<</Hidden 8 0 R>>",
        page=b"/Annots[6 0 R]",
        catalog=_LAYERS,
        _6=b"<</Type/Annot/Subtype/Stamp/F 4/Rect[50 300 250 400]/AP<</N 7 0 R>>>>",
        _7=stream(b"0 0 1 rg 0 0 100 100 re f", _BOX),
        _8=b"<</Type/OCG/Name(x)>>",
        _9=stream(b"Q Q Q" + _WHITE, _BOX),
        _10=stream(b"/OC /Hidden BDC", _BOX + b"/Resources<</Properties<</Hidden 8 0 R>>>>"),
        _11=_GLYPHS,
        _12=b"<</a 13 0 R>>",
        _13=stream(b"9 0 d0 Q Q Q" + _WHITE),
    )


def _drawn(kit: Kit, content: bytes, *, page: bytes = _TEXT, is_first: bool = False, **entries: Any) -> bytes:
    """Let the agency sign below the leader, with this content as its picture."""
    form = {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, 110, 40], **entries}
    return crafted(
        kit,
        kit.sign(_letter(page)),
        [{"Rect": _PLACE}],
        draw=lambda revision: revision.add(Stream(form, content)),
        is_first=is_first,
    )


def _in_rows(content: bytes, columns: int = 20) -> bytes:
    """Compress content as what each row of it differs by from the one above (PNG's Up)."""
    content += b" " * (-len(content) % columns)
    above, out = bytes(columns), bytearray()
    for at in range(0, len(content), columns):
        row = content[at : at + columns]
        out += b"\2" + bytes((octet - before) & 0xFF for octet, before in zip(row, above, strict=True))
        above = row
    return zlib.compress(out)


def _escaping(name: str, why: str, content: bytes, **entries: Any) -> None:
    @forgery(f"escaping-{name}", why, "appearance-unbounded")
    def make(kit: Kit) -> bytes:
        return _drawn(kit, content, is_first=True, **entries)


def _contained(name: str, why: str, content: bytes, **entries: Any) -> None:
    @genuine(f"contained-{name}", why, signatures=2)
    def make(kit: Kit) -> bytes:
        return _drawn(kit, content, **entries)


_escaping("by-restoring", "PDF.js gives back the frame that it drew the picture in", b"Q Q Q" + _WHITE)
_escaping("by-glued-operators", "the same: PDF.js takes them for three", b"QQQ" + _WHITE)
_escaping("behind-number", "the same, behind a number", b"0Q 0Q" + _WHITE)
_escaping("behind-array", "what is saved within an array is nothing", b"[ q q ] 0 d Q Q" + _WHITE)
_escaping("behind-string", "what is saved within a string is nothing", b"BT (q \\) q ) Tj ET Q Q" + _WHITE)
_escaping("behind-comment", "what is saved within a comment is nothing", b"% q q\nQ Q" + _WHITE)
_escaping("behind-image", "it stands behind an inline image", b"BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q Q" + _WHITE)
_escaping(
    "as-text", "its content is written as text", base64.a85encode(b"Q Q" + _WHITE) + b"~>", Filter=Name("ASCII85Decode")
)
_escaping("by-another", "it draws a form of the signed document", b"/Wide Do", Resources={"XObject": {"Wide": Ref(9)}})
_escaping("by-lacking", "the same, which PDFium and Poppler find among the page's", b"/Wide Do", Resources={})
_escaping("by-lacking-behind-comment", "the same, with a comment between", b"/Open % x\nDo", Resources={})
_escaping("by-lacking-spelled", "the same, its name spelled with a number", b"/Op#65n Do", Resources={})
_escaping(
    "by-short-filter", "PDF.js decodes it by the short name", zlib.compress(b"Q Q" + _WHITE), F=Name("FlateDecode")
)
_escaping("by-glyph", "it sets a letter that is drawn so", b"BT /D 9 Tf (a) Tj ET", Resources={"Font": {"D": Ref(11)}})
_escaping(
    "by-layer",
    "Poppler and Ghostscript hide all annotations that follow",
    b"/OC /Hidden BDC",
    Resources={"Properties": {"Hidden": Ref(8)}},
)
_escaping("by-layer-within", "the same within what it draws", b"/Open Do", Resources={"XObject": {"Open": Ref(10)}})
_escaping(
    "by-predictor-of-text",
    "what is compressed within text has a predictor",
    _in_rows(b"%".ljust(19) + b"\n" + b"Q Q" + _WHITE).hex().encode() + b">",
    Filter=[Name("ASCIIHexDecode"), Name("FlateDecode")],
    DecodeParms=[None, {"Predictor": 12, "Columns": 20}],
)
_contained(
    "with-everything",
    "a picture that gives back what it took, and says the same words in strings",
    b"q /Tx BMC BT (x Q \\( BDC) Tj ET EMC Q /Span <</Lang(vi)/B[1 2]>> BDC EMC 1 0 0 rg 0 0 9 9 re f",
)
_contained("as-text", "the same as text", base64.a85encode(b"q 0 0 9 9 re f Q") + b"~>", Filter=[Name("ASCII85Decode")])
_contained(
    "with-predictor",
    "content that is compressed with a predictor",
    _in_rows(b"q 0 0 9 9 re f Q"),
    Filter=Name("FlateDecode"),
    DecodeParms={"Predictor": 12, "Columns": 20},
)
_contained(
    "as-text-with-nothing",
    "text whose filter has no parameters",
    b"71 20 51>",
    Filter=[Name("AHx")],
    DecodeParms=[None],
)


@forgery(
    "escaping-by-ending-layer",
    "the page leaves a hidden layer open: Poppler and Ghostscript show the stamp once a picture ends it",
    "appearance-unbounded",
)
def escaping_by_ending_layer(kit: Kit) -> bytes:
    return _drawn(kit, b"EMC", page=_TEXT + b" /OC /Hidden BDC", is_first=True)
