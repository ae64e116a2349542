"""Clauses of ISO 19005-2 about what is drawn (6.2): colours, images, graphics states, fonts as they are used."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from fontTools.cffLib import CFFFontSet
from fontTools.ttLib import TTFont

from tests.pdfa_syntax import Violation

_OPERATORS = frozenset(
    [
        "b",
        "B",
        "b*",
        "B*",
        "BDC",
        "BI",
        "BMC",
        "BT",
        "BX",
        "c",
        "cm",
        "CS",
        "cs",
        "d",
        "d0",
        "d1",
        "Do",
        "DP",
        "EI",
        "EMC",
        "ET",
        "EX",
        "f",
        "F",
        "f*",
        "G",
        "g",
        "gs",
        "h",
        "i",
        "ID",
        "j",
        "J",
        "K",
        "k",
        "l",
        "m",
        "M",
        "MP",
        "n",
        "q",
        "Q",
        "re",
        "RG",
        "rg",
        "ri",
        "s",
        "S",
        "sc",
        "SC",
        "scn",
        "SCN",
        "sh",
        "T*",
        "Tc",
        "Td",
        "TD",
        "Tf",
        "Tj",
        "TJ",
        "TL",
        "Tm",
        "Tr",
        "Ts",
        "Tw",
        "Tz",
        "v",
        "w",
        "W",
        "W*",
        "y",
        "'",
        '"',
        "INLINE",
        "IMAGE",
    ]
)
_DEVICE = {"RG": "RGB", "rg": "RGB", "K": "CMYK", "k": "CMYK", "G": "Gray", "g": "Gray"}
_BLEND = {
    "Normal", "Compatible", "Multiply", "Screen", "Overlay", "Darken", "Lighten", "ColorDodge", "ColorBurn",
    "HardLight", "SoftLight", "Difference", "Exclusion", "Hue", "Saturation", "Color", "Luminosity",
}  # fmt: skip
_INTENTS = {"RelativeColorimetric", "AbsoluteColorimetric", "Perceptual", "Saturation"}


@dataclass
class Drawing:
    """Walks content streams with their resources and collects the text shown per font."""

    output_space: str | None
    """Colour space of the OutputIntent: RGB, CMYK, GRAY, or None."""
    found: list[Violation] = field(default_factory=list)
    shown: dict[tuple[int, int], tuple[Any, set[bytes]]] = field(default_factory=dict)
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def page(self, page: pikepdf.Page, where: str) -> None:
        """Check one page's contents and its transparency group."""
        resources = page.get("/Resources")
        if "/Contents" in page:
            self.content(page.obj, resources, where)
        self._group(page.obj, where)
        if "/Group" not in page and self.output_space is None and self._transparent(resources):
            self._say("6.2.10", f"{where}: transparency without an OutputIntent or a page group")

    def form(self, form: Any, where: str) -> None:
        """Check a form XObject, such as an appearance."""
        if form.objgen in self._seen and form.objgen != (0, 0):
            return
        self._seen.add(form.objgen)
        for key in ("/OPI", "/PS", "/Ref"):
            if key in form:
                self._say("6.2.9", f"{where}: a form XObject with {key}")
        if form.get("/Subtype2") == "/PS":
            self._say("6.2.9", f"{where}: a PostScript form")
        self._group(form, where)
        self.content(form, form.get("/Resources"), where)

    def content(self, holder: Any, resources: Any, where: str) -> None:
        """Check the instructions of a content stream."""
        font: Any = None
        depth = 0
        for instruction in pikepdf.parse_content_stream(holder):
            operands, name = instruction.operands, str(instruction.operator)
            if name not in _OPERATORS:
                self._say("6.2.2", f"{where}: operator {name}")
            depth += {"q": 1, "Q": -1}.get(name, 0)
            if depth > 28:
                self._say("6.1.13", f"{where}: q nested deeper than 28")
            if name == "Tf":
                font = self._named(resources, "/Font", operands[0], where)
            elif name in ("Tj", "'", '"', "TJ"):
                self._text(font, operands[-1], where)
            else:
                self._instruction(name, operands, resources, where)

    def _instruction(self, name: str, operands: Any, resources: Any, where: str) -> None:
        if name in _DEVICE:
            self._device(_DEVICE[name], resources, where)
        elif name in ("cs", "CS"):
            self._space(operands[0], resources, where)
        elif name == "ri" and str(operands[0])[1:] not in _INTENTS:
            self._say("6.2.6", f"{where}: rendering intent {operands[0]}")
        elif name == "gs":
            self._state(self._named(resources, "/ExtGState", operands[0], where), where)
        elif name == "Do":
            self._xobject(self._named(resources, "/XObject", operands[0], where), where)

    def _named(self, resources: Any, kind: str, name: Any, where: str) -> Any:
        found = resources.get(kind, {}).get(str(name)) if resources is not None else None
        if found is None:
            self._say("6.2.2", f"{where}: {kind} {name} is not in the stream's own resources")
        return found

    def _device(self, space: str, resources: Any, where: str) -> None:
        default = f"/Default{space}"
        if resources is not None and default in resources.get("/ColorSpace", {}):
            return
        if self.output_space is None or (space != "Gray" and space.upper() != self.output_space):
            self._say("6.2.4.3", f"{where}: Device{space} with an OutputIntent of {self.output_space}")

    def _space(self, space: Any, resources: Any, where: str) -> None:
        if isinstance(space, pikepdf.Array):
            kind = str(space[0])
            if kind in ("/Indexed", "/Pattern") and len(space) > 1:
                self._space(space[1], resources, where)
            elif kind in ("/Separation", "/DeviceN"):
                self._space(space[2], resources, where)
            return
        kind = str(space)
        if kind in ("/DeviceRGB", "/DeviceCMYK", "/DeviceGray"):
            self._device(kind.removeprefix("/Device"), resources, where)
        elif resources is not None and kind in resources.get("/ColorSpace", {}):
            self._space(resources["/ColorSpace"][kind], resources, where)

    def _state(self, state: Any, where: str) -> None:
        if state is None:
            return
        if "/TR" in state or state.get("/TR2", "/Default") != "/Default" or "/HTP" in state:
            self._say("6.2.5", f"{where}: a transfer function or halftone phase in a graphics state")
        modes = state.get("/BM", pikepdf.Name.Normal)
        for mode in modes if isinstance(modes, pikepdf.Array) else [modes]:
            if str(mode)[1:] not in _BLEND:
                self._say("6.2.10", f"{where}: blend mode {mode}")

    def _xobject(self, found: Any, where: str) -> None:
        if found is None:
            return
        kind = found.get("/Subtype")
        if kind == "/Form":
            self.form(found, where)
        elif kind == "/Image":
            self._image(found, where)
        else:
            self._say("6.2.9", f"{where}: an XObject of subtype {kind}")

    def _image(self, image: Any, where: str) -> None:
        if "/Alternates" in image or "/OPI" in image:
            self._say("6.2.8", f"{where}: an image with Alternates or OPI")
        if image.get("/Interpolate", False):
            self._say("6.2.8", f"{where}: an image with Interpolate")
        if "/Intent" in image and str(image.Intent)[1:] not in _INTENTS:
            self._say("6.2.6", f"{where}: rendering intent {image.Intent}")
        if "/ColorSpace" in image:
            self._space(image.ColorSpace, None, where)
        if isinstance(image.get("/SMask"), pikepdf.Stream):
            self._image(image.SMask, where)

    def _group(self, holder: Any, where: str) -> None:
        group = holder.get("/Group")
        if group is not None and group.get("/S") == "/Transparency" and "/CS" in group:
            self._space(group.CS, None, where)

    def _transparent(self, resources: Any) -> bool:
        if resources is None:
            return False
        states = [resources.ExtGState[k] for k in resources.get("/ExtGState", {})]
        objects = [resources.XObject[k] for k in resources.get("/XObject", {})]
        faint = any(state.get("/ca", 1) != 1 or state.get("/CA", 1) != 1 for state in states)
        return faint or any("/SMask" in found for found in objects)

    def _text(self, font: Any, shown: Any, where: str) -> None:
        if font is None:
            self._say("6.2.2", f"{where}: text without a font")
            return
        parts = [p for p in shown if isinstance(p, pikepdf.String)] if isinstance(shown, pikepdf.Array) else [shown]
        _, texts = self.shown.setdefault(font.objgen, (font, set()))
        texts.update(bytes(part) for part in parts)

    def _say(self, clause: str, what: str) -> None:
        self.found.append(Violation(clause, what))


