"""CMS SignedData with one detached signature, built and read (RFC 5652, RFC 5035, RFC 6211, ETSI EN 319 122-1).

Building is concatenation of DER around what the signer returns; reading keeps the exact bytes, tolerates BER, and
parses attributes one at a time, only those that are asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gsign import der
from gsign.der import Node
from gsign.signer import Algorithm, Digest, Scheme

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

__all__ = [
    "ID_DATA",
    "ID_SIGNED_DATA",
    "ID_TIMESTAMP_TOKEN",
    "ID_TST_INFO",
    "CmsError",
    "SignedAttributes",
    "SignedData",
    "SignerInfo",
    "assemble",
    "issuer_and_serial",
    "read",
    "signed_attributes",
    "size_of",
    "verify_signer_info",
]

ID_DATA: Final = "1.2.840.113549.1.7.1"
ID_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
ID_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
ID_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
ID_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
ID_SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
ID_ALGORITHM_PROTECTION: Final = "1.2.840.113549.1.9.52"
ID_SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.12"
ID_SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"
ID_TIMESTAMP_TOKEN: Final = "1.2.840.113549.1.9.16.2.14"  # noqa: S105 - an object identifier

_DIGEST_OIDS: Final = {
    Digest.SHA256: "2.16.840.1.101.3.4.2.1",
    Digest.SHA384: "2.16.840.1.101.3.4.2.2",
    Digest.SHA512: "2.16.840.1.101.3.4.2.3",
    Digest.SHA3_256: "2.16.840.1.101.3.4.2.8",
    Digest.SHA3_384: "2.16.840.1.101.3.4.2.9",
    Digest.SHA3_512: "2.16.840.1.101.3.4.2.10",
}
# Names as `hashlib` knows them. SHA-1 is read, never written: a dated policy says what it is worth.
_DIGESTS_READ: Final = {oid: digest.value for digest, oid in _DIGEST_OIDS.items()} | {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.6": "sha512-256",
}
_RSA_ENCRYPTION: Final = "1.2.840.113549.1.1.1"
_SIGNATURE_OIDS: Final = {
    (Scheme.PKCS1, Digest.SHA256): "1.2.840.113549.1.1.11",
    (Scheme.PKCS1, Digest.SHA384): "1.2.840.113549.1.1.12",
    (Scheme.PKCS1, Digest.SHA512): "1.2.840.113549.1.1.13",
    # The identifiers of RFC 9688 are hardly read yet; this one leaves the digest to digestAlgorithm, which all read.
    (Scheme.PKCS1, Digest.SHA3_256): _RSA_ENCRYPTION,
    (Scheme.PKCS1, Digest.SHA3_384): _RSA_ENCRYPTION,
    (Scheme.PKCS1, Digest.SHA3_512): _RSA_ENCRYPTION,
    (Scheme.ECDSA, Digest.SHA256): "1.2.840.10045.4.3.2",
    (Scheme.ECDSA, Digest.SHA384): "1.2.840.10045.4.3.3",
    (Scheme.ECDSA, Digest.SHA512): "1.2.840.10045.4.3.4",
    (Scheme.ECDSA, Digest.SHA3_256): "2.16.840.1.101.3.4.3.10",
    (Scheme.ECDSA, Digest.SHA3_384): "2.16.840.1.101.3.4.3.11",
    (Scheme.ECDSA, Digest.SHA3_512): "2.16.840.1.101.3.4.3.12",
}
_RSA_PSS: Final = "1.2.840.113549.1.1.10"
_MGF1: Final = "1.2.840.113549.1.1.8"
# Signature algorithm → scheme and digest; None for the digest where digestAlgorithm alone says it.
_SIGNATURES_READ: Final[dict[str, tuple[Scheme, str | None]]] = {
    oid: (scheme, digest.value) for (scheme, digest), oid in _SIGNATURE_OIDS.items()
} | {
    _RSA_ENCRYPTION: (Scheme.PKCS1, None),
    "2.16.840.1.101.3.4.3.14": (Scheme.PKCS1, "sha3-256"),
    "2.16.840.1.101.3.4.3.15": (Scheme.PKCS1, "sha3-384"),
    "2.16.840.1.101.3.4.3.16": (Scheme.PKCS1, "sha3-512"),
    "1.2.840.113549.1.1.5": (Scheme.PKCS1, "sha1"),
    "1.2.840.113549.1.1.14": (Scheme.PKCS1, "sha224"),
    "1.2.840.10045.4.1": (Scheme.ECDSA, "sha1"),
    "1.2.840.10045.4.3.1": (Scheme.ECDSA, "sha224"),
}


class CmsError(ValueError):
    """A SignedData or a signature in it is off; `reason` is a stable kebab-case identifier."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# ---------------------------------------------------------------- building


