"""Signatures of certification authorities: over certificates, CRLs and OCSP responses (RFC 5280 4.1.1.3)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from gsign import der
from gsign.cms.identifiers import DIGESTS_READ, MGF1, RSA_PSS, hash_algorithm
from gsign.cms.keys import load_public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

__all__ = ["KeyFacts", "SignatureAlgorithm", "digest_name", "is_signed_by", "key_facts", "read_algorithm"]

_ALGORITHMS: Final = {
    "1.2.840.113549.1.1.5": ("pkcs1", "sha1"),
    "1.3.14.3.2.29": ("pkcs1", "sha1"),
    "1.2.840.113549.1.1.14": ("pkcs1", "sha224"),
    "1.2.840.113549.1.1.11": ("pkcs1", "sha256"),
    "1.2.840.113549.1.1.12": ("pkcs1", "sha384"),
    "1.2.840.113549.1.1.13": ("pkcs1", "sha512"),
    "1.2.840.113549.1.1.15": ("pkcs1", "sha512-224"),
    "1.2.840.113549.1.1.16": ("pkcs1", "sha512-256"),
    "2.16.840.1.101.3.4.3.14": ("pkcs1", "sha3-256"),
    "2.16.840.1.101.3.4.3.15": ("pkcs1", "sha3-384"),
    "2.16.840.1.101.3.4.3.16": ("pkcs1", "sha3-512"),
    "1.2.840.10045.4.1": ("ecdsa", "sha1"),
    "1.2.840.10045.4.3.1": ("ecdsa", "sha224"),
    "1.2.840.10045.4.3.2": ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
    "2.16.840.1.101.3.4.3.10": ("ecdsa", "sha3-256"),
    "2.16.840.1.101.3.4.3.11": ("ecdsa", "sha3-384"),
    "2.16.840.1.101.3.4.3.12": ("ecdsa", "sha3-512"),
    "1.3.101.112": ("eddsa", "sha512"),
}
_CACHED: Final = 4096
_MAX_CACHED_OCTETS: Final = 16384


class SignatureAlgorithm(NamedTuple):
    """A scheme (`pkcs1`, `pss`, `ecdsa`, `eddsa`) with its digest; the salt's length, in bytes, is PSS's."""

    scheme: str
    digest: str
    salt: int = 0


class KeyFacts(NamedTuple):
    """Kind (`rsa`, `ec`, `ed25519`, `other`), size in bits and curve of a public key."""

    kind: str
    bits: int
    curve: str | None = None


def digest_name(oid: str) -> str | None:
    """Name a digest by its OID; None where it is none we know."""
    return DIGESTS_READ.get(oid)


@lru_cache(maxsize=_CACHED)
def read_algorithm(identifier: bytes) -> SignatureAlgorithm | None:
    """Read an AlgorithmIdentifier; None for an algorithm that is not verified here (MD5 among them).

    Raises:
        gsign.der.DerError: malformed.
    """
    parts = der.parse(identifier).expect(der.SEQUENCE).children()
    oid = parts[0].oid()
    if oid == RSA_PSS:
        return _read_pss(parts[1].expect(der.SEQUENCE)) if len(parts) > 1 else None
    known = _ALGORITHMS.get(oid)
    return SignatureAlgorithm(*known) if known else None


def _read_pss(parameters: der.Node) -> SignatureAlgorithm | None:
    # Defaults are SHA-1 with 20 octets of salt (RFC 4055 3.1).
    parts = {node.tag: node.children()[0] for node in parameters.children()}
    digest = _digest(parts.get(0xA0))
    mask = parts.get(0xA1)
    if mask is not None:
        function, mask_digest = mask.children()
        if function.oid() != MGF1 or _digest(mask_digest) != digest:
            return None
    elif digest != "sha1":
        return None
    salt = parts[0xA2].integer() if 0xA2 in parts else 20
    trailer = parts[0xA3].integer() if 0xA3 in parts else 1
    if digest is None or trailer != 1 or not 0 <= salt <= 512:
        return None
    return SignatureAlgorithm("pss", digest, salt)


def _digest(identifier: der.Node | None) -> str | None:
    return "sha1" if identifier is None else DIGESTS_READ.get(identifier.children()[0].oid())


@lru_cache(maxsize=_CACHED)
def key_facts(spki: bytes) -> KeyFacts:
    """Tell kind and size of a public key."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = _key(spki)
    if isinstance(key, rsa.RSAPublicKey):
        return KeyFacts("rsa", key.key_size)
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    if isinstance(key, ec.EllipticCurvePublicKey):
        return KeyFacts("ec", key.key_size, key.curve.name)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return KeyFacts("ed25519", 256)
    return KeyFacts("other", 0)


def is_signed_by(spki: bytes, identifier: bytes, signature: bytes, signed: bytes) -> bool:
    """Tell whether the key signed these octets; whatever is unknown or malformed is a no.

    Args:
        spki: the signer's SubjectPublicKeyInfo.
        identifier: AlgorithmIdentifier of the signature.
        signature: the signature, without the bit string's header.
        signed: the octets signed.
    """
    # A list of revoked certificates may be megabytes: not kept for an answer's sake.
    check = _is_signed_by if len(signed) <= _MAX_CACHED_OCTETS else _is_signed_by.__wrapped__
    return check(spki, identifier, signature, signed)


@lru_cache(maxsize=_CACHED)
def _is_signed_by(spki: bytes, identifier: bytes, signature: bytes, signed: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        algorithm = read_algorithm(identifier)
        if algorithm is not None:
            return _verify(spki, algorithm, signature, signed)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, IndexError):
        pass
    return False


def _verify(spki: bytes, algorithm: SignatureAlgorithm, signature: bytes, signed: bytes) -> bool:
    """Verify; an unfit signature raises, an unfit pair of key and algorithm is a no."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = _key(spki)
    if isinstance(key, rsa.RSAPublicKey):
        return _verify_rsa(key, algorithm, signature, signed)
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    match algorithm.scheme, key:
        case "ecdsa", ec.EllipticCurvePublicKey():
            key.verify(signature, signed, ec.ECDSA(hash_algorithm(algorithm.digest)))
        case "eddsa", ed25519.Ed25519PublicKey():
            key.verify(signature, signed)
        case _:
            return False
    return True


def _verify_rsa(key: RSAPublicKey, algorithm: SignatureAlgorithm, signature: bytes, signed: bytes) -> bool:
    from cryptography.hazmat.primitives.asymmetric import padding

    digest = hash_algorithm(algorithm.digest)
    if algorithm.scheme == "pkcs1":
        key.verify(signature, signed, padding.PKCS1v15(), digest)
    elif algorithm.scheme == "pss":
        key.verify(signature, signed, padding.PSS(padding.MGF1(digest), algorithm.salt), digest)
    else:
        return False
    return True


def _key(spki: bytes) -> PublicKeyTypes | None:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return load_public_key(spki)
    except (UnsupportedAlgorithm, ValueError):
        return None
