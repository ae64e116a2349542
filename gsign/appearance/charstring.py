"""Type 2 charstrings (Adobe Technical Note 5177): subroutines written out, and the extent of the outline.

A subset carries no subroutines then, and what a glyph covers is known before it is placed. The extent is that of the
control points, which encloses the outline.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from gsign.appearance.sfnt import FontError

__all__ = ["Outline", "expand"]

_CALLSUBR, _RETURN, _ESCAPE, _ENDCHAR, _CALLGSUBR = 10, 11, 12, 14, 29
_STEMS: Final = frozenset((1, 3, 18, 23))
_MASKS: Final = frozenset((19, 20))
_MAX_DEPTH: Final = 10
_MAX_LENGTH: Final = 65535


class Outline(NamedTuple):
    """A charstring without subroutine calls, and the box around its control points in font units."""

    data: bytes
    box: tuple[float, float, float, float]
    """Left, bottom, right, top; all 0 where nothing is drawn."""


def expand(charstring: bytes, local: Sequence[bytes], glob: Sequence[bytes]) -> Outline:
    """Write out the subroutines of a charstring.

    Args:
        charstring: as the font has it.
        local: local subroutines of the font.
        glob: its global subroutines.

    Raises:
        FontError: the charstring is damaged, or uses operators that fonts of today do not.
    """
    machine = _Machine(local, glob)
    try:
        machine.run(charstring)
    except (IndexError, struct.error) as error:
        raise FontError("damaged charstring") from error
    return Outline(b"".join(machine.output), machine.box())


class _Machine:
    """Walks a charstring: copies its bytes, follows subroutines, and notes the points that the pen comes to."""

    def __init__(self, local: Sequence[bytes], glob: Sequence[bytes]) -> None:
        self.local, self.glob = local, glob
        self.output: list[bytes] = []
        self.stack: list[float] = []
        self.stems = 0
        self.x = self.y = 0.0
        self.points: list[tuple[float, float]] = []
        self.length = 0

    def box(self) -> tuple[float, float, float, float]:
        if not self.points:
            return 0.0, 0.0, 0.0, 0.0
        across, up = zip(*self.points, strict=True)
        return min(across), min(up), max(across), max(up)

    def run(self, code: bytes, depth: int = 0) -> bool:
        """Execute; True once the glyph has ended."""
        if depth > _MAX_DEPTH:
            raise FontError("subroutines too deep")
        at = 0
        while at < len(code):
            first = code[at]
            if first >= 32 or first == 28:
                at = self._push(code, at)
            elif first in (_CALLSUBR, _CALLGSUBR):
                at += 1
                self.output.pop()
                if self.run(self._subroutine(first), depth + 1):
                    return True
            elif first == _RETURN:
                return False
            else:
                at = self._operator(code, at)
                if first == _ENDCHAR:
                    return True
        return False

    def _push(self, code: bytes, at: int) -> int:
        first = code[at]
        if first == 28:
            value, size = float(struct.unpack_from(">h", code, at + 1)[0]), 3
        elif first < 247:
            value, size = float(first - 139), 1
        elif first < 251:
            value, size = float((first - 247) * 256 + code[at + 1] + 108), 2
        elif first < 255:
            value, size = float(-(first - 251) * 256 - code[at + 1] - 108), 2
        else:
            value, size = struct.unpack_from(">i", code, at + 1)[0] / 65536, 5
        self.stack.append(value)
        self._copy(code[at : at + size])
        return at + size

    def _copy(self, part: bytes) -> None:
        self.output.append(part)
        self.length += len(part)
        if self.length > _MAX_LENGTH:
            raise FontError("charstring too long")

    def _subroutine(self, operator: int) -> bytes:
        table = self.local if operator == _CALLSUBR else self.glob
        bias = 107 if len(table) < 1240 else 1131 if len(table) < 33900 else 32768
        number = int(self.stack.pop()) + bias
        if number < 0:
            raise FontError("no such subroutine")
        return table[number]

    def _operator(self, code: bytes, at: int) -> int:
        operator, size = code[at], 1
        if operator == _ESCAPE:
            operator, size = 0xC00 | code[at + 1], 2
        if operator in _STEMS or operator in _MASKS:
            self.stems += len(self.stack) // 2
            if operator in _MASKS:
                size += (self.stems + 7) // 8
        elif operator == _ENDCHAR:
            if len(self.stack) >= 4:
                raise FontError("accented by endchar")
        else:
            self._draw(operator)
        self.stack.clear()
        self._copy(code[at : at + size])
        return at + size

    def _draw(self, operator: int) -> None:
        path = _PATHS.get(operator)
        if path is None:
            raise FontError("unknown charstring operator")
        if operator not in _MOVES:
            # A move alone leaves no ink: its end counts once something is drawn from it.
            self.points.append((self.x, self.y))
        for across, up in path(self.stack):
            self.x += across
            self.y += up
            if operator not in _MOVES:
                self.points.append((self.x, self.y))


# How each path operator moves, point by point.

_Path = Callable[[list[float]], list[tuple[float, float]]]


def _pairs(args: list[float]) -> list[tuple[float, float]]:
    return list(zip(args[::2], args[1::2], strict=False))


def _lines(level: bool) -> _Path:
    def lines(args: list[float]) -> list[tuple[float, float]]:
        return [(a, 0.0) if (i % 2 == 0) is level else (0.0, a) for i, a in enumerate(args)]

    return lines


def _vvcurve(args: list[float]) -> list[tuple[float, float]]:
    start = args[0] if len(args) % 4 else 0.0
    args = args[len(args) % 4 :]
    moves: list[tuple[float, float]] = []
    for i in range(0, len(args), 4):
        moves += ((0.0 if i else start, args[i]), (args[i + 1], args[i + 2]), (0.0, args[i + 3]))
    return moves


def _hhcurve(args: list[float]) -> list[tuple[float, float]]:
    start = args[0] if len(args) % 4 else 0.0
    args = args[len(args) % 4 :]
    moves: list[tuple[float, float]] = []
    for i in range(0, len(args), 4):
        moves += ((args[i], 0.0 if i else start), (args[i + 1], args[i + 2]), (args[i + 3], 0.0))
    return moves


def _turning(level: bool) -> _Path:
    def curves(args: list[float]) -> list[tuple[float, float]]:
        moves: list[tuple[float, float]] = []
        flat = level
        for i in range(0, len(args) - 3, 4):
            last = args[i + 4] if len(args) - i == 5 else 0.0
            # A curve that starts level ends upright, and the other way round.
            start, end = ((args[i], 0.0), (last, args[i + 3])) if flat else ((0.0, args[i]), (args[i + 3], last))
            moves += (start, (args[i + 1], args[i + 2]), end)
            flat = not flat
        return moves

    return curves


def _hflex(args: list[float]) -> list[tuple[float, float]]:
    x1, x2, y2, x3, x4, x5, x6 = args[:7]
    return [(x1, 0.0), (x2, y2), (x3, 0.0), (x4, 0.0), (x5, -y2), (x6, 0.0)]


def _flex(args: list[float]) -> list[tuple[float, float]]:
    return _pairs(args[:12])


def _hflex1(args: list[float]) -> list[tuple[float, float]]:
    x1, y1, x2, y2, x3, x4, x5, y5, x6 = args[:9]
    return [(x1, y1), (x2, y2), (x3, 0.0), (x4, 0.0), (x5, y5), (x6, -(y1 + y2 + y5))]


def _flex1(args: list[float]) -> list[tuple[float, float]]:
    moves = _pairs(args[:10])
    across, up = sum(x for x, _ in moves), sum(y for _, y in moves)
    return [*moves, (args[10], -up) if abs(across) > abs(up) else (-across, args[10])]


_RMOVETO, _HMOVETO, _VMOVETO = 21, 22, 4
_MOVES: Final = frozenset((_RMOVETO, _HMOVETO, _VMOVETO))
# The first move of a glyph may carry its width before its own operands.
_PATHS: Final[dict[int, _Path]] = {
    _RMOVETO: lambda args: [(args[-2], args[-1])],
    _HMOVETO: lambda args: [(args[-1], 0.0)],
    _VMOVETO: lambda args: [(0.0, args[-1])],
    5: _pairs,
    6: _lines(level=True),
    7: _lines(level=False),
    8: _pairs,
    24: _pairs,
    25: _pairs,
    26: _vvcurve,
    27: _hhcurve,
    30: _turning(level=False),
    31: _turning(level=True),
    0xC22: _hflex,
    0xC23: _flex,
    0xC24: _hflex1,
    0xC25: _flex1,
}
