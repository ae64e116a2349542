"""EnvelopedData and AuthEnvelopedData, built: one content key, encrypted to each recipient (RFC 5652 6, RFC 5083)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gsign import der
from gsign.cms.agreement import agree_and_wrap
from gsign.cms.content import ContentCipher, encrypt_content
from gsign.cms.identifiers import (
    EC_PUBLIC_KEY,
    ID_AUTH_ENVELOPED_DATA,
    ID_DATA,
    ID_ENVELOPED_DATA,
    CmsError,
    issuer_and_serial,
    public_key,
)
from gsign.cms.transport import encrypt_key

__all__ = ["Addressee", "envelop"]


class Addressee(NamedTuple):
    """Whom a content is encrypted to.

    Args:
        certificate: DER; RSA or one of NIST's curves.
        oaep: whether an RSA key gets the content key by OAEP, rather than PKCS#1 v1.5.
    """

    certificate: bytes
    oaep: bool = True


def envelop(
    content: Iterable[bytes | memoryview], addressees: Sequence[Addressee], cipher: ContentCipher
) -> list[bytes]:
    """Encrypt a content to the keys of its addressees.

    Args:
        content: pieces of what is encrypted, of type id-data.
        addressees: who can open it.
        cipher: `AES_256_GCM` makes an AuthEnvelopedData, `AES_256_CBC` an EnvelopedData.

    Returns:
        ContentInfo in DER, in pieces: one of them may be as large as the content.

    Raises:
        CmsError: `recipient-key-unsupported`.
    """
    key = os.urandom(cipher.key_size)
    recipients = [_recipient(addressee, key) for addressee in dict.fromkeys(addressees)]
    sealed = encrypt_content(content, cipher, key)
    encrypted = _around(der.SEQUENCE, [der.oid(ID_DATA), sealed.identifier, *_around(0x80, sealed.pieces)])
    if cipher.is_authenticated:
        parts = [der.integer(0), der.set_of(recipients), *encrypted, der.octet_string(sealed.tag)]
        return _content_info(ID_AUTH_ENVELOPED_DATA, parts)
    # Version 2 as soon as one recipient is by key agreement (RFC 5652 6.1).
    version = 2 if any(recipient[0] != der.SEQUENCE for recipient in recipients) else 0
    return _content_info(ID_ENVELOPED_DATA, [der.integer(version), der.set_of(recipients), *encrypted])


def _content_info(kind: str, parts: Iterable[bytes]) -> list[bytes]:
    return _around(der.SEQUENCE, [der.oid(kind), *_around(0xA0, _around(der.SEQUENCE, parts))])


def _around(tag: int, parts: Iterable[bytes]) -> list[bytes]:
    """Put a header before parts without copying them: one of them is as large as the message."""
    kept = list(parts)
    return [der.header(tag, sum(map(len, kept))), *kept]


def _recipient(addressee: Addressee, key: bytes) -> bytes:
    """Write a RecipientInfo: KeyTransRecipientInfo for RSA, KeyAgreeRecipientInfo for elliptic curves."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    public = public_key(addressee.certificate)
    identifier = der.sequence(*issuer_and_serial(addressee.certificate))
    if isinstance(public, rsa.RSAPublicKey):
        algorithm, encrypted = encrypt_key(public, key, oaep=addressee.oaep)
        return der.sequence(der.integer(0), identifier, algorithm, der.octet_string(encrypted))
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in ("secp256r1", "secp384r1", "secp521r1"):
        point, algorithm, encrypted = agree_and_wrap(public, key)
        # The curve is that of the recipient's key; RFC 5753 3.1.1 allows to leave it out.
        own = der.sequence(der.oid(EC_PUBLIC_KEY)) + der.tlv(der.BIT_STRING, b"\0" + point)
        fields = der.integer(3) + der.explicit(0, der.context(1, own)) + algorithm
        return der.context(1, fields + der.sequence(der.sequence(identifier, der.octet_string(encrypted))))
    raise CmsError("recipient-key-unsupported")
