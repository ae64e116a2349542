"""Attacks by what was signed for another purpose, or says who wrote it in another place (RFC 9788, ISO 32000)."""

from __future__ import annotations

from gsign import der
from tests.mailcorpus.kit import ENTITY, Kit, digits, fields, lines
from tests.mailcorpus.model import invalid, valid
from tests.pki import LEADER

_OTHER = LEADER.email
_LETTER = lines("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nPay this.\n--b--\n")


# ---------------------------------------------------------------- documents


def _document(before: bytes = b"") -> bytes:
    """Write what a document signs: all but its /Contents, whose place its ranges leave out."""
    text = (
        before
        + lines("%PDF-1.7\n1 0 obj\n<</Type/Sig/ByteRange\n[0 AAAAAA BBBBBB CCCCCC]/Contents")
        + lines("/M(D:20260126)>>\nendobj\n%%EOF\n")
    )
    gap = text.index(b"/Contents") + len(b"/Contents")
    ranges = b"%06d %06d %06d" % (gap, gap + 8_000, len(text) - gap)
    return text.replace(b"AAAAAA BBBBBB CCCCCC", ranges)


def _by_document_signer(kit: Kit, content: bytes, *, opaque: bool) -> bytes:
    """Put the signature of a document into a message."""
    return kit.opaque(kit.cms(content, carry=True)) if opaque else kit.detached(kit.cms(content), content)


@invalid("document-as-message", "the signature of a document, with what it signs as a message", "fail")
def document_as_message(kit: Kit) -> bytes:
    return _by_document_signer(kit, _document(), opaque=True)


@invalid(
    "document-after-letter", "a document behind a letter that its signer never saw", "fail", "signature-of-document"
)
def document_after_letter(kit: Kit) -> bytes:
    return _by_document_signer(kit, _document(_LETTER), opaque=True)


@invalid("document-after-letter-detached", "the same in two parts", "fail", "signature-of-document")
def document_after_letter_detached(kit: Kit) -> bytes:
    return _by_document_signer(kit, _document(_LETTER), opaque=False)


# ---------------------------------------------------------------- who wrote it, said inside


def said_inside(kit: Kit, content_type: str) -> bytes:
    """Let the sender sign a part that is from somebody else to readers who see a mark of copies."""
    return kit.detached(entity=f"From: {_OTHER}\r\nContent-Type: {content_type}\r\n\r\nPay this.\r\n".encode())


@invalid("mark-in-capitals", "a mark of copies that some readers know", "fail", "sender-changed")
def mark_in_capitals(kit: Kit) -> bytes:
    return said_inside(kit, 'text/plain; hp="CLEAR"')


@invalid("mark-behind-another", "two marks, the second known", "fail", "sender-changed")
def mark_behind_another(kit: Kit) -> bytes:
    return said_inside(kit, 'text/plain; hp="x"; hp="clear"')


@invalid("mark-without-semicolon", "a mark behind a value that is not ended", "fail", "sender-changed")
def mark_without_semicolon(kit: Kit) -> bytes:
    return said_inside(kit, 'text/plain; charset=utf-8 hp="clear"')


@invalid("mark-in-second-type", "a mark in the second of two types", "fail", "sender-changed")
def mark_in_second_type(kit: Kit) -> bytes:
    return said_inside(kit, "text/plain\r\nContent-Type: text/plain; hp=clear")


@invalid("draft-mark-of-another-version", "the mark of drafts, of another version", "fail", "sender-changed")
def draft_mark_of_another_version(kit: Kit) -> bytes:
    return said_inside(kit, 'text/plain; protected-headers="V2"')


def enclosing(kit: Kit, content_type: str) -> bytes:
    """Let the sender sign a part of some type that begins as somebody else's message does."""
    return kit.detached(entity=f"Content-Type: {content_type}\r\n\r\n".encode() + fields(From=_OTHER) + ENTITY)


@invalid(
    "message-inside", "a message of somebody else in the place of this one (RFC 8551 3.1)", "fail", "sender-changed"
)
def message_inside(kit: Kit) -> bytes:
    return enclosing(kit, "message/rfc822")


@invalid("message-in-letters-inside", "the same of the other type (RFC 6532)", "fail", "sender-changed")
def message_in_letters_inside(kit: Kit) -> bytes:
    return enclosing(kit, "message/global; forwarded=no")


def _encoded_inside(message: bytes, kind: str = "message/rfc822") -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    return head + digits(message)


_FROM_ANOTHER = fields(From=_OTHER) + ENTITY


@invalid("message-encoded-inside", "the same in base64, which readers decode", "fail", "sender-changed")
def message_encoded_inside(kit: Kit) -> bytes:
    return kit.detached(entity=_encoded_inside(_FROM_ANOTHER))


@invalid("letters-encoded-inside", "the same where base64 is allowed (RFC 6532 3.7)", "fail", "sender-changed")
def letters_encoded_inside(kit: Kit) -> bytes:
    return kit.opaque(kit.cms(_encoded_inside(_FROM_ANOTHER, "message/global"), carry=True))


