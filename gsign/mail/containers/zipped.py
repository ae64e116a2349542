"""A zip archive read both ways, by its central directory and by what really stands in the file (APPNOTE 6.3).

Programs believe one or the other; where the two differ, a file can show one content to one reader and another to the
next. Every reading is taken out, and each difference is noted.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final, NamedTuple

from gsign.mail.containers.model import ContainerError, Ledger
from gsign.mime.names import is_deceptive

__all__ = ["directory_at_end", "read_zip"]

_LOCAL: Final = b"PK\x03\x04"
_CENTRAL: Final = b"PK\x01\x02"
_END: Final = b"PK\x05\x06"
_END64: Final = b"PK\x06\x06"
_DESCRIPTOR: Final = b"PK\x07\x08"
_LOCAL_FORM: Final = struct.Struct("<4s5H3I2H")
_CENTRAL_FORM: Final = struct.Struct("<4s6H3I5H2I")
_END_FORM: Final = struct.Struct("<4s4H2IH")
_MAX_COMMENT: Final = 65_535
_FULL: Final = 0xFFFFFFFF
_ENCRYPTED: Final = 0x2041
"""Bits: encrypted, strongly encrypted, names masked."""
_UTF8: Final = 0x0800
_UNICODE_PATH: Final = 0x7075
_ZIP64: Final = 0x0001


class _End(NamedTuple):
    at: int
    entries: int
    size: int
    start: int


class _Entry(NamedTuple):
    """An entry of the central directory, or of a local header alone."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    extra: bytes

    @property
    def text(self) -> str:
        return _decode(self.name, self.flags)

    @property
    def is_folder(self) -> bool:
        return self.name.endswith(b"/") and not self.size


def directory_at_end(data: bytes) -> bytes:
    """Return the directory by which programs that look from the end open this as a zip archive; empty for none."""
    at = _find_end(data)
    size = struct.unpack_from("<I", data, at + 12)[0] if at >= 0 else 0
    found = data[at - size : at + _END_FORM.size] if size else b""
    return found if found.startswith(_CENTRAL) else b""


def _find_end(data: bytes) -> int:
    """Return where the end record stands, whose comment ends within the data; -1 where there is none."""
    at = len(data)
    least = max(0, len(data) - _MAX_COMMENT - _END_FORM.size)
    while (at := data.rfind(_END, least, at)) >= 0:
        if at + _END_FORM.size <= len(data):
            _, _, _, _, count, size, start, comment = _END_FORM.unpack_from(data, at)
            if at + _END_FORM.size + comment <= len(data) and (start == _FULL or size <= at) and (count or not size):
                return at
    return -1


def read_zip(data: bytes, ledger: Ledger) -> None:
    """Take every file out of a zip archive.

    Raises:
        ContainerError: `damaged`, `split`, or too much.
    """
    at = _find_end(data)
    if at < 0:
        # Programs that repair archives find their files all the same.
        ledger.note("zip-damaged")
        _read_loose(data, 0, len(data), ledger)
        if not ledger.members and not ledger.refusals:
            raise ContainerError("damaged")
        return
    end = _end_record(data, at, ledger)
    # Offsets count from the archive's begin, which stands later where something was put in front of it.
    shift = end.at - end.size - end.start
    if shift < 0 or shift > len(data):
        raise ContainerError("damaged")
    entries = _central(data, end, ledger)
    _note_names(entries, ledger)
    before = len(ledger.members)
    reached = 0
    for entry in sorted(entries, key=lambda e: e.offset):
        start = entry.offset + shift
        if start < reached:
            ledger.note("zip-overlap", entry.text)
        elif start > reached:
            _look_between(data, reached, start, ledger)
        reached = max(reached, _read_entry(data, entry, start, ledger))
    if reached < end.at - end.size:
        _look_between(data, reached, end.at - end.size, ledger)
    for member in ledger.members[before:]:
        # OpenDocument encrypts the entries themselves (ODF 1.3 part 2, clause 4.8).
        if member.name == "META-INF/manifest.xml" and b"encryption-data" in member.data:
            ledger.refuse(member.name, "encrypted")


