"""Mail that is not quite as it should be, as programs, relays and people write it; beside each, what hides so."""

from __future__ import annotations

import base64

from tests.hiding.kit import HEADER, MIME, TEXT, attached, b64, letter, mixed, part
from tests.hiding.letters import _letter
from tests.hiding.model import way

_QUOTED = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
_DIGITS = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
_SUBJECT = b"Subject: =?utf-8?B?Q8O0bmcgdsSDbiBz4buRIDEyMw==?="


def _link(pdf: bytes) -> bytes:
    return b'<a href="data:application/pdf;base64,' + base64.b64encode(pdf) + b'">x</a>'


@_letter("vb.pdf")
def _quoted_printable_without_care(pdf: bytes) -> bytes:
    return letter(_QUOTED + b'<a href="http://a.vn/?so=123&nam=2026">1 = 1</a>\r\n', part(pdf))


@way(
    "in a link of a text whose encoding is off, for who leaves out what is off", ambiguous="quoted-printable-malformed"
)
def link_in_malformed_text(pdf: bytes) -> bytes:
    torn = _link(pdf).replace(b"=", b"=3D").replace(b"JVBERi", b"JVBE=Ri")
    return letter(TEXT, _QUOTED + torn + b"\r\n")


@_letter("vb.pdf")
def _text_with_a_footer_behind_its_digits(pdf: bytes) -> bytes:
    return letter(_DIGITS + b64(b"<p>Kinh gui</p>") + b"\r\n--\r\nChecked by antivirus.\r\n", part(pdf))


@way("in a link of a text, behind the padding of its digits", ambiguous="base64-after-padding")
def link_behind_padding(pdf: bytes) -> bytes:
    return letter(TEXT, _DIGITS + b64(b"<p>Kinh gui</p>!") + b64(_link(pdf)))


@_letter("vb.pdf")
def _preamble_in_vietnamese(pdf: bytes) -> bytes:
    sentence = "Đây là thư gồm nhiều phần theo định dạng MIME.\r\n\r\n".encode()
    return letter(TEXT, part(pdf)).replace(b"\r\n\r\n--", b"\r\n\r\n" + sentence + b"--", 1)


@way("bare base64 before the first part, with letters before it", ambiguous="preamble-content")
def preamble_with_letters(pdf: bytes) -> bytes:
    return letter(TEXT).replace(b"\r\n\r\n--", "\r\n\r\nĐây là: ".encode() + base64.b64encode(pdf) + b"\r\n--", 1)


@way("octets that are no text before the first part", ambiguous="preamble-content")
def preamble_of_octets(pdf: bytes) -> bytes:
    return attached(pdf).replace(b"\r\n\r\n--", b"\r\n\r\n\xff\xfe\r\n--", 1)


@_letter("vb.pdf")
def _forwarded_by_phpmailer(pdf: bytes) -> bytes:
    inner = HEADER + MIME + mixed(TEXT, part(pdf), boundary=b"b1_trong")
    return letter(TEXT, part(inner, b"thu.eml", b"message/rfc822"))


@way("forwarded in base64 with garbage", ambiguous="message-encoded")
def forwarded_in_base64_with_garbage(pdf: bytes) -> bytes:
    inner = HEADER + MIME + mixed(TEXT, part(pdf), boundary=b"trong")
    return letter(TEXT, part(inner, b"thu.eml", b"message/rfc822").replace(b"\r\n\r\n", b"\r\n\r\n....\r\n", 1))


@_letter("vb.pdf")
def _name_without_suffix_in_type(pdf: bytes) -> bytes:
    return letter(TEXT, part(pdf).replace(b'name="vb.pdf"', b'name="Cong van so 1"', 1))


@_letter("Công văn số 123 của UBND.pdf")
def _javamail_name_in_pieces(pdf: bytes) -> bytes:
    digits = base64.b64encode("Công văn số 123 của UBND.pdf".encode())
    pieces = b'filename*0="=?UTF-8?B?' + digits[:20] + b'"; \r\n\tfilename*1="' + digits[20:] + b'?="'
    return letter(TEXT, part(pdf).replace(b'; name="vb.pdf"', b"").replace(b'filename="vb.pdf"', b"\r\n\t" + pieces))


