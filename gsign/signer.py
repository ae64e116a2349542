"""What a signer and a decrypter are, whatever holds their keys.

Documents, mail and trust know these protocols and nothing of PKCS#11: a token and a PKCS#12 file look the same to them,
except that `is_token` says which it was.
"""

from __future__ import annotations

import enum
import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple, NoReturn, Protocol, Self, cast

from gsign.errors import word_of

__all__ = [
    "Algorithm",
    "Decrypter",
    "Digest",
    "KeyHolder",
    "Oaep",
    "Scheme",
    "Signer",
    "WaitingSigner",
    "digest_of",
    "key_or_chance",
    "scheme_of",
    "sign_meanwhile",
]


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
        return _ALGORITHMS[self](data)

    @property
    def size(self) -> int:
        """Length of the digest in bytes."""
        return int(self.value[-3:]) // 8

    @property
    def oid(self) -> str:
        """Its object identifier (RFC 5754 2, RFC 9688 2)."""
        return _OIDS[self]


_ALGORITHMS = {
    Digest.SHA256: hashlib.sha256,
    Digest.SHA384: hashlib.sha384,
    Digest.SHA512: hashlib.sha512,
    Digest.SHA3_256: hashlib.sha3_256,
    Digest.SHA3_384: hashlib.sha3_384,
    Digest.SHA3_512: hashlib.sha3_512,
}
_OIDS = {
    Digest.SHA256: "2.16.840.1.101.3.4.2.1",
    Digest.SHA384: "2.16.840.1.101.3.4.2.2",
    Digest.SHA512: "2.16.840.1.101.3.4.2.3",
    Digest.SHA3_256: "2.16.840.1.101.3.4.2.8",
    Digest.SHA3_384: "2.16.840.1.101.3.4.2.9",
    Digest.SHA3_512: "2.16.840.1.101.3.4.2.10",
}


class Scheme(enum.StrEnum):
    """Signature schemes (RFC 8017, FIPS 186-5)."""

    PKCS1 = "pkcs1"
    PSS = "pss"
    ECDSA = "ecdsa"


def scheme_of(name: Scheme | str | None) -> Scheme | None:
    """Return the scheme that somebody named; None for None and `auto`, which leave it to the key.

    Raises:
        UsageError: `scheme-unknown`.
    """
    return None if name in (None, "auto") else word_of(Scheme, name, "scheme-unknown")


def digest_of(name: Digest | str | None) -> Digest | None:
    """Return the digest that somebody named; None leaves it to the key.

    Raises:
        UsageError: `digest-unknown`.
    """
    return None if name is None else word_of(Digest, name, "digest-unknown")


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


class WaitingSigner(Signer, Protocol):
    """A signer whose key works elsewhere, so that something else can be done until it answers."""

    def sign_meanwhile(self, message: bytes, algorithm: Algorithm, meanwhile: Callable[[], object] | None) -> bytes:
        """Sign as `sign` does, and call `meanwhile` while the key is at work, at least once where it signs.

        What is done there is done ahead: an error in it is left to whoever needs what came of it.
        """
        ...


def sign_meanwhile(
    signer: Signer, message: bytes, algorithm: Algorithm, meanwhile: Callable[[], object] | None
) -> bytes:
    """Sign, and do something ahead while the key is at work; nothing is done ahead where the key keeps us busy.

    Args:
        signer: the key.
        message: as for `Signer.sign`.
        algorithm: likewise.
        meanwhile: what can be done before the signature is there; it may be called more than once, or not at all.

    Raises:
        TokenError: as `Signer.sign`.
    """
    if not hasattr(signer, "sign_meanwhile"):
        return signer.sign(message, algorithm)
    return cast("WaitingSigner", signer).sign_meanwhile(message, algorithm, meanwhile)


class Oaep(NamedTuple):
    """RSAES-OAEP with its two digests, as `hashlib` spells them but with hyphens, and its label (RFC 8017 7.1)."""

    digest: str = "sha256"
    mask_digest: str = "sha256"
    label: bytes = b""


class Decrypter(Protocol):
    """Open what was encrypted to certificates whose private keys are at hand."""

    certificates: tuple[bytes, ...]
    """DER of the certificates, expired ones too: what was encrypted to them stays to be read."""
    is_token: bool
    """Whether the keys live in a PKCS#11 token; False for a PKCS#12 file."""
    uri: str
    """Where the keys are: an RFC 7512 URI without a PIN, or the file's path."""

    def unwrap(self, certificate: bytes, encrypted: bytes, padding: Oaep | None, size: int) -> bytes:
        """Decrypt a content key that was encrypted to a certificate's RSA key.

        Whatever is wrong with `encrypted` (padding, size of the key in it), the answer is a key that nobody knows
        rather than an error, so that a sender learns nothing from it (RFC 3218 2.3).

        Args:
            certificate: one of `certificates`.
            encrypted: the RSA ciphertext, as octets.
            padding: how the key was padded; None is PKCS#1 v1.5.
            size: of the content key, in bytes.

        Raises:
            TokenError: the token, key or PIN is at fault; `temporary` where the token may come back.
        """
        ...

    def agree(self, certificate: bytes, point: bytes) -> bytes:
        """Return the ECDH secret of a certificate's key and somebody's public point (SEC 1 3.3.1).

        For a point that is not on the curve, the answer is a secret that nobody knows.

        Args:
            certificate: one of `certificates`.
            point: the other's public key, an uncompressed point.

        Raises:
            TokenError: as `unwrap`.
        """
        ...

    def close(self) -> None:
        """Give up the session; further calls fail."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class KeyHolder(ABC):
    """What every signer and decrypter is beside its key: closed at the end of a `with`, and never pickled."""

    uri: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.uri}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not pickled: open it where it is used")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Give up the key; further calls fail."""


def key_or_chance(found: bytes | None, size: int) -> bytes:
    """Return a content key, or one by chance where none of that size was found, with the same work either way."""
    chance = os.urandom(size)
    return (chance, found or b"")[found is not None and len(found) == size]
