"""A typeface as a PDF font: subset, embedded as a composite font with Identity-H (ISO 32000-2, 9.7).

Codes are two bytes, equal to the CID and to the glyph's number in the subset. Widths are scaled to 1000 units per em,
whatever the font file uses: readers that trust /W would otherwise space or clip the letters wrongly.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import radians, tan
from typing import Any, Final, NamedTuple

from gsign.appearance.cff import CffOutlines
from gsign.appearance.fonts import Typeface, typefaces_for
from gsign.appearance.glyf import TrueTypeOutlines
from gsign.appearance.sfnt import DAMAGE, FontError, FontFile
from gsign.syntax.objects import Indirect, Name, Raw, Stream

__all__ = ["EmbeddedFont", "Ink", "embed", "embedded_font"]

# Always in the subset, so that another date or number finds the subset ready: digits and what stands between them.
_ALWAYS: Final = frozenset("0123456789 +-./:,T")
_MAX_BFCHAR: Final = 100
_SERIF, _SYMBOLIC, _ITALIC = 2, 4, 64


class Ink(NamedTuple):
    """How far the ink of a character reaches out of its advance width and off the baseline, in ems; never negative."""

    before: float
    below: float
    after: float
    above: float


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedFont:
    """A subset ready to be drawn with. Measures are in ems: multiply by the font size.

    Args:
        resource: the font dictionary, for /Resources /Font.
        codes: hexadecimal code of each character.
        advances: advance width of each character.
        inks: extent of each character.
        slope: how far right a slanted letter leans per unit of height.
    """

    resource: Indirect
    codes: dict[str, str]
    advances: dict[str, float]
    inks: dict[str, Ink]
    slope: float

    def advance(self, text: str) -> float:
        """Sum of the advance widths."""
        return sum(map(self.advances.__getitem__, text))

    def width(self, text: str) -> float:
        """Advance widths, and the ink of the first and last letter that reaches out of them."""
        if not text:
            return 0.0
        return self.inks[text[0]].before + self.advance(text) + self.inks[text[-1]].after

    def above(self, text: str) -> float:
        """Height of the ink above the baseline."""
        return max((self.inks[c].above for c in set(text)), default=0.0)

    def below(self, text: str) -> float:
        """Depth of the ink below the baseline, positive."""
        return max((self.inks[c].below for c in set(text)), default=0.0)

    def show(self, text: str) -> str:
        """Return the operand and operator that draw a text."""
        return f"<{''.join(map(self.codes.__getitem__, text))}>Tj"


def embedded_font(text: str, *, italic: bool = False, bold: bool = False) -> EmbeddedFont:
    """Return a font that draws every character of `text`, prepared once per set of characters and style.

    Args:
        text: composed (NFC), no line breaks.
        italic: whether slanted.
        bold: whether heavy.

    Raises:
        UsageError: `appearance-character-missing`.
    """
    return _prepared(frozenset(text) | _ALWAYS, italic, bold)


@lru_cache(maxsize=64)
def _prepared(characters: frozenset[str], italic: bool, bold: bool) -> EmbeddedFont:
    faces = typefaces_for(characters, italic=italic, bold=bold)
    while True:
        try:
            return embed(next(faces), sorted(characters))
        except FontError:
            continue  # `faces` goes on, or tells that none is left


def embed(face: Typeface, characters: Sequence[str]) -> EmbeddedFont:
    """Subset a typeface.

    Args:
        face: has every character.
        characters: each once.

    Raises:
        FontError: an outline is damaged.
    """
    try:
        return _embedded(face, characters)
    except DAMAGE as error:
        raise FontError("damaged outlines") from error


def _embedded(face: Typeface, characters: Sequence[str]) -> EmbeddedFont:
    font = face.font
    glyphs = [font.glyph(ord(c)) for c in characters]
    outlines = _outlines(font)
    slope = tan(radians(face.slant))
    inks = [_ink(outlines.box(glyph), font.advance(glyph), slope, font.units) for glyph in glyphs]
    return EmbeddedFont(
        resource=_font_dictionary(font, characters, glyphs, outlines.subset(glyphs)),
        codes={c: f"{cid:04x}" for cid, c in enumerate(characters, 1)},
        advances={c: font.advance(glyph) / font.units for c, glyph in zip(characters, glyphs, strict=True)},
        inks=dict(zip(characters, inks, strict=True)),
        slope=slope,
    )


@lru_cache(maxsize=16)
def _outlines(font: FontFile) -> CffOutlines | TrueTypeOutlines:
    return CffOutlines(font) if font.has_cff else TrueTypeOutlines(font)


def _ink(box: tuple[float, float, float, float], advance: int, slope: float, units: int) -> Ink:
    left, bottom, right, top = box
    return Ink(
        before=max(0.0, -left - slope * bottom) / units,
        below=max(0.0, -bottom / units),
        after=max(0.0, right + slope * top - advance) / units,
        above=max(0.0, top / units),
    )


def _font_dictionary(font: FontFile, characters: Sequence[str], glyphs: list[int], program: bytes) -> Indirect:
    name = Name(f"{_subset_tag(program)}+{font.postscript_name}")
    widths = [1000 * advance / font.units for advance in map(font.advance, [0, *glyphs])]
    descendant: dict[str, Any] = {
        "Type": Name("Font"),
        "Subtype": Name("CIDFontType0" if font.has_cff else "CIDFontType2"),
        "BaseFont": name,
        "CIDSystemInfo": {"Registry": b"Adobe", "Ordering": b"Identity", "Supplement": 0},
        "FontDescriptor": Indirect(_descriptor(font, name, program)),
        "W": Raw(f"[0[{' '.join(f'{width:.5g}' for width in widths)}]]".encode()),
    }
    if not font.has_cff:
        descendant["CIDToGIDMap"] = Name("Identity")
    return Indirect(
        {
            "Type": Name("Font"),
            "Subtype": Name("Type0"),
            "BaseFont": name,
            "Encoding": Name("Identity-H"),
            "DescendantFonts": [Indirect(descendant)],
            "ToUnicode": _compressed({}, _to_unicode(characters)),
        }
    )


def _descriptor(font: FontFile, name: Name, program: bytes) -> dict[str, Any]:
    def scaled(value: float) -> int:
        return round(1000 * value / font.units)

    descriptor: dict[str, Any] = {
        "Type": Name("FontDescriptor"),
        "FontName": name,
        "Flags": _SYMBOLIC | _SERIF | (_ITALIC if font.italic_angle else 0),
        "FontBBox": [scaled(value) for value in font.bounds],
        "ItalicAngle": round(font.italic_angle, 2),
        "Ascent": scaled(font.ascent),
        "Descent": scaled(font.descent),
        "CapHeight": scaled(font.cap_height),
        # The file does not tell; readers need it only where they have to replace the font.
        "StemV": 80 if font.weight < 600 else 140,
    }
    if font.has_cff:
        descriptor["FontFile3"] = _compressed({"Subtype": Name("CIDFontType0C")}, program)
    else:
        descriptor["FontFile2"] = _compressed({"Length1": len(program)}, program)
    return descriptor


def _compressed(dictionary: dict[str, Any], data: bytes) -> Stream:
    return Stream({**dictionary, "Filter": Name("FlateDecode")}, zlib.compress(data, 9))


def _subset_tag(program: bytes) -> str:
    """Return six capitals that differ between subsets (ISO 32000-2, 9.9.2) and are the same for the same subset."""
    number = int.from_bytes(hashlib.sha256(program).digest()[:8], "big")
    return "".join(chr(65 + number // 26**place % 26) for place in range(6))


def _to_unicode(characters: Sequence[str]) -> bytes:
    """Write the CMap from codes to characters, for extraction of the text (ISO 32000-2, 9.10.3)."""
    rows = [f"<{cid:04x}><{c.encode('utf-16-be').hex()}>" for cid, c in enumerate(characters, 1)]
    blocks = [rows[i : i + _MAX_BFCHAR] for i in range(0, len(rows), _MAX_BFCHAR)]
    mappings = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return f"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000><ffff>
endcodespacerange
{mappings}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
""".encode("ascii")
