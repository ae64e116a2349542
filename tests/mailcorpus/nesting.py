"""Attacks on how layers stand in each other, on protocol and boundary, and on what surrounds a signature (RFC 1847)."""

from __future__ import annotations

from tests.mailcorpus.cms import Signing, signed_data
from tests.mailcorpus.kit import ENTITY, Kit, digits, fields, lines
from tests.mailcorpus.model import invalid
from tests.pki import LEADER, PERSON

_OTHER = LEADER.email
_PROTOCOL = 'protocol="application/pkcs7-signature"; micalg="sha-256"'


def _within(kind: str, *parts: bytes, header: bytes | None = None) -> bytes:
    """Put parts into a multipart of some kind."""
    head = (fields() if header is None else header) + f"Content-Type: {kind}; boundary=ngoai\r\n\r\n".encode()
    return head + b"".join(b"--ngoai\r\n" + part + b"\r\n" for part in parts) + b"--ngoai--\r\n"


def _signature_part(kit: Kit, entity: bytes = ENTITY) -> bytes:
    head = b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return head + digits(kit.cms(entity))


# ---------------------------------------------------------------- layers


@invalid("opaque-over-personal", "somebody else's opaque signature around a good one", "fail", "signer-not-sender")
def opaque_over_personal(kit: Kit) -> bytes:
    inner = kit.detached(header=b"")
    return kit.opaque(signed_data(inner, Signing(kit.other), econtent=inner))


@invalid("opaque-of-a-message", "somebody else signs a whole message of the sender's", "fail", "signer-not-sender")
def opaque_of_a_message(kit: Kit) -> bytes:
    inner = b"Content-Type: message/rfc822; forwarded=no\r\n\r\n" + kit.detached()
    return kit.opaque(signed_data(inner, Signing(kit.other), econtent=inner))


@invalid("copies-below", "the header's copies below a second layer are of somebody else", "fail", "sender-changed")
def copies_below(kit: Kit) -> bytes:
    copies = f"From: {_OTHER}\r\n".encode() + ENTITY.replace(b"utf-8", b'utf-8; hp="clear"')
    inner = kit.detached(kit.cms(copies, who=kit.other), copies, header=b"")
    return kit.detached(entity=inner, boundary="ngoai")


@invalid("two-signed-alternatives", "two signed texts to choose from", "none", warning="signature-not-at-root")
def two_signed_alternatives(kit: Kit) -> bytes:
    other = lines("Content-Type: text/html\n\n<p>Chuyen khoan ngay</p>\n")
    second = kit.detached(kit.cms(other, who=kit.other), other, header=b"", boundary="hai")
    return _within("multipart/alternative", kit.detached(header=b""), second)


@invalid("signed-in-report", "a notice that brings a signed message back", "none", warning="signature-not-at-root")
def signed_in_report(kit: Kit) -> bytes:
    returned = b"Content-Type: message/rfc822\r\n\r\n" + kit.detached()
    return _within("multipart/report; report-type=delivery-status", ENTITY, returned)


@invalid("signed-in-digest", "one of several messages in a digest is signed", "none", warning="signature-not-at-root")
def signed_in_digest(kit: Kit) -> bytes:
    return _within("multipart/digest", b"\r\n" + kit.detached(), b"\r\n" + kit.message())


@invalid("list-footer", "a list puts its footer beside the signed message", "none", warning="signature-not-at-root")
def list_footer(kit: Kit) -> bytes:
    footer = lines("Content-Type: text/plain\n\n-- \nDanh sach thu van-thu@hungyen.gov.vn\n")
    return _within("multipart/mixed", kit.detached(header=b""), footer)


@invalid("mixed-with-protocol", "parts of a signed message, of another type", "none")
def mixed_with_protocol(kit: Kit) -> bytes:
    return _within(f"multipart/mixed; {_PROTOCOL}", ENTITY, _signature_part(kit))


@invalid("signed-twice-below", "the first part is signed, the message around it by nobody that says so", "neutral")
def signed_twice_below(kit: Kit) -> bytes:
    kind = f"multipart/signed; {_PROTOCOL}"
    return _within(kind, kit.detached(header=b""), b"Content-Type: application/pkcs7-signature\r\n\r\n")


@invalid("opaque-in-detached", "an opaque signature in the detached one's place", "neutral", "signature-part-wrong")
def opaque_in_detached(kit: Kit) -> bytes:
    kind = 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"'
    return kit.detached(signature_type=kind)


