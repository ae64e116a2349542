"""Content keys for RSA, by OAEP or PKCS#1 v1.5 (RFC 3560, RFC 3370 4.2.1, RFC 8017 A.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gsign import der
from gsign.cms.identifiers import DIGESTS_READ, MGF1, RSA_ENCRYPTION, hash_algorithm
from gsign.signer import Digest, Oaep

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import OAEP
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

__all__ = ["RSAES_OAEP", "encrypt_key", "oaep_padding", "read_transport"]

RSAES_OAEP: Final = "1.2.840.113549.1.1.7"
_SPECIFIED: Final = "1.2.840.113549.1.1.9"
_SHA1: Final = "sha1"


def encrypt_key(public: RSAPublicKey, key: bytes, *, oaep: bool) -> tuple[bytes, bytes]:
    """Encrypt a content key; return the keyEncryptionAlgorithm and the encrypted key.

    Args:
        public: the recipient's key.
        key: the content key.
        oaep: whether OAEP with SHA-256 is used, rather than PKCS#1 v1.5 for programs that know nothing else.
    """
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    if not oaep:
        return der.sequence(der.oid(RSA_ENCRYPTION), der.NULL), public.encrypt(key, PKCS1v15())
    # With NULL, as RFC 4055 2.1 writes digests inside OAEP's parameters.
    digest = der.sequence(der.oid(Digest.SHA256.oid), der.NULL)
    mask = der.sequence(der.oid(MGF1), digest)
    identifier = der.sequence(der.oid(RSAES_OAEP), der.sequence(der.explicit(0, digest), der.explicit(1, mask)))
    return identifier, public.encrypt(key, oaep_padding(Oaep()))


def oaep_padding(padding: Oaep) -> OAEP:
    """Return `cryptography`'s object for OAEP."""
    from cryptography.hazmat.primitives.asymmetric import padding as paddings

    mask, digest = hash_algorithm(padding.mask_digest), hash_algorithm(padding.digest)
    return paddings.OAEP(paddings.MGF1(mask), digest, padding.label or None)


def read_transport(identifier: der.Node) -> Oaep | None:
    """Read a keyEncryptionAlgorithm for RSA; None is PKCS#1 v1.5.

    Raises:
        KeyError: an algorithm that is not known.
        ValueError: malformed.
    """
    kind, *parameters = identifier.expect(der.SEQUENCE).children()
    if kind.oid() == RSA_ENCRYPTION:
        return None
    if kind.oid() != RSAES_OAEP:
        raise KeyError(kind.oid())
    fields = parameters[0].expect(der.SEQUENCE).children() if parameters else []
    given = {field.tag: field.children()[0] for field in fields}
    if given.keys() - {0xA0, 0xA1, 0xA2} or len(given) != len(fields):
        raise der.DerError("malformed OAEP parameters")
    return Oaep(
        digest=_digest(given[0xA0]) if 0xA0 in given else _SHA1,
        mask_digest=_mask_digest(given[0xA1]) if 0xA1 in given else _SHA1,
        label=_label(given[0xA2]) if 0xA2 in given else b"",
    )


def _digest(identifier: der.Node) -> str:
    return DIGESTS_READ[identifier.expect(der.SEQUENCE).children()[0].oid()]


def _mask_digest(identifier: der.Node) -> str:
    function, digest = identifier.expect(der.SEQUENCE).children()
    if function.oid() != MGF1:
        raise KeyError(function.oid())
    return _digest(digest)


def _label(source: der.Node) -> bytes:
    kind, label = source.expect(der.SEQUENCE).children()
    if kind.oid() != _SPECIFIED:
        raise KeyError(kind.oid())
    return label.expect(der.OCTET_STRING).octets()
