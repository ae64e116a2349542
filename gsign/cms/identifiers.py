"""Object identifiers, algorithm identifiers, and what certificates say of their keys."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gsign import der
from gsign.cms.keys import load_public_key
from gsign.signer import Algorithm, Digest, Scheme

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

__all__ = [
    "DIGESTS_READ",
    "ID_ALGORITHM_PROTECTION",
    "ID_AUTH_ENVELOPED_DATA",
    "ID_CONTENT_TYPE",
    "ID_DATA",
    "ID_ENVELOPED_DATA",
    "ID_MESSAGE_DIGEST",
    "ID_SIGNED_DATA",
    "ID_SIGNING_CERTIFICATE",
    "ID_SIGNING_CERTIFICATE_V2",
    "ID_SIGNING_TIME",
    "ID_TIMESTAMP_TOKEN",
    "ID_TST_INFO",
    "MGF1",
    "RSA_PSS",
    "SIGNATURES_READ",
    "CmsError",
    "digest_identifier",
    "hash_algorithm",
    "issuer_and_serial",
    "names_certificate",
    "public_key",
    "signature_identifier",
    "subject_key_identifier",
]

_EXTENSIONS: Final = 0xA3
_SUBJECT_KEY: Final = "2.5.29.14"
ID_DATA: Final = "1.2.840.113549.1.7.1"
ID_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
ID_ENVELOPED_DATA: Final = "1.2.840.113549.1.7.3"
ID_AUTH_ENVELOPED_DATA: Final = "1.2.840.113549.1.9.16.1.23"
ID_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
ID_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
ID_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
ID_SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
ID_ALGORITHM_PROTECTION: Final = "1.2.840.113549.1.9.52"
ID_SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.12"
ID_SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"
ID_TIMESTAMP_TOKEN: Final = "1.2.840.113549.1.9.16.2.14"  # noqa: S105 - an object identifier

# Names as `hashlib` knows them. SHA-1 is read, never written: a dated policy says what it is worth.
DIGESTS_READ: Final = {digest.oid: digest.value for digest in Digest} | {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.5": "sha512-224",
    "2.16.840.1.101.3.4.2.6": "sha512-256",
}
RSA_ENCRYPTION: Final = "1.2.840.113549.1.1.1"
EC_PUBLIC_KEY: Final = "1.2.840.10045.2.1"
_SIGNATURE_OIDS: Final = {
    (Scheme.PKCS1, Digest.SHA256): "1.2.840.113549.1.1.11",
    (Scheme.PKCS1, Digest.SHA384): "1.2.840.113549.1.1.12",
    (Scheme.PKCS1, Digest.SHA512): "1.2.840.113549.1.1.13",
    # The identifiers of RFC 9688 are hardly read yet; this one leaves the digest to digestAlgorithm, which all read.
    (Scheme.PKCS1, Digest.SHA3_256): RSA_ENCRYPTION,
    (Scheme.PKCS1, Digest.SHA3_384): RSA_ENCRYPTION,
    (Scheme.PKCS1, Digest.SHA3_512): RSA_ENCRYPTION,
    (Scheme.ECDSA, Digest.SHA256): "1.2.840.10045.4.3.2",
    (Scheme.ECDSA, Digest.SHA384): "1.2.840.10045.4.3.3",
    (Scheme.ECDSA, Digest.SHA512): "1.2.840.10045.4.3.4",
    (Scheme.ECDSA, Digest.SHA3_256): "2.16.840.1.101.3.4.3.10",
    (Scheme.ECDSA, Digest.SHA3_384): "2.16.840.1.101.3.4.3.11",
    (Scheme.ECDSA, Digest.SHA3_512): "2.16.840.1.101.3.4.3.12",
}
RSA_PSS: Final = "1.2.840.113549.1.1.10"
MGF1: Final = "1.2.840.113549.1.1.8"
# Signature algorithm → scheme and digest; None for the digest where digestAlgorithm alone says it.
SIGNATURES_READ: Final[dict[str, tuple[Scheme, str | None]]] = {
    oid: (scheme, digest.value) for (scheme, digest), oid in _SIGNATURE_OIDS.items()
} | {
    RSA_ENCRYPTION: (Scheme.PKCS1, None),
    EC_PUBLIC_KEY: (Scheme.ECDSA, None),  # iText names the key here, as is usual with RSA alone
    "2.16.840.1.101.3.4.3.14": (Scheme.PKCS1, "sha3-256"),
    "2.16.840.1.101.3.4.3.15": (Scheme.PKCS1, "sha3-384"),
    "2.16.840.1.101.3.4.3.16": (Scheme.PKCS1, "sha3-512"),
    "1.2.840.113549.1.1.5": (Scheme.PKCS1, "sha1"),
    "1.2.840.113549.1.1.14": (Scheme.PKCS1, "sha224"),
    "1.2.840.113549.1.1.15": (Scheme.PKCS1, "sha512-224"),
    "1.2.840.113549.1.1.16": (Scheme.PKCS1, "sha512-256"),
    "1.2.840.10045.4.1": (Scheme.ECDSA, "sha1"),
    "1.2.840.10045.4.3.1": (Scheme.ECDSA, "sha224"),
}


class CmsError(ValueError):
    """A SignedData or a signature in it is off; `reason` is a stable kebab-case identifier."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@lru_cache(maxsize=16)
