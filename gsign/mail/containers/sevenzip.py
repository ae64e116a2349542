"""A 7z archive (7zFormat.txt of the LZMA SDK): what liblzma, zlib and bzip2 can unpack, within limits.

What is encrypted, or packed by PPMd, BCJ2 or other ways that the standard library has not, is refused by name.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Final

from gsign.mail.containers.model import ContainerError, Ledger
from gsign.mail.containers.packed import Machine, unpack
from gsign.mail.containers.sevenzip_header import Coder, Entry, Folder, Streams, read_entries, read_streams

__all__ = ["read_7z"]

_HEAD: Final = 32
_HEADER, _ENCODED = 0x01, 0x17
_MAX_HEADER: Final = 16 << 20
_COPY, _DELTA, _LZMA2, _LZMA = b"\x00", b"\x03", b"\x21", b"\x03\x01\x01"
_DEFLATE, _BZIP2 = b"\x04\x01\x08", b"\x04\x02\x02"
_BRANCHES: Final = {
    b"\x04": lzma.FILTER_X86,
    b"\x03\x03\x01\x03": lzma.FILTER_X86,
    b"\x03\x03\x02\x05": lzma.FILTER_POWERPC,
    b"\x03\x03\x04\x01": lzma.FILTER_IA64,
    b"\x03\x03\x05\x01": lzma.FILTER_ARM,
    b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB,
    b"\x03\x03\x08\x05": lzma.FILTER_SPARC,
}
_AES: Final = b"\x06\xf1\x07\x01"
_CHUNK: Final = 1 << 16


def read_7z(data: bytes, ledger: Ledger) -> None:
    """Take every file out of a 7z archive.

    Raises:
        ContainerError: `damaged`, `encrypted`, `method-unsupported`, or too much.
    """
    if len(data) < _HEAD or zlib.crc32(data[12:32]) != int.from_bytes(data[8:12], "little"):
        raise ContainerError("damaged")
    offset, size, checksum = (int.from_bytes(data[a:b], "little") for a, b in ((12, 20), (20, 28), (28, 32)))
    header = data[_HEAD + offset : _HEAD + offset + size]
    if len(header) != size or zlib.crc32(header) != checksum:
        raise ContainerError("damaged")
    if _HEAD + offset + size < len(data):
        ledger.note("sevenzip-trailing")
        ledger.take("", data[_HEAD + offset + size :])
    try:
        _read_files(data, _plain_header(data, header), ledger)
    except (IndexError, ValueError, UnicodeDecodeError) as error:
        if isinstance(error, ContainerError):
            raise
        raise ContainerError("damaged") from error


def _plain_header(data: bytes, header: bytes) -> bytes:
    """Return the header, unpacked where it is packed itself."""
    for _ in range(4):
        if header[:1] != bytes((_ENCODED,)):
            return header
        streams = read_streams(header, 1)[0]
        header = _unfold(data, streams, 0, _MAX_HEADER)
    raise ContainerError("damaged")


def _read_files(data: bytes, header: bytes, ledger: Ledger) -> None:
    if not header:
        return
    if header[0] != _HEADER:
        raise ContainerError("damaged")
    streams, entries = read_entries(header)
    waiting = iter([entry for entry in entries if entry.has_stream])
    names: set[str] = set()
    for entry in entries:
        if not entry.has_stream:
            ledger.count()
        if entry.has_stream and entry.name in names:
            ledger.note("entry-repeated", entry.name)
        names.add(entry.name)
    for number, folder in enumerate(streams.folders):
        of_folder = [next(waiting, Entry("", has_stream=True)) for _ in folder.sizes]
        _read_folder(data, streams, number, of_folder, ledger)
    if next(waiting, None) is not None:
        raise ContainerError("damaged")


def _read_folder(data: bytes, streams: Streams, number: int, entries: list[Entry], ledger: Ledger) -> None:
    folder = streams.folders[number]
    try:
        content = _unfold(data, streams, number, ledger.left)
    except ContainerError as error:
        if str(error) == "too-large":
            raise
        for entry in entries:
            ledger.refuse(entry.name, str(error))
        return
    at = 0
    for entry, size, checksum in zip(entries, folder.sizes, folder.checksums, strict=True):
        piece = content[at : at + size]
        at += size
        if checksum is not None and zlib.crc32(piece) != checksum:
            ledger.note("sevenzip-checksum", entry.name)
        ledger.take(entry.name, piece)


def _unfold(data: bytes, streams: Streams, number: int, most: int) -> bytes:
    """Unpack what one chain of coders has packed."""
    folder = streams.folders[number]
    chain = _chain(folder)
    begin = _HEAD + streams.position + sum(streams.packed[: streams.first_of(number)])
    content = data[begin : begin + streams.packed[streams.first_of(number)]]
    for index in chain:
        size = folder.unpacked[index]
        if size > most:
            raise ContainerError("too-large")
        content = _apply(folder.coders[index], content, size)
        if len(content) != size:
            raise ContainerError("damaged")
    return content


def _chain(folder: Folder) -> list[int]:
    """Return the coders in the order in which they unpack; every one has one way in and one way out."""
    if any(coder.method == _AES for coder in folder.coders):
        raise ContainerError("encrypted")
    if any((coder.ways_in, coder.ways_out) != (1, 1) for coder in folder.coders):
        raise ContainerError("method-unsupported")
    after = {way_out: way_in for way_in, way_out in folder.pairs}
    first = set(range(len(folder.coders))) - set(after.values())
    if len(first) != 1:
        raise ContainerError("damaged")
    chain = [first.pop()]
    while chain[-1] in after and len(chain) <= len(folder.coders):
        chain.append(after[chain[-1]])
    if len(chain) != len(folder.coders):
        raise ContainerError("damaged")
    return chain


def _apply(coder: Coder, content: bytes, size: int) -> bytes:
    if coder.method == _COPY:
        return content
    if coder.method in _BRANCHES or coder.method == _DELTA:
        return _filtered(coder, content, size)
    machine = _machine(coder, size)
    if isinstance(machine, lzma.LZMADecompressor):
        # There is no mark at the end of LZMA: what there is until the size is reached counts.
        try:
            return machine.decompress(content, size) if size else b""
        except (lzma.LZMAError, EOFError) as error:
            raise ContainerError("damaged") from error
    return unpack(machine, content, size)[0]


def _machine(coder: Coder, size: int) -> Machine:
    properties = coder.properties
    if coder.method == _LZMA2 and len(properties) == 1:
        bits = properties[0]
        wanted = 0xFFFFFFFF if bits >= 40 else (2 | bits & 1) << (bits // 2 + 11)
        return _raw({"id": lzma.FILTER_LZMA2, "dict_size": _dictionary(wanted, size)})
    if coder.method == _LZMA and len(properties) == 5 and properties[0] < 9 * 5 * 5:
        octet, wanted = properties[0], int.from_bytes(properties[1:], "little")
        options = {"id": lzma.FILTER_LZMA1, "dict_size": _dictionary(wanted, size), "lc": octet % 9}
        return _raw(options | {"lp": octet // 9 % 5, "pb": octet // 45})
    if coder.method == _DEFLATE:
        return zlib.decompressobj(-15)
    if coder.method == _BZIP2:
        return bz2.BZ2Decompressor()
    raise ContainerError("method-unsupported")


def _dictionary(wanted: int, size: int) -> int:
    """Return a dictionary's size: never more than there is to look back on."""
    return max(4096, min(wanted, size))


def _raw(*filters: dict[str, int]) -> lzma.LZMADecompressor:
    try:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=list(filters))
    except (lzma.LZMAError, ValueError) as error:
        raise ContainerError("method-unsupported") from error


def _filtered(coder: Coder, content: bytes, size: int) -> bytes:
    """Undo a filter, which liblzma does only in front of LZMA2: so the content goes as LZMA2 that is not packed."""
    options = {"id": _BRANCHES.get(coder.method, lzma.FILTER_DELTA)}
    if coder.method == _DELTA:
        options["dist"] = (coder.properties or b"\0")[0] + 1
    chunks = [content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK)]
    framed = b"".join(
        bytes((1 if number == 0 else 2,)) + (len(chunk) - 1).to_bytes(2, "big") + chunk
        for number, chunk in enumerate(chunks)
    )
    machine = _raw(options, {"id": lzma.FILTER_LZMA2, "dict_size": _CHUNK})
    return unpack(machine, framed + b"\0", size)[0]
