"""More attacks on the CMS: its encoding, digests, keys, and who is said to have signed (RFC 5652, X.690)."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from tests.mailcorpus.cms import Attributes, Signing, attribute, signed_data
from tests.mailcorpus.kit import ENTITY, Kit
from tests.mailcorpus.model import invalid
from tests.pki import PERSON

_COUNTER_SIGNATURE = "1.2.840.113549.1.9.6"


def _digest(value: bytes):
    """Put another value in the place of the message digest."""

    def change(attributes: Attributes) -> Attributes:
        others = [a for a in attributes if a["type"].native != "message_digest"]
        return [*others, attribute("message_digest", value)]

    return change


def _rewritten(data: bytes, change) -> bytes:
    """Let something change a SignedData after it was signed."""
    info = cms.ContentInfo.load(data)
    change(info["content"])
    return info.dump(force=True)


def with_unsigned(kit: Kit, kind: str, value: bytes, **changes: object) -> bytes:
    """Make a SignedData of ENTITY with an unsigned attribute.

    Args:
        kit: who signs.
        kind: OID of the attribute.
        value: DER of its value.
        **changes: those of Signing.
    """

    def change(signed: cms.SignedData) -> None:
        contents = core.ObjectIdentifier(kind).dump() + core.Set(contents=value).dump()
        one = core.Sequence(contents=contents).dump()
        signed["signer_infos"][0]["unsigned_attrs"] = [cms.CMSAttribute.load(one)]

    return _rewritten(kit.cms(**changes), change)


# ---------------------------------------------------------------- encoding


@invalid("empty-content-inside", "a detached signature that brings an empty content", "neutral", "content-not-detached")
def empty_content_inside(kit: Kit) -> bytes:
    return kit.detached(signed_data(ENTITY, Signing(kit.person), econtent=b""))


@invalid(
    "said-to-be-encrypted", "the CMS calls encrypted what its attributes call data", "neutral", "content-type-wrong"
)
def said_to_be_encrypted(kit: Kit) -> bytes:
    def change(signed: cms.SignedData) -> None:
        signed["encap_content_info"]["content_type"] = "enveloped_data"

    return kit.detached(_rewritten(kit.cms(), change))


@invalid("zeros-behind", "zeros behind the CMS", "neutral", "cms-malformed")
def zeros_behind(kit: Kit) -> bytes:
    return kit.detached(kit.cms() + bytes(16))


@invalid("two-cms", "a second CMS behind the first, the sender's own", "neutral", "cms-malformed")
def two_cms(kit: Kit) -> bytes:
    return kit.opaque(kit.cms(who=kit.other, carry=True) + kit.cms(carry=True))


@invalid("endless-indefinite", "an indefinite length without its end", "neutral", "cms-malformed")
def endless_indefinite(kit: Kit) -> bytes:
    data = kit.cms()
    return kit.detached(b"\x30\x80" + data[4:])


@invalid("indefinite-primitive", "an indefinite length of what has no parts", "neutral", "cms-malformed")
def indefinite_primitive(kit: Kit) -> bytes:
    return kit.detached(b"\x30\x80\x06\x80\x00\x00\x00\x00")


@invalid("content-in-pieces-changed", "a piece of the content inside is another", "fail", "message-digest-wrong")
def content_in_pieces_changed(kit: Kit) -> bytes:
    return kit.opaque(in_pieces(kit, ENTITY.replace(b"8 gi", b"9 gi")))


def in_pieces(kit: Kit, shown: bytes, size: int = 20) -> bytes:
    """Write an opaque SignedData whose content is an OCTET STRING in pieces, of indefinite lengths (X.690 8.7.3).

    Args:
        kit: who signs ENTITY.
        shown: what is carried.
        size: of a piece.
    """
    signed = cms.ContentInfo.load(kit.cms(carry=True))["content"]
    pieces = b"".join(core.OctetString(shown[at : at + size]).dump() for at in range(0, len(shown), size))
    content = b"\xa0\x80" + b"\x24\x80" + pieces + b"\0\0" + b"\0\0"
    encapsulated = b"\x30\x80" + core.ObjectIdentifier("1.2.840.113549.1.7.1").dump() + content + b"\0\0"
    before = signed["version"].dump() + signed["digest_algorithms"].dump()
    after = signed["certificates"].dump() + signed["signer_infos"].dump()
    inner = b"\x30\x80" + before + encapsulated + after + b"\0\0"
    return b"\x30\x80" + core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + b"\xa0\x80" + inner + b"\0\0" * 2


# ---------------------------------------------------------------- digests and signatures


@invalid("digest-of-another-kind", "the digest is by another algorithm than named", "fail", "message-digest-wrong")
def digest_of_another_kind(kit: Kit) -> bytes:
    return kit.detached(kit.cms(change=_digest(hashlib.sha512(ENTITY).digest())))


@invalid("digest-cut", "the first half of the right digest", "fail", "message-digest-wrong")
def digest_cut(kit: Kit) -> bytes:
    return kit.detached(kit.cms(change=_digest(hashlib.sha256(ENTITY).digest()[:16])))


@invalid("digest-longer", "the right digest and an octet", "fail", "message-digest-wrong")
def digest_longer(kit: Kit) -> bytes:
    return kit.detached(kit.cms(change=_digest(hashlib.sha256(ENTITY).digest() + b"\0")))


@invalid("digest-empty", "an empty digest", "fail", "message-digest-wrong")
def digest_empty(kit: Kit) -> bytes:
    return kit.detached(kit.cms(change=_digest(b"")))


def _with_signature(kit: Kit, value: bytes, **changes: object) -> bytes:
    def change(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["signature"] = value

    return kit.detached(_rewritten(kit.cms(**changes), change))


@invalid("signature-empty", "no octets where the signature is", "fail", "signature-wrong")
def signature_empty(kit: Kit) -> bytes:
    return _with_signature(kit, b"")


@invalid("signature-zero", "an RSA signature that is zero", "fail", "signature-wrong")
def signature_zero(kit: Kit) -> bytes:
    return _with_signature(kit, bytes(256))


@invalid("ecdsa-zero", "an ECDSA signature of zeros, which bad programs took (CVE-2022-21449)", "fail")
def ecdsa_zero(kit: Kit) -> bytes:
    return _with_signature(kit, bytes.fromhex("3006020100020100"), who=kit.person_ec, scheme="ecdsa")


@invalid("rsa-with-curve-key", "RSA is named where the key is on a curve", "neutral", "key-and-algorithm-differ")
def rsa_with_curve_key(kit: Kit) -> bytes:
    return kit.detached(kit.cms(who=kit.person_ec, scheme="ecdsa", said_scheme="pkcs1"))


# ---------------------------------------------------------------- who signed


@invalid("counter-signed-by-sender", "the sender's signature over another one's", "fail", "signer-not-sender")
def counter_signed_by_sender(kit: Kit) -> bytes:
    theirs = cms.ContentInfo.load(kit.cms(who=kit.other))["content"]["signer_infos"][0]["signature"].native
    mine = cms.ContentInfo.load(signed_data(theirs, Signing(kit.person)))["content"]["signer_infos"][0]
    counter = with_unsigned(kit, _COUNTER_SIGNATURE, mine.dump(), who=kit.other)
    return kit.detached(counter)


@invalid("same-issuer-and-serial", "a certificate of the attacker's, named as the sender's", "policy")
def same_issuer_and_serial(kit: Kit) -> bytes:
    return kit.detached(_named_alike(kit, is_first=True))


@invalid("same-issuer-and-serial-behind", "the same behind the sender's own", "fail", "signature-wrong")
def same_issuer_and_serial_behind(kit: Kit) -> bytes:
    return kit.detached(_named_alike(kit, is_first=False))


def _named_alike(kit: Kit, *, is_first: bool) -> bytes:
    """Sign with a key of one's own, and a certificate of the sender's issuer and serial number that nobody issued."""
    victim = x509.load_der_x509_certificate(kit.person.der)
    key = rsa.generate_private_key(65537, 2048)
    made = x509.CertificateBuilder(
        victim.issuer,
        victim.subject,
        key.public_key(),
        victim.serial_number,
        victim.not_valid_before_utc,
        victim.not_valid_after_utc,
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(str(PERSON.email))]), critical=False)
    forged = made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    forger = SimpleNamespace(der=forged, chain=(), key=key)
    signed = cms.ContentInfo.load(signed_data(ENTITY, Signing(forger)))["content"]  # type: ignore[arg-type]
    # Written by hand: a SET OF in DER would be sorted.
    own = (forged, kit.person.der) if is_first else (kit.person.der, forged)
    found = b"".join((*own, kit.pki.intermediate.identity.der))
    body = signed.contents.replace(signed["certificates"].dump(), b"\xa0" + _length(len(found)) + found)
    whole = b"\x30" + _length(len(body)) + body
    outer = core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + b"\xa0" + _length(len(whole)) + whole
    return b"\x30" + _length(len(outer)) + outer


def _length(number: int) -> bytes:
    octets = number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")
    return bytes((number,)) if number < 0x80 else bytes((0x80 | len(octets),)) + octets


@invalid("named-by-another-key", "the signer is named by the identifier of a key that is not there", "fail")
def named_by_another_key(kit: Kit) -> bytes:
    return kit.detached(signed_data(ENTITY, Signing(kit.person, by_key_id=True), certificates=[kit.agency]))