@invalid("message-quoted-inside", "the same in quoted-printable, with ends of Unix", "fail", "sender-changed")
def message_quoted_inside(kit: Kit) -> bytes:
    head = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    quoted = _FROM_ANOTHER.replace(b"=", b"=3D").replace(b"\r\n", b"=0A").replace(b"=0A", b"=0A=\r\n")
    return kit.detached(entity=head + quoted + b"\r\n")


@valid("whole-message-encoded-inside", "copies of the header in a message in base64")
def whole_message_encoded_inside(kit: Kit) -> bytes:
    return kit.detached(entity=_encoded_inside(fields() + ENTITY))


@valid("forwarded-encoded", "somebody else's message forwarded in base64, which is no copy")
def forwarded_encoded(kit: Kit) -> bytes:
    return kit.detached(entity=_encoded_inside(_FROM_ANOTHER, "message/rfc822; forwarded=yes"))


# ---------------------------------------------------------------- content


def _with_content(kit: Kit, value: bytes) -> bytes:
    """Put another value in the place of the content inside, whose octets are those that were signed."""
    plain = der.explicit(0, der.octet_string(ENTITY))
    return kit.opaque(_rewritten(kit.cms(carry=True), plain, der.explicit(0, value)))


def _rewritten(data: bytes, old: bytes, new: bytes) -> bytes:
    """Replace a value, and mend the lengths around it."""
    node = der.parse(data)
    if old not in data:
        return data
    if not node.is_constructed or node.raw == old:
        return new if node.raw == old else data
    return der.tlv(node.tag, b"".join(_rewritten(child.raw, old, new) for child in node.children()))


@invalid("content-and-another", "two contents inside, the first one signed", "neutral", "cms-malformed")
def content_and_another(kit: Kit) -> bytes:
    return _with_content(kit, der.octet_string(ENTITY) + der.octet_string(b"\r\nPay this.\r\n"))


@invalid("content-of-another-kind", "the content as text rather than octets", "neutral", "cms-malformed")
def content_of_another_kind(kit: Kit) -> bytes:
    return _with_content(kit, der.tlv(0x0C, ENTITY))


@invalid("content-in-pieces-of-another-kind", "a piece of the content is text", "neutral", "cms-malformed")
def content_in_pieces_of_another_kind(kit: Kit) -> bytes:
    return _with_content(kit, der.tlv(0x24, der.octet_string(ENTITY[:9]) + der.tlv(0x0C, ENTITY[9:])))


# ---------------------------------------------------------------- links


@invalid("base-outside", "where links lead from, said outside of what is signed", "policy", "base-not-signed")
def base_outside(kit: Kit) -> bytes:
    return b"Content-Base: http://example.com/\r\n" + kit.signed()


@invalid("location-outside", "the same by the place of the message (RFC 2557)", "policy", "base-not-signed")
def location_outside(kit: Kit) -> bytes:
    return kit.detached(header=fields(Content_Location="http://example.com/"))


# ---------------------------------------------------------------- content that is not there

_ELSEWHERE = lines(
    'Content-Type: message/external-body; access-type=URL; URL="http://example.com/a"\n\nContent-Type: text/plain\n\n\n'
)


@invalid("content-elsewhere", "what is signed says only where the content lies", "policy", "content-elsewhere")
def content_elsewhere(kit: Kit) -> bytes:
    return kit.detached(entity=_ELSEWHERE)


@invalid("attachment-elsewhere", "the same of an attachment, opaque", "policy", "content-elsewhere")
def attachment_elsewhere(kit: Kit) -> bytes:
    mark = b"\r\n--phan\r\n"
    entity = b"Content-Type: multipart/mixed; boundary=phan\r\n" + mark + ENTITY + mark + _ELSEWHERE + b"--phan--\r\n"
    return kit.opaque(kit.cms(entity, carry=True))


@invalid("attachment-opened-from-elsewhere", "a field by which Thunderbird does so", "policy", "content-elsewhere")
def attachment_opened_from_elsewhere(kit: Kit) -> bytes:
    field = b"X-Mozilla-External-Attachment-URL: https://a.example/vb.pdf\r\n"
    return kit.detached(entity=b'Content-Type: application/pdf; name="vb.pdf"\r\n' + field + b"\r\nx\r\n")


@invalid("carriage-returns-inside", "a header inside that some readers see, from another sender", "neutral", "bare-cr")
def carriage_returns_inside(kit: Kit) -> bytes:
    header = fields(From="chutich@hanoi.gov.vn") + b'Content-Type: text/plain; hp="clear"\r\n\r\nMoi hop.\r\n'
    return kit.opaque(kit.cms(header.replace(b"\r\n", b"\r"), carry=True))


# ---------------------------------------------------------------- empty lines


@valid("line-feed-behind-the-end", "an editor's line behind the closing delimiter")
def line_feed_behind_the_end(kit: Kit) -> bytes:
    return kit.signed() + b"\n"


@valid("line-feeds-behind-opaque", "a mailbox's empty lines behind the digits")
def line_feeds_behind_opaque(kit: Kit) -> bytes:
    return kit.signed(form="opaque") + b"\n\n"