@invalid("signature-below-signature", "the signature's part is a multipart that holds it", "neutral")
def signature_below_signature(kit: Kit) -> bytes:
    second = b"Content-Type: multipart/mixed; boundary=trong\r\n\r\n--trong\r\n"
    second += _signature_part(kit) + b"\r\n--trong--"
    return _within(f"multipart/signed; {_PROTOCOL}", ENTITY, second)


@invalid("signature-forwarded", "the signature's part is a message that holds it", "neutral", "signature-part-wrong")
def signature_forwarded(kit: Kit) -> bytes:
    second = b"Content-Type: message/rfc822\r\n\r\nMIME-Version: 1.0\r\n" + _signature_part(kit)
    return _within(f"multipart/signed; {_PROTOCOL}", ENTITY, second)


# ---------------------------------------------------------------- protocol and types


@invalid("protocol-twice", "two values of protocol", "none", warning="parameter-repeated")
def protocol_twice(kit: Kit) -> bytes:
    return kit.detached(parameters=f'protocol="application/pgp-signature"; {_PROTOCOL}')


@invalid("protocol-of-opaque", "the protocol is that of the other form", "none")
def protocol_of_opaque(kit: Kit) -> bytes:
    return kit.detached(parameters='protocol="application/pkcs7-mime"; micalg="sha-256"')


@invalid("type-behind-another", "a type on the folded line, behind another one", "none", warning="field-malformed")
def type_behind_another(kit: Kit) -> bytes:
    return kit.detached().replace(b"Content-Type: multipart", b"Content-Type: text/plain\r\n multipart", 1)


@invalid("type-in-comment", "the type stands behind a comment that holds another", "neutral", "comment")
def type_in_comment(kit: Kit) -> bytes:
    return kit.detached().replace(b"multipart/signed;", b"multipart/signed (text/plain);", 1)


@invalid("type-of-the-signature-twice", "the signature's part is of two types", "neutral", "field-repeated")
def type_of_the_signature_twice(kit: Kit) -> bytes:
    twice = "application/pkcs7-signature\r\nContent-Type: text/html"
    return kit.detached(signature_type=twice)


@invalid("said-certs-only", "a signed message that is said to hold certificates alone", "none")
def said_certs_only(kit: Kit) -> bytes:
    return kit.opaque(content_type='application/pkcs7-mime; smime-type=certs-only; name="smime.p7c"')


@invalid("certs-only", "certificates that somebody sends", "none")
def certs_only(kit: Kit) -> bytes:
    kind = 'application/pkcs7-mime; smime-type=certs-only; name="smime.p7c"'
    return kit.opaque(signed_data(b"", certificates=[kit.person]), content_type=kind)


@invalid("two-smime-types", "signed for one reader, encrypted for another", "neutral", "parameter-repeated")
def two_smime_types(kit: Kit) -> bytes:
    return kit.opaque(content_type="application/pkcs7-mime; smime-type=enveloped-data; smime-type=signed-data")


@invalid("compressed", "a message that is compressed, as it may be", "none")
def compressed(kit: Kit) -> bytes:
    kind = bytes.fromhex("060b2a864886f70d0109100109")
    content = b"\x30" + bytes((len(kind) + 4,)) + kind + b"\xa0\x02\x30\x00"
    return kit.opaque(content, content_type="application/pkcs7-mime; smime-type=compressed-data")


# ---------------------------------------------------------------- boundaries


@invalid("boundary-ends-in-space", "a boundary of which readers cut the end", "neutral", "boundary-odd")
def boundary_ends_in_space(kit: Kit) -> bytes:
    return kit.detached(boundary="ky so ")


@invalid("boundary-too-long", "a boundary that readers cut at 70 octets", "neutral", "boundary-odd")
def boundary_too_long(kit: Kit) -> bytes:
    return kit.detached(boundary="k" * 71)


@invalid("boundary-in-letters", "a boundary outside ASCII", "neutral", "boundary-odd")
def boundary_in_letters(kit: Kit) -> bytes:
    return kit.detached(boundary="ký-số")


@invalid("boundary-in-capitals", "delimiters that differ from the boundary in their case", "neutral")
def boundary_in_capitals(kit: Kit) -> bytes:
    return kit.detached().replace(b'boundary="----ky-so"', b'boundary="----KY-SO"')


