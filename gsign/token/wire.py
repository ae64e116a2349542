"""Frames between the caller and a driver's process: a length, then one value.

Only plain values travel (None, booleans, integers, octets, text, lists, dictionaries), so that reading a frame can
never run anything, whatever a driver did to the process that wrote it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from itertools import chain

__all__ = ["HEADER", "MAX_FRAME", "WireError", "decode", "encode", "frame"]

HEADER = struct.Struct(">I")
MAX_FRAME = 64 * 1024 * 1024

_COUNT = struct.Struct(">cI")
_INTEGER = struct.Struct(">cQ")
_BYTES, _NUMBER, _LIST = b"bil"
_OCTETS = frozenset(b"bs")
_COUNTED = frozenset(b"bsld")
_WORDS = {ord("N"): None, ord("T"): True, ord("F"): False}


class WireError(Exception):
    """The octets are no frame of ours."""


def frame(value: object) -> bytes:
    """Write one value with its length in front."""
    body = encode(value)
    return HEADER.pack(len(body)) + body


def encode(value: object) -> bytes:
    """Write one value."""
    out: list[bytes] = []
    _write((value,), out)
    return b"".join(out)


def _write(values: Iterable[object], out: list[bytes]) -> None:
    """Write values one after another: one call for each list, since a caller waits for a signature meanwhile."""
    for value in values:
        if isinstance(value, bytes):
            out += (_COUNT.pack(b"b", len(value)), value)
        elif isinstance(value, str):
            text = value.encode("utf-8", "surrogateescape")
            out += (_COUNT.pack(b"s", len(text)), text)
        elif value is None:
            out.append(b"N")
        elif isinstance(value, bool):
            out.append(b"T" if value else b"F")
        elif isinstance(value, int):
            out.append(_INTEGER.pack(b"i", value))
        elif isinstance(value, (list, tuple)):
            out.append(_COUNT.pack(b"l", len(value)))
            _write(value, out)
        elif isinstance(value, dict):
            out.append(_COUNT.pack(b"d", len(value)))
            _write(chain.from_iterable(value.items()), out)
        else:
            raise WireError(f"{type(value).__name__} does not travel")


def decode(body: bytes) -> object:
    """Read one value.

    Raises:
        WireError: truncated, malformed, or followed by something.
    """
    values: list[object] = []
    try:
        end = _read(body, 0, 1, values)
    except (struct.error, IndexError, UnicodeDecodeError, RecursionError, TypeError) as error:
        raise WireError("malformed frame") from error
    if end != len(body):
        raise WireError("octets behind the value")
    return values[0]


def _read(body: bytes, at: int, count: int, values: list[object]) -> int:
    """Read `count` values from `at` on into a list, and return where they end."""
    for _ in range(count):
        kind = body[at]
        if kind in _COUNTED:
            size = _COUNT.unpack_from(body, at)[1]
            at += _COUNT.size
            if kind in _OCTETS:
                raw = body[at : at + size]
                if len(raw) != size:
                    raise WireError("truncated frame")
                values.append(raw if kind == _BYTES else raw.decode("utf-8", "surrogateescape"))
                at += size
            else:
                items: list[object] = []
                at = _read(body, at, size if kind == _LIST else 2 * size, items)
                values.append(items if kind == _LIST else dict(zip(items[::2], items[1::2], strict=True)))
        elif kind == _NUMBER:
            values.append(_INTEGER.unpack_from(body, at)[1])
            at += _INTEGER.size
        elif kind in _WORDS:
            values.append(_WORDS[kind])
            at += 1
        else:
            raise WireError("unknown kind of value")
    return at