def font_violations(font: Any, texts: set[bytes], *, unicode_wanted: bool) -> Iterator[Violation]:
    """Check a font against 6.2.11, its widths for the characters that are shown."""
    name = str(font.get("/BaseFont", "a font"))
    if font.get("/Type") != "/Font" or "/Subtype" not in font:
        yield Violation("6.2.11.2", f"{name}: Type or Subtype is missing")
    if font.get("/Subtype") == "/Type3":
        return
    if unicode_wanted and "/ToUnicode" not in font:
        yield Violation("6.2.11.7", f"{name}: no ToUnicode")
    if font.get("/Subtype") == "/Type0":
        yield from _composite(font, texts, name)
        return
    if not _program(font.get("/FontDescriptor")):
        yield Violation("6.2.11.4.1", f"{name} is not embedded")


def _program(descriptor: Any) -> tuple[str, bytes] | None:
    if descriptor is None:
        return None
    for key in ("/FontFile", "/FontFile2", "/FontFile3"):
        if key in descriptor:
            return key, bytes(descriptor[key].read_bytes())
    return None


def _composite(font: Any, texts: set[bytes], name: str) -> Iterator[Violation]:
    descendant = font.DescendantFonts[0]
    if font.Encoding not in ("/Identity-H", "/Identity-V"):
        yield Violation("6.2.11.3.3", f"{name}: CMap {font.Encoding} is looked at here only where it is Identity")
        return
    program = _program(descendant.get("/FontDescriptor"))
    if program is None:
        yield Violation("6.2.11.4.1", f"{name} is not embedded")
        return
    if descendant.Subtype == "/CIDFontType2" and "/CIDToGIDMap" not in descendant:
        yield Violation("6.2.11.3.2", f"{name}: no CIDToGIDMap")
    glyphs = _Glyphs(descendant, *program)
    widths = _widths(descendant)
    default = int(descendant.get("/DW", 1000))
    cids = {int.from_bytes(t[i : i + 2], "big") for t in texts for i in range(0, len(t), 2)}
    for cid in sorted(cids):
        real = glyphs.advance(cid)
        if real is None or cid == 0:
            yield Violation("6.2.11.8", f"{name}: character {cid} shows .notdef")
        elif abs(real - widths.get(cid, default)) > 1:
            yield Violation("6.2.11.5", f"{name}: width of {cid} is {widths.get(cid, default)}, {real:.0f} in the font")


