"""What a signer is, whatever holds its key.

Documents, mail and trust know this protocol and nothing of PKCS#11: a token and a PKCS#12 file look the same to them,
except that `is_token` says which it was.
"""

from __future__ import annotations

import enum
import hashlib
from typing import NamedTuple, Protocol, Self

__all__ = ["Algorithm", "Digest", "Scheme", "Signer"]


class Digest(enum.StrEnum):
    """Digests that Circular 15/2025 allows for new signatures."""

    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"
    SHA3_256 = "sha3-256"
    SHA3_384 = "sha3-384"
    SHA3_512 = "sha3-512"

    def new(self, data: bytes = b"") -> hashlib._Hash:
        """Start a hash object."""
        return hashlib.new(self.value.replace("-", "_"), data, usedforsecurity=True)

    @property
    def size(self) -> int:
        """Length of the digest in bytes."""
        return int(self.value[-3:]) // 8


class Scheme(enum.StrEnum):
    """Signature schemes (RFC 8017, FIPS 186-5)."""

    PKCS1 = "pkcs1"
    PSS = "pss"
    ECDSA = "ecdsa"


class Algorithm(NamedTuple):
    """A scheme with its digest. PSS uses MGF1 with the same digest and a salt of the digest's length."""

    scheme: Scheme
    digest: Digest


class Signer(Protocol):
    """Sign with one private key whose certificate is known."""

    certificate: bytes
    """DER of the signer's certificate."""
    chain: tuple[bytes, ...]
    """DER of further certificates found beside the key, in no order."""
    is_token: bool
    """Whether the key lives in a PKCS#11 token; False for a PKCS#12 file."""
    uri: str
    """Where the key is: an RFC 7512 URI without a PIN, or the file's path."""

    def algorithm(self, scheme: Scheme | None = None, digest: Digest | None = None) -> Algorithm:
        """Choose what this key and its token can do; None leaves the choice to the signer.

        Raises:
            TokenError: `algorithm-unsupported` where key or token cannot do what was asked.
        """
        ...

    def sign(self, message: bytes, algorithm: Algorithm) -> bytes:
        """Sign `message` (hashed by the token or here) and return the signature as CMS wants it.

        ECDSA signatures are DER `Ecdsa-Sig-Value` (RFC 3279 2.2.3), RSA ones the bare integer as octets.
        Safe to call from several threads.

        Raises:
            TokenError: the token, key or PIN is at fault; `temporary` where the token may come back.
        """
        ...

    def close(self) -> None:
        """Give up the session; further calls fail."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...
