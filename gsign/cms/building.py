"""A SignedData of one signer, built: concatenation of DER around what the signer returns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from gsign import der
from gsign.cms.identifiers import (
    EC_PUBLIC_KEY,
    ID_ALGORITHM_PROTECTION,
    ID_CONTENT_TYPE,
    ID_DATA,
    ID_MESSAGE_DIGEST,
    ID_SIGNED_DATA,
    ID_SIGNING_CERTIFICATE_V2,
    ID_SIGNING_TIME,
    ID_TIMESTAMP_TOKEN,
    RSA_ENCRYPTION,
    CmsError,
    digest_identifier,
    issuer_and_serial,
    signature_identifier,
)
from gsign.signer import Algorithm, Digest

__all__ = ["SignedAttributes", "assemble", "assemble_around", "attribute", "signed_attributes", "size_of"]

Pieces = list[bytes | memoryview]


class SignedAttributes(NamedTuple):
    """Signed attributes of one signature: `to_sign` is what the key signs, a DER SET OF (RFC 5652 5.4)."""

    certificate: bytes
    algorithm: Algorithm
    to_sign: bytes


def attribute(oid: str, value: bytes) -> bytes:
    """Write an attribute of one value (RFC 5652 5.3).

    Args:
        oid: its type.
        value: DER.
    """
    return der.sequence(der.oid(oid), der.tlv(der.SET, value))


@lru_cache(maxsize=64)
def _fixed_attributes(certificate: bytes, algorithm: Algorithm, content_type: str) -> tuple[bytes, ...]:
    digest = algorithm.digest
    certificate_id = der.octet_string(digest.new(certificate).digest())
    if digest is not Digest.SHA256:  # DEFAULT id-sha256 is left out in DER (RFC 5035 section 4)
        certificate_id = digest_identifier(digest) + certificate_id
    protection = digest_identifier(digest) + der.context(1, der.parse(signature_identifier(algorithm)).content)
    return (
        attribute(ID_CONTENT_TYPE, der.oid(content_type)),
        attribute(ID_SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(der.sequence(certificate_id)))),
        attribute(ID_ALGORITHM_PROTECTION, der.sequence(protection)),
    )


def signed_attributes(
    certificate: bytes,
    algorithm: Algorithm,
    message_digest: bytes,
    *,
    signing_time: datetime | None = None,
    content_type: str = ID_DATA,
    others: Iterable[bytes] = (),
) -> SignedAttributes:
    """Make the attributes that a signature covers.

    Args:
        certificate: DER of the signer's certificate, bound by signing-certificate-v2 (RFC 5035).
        algorithm: scheme and digest.
        message_digest: digest of the content by `algorithm.digest`.
        signing_time: written only where given; a PAdES signature carries it in /M instead (EN 319 142-1 6.3).
        content_type: type of the signed content.
        others: further attributes, each made by `attribute`.
    """
    further = [*others]
    if signing_time is not None:
        further.append(attribute(ID_SIGNING_TIME, der.utc_time(signing_time)))
    if not further and len(message_digest) == algorithm.digest.size:
        return SignedAttributes(
            certificate, algorithm, message_digest.join(_around_digest(certificate, algorithm, content_type))
        )
    attributes = [
        *_fixed_attributes(certificate, algorithm, content_type),
        attribute(ID_MESSAGE_DIGEST, der.octet_string(message_digest)),
        *further,
    ]
    return SignedAttributes(certificate, algorithm, der.set_of(attributes))


@lru_cache(maxsize=64)
def _around_digest(certificate: bytes, algorithm: Algorithm, content_type: str) -> tuple[bytes, bytes]:
    """Write what stands before and behind the digest in attributes that differ in nothing else."""
    # Their order is that of what stands in front of their values (X.690 11.6): it is the same with any digest.
    stand_in = attribute(ID_MESSAGE_DIGEST, der.octet_string(bytes(algorithm.digest.size)))
    whole = der.set_of([*_fixed_attributes(certificate, algorithm, content_type), stand_in])
    end = whole.index(stand_in) + len(stand_in)
    return whole[: end - algorithm.digest.size], whole[end:]


def assemble(
    attributes: SignedAttributes,
    signature: bytes,
    *,
    chain: tuple[bytes, ...] = (),
    timestamp_token: bytes | None = None,
) -> bytes:
    """Assemble a detached SignedData of one signer in DER.

    Args:
        attributes: what was signed.
        signature: what the signer returned for `attributes.to_sign`.
        chain: DER of further certificates to carry.
        timestamp_token: RFC 3161 TimeStampToken over `signature`, for level B-T.
    """
    if timestamp_token is not None:
        return _assemble(attributes, signature, chain, timestamp_token)
    values = der.parse(attributes.to_sign).content
    frame = _frame(attributes.certificate, attributes.algorithm, chain, len(values), len(signature))
    return b"".join((frame[0], values, frame[1], signature))


@lru_cache(maxsize=64)
def _frame(
    certificate: bytes, algorithm: Algorithm, chain: tuple[bytes, ...], values_size: int, signature_size: int
) -> tuple[bytes, bytes]:
    """Write what stands before the values of the signed attributes and between them and the signature, of these sizes.

    Nothing stands behind the signature where there is no timestamp.
    """
    stand_in = SignedAttributes(certificate, algorithm, der.tlv(der.SET, bytes(values_size)))
    whole = _assemble(stand_in, bytes(signature_size), chain, None)
    between = signature_identifier(algorithm) + der.header(der.OCTET_STRING, signature_size)
    return whole[: len(whole) - signature_size - len(between) - values_size], between


def _assemble(
    attributes: SignedAttributes, signature: bytes, chain: tuple[bytes, ...], timestamp_token: bytes | None
) -> bytes:
    encapsulated = der.sequence(der.oid(ID_DATA))
    parts = _around_content(attributes, signature, chain, timestamp_token)
    signed_data = der.sequence(*parts.before, encapsulated, *parts.after)
    return der.sequence(der.oid(ID_SIGNED_DATA), der.explicit(0, signed_data))


def assemble_around(
    attributes: SignedAttributes,
    signature: bytes,
    content: Pieces,
    *,
    chain: tuple[bytes, ...] = (),
    timestamp_token: bytes | None = None,
) -> Pieces:
    """Assemble a SignedData of one signer that carries its content, in DER; none of the content is copied.

    Args:
        attributes: what was signed.
        signature: what the signer returned for `attributes.to_sign`.
        content: pieces of what was digested, of type id-data.
        chain: DER of further certificates to carry.
        timestamp_token: RFC 3161 TimeStampToken over `signature`.
    """
    octets = der.around(0xA0, der.around(der.OCTET_STRING, content))
    encapsulated = der.around(der.SEQUENCE, [der.oid(ID_DATA), *octets])
    parts = _around_content(attributes, signature, chain, timestamp_token)
    signed_data = der.around(der.SEQUENCE, [*parts.before, *encapsulated, *parts.after])
    return der.around(der.SEQUENCE, [der.oid(ID_SIGNED_DATA), *der.around(0xA0, signed_data)])


class _Parts(NamedTuple):
    """What stands in a SignedData before and behind its encapContentInfo."""

    before: tuple[bytes, ...]
    after: tuple[bytes, ...]


def _around_content(
    attributes: SignedAttributes, signature: bytes, chain: tuple[bytes, ...], timestamp_token: bytes | None
) -> _Parts:
    fixed = _fixed_parts(attributes.certificate, attributes.algorithm, chain)
    signer_info = [
        fixed.signer,
        der.tlv(0xA0, der.parse(attributes.to_sign).content),
        signature_identifier(attributes.algorithm),
        der.octet_string(signature),
    ]
    if timestamp_token is not None:
        signer_info.append(der.context(1, attribute(ID_TIMESTAMP_TOKEN, timestamp_token)))
    return _Parts(
        before=(der.integer(1), fixed.digests),
        after=(fixed.certificates, der.set_of([der.sequence(*signer_info)])),
    )


class _FixedParts(NamedTuple):
    """What is the same in all signatures of one key: the head of its SignerInfo, the digests, the certificates."""

    signer: bytes
    digests: bytes
    certificates: bytes


@lru_cache(maxsize=64)
def _fixed_parts(certificate: bytes, algorithm: Algorithm, chain: tuple[bytes, ...]) -> _FixedParts:
    issuer, serial = issuer_and_serial(certificate)
    digest = digest_identifier(algorithm.digest)
    return _FixedParts(
        signer=der.integer(1) + der.sequence(issuer, serial) + digest,
        digests=der.set_of([digest]),
        certificates=der.context(0, b"".join(sorted(dict.fromkeys((certificate, *chain))))),
    )


@lru_cache(maxsize=64)
def size_of(certificate: bytes, algorithm: Algorithm, chain: tuple[bytes, ...]) -> int:
    """Return an upper bound, in bytes, of what `assemble` makes without a timestamp.

    Exact but for the signature, of which ECDSA's varies; a signing time and grown length octets are allowed for.
    """
    attributes = signed_attributes(certificate, algorithm, bytes(algorithm.digest.size))
    return len(assemble(attributes, bytes(_signature_size(certificate)), chain=chain)) + 64


def _signature_size(certificate: bytes) -> int:
    """Tell how long a signature of this certificate's key is, without the library that would load the key."""
    fields = der.parse(certificate).children()[0].children()
    algorithm, bits = fields[6 if fields[0].tag == 0xA0 else 5].children()
    kind, key = algorithm.children()[0].oid(), bits.expect(der.BIT_STRING).content[1:]
    if kind == RSA_ENCRYPTION:
        return (der.parse(key).children()[0].integer().bit_length() + 7) // 8
    if kind == EC_PUBLIC_KEY and key[:1] == b"\x04":
        # Two integers, each with a sign octet and a header, in a SEQUENCE.
        return 2 * (len(key) // 2 + 4) + 4
    raise CmsError("key-and-algorithm-differ")
