"""EnvelopedData and AuthEnvelopedData, read and opened; BER is tolerated, the ciphertext is never copied whole.

No answer tells why a content does not open: a wrong key, padding, tag or length end in the same error after the same
work. What is public to everyone who holds the message, such as its structure and algorithms, has errors of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeVar

from gsign import der
from gsign.cms.agreement import DERIVATIONS_READ, WRAPS_READ, unwrap
from gsign.cms.content import ContentCipher, decrypt_content, read_cipher
from gsign.cms.identifiers import (
    EC_PUBLIC_KEY,
    ID_AUTH_ENVELOPED_DATA,
    ID_CONTENT_TYPE,
    ID_DATA,
    ID_ENVELOPED_DATA,
    CmsError,
    names_certificate,
)
from gsign.cms.transport import read_transport
from gsign.der import Node
from gsign.signer import Decrypter, Oaep, key_or_chance

__all__ = ["Agreement", "Enveloped", "Recipient", "Transport", "open_read", "read_enveloped"]

_MOST_RECIPIENTS: Final = 4096
_Read = TypeVar("_Read")


class Transport(NamedTuple):
    """A content key encrypted by RSA; `padding` None is PKCS#1 v1.5."""

    padding: Oaep | None


class Agreement(NamedTuple):
    """A content key wrapped by what an ECDH secret yields."""

    digest: str
    wrap: bytes
    wrap_size: int
    point: bytes
    keying: bytes | None


class Recipient(NamedTuple):
    """One recipient: whose key it is, and the content key; `way` is None where its algorithm is not known."""

    issuer: bytes | None
    serial: bytes | None
    key_identifier: bytes | None
    way: Transport | Agreement | None
    encrypted: bytes

    def identifies(self, certificate: bytes) -> bool:
        """Say whether this recipient is the holder of a certificate."""
        return names_certificate(self.issuer, self.serial, self.key_identifier, certificate)


class Enveloped(NamedTuple):
    """An enveloped content as read; the ciphertext stays where it is, in pieces."""

    recipients: tuple[Recipient, ...]
    cipher: ContentCipher
    vector: bytes
    ciphertext: Node
    covered: bytes
    """What the tag authenticates beside the content: authenticated attributes with SET's tag (RFC 5083 2.2)."""
    tag: bytes


def read_enveloped(data: bytes) -> Enveloped:
    """Read a ContentInfo that holds an EnvelopedData or AuthEnvelopedData.

    Raises:
        CmsError: `cms-malformed`, `cms-not-enveloped`, `cipher-unknown`; `ciphers-mixed` where an authenticated cipher
            stands in an EnvelopedData or the reverse; `content-type-wrong` for anything but id-data, such as a further
            CMS or compressed data, which S/MIME puts into MIME first (RFC 8551 3.1).
    """
    try:
        return _read(der.parse(data))
    except CmsError:
        raise
    except (ValueError, IndexError) as error:  # also what unpacks into too few or too many parts
        raise CmsError("cms-malformed") from error


def open_read(
    enveloped: Enveloped, decrypter: Decrypter, reading: Callable[[bytes], _Read | None]
) -> tuple[_Read, bytes]:
    """Decrypt a content, and read it.

    With a wrong key the padding of CBC is right once in 256 times. That time does not tell, what came out is read
    either way.

    Args:
        enveloped: the content.
        decrypter: its keys.
        reading: reads it, or says by None that it is nothing of the kind.

    Returns:
        What was read, and DER of the certificate whose key it was.

    Raises:
        CmsError: `no-key-for-message`; `key-algorithm-unknown` where the key is there and the algorithm is not known;
            `decryption-failed` whatever else was wrong.
        TokenError: the token, key or PIN is at fault.
    """
    recipient, certificate = _ours(enveloped, decrypter.certificates)
    if recipient.way is None:
        raise CmsError("key-algorithm-unknown")
    size = enveloped.cipher.key_size
    key = _content_key(recipient.way, recipient.encrypted, certificate, size, decrypter)
    content, holds = decrypt_content(
        _pieces(enveloped.ciphertext),
        enveloped.cipher,
        key,
        enveloped.vector,
        covered=enveloped.covered,
        tag=enveloped.tag,
    )
    found = reading(content)
    if found is None or not holds:
        raise CmsError("decryption-failed")
    return found, certificate


def _ours(enveloped: Enveloped, certificates: tuple[bytes, ...]) -> tuple[Recipient, bytes]:
    for recipient in enveloped.recipients:
        for certificate in certificates:
            if recipient.identifies(certificate):
                return recipient, certificate
    raise CmsError("no-key-for-message")


def _content_key(
    way: Transport | Agreement, encrypted: bytes, certificate: bytes, size: int, decrypter: Decrypter
) -> bytes:
    """Return the content key, or one by chance: what was wrong comes to light with the content, or not at all."""
    if isinstance(way, Transport):
        return decrypter.unwrap(certificate, encrypted, way.padding, size)
    secret = decrypter.agree(certificate, way.point)
    found = unwrap(secret, encrypted, digest=way.digest, wrap=way.wrap, wrap_size=way.wrap_size, keying=way.keying)
    return key_or_chance(found, size)


def _octets(node: Node) -> bytes:
    """Return an OCTET STRING's value, whole or in pieces."""
    return b"".join(_pieces(node.expect(node.tag & 0x20 | der.OCTET_STRING)))


