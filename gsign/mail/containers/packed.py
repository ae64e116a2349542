"""One file packed by gzip, bzip2, xz, lzma or Word: unpacked in pieces, so that nothing grows beyond measure."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Final, Protocol

from gsign.mail.containers.model import ContainerError, Ledger

__all__ = ["read_activemime", "read_bzip2", "read_gzip", "read_lzma", "read_xz", "unpack"]

_PIECE: Final = 1 << 20
_ACTIVEMIME: Final = 0x32
"""Octets before what Word packs."""


class Machine(Protocol):
    """What unpacks: the standard library's decompressors, all alike."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def read_gzip(data: bytes, ledger: Ledger) -> None:
    """Unpack gzip (RFC 1952)."""
    _read(lambda: zlib.decompressobj(31), data, ledger)


def read_bzip2(data: bytes, ledger: Ledger) -> None:
    """Unpack bzip2."""
    _read(bz2.BZ2Decompressor, data, ledger)


def read_xz(data: bytes, ledger: Ledger) -> None:
    """Unpack xz."""
    _read(lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=ledger.left + (64 << 20)), data, ledger)


def read_lzma(data: bytes, ledger: Ledger) -> None:
    """Unpack lzma_alone."""
    _read(lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=ledger.left + (64 << 20)), data, ledger)


def read_activemime(data: bytes, ledger: Ledger) -> None:
    """Unpack the objects that Word keeps beside a web page, or in a document of one XML file."""
    content, _ = unpack(zlib.decompressobj(), data[_ACTIVEMIME:], ledger.left)
    ledger.take("", content)


def _read(make: Callable[[], Machine], data: bytes, ledger: Ledger) -> None:
    """Unpack every stream that stands behind the other: some readers take them all, some the first."""
    whole = first = b""
    streams = 0
    while data:
        unpacked, data = unpack(make(), data, ledger.left - len(whole))
        whole += unpacked
        first = first or unpacked
        streams += 1
        if streams > 1:
            ledger.note("packed-twice")
            ledger.count()
        if data and not _is_padding(data):
            try:
                make().decompress(data, 1)
            except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError):
                ledger.note("packed-trailing")
                ledger.take("", data)
                break
        elif data:
            break
    ledger.take("", whole)
    if first != whole:
        ledger.take("", first)


def _is_padding(data: bytes) -> bool:
    return not data.strip(b"\0")


def unpack(machine: Machine, data: bytes, most: int) -> tuple[bytes, bytes]:
    """Return what a stream unpacks to, and what stands behind it.

    Raises:
        ContainerError: `too-large`, `damaged`.
    """
    pieces: list[bytes] = []
    size = 0
    try:
        while not machine.eof:
            piece = machine.decompress(data, min(_PIECE, most - size + 1))
            data = getattr(machine, "unconsumed_tail", b"")
            size += len(piece)
            if size > most:
                raise ContainerError("too-large")
            if not piece and not machine.eof and not data:
                raise ContainerError("damaged")
            pieces.append(piece)
    except (zlib.error, OSError, EOFError, lzma.LZMAError) as error:
        raise ContainerError("damaged") from error
    return b"".join(pieces), machine.unused_data
