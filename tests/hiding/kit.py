"""Pieces that messages are made of."""

from __future__ import annotations

import base64
import binascii

HEADER = (
    b"From: =?utf-8?B?Tmd1eeG7hW4gVsSDbiBBbg==?= <an@hungyen.gov.vn>\r\n"
    b"To: vanthu@hanoi.gov.vn\r\n"
    b"Subject: =?utf-8?B?Q8O0bmcgdsSDbiBz4buRIDEyMw==?=\r\n"
    b"Date: Mon, 23 Nov 2026 08:00:00 +0700\r\n"
    b"Message-ID: <123@hungyen.gov.vn>\r\n"
)
MIME = b"MIME-Version: 1.0\r\n"
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nK\xc3\xadnh g\xe1\xbb\xadi qu\xc3\xbd c\xc6\xa1 quan.\r\n"


def lines(data: bytes) -> bytes:
    """End lines as mail does."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def b64(data: bytes, width: int = 76) -> bytes:
    """Encode in base64, in lines."""
    digits = base64.b64encode(data)
    return b"".join(digits[at : at + width] + b"\r\n" for at in range(0, len(digits), width))


def qp(data: bytes) -> bytes:
    """Encode in quoted-printable, every octet that is no letter or digit, and some that are."""
    coded = [b"%c" % o if o < 128 and chr(o).isalnum() else b"=%02X" % o for o in data]
    return b"".join(b"".join(coded[at : at + 24]) + b"=\r\n" for at in range(0, len(coded), 24))


def uu(data: bytes, name: bytes = b"a.pdf") -> bytes:
    """Write a uuencoded file."""
    rows = (binascii.b2a_uu(data[at : at + 45]).rstrip(b"\n") for at in range(0, len(data), 45))
    return b"begin 644 " + name + b"\r\n" + b"".join(row + b"\r\n" for row in rows) + b"`\r\nend\r\n"


def part(data: bytes, name: bytes = b"vb.pdf", kind: bytes = b"application/octet-stream", more: bytes = b"") -> bytes:
    """Attach a file the usual way; `more` are further fields."""
    head = b"Content-Type: " + kind + b'; name="' + name + b'"\r\n' if kind else b""
    head += b"Content-Transfer-Encoding: base64\r\n" + more
    return head + b'Content-Disposition: attachment; filename="' + name + b'"\r\n\r\n' + b64(data)


def mixed(*parts: bytes, boundary: bytes = b"=_gh78", kind: bytes = b"mixed", more: bytes = b"") -> bytes:
    """Put parts together, each of which ends its last line: Content-Type and body, without further fields."""
    head = b"Content-Type: multipart/" + kind + b'; boundary="' + boundary + b'"' + more + b"\r\n\r\n"
    return head + b"".join(b"--" + boundary + b"\r\n" + p + b"\r\n" for p in parts) + b"--" + boundary + b"--\r\n"


def letter(*parts: bytes, **settings: bytes) -> bytes:
    """Write a message of parts."""
    return HEADER + MIME + mixed(*parts, **settings)


def attached(
    data: bytes, name: bytes = b"vb.pdf", kind: bytes = b"application/octet-stream", more: bytes = b""
) -> bytes:
    """Write a message with a text and one file."""
    return letter(TEXT, part(data, name, kind, more))
