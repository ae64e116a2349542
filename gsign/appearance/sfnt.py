"""OpenType font files, read as far as embedding them in a PDF needs (ISO/IEC 14496-22).

fontTools would take 200 ms to import and subset one font, more than the rest of a signature made by the command line;
what a stamp needs of a font is a dozen fields and the outlines of some glyphs. Numbers are in font units unless said
otherwise. What is broken raises `FontError`, and the next font is taken.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

__all__ = ["DAMAGE", "FontError", "FontFile"]

_TRUETYPE: Final = b"\x00\x01\x00\x00"
_CFF: Final = b"OTTO"
# Best first: full Unicode, then the Basic Multilingual Plane.
_UNICODE_CMAPS: Final = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))
_RESTRICTED, _NO_SUBSETTING, _BITMAPS_ONLY = 0x0002, 0x0100, 0x0200


DAMAGE: Final = (struct.error, LookupError, ValueError, ArithmeticError)
"""What reading damaged tables raises: offsets and counts are followed as they are, and the slice or unpacking fails."""


class FontError(ValueError):
    """The font file is damaged, or of a kind that is not embedded."""


class FontFile:
    """One font of a file.

    Args:
        path: a .ttf or .otf file.

    Raises:
        FontError: no OpenType font, or tables are missing.
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        if data[:4] not in (_TRUETYPE, _CFF):
            raise FontError("no OpenType font")
        self.path = path
        try:
            self.tables = _tables(data)
            self.units: int = struct.unpack_from(">H", self.tables["head"], 18)[0]
            self.bounds: tuple[int, int, int, int] = struct.unpack_from(">4h", self.tables["head"], 36)
            self.ascent, self.descent = struct.unpack_from(">2h", self.tables["hhea"], 4)
            self.metrics_count: int = struct.unpack_from(">H", self.tables["hhea"], 34)[0]
            self.glyph_count: int = struct.unpack_from(">H", self.tables["maxp"], 4)[0]
            self.glyph = _character_map(self.tables["cmap"])
            self._advances = struct.unpack_from(f">{self.metrics_count * 2}H", self.tables["hmtx"])[::2]
        except DAMAGE as error:
            raise FontError("damaged font") from error
        if not (16 <= self.units <= 16384 and self._advances):
            raise FontError("damaged font")

    @property
    def has_cff(self) -> bool:
        """Whether the outlines are CFF; otherwise they are TrueType's."""
        return "CFF " in self.tables

    def advance(self, glyph: int) -> int:
        """Return the advance width of a glyph."""
        return int(self._advances[min(glyph, self.metrics_count - 1)])

    def bearing(self, glyph: int) -> int:
        """Return the left side bearing of a glyph."""
        count = self.metrics_count
        place = 4 * glyph + 2 if glyph < count else 4 * count + 2 * (glyph - count)
        table = self.tables["hmtx"]
        return int(struct.unpack_from(">h", table, place)[0]) if place + 2 <= len(table) else 0

    @cached_property
    def embeddable(self) -> bool:
        """Whether the font's licence bits allow embedding a subset of its outlines (OS/2 fsType)."""
        bits: int = struct.unpack_from(">H", self.tables["OS/2"], 8)[0] if "OS/2" in self.tables else 0
        return not (bits & 0xF == _RESTRICTED or bits & (_NO_SUBSETTING | _BITMAPS_ONLY))

    @cached_property
    def italic_angle(self) -> float:
        """Angle of the stems, in degrees, negative for italics."""
        post = self.tables.get("post", b"")
        return float(struct.unpack_from(">i", post, 4)[0] / 65536) if len(post) >= 8 else 0.0

    @cached_property
    def weight(self) -> int:
        """Weight class: 400 regular, 700 bold."""
        return int(struct.unpack_from(">H", self.tables["OS/2"], 4)[0]) if "OS/2" in self.tables else 400

    @cached_property
    def cap_height(self) -> int:
        """Height of flat capitals."""
        table = self.tables.get("OS/2", b"")
        if len(table) >= 90 and table[1] >= 2:
            return int(struct.unpack_from(">h", table, 88)[0])
        return round(0.7 * self.units)

    @cached_property
    def postscript_name(self) -> str:
        """Name of the font, restricted to what a PDF name holds without escapes."""
        name = _name_record(self.tables.get("name", b""), 6) or self.path.stem
        return "".join(c for c in name if c.isascii() and (c.isalnum() or c == "-")) or "Font"


def _tables(data: bytes) -> dict[str, bytes]:
    tables: dict[str, bytes] = {}
    for position in range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16):
        tag, _, offset, length = struct.unpack_from(">4sLLL", data, position)
        if offset + length > len(data):
            raise FontError("truncated font")
        tables[tag.decode("latin-1")] = data[offset : offset + length]
    return tables


def _character_map(table: bytes) -> Callable[[int], int]:
    """Return a function from a code point to a glyph, 0 where there is none."""
    found = {}
    for position in range(4, 4 + 8 * struct.unpack_from(">H", table, 2)[0], 8):
        platform, encoding, offset = struct.unpack_from(">HHL", table, position)
        found[platform, encoding] = offset
    for kind in _UNICODE_CMAPS:
        if kind in found:
            offset = found[kind]
            form = struct.unpack_from(">H", table, offset)[0]
            if form == 4:
                return _segments(table, offset)
            if form == 12:
                return _groups(table, offset)
    raise FontError("no Unicode character map")


def _segments(table: bytes, start: int) -> Callable[[int], int]:
    """Read format 4: segment mapping to delta values."""
    double: int = struct.unpack_from(">H", table, start + 6)[0]
    count = double // 2
    array = f">{count}H"
    ends = struct.unpack_from(array, table, start + 14)
    starts = struct.unpack_from(array, table, start + 16 + double)
    deltas = struct.unpack_from(array, table, start + 16 + 2 * double)
    offsets_at = start + 16 + 3 * double
    offsets = struct.unpack_from(array, table, offsets_at)

    def glyph(code: int) -> int:
        segment = bisect_left(ends, code)
        if segment == count or code < starts[segment]:
            return 0
        if not offsets[segment]:
            return int(code + deltas[segment]) & 0xFFFF
        place = offsets_at + 2 * segment + offsets[segment] + 2 * (code - starts[segment])
        found = struct.unpack_from(">H", table, place)[0] if place + 2 <= len(table) else 0
        return (found + deltas[segment]) & 0xFFFF if found else 0

    return glyph


def _groups(table: bytes, start: int) -> Callable[[int], int]:
    """Read format 12: segmented coverage."""
    count = struct.unpack_from(">L", table, start + 12)[0]
    numbers = struct.unpack_from(f">{3 * count}L", table, start + 16)
    starts, ends, glyphs = numbers[::3], numbers[1::3], numbers[2::3]

    def glyph(code: int) -> int:
        group = bisect_left(ends, code)
        return int(glyphs[group] + code - starts[group]) if group < count and code >= starts[group] else 0

    return glyph


def _name_record(table: bytes, wanted: int) -> str:
    if len(table) < 6:
        return ""
    count, strings = struct.unpack_from(">HH", table, 2)
    for position in range(6, min(6 + 12 * count, len(table) - 11), 12):
        platform, _, _, identifier, length, offset = struct.unpack_from(">6H", table, position)
        if identifier == wanted:
            raw = table[strings + offset : strings + offset + length]
            return raw.decode("latin-1" if platform == 1 else "utf-16-be", "ignore")
    return ""
