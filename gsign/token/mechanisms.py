"""Ways to one signature: which mechanism of the token, what is sent to it, and what is made of its answer.

The first way hashes here and sends the digest, since that is one short transfer whatever the token; the mechanisms that
hash in the token follow, for tokens that have nothing else.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from gsign import der
from gsign.signer import Algorithm, Digest, Scheme
from gsign.token import constants as ck
from gsign.token.certificate import PublicKey

__all__ = ["Way", "choose_algorithm", "ways"]

_SMALLEST_RSA: Final = 2048

_PKCS1: Final = {
    Digest.SHA256: ck.CKM_SHA256_RSA_PKCS,
    Digest.SHA384: ck.CKM_SHA384_RSA_PKCS,
    Digest.SHA512: ck.CKM_SHA512_RSA_PKCS,
    Digest.SHA3_256: ck.CKM_SHA3_256_RSA_PKCS,
    Digest.SHA3_384: ck.CKM_SHA3_384_RSA_PKCS,
    Digest.SHA3_512: ck.CKM_SHA3_512_RSA_PKCS,
}
_PSS: Final = {
    Digest.SHA256: (ck.CKM_SHA256_RSA_PKCS_PSS, ck.CKM_SHA256, ck.CKG_MGF1_SHA256),
    Digest.SHA384: (ck.CKM_SHA384_RSA_PKCS_PSS, ck.CKM_SHA384, ck.CKG_MGF1_SHA384),
    Digest.SHA512: (ck.CKM_SHA512_RSA_PKCS_PSS, ck.CKM_SHA512, ck.CKG_MGF1_SHA512),
    Digest.SHA3_256: (ck.CKM_SHA3_256_RSA_PKCS_PSS, ck.CKM_SHA3_256, ck.CKG_MGF1_SHA3_256),
    Digest.SHA3_384: (ck.CKM_SHA3_384_RSA_PKCS_PSS, ck.CKM_SHA3_384, ck.CKG_MGF1_SHA3_384),
    Digest.SHA3_512: (ck.CKM_SHA3_512_RSA_PKCS_PSS, ck.CKM_SHA3_512, ck.CKG_MGF1_SHA3_512),
}
_ECDSA: Final = {
    Digest.SHA256: ck.CKM_ECDSA_SHA256,
    Digest.SHA384: ck.CKM_ECDSA_SHA384,
    Digest.SHA512: ck.CKM_ECDSA_SHA512,
    Digest.SHA3_256: ck.CKM_ECDSA_SHA3_256,
    Digest.SHA3_384: ck.CKM_ECDSA_SHA3_384,
    Digest.SHA3_512: ck.CKM_ECDSA_SHA3_512,
}
_SHA2: Final = (Digest.SHA256, Digest.SHA384, Digest.SHA512)
_EC_DIGESTS: Final = {"P-256": Digest.SHA256, "P-384": Digest.SHA384, "P-521": Digest.SHA512}


def _whole(message: bytes) -> bytes:
    return message


class Way(NamedTuple):
    """One way: a mechanism with its parameter, what is sent for a message, and the signature made of the answer."""

    mechanism: int
    finish: Callable[[bytes], bytes]
    prepare: Callable[[bytes], bytes] = _whole
    parameter: bytes = b""


def choose_algorithm(
    key: PublicKey, mechanisms: frozenset[int], scheme: Scheme | None, digest: Digest | None
) -> Algorithm | None:
    """Choose an algorithm for a key, or check the one asked for; None where key or token cannot do it.

    Where nothing is asked, RSA keys sign PSS with SHA-256 (Circular 15/2025), or PKCS#1 v1.5 on tokens without PSS;
    elliptic curves sign ECDSA with the digest of the curve's size. RSA below 2048 bits is refused.
    """
    if key.kind == "rsa":
        digest = digest or Digest.SHA256
        algorithm = Algorithm(scheme or (Scheme.PSS if _has_pss(mechanisms, digest) else Scheme.PKCS1), digest)
    elif key.kind == "ec":
        algorithm = Algorithm(scheme or Scheme.ECDSA, digest or _EC_DIGESTS[key.curve])
    else:
        return None
    return algorithm if next(ways(key, mechanisms, algorithm), None) is not None else None


def _has_pss(mechanisms: frozenset[int], digest: Digest) -> bool:
    hashed = _PSS[digest][0]
    if hashed in mechanisms or ck.CKM_RSA_PKCS_PSS not in mechanisms:
        return hashed in mechanisms
    # Tokens without SHA-3 list the mechanism and then refuse its parameter; with bare RSA the encoding is made here.
    return digest in _SHA2 or ck.CKM_RSA_X_509 in mechanisms


def ways(key: PublicKey, mechanisms: frozenset[int], algorithm: Algorithm) -> Iterator[Way]:
    """List the ways that key and token offer for an algorithm, best first."""
    every: Iterator[Way] = iter(())
    if key.kind == "rsa" and key.bits >= _SMALLEST_RSA:
        if algorithm.scheme is Scheme.PKCS1:
            every = _pkcs1(key, algorithm.digest)
        elif algorithm.scheme is Scheme.PSS:
            every = _pss(key, algorithm.digest)
    elif key.kind == "ec" and algorithm.scheme is Scheme.ECDSA:
        every = _ecdsa(key, algorithm.digest)
    return (way for way in every if way.mechanism in mechanisms)


def _pkcs1(key: PublicKey, digest: Digest) -> Iterator[Way]:
    head = der.sequence(der.oid(digest.oid), der.NULL)

    def digest_info(message: bytes) -> bytes:
        return der.sequence(head, der.octet_string(digest.new(message).digest()))

    finish = _rsa_octets(key)
    yield Way(ck.CKM_RSA_PKCS, finish, digest_info)
    yield Way(_PKCS1[digest], finish)


def _pss(key: PublicKey, digest: Digest) -> Iterator[Way]:
    hashed, hash_mechanism, mgf = _PSS[digest]
    parameter = struct.pack("@LLL", hash_mechanism, mgf, digest.size)
    finish = _rsa_octets(key)
    yield Way(ck.CKM_RSA_PKCS_PSS, finish, lambda message: digest.new(message).digest(), parameter)
    yield Way(hashed, finish, parameter=parameter)
    yield Way(ck.CKM_RSA_X_509, finish, lambda message: _emsa_pss(message, digest, key.bits))


def _ecdsa(key: PublicKey, digest: Digest) -> Iterator[Way]:
    # The leftmost octets count (FIPS 186-5 6.4.1); tokens differ in whether they cut by themselves.
    size = (key.bits + 7) // 8
    yield Way(ck.CKM_ECDSA, _ecdsa_der, lambda message: digest.new(message).digest()[:size])
    yield Way(_ECDSA[digest], _ecdsa_der)


def _rsa_octets(key: PublicKey) -> Callable[[bytes], bytes]:
    size = len(key.octets)
    return lambda signature: signature.rjust(size, b"\0")


def _ecdsa_der(signature: bytes) -> bytes:
    half = len(signature) // 2
    return der.sequence(
        der.integer(int.from_bytes(signature[:half], "big")), der.integer(int.from_bytes(signature[half:], "big"))
    )


def _emsa_pss(message: bytes, digest: Digest, modulus_bits: int) -> bytes:
    """Encode for PSS here, for tokens that have the bare RSA operation only (RFC 8017 9.1.1)."""
    salt = os.urandom(digest.size)
    hashed = digest.new(bytes(8) + digest.new(message).digest() + salt).digest()
    bits = modulus_bits - 1
    size = (bits + 7) // 8
    block = (b"\x01" + salt).rjust(size - digest.size - 1, b"\0")
    mask = _mgf1(hashed, len(block), digest)
    masked = bytearray(one ^ other for one, other in zip(block, mask, strict=True))
    masked[0] &= 0xFF >> (8 * size - bits)
    return (bytes(masked) + hashed + b"\xbc").rjust((modulus_bits + 7) // 8, b"\0")


def _mgf1(seed: bytes, length: int, digest: Digest) -> bytes:
    rounds = range((length + digest.size - 1) // digest.size)
    return b"".join(digest.new(seed + counter.to_bytes(4, "big")).digest() for counter in rounds)[:length]
