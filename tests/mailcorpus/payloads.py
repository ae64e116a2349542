"""Attacks by copies of the header on the payload, below layers that readers take off (RFC 9788, RFC 8551 clause 3)."""

from __future__ import annotations

import zlib

from gsign import der
from tests.mailcorpus.crossing import enclosing, said_inside
from tests.mailcorpus.kit import ENTITY, Kit, digits, fields
from tests.mailcorpus.model import invalid, valid
from tests.pki import LEADER

_OTHER = LEADER.email
_PAYLOAD = f"From: {_OTHER}\r\n".encode() + ENTITY.replace(b"utf-8", b'utf-8; hp="clear"')
_OWN_PAYLOAD = fields(MIME_Version=None) + ENTITY.replace(b"utf-8", b'utf-8; hp="clear"')


def _enclosed(cms: bytes, kind: str = "signed-data", name: str = "smime.p7m") -> bytes:
    """Put a CMS into a part."""
    head = f'Content-Type: application/pkcs7-mime; smime-type={kind}; name="{name}"\r\n'.encode()
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + digits(cms)


def _opaque(kit: Kit, entity: bytes) -> bytes:
    return _enclosed(kit.cms(entity, carry=True))


def _compressed(entity: bytes) -> bytes:
    content = der.explicit(0, der.octet_string(zlib.compress(entity)))
    inside = der.sequence(der.oid("1.2.840.113549.1.7.1"), content)
    data = der.sequence(der.integer(0), der.sequence(der.oid("1.2.840.113549.1.9.16.3.8")), inside)
    cms = der.sequence(der.oid("1.2.840.113549.1.9.16.1.9"), der.explicit(0, data))
    return _enclosed(cms, "compressed-data", "smime.p7z")


def _wrapped(kit: Kit, entity: bytes, times: int) -> bytes:
    """Sign again and again, each time beside what was signed before."""
    for time in range(times):
        entity = kit.detached(entity=entity, header=b"", boundary=f"lop{time}x")
    return entity


# ---------------------------------------------------------------- below layers


@invalid("copies-below-opaque", "all inside a layer, and below it copies of somebody else", "fail", "sender-changed")
def copies_below_opaque(kit: Kit) -> bytes:
    return kit.detached(entity=_opaque(kit, _PAYLOAD))


@invalid("copies-below-two-opaque", "two such layers", "fail", "sender-changed")
def copies_below_two_opaque(kit: Kit) -> bytes:
    return kit.opaque(kit.cms(_opaque(kit, _PAYLOAD), carry=True))


@invalid("copies-below-mixed-layers", "one of each kind, and one more", "fail", "sender-changed")
def copies_below_mixed_layers(kit: Kit) -> bytes:
    inner = kit.detached(entity=_PAYLOAD, header=b"")
    return kit.detached(entity=_opaque(kit, inner), boundary="ngoai")


@invalid("copies-below-unsigned", "a layer that nobody signed, which readers take off all the same", "fail")
def copies_below_unsigned(kit: Kit) -> bytes:
    content = der.sequence(der.oid("1.2.840.113549.1.7.1"), der.explicit(0, der.octet_string(_PAYLOAD)))
    data = der.sequence(der.integer(1), der.tlv(der.SET, b""), content, der.tlv(der.SET, b""))
    cms = der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, data))
    return kit.detached(entity=_enclosed(cms))


@invalid("copies-below-compressed", "what is signed is compressed", "fail", "sender-changed")
def copies_below_compressed(kit: Kit) -> bytes:
    return kit.detached(entity=_compressed(_PAYLOAD))


@invalid("message-below-compressed", "a whole message of somebody else, compressed", "fail", "sender-changed")
def message_below_compressed(kit: Kit) -> bytes:
    return kit.detached(entity=_compressed(b"Content-Type: message/rfc822\r\n\r\n" + fields(From=_OTHER) + ENTITY))


@invalid("copies-below-pgp", "a layer of the other standard", "fail", "sender-changed")
def copies_below_pgp(kit: Kit) -> bytes:
    kind = b'multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256; boundary=pgp'
    signature = b"Content-Type: application/pgp-signature\r\n\r\nx\r\n"
    parts = b"--pgp\r\n" + _PAYLOAD + b"\r\n--pgp\r\n" + signature + b"--pgp--\r\n"
    return kit.detached(entity=b"Content-Type: " + kind + b"\r\n\r\n" + parts)


@invalid("copies-below-six", "more layers than anybody puts on each other", "fail", "sender-changed")
def copies_below_six(kit: Kit) -> bytes:
    return fields() + _wrapped(kit, _PAYLOAD, 6)


@invalid("copies-below-twelve", "more layers than are taken off", "neutral", "too-deep")
def copies_below_twelve(kit: Kit) -> bytes:
    return fields() + _wrapped(kit, _PAYLOAD, 12)


@invalid("opaque-bomb", "compressed to a thousandth", "fail", "sender-changed")
def opaque_bomb(kit: Kit) -> bytes:
    return kit.detached(entity=_compressed(_PAYLOAD + bytes(100 << 20)))


@valid("own-copies-below-opaque", "the sender's own copies below two layers")
def own_copies_below_opaque(kit: Kit) -> bytes:
    return kit.detached(entity=_opaque(kit, _OWN_PAYLOAD))


@valid("own-copies-below-compressed", "the same, compressed (RFC 3274)")
def own_copies_below_compressed(kit: Kit) -> bytes:
    return kit.detached(entity=_compressed(_OWN_PAYLOAD))


@valid("triple-without-copies", "signed three times by hand, without copies", warning="headers-not-protected")
def triple_without_copies(kit: Kit) -> bytes:
    return kit.opaque(kit.cms(_opaque(kit, _wrapped(kit, ENTITY, 1)), carry=True))


# ---------------------------------------------------------------- the mark


def _marked(kit: Kit, parameter: str) -> bytes:
    return said_inside(kit, f"text/plain; {parameter}")


@invalid("mark-with-comment", "a comment in the mark, which some readers leave out", "fail", "sender-changed")
def mark_with_comment(kit: Kit) -> bytes:
    return _marked(kit, 'hp (a) = "clear"')


@invalid("mark-with-comments", "the same without spaces, twice", "fail", "sender-changed")
def mark_with_comments(kit: Kit) -> bytes:
    return _marked(kit, 'hp(a)(b)="clear"')


@invalid("mark-in-quotes", "the mark's name in quotation marks", "fail", "sender-changed")
def mark_in_quotes(kit: Kit) -> bytes:
    return _marked(kit, '"hp"="clear"')


# ---------------------------------------------------------------- whole messages


@invalid("forwarded-and-not", "a message inside is forwarded to one reader, and itself to another", "fail")
def forwarded_and_not(kit: Kit) -> bytes:
    return enclosing(kit, "message/rfc822; forwarded=yes; forwarded=no")


@invalid("forwarded-unknown", "a message inside, of which nothing known is said", "fail", "sender-changed")
def forwarded_unknown(kit: Kit) -> bytes:
    return enclosing(kit, 'message/rfc822; forwarded=""')


@invalid("message-by-second-type", "the second of two types makes it somebody else's message", "neutral")
def message_by_second_type(kit: Kit) -> bytes:
    return enclosing(kit, "text/plain\r\nContent-Type: message/rfc822")
