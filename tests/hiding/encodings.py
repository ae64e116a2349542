"""Encodings that decoders take differently, and encodings that are not what they are called."""

from __future__ import annotations

import base64

from tests.hiding.kit import TEXT, attached, b64, letter, lines, part, qp, uu
from tests.hiding.model import add, way

_GARBAGE = "base64-garbage"


def _coded(encoding: bytes, body: bytes) -> bytes:
    head = b'Content-Type: application/octet-stream; name="vb.pdf"\r\nContent-Transfer-Encoding: ' + encoding
    return letter(TEXT, head + b"\r\n\r\n" + body)


for _name, _octet in {
    "exclamation": b"!",
    "full-stop": b".",
    "colon": b":",
    "hyphen": b"-",
    "high": b"\xe9",
    "bracket": b"<",
    "tilde": b"~",
}.items():
    add(
        f"base64-with-{_name}",
        "decoders skip what is no digit, or stop there, or refuse",
        lambda d, o=_octet: _coded(b"base64", b64(d, 8).replace(b"\r\n", o + b"\r\n")),
        ambiguous=_GARBAGE,
    )


@way("a line of text before the digits", ambiguous=_GARBAGE)
def base64_behind_text(pdf: bytes) -> bytes:
    return _coded(b"base64", b"--- begin ---\r\n\r\n" + b64(pdf))


@way("digits behind the padding that ends them", ambiguous="base64-after-padding")
def base64_behind_padding(pdf: bytes) -> bytes:
    return _coded(b"base64", b"eA==\r\n" + b64(pdf))


@way("padding in the middle, as from joined pieces", ambiguous="base64-after-padding")
def base64_joined(pdf: bytes) -> bytes:
    return _coded(b"base64", b64(pdf[:100]) + b64(pdf[100:]))


@way("padding after every group of one octet", ambiguous="base64-after-padding")
def base64_octet_by_octet(pdf: bytes) -> bytes:
    return _coded(b"base64", b"".join(base64.b64encode(pdf[i : i + 1]) + b"\r\n" for i in range(len(pdf))))


@way("the padding missing, and a digit too many", ambiguous="base64-padding", exact=False)
def base64_digit_too_many(pdf: bytes) -> bytes:
    return _coded(b"base64", base64.b64encode(pdf + b"\0" * (-len(pdf) % 3)) + b"A\r\n")


@way("too much padding", ambiguous="base64-padding", exact=False)
def base64_overpadded(pdf: bytes) -> bytes:
    return _coded(b"base64", b64(pdf + b" " * (-len(pdf) % 3)).rstrip() + b"====\r\n")


@way("the digits of base64url", ambiguous=_GARBAGE, exact=False)
def base64_url_safe(pdf: bytes) -> bytes:
    return _coded(b"base64", base64.urlsafe_b64encode(pdf + b"\xff\xfe\xff\xfe>>>???"))


_UNKNOWN = "encoding-unknown"
for _name, _encoding in {
    "unknown": b"x-gsign",
    "quoted": b'"base64"',
    "with-parameter": b"base64; x=y",
    "with-comment": b"base64 (x)",
    "with-space": b"base 64",
    "empty": b"",
    "two-words": b"7bit base64",
    "hyphenated": b"base-64",
    "bits": b"7-bit",
}.items():
    add(
        f"encoding-{_name}",
        "an encoding that some decoders know and others take for none",
        lambda d, e=_encoding: _coded(e, b64(d)),
        ambiguous=_UNKNOWN,
    )


@way("said to be plain, but in base64: some readers look")
def plain_but_base64(pdf: bytes) -> bytes:
    return _coded(b"7bit", b64(pdf))


@way("said to be base64, but plain", ambiguous=_GARBAGE, exact=False)
def base64_but_plain(pdf: bytes) -> bytes:
    return _coded(b"base64", lines(pdf.replace(b"\r", b"\n").replace(b"\0", b"0")))


@way("said to be quoted-printable, but in base64", exact=False)
def quoted_printable_but_base64(pdf: bytes) -> bytes:
    return _coded(b"quoted-printable", b64(pdf + b" " * (-len(pdf) % 3)))


@way("quoted-printable with codes that are none", ambiguous="quoted-printable-malformed", exact=False)
def quoted_printable_malformed(pdf: bytes) -> bytes:
    return _coded(b"quoted-printable", b"=XY=\r\n" + qp(pdf))


@way("quoted-printable in small letters")
def quoted_printable_small(pdf: bytes) -> bytes:
    body = qp(pdf)
    small = b"=".join([body.split(b"=")[0], *(p[:2].lower() + p[2:] for p in body.split(b"=")[1:])])
    return _coded(b"quoted-printable", small)


@way("uuencode that breaks off", ambiguous="uuencode-malformed")
def uuencode_without_end(pdf: bytes) -> bytes:
    return _coded(b"x-uuencode", uu(pdf).replace(b"`\r\nend\r\n", b""))


@way("two encodings, one behind the other", ambiguous="field-repeated")
def two_encodings(pdf: bytes) -> bytes:
    return attached(pdf, more=b"Content-Transfer-Encoding: 7bit\r\n")


@way("two encodings, the wrong one first", ambiguous="field-repeated")
def two_encodings_wrong_first(pdf: bytes) -> bytes:
    return attached(pdf).replace(
        b"Content-Transfer-Encoding", b"Content-Transfer-Encoding: 8bit\r\nContent-Transfer-Encoding"
    )


@way("quoted-printable first, base64 second", ambiguous="field-repeated")
def two_encodings_quoted(pdf: bytes) -> bytes:
    field = b"Content-Transfer-Encoding"
    return attached(pdf).replace(field, field + b": quoted-printable\r\n" + field)


@way("in binary, without an encoding", ambiguous="bare-lf", exact=False)
def in_binary(pdf: bytes) -> bytes:
    head = b'Content-Type: application/pdf; name="vb.pdf"\r\nContent-Transfer-Encoding: binary\r\n\r\n'
    return letter(TEXT, head + pdf)


@way("text in UTF-7, which hides what octets say", ambiguous="charset-odd")
def text_in_utf_7(pdf: bytes) -> bytes:
    uri = b'<a href="data:application/pdf;base64,' + base64.b64encode(pdf) + b'">x</a>'
    coded = uri.decode().encode("utf-7")
    return letter(
        b"Content-Type: text/html; charset=utf-7\r\n\r\n" + coded.replace(b"<", b"+ADw-").replace(b">", b"+AD4-")
    )


@way("text in UTF-16, which hides what octets say", ambiguous="charset-odd")
def text_in_utf_16(pdf: bytes) -> bytes:
    uri = '<a href="data:application/pdf;base64,' + base64.b64encode(pdf).decode() + '">x</a>'
    head = b"Content-Type: text/html; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return letter(head + b64(uri.encode("utf-16")))


@way("base64 inside base64: a reader opens the text it gets")
def base64_twice(pdf: bytes) -> bytes:
    return letter(TEXT, part(b64(pdf), b"vb.b64"))
