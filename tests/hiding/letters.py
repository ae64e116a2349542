"""Mail as programs write it, each in its own manner: nothing in it is odd, and nothing may be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage

from tests.hiding.archives import tarred
from tests.hiding.compounds import _file, tnef
from tests.hiding.envelopes import _detached, _signed
from tests.hiding.kit import HEADER, MIME, TEXT, attached, b64, letter, lines, mixed, part
from tests.hiding.zips import zipped

_NAME = b"Cong van 123.pdf"
_VIETNAMESE = "Công văn số 123.pdf"


@dataclass(frozen=True)
class Letter:
    """Mail in one program's manner, and what the documents in it are called."""

    name: str
    make: Callable[[bytes], bytes]
    names: tuple[str, ...]


LETTERS: dict[str, Letter] = {}


def _letter(*names: str) -> Callable[[Callable[[bytes], bytes]], Callable[[bytes], bytes]]:
    def register(make: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
        name = make.__name__.strip("_").replace("_", "-")
        LETTERS[name] = Letter(name, make, names)
        return make

    return register


@_letter(_VIETNAMESE)
def _outlook(pdf: bytes) -> bytes:
    body = mixed(
        mixed(
            b'Content-Type: text/plain;\r\n\tcharset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
            + b64(b"Kinh gui"),
            b'Content-Type: text/html;\r\n\tcharset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
            b'<html xmlns:v=3D"urn:schemas-microsoft-com:vml">=\r\n<body>K=C3=ADnh g=E1=BB=ADi</body></html>\r\n',
            boundary=b"----=_NextPart_001_0017_01DC0C83.1A2B3C40",
            kind=b"alternative",
        ),
        b'Content-Type: application/pdf;\r\n\tname="=?utf-8?B?Q8O0bmcgdsSDbiBz4buRIDEyMy5wZGY=?="\r\n'
        b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n"
        b'\tfilename="=?utf-8?B?Q8O0bmcgdsSDbiBz4buRIDEyMy5wZGY=?="\r\n\r\n' + b64(pdf),
        boundary=b"----=_NextPart_000_0016_01DC0C83.1A2B3C40",
    )
    preamble = b"This is a multipart message in MIME format.\r\n\r\n"
    return HEADER + MIME + body.replace(b"\r\n\r\n", b"\r\n\r\n" + preamble, 1)


@_letter(_VIETNAMESE)
def _thunderbird(pdf: bytes) -> bytes:
    file = (
        b'Content-Type: application/pdf; name="=?UTF-8?B?Q8O0bmcgdsSDbiBz4buRIDEyMy5wZGY=?="\r\n'
        b"Content-Disposition: attachment;\r\n filename*0*=UTF-8''%43%C3%B4%6E%67%20%76%C4%83%6E%20%73%E1%BB%91%20;\r\n"
        b" filename*1*=%31%32%33%2E%70%64%66\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(pdf)
    )
    made = letter(TEXT, file, boundary=b"------------x0Q5GzOVkNDTF0bGJ0aTMXLw")
    return made.replace(b"\r\n\r\n--", b"\r\n\r\nThis is a multi-part message in MIME format.\r\n--", 1)


@_letter("Cong van 123.pdf")
def _gmail(pdf: bytes) -> bytes:
    alternative = mixed(
        TEXT, TEXT.replace(b"plain", b"html"), boundary=b"000000000000a1b2c3064d5e6f70", kind=b"alternative"
    )
    file = part(pdf, _NAME, b"application/pdf", b"Content-ID: <f_m1abcd>\r\nX-Attachment-Id: f_m1abcd\r\n")
    return letter(alternative, file, boundary=b"000000000000a1b2c5064d5e6f72")


@_letter("Cong van 123.pdf")
def _apple_mail(pdf: bytes) -> bytes:
    file = (
        b'Content-Disposition: attachment;\r\n\tfilename="Cong van 123.pdf"\r\nContent-Type: application/pdf;\r\n'
        b'\tx-unix-mode=0644;\r\n\tname="Cong van 123.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + b64(pdf)
    )
    body = mixed(TEXT, file, TEXT, boundary=b"Apple-Mail=_0E7D1F52-6A1A-4F4B-9E39-D0A3A2B7C111")
    return HEADER + b"Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3826.200.121\\))\r\n" + body


@_letter("Cong van 123.pdf")
def _zimbra(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf, _NAME, b"application/pdf"), boundary=b"----=_Part_12345_1234567890.1700000000000")


