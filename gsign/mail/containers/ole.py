"""Compound files ([MS-CFB]): every stream of an older Office document, an embedded object or an Outlook `.msg`."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Final, NamedTuple

from gsign.mail.containers.model import ContainerError, Ledger
from gsign.mail.containers.objects import package_of
from gsign.mail.containers.packed import unpack

__all__ = ["read_ole"]

_END: Final = 0xFFFFFFFE
_HEADER_FAT: Final = 109
_ENTRY: Final = 128
_STREAM, _ROOT = 2, 5
_MINI: Final = 64
_CONTROLS: Final = "".join(map(chr, range(32)))
_PRESENTATION: Final = "PowerPoint Document"
_NATIVE: Final = "Ole10Native"
_OBJECT: Final = re.compile(rb"\0\0\x11\x10(.{4})(?=\xd0\xcf\x11\xe0)|\x10\0\x11\x10(.{4})(?=.{4}\x78)", re.DOTALL)
_ENCRYPTED: Final = ("EncryptedPackage", "EncryptionInfo", "EncryptedSummary")


class _Entry(NamedTuple):
    name: str
    kind: int
    start: int
    size: int


def read_ole(data: bytes, ledger: Ledger) -> None:
    """Take every stream out of a compound file.

    Raises:
        ContainerError: `damaged`, `encrypted`, or too much.
    """
    try:
        _File(data).read(ledger)
    except (struct.error, IndexError) as error:
        raise ContainerError("damaged") from error


class _File:
    def __init__(self, data: bytes) -> None:
        self._data = data
        (shift,) = struct.unpack_from("<H", data, 30)
        if shift not in (9, 12):
            raise ContainerError("damaged")
        self._sector = 1 << shift
        self._fat = self._read_fat()
        directory, self._cutoff, mini_fat = (struct.unpack_from("<I", data, at)[0] for at in (48, 56, 60))
        self._entries = self._directory(self._chain(directory))
        root = next((entry for entry in self._entries if entry.kind == _ROOT), None)
        self._mini = self._chain(root.start)[: root.size] if root else b""
        self._mini_fat = _numbers(self._chain(mini_fat))

    def read(self, ledger: Ledger) -> None:
        names = {entry.name for entry in self._entries}
        if names.intersection(_ENCRYPTED):
            raise ContainerError("encrypted")
        for entry in self._entries:
            if entry.kind == _STREAM:
                _take(entry.name, self._stream(entry), ledger)

    def _read_fat(self) -> list[int]:
        sectors = list(struct.unpack_from(f"<{_HEADER_FAT}I", self._data, 76))
        following, count = struct.unpack_from("<II", self._data, 68)
        for _ in range(min(count, len(self._data) // self._sector + 1)):
            if following >= _END - 1:
                break
            *more, following = _numbers(self._at(following))
            sectors += more
        used = [sector for sector in sectors if sector < _END - 1]
        if len(used) * self._sector > len(self._data):
            raise ContainerError("damaged")
        return [number for sector in used for number in _numbers(self._at(sector))]

    def _at(self, sector: int) -> bytes:
        begin = (sector + 1) * self._sector
        if begin >= len(self._data):
            raise ContainerError("damaged")
        return self._data[begin : begin + self._sector].ljust(self._sector, b"\0")

    def _chain(self, sector: int) -> bytes:
        return b"".join(map(self._at, _follow(sector, self._fat)))

    def _directory(self, data: bytes) -> list[_Entry]:
        entries = []
        for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
            (length,) = struct.unpack_from("<H", data, at + 64)
            name = data[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<IQ", data, at + 116)
            # The upper half of the size is left to chance in files with small sectors.
            size = size if self._sector > 512 else size & 0xFFFFFFFF
            # Names of the system's own streams begin with a control character.
            entries.append(_Entry(name.lstrip(_CONTROLS), data[at + 66], start, size))
        return entries

    def _stream(self, entry: _Entry) -> bytes:
        if entry.size > len(self._data):
            raise ContainerError("damaged")
        if entry.size >= self._cutoff:
            return self._chain(entry.start)[: entry.size]
        numbers = _follow(entry.start, self._mini_fat) if entry.size else []
        return b"".join(self._mini[n * _MINI : (n + 1) * _MINI] for n in numbers)[: entry.size]


def _take(name: str, content: bytes, ledger: Ledger) -> None:
    package = package_of(content[4:]) if name == _NATIVE else None
    if package is None:
        ledger.take(name, content)
    else:
        ledger.take(package.name, package.data)
        ledger.take(name, package.rest)
    if name == _PRESENTATION:
        _take_objects(content, ledger)


def _take_objects(content: bytes, ledger: Ledger) -> None:
    """Take out the objects in a presentation, packed or not ([MS-PPT] clauses 2.10.35 and 2.10.36)."""
    for found in _OBJECT.finditer(content):
        (length,) = struct.unpack("<I", found[1] or found[2])
        begin, end = found.end(), found.end() + length
        if found[1] is not None:
            ledger.take("ExOleObjStg", content[begin:end])
        elif int.from_bytes(content[begin + 4 : begin + 6], "big") % 31 == 0:
            # The mark stands anywhere by chance, but not before two octets that are a multiple of 31 too.
            ledger.take("ExOleObjStg", unpack(zlib.decompressobj(), content[begin + 4 : end], ledger.left)[0])


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _follow(number: int, table: list[int]) -> list[int]:
    chain: list[int] = []
    while number < _END - 1:
        if len(chain) > len(table):
            raise ContainerError("damaged")
        chain.append(number)
        number = table[number]
    return chain