# ---------------------------------------------------------------- the central directory


def _end_record(data: bytes, at: int, ledger: Ledger) -> _End:
    _, disk, first, here, count, size, start, comment = _END_FORM.unpack_from(data, at)
    if disk or first or here != count:
        raise ContainerError("split")
    behind = at + _END_FORM.size + comment
    if behind < len(data):
        ledger.note("zip-trailing")
        ledger.take("", data[behind:])
    if comment and not data[at + _END_FORM.size : behind].isascii():
        ledger.note("zip-comment")
        ledger.take("", data[at + _END_FORM.size : behind])
    stop = at
    if data[at - 20 : at - 16] == b"PK\x06\x07":
        wide = data.rfind(_END64, 0, at - 20)
        if wide < 0 or wide + 56 > at:
            raise ContainerError("damaged")
        count, size, start = struct.unpack_from("<3Q", data, wide + 32)
        stop = wide
    elif _FULL in (size, start) or count == 0xFFFF:
        raise ContainerError("damaged")
    elif data.rfind(_END, max(0, at - _MAX_COMMENT), at) >= 0 and data.find(_END, at - size - 22, at) >= 0:
        ledger.note("zip-two-ends")
    return _End(stop, count, size, start)


def _central(data: bytes, end: _End, ledger: Ledger) -> list[_Entry]:
    entries: list[_Entry] = []
    at = end.at - end.size
    while at < end.at:
        if data[at : at + 4] != _CENTRAL or at + _CENTRAL_FORM.size > end.at:
            ledger.note("zip-directory-differs")
            break
        fields = _CENTRAL_FORM.unpack_from(data, at)
        flags, method, crc, packed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
        name_length, extra_length, comment_length, disk, offset = *fields[10:13], fields[13], fields[16]
        name_at = at + _CENTRAL_FORM.size
        extra_at = name_at + name_length
        extra = data[extra_at : extra_at + extra_length]
        if _FULL in (packed, size, offset):
            size, packed, offset = _wide(extra, size, packed, offset)
        if disk not in (0, 0xFFFF):
            raise ContainerError("split")
        entries.append(_Entry(data[name_at:extra_at], flags, method, crc, packed, size, offset, extra))
        at = extra_at + extra_length + comment_length
        if len(entries) > 200_000:
            raise ContainerError("too-many-entries")
    if len(entries) != end.entries or at != end.at:
        ledger.note("zip-directory-differs")
    return entries


