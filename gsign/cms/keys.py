"""Public keys from SubjectPublicKeyInfo, the usual kinds without importing every kind of key and cipher there is."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gsign import der

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

__all__ = ["load_public_key"]

_CACHED: Final = 4096
_RSA: Final = "1.2.840.113549.1.1.1"
_EC: Final = "1.2.840.10045.2.1"


@lru_cache(maxsize=_CACHED)
def load_public_key(spki: bytes) -> PublicKeyTypes:
    """Load a public key; one key is loaded once.

    Args:
        spki: SubjectPublicKeyInfo, DER (RFC 5280 4.1.2.7).

    Raises:
        ValueError: no key, or one that cannot be.
        cryptography.exceptions.UnsupportedAlgorithm: of a kind that is not known.
    """
    try:
        algorithm, bits = der.parse(spki).expect(der.SEQUENCE).children()
        kind, *parameters = algorithm.expect(der.SEQUENCE).children()
        unused, octets = bits.expect(der.BIT_STRING).content[:1], bits.content[1:]
        if unused != b"\0":
            raise ValueError("bits of odd length")
        if kind.oid() == _RSA:
            return _rsa_key(octets)
        if kind.oid() == _EC and (known := _ec_key(parameters[0], octets)) is not None:
            return known
    except IndexError as error:
        raise ValueError("no public key") from error
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(spki)


def _rsa_key(octets: bytes) -> RSAPublicKey:
    """Load an RSA key from its numbers (RFC 3279 2.3.1)."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    modulus, exponent = der.parse(octets).expect(der.SEQUENCE).children()
    numbers = exponent.integer(), modulus.integer()
    if min(numbers) <= 0:
        raise ValueError("negative number in a key")
    return RSAPublicNumbers(*numbers).public_key()


def _ec_key(curve: der.Node, octets: bytes) -> EllipticCurvePublicKey | None:
    """Load a point on a named curve (RFC 5480 2.1.1); None for a curve that is none of NIST's three."""
    from cryptography.hazmat.primitives.asymmetric import ec

    curves: dict[str, ec.EllipticCurve] = {
        "1.2.840.10045.3.1.7": ec.SECP256R1(),
        "1.3.132.0.34": ec.SECP384R1(),
        "1.3.132.0.35": ec.SECP521R1(),
    }
    if curve.tag != der.OID or curve.oid() not in curves:
        return None
    return ec.EllipticCurvePublicKey.from_encoded_point(curves[curve.oid()], octets)
