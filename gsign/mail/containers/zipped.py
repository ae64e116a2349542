"""A zip archive read both ways, by its central directory and by what really stands in the file (APPNOTE 6.3).

Programs believe one or the other; where the two differ, a file can show one content to one reader and another to the
next. Every reading is taken out, and each difference is noted.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from gsign.mail.containers.model import ContainerError, Ledger
from gsign.mail.containers.zip_directory import (
    ENCRYPTED,
    FULL,
    ZIP64,
    Entry,
    end_record,
    extra_field,
    find_end,
    note_names,
    read_directory,
    wide_values,
)

__all__ = ["read_zip"]

_LOCAL: Final = b"PK\x03\x04"
_DESCRIPTOR: Final = b"PK\x07\x08"
_LOCAL_FORM: Final = struct.Struct("<4s5H3I2H")
_AES: Final = 0x9901


def read_zip(data: bytes, ledger: Ledger) -> None:
    """Take every file out of a zip archive.

    Raises:
        ContainerError: `damaged`, `split`, or too much.
    """
    at = find_end(data)
    if at < 0:
        # Programs that repair archives find their files all the same.
        ledger.note("zip-damaged")
        _read_loose(data, 0, len(data), ledger)
        if not ledger.members and not ledger.refusals:
            raise ContainerError("damaged")
        return
    end = end_record(data, at, ledger)
    # Offsets count from the archive's begin, which stands later where something was put in front of it.
    shift = end.at - end.size - end.start
    if shift < 0 or shift > len(data):
        raise ContainerError("damaged")
    entries = read_directory(data, end, ledger)
    note_names(entries, ledger)
    before = len(ledger.members)
    reached = _read_entries(data, entries, shift, ledger)
    if reached < end.at - end.size:
        _look_between(data, reached, end.at - end.size, ledger)
    for member in ledger.members[before:]:
        # OpenDocument encrypts the entries themselves (ODF 1.3 part 2, clause 4.8).
        if member.name == "META-INF/manifest.xml" and b"encryption-data" in member.data:
            ledger.refuse(member.name, "encrypted")


# ---------------------------------------------------------------- what stands in the file


def _read_entries(data: bytes, entries: list[Entry], shift: int, ledger: Ledger) -> int:
    """Take out every entry, and what lies between them; return where the last one ends."""
    began: set[tuple[int, int]] = set()
    reached = 0
    for entry in sorted(entries, key=lambda e: e.offset):
        start = entry.offset + shift
        if start < reached:
            ledger.note("zip-overlap", entry.text)
        elif start > reached:
            _look_between(data, reached, start, ledger)
        if (start, entry.packed) in began:
            # The same octets again, under this or another name.
            ledger.count()
        else:
            reached = max(reached, _read_entry(data, entry, start, ledger))
        began.add((start, entry.packed))
    return reached


def _read_entry(data: bytes, entry: Entry, start: int, ledger: Ledger) -> int:
    """Take out an entry; return where what belongs to it ends."""
    if data[start : start + 4] != _LOCAL or start + _LOCAL_FORM.size > len(data):
        ledger.note("zip-directory-differs", entry.text)
        ledger.refuse(entry.text, "damaged")
        return start
    local, body = _local(data, start)
    streamed = bool(local.flags & 8)
    agrees = (local.name, local.method, local.flags & ENCRYPTED) == (
        entry.name,
        entry.method,
        entry.flags & ENCRYPTED,
    ) and (streamed or (local.crc, local.packed, local.size) == (entry.crc, entry.packed, entry.size))
    if not agrees:
        ledger.note("zip-directory-differs", entry.text)
        if local.packed and not streamed:
            _extract(data, local, body, ledger)
    if entry.is_folder:
        ledger.count()
    else:
        _extract(data, entry, body, ledger)
    after = body + entry.packed
    return _behind_descriptor(data, after, entry) if streamed else after


def _local(data: bytes, start: int) -> tuple[Entry, int]:
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL_FORM.unpack_from(data, start)
    name_at = start + _LOCAL_FORM.size
    body = name_at + name_length + extra_length
    extra = data[name_at + name_length : body]
    if FULL in (packed, size) and len(extra_field(extra, ZIP64)) >= 16:
        size, packed, _ = wide_values(extra, size, packed, 0)
    return Entry(data[name_at : name_at + name_length], flags, method, crc, packed, size, start, extra), body


def _behind_descriptor(data: bytes, at: int, entry: Entry) -> int:
    """Return where a data descriptor ends (clause 4.3.9), with or without its mark, in 32 or 64 bits."""
    crc = struct.pack("<I", entry.crc)
    marked = at + 4 if data[at : at + 4] == _DESCRIPTOR else at
    if data[marked : marked + 4] != crc:
        return at
    narrow, wide = (
        struct.pack("<II", entry.packed & FULL, entry.size & FULL),
        struct.pack("<QQ", entry.packed, entry.size),
    )
    for sizes in (wide, narrow):
        if data[marked + 4 : marked + 4 + len(sizes)] == sizes:
            return marked + 4 + len(sizes)
    return at


def _extract(data: bytes, entry: Entry, body: int, ledger: Ledger) -> None:
    if entry.flags & ENCRYPTED or extra_field(entry.extra, _AES):
        ledger.refuse(entry.text, "encrypted")
        return
    packed = data[body : body + entry.packed]
    if len(packed) < entry.packed:
        ledger.refuse(entry.text, "damaged")
        return
    try:
        content, behind = _unpack(entry.method, packed, ledger.left)
    except ContainerError as error:
        if str(error) == "too-large":
            raise
        ledger.refuse(entry.text, str(error))
        return
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        ledger.note("zip-checksum", entry.text)
    ledger.take(entry.text, content)
    if behind:
        # Who reads the archive as it comes, goes on here.
        _look_between(behind, 0, len(behind), ledger)


def _unpack(method: int, packed: bytes, most: int) -> tuple[bytes, bytes]:
    """Unpack by method (clause 4.4.5); return what stands behind the packed octets too."""
    from gsign.mail.containers.packed import unpack

    if method == 0:
        return packed, b""
    if method == 8:
        return unpack(zlib.decompressobj(-15), packed, most)
    if method == 12:
        import bz2

        return unpack(bz2.BZ2Decompressor(), packed, most)
    if method == 14 and len(packed) > 9:
        return _unlzma(packed, most)
    raise ContainerError("method-unsupported")


def _unlzma(packed: bytes, most: int) -> tuple[bytes, bytes]:
    """Unpack LZMA as zip has it: version, size of the properties, properties, data (clause 5.8.8)."""
    import lzma

    from gsign.mail.containers.packed import unpack

    octet, dictionary = packed[4], int.from_bytes(packed[5:9], "little")
    if octet >= 9 * 5 * 5 or dictionary > 256 << 20:
        raise ContainerError("method-unsupported")
    options = {"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096), "lc": octet % 9}
    options |= {"lp": octet // 9 % 5, "pb": octet // 45}
    try:
        return unpack(lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[options]), packed[9:], most)
    except (lzma.LZMAError, ValueError) as error:
        raise ContainerError("damaged") from error


def _look_between(data: bytes, start: int, stop: int, ledger: Ledger) -> None:
    """Look at what no entry of the central directory leads to."""
    if not data[start:stop].strip(b"\0"):
        return
    ledger.note("zip-hidden")
    ledger.take("", data[start:stop])
    _read_loose(data, start, stop, ledger)


def _read_loose(data: bytes, start: int, stop: int, ledger: Ledger) -> None:
    """Take out what stands behind local headers, as programs that repair or stream archives do."""
    from gsign.mail.containers.packed import unpack

    while (start := data.find(_LOCAL, start, stop)) >= 0:
        if start + _LOCAL_FORM.size > stop:
            return
        entry, body = _local(data, start)
        start += 4
        if body > stop:
            continue
        if entry.flags & 8 and entry.method == 8 and not entry.flags & ENCRYPTED:
            try:
                content, rest = unpack(zlib.decompressobj(-15), data[body:stop], ledger.left)
            except ContainerError as error:
                ledger.refuse(entry.text, str(error))
                continue
            ledger.take(entry.text, content)
            start = stop - len(rest)
        elif body + entry.packed <= stop and entry.packed:
            _extract(data, entry, body, ledger)
            start = body + entry.packed
        elif entry.packed:
            ledger.refuse(entry.text, "damaged")
