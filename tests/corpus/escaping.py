"""Pictures of later signatures that do not stay in their frames: for some readers they are all over the page."""

from __future__ import annotations

import base64
from typing import Any

from gsign.syntax.objects import Name, Ref, Stream
from tests.corpus.appearances import crafted
from tests.corpus.kit import Kit
from tests.corpus.model import forgery, genuine
from tests.corpus.two_uses import letter, stream

_PLACE = [450, 30, 560, 70]
_WHITE = b" 1 g -3000 -3000 9000 9000 re f"
_BOX = b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]"
_LAYERS = b"/OCProperties<</OCGs[8 0 R]/D<</OFF[8 0 R]>>>>"
_GLYPHS = (
    b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/CharProcs 12 0 R/FirstChar 97/LastChar 97"
    b"/Encoding<</Type/Encoding/Differences[97/a]>>/Widths[9]>>"
)


def _letter() -> bytes:
    """Write a letter with a stamp (6), a hidden layer (8), and what is drawn by nothing yet (9 to 13)."""
    return letter(
        resources=b"/Font<</F1 5 0 R/Drawn 11 0 R>>/XObject<</Wide 9 0 R/Open 10 0 R>>",
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


def _drawn(kit: Kit, content: bytes, *, is_first: bool = False, **entries: Any) -> bytes:
    """Let the agency sign below the leader, with this content as its picture."""
    form = {"Type": Name("XObject"), "Subtype": Name("Form"), "BBox": [0, 0, 110, 40], **entries}
    return crafted(
        kit,
        kit.sign(_letter()),
        [{"Rect": _PLACE}],
        draw=lambda revision: revision.add(Stream(form, content)),
        is_first=is_first,
    )


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
_escaping("by-glyph", "it sets a letter that is drawn so", b"BT /D 9 Tf (a) Tj ET", Resources={"Font": {"D": Ref(11)}})
_escaping(
    "by-layer",
    "Poppler and Ghostscript hide all annotations that follow",
    b"/OC /Hidden BDC",
    Resources={"Properties": {"Hidden": Ref(8)}},
)
_escaping("by-layer-within", "the same within what it draws", b"/Open Do", Resources={"XObject": {"Open": Ref(10)}})
_contained(
    "with-everything",
    "a picture that gives back what it took, and says the same words in strings",
    b"q /Tx BMC BT (x Q \\( BDC) Tj ET EMC Q /Span <</Lang(vi)/B[1 2]>> BDC EMC 1 0 0 rg 0 0 9 9 re f",
)
_contained("as-text", "the same as text", base64.a85encode(b"q 0 0 9 9 re f Q") + b"~>", Filter=[Name("ASCII85Decode")])
