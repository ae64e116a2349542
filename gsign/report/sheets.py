"""Pages of A4 filled with blocks, and the file they make: PDF/A-2b, so that it can be archived (ISO 19005-2)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from gsign.appearance.colour import srgb_profile
from gsign.report.typesetting import GREY, Block, Fonts, Ink
from gsign.syntax.complete import write_file
from gsign.syntax.objects import Indirect, Name, Ref, Stream

__all__ = ["MARGIN", "ROOM", "Sheets"]

_WIDTH: Final = 595.28
_HEIGHT: Final = 841.89
MARGIN: Final = 30.0
ROOM: Final = _WIDTH - 2 * MARGIN
"""Width that blocks have."""
_FOOT: Final = 6.0
_BASELINE: Final = 0.92
"""How far below the top of a line its baseline lies, in font sizes."""
_XMP: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<pdf:Producer>{producer}</pdf:Producer><xmp:CreateDate>{made}</xmp:CreateDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


class Sheets:
    """Fills page after page.

    Args:
        fonts: draw everything.
    """

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._pages: list[list[str]] = []
        self._y = 0.0
        self.turn()

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def turn(self) -> None:
        """Begin a new page, unless this one is still empty."""
        if not self._pages or self._pages[-1]:
            self._pages.append([])
            self._y = MARGIN

    def has_room(self, block: Block) -> bool:
        """Tell whether a block fits on this page, below what there is."""
        return self._y + block.height <= _HEIGHT - MARGIN - _FOOT

    def place(self, block: Block, *, gap: float = 0.0) -> None:
        """Put a block below what there is; on the next page where it does not fit, in parts where it fits on none."""
        if not self.has_room(block):
            self.turn()
        if not self.has_room(block):
            self._place_in_parts(block)
        else:
            self._draw(block.inks, self._y)
            self._y += block.height
        self._y += gap

    def _place_in_parts(self, block: Block) -> None:
        top = 0.0
        for ink in sorted((ink for ink in block.inks if ink.text), key=lambda ink: ink.y):
            if self._y + ink.y - top + ink.height > _HEIGHT - MARGIN - _FOOT:
                self.turn()
                top = ink.y
            self._draw([ink], self._y - top)
        self._y += block.height - top

    def _draw(self, inks: Sequence[Ink], y: float) -> None:
        self._pages[-1] += [self._operators(ink, MARGIN + ink.x, y + ink.y) for ink in inks]

    def _operators(self, ink: Ink, x: float, y: float) -> str:
        colour = "{:.3g} {:.3g} {:.3g} rg".format(*ink.colour)
        if not ink.text:
            return f"{colour} {x:.2f} {_HEIGHT - y - ink.height:.2f} {ink.width:.2f} {ink.height:.2f} re f"
        font = self._fonts.bold if ink.bold else self._fonts.regular
        name = "F2" if ink.bold else "F1"
        baseline = _HEIGHT - y - ink.size * _BASELINE
        return f"{colour} BT /{name} {ink.size:g} Tf {x:.2f} {baseline:.2f} Td {font.show(ink.text)} ET"

    def file(self, title: str, producer: str, made: datetime, foot: Callable[[int, int], str]) -> bytes:
        """Write the file.

        Args:
            title: of the document.
            producer: the program.
            made: when.
            foot: writes the line at the foot of a page, by its number and that of all pages.
        """
        for number, page in enumerate(self._pages, 1):
            line = Block(self._fonts, ROOM)
            line.right(foot(number, len(self._pages)), 7, colour=GREY)
            page += [self._operators(ink, MARGIN + ink.x, _HEIGHT - MARGIN - 4) for ink in line.inks]
        resources = Indirect({"Font": {"F1": self._fonts.regular.resource, "F2": self._fonts.bold.resource}})
        xmp = _XMP.format(title=escape(title), producer=escape(producer), made=made.isoformat(timespec="seconds"))
        return write_file(
            {
                "Type": Name("Catalog"),
                # The first object that the catalog leads to is number 2.
                "Pages": Indirect(
                    {
                        "Type": Name("Pages"),
                        "Kids": [_page(page, resources) for page in self._pages],
                        "Count": len(self._pages),
                    }
                ),
                "Lang": b"vi",
                "ViewerPreferences": {"DisplayDocTitle": True},
                "Metadata": Stream({"Type": Name("Metadata"), "Subtype": Name("XML")}, xmp.encode()),
                "OutputIntents": [_intent()],
            }
        )


def _page(operators: Sequence[str], resources: Indirect) -> Indirect:
    content = zlib.compress("\n".join(operators).encode("ascii"), 9)
    page: dict[str, Any] = {
        "Type": Name("Page"),
        "Parent": Ref(2),
        "MediaBox": [0, 0, _WIDTH, _HEIGHT],
        "Resources": resources,
        "Contents": Stream({"Filter": Name("FlateDecode")}, content),
    }
    return Indirect(page)


def _intent() -> dict[str, Any]:
    return {
        "Type": Name("OutputIntent"),
        "S": Name("GTS_PDFA1"),
        "OutputConditionIdentifier": b"sRGB",
        "DestOutputProfile": Stream({"N": 3, "Filter": Name("FlateDecode")}, zlib.compress(srgb_profile(), 9)),
    }
