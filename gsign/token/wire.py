"""Frames between the caller and a driver's process: a length, then one value.

Only plain values travel (None, booleans, integers, octets, text, lists, dictionaries), so that reading a frame can
never run anything, whatever a driver did to the process that wrote it.
"""

from __future__ import annotations

import struct

__all__ = ["HEADER", "MAX_FRAME", "WireError", "decode", "encode", "frame"]

HEADER = struct.Struct(">I")
MAX_FRAME = 64 * 1024 * 1024

_COUNT = struct.Struct(">cI")
_NUMBER = struct.Struct(">Q")


class WireError(Exception):
    """The octets are no frame of ours."""


def frame(value: object) -> bytes:
    """Write one value with its length in front."""
    body = encode(value)
    return HEADER.pack(len(body)) + body


def encode(value: object) -> bytes:
    """Write one value."""
    out: list[bytes] = []
    _write(value, out)
    return b"".join(out)


def _write(value: object, out: list[bytes]) -> None:
    if value is None:
        out.append(b"N")
    elif isinstance(value, bool):
        out.append(b"T" if value else b"F")
    elif isinstance(value, int):
        out.append(b"i" + _NUMBER.pack(value))
    elif isinstance(value, bytes):
        out.append(_COUNT.pack(b"b", len(value)) + value)
    elif isinstance(value, str):
        text = value.encode("utf-8", "surrogateescape")
        out.append(_COUNT.pack(b"s", len(text)) + text)
    elif isinstance(value, (list, tuple)):
        out.append(_COUNT.pack(b"l", len(value)))
        for item in value:
            _write(item, out)
    elif isinstance(value, dict):
        out.append(_COUNT.pack(b"d", len(value)))
        for key, item in value.items():
            _write(key, out)
            _write(item, out)
    else:
        raise WireError(f"{type(value).__name__} does not travel")


def decode(body: bytes) -> object:
    """Read one value.

    Raises:
        WireError: truncated, malformed, or followed by something.
    """
    try:
        value, end = _read(body, 0)
    except (struct.error, IndexError, UnicodeDecodeError, RecursionError, TypeError) as error:
        raise WireError("malformed frame") from error
    if end != len(body):
        raise WireError("octets behind the value")
    return value


def _read(body: bytes, at: int) -> tuple[object, int]:
    kind = body[at : at + 1]
    if kind in (b"b", b"s"):
        start = at + _COUNT.size
        end = start + _COUNT.unpack_from(body, at)[1]
        if end > len(body):
            raise WireError("truncated frame")
        raw = body[start:end]
        return (raw if kind == b"b" else raw.decode("utf-8", "surrogateescape")), end
    if kind == b"i":
        return _NUMBER.unpack_from(body, at + 1)[0], at + 1 + _NUMBER.size
    if kind in (b"N", b"T", b"F"):
        return {b"N": None, b"T": True, b"F": False}[kind], at + 1
    if kind in (b"l", b"d"):
        return _read_many(body, at, kind == b"d")
    raise WireError("unknown kind of value")


def _read_many(body: bytes, at: int, keyed: bool) -> tuple[object, int]:
    count = _COUNT.unpack_from(body, at)[1]
    at += _COUNT.size
    items: list[object] = []
    for _ in range(count * 2 if keyed else count):
        item, at = _read(body, at)
        items.append(item)
    return (dict(zip(items[::2], items[1::2], strict=True)) if keyed else items), at