def _pieces(node: Node) -> Iterator[memoryview]:
    if node.is_constructed:
        for child in node.children():
            yield from _pieces(child.expect(child.tag & 0x20 | der.OCTET_STRING))
    else:
        yield memoryview(node.buffer)[node.body : node.body_end]


# ---------------------------------------------------------------- reading


def _read(node: Node) -> Enveloped:
    kind, content = node.expect(der.SEQUENCE).children()
    if kind.oid() not in (ID_ENVELOPED_DATA, ID_AUTH_ENVELOPED_DATA):
        raise CmsError("cms-not-enveloped")
    authenticated = kind.oid() == ID_AUTH_ENVELOPED_DATA
    (inner,) = content.expect(0xA0).children()
    version, *rest = inner.expect(der.SEQUENCE).children()
    version.expect(der.INTEGER)
    if rest[0].tag == 0xA0:  # originatorInfo: certificates that nothing here needs
        rest = rest[1:]
    infos, encrypted, *rest = rest
    content_type, identifier, ciphertext = encrypted.expect(der.SEQUENCE).children()
    if content_type.oid() != ID_DATA:
        raise CmsError("content-type-wrong")
    cipher, vector, tag_size = read_cipher(identifier)
    if cipher.is_authenticated != authenticated:
        raise CmsError("ciphers-mixed")
    covered, tag = _read_tag(rest, tag_size) if authenticated else (b"", b"")
    return Enveloped(
        recipients=_read_recipients(infos),
        cipher=cipher,
        vector=vector,
        ciphertext=ciphertext.expect(ciphertext.tag & 0x20 | 0x80),
        covered=covered,
        tag=tag,
    )


def _read_tag(rest: list[Node], tag_size: int) -> tuple[bytes, bytes]:
    """Read authenticated attributes and the tag (RFC 5083 2.1)."""
    covered = b""
    if rest[0].tag == 0xA1:
        if _content_type_of(rest[0]) != ID_DATA:
            raise CmsError("content-types-differ")
        covered = rest[0].retagged(der.SET)
        rest = rest[1:]
    tag = _octets(rest[0])
    if len(tag) != tag_size:
        raise CmsError("cms-malformed")
    return covered, tag


def _content_type_of(attributes: Node) -> str:
    found = [attribute.children() for attribute in attributes.children()]
    ((_, values),) = (parts for parts in found if parts[0].oid() == ID_CONTENT_TYPE)
    (value,) = values.expect(der.SET).children()
    return value.oid()


def _read_recipients(infos: Node) -> tuple[Recipient, ...]:
    nodes = infos.expect(der.SET).children()
    if not 0 < len(nodes) <= _MOST_RECIPIENTS:
        raise CmsError("cms-malformed")
    return tuple(recipient for node in nodes for recipient in _read_recipient(node))


def _read_recipient(node: Node) -> Iterator[Recipient]:
    """Read a RecipientInfo; those by password or by a key agreed before are nobody's here."""
    if node.tag == der.SEQUENCE:
        version, identifier, algorithm, encrypted = node.children()
        version.expect(der.INTEGER)
        yield Recipient(*_read_identifier(identifier), _transport(algorithm), _octets(encrypted))
    elif node.tag == 0xA1:
        version, originator, *rest = node.children()
        version.expect(der.INTEGER)
        keying = _octets(rest.pop(0).children()[0]) if rest[0].tag == 0xA1 else None
        algorithm, keys = rest
        way = _agreement(originator.expect(0xA0).children()[0], algorithm, keying)
        for key in keys.expect(der.SEQUENCE).children():
            identifier, encrypted = key.expect(der.SEQUENCE).children()
            yield Recipient(*_read_identifier(identifier), way, _octets(encrypted))


def _read_identifier(node: Node) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Read issuer and serial number, or a subject key identifier, alone or in a RecipientKeyIdentifier."""
    if node.tag == der.SEQUENCE:
        issuer, serial = node.children()
        return issuer.raw, serial.raw, None
    if node.tag == 0xA0 and node.children()[0].tag == der.OCTET_STRING:
        # [0] IMPLICIT RecipientKeyIdentifier, or [0] IMPLICIT SubjectKeyIdentifier in pieces: the same octets.
        return None, None, node.children()[0].content
    return None, None, node.expect(0x80).content


def _transport(algorithm: Node) -> Transport | None:
    try:
        return Transport(read_transport(algorithm))
    except KeyError:
        return None


def _agreement(originator: Node, algorithm: Node, keying: bytes | None) -> Agreement | None:
    kind, *parameters = algorithm.expect(der.SEQUENCE).children()
    digest = DERIVATIONS_READ.get(kind.oid())
    if digest is None or originator.tag != 0xA1 or not parameters:
        return None
    wrap_size = WRAPS_READ.get(parameters[0].expect(der.SEQUENCE).children()[0].oid())
    key_kind, bits = originator.children()
    if wrap_size is None or key_kind.expect(der.SEQUENCE).children()[0].oid() != EC_PUBLIC_KEY:
        return None
    unused, point = bits.expect(der.BIT_STRING).content[:1], bits.content[1:]
    if unused != b"\0":
        raise der.DerError("bits of odd length")
    return Agreement(digest, parameters[0].raw, wrap_size, point, keying)
