"""A document under whatever type and name: only its content says what it is."""

from __future__ import annotations

from tests.hiding.kit import HEADER, MIME, TEXT, attached, b64, letter, part, qp, uu
from tests.hiding.model import add, way

_TYPES = (
    *(b"application/pdf", b"application/octet-stream", b"application/x-pdf", b"application/msword", b"application/zip"),
    *(
        b"image/png",
        b"image/jpeg",
        b"audio/mpeg",
        b"video/mp4",
        b"font/woff2",
        b"text/plain",
        b"text/html",
        b"text/csv",
    ),
    *(
        b"application/pkcs7-signature",
        b"application/pgp-signature",
        b"application/x-unknown",
        b"x-a/x-b",
        b"APPLICATION/PDF",
    ),
)
_NAMES = (b"vb.pdf", b"vb.PDF", b"vb.jpg", b"vb.txt", b"vb", b"vb.pdf.txt", b"vb.exe", b".pdf", b"vb.docx", b"vb.zip")

for _type in _TYPES:
    add(
        f"type-{_type.decode().replace('/', '-')}",
        "the type says something else",
        lambda d, t=_type: attached(d, kind=t),
    )
for _name in _NAMES:
    add(f"name-{_name.decode()}", "the name says something else", lambda d, n=_name: attached(d, n))


@way("no type at all")
def type_missing(pdf: bytes) -> bytes:
    return attached(pdf, kind=b"")


@way("neither type nor name nor disposition, only an encoding")
def type_and_name_missing(pdf: bytes) -> bytes:
    return letter(TEXT, b"Content-Transfer-Encoding: base64\r\n\r\n" + b64(pdf))


@way("shown in the text instead of attached")
def disposition_inline(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf).replace(b"attachment", b"inline"))


@way("related to an HTML text by its Content-ID")
def related(pdf: bytes) -> bytes:
    html = b'Content-Type: text/html; charset=utf-8\r\n\r\n<a href="cid:1@x">xem</a>\r\n'
    return letter(html, part(pdf, more=b"Content-ID: <1@x>\r\n"), kind=b"related")


@way("an alternative to the text")
def alternative(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf), kind=b"alternative")


@way("one of parallel parts")
def parallel(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf), kind=b"parallel")


@way("a multipart of a kind that nobody knows")
def multipart_unknown(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf), kind=b"x-gsign")


@way("multipart/report, as notices of delivery are")
def multipart_report(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf), kind=b"report", more=b"; report-type=delivery-status")


@way("no parts: the message itself is the document")
def message_is_document(pdf: bytes) -> bytes:
    head = b'Content-Type: application/pdf; name="vb.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return HEADER + MIME + head + b64(pdf)


@way("1,000 octets of anything before the document's mark", exact=False)
def junk_before_mark(pdf: bytes) -> bytes:
    return attached(b"\x00\x01junk\n" * 125 + pdf)


@way("a few lines before the mark, as broken web servers write them", exact=False)
def lines_before_mark(pdf: bytes) -> bytes:
    return attached(b"\r\n\r\n" + pdf)


@way("called a document, without the mark that makes it one", exact=False)
def mark_missing(pdf: bytes) -> bytes:
    return attached(pdf.replace(b"%PDF-", b"%XDF-", 1), kind=b"application/pdf")


@way("the mark only behind the first 1,024 octets, as lenient viewers take it", exact=False, ambiguous="pdf-inside")
def mark_late(pdf: bytes) -> bytes:
    return attached(b"\xff\xfe\xfd\x00" * 500 + pdf, b"anh.bin")


@way("a document behind an image", exact=False, ambiguous="pdf-inside")
def behind_image(pdf: bytes) -> bytes:
    return attached(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 20 + pdf, b"anh.jpg", b"image/jpeg")


@way("quoted-printable instead of base64")
def in_quoted_printable(pdf: bytes) -> bytes:
    head = b'Content-Type: application/pdf; name="vb.pdf"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return letter(TEXT, head + qp(pdf))


@way("uuencode as a transfer encoding")
def in_uuencode(pdf: bytes) -> bytes:
    head = b'Content-Type: application/octet-stream; name="vb.pdf"\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n'
    return letter(TEXT, head + uu(pdf))


@way("encoding in capitals")
def encoding_in_capitals(pdf: bytes) -> bytes:
    return attached(pdf).replace(b"Encoding: base64", b"encoding: BASE64")


@way("base64 in lines of four digits")
def short_lines(pdf: bytes) -> bytes:
    return letter(TEXT, part(b"").rstrip(b"\r\n") + b"\r\n\r\n" + b64(pdf, 4))


@way("base64 in lines of 996 digits")
def long_lines(pdf: bytes) -> bytes:
    return letter(TEXT, part(b"").rstrip(b"\r\n") + b"\r\n\r\n" + b64(pdf, 996))


@way("base64 with empty lines and spaces between the digits")
def spaced_digits(pdf: bytes) -> bytes:
    return letter(TEXT, part(b"") + b"\r\n" + b64(pdf, 20).replace(b"\r\n", b" \t\r\n\r\n"))


@way("among 2,000 other parts")
def among_many(pdf: bytes) -> bytes:
    return letter(*[TEXT] * 1000, part(pdf), *[TEXT] * 1000)


@way("eight multiparts deep")
def deep(pdf: bytes) -> bytes:
    from tests.hiding.kit import mixed

    inner = part(pdf)
    for level in range(8):
        inner = mixed(TEXT, inner, boundary=b"b%d-" % level)
    return HEADER + MIME + inner
