"""What only a program of the recipient's puts together or fetches: scripts, pieces, disks, files that lie elsewhere."""

from __future__ import annotations

import base64
import gzip
import struct

from tests.hiding.kit import TEXT, attached, b64, letter, part
from tests.hiding.letters import _letter
from tests.hiding.model import add

_MAKING = "only a script in a page makes the document"


def _numbers(data: bytes) -> bytes:
    return b"[" + b",".join(b"%d" % octet for octet in data) + b"]"


def _packed(data: bytes) -> bytes:
    return base64.b64encode(gzip.compress(data))


_SCRIPTS = {
    "numbers": lambda d: b"<script>new Blob([new Uint8Array(" + _numbers(d) + b")])</script>",
    "codes": lambda d: b"<SCRIPT type=text/javascript>s=String.fromCharCode(" + _numbers(d)[1:-1] + b")</SCRIPT>",
    "packed": lambda d: b"<script>new DecompressionStream('gzip');x('" + _packed(d) + b"')</script>",
    "on-click": lambda d: b"<a onclick = \"save(atob('" + _packed(d) + b"'))\">x</a>",
    "on-load": lambda d: b"<svg/onload=\"eval('" + d.hex().encode()[1:] + b"')\">",
    "link": lambda d: b"<a href=\"JavaScript:unescape('" + _packed(d) + b"')\">x</a>",
}
for _name, _script in _SCRIPTS.items():
    add(
        f"script-{_name}",
        _MAKING,
        lambda d, script=_script: attached(b"<html><body>" + script(d) + b"</body></html>", b"vb.html", b"text/html"),
        unreadable="script",
        finds=False,
    )
add(
    "script-in-image",
    _MAKING,
    lambda d: attached(b"<svg>" + _SCRIPTS["numbers"](d) + b"</svg>", b"anh.svg", b"image/svg+xml"),
    unreadable="script",
    finds=False,
)
add(
    "script-in-body",
    _MAKING,
    lambda d: letter(TEXT, b"Content-Type: text/html\r\n\r\n" + b"\r\n".join(_SCRIPTS["codes"](d).split(b","))),
    unreadable="script",
    finds=False,
)


def _pieces(data: bytes, first: int, name: bytes) -> bytes:
    pieces = (data[:first], data[first:])
    return letter(TEXT, *(part(piece, name % number) for number, piece in enumerate(pieces, 1)))


_CUT = "cut into pieces, which a program for archives joins"
add("pieces", _CUT, lambda d: _pieces(d, 3, b"vb.pdf.%03d"), unreadable="split", finds=False)
add("pieces-packed", _CUT, lambda d: _pieces(gzip.compress(d), 1, b"vb.PDF.GZ.%03d"), unreadable="split", finds=False)
add("pieces-of-archive", _CUT, lambda d: _pieces(gzip.compress(d), 5, b"vb.z%02d"), unreadable="split", finds=False)

_DISKS = {
    "gpt": bytes(510) + b"\x55\xaaEFI PART",
    "mbr": bytes(446) + b"\x80\1\1\0\7\xfe\xff\xff" + struct.pack("<II", 63, 9_999) + bytes(48) + b"\x55\xaa",
    "ext": bytes(1_080) + b"\x53\xef\1\0",
    "hfs": bytes(1_024) + b"H+\0\4",
    "apfs": bytes(32) + b"NXSB",
    "apple-partitions": b"ER\2\0",
    "android": b"\x3a\xff\x26\xed\1\0",
    "cramfs": b"\x45\x3d\xcd\x28" + bytes(12) + b"Compressed ROMFS",
    "raw-disc": b"\0" + b"\xff" * 10 + b"\0\0\2\0\1",
    "isz": b"IsZ!\x40",
    "pst": b"!BDN\xa9\x8b",
    "hxs": b"ITOLITLS\1\0\0\0",
    "ppmd": b"\x8f\xaf\xac\x84\x80\1",
    "apple-archive": b"AA01\x20\0",
    "apple-archive-packed": b"pbze\0\0",
}
for _name, _disk in _DISKS.items():
    add(
        f"disk-{_name}",
        "a disk, or a store of files, of a kind that is not read",
        lambda d, disk=_disk: attached(disk + bytes(range(256)) * 8, b"vb.img"),
        unreadable="container-unsupported",
        finds=False,
    )
for _suffix in ("br", "zlib", "zz", "lzma86", "ihex", "uif"):
    add(
        f"named-{_suffix}",
        "packed in a way that only its name tells",
        lambda d, end=_suffix: attached(gzip.compress(d)[10:], b"vb.pdf." + end.encode()),
        unreadable="container-unsupported",
        finds=False,
    )
add(
    "cpio-of-old",
    "in an archive of numbers of two octets",
    lambda d: attached(
        struct.pack("<10H", 0o70707, 1, 2, 0o100644, 0, 0, 1, 0, 3, 4) + struct.pack("<3H", 6, 0, len(d) & 0xFFFF)
        + b"vb.gz\0" + gzip.compress(d),
        b"vb.img",
    ),
    unreadable="container-unsupported",
    finds=False,
)  # fmt: skip
add(
    "script-in-packed-image",
    _MAKING,
    lambda d: attached(gzip.compress(b"<svg>" + _SCRIPTS["numbers"](d) + b"</svg>"), b"anh.svgz", b"image/svg+xml"),
    unreadable="script",
    finds=False,
)
add("named-b64", "packed by itself, in digits as a file", lambda d: attached(b64(gzip.compress(d)), b"vb.pdf.gz.b64"))
add(
    "protected-by-rights",
    "a message that only those may read whom a server knows",
    lambda d: attached(b"\x76\xe8\4\x60\xc4\x11\xe3\x86" + gzip.compress(d)[10:], b"message.rpmsg"),
    unreadable="encrypted",
    finds=False,
)
for _name, _inner in (("cab", b"MSCF\0\0\0\0"), ("nsis", b"\xef\xbe\xad\xdeNullsoftInst")):
    add(
        f"{_name}-behind-program",
        "behind a program that unpacks itself",
        lambda d, inner=_inner: attached(b"MZ" + bytes(range(1, 256)) * 4 + inner + bytes(range(256)), b"cai dat.exe"),
        ambiguous="polyglot",
        finds=False,
    )
add(
    "lies-elsewhere",
    "a file that Thunderbird opens from elsewhere",
    lambda d: letter(
        TEXT,
        b'Content-Type: text/plain; name="vb"\r\nX-Mozilla-External-Attachment-URL: https://a.example/vb.pdf\r\n\r\nx',
    ),
    unreadable="external-body",
    finds=False,
)


@_letter("vb.pdf")
def _names_that_end_in_numbers(pdf: bytes) -> bytes:
    names = (b"Quy che.2026", b"Bao cao.UBND.001", b"v1.123", b"ban ve.dwg.10", b"a.z1")
    return letter(part(pdf), *(part(b"x" * 99, name) for name in names))


@_letter("vb.pdf")
def _long_rich_text_with_pictures(pdf: bytes) -> bytes:
    picture = (bytes(range(256)) * 250).hex().encode()
    text = b"{\\rtf1\\ansi " + (b"{\\pict\\pngblip\r\n" + picture + b"}\r\n") * 80 + b"}"
    return letter(part(pdf), part(text, b"a.rtf", b"application/rtf"))


@_letter("vb.pdf")
def _newsletter_with_a_script(pdf: bytes) -> bytes:
    page = b'<script type="application/ld+json">{"@type": "EmailMessage"}</script><p>Online = t\xe1\xbb\x91t</p>'
    return letter(b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page, part(pdf))
