"""Content keys for elliptic curves: ECDH, the key derivation of X9.63 and AES key wrap (RFC 5753, RFC 3394)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gsign import der

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

__all__ = ["DERIVATIONS_READ", "WRAPS_READ", "agree_and_wrap", "unwrap"]

_WRAP_AES_256: Final = "2.16.840.1.101.3.4.1.45"
WRAPS_READ: Final = {"2.16.840.1.101.3.4.1.5": 16, "2.16.840.1.101.3.4.1.25": 24, _WRAP_AES_256: 32}
"""AES key wrap → size of its key in bytes."""

_STANDARD: Final = {"sha256": "1.3.132.1.11.1", "sha384": "1.3.132.1.11.2", "sha512": "1.3.132.1.11.3"}
DERIVATIONS_READ: Final = {oid: digest for digest, oid in _STANDARD.items()} | {
    # Older mail derives with SHA-1; collisions of it are no matter here.
    "1.3.133.16.840.63.0.2": "sha1",
    "1.3.132.1.11.0": "sha224",
    # With cofactor, which is one on these curves: the same numbers.
    "1.3.133.16.840.63.0.3": "sha1",
    "1.3.132.1.14.0": "sha224",
    "1.3.132.1.14.1": "sha256",
    "1.3.132.1.14.2": "sha384",
    "1.3.132.1.14.3": "sha512",
}
"""dhSinglePass schemes → digest of the key derivation (RFC 5753 7.1.4)."""

_DIGEST_OF_CURVE: Final = {"secp256r1": "sha256", "secp384r1": "sha384", "secp521r1": "sha512"}


def agree_and_wrap(public: EllipticCurvePublicKey, key: bytes) -> tuple[bytes, bytes, bytes]:
    """Wrap a content key for a public key, by a key pair that is made for this once.

    Returns:
        The point of that key pair, the keyEncryptionAlgorithm, and the wrapped key.
    """
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    digest = _DIGEST_OF_CURVE[public.curve.name]
    own = ec.generate_private_key(public.curve)
    wrap = der.sequence(der.oid(_WRAP_AES_256))
    wrapping = _derive(own.exchange(ec.ECDH(), public), digest, wrap, None, WRAPS_READ[_WRAP_AES_256])
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return point, der.sequence(der.oid(_STANDARD[digest]), wrap), aes_key_wrap(wrapping, key)


def unwrap(
    secret: bytes, encrypted: bytes, *, digest: str, wrap: bytes, wrap_size: int, keying: bytes | None
) -> bytes | None:
    """Unwrap a content key with an ECDH secret; None where it does not come apart.

    Args:
        secret: from `Decrypter.agree`.
        encrypted: the wrapped key.
        digest: of the key derivation.
        wrap: AlgorithmIdentifier of the key wrap, octet for octet as it stands in the message.
        wrap_size: of the wrapping key, in bytes.
        keying: user keying material, the value of its OCTET STRING.
    """
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

    wrapping = _derive(secret, digest, wrap, keying, wrap_size)
    try:
        return aes_key_unwrap(wrapping, encrypted)
    except InvalidUnwrap:
        return None


def _derive(secret: bytes, digest: str, wrap: bytes, keying: bytes | None, size: int) -> bytes:
    """Derive a wrapping key (RFC 5753 7.2: ECC-CMS-SharedInfo)."""
    from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF

    from gsign.cms.identifiers import hash_algorithm

    information = [wrap]
    if keying is not None:
        information.append(der.explicit(0, der.octet_string(keying)))
    information.append(der.explicit(2, der.octet_string((size * 8).to_bytes(4, "big"))))
    return X963KDF(hash_algorithm(digest), size, der.sequence(*information)).derive(secret)