def digest_identifier(digest: Digest) -> bytes:
    """Write a digest's AlgorithmIdentifier, parameters absent (RFC 5754 section 2)."""
    return der.sequence(der.oid(_DIGEST_OIDS[digest]))


def signature_identifier(algorithm: Algorithm) -> bytes:
    """Write a signature's AlgorithmIdentifier (RFC 5754 section 3, RFC 4056, RFC 8702)."""
    if algorithm.scheme is Scheme.PSS:
        hash_identifier = digest_identifier(algorithm.digest)
        return der.sequence(
            der.oid(_RSA_PSS),
            der.sequence(
                der.explicit(0, hash_identifier),
                der.explicit(1, der.sequence(der.oid(_MGF1), hash_identifier)),
                der.explicit(2, der.integer(algorithm.digest.size)),
            ),
        )
    oid = der.oid(_SIGNATURE_OIDS[algorithm.scheme, algorithm.digest])
    return der.sequence(oid, der.NULL) if algorithm.scheme is Scheme.PKCS1 else der.sequence(oid)


def issuer_and_serial(certificate: bytes) -> tuple[bytes, bytes]:
    """Return the DER of a certificate's issuer name and of its serial number."""
    fields = der.parse(certificate).children()[0].children()
    at = 1 if fields[0].tag == 0xA0 else 0
    return fields[at + 2].raw, fields[at].raw


@dataclass(frozen=True, slots=True)
class SignedAttributes:
    """Signed attributes of one signature: `to_sign` is what the key signs, a DER SET OF (RFC 5652 5.4)."""

    certificate: bytes
    algorithm: Algorithm
    to_sign: bytes


def _attribute(oid: str, value: bytes) -> bytes:
    return der.sequence(der.oid(oid), der.tlv(der.SET, value))


@lru_cache(maxsize=64)
def _fixed_attributes(certificate: bytes, algorithm: Algorithm, content_type: str) -> tuple[bytes, ...]:
    digest = algorithm.digest
    certificate_id = der.octet_string(digest.new(certificate).digest())
    if digest is not Digest.SHA256:  # DEFAULT id-sha256 is left out in DER (RFC 5035 section 4)
        certificate_id = digest_identifier(digest) + certificate_id
    protection = digest_identifier(digest) + der.context(1, der.parse(signature_identifier(algorithm)).content)
    return (
        _attribute(ID_CONTENT_TYPE, der.oid(content_type)),
        _attribute(ID_SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(der.sequence(certificate_id)))),
        _attribute(ID_ALGORITHM_PROTECTION, der.sequence(protection)),
    )


def signed_attributes(
    certificate: bytes,
    algorithm: Algorithm,
    message_digest: bytes,
    *,
    signing_time: datetime | None = None,
    content_type: str = ID_DATA,
) -> SignedAttributes:
    """Make the attributes that a signature covers.

    Args:
        certificate: DER of the signer's certificate, bound by signing-certificate-v2 (RFC 5035).
        algorithm: scheme and digest.
        message_digest: digest of the content by `algorithm.digest`.
        signing_time: written only where given; a PAdES signature carries it in /M instead (EN 319 142-1 6.3).
        content_type: type of the signed content.
    """
    attributes = [
        *_fixed_attributes(certificate, algorithm, content_type),
        _attribute(ID_MESSAGE_DIGEST, der.octet_string(message_digest)),
    ]
    if signing_time is not None:
        attributes.append(_attribute(ID_SIGNING_TIME, der.utc_time(signing_time)))
    return SignedAttributes(certificate, algorithm, der.set_of(attributes))


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
    issuer, serial = issuer_and_serial(attributes.certificate)
    signer_info = [
        der.integer(1),
        der.sequence(issuer, serial),
        digest_identifier(attributes.algorithm.digest),
        der.tlv(0xA0, der.parse(attributes.to_sign).content),
        signature_identifier(attributes.algorithm),
        der.octet_string(signature),
    ]
    if timestamp_token is not None:
        signer_info.append(der.context(1, _attribute(ID_TIMESTAMP_TOKEN, timestamp_token)))
    certificates = sorted(dict.fromkeys((attributes.certificate, *chain)))
    signed_data = der.sequence(
        der.integer(1),
        der.set_of([digest_identifier(attributes.algorithm.digest)]),
        der.sequence(der.oid(ID_DATA)),
        der.context(0, b"".join(certificates)),
        der.set_of([der.sequence(*signer_info)]),
    )
    return der.sequence(der.oid(ID_SIGNED_DATA), der.explicit(0, signed_data))