def digest_identifier(digest: Digest) -> bytes:
    """Write a digest's AlgorithmIdentifier, parameters absent (RFC 5754 section 2)."""
    return der.sequence(der.oid(digest.oid))


@lru_cache(maxsize=32)
def signature_identifier(algorithm: Algorithm) -> bytes:
    """Write a signature's AlgorithmIdentifier (RFC 5754 section 3, RFC 4056, RFC 8702)."""
    if algorithm.scheme is Scheme.PSS:
        hash_identifier = digest_identifier(algorithm.digest)
        return der.sequence(
            der.oid(RSA_PSS),
            der.sequence(
                der.explicit(0, hash_identifier),
                der.explicit(1, der.sequence(der.oid(MGF1), hash_identifier)),
                der.explicit(2, der.integer(algorithm.digest.size)),
            ),
        )
    oid = der.oid(_SIGNATURE_OIDS[algorithm.scheme, algorithm.digest])
    return der.sequence(oid, der.NULL) if algorithm.scheme is Scheme.PKCS1 else der.sequence(oid)


@lru_cache(maxsize=256)
def issuer_and_serial(certificate: bytes) -> tuple[bytes, bytes]:
    """Return the DER of a certificate's issuer name and of its serial number."""
    fields = der.parse(certificate).children()[0].children()
    at = 1 if fields[0].tag == 0xA0 else 0
    return fields[at + 2].raw, fields[at].raw


def names_certificate(
    issuer: bytes | None, serial: bytes | None, key_identifier: bytes | None, certificate: bytes
) -> bool:
    """Say whether a signer or recipient identifier names a certificate (RFC 5652 clauses 5.3 and 6.2).

    Args:
        issuer: DER of the name; None where the key identifier is there instead.
        serial: DER of the number, likewise.
        key_identifier: the octets; None where issuer and serial number are there instead.
        certificate: DER, or whatever is carried where a certificate should be: that is named by nobody.
    """
    if key_identifier is not None:
        return subject_key_identifier(certificate) == key_identifier
    try:
        return issuer_and_serial(certificate) == (issuer, serial)
    except (ValueError, IndexError):
        return False


@lru_cache(maxsize=256)
def public_key(certificate: bytes) -> object:
    """Load the public key of a certificate; one key is loaded once.

    Raises:
        ValueError: no certificate, or no key.
    """
    fields = der.parse(certificate).children()[0].children()
    at = 1 if fields[0].tag == 0xA0 else 0
    return load_public_key(fields[at + 5].raw)


@lru_cache(maxsize=16)
def hash_algorithm(name: str) -> HashAlgorithm:
    """Return `cryptography`'s object for a digest's name.

    Raises:
        KeyError: a name that `DIGESTS_READ` does not have.
    """
    from cryptography.hazmat.primitives import hashes

    known: dict[str, HashAlgorithm] = {
        "sha1": hashes.SHA1(),  # noqa: S303 - read in old documents; the dated policy judges it
        "sha224": hashes.SHA224(),
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
        "sha512-224": hashes.SHA512_224(),
        "sha512-256": hashes.SHA512_256(),
        "sha3-256": hashes.SHA3_256(),
        "sha3-384": hashes.SHA3_384(),
        "sha3-512": hashes.SHA3_512(),
    }
    return known[name]


@lru_cache(maxsize=256)
def subject_key_identifier(certificate: bytes) -> bytes | None:
    """Return a certificate's subject key identifier; None where it has none, or several."""
    # Without reading the other extensions: what is odd in one of these is no concern of the identifier.
    try:
        fields = der.parse(certificate).children()[0].children()
        extensions = next((field.children()[0].children() for field in fields if field.tag == _EXTENSIONS), [])
        values = [parts[-1] for parts in (one.children() for one in extensions) if parts[0].oid() == _SUBJECT_KEY]
        if len(values) != 1:
            return None
        return der.parse(values[0].expect(der.OCTET_STRING).content).expect(der.OCTET_STRING).content
    except (ValueError, IndexError):
        return None