@_letter("vb.pdf")
def _subject_in_windows_1258(pdf: bytes) -> bytes:
    made = attached(pdf).replace(_SUBJECT, b"Subject: C\xf4ng v\xe3n s\xec 123")
    return made.replace(b"To: ", b'To: "V\xe3n ph\xf2ng" <c@d.vn>, ').replace(
        b"Subj", b"X-Ghi-Chu: \xd0\xe3\r\nSubj", 1
    )


@way("octets that are no UTF-8 in the sender", ambiguous="header-8bit")
def octets_in_sender(pdf: bytes) -> bytes:
    return attached(pdf).replace(b"From: ", b'From: "\x83\x5c" ', 1)


@_letter("vb.pdf")
def _pasted_fields(pdf: bytes) -> bytes:
    pasted = b"Received: from a by b\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n\r\nxin chao\r\n"
    return letter(TEXT + pasted, part(pdf))


@_letter()
def _nothing_but_a_header(pdf: bytes) -> bytes:
    return HEADER


@_letter("vb.pdf")
def _dotnet(pdf: bytes) -> bytes:
    inner = mixed(part(pdf), boundary=b"--boundary_1_f00d").replace(b'"--boundary_1_f00d"', b"--boundary_1_f00d")
    outer = mixed(_DIGITS + b64(b"<p>x</p>"), inner, boundary=b"--boundary_0_cafe")
    return HEADER + MIME + outer.replace(b'"--boundary_0_cafe"', b"--boundary_0_cafe")


@_letter("vb.pdf")
def _lotus_notes(pdf: bytes) -> bytes:
    alternative = mixed(
        TEXT, _DIGITS + b64(b"<p>x</p>"), boundary=b"=_alternative 0038B5C7472588F7_=", kind=b"alternative"
    )
    return letter(alternative, part(pdf), boundary=b"=_mixed 0038B5C7472588F7_=")


@_letter("Công.pdf")
def _ios(pdf: bytes) -> bytes:
    name = b"name*=utf-8''C%C3%B4ng.pdf"
    head = (
        b"Content-Type: application/pdf;\r\n\t" + name + b";\r\n\tx-apple-part-url=1A2B\r\nContent-Disposition: inline;"
    )
    file = head + b"\r\n\tfile" + name + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(pdf)
    return HEADER + b"Mime-Version: 1.0 (1.0)\r\n" + mixed(TEXT, file, TEXT, boundary=b"Apple-Mail-1A2B-3C")


@_letter()
def _receipt_of_outlook(pdf: bytes) -> bytes:
    told = b"Content-Type: message/disposition-notification\r\n\r\nReporting-UA: mx; Microsoft Outlook 16.0\r\n"
    told += b"Final-Recipient: rfc822;b@c.vn\r\nOriginal-Message-ID: <1@x>\r\n"
    told += b"Disposition: manual-action/MDN-sent-manually; displayed\r\n"
    header = (
        b"Content-Type: text/rfc822-headers\r\n\r\n" + HEADER + MIME + b"Content-Type: multipart/mixed; boundary=x\r\n"
    )
    return letter(TEXT, told, header, kind=b"report", more=b"; report-type=disposition-notification")


@_letter("vb.pdf")
def _failure_told_by_exchange(pdf: bytes) -> bytes:
    status = (
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;mx\r\n\r\nFinal-recipient: rfc822;b@c.vn\r\n"
    )
    told = mixed(TEXT, TEXT.replace(b"plain", b"html"), kind=b"alternative", boundary=b"a;differentcontent;b")
    returned = b"Content-Type: message/rfc822\r\n\r\n" + HEADER + MIME + mixed(TEXT, part(pdf), boundary=b"_004_trong_")
    return letter(told, status, returned, kind=b"report", more=b"; report-type=delivery-status")


@_letter("vb.pdf")
def _addresses_in_vietnamese(pdf: bytes) -> bytes:
    header = "From: Nguyễn An <văn.an@hưngyên.vn>\r\nTo: vănthư@hànội.vn\r\nSubject: Công văn\r\n".encode()
    return header + b"Date: Mon, 23 Nov 2026 08:00:00 +0700\r\n" + MIME + mixed(TEXT, part(pdf))


@_letter("vb.pdf")
def _in_sets_of_vietnam(pdf: bytes) -> bytes:
    texts = [
        b"Content-Type: text/plain; charset="
        + charset
        + b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\nK\xadnh g\xf6i\r\n"
        for charset in (b"x-viet-tcvn5712", b"x-viet-vni", b"viscii", b'"windows-1258"')
    ]
    return letter(*texts, part(pdf))