@lru_cache(maxsize=64)
def size_of(certificate: bytes, algorithm: Algorithm, chain: tuple[bytes, ...]) -> int:
    """Return an upper bound, in bytes, of what `assemble` makes without a timestamp.

    Exact but for the signature, of which ECDSA's varies; a signing time and grown length octets are allowed for.
    """
    attributes = signed_attributes(certificate, algorithm, bytes(algorithm.digest.size))
    return len(assemble(attributes, bytes(_signature_size(certificate)), chain=chain)) + 64


def _signature_size(certificate: bytes) -> int:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    key = _public_key(certificate)
    if isinstance(key, rsa.RSAPublicKey):
        return (key.key_size + 7) // 8
    if isinstance(key, ec.EllipticCurvePublicKey):
        # Two integers, each with a sign octet and a header, in a SEQUENCE.
        return 2 * ((key.key_size + 7) // 8 + 4) + 4
    raise CmsError("key-and-algorithm-differ")


# ---------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signer's part of a SignedData, attributes unparsed but for their types."""

    issuer: bytes | None
    serial: bytes | None
    key_identifier: bytes | None
    digest: str
    """Name of the digest as `hashlib` spells it, with hyphens."""
    scheme: Scheme
    signature_identifier: Node
    digest_identifier: Node
    signature: bytes
    signed: Node | None
    signed_attributes: Mapping[str, list[Node]]
    unsigned_attributes: Mapping[str, list[Node]]

    def identifies(self, certificate: bytes) -> bool:
        """Say whether the signer identifier names this certificate."""
        if self.key_identifier is not None:
            return subject_key_identifier(certificate) == self.key_identifier
        return issuer_and_serial(certificate) == (self.issuer, self.serial)

    def signed_value(self, oid: str) -> Node | None:
        """Return the only value of a signed attribute, None where it is absent.

        Raises:
            CmsError: `attribute-repeated` where it stands twice or has several values.
        """
        return _only_value(self.signed_attributes, oid)

    def timestamp_token(self) -> bytes | None:
        """Return the signature timestamp, if there is one."""
        found = self.unsigned_attributes.get(ID_TIMESTAMP_TOKEN)
        if not found:
            return None
        values = found[0].children()
        return values[0].raw if values else None


@dataclass(frozen=True, slots=True)
class SignedData:
    """A SignedData as read; certificates as DER in the order found."""

    content_type: str
    econtent: bytes | None
    certificates: tuple[bytes, ...]
    signer_infos: tuple[SignerInfo, ...]

    def signer_certificate(self, info: SignerInfo) -> bytes | None:
        """Return the certificate that `info` names and that its signing-certificate attribute binds, if carried."""
        named = [c for c in dict.fromkeys(self.certificates) if info.identifies(c)]
        return next((c for c in named if _bound(info, c) is not False), named[0] if named else None)


def read(data: bytes, *, trailing: bool = False) -> SignedData:
    """Read a ContentInfo that holds a SignedData.

    Args:
        data: DER or BER.
        trailing: allow octets behind the value, such as the zeros that pad /Contents.

    Raises:
        CmsError: `cms-malformed`, or `algorithm-unknown` where a digest or signature algorithm is none we know.
    """
    try:
        return _read_content_info(der.parse(data, trailing=trailing))
    except CmsError:
        raise
    except (ValueError, IndexError) as error:  # also what unpacks into too few or too many parts
        raise CmsError("cms-malformed") from error


def _read_content_info(node: Node) -> SignedData:
    content_type, content = node.expect(der.SEQUENCE).children()
    if content_type.oid() != ID_SIGNED_DATA:
        raise CmsError("cms-malformed")
    fields = content.expect(0xA0).children()[0].expect(der.SEQUENCE).children()
    fields[0].expect(der.INTEGER)
    fields[1].expect(der.SET)
    encapsulated = fields[2].expect(der.SEQUENCE).children()
    certificates: tuple[bytes, ...] = ()
    rest = fields[3:]
    if rest and rest[0].tag == 0xA0:
        # Attribute certificates and other formats ([1]…[3]) are passed over: none of them is a signer's.
        certificates = tuple(c.raw for c in rest[0].children() if c.tag == der.SEQUENCE)
        rest = rest[1:]
    if rest and rest[0].tag == 0xA1:
        rest = rest[1:]
    if len(rest) != 1:
        raise CmsError("cms-malformed")
    econtent = encapsulated[1].expect(0xA0).children()[0].octets() if len(encapsulated) > 1 else None
    signer_infos = tuple(_read_signer_info(n) for n in rest[0].expect(der.SET).children())
    return SignedData(encapsulated[0].oid(), econtent, certificates, signer_infos)


def _read_signer_info(node: Node) -> SignerInfo:
    fields = node.expect(der.SEQUENCE).children()
    fields[0].expect(der.INTEGER)
    issuer = serial = key_identifier = None
    if fields[1].tag == der.SEQUENCE:
        issuer_node, serial_node = fields[1].children()
        issuer, serial = issuer_node.raw, serial_node.raw
    else:
        key_identifier = fields[1].octets() if fields[1].tag == 0xA0 else fields[1].expect(0x80).content
    signed = fields[3] if fields[3].tag == 0xA0 else None
    at = 4 if signed else 3
    digest = _DIGESTS_READ.get(fields[2].expect(der.SEQUENCE).children()[0].oid())
    scheme = _read_scheme(fields[at].expect(der.SEQUENCE), digest)
    unsigned = fields[at + 2] if len(fields) > at + 2 else None
    if digest is None or scheme is None:
        raise CmsError("algorithm-unknown")
    return SignerInfo(
        issuer=issuer,
        serial=serial,
        key_identifier=key_identifier,
        digest=digest,
        scheme=scheme,
        signature_identifier=fields[at],
        digest_identifier=fields[2],
        signature=fields[at + 1].octets(),
        signed=signed,
        signed_attributes=_read_attributes(signed),
        unsigned_attributes=_read_attributes(unsigned.expect(0xA1) if unsigned else None),
    )


def _read_scheme(identifier: Node, digest: str | None) -> Scheme | None:
    oid = identifier.children()[0].oid()
    if oid == _RSA_PSS:
        return Scheme.PSS
    scheme, own_digest = _SIGNATURES_READ.get(oid, (None, None))
    if own_digest is not None and own_digest != digest:
        raise CmsError("algorithms-differ")
    return scheme


def _read_attributes(node: Node | None) -> dict[str, list[Node]]:
    """Map each attribute type to its SETs of values; a value is parsed only when it is asked for."""
    attributes: dict[str, list[Node]] = {}
    if node is None:
        return attributes
    for attribute in node.children():
        kind, values = attribute.expect(der.SEQUENCE).children()
        attributes.setdefault(kind.oid(), []).append(values.expect(der.SET))
    return attributes


def _only_value(attributes: Mapping[str, list[Node]], oid: str) -> Node | None:
    found = attributes.get(oid)
    if found is None:
        return None
    values = found[0].children()
    if len(found) != 1 or len(values) != 1:
        raise CmsError("attribute-repeated")
    return values[0]


# ---------------------------------------------------------------- checking


def verify_signer_info(
    info: SignerInfo, certificate: bytes, content_digest: bytes, content_type: str = ID_DATA
) -> None:
    """Check that `certificate`'s key signed content of this digest.

    (1) signed attributes are there; (2) content type as expected; (3) message digest; (4) signing certificate, where
    one is bound; (5) algorithm protection, where present (RFC 6211); (6) the signature itself.

    Args:
        info: the signer's part.
        certificate: DER of the certificate that `info` names.
        content_digest: digest of the content by `info.digest`.
        content_type: OID of the content.

    Raises:
        CmsError: the first of these that does not hold.
    """
    try:
        message = _to_verify(info)
        _check_attributes(info, certificate, content_digest, content_type)
        _check_signature(info, certificate, message)
    except CmsError:
        raise
    except (ValueError, IndexError) as error:
        raise CmsError("cms-malformed") from error


def _to_verify(info: SignerInfo) -> bytes:
    if info.signed is None:
        raise CmsError("signed-attributes-missing")
    return info.signed.retagged(der.SET)


def _check_attributes(info: SignerInfo, certificate: bytes, content_digest: bytes, content_type: str) -> None:
    kind = info.signed_value(ID_CONTENT_TYPE)
    if kind is None or kind.oid() != content_type:
        raise CmsError("content-type-wrong")
    digest = info.signed_value(ID_MESSAGE_DIGEST)
    if digest is None:
        raise CmsError("message-digest-missing")
    if digest.expect(der.OCTET_STRING).content != content_digest:
        raise CmsError("message-digest-wrong")
    if _bound(info, certificate) is False:
        raise CmsError("signing-certificate-wrong")
    protection = info.signed_value(ID_ALGORITHM_PROTECTION)
    if protection is not None and not _protects(protection, info):
        raise CmsError("algorithms-differ")


def _bound(info: SignerInfo, certificate: bytes) -> bool | None:
    """Say whether signing-certificate(-v2) names this certificate; None where neither attribute is present."""
    answer = None
    for oid, default in ((ID_SIGNING_CERTIFICATE_V2, "sha256"), (ID_SIGNING_CERTIFICATE, "sha1")):
        value = info.signed_value(oid)
        if value is None:
            continue
        certificate_id = value.children()[0].children()[0].children()
        name: str | None = default
        if certificate_id[0].tag == der.SEQUENCE:
            name = _DIGESTS_READ.get(certificate_id[0].children()[0].oid())
            certificate_id = certificate_id[1:]
        if name is None or certificate_id[0].content != hashlib.new(name.replace("-", "_"), certificate).digest():
            return False
        answer = True
    return answer


def _protects(protection: Node, info: SignerInfo) -> bool:
    parts = protection.children()
    return (
        parts[0].children()[0].raw == info.digest_identifier.children()[0].raw
        and parts[1].tag == 0xA1
        and parts[1].children()[0].raw == info.signature_identifier.children()[0].raw
    )


def _check_signature(info: SignerInfo, certificate: bytes, message: bytes) -> None:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    try:
        key = _public_key(certificate)
        algorithm = _hash(info.digest)
        if info.scheme is Scheme.ECDSA and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(info.signature, message, ec.ECDSA(algorithm))
        elif info.scheme is Scheme.PKCS1 and isinstance(key, rsa.RSAPublicKey):
            key.verify(info.signature, message, padding.PKCS1v15(), algorithm)
        elif info.scheme is Scheme.PSS and isinstance(key, rsa.RSAPublicKey):
            salt = _pss_salt(info)
            key.verify(info.signature, message, padding.PSS(padding.MGF1(algorithm), salt), algorithm)
        else:
            raise CmsError("key-and-algorithm-differ")
    except InvalidSignature as error:
        raise CmsError("signature-wrong") from error
    except (UnsupportedAlgorithm, ValueError) as error:
        if isinstance(error, CmsError):
            raise
        raise CmsError("algorithm-unknown") from error


def _pss_salt(info: SignerInfo) -> int:
    """Return the salt length; hash and mask generation must be by the digest of the signature (RFC 4056 section 3)."""
    parameters = info.signature_identifier.children()
    parts = {n.tag & 0x1F: n.children()[0] for n in parameters[1].children()} if len(parameters) > 1 else {}
    hash_name = _DIGESTS_READ.get(parts[0].children()[0].oid()) if 0 in parts else "sha1"
    mask_name: str | None = "sha1"
    if 1 in parts:
        mask, mask_digest = parts[1].children()
        mask_name = _DIGESTS_READ.get(mask_digest.children()[0].oid()) if mask.oid() == _MGF1 else None
    if hash_name != info.digest or mask_name != info.digest:
        raise CmsError("algorithms-differ")
    if 3 in parts and parts[3].integer() != 1:
        raise CmsError("algorithm-unknown")
    salt = parts[2].integer() if 2 in parts else 20
    if not 0 <= salt <= 512:
        raise CmsError("algorithm-unknown")
    return salt


@lru_cache(maxsize=256)
def _public_key(certificate: bytes) -> object:
    from cryptography.x509 import load_der_x509_certificate

    return load_der_x509_certificate(certificate).public_key()


@lru_cache(maxsize=16)
def _hash(name: str) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    known: dict[str, HashAlgorithm] = {
        "sha1": hashes.SHA1(),  # noqa: S303 - read in old documents; the dated policy judges it
        "sha224": hashes.SHA224(),
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
        "sha512-256": hashes.SHA512_256(),
        "sha3-256": hashes.SHA3_256(),
        "sha3-384": hashes.SHA3_384(),
        "sha3-512": hashes.SHA3_512(),
    }
    return known[name]


@lru_cache(maxsize=256)
def subject_key_identifier(certificate: bytes) -> bytes | None:
    """Return a certificate's subject key identifier, None where it has none."""
    from cryptography.x509 import ExtensionNotFound, SubjectKeyIdentifier, load_der_x509_certificate

    try:
        extensions = load_der_x509_certificate(certificate).extensions
        return extensions.get_extension_for_class(SubjectKeyIdentifier).value.digest
    except (ExtensionNotFound, ValueError):
        return None
