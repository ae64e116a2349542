"""The directory at the end of a zip archive, and how it is found (APPNOTE 6.3, clauses 4.3.12 to 4.3.16)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from gsign.mail.containers.model import ContainerError, Ledger
from gsign.mime.names import is_deceptive

__all__ = [
    "ENCRYPTED",
    "FULL",
    "ZIP64",
    "End",
    "Entry",
    "archives_within",
    "directory_at_end",
    "end_record",
    "extra_field",
    "find_end",
    "note_names",
    "read_directory",
    "wide_values",
]

FULL: Final = 0xFFFFFFFF
"""Stands for a value that does not fit into 32 bits."""
ENCRYPTED: Final = 0x2041
"""Bits: encrypted, strongly encrypted, names masked."""
ZIP64: Final = 0x0001
_LOCAL: Final = b"PK\x03\x04"
_CENTRAL: Final = b"PK\x01\x02"
_END: Final = b"PK\x05\x06"
_END64: Final = b"PK\x06\x06"
_END64_SIZE: Final = 56
_LOCATOR_SIZE: Final = 20
_CENTRAL_FORM: Final = struct.Struct("<4s6H3I5H2I")
_END_FORM: Final = struct.Struct("<4s4H2IH")
_MAX_COMMENT: Final = 65_535
_UTF8: Final = 0x0800
_UNICODE_PATH: Final = 0x7075
_MOST_AGAIN: Final = 16
"""How often the octets of a file may belong to archives within it."""
_NOTHING_PACKED: Final = 2
"""Octets that some programs pack nothing into."""
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\r\n"))


class End(NamedTuple):
    """The end record: where the directory ends, how many entries it has, its size, and where it says it begins."""

    at: int
    entries: int
    size: int
    start: int


class Entry(NamedTuple):
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
        """The name, decoded."""
        return _decode(self.name, self.flags)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder rather than a file."""
        return self.name.endswith(b"/") and not self.size and self.packed <= _NOTHING_PACKED


def directory_at_end(data: bytes) -> bytes:
    """Return the directory by which programs that look from the end open this as a zip archive; empty for none."""
    at = find_end(data)
    size = struct.unpack_from("<I", data, at + 12)[0] if at >= 0 else 0
    found = data[at - size : at + _END_FORM.size] if size else b""
    return found if found.startswith(_CENTRAL) else b""


def archives_within(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield begin and end of every archive that stands within something else, such as a stream of a compound file.

    Raises:
        ContainerError: `too-many-entries`: they overlap each other beyond all measure.
    """
    left = _MOST_AGAIN * len(data)
    at = data.find(_END) if _END[2] in data else -1
    while 0 <= at <= len(data) - _END_FORM.size:
        *_, size, start, comment = _END_FORM.unpack_from(data, at)
        begin, end = at - size - start, at + _END_FORM.size + comment
        if size and begin >= 0 and data.startswith(_LOCAL, begin) and data.startswith(_CENTRAL, at - size):
            left -= end - begin
            if left < 0:
                raise ContainerError("too-many-entries")
            yield begin, end
        at = data.find(_END, at + 1)


def find_end(data: bytes) -> int:
    """Return where the end record stands, whose comment ends within the data; -1 where there is none."""
    if _END[2] not in data:
        # An octet that text has not is found in a small part of the time.
        return -1
    at = len(data)
    least = max(0, len(data) - _MAX_COMMENT - _END_FORM.size)
    while (at := data.rfind(_END, least, at)) >= 0:
        if at + _END_FORM.size <= len(data):
            _, _, _, _, count, size, start, comment = _END_FORM.unpack_from(data, at)
            if at + _END_FORM.size + comment <= len(data) and (start == FULL or size <= at) and (count or not size):
                return at
    return -1


def end_record(data: bytes, at: int, ledger: Ledger) -> End:
    """Read the end record at `at`, or the wider one in front of it; what stands behind it is taken out.

    Raises:
        ContainerError: `split`, `damaged`.
    """
    _, disk, first, here, count, size, start, comment = _END_FORM.unpack_from(data, at)
    if disk or first or here != count:
        raise ContainerError("split")
    behind = at + _END_FORM.size + comment
    if behind < len(data):
        ledger.note("zip-trailing")
        ledger.take("", data[behind:])
    words = data[at + _END_FORM.size : behind]
    if comment and not (words.isascii() and words.translate(None, _CONTROLS) == words):
        ledger.note("zip-comment")
        ledger.take("", words)
    stop = at
    if data[at - _LOCATOR_SIZE : at - 16] == b"PK\x06\x07":
        wide = data.rfind(_END64, 0, at - _LOCATOR_SIZE)
        if wide < 0 or wide + _END64_SIZE > at:
            raise ContainerError("damaged")
        narrow, (count, size, start) = (count, size, start), struct.unpack_from("<3Q", data, wide + 32)
        stop = wide
        if any(value not in (wider, FULL, 0xFFFF) for value, wider in zip(narrow, (count, size, start), strict=True)):
            # Some programs believe the one, some the other.
            ledger.note("zip-two-ends")
        if wide + _END64_SIZE != at - _LOCATOR_SIZE:
            ledger.note("zip-hidden")
            ledger.take("", data[wide + _END64_SIZE : at - _LOCATOR_SIZE])
    elif FULL in (size, start) or count == 0xFFFF:
        raise ContainerError("damaged")
    elif data.rfind(_END, max(0, at - _MAX_COMMENT), at) >= 0 and data.find(_END, at - size, at) >= 0:
        ledger.note("zip-two-ends")
    return End(stop, count, size, start)


def read_directory(data: bytes, end: End, ledger: Ledger) -> list[Entry]:
    """Read the entries of the directory, as far as they are well-formed.

    Raises:
        ContainerError: `split`, `damaged`, `too-many-entries`.
    """
    entries: list[Entry] = []
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
        if FULL in (packed, size, offset):
            size, packed, offset = wide_values(extra, size, packed, offset)
        if disk not in (0, 0xFFFF):
            raise ContainerError("split")
        entries.append(Entry(data[name_at:extra_at], flags, method, crc, packed, size, offset, extra))
        at = extra_at + extra_length + comment_length
        if len(entries) > 200_000:
            raise ContainerError("too-many-entries")
    if len(entries) != end.entries or at != end.at:
        ledger.note("zip-directory-differs")
    return entries


def wide_values(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Read what did not fit into 32 bits (clause 4.5.3).

    Raises:
        ContainerError: `damaged`.
    """
    field = extra_field(extra, ZIP64)
    values = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
    try:
        size = next(values) if size == FULL else size
        packed = next(values) if packed == FULL else packed
        offset = next(values) if offset == FULL else offset
    except StopIteration:
        raise ContainerError("damaged") from None
    return size, packed, offset


def extra_field(extra: bytes, wanted: int) -> bytes:
    """Return one of the extra fields of an entry by its number; empty where there is none."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == wanted:
            return extra[4 : 4 + length]
        extra = extra[4 + length :]
    return b""


def note_names(entries: list[Entry], ledger: Ledger) -> None:
    """Note names that stand twice, differ from each other, or deceive."""
    seen: set[str] = set()
    for entry in entries:
        folded = entry.text.casefold()
        if folded in seen:
            ledger.note("entry-repeated", entry.text)
        seen.add(folded)
        other = extra_field(entry.extra, _UNICODE_PATH)[5:]
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
