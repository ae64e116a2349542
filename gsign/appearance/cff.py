"""Subset of a font with CFF outlines (Adobe Technical Note 5176), as PDF embeds it in /FontFile3 /CIDFontType0C.

The subset is written CID-keyed with CID = glyph, which is what PDF/A wants of a CIDFontType0: readers need not guess
that the CIDs of a name-keyed font are its glyph numbers (ISO 32000-2, 9.7.4.2).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from gsign.appearance.charstring import Outline, expand
from gsign.appearance.sfnt import FontError, FontFile

__all__ = ["CffOutlines"]

# Operators of DICTs; escaped ones have 0x0C in the high byte.
_FONT_BBOX, _CHARSET, _CHARSTRINGS, _PRIVATE, _SUBRS = 5, 15, 17, 18, 19
_CHARSTRING_TYPE, _FONT_MATRIX, _ROS, _CID_COUNT, _FD_ARRAY, _FD_SELECT = 0xC06, 0xC07, 0xC1E, 0xC22, 0xC24, 0xC25
_FIRST_OWN_STRING: Final = 391


class CffOutlines:
    """Outlines of the glyphs of one font.

    Raises:
        FontError: damaged, or of a kind that is not subset here (CID-keyed, Type 1 charstrings).
    """

    def __init__(self, font: FontFile) -> None:
        data = font.tables["CFF "]
        at = data[2]
        _, at = _read_index(data, at)
        tops, at = _read_index(data, at)
        _, at = _read_index(data, at)
        self._global_subrs, _ = _read_index(data, at)
        self._top = dict(_read_dict(tops[0]))
        if _ROS in self._top or _PRIVATE not in self._top:
            raise FontError("CID-keyed")
        if _CHARSTRING_TYPE in self._top and _numbers(self._top[_CHARSTRING_TYPE]) != [2]:
            raise FontError("Type 1 charstrings")
        self._charstrings, _ = _read_index(data, _numbers(self._top[_CHARSTRINGS])[0])
        size, place = _numbers(self._top[_PRIVATE])
        private = dict(_read_dict(data[place : place + size]))
        self._subrs: Sequence[bytes] = ()
        if _SUBRS in private:
            self._subrs, _ = _read_index(data, place + _numbers(private.pop(_SUBRS))[0])
        self._private = b"".join(operands + _operator(operator) for operator, operands in private.items())
        self.outline = lru_cache(maxsize=1024)(self._outline)

    def box(self, glyph: int) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top of a glyph's control points, all 0 where it is blank."""
        return self.outline(glyph).box

    def subset(self, glyphs: Sequence[int]) -> bytes:
        """Return a font program that has `glyphs` as CIDs 1, 2, …, and .notdef."""
        charstrings = [self.outline(glyph).data for glyph in [0, *glyphs]]
        return _font_program(charstrings, self._top, self._private)

    def _outline(self, glyph: int) -> Outline:
        return expand(self._charstrings[glyph], self._subrs, self._global_subrs)


def _read_index(data: bytes, at: int) -> tuple[list[bytes], int]:
    """Return the items of an INDEX and where it ends."""
    count = struct.unpack_from(">H", data, at)[0]
    if not count:
        return [], at + 2
    size = data[at + 2]
    start = at + 3
    places = [int.from_bytes(data[i : i + size], "big") for i in range(start, start + size * (count + 1), size)]
    base = start + size * (count + 1) - 1
    if places != sorted(places) or base + places[-1] > len(data):
        raise FontError("damaged INDEX")
    return [data[base + a : base + b] for a, b in pairwise(places)], base + places[-1]


def _read_dict(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each operator of a DICT with the bytes of its operands."""
    at = start = 0
    while at < len(data):
        first = data[at]
        if first <= 21:
            operands = data[start:at]
            if first == 12:
                at += 1
                yield 0xC00 | data[at], operands
            else:
                yield first, operands
            at += 1
            start = at
        else:
            at += _operand_size(data, at)


def _operand_size(data: bytes, at: int) -> int:
    first = data[at]
    if first == 28:
        return 3
    if first == 29:
        return 5
    if first == 30:
        end = at + 1
        while data[end] & 0x0F != 0x0F and data[end] >> 4 != 0x0F:
            end += 1
        return end + 1 - at
    return 1 if first < 247 else 2


def _numbers(operands: bytes) -> list[int]:
    """Read integer operands."""
    numbers, at = [], 0
    while at < len(operands):
        first = operands[at]
        size = _operand_size(operands, at)
        if first == 28:
            numbers.append(struct.unpack_from(">h", operands, at + 1)[0])
        elif first == 29:
            numbers.append(struct.unpack_from(">i", operands, at + 1)[0])
        elif first < 32:
            raise FontError("no integer")
        elif first < 247:
            numbers.append(first - 139)
        elif first < 251:
            numbers.append((first - 247) * 256 + operands[at + 1] + 108)
        else:
            numbers.append(-(first - 251) * 256 - operands[at + 1] - 108)
        at += size
    return numbers


def _operator(code: int) -> bytes:
    return bytes((code,)) if code < 0x100 else code.to_bytes(2, "big")


def _integer(value: int) -> bytes:
    # Always the longest form, so that the length of a DICT does not depend on the offsets in it.
    return struct.pack(">Bi", 29, value)


def _index(items: Sequence[bytes]) -> bytes:
    if not items:
        return b"\0\0"
    places = [1]
    for item in items:
        places.append(places[-1] + len(item))
    size = (places[-1].bit_length() + 7) // 8
    offsets = b"".join(place.to_bytes(size, "big") for place in places)
    return struct.pack(">HB", len(items), size) + offsets + b"".join(items)


def _font_program(charstrings: list[bytes], top: dict[int, bytes], private: bytes) -> bytes:
    count = len(charstrings)
    strings = _index([b"Adobe", b"Identity"])
    before = b"\x01\x00\x04\x04" + _index([b"Subset"])
    # Format 2 and 3: one range each, CID = glyph, one font DICT for all.
    charset = struct.pack(">BHH", 2, 1, count - 2)
    fd_select = struct.pack(">BHHBH", 3, 1, 0, 0, count)
    glyphs = _index(charstrings)

    def top_dict(charset_at: int, select_at: int, glyphs_at: int, array_at: int) -> bytes:
        kept = b"".join(top[key] + _operator(key) for key in (_FONT_MATRIX, _FONT_BBOX) if key in top)
        ros = _integer(_FIRST_OWN_STRING) + _integer(_FIRST_OWN_STRING + 1) + _integer(0) + _operator(_ROS)
        places = (
            (_CID_COUNT, count),
            (_CHARSET, charset_at),
            (_FD_SELECT, select_at),
            (_CHARSTRINGS, glyphs_at),
            (_FD_ARRAY, array_at),
        )
        return ros + kept + b"".join(_integer(place) + _operator(key) for key, place in places)

    after = strings + _index([])
    charset_at = len(before + _index([top_dict(0, 0, 0, 0)]) + after)
    select_at = charset_at + len(charset)
    glyphs_at = select_at + len(fd_select)
    private_at = glyphs_at + len(glyphs)
    font_dict = _integer(len(private)) + _integer(private_at) + _operator(_PRIVATE)
    head = before + _index([top_dict(charset_at, select_at, glyphs_at, private_at + len(private))]) + after
    return head + charset + fd_select + glyphs + private + _index([font_dict])
