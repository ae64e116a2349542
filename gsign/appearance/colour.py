"""Colours that look the same in every document and every reader (ISO 32000-2, 8.6.5.5).

Device colours are forbidden in a PDF/A whose output intent is of another kind (ISO 19005-2, 6.2.4.3); ones with a
profile are allowed in all. /CalRGB would need no profile, but poppler tints its white.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from gsign.syntax.objects import Name, Stream

__all__ = ["BLACK", "RGB_SPACE", "Colour", "fill", "srgb_profile", "stroke"]

Colour = tuple[float, float, float]
"""Red, green and blue of sRGB, from 0 to 1."""
BLACK: Final[Colour] = (0.0, 0.0, 0.0)

# Primaries of sRGB (IEC 61966-2-1) adapted to D50, and D50 itself, as XYZ.
_PRIMARIES: Final = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
_D50: Final = (0.9642, 1.0, 0.8249)
_CURVE_POINTS: Final = 64


def srgb_profile() -> bytes:
    """Return an ICC profile of sRGB (ICC.1:1998-09, version 2.1, which every PDF and PDF/A version takes)."""
    curve = [_linear(step / (_CURVE_POINTS - 1)) for step in range(_CURVE_POINTS)]
    curve_data = struct.pack(f">4sLL{_CURVE_POINTS}H", b"curv", 0, _CURVE_POINTS, *(round(65535 * y) for y in curve))
    tags = {
        b"desc": struct.pack(">4sLL5sLLHB67x", b"desc", 0, 5, b"sRGB\0", 0, 0, 0, 0),
        b"cprt": struct.pack(">4sL14s", b"text", 0, b"Public domain\0"),
        b"wtpt": _xyz(_D50),
        **{name: _xyz(value) for name, value in _PRIMARIES.items()},
        b"rTRC": curve_data,
        b"gTRC": curve_data,
        b"bTRC": curve_data,
    }
    table, body = b"", b""
    places: dict[bytes, int] = {}
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
        table += struct.pack(">4sLL", name, places[data], len(data))
    header = struct.pack(
        ">LLL4s4s4s6H4s28xLLL48x",
        start + len(body), 0, 0x02100000, b"mntr", b"RGB ", b"XYZ ", 2000, 1, 1, 0, 0, 0, b"acsp", *map(_fixed, _D50),
    )  # fmt: skip
    return header + struct.pack(">L", len(tags)) + table + body


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _xyz(value: tuple[float, float, float]) -> bytes:
    return struct.pack(">4sLLLL", b"XYZ ", 0, *map(_fixed, value))


def _fixed(value: float) -> int:
    return round(value * 65536)


RGB_SPACE: Final = [
    Name("ICCBased"),
    Stream({"N": 3, "Filter": Name("FlateDecode")}, zlib.compress(srgb_profile(), 9)),
]


def fill(colour: Colour) -> str:
    """Return the operators that choose a fill colour; /RGB must be among the colour spaces of the resources."""
    return "/RGB cs {:.4g} {:.4g} {:.4g} sc".format(*colour)


def stroke(colour: Colour) -> str:
    """Return the operators that choose the colour of lines, as `fill` does for areas."""
    return "/RGB CS {:.4g} {:.4g} {:.4g} SC".format(*colour)