@invalid("boundary-used-inside", "the signed part uses the same boundary", "neutral")
def boundary_used_inside(kit: Kit) -> bytes:
    inner = b'Content-Type: multipart/mixed; boundary="----ky-so"\r\n\r\n------ky-so\r\n\r\nx\r\n------ky-so--\r\n'
    return kit.detached(entity=inner)


@invalid("boundary-begins-inside", "the boundary inside begins with the one outside", "neutral", "boundary-prefix")
def boundary_begins_inside(kit: Kit) -> bytes:
    inner = b'Content-Type: multipart/mixed; boundary="----ky-so2"\r\n\r\n------ky-so2\r\n\r\nx\r\n------ky-so2--\r\n'
    return kit.detached(entity=inner)


@invalid("text-at-closing", "text on the line of the last delimiter", "neutral", "boundary-prefix")
def text_at_closing(kit: Kit) -> bytes:
    return kit.detached().replace(b"------ky-so--\r\n", b"------ky-so-- Chuyen khoan ngay\r\n")


@invalid("lf-before-delimiter", "one reader begins the part where another does not", "neutral", "bare-lf")
def lf_before_delimiter(kit: Kit) -> bytes:
    return kit.detached().replace(b"\r\n------ky-so\r\n", b"\n------ky-so\r\n", 1)


@invalid("fields-in-preamble", "fields before the first delimiter", "neutral", "preamble-content")
def fields_in_preamble(kit: Kit) -> bytes:
    return kit.detached(preamble=b"Content-Type: text/html\r\n\r\n<p>Chuyen khoan ngay</p>\r\n\r\n")


@invalid("message-behind-the-end", "a whole message behind many empty lines", "neutral", "epilogue-content")
def message_behind_the_end(kit: Kit) -> bytes:
    return kit.detached(epilogue=b"\r\n" * 200 + kit.message())


@invalid("field-in-preamble", "a line before the first delimiter that looks like a field", "neutral")
def field_in_preamble(kit: Kit) -> bytes:
    return kit.detached(preamble=b"Subject: Chuyen khoan ngay\r\n\r\n")


# ---------------------------------------------------------------- the header around it


@invalid("header-beyond-limits", "a header larger than readers take", "neutral", "header-too-large")
def header_beyond_limits(kit: Kit) -> bytes:
    end = b"\r\n\r\n------ky-so\r\n"
    message = kit.detached()
    return message.replace(end, b"\r\nX-Do-Dai: " + b"x" * (300 << 10) + end, 1)


@invalid("from-behind-many-fields", "another From behind more fields than are read", "neutral", "too-many-fields")
def from_behind_many_fields(kit: Kit) -> bytes:
    end = b"\r\n\r\n------ky-so\r\n"
    more = b"".join(b"\r\nX-%d: x" % number for number in range(2_000))
    return kit.detached().replace(end, more + f"\r\nFrom: {_OTHER}".encode() + end, 1)


@invalid("mailbox-line", "another sender on the line that mailboxes write", "neutral", "header-malformed")
def mailbox_line(kit: Kit) -> bytes:
    return f"From {_OTHER} Mon Jan  1 00:00:00 2026\r\n".encode() + kit.detached()


@invalid("resent-by-signer", "the signer passed on what is said to be another's", "fail", "signer-not-sender")
def resent_by_signer(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.other), header=fields(Resent_From=_OTHER))


@invalid("from-in-capitals-too", "FROM and From are two fields", "permerror", "from-repeated")
def from_in_capitals_too(kit: Kit) -> bytes:
    return kit.detached(header=f"FROM: {_OTHER}\r\n".encode() + fields())


@invalid("from-spaced-too", "`From :` is a field to some readers", "permerror", "from-repeated")
def from_spaced_too(kit: Kit) -> bytes:
    return kit.detached(header=f"From : {_OTHER}\r\n".encode() + fields())


@invalid("body-in-the-header", "the header ends early, as all readers take LF LF", "none", warning="bare-lf")
def body_in_the_header(kit: Kit) -> bytes:
    message = kit.detached()
    return message.replace(b"MIME-Version", b"X-Note: a\n\nChuyen khoan ngay\r\nMIME-Version", 1)


@invalid("signed-by-nobody-here", "the message says to be signed in a field of the header", "none")
def signed_by_nobody_here(kit: Kit) -> bytes:
    said = f"X-Signature-Status: TOTAL_PASSED\r\nAuthentication-Results: x; smime=pass\r\nX-Signer: {PERSON.email}\r\n"
    return said.encode() + kit.message()
