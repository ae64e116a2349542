"""More mail as programs write it: notices of delivery, files of macOS and of Office, long Vietnamese names."""

from __future__ import annotations

import base64
import struct
import zlib

from tests.hiding.compounds import compound
from tests.hiding.kit import HEADER, MIME, TEXT, attached, b64, letter, mixed, part
from tests.hiding.letters import _letter
from tests.hiding.zips import zipped

_LONG = (
    "Công văn số 123/QĐ-UBND-VX về việc triển khai thực hiện Nghị quyết số 57-NQ/TW của Bộ Chính trị "
    "và Kế hoạch số 02-KH/BCĐTW (bản ký số).pdf"
).replace("/", "_")
_REPORT = (
    b"From: MAILER-DAEMON@hungyen.gov.vn (Mail Delivery System)\r\nTo: an@hungyen.gov.vn\r\n"
    b"Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
    b"Date: Mon, 23 Nov 2026 08:00:00 +0700\r\nMessage-ID: <1@hungyen.gov.vn>\r\n"
)
_NOTICE = b"Content-Description: Notification\r\n" + TEXT
_STATUS = (
    b"Content-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n"
    b"Reporting-MTA: dns; mx.hungyen.gov.vn\r\nX-Postfix-Sender: rfc822; an@hungyen.gov.vn\r\n\r\n"
    b"Final-Recipient: rfc822; b@c.vn\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)


def _words(text: str) -> bytes:
    """Write a text as encoded words, as Outlook does it in names of files too."""
    octets = [text[at : at + 12].encode() for at in range(0, len(text), 12)]
    return b"\r\n\t".join(b"=?utf-8?B?" + base64.b64encode(piece) + b"?=" for piece in octets)


def _continued(text: str) -> bytes:
    pieces = [text[at : at + 12].encode() for at in range(0, len(text), 12)]
    coded = [b"".join(b"%%%02X" % octet for octet in piece) for piece in pieces]
    coded[0] = b"utf-8''" + coded[0]
    return b";\r\n ".join(b"filename*%d*=%s" % (number, piece) for number, piece in enumerate(coded))


def _theme() -> bytes:
    return zipped(("[Content_Types].xml", b"<Types/>"), ("theme/theme/theme1.xml", b"<a:theme/>" * 300))


def _returned(kind: bytes, what: bytes) -> bytes:
    returned = b"Content-Description: Undelivered Message\r\nContent-Type: " + kind + b"\r\n\r\n" + what
    return _REPORT + MIME + mixed(_NOTICE, _STATUS, returned, kind=b"report", more=b"; report-type=delivery-status")


@_letter("vb.pdf")
def _returned_by_postfix(pdf: bytes) -> bytes:
    return _returned(b"message/rfc822", HEADER + MIME + mixed(TEXT, part(pdf), boundary=b"trong"))


@_letter("vb.pdf")
def _returned_header_only(pdf: bytes) -> bytes:
    header = attached(b"").partition(b"\r\n\r\n")[0] + b"\r\n"
    return letter(part(pdf), mixed(_STATUS, b"Content-Type: text/rfc822-headers\r\n\r\n" + header, boundary=b"bao"))


@_letter("vb.pdf")
def _returned_header_of_a_file(pdf: bytes) -> bytes:
    header = HEADER + MIME + b'Content-Type: application/pdf; name="x.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
    kinds = (b"text/rfc822-headers", b"message/rfc822")
    returned = [b"Content-Type: " + kind + b"\r\n\r\n" + header for kind in kinds]
    return letter(part(pdf), mixed(_STATUS, *returned, boundary=b"bao"))


@_letter(_LONG)
def _outlook_long_name(pdf: bytes) -> bytes:
    file = b'Content-Type: application/pdf;\r\n\tname="' + _words(_LONG) + b'"\r\nContent-Description: ' + _words(_LONG)
    file += b'\r\nContent-Disposition: attachment;\r\n\tfilename="' + _words(_LONG) + b'"; size=28780;\r\n'
    file += b'\tcreation-date="Mon, 23 Nov 2026 01:00:00 GMT"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return letter(TEXT, file + b64(pdf))


@_letter(_LONG)
def _exchange_both_names(pdf: bytes) -> bytes:
    file = (
        b'Content-Type: application/pdf; name="' + _words(_LONG) + b'"\r\nContent-Disposition: attachment; filename="'
    )
    file += _words(_LONG) + b'";\r\n ' + _continued(_LONG) + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return letter(TEXT, file + b64(pdf))


@_letter("vb.pdf")
def _apple_double(pdf: bytes) -> bytes:
    beside = struct.pack(">II16sH", 0x00051607, 0x20000, bytes(16), 1) + bytes(60)
    return letter(
        TEXT,
        mixed(
            part(beside, b"vb.pdf", b"application/applefile"),
            part(pdf, b"vb.pdf", b"application/pdf"),
            boundary=b"doi",
            kind=b"appledouble",
        ),
    )


@_letter("vb.pdf")
def _zip_of_macos(pdf: bytes) -> bytes:
    beside = struct.pack(">II16sH", 0x00051607, 0x20000, b"Mac OS X        ", 2) + bytes(200)
    return attached(zipped(("vb.pdf", pdf), ("__MACOSX/", b""), ("__MACOSX/._vb.pdf", beside)), b"Archive.zip")


@_letter("vb.pdf")
def _beginning_with_a_number(pdf: bytes) -> bytes:
    return letter(b"Content-Type: text/plain\r\n\r\n0707012345 la so dien thoai cua van phong.\r\n", part(pdf))


@_letter("vb.pdf")
def _old_office_files_with_themes(pdf: bytes) -> bytes:
    book = compound(("Workbook", bytes(3_000) + _theme() + bytes(range(256)) * 30))
    slides = compound(("PowerPoint Document", bytes(5_000) + _theme() + bytes(20_000) + _theme() + bytes(9_000)))
    return letter(part(pdf), part(book, b"a.xls"), part(slides, b"a.ppt"))


@_letter("vb.pdf")
def _slides_with_a_table(pdf: bytes) -> bytes:
    table = compound(("Workbook", b"x" * 5_000))
    packed = struct.pack("<I", len(table)) + zlib.compress(table)
    stream = bytes(100) + struct.pack("<HHI", 0x10, 0x1011, len(packed)) + packed + bytes(500)
    return letter(part(pdf), part(compound(("PowerPoint Document", stream)), b"a.ppt"))


@_letter("vb.pdf")
def _old_word_file_with_a_new_one(pdf: bytes) -> bytes:
    inner = zipped(("word/document.xml", b"x" * 900))
    label = b"\2\0a.docx\0C:\\a.docx\0\0\0\3\0" + struct.pack("<I", 10) + b"C:\\a.docx\0"
    package = label + struct.pack("<I", len(inner)) + inner + b"\0\0"
    stream = struct.pack("<I", len(package)) + package
    return letter(part(pdf), part(compound(("\1Ole10Native", stream)), b"a.doc", b"application/msword"))


@_letter("vb.pdf")
def _rich_text_of_word(pdf: bytes) -> bytes:
    store = compound(("x", b"y" * 100)).hex().encode()
    text = b"{\\rtf1\\ansi{\\*\\themedata " + _theme().hex().encode() + b"}{\\*\\colorschememapping 3c3f786d6c20}"
    text += b"{\\*\\datastore 0105000002000000" + store + b"}Xin chao}"
    return letter(part(pdf), part(text, b"a.rtf", b"application/rtf"))


@_letter("vb.pdf")
def _logo_with_names_of_its_own(pdf: bytes) -> bytes:
    logo = b'<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;"><path d="M0 0"/></svg>'
    return letter(part(pdf), part(logo, b"logo.svg", b"image/svg+xml"))


@_letter("vb.pdf")
def _japanese(pdf: bytes) -> bytes:
    text = b"Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n" + "こんにちは。".encode("iso-2022-jp") + b"\r\n"
    other = b"Content-Type: text/plain; charset=Shift_JIS\r\n\r\n" + "こんにちは".encode("shift_jis") + b"\r\n"
    return letter(text, other, part(pdf))


@_letter("vb.pdf")
def _with_a_public_key(pdf: bytes) -> bytes:
    return letter(part(pdf), part(b"\x99\x01\x0d\x04" + bytes(range(256)), b"khoa.gpg"))
