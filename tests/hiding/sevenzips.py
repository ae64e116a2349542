"""7z archives, written here; `7z` itself is asked in the interoperability tests."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib

from tests.hiding.kit import attached
from tests.hiding.model import Make, add, way

_COPY, _LZMA2, _LZMA, _DEFLATE, _BZIP2 = b"\0", b"\x21", b"\3\1\1", b"\4\1\x08", b"\4\2\2"
_PPMD, _AES, _BCJ = b"\3\4\1", b"\6\xf1\7\1", b"\3\3\1\3"


def _number(value: int) -> bytes:
    """Write a number in as many octets as it needs, up to five."""
    for extra in range(5):
        if value < 1 << (7 * (extra + 1)):
            first = (0xFF << (8 - extra)) & 0xFF | value >> (8 * extra)
            return bytes((first,)) + (value & (1 << 8 * extra) - 1).to_bytes(extra, "little")
    raise ValueError(value)


def _coder(method: bytes, properties: bytes = b"") -> bytes:
    flags = len(method) | (0x20 if properties else 0)
    return bytes((flags,)) + method + (_number(len(properties)) + properties if properties else b"")


def _streams(packed: bytes, coders: list[bytes], sizes: list[int], files: list[bytes] | None, at: int = 0) -> bytes:
    pairs = b"".join(_number(index) + _number(index + 1) for index in range(len(coders) - 1))
    made = b"\x06" + _number(at) + b"\x01\x09" + _number(len(packed)) + b"\0"
    made += b"\x07\x0b\x01\0" + _number(len(coders)) + b"".join(coders) + pairs
    made += b"\x0c" + b"".join(map(_number, sizes)) + b"\0"
    if files is not None:
        made += b"\x08\x0d" + _number(len(files))
        made += b"\x09" + b"".join(_number(len(data)) for data in files[:-1]) if len(files) > 1 else b""
        made += b"\x0a\x01" + b"".join(struct.pack("<I", zlib.crc32(data)) for data in files) + b"\0"
    return made + b"\0"


def _whole(packed: bytes, header: bytes) -> bytes:
    start = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(start)) + start + packed + header


def sevenzip(
    *files: tuple[str, bytes],
    packed: bytes | None = None,
    coders: list[bytes] | None = None,
    sizes: list[int] | None = None,
) -> bytes:
    """Write an archive in which all files are packed together."""
    content = b"".join(data for _, data in files)
    names = b"".join(name.encode("utf-16-le") + b"\0\0" for name, _ in files)
    packed = content if packed is None else packed
    streams = _streams(packed, coders or [_coder(_COPY)], sizes or [len(content)], [data for _, data in files])
    entries = b"\x05" + _number(len(files)) + b"\x11" + _number(len(names) + 1) + b"\0" + names + b"\0"
    return _whole(packed, b"\1\4" + streams + entries + b"\0")


def _lzma1(data: bytes) -> bytes:
    return lzma.compress(data, lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20}])


def _lzma2(data: bytes, *before: dict[str, int]) -> bytes:
    return lzma.compress(data, lzma.FORMAT_RAW, filters=[*before, {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])


def _deflated(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


def _add(name: str, why: str, make: Make, **expected: object) -> None:
    add(f"7z-{name}", why, lambda pdf: attached(make(pdf), b"vb.7z", b"application/x-7z-compressed"), **expected)


_L1 = _coder(_LZMA, b"\x5d" + struct.pack("<I", 1 << 20))
_L2 = _coder(_LZMA2, b"\x10")
_add("copy", "not packed", lambda d: sevenzip(("vb.pdf", d)))
_add("lzma", "packed by LZMA", lambda d: sevenzip(("vb.pdf", d), packed=_lzma1(d), coders=[_L1]))
_add("lzma2", "packed by LZMA2", lambda d: sevenzip(("vb.pdf", d), packed=_lzma2(d), coders=[_L2]))
_add("deflate", "packed by deflate", lambda d: sevenzip(("vb.pdf", d), packed=_deflated(d), coders=[_coder(_DEFLATE)]))
_add("bzip2", "packed by bzip2", lambda d: sevenzip(("vb.pdf", d), packed=bz2.compress(d), coders=[_coder(_BZIP2)]))
_add(
    "filtered",
    "filtered and packed",
    lambda d: sevenzip(
        ("vb.pdf", d), packed=_lzma2(d, {"id": lzma.FILTER_X86}), coders=[_coder(_BCJ), _L2], sizes=[len(d), len(d)]
    ),
)
_add(
    "delta",
    "filtered by differences and packed",
    lambda d: sevenzip(
        ("vb.pdf", d),
        packed=_lzma2(d, {"id": lzma.FILTER_DELTA, "dist": 4}),
        coders=[_coder(b"\3", b"\3"), _L2],
        sizes=[len(d), len(d)],
    ),
)
_add("solid", "behind another file in one stream", lambda d: sevenzip(("a.txt", b"x" * 300), ("anh.jpg", d)))
_add("nested", "in an archive in an archive", lambda d: sevenzip(("b.7z", sevenzip(("vb.pdf", d)))))
_add("twice", "two files of one name", lambda d: sevenzip(("vb.pdf", b"x"), ("vb.pdf", d)), ambiguous="entry-repeated")
_add("trailing", "behind the end", lambda d: sevenzip(("a.txt", b"x")) + d, ambiguous="sevenzip-trailing")
_add(
    "ppmd",
    "packed by PPMd",
    lambda d: sevenzip(("vb.pdf", d), coders=[_coder(_PPMD, b"\6\0\0\0\1")]),
    unreadable="method-unsupported",
    finds=False,
)
_add(
    "encrypted",
    "with a password",
    lambda d: sevenzip(("vb.pdf", d), coders=[_coder(_AES, b"\x53\x07" + bytes(8))]),
    unreadable="encrypted",
    finds=False,
)
_add("damaged", "a wrong checksum", lambda d: sevenzip(("vb.pdf", d))[:-3] + b"xyz", unreadable="damaged", finds=False)
_add(
    "header-unknown",
    "a header that is none of those there are",
    lambda d: _whole(d, b"\5" + sevenzip(("vb.pdf", d))[33 + len(d) :]),
    unreadable="damaged",
    finds=False,
)
_add(
    "content-changed",
    "content that its checksum does not fit",
    lambda d: sevenzip(("vb.pdf", b"\1" + d)).replace(b"\1%PDF-", b"\2%PDF-"),
    ambiguous="sevenzip-checksum",
    exact=False,
)


@way("the header packed, too")
def sevenzip_packed_header(pdf: bytes) -> bytes:
    plain = sevenzip(("vb.pdf", pdf))
    header = plain[32 + len(pdf) :]
    packed = _lzma2(header)
    encoded = b"\x17" + _streams(packed, [_L2], [len(header)], None, at=len(pdf))
    return attached(_whole(pdf + packed, encoded), b"vb.7z")


@way("the header encrypted", unreadable="encrypted", finds=False)
def sevenzip_encrypted_header(pdf: bytes) -> bytes:
    encoded = b"\x17" + _streams(bytes(64), [_coder(_AES, b"\x53\x07" + bytes(8))], [64], None, at=len(pdf))
    return attached(_whole(pdf + bytes(64), encoded), b"vb.7z")


@way("more than may come out", unreadable="too-large", finds=False)
def sevenzip_bomb(pdf: bytes) -> bytes:
    content = bytes(40 << 20)
    return attached(sevenzip(("a.bin", content), packed=_lzma2(content), coders=[_L2]), b"a.7z")


@way("behind a program, as archives that unpack themselves have it", ambiguous="polyglot")
def sevenzip_behind_program(pdf: bytes) -> bytes:
    return attached(b"MZ" + bytes(range(256)) * 30 + sevenzip(("vb.pdf", pdf)), b"vb.exe")
