"""Checked here: signatures where token and certificate could not be paired by their keys, and strangers' points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gsign.signer import Algorithm, Digest, Scheme
from gsign.token.certificate import PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

__all__ = ["hash_of", "is_point", "is_signature_of"]


def is_signature_of(certificate: bytes, message: bytes, algorithm: Algorithm, signature: bytes) -> bool:
    """Tell whether the certificate's key made `signature` over `message`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.x509 import load_der_x509_certificate

    key = load_der_x509_certificate(certificate).public_key()
    hashed = hash_of(algorithm.digest)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            scheme: padding.AsymmetricPadding = padding.PKCS1v15()
            if algorithm.scheme is Scheme.PSS:
                scheme = padding.PSS(padding.MGF1(hashed), algorithm.digest.size)
            key.verify(signature, message, scheme, hashed)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hashed))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def hash_of(digest: Digest) -> HashAlgorithm:
    """Return the `cryptography` object of a digest."""
    from cryptography.hazmat.primitives import hashes

    known: dict[Digest, type[HashAlgorithm]] = {
        Digest.SHA256: hashes.SHA256,
        Digest.SHA384: hashes.SHA384,
        Digest.SHA512: hashes.SHA512,
        Digest.SHA3_256: hashes.SHA3_256,
        Digest.SHA3_384: hashes.SHA3_384,
        Digest.SHA3_512: hashes.SHA3_512,
    }
    return known[digest]()


def is_point(key: PublicKey, point: bytes) -> bool:
    """Tell whether `point` is an uncompressed one on a key's curve (SP 800-56A 5.6.2.3).

    A token that agrees with a point off its curve gives its key away.
    """
    from cryptography.hazmat.primitives.asymmetric import ec

    curves: dict[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
    if key.kind != "ec" or len(point) != len(key.octets):
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(curves[key.curve], point)
    except ValueError:
        return False
    return True
