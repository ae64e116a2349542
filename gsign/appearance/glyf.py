"""Subset of a font with TrueType outlines (ISO/IEC 14496-22: glyf, loca), as PDF embeds it in /FontFile2.

Instructions are dropped: they would bring the font's whole program with them, and no PDF reader needs them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from gsign.appearance.sfnt import FontError, FontFile

__all__ = ["TrueTypeOutlines"]

# Flags of a component of a composite glyph.
_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO, _INSTRUCTIONS = 0x1, 0x8, 0x20, 0x40, 0x80, 0x100
_MAX_COMPONENTS: Final = 1000
# Flags of a point of a simple glyph.
_X_SHORT, _Y_SHORT, _REPEAT, _X_SAME, _Y_SAME = 0x02, 0x04, 0x08, 0x10, 0x20


class TrueTypeOutlines:
    """Outlines of the glyphs of one font."""

    def __init__(self, font: FontFile) -> None:
        self._font = font
        self._glyf = font.tables["glyf"]
        long = struct.unpack_from(">h", font.tables["head"], 50)[0] == 1
        count = font.glyph_count + 1
        places = struct.unpack_from(f">{count}{'L' if long else 'H'}", font.tables["loca"])
        self._places = places if long else tuple(2 * place for place in places)

    def box(self, glyph: int) -> tuple[int, int, int, int]:
        """Return left, bottom, right and top of a glyph, all 0 where it is blank."""
        box: tuple[int, int, int, int] = struct.unpack_from(">4h", self._data(glyph), 2)
        return box

    def subset(self, glyphs: Sequence[int]) -> bytes:
        """Return a font program that has `glyphs` as glyphs 1, 2, …, and .notdef and the components needed."""
        order = self._with_components([0, *glyphs])
        # A glyph may be asked for twice (two characters that look alike); components go to the first of them.
        numbers = {glyph: number for number, glyph in reversed(list(enumerate(order)))}
        outlines = [_rewritten(self._data(glyph), numbers) for glyph in order]
        return _font_program(self._font, order, outlines)

    def _data(self, glyph: int) -> bytes:
        if not 0 <= glyph < self._font.glyph_count:
            raise FontError("no such glyph")
        return self._glyf[self._places[glyph] : self._places[glyph + 1]] or bytes(10)

    def _with_components(self, wanted: list[int]) -> list[int]:
        order = list(wanted)
        known = set(wanted)
        for glyph in order:  # grows while it is walked
            for component, _, _ in _components(self._data(glyph)):
                if component not in known:
                    known.add(component)
                    order.append(component)
            if len(order) > len(wanted) + _MAX_COMPONENTS:
                raise FontError("too many components")
        return order


def _components(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield glyph, position and flags of each component; nothing for a simple glyph."""
    if struct.unpack_from(">h", data)[0] >= 0:
        return
    position, flags = 10, _MORE
    while flags & _MORE:
        flags, glyph = struct.unpack_from(">HH", data, position)
        yield glyph, position, flags
        position += _component_size(flags)


def _component_size(flags: int) -> int:
    size = 8 if flags & _WORDS else 6
    if flags & _SCALE:
        return size + 2
    if flags & _XY_SCALE:
        return size + 4
    return size + 8 if flags & _TWO_BY_TWO else size


def _rewritten(data: bytes, numbers: dict[int, int]) -> bytes:
    """Drop the instructions and renumber the components of a glyph."""
    contours = struct.unpack_from(">h", data)[0]
    if contours == 0:
        return b""
    if contours > 0:
        at = 10 + 2 * contours
        length = struct.unpack_from(">H", data, at)[0]
        points = struct.unpack_from(">H", data, at - 2)[0] + 1
        start = at + 2 + length
        return data[:at] + b"\0\0" + data[start : _end_of_points(data, start, points)]
    rewritten = bytearray(data)
    end = 10
    for glyph, position, flags in _components(data):
        struct.pack_into(">HH", rewritten, position, flags & ~_INSTRUCTIONS, numbers[glyph])
        end = position + _component_size(flags)
    return bytes(rewritten[:end])


def _end_of_points(data: bytes, at: int, points: int) -> int:
    """Return where flags and coordinates of a simple glyph end; fonts pad behind."""
    coordinates = 0
    while points > 0:
        flags, times = data[at], 1
        at += 1
        if flags & _REPEAT:
            times += data[at]
            at += 1
        across = 1 if flags & _X_SHORT else 0 if flags & _X_SAME else 2
        up = 1 if flags & _Y_SHORT else 0 if flags & _Y_SAME else 2
        coordinates += (across + up) * times
        points -= times
    return at + coordinates


def _font_program(font: FontFile, order: list[int], outlines: list[bytes]) -> bytes:
    padded = [outline + bytes(-len(outline) % 4) for outline in outlines]
    places = [0]
    for outline in padded:
        places.append(places[-1] + len(outline))
    metrics = b"".join(struct.pack(">Hh", font.advance(glyph), font.bearing(glyph)) for glyph in order)
    head = bytearray(font.tables["head"][:54])
    struct.pack_into(">L", head, 8, 0)
    struct.pack_into(">hh", head, 50, 1, 0)
    hhea = bytearray(font.tables["hhea"][:36])
    struct.pack_into(">H", hhea, 34, len(order))
    maxp = bytearray(font.tables["maxp"][:32])
    struct.pack_into(">H", maxp, 4, len(order))
    # maxZones and what instructions need: one zone, nothing else.
    struct.pack_into(">7H", maxp, 14, 1, 0, 0, 0, 0, 0, 0)
    return _sfnt(
        {
            b"glyf": b"".join(padded),
            b"head": bytes(head),
            b"hhea": bytes(hhea),
            b"hmtx": metrics,
            b"loca": struct.pack(f">{len(places)}L", *places),
            b"maxp": bytes(maxp),
        }
    )


def _sfnt(tables: dict[bytes, bytes]) -> bytes:
    count = len(tables)
    power = count.bit_length() - 1
    header = struct.pack(">LHHHH", 0x00010000, count, 16 << power, power, 16 * count - (16 << power))
    position = 12 + 16 * count
    entries, bodies = [], []
    for tag, body in sorted(tables.items()):
        padded = body + bytes(-len(body) % 4)
        entries.append(struct.pack(">4sLLL", tag, _checksum(padded), position, len(body)))
        bodies.append(padded)
        position += len(padded)
    program = bytearray(header + b"".join(entries) + b"".join(bodies))
    # head.checkSumAdjustment makes the sum over the whole file a constant.
    head = next(i for i, tag in enumerate(sorted(tables)) if tag == b"head")
    at = struct.unpack_from(">L", program, 12 + 16 * head + 8)[0] + 8
    struct.pack_into(">L", program, at, (0xB1B0AFBA - _checksum(bytes(program))) & 0xFFFFFFFF)
    return bytes(program)


def _checksum(data: bytes) -> int:
    words: tuple[int, ...] = struct.unpack(f">{len(data) // 4}L", data)
    return sum(words) & 0xFFFFFFFF