def _wide(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Read what did not fit into 32 bits (clause 4.5.3)."""
    field = _extra(extra, _ZIP64)
    values = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
    try:
        size = next(values) if size == _FULL else size
        packed = next(values) if packed == _FULL else packed
        offset = next(values) if offset == _FULL else offset
    except StopIteration:
        raise ContainerError("damaged") from None
    return size, packed, offset


def _extra(extra: bytes, wanted: int) -> bytes:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == wanted:
            return extra[4 : 4 + length]
        extra = extra[4 + length :]
    return b""


def _note_names(entries: list[_Entry], ledger: Ledger) -> None:
    seen: set[str] = set()
    for entry in entries:
        folded = entry.text.casefold()
        if folded in seen:
            ledger.note("entry-repeated", entry.text)
        seen.add(folded)
        other = _extra(entry.extra, _UNICODE_PATH)[5:]
        if other and other != entry.name and entry.flags & _UTF8:
            ledger.note("names-conflict", entry.text)
        if is_deceptive(entry.text) or is_deceptive(other.decode("utf-8", "replace")):
            ledger.note("name-deceptive", entry.text)


def _decode(name: bytes, flags: int) -> str:
    if flags & _UTF8:
        return name.decode("utf-8", "replace")
    try:
        return name.decode("utf-8")  # what most programs write today, whatever the flag says
    except UnicodeDecodeError:
        return name.decode("cp437")


# ---------------------------------------------------------------- what stands in the file


def _read_entry(data: bytes, entry: _Entry, start: int, ledger: Ledger) -> int:
    """Take out an entry; return where what belongs to it ends."""
    if data[start : start + 4] != _LOCAL or start + _LOCAL_FORM.size > len(data):
        ledger.note("zip-directory-differs", entry.text)
        ledger.refuse(entry.text, "damaged")
        return start
    local, body = _local(data, start)
    streamed = bool(local.flags & 8)
    agrees = (local.name, local.method, local.flags & _ENCRYPTED) == (
        entry.name,
        entry.method,
        entry.flags & _ENCRYPTED,
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


def _local(data: bytes, start: int) -> tuple[_Entry, int]:
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL_FORM.unpack_from(data, start)
    name_at = start + _LOCAL_FORM.size
    body = name_at + name_length + extra_length
    extra = data[name_at + name_length : body]
    if _FULL in (packed, size) and len(_extra(extra, _ZIP64)) >= 16:
        size, packed, _ = _wide(extra, size, packed, 0)
    return _Entry(data[name_at : name_at + name_length], flags, method, crc, packed, size, start, extra), body


def _behind_descriptor(data: bytes, at: int, entry: _Entry) -> int:
    """Return where a data descriptor ends (clause 4.3.9), with or without its mark, in 32 or 64 bits."""
    crc = struct.pack("<I", entry.crc)
    marked = at + 4 if data[at : at + 4] == _DESCRIPTOR else at
    if data[marked : marked + 4] != crc:
        return at
    narrow, wide = (
        struct.pack("<II", entry.packed & _FULL, entry.size & _FULL),
        struct.pack("<QQ", entry.packed, entry.size),
    )
    for sizes in (wide, narrow):
        if data[marked + 4 : marked + 4 + len(sizes)] == sizes:
            return marked + 4 + len(sizes)
    return at


def _extract(data: bytes, entry: _Entry, body: int, ledger: Ledger) -> None:
    if entry.flags & _ENCRYPTED or _extra(entry.extra, 0x9901):
        ledger.refuse(entry.text, "encrypted")
        return
    packed = data[body : body + entry.packed]
    if len(packed) < entry.packed:
        ledger.refuse(entry.text, "damaged")
        return
    try:
        content = _unpack(entry.method, packed, ledger.left)
    except ContainerError as error:
        if str(error) == "too-large":
            raise
        ledger.refuse(entry.text, str(error))
        return
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        ledger.note("zip-checksum", entry.text)
    ledger.take(entry.text, content)


def _unpack(method: int, packed: bytes, most: int) -> bytes:
    """Unpack by method (clause 4.4.5)."""
    from gsign.mail.containers.packed import inflate, unpack

    if method == 0:
        return packed
    if method == 8:
        return inflate(packed, most)
    if method == 12:
        import bz2

        return unpack(bz2.BZ2Decompressor(), packed, most)[0]
    if method == 14 and len(packed) > 9:
        return _unlzma(packed, most)
    raise ContainerError("method-unsupported")


def _unlzma(packed: bytes, most: int) -> bytes:
    """Unpack LZMA as zip has it: version, size of the properties, properties, data (clause 5.8.8)."""
    import lzma

    from gsign.mail.containers.packed import unpack

    octet, dictionary = packed[4], int.from_bytes(packed[5:9], "little")
    if octet >= 9 * 5 * 5 or dictionary > 256 << 20:
        raise ContainerError("method-unsupported")
    options = {"id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096), "lc": octet % 9}
    options |= {"lp": octet // 9 % 5, "pb": octet // 45}
    try:
        return unpack(lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[options]), packed[9:], most)[0]
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
        if entry.flags & 8 and entry.method == 8 and not entry.flags & _ENCRYPTED:
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