class _Glyphs:
    """Advance widths of an embedded font program, per CID, in thousandths."""

    def __init__(self, descendant: Any, key: str, data: bytes) -> None:
        self.map: bytes | None = None
        if isinstance(descendant.get("/CIDToGIDMap"), pikepdf.Stream):
            self.map = descendant.CIDToGIDMap.read_bytes()
        self.cff: Any = None
        if key == "/FontFile3" and data[:4] not in (b"OTTO", b"\0\1\0\0"):
            self._bare_cff(data)
            return
        font = TTFont(io.BytesIO(data))
        order, scale = font.getGlyphOrder(), 1000 / font["head"].unitsPerEm
        self.advances = [font["hmtx"][glyph][0] * scale for glyph in order]
        if "CFF " in font and hasattr(font["CFF "].cff.topDictIndex[0], "ROS"):
            self.cff = order

    def _bare_cff(self, data: bytes) -> None:
        fonts = CFFFontSet()
        fonts.decompile(io.BytesIO(data), None)
        top = fonts.topDictIndex[0]
        order = top.charset
        scale = 1000 * top.FontMatrix[0] if hasattr(top, "FontMatrix") else 1
        advances = []
        for glyph in order:
            string = top.CharStrings[glyph]
            string.decompile()
            from fontTools.pens.basePen import NullPen

            string.draw(NullPen())
            advances.append(string.width * scale)
        self.advances = advances
        self.cff = order if hasattr(top, "ROS") else None

    def advance(self, cid: int) -> float | None:
        if self.cff is not None:
            name = f"cid{cid:05d}"
            return self.advances[self.cff.index(name)] if name in self.cff else None
        glyph = int.from_bytes(self.map[2 * cid : 2 * cid + 2], "big") if self.map is not None else cid
        return self.advances[glyph] if 0 < glyph < len(self.advances) else None


def _widths(descendant: Any) -> dict[int, float]:
    widths: dict[int, float] = {}
    array = list(descendant.get("/W", []))
    while array:
        first = int(array.pop(0))
        following = array.pop(0)
        if isinstance(following, pikepdf.Array):
            widths.update({first + i: float(w) for i, w in enumerate(following)})
        else:
            width = float(array.pop(0))
            widths.update(dict.fromkeys(range(first, int(following) + 1), width))
    return widths
