"""Files that Office embeds as objects ([MS-OLEDS]): in rich text, and as the native stream of a compound file."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

__all__ = ["Package", "native_of", "package_of"]

_EMBEDDED: Final = 2
_SIZE: Final = 4


class Package(NamedTuple):
    """A file that the Packager has wrapped.

    Args:
        name: as it is shown, and as it is opened.
        data: its octets.
        rest: what stands around them.
    """

    name: str
    data: bytes
    rest: bytes


def native_of(written: bytes) -> bytes:
    """Return the data of an object as rich text has it (clause 2.2.5); empty where this is none."""
    try:
        _, form, at = *struct.unpack_from("<II", written), 8
        for _ in ("class", "topic", "item"):
            (length,) = struct.unpack_from("<I", written, at)
            at += _SIZE + length
        (length,) = struct.unpack_from("<I", written, at)
    except struct.error:
        return b""
    return written[at + _SIZE : at + _SIZE + length] if form == _EMBEDDED else b""


def package_of(native: bytes) -> Package | None:
    """Read what the Packager writes: label, path, path of a copy, and the file; None where this is none."""
    try:
        at = native.index(b"\0", native.index(b"\0", 2) + 1) + 1
        path, (length,) = native[:at].split(b"\0")[-2], struct.unpack_from("<I", native, at + 4)
        at += 8 + length
        (size,) = struct.unpack_from("<I", native, at)
    except (ValueError, IndexError, struct.error):
        return None
    begin = at + _SIZE
    data = native[begin : begin + size]
    if not size or len(data) < size:
        return None
    name = path.replace(b"/", b"\\").rpartition(b"\\")[2]
    return Package(name.decode("utf-8", "replace"), data, native[:begin] + native[begin + size :])
