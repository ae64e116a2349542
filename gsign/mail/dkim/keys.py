"""Keys of domains: the private one that signs, and the public one that its domain publishes (RFC 6376 clause 3.6)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from gsign.mail.dkim.tags import TagError, read_tags

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

__all__ = ["ED25519", "RSA", "DomainKey", "Lookup", "Published", "published"]

RSA: Final = "rsa-sha256"
ED25519: Final = "ed25519-sha256"
_LEAST_BITS: Final = 1024
"""RFC 8301 clause 3.2: what is shorter must not be taken for valid."""
_MOST_BITS: Final = 8192
_LARGEST_RECORD: Final = 1 << 14
_KINDS: Final = {RSA: "rsa", ED25519: "ed25519"}


class Lookup(Protocol):
    """Whoever asks the domain name system."""

    def texts(self, name: str, deadline: float) -> tuple[bytes, ...]:
        """Return the TXT records of a name, the pieces of each joined; none where there are none.

        Raises:
            TemporaryError: `dns-unreachable`: it cannot be told for now.
        """
        ...


class DomainKey(NamedTuple):
    """A key with which something is signed for a domain."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"DomainKey({self.selector}._domainkey.{self.domain})"

    @property
    def algorithm(self) -> str:
        """As the tag `a` names it."""
        return RSA if hasattr(self.key, "key_size") else ED25519

    def sign(self, octets: bytes) -> bytes:
        """Sign; Ed25519 signs the digest (RFC 8463 clause 3)."""
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256

        if isinstance(self.key, Ed25519PrivateKey):
            return self.key.sign(hashlib.sha256(octets).digest())
        return self.key.sign(octets, padding.PKCS1v15(), SHA256())


class Published(NamedTuple):
    """A public key as its domain publishes it."""

    algorithm: str
    key: RSAPublicKey | Ed25519PublicKey
    is_strict: bool
    """Whether it may sign for exactly its domain, not for what is below it."""

    @property
    def is_too_short(self) -> bool:
        """Whether it is so short that anybody could have signed."""
        return getattr(self.key, "key_size", _LEAST_BITS) < _LEAST_BITS

    def verifies(self, signature: bytes, octets: bytes) -> bool:
        """Tell whether a signature of octets is this key's."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.hashes import SHA256

        try:
            if isinstance(self.key, Ed25519PublicKey):
                self.key.verify(signature, hashlib.sha256(octets).digest())
            else:
                self.key.verify(signature, octets, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True


def published(record: bytes, algorithm: str) -> Published:
    """Read a key record for use with an algorithm.

    Raises:
        TagError: it is none, it is revoked, or it is not for that.
    """
    if len(record) > _LARGEST_RECORD:
        raise TagError("key record is too long")
    tags = read_tags(record)
    if tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        raise TagError("not a key record")
    if not tags["p"]:
        raise TagError("key is revoked")
    if tags.get("k", "rsa") != _KINDS[algorithm]:
        raise TagError("key is of another kind")
    if "sha256" not in _listed(tags.get("h", "sha256")) or not _listed(tags.get("s", "*")) & {"*", "email"}:
        raise TagError("key is not for this")
    return Published(algorithm, _loaded(tags["p"], algorithm), "s" in _listed(tags.get("t", "")))


def _listed(text: str) -> set[str]:
    return {word.strip() for word in text.split(":")}


def _loaded(text: str, algorithm: str) -> RSAPublicKey | Ed25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        octets = base64.b64decode("".join(text.split()), validate=True)
        if algorithm == ED25519:
            return Ed25519PublicKey.from_public_bytes(octets)
        found = load_der_public_key(octets)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise TagError("key cannot be read") from None
    if not isinstance(found, RSAPublicKey) or found.key_size > _MOST_BITS:
        raise TagError("key is of another kind")
    return found
