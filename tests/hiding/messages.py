"""Messages inside messages."""

from __future__ import annotations

from tests.hiding.kit import HEADER, MIME, TEXT, attached, b64, letter, mixed, part, qp
from tests.hiding.model import way


def _inner(pdf: bytes) -> bytes:
    return HEADER + MIME + mixed(TEXT, part(pdf), boundary=b"trong")


def _rfc822(body: bytes, more: bytes = b"") -> bytes:
    return letter(TEXT, b"Content-Type: message/rfc822\r\n" + more + b"\r\n" + body)


@way("forwarded")
def forwarded(pdf: bytes) -> bytes:
    return _rfc822(_inner(pdf))


@way("forwarded as message/global")
def forwarded_global(pdf: bytes) -> bytes:
    return _rfc822(_inner(pdf)).replace(b"message/rfc822", b"message/global")


@way("the message is a message")
def message_in_message(pdf: bytes) -> bytes:
    return HEADER + MIME + b"Content-Type: message/rfc822\r\n\r\n" + _inner(pdf)


@way("forwarded eight times")
def forwarded_often(pdf: bytes) -> bytes:
    inner = _inner(pdf)
    for level in range(8):
        inner = HEADER + MIME + mixed(TEXT, b"Content-Type: message/rfc822\r\n\r\n" + inner, boundary=b"lop%d-" % level)
    return inner


@way("forwarded in a digest, whose parts are messages without saying so")
def digest(pdf: bytes) -> bytes:
    return letter(b"\r\n" + _inner(pdf), kind=b"digest")


@way("forwarded in base64, which is forbidden")
def forwarded_in_base64(pdf: bytes) -> bytes:
    return _rfc822(b64(_inner(pdf)), b"Content-Transfer-Encoding: base64\r\n")


@way("forwarded in quoted-printable, which is forbidden", ambiguous="message-encoded")
def forwarded_in_quoted_printable(pdf: bytes) -> bytes:
    return _rfc822(qp(_inner(pdf)), b"Content-Transfer-Encoding: quoted-printable\r\n")


@way("an attached .eml file")
def eml(pdf: bytes) -> bytes:
    return attached(_inner(pdf), b"thu.eml")


@way("an attached .eml file with the ends of lines of Unix")
def eml_unix(pdf: bytes) -> bytes:
    return attached(_inner(pdf).replace(b"\r\n", b"\n"), b"thu.eml")


@way("an attached message under another name")
def eml_renamed(pdf: bytes) -> bytes:
    return attached(_inner(pdf), b"thu.dat")


@way("an attached message called text")
def eml_as_text(pdf: bytes) -> bytes:
    return attached(_inner(pdf), b"thu.eml", b"text/plain")


@way("an attached .eml file without MIME-Version", ambiguous="mime-version-missing")
def eml_without_version(pdf: bytes) -> bytes:
    return attached(_inner(pdf).replace(MIME, b""), b"thu.eml")


@way("forwarded without MIME-Version", ambiguous="mime-version-missing")
def forwarded_without_version(pdf: bytes) -> bytes:
    return _rfc822(_inner(pdf).replace(MIME, b""))


@way("a web page saved as .mht")
def mht(pdf: bytes) -> bytes:
    return attached(HEADER + MIME + mixed(TEXT, part(pdf), kind=b"related", boundary=b"trang"), b"trang.mht")


@way("a mailbox with one message", ambiguous=None)
def mbox(pdf: bytes) -> bytes:
    return attached(b"From an Mon Nov 23 08:00:00 2026\n" + _inner(pdf).replace(b"\r\n", b"\n"), b"thu.mbox")


@way("the second message of a mailbox", ambiguous="epilogue-content")
def mbox_second(pdf: bytes) -> bytes:
    first = HEADER + MIME + mixed(TEXT, boundary=b"mot")
    box = b"From a Mon Nov 23 08:00:00 2026\n" + first + b"\n\nFrom a Mon Nov 23 08:00:01 2026\n" + _inner(pdf)
    return attached(box.replace(b"\r\n", b"\n"), b"thu.mbox")


@way("a piece of a message", unreadable="message-partial", finds=False)
def partial(pdf: bytes) -> bytes:
    head = b'Content-Type: message/partial; id="1@x"; number=1; total=2\r\n\r\n'
    return HEADER + MIME + head + _inner(pdf)[: len(_inner(pdf)) // 2]


@way("the whole message in one piece", unreadable="message-partial")
def partial_whole(pdf: bytes) -> bytes:
    return HEADER + MIME + b'Content-Type: message/partial; id="1@x"; number=1; total=1\r\n\r\n' + _inner(pdf)


@way("a body that lies elsewhere", unreadable="external-body", finds=False)
def external(pdf: bytes) -> bytes:
    kind = b'Content-Type: message/external-body; access-type=URL; URL="http://example.vn/vb.pdf"\r\n\r\n'
    return letter(TEXT, kind + b"Content-Type: application/pdf\r\nContent-ID: <1@x>\r\n\r\n")


@way("forwarded 100 times", unreadable="too-deep", finds=False)
def forwarded_too_often(pdf: bytes) -> bytes:
    return HEADER + MIME + (b"Content-Type: message/rfc822\r\n\r\n" + MIME) * 100 + part(pdf)


@way("a returned message in a notice of delivery")
def returned(pdf: bytes) -> bytes:
    status = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a.vn\r\n"
    return letter(TEXT, status, b"Content-Type: message/rfc822\r\n\r\n" + _inner(pdf), kind=b"report")


@way("the header only of a message, with the document behind it", exact=False)
def rfc822_headers(pdf: bytes) -> bytes:
    return letter(TEXT, b"Content-Type: text/rfc822-headers\r\n\r\n" + _inner(pdf))