@_letter(_VIETNAMESE)
def _python(pdf: bytes) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = "an@hungyen.gov.vn", "vanthu@hanoi.gov.vn", "Công văn"
    message.set_content("Kính gửi quý cơ quan.\n")
    message.add_alternative("<p>Kính gửi quý cơ quan.</p>\n", subtype="html")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=_VIETNAMESE)
    return message.as_bytes()


@_letter("a.pdf", "b.pdf")
def _two_files(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf, b"a.pdf"), part(pdf, b"b.pdf"))


@_letter("a/b.pdf")
def _zip_file(pdf: bytes) -> bytes:
    return attached(zipped(("a/b.pdf", pdf), ("a/ghi chu.txt", b"x")), b"ho so.zip")


@_letter("b.pdf")
def _tar_file(pdf: bytes) -> bytes:
    return attached(tarred(("b.pdf", pdf)), b"ho so.tar")


@_letter("b.pdf")
def _winmail(pdf: bytes) -> bytes:
    return attached(tnef(_file(pdf, b"b.pdf")), b"winmail.dat", b"application/ms-tnef")


@_letter("vb.pdf")
def _forwarded(pdf: bytes) -> bytes:
    inner = HEADER + MIME + mixed(TEXT, part(pdf), boundary=b"trong")
    return letter(
        TEXT, b'Content-Type: message/rfc822; name="Cong van.eml"\r\nContent-Disposition: attachment\r\n\r\n' + inner
    )


@_letter("vb.pdf")
def _signed_message(pdf: bytes) -> bytes:
    signature = part(_detached(), b"smime.p7s", b"application/pkcs7-signature")
    kind = b'; protocol="application/pkcs7-signature"; micalg=sha-256'
    preamble = b"This is an S/MIME signed message\r\n\r\n"
    made = letter(mixed(TEXT, part(pdf), boundary=b"trong"), signature, kind=b"signed", more=kind)
    return made.replace(b"\r\n\r\n--", b"\r\n\r\n" + preamble + b"--", 1)


@_letter("vb.pdf")
def _opaque_message(pdf: bytes) -> bytes:
    entity = mixed(TEXT, part(pdf), boundary=b"trong")
    return HEADER + MIME + part(_signed(entity), b"smime.p7m", b"application/pkcs7-mime; smime-type=signed-data")


@_letter("vb.pdf")
def _through_a_list(pdf: bytes) -> bytes:
    fields = (
        b"Received: from a by b; Mon, 23 Nov 2026 08:00:01 +0700\r\n" * 12 + b"List-Id: <a.b>\r\nPrecedence: list\r\n"
    )
    return fields + attached(pdf)


@_letter("vb.pdf")
def _with_pictures(pdf: bytes) -> bytes:
    html = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    html += b'<img src="cid:logo@x"><img src="data:image/png;base64,iVBORw0KGgo=">'
    picture = part(
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, b"logo.png", b"image/png", b"Content-ID: <logo@x>\r\n"
    )
    return letter(mixed(html, picture, boundary=b"rel", kind=b"related"), part(pdf))


@_letter("vb.pdf")
def _with_an_invitation(pdf: bytes) -> bytes:
    invitation = lines(b"BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Hop\nEND:VEVENT\nEND:VCALENDAR\n")
    return letter(TEXT, b"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" + invitation, part(pdf))


@_letter("vb.pdf")
def _with_utf_8_header(pdf: bytes) -> bytes:
    return attached(pdf).replace(b"Subject: ", "X-Ghi-Chu: Công văn\r\nSubject: ".encode(), 1)


@_letter("vb.pdf")
def _with_a_notice_of_receipt(pdf: bytes) -> bytes:
    asks = b"Disposition-Notification-To: an@hungyen.gov.vn\r\nX-Priority: 1 (Highest)\r\nImportance: High\r\n"
    return asks + attached(pdf)


@_letter("vb.pdf")
def _flowed_text(pdf: bytes) -> bytes:
    text = b"Content-Type: text/plain; charset=UTF-8; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return letter(text + "Kính gửi, \r\ndanh sách: -- một\r\n--\r\nNguyễn Văn An\r\n".encode(), part(pdf))


@_letter("vb.pdf")
def _speaking_of_base64(pdf: bytes) -> bytes:
    text = b"Content-Type: text/plain\r\n\r\nbegin 2026 voi data: 1, 2; From: An; %PDF- la gi? UEsDBBQAAAAI\r\n--\r\nAn"
    return letter(text, part(pdf))
