"""Files in digits of which even the mark at their begin is torn apart, or that another program writes."""

from __future__ import annotations

import base64
import binascii

from tests.hiding.compounds import compound
from tests.hiding.kit import TEXT, attached, b64, letter, part, uu
from tests.hiding.model import way
from tests.hiding.zips import zipped


def _folded(data: bytes, first: int, by: bytes = b"\r\n ") -> bytes:
    digits = base64.b64encode(data)
    return by.join([digits[:first], *(digits[at : at + 70] for at in range(first, len(digits), 70))])


def _rtf(digits: bytes) -> bytes:
    return b"{\\rtf1{\\object\\objemb{\\*\\objdata 0105000002000000" + digits + b"}}}"


@way("in an invitation, the first line of which ends behind two digits")
def calendar_folded(pdf: bytes) -> bytes:
    body = b"BEGIN:VCALENDAR\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:" + _folded(pdf, 2) + b"\r\nEND:VCALENDAR\r\n"
    return letter(TEXT, b"Content-Type: text/calendar; charset=utf-8\r\n\r\n" + body)


@way("as the photograph of a visiting card")
def card_folded(pdf: bytes) -> bytes:
    body = b"BEGIN:VCARD\r\nPHOTO;ENCODING=b;TYPE=PDF:\r\n " + _folded(pdf, 3) + b"\r\nEND:VCARD\r\n"
    return letter(TEXT, part(body, b"a.vcf", b"text/vcard"))


@way("in a form of XML that holds a document")
def xdp_folded(pdf: bytes) -> bytes:
    body = b"<?xml version='1.0'?><xdp:xdp><pdf><document><chunk>" + _folded(pdf, 4, b"\n") + b"</chunk></document>"
    return letter(TEXT, part(body, b"vb.xdp"))


@way("in a flat OpenDocument file, as an archive")
def flat_archive_folded(pdf: bytes) -> bytes:
    body = b"<office:binary-data>" + _folded(zipped(("vb.pdf", pdf)), 2, b"\n") + b"</office:binary-data>"
    return letter(TEXT, part(body, b"vb.fodt"))


@way("bare base64 in the text, four digits a line", ambiguous="digits-in-text")
def bare_base64_short(pdf: bytes) -> bytes:
    digits = base64.b64encode(pdf)
    return letter(TEXT + b"\r\n" + b"\r\n  ".join(digits[at : at + 4] for at in range(0, len(digits), 4)))


@way("the document that is attached, with more behind it, in a script", exact=False)
def document_with_more(pdf: bytes) -> bytes:
    more = b"%" + b"x" * 3_000 + b"\n4 0 obj\n<</Length 2>>stream\nBT\nendstream\nendobj\n" + b"%" + b"y" * 5_000
    script = b"<script>var a=atob('" + base64.b64encode(pdf + more) + b"')</script>"
    return letter(part(pdf), b"Content-Type: text/html; charset=utf-8\r\n\r\n" + script + b"\r\n")


@way("uuencoded without a name")
def uuencoded_nameless(pdf: bytes) -> bytes:
    return letter(TEXT + uu(pdf).replace(b"644 a.pdf", b"644"))


@way("uuencoded with all bits of the mode")
def uuencoded_mode(pdf: bytes) -> bytes:
    return letter(TEXT + uu(pdf).replace(b"644 a.pdf", b"0100644 a.pdf"))


@way("in the other alphabet of uuencode")
def xxencoded(pdf: bytes) -> bytes:
    digits = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    table = bytes.maketrans(bytes(range(32, 96)) + b"`", digits + b"+")
    rows = (binascii.b2a_uu(pdf[at : at + 45]).rstrip(b"\n").translate(table) for at in range(0, len(pdf), 45))
    return letter(TEXT + b"begin 644 vb.pdf\r\n" + b"".join(row + b"\r\n" for row in rows) + b"+\r\nend\r\n")


@way("in BinHex behind a text", unreadable="container-unsupported", finds=False)
def binhex_behind_text(pdf: bytes) -> bytes:
    return letter(TEXT + b"(This file must be converted with BinHex 4.0)\r\n\r\n:#'9c,!\r\n")


@way("an archive embedded in rich text")
def rtf_archive(pdf: bytes) -> bytes:
    return attached(_rtf(zipped(("vb.pdf", pdf)).hex().encode()), b"vb.rtf")


@way("a compound file with an archive, embedded in rich text")
def rtf_compound(pdf: bytes) -> bytes:
    return attached(_rtf(compound(("Package", zipped(("vb.pdf", pdf)))).hex().encode()), b"vb.doc")


@way("an archive in rich text as it is")
def rtf_archive_in_binary(pdf: bytes) -> bytes:
    archive = zipped(("vb.pdf", pdf))
    return attached(_rtf(b"\\bin%d " % len(archive) + archive) + b" " * 70_000, b"vb.rtf")


@way("rich text behind an empty line, the digits torn apart")
def rtf_behind_line(pdf: bytes) -> bytes:
    digits = pdf.hex().encode()
    return attached(b"\r\n" + _rtf(b"{}".join(digits[at : at + 3] for at in range(0, len(digits), 3))), b"vb.rtf")


@way("in an S/MIME envelope in PEM behind a certificate")
def pem_behind_certificate(pdf: bytes) -> bytes:
    from tests.hiding.envelopes import _signed

    certificate = b"-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n"
    envelope = b"-----BEGIN CMS-----\r\n" + b64(_signed(zipped(("vb.pdf", pdf)))) + b"-----END CMS-----\r\n"
    return attached(certificate + envelope, b"vb.pem")
