"""Encrypted messages put together and opened: the entity inside is, octet for octet, what was encrypted (RFC 8551)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from typing import Final, NamedTuple

from gsign.cms import CmsError
from gsign.cms.content import ContentCipher
from gsign.cms.enveloped import Addressee, envelop
from gsign.cms.opening import Enveloped, open_read, read_enveloped
from gsign.errors import InputError, OtherKeyError, UsageError
from gsign.mime import Part, read
from gsign.mime.fields import Field
from gsign.protection.binding import is_same, senders
from gsign.protection.canonical import base64_pieces
from gsign.protection.confidential import concealed_header, outer_copies, revealed_header
from gsign.protection.headers import Pieces, is_authors, is_structural
from gsign.protection.layers import DETACHED, ENCRYPTED, Layer, LayerError, find_layer
from gsign.protection.payload import protected_part
from gsign.protection.signers import open_signed
from gsign.protection.writing import signed_entity
from gsign.signer import Decrypter

__all__ = ["Encrypted", "Opened", "encrypt_message", "open_message"]

_MOST_LAYERS: Final = 3
_UNREADABLE: Final = frozenset(("header-malformed", "header-too-large", "header-unended", "too-many-fields"))


class Encrypted(NamedTuple):
    """An encrypted message.

    Args:
        pieces: to be taken once; the large ones are made when their turn comes.
        is_signed: whether a signature stands inside, around all.
        is_subject_hidden: False where the subject is in the clear, since no copy of it is inside.
    """

    pieces: Iterable[bytes | memoryview]
    is_signed: bool
    is_subject_hidden: bool


class Opened(NamedTuple):
    """A decrypted message.

    Args:
        message: what was encrypted, as a message of its own: fields from outside that it has none of stand before it.
        entity_size: how many octets at its end were encrypted.
        cipher: what it was encrypted with.
        certificate: DER of the certificate whose key opened it.
        warnings: what is off.
    """

    message: bytes
    entity_size: int
    cipher: ContentCipher
    certificate: bytes
    warnings: tuple[str, ...] = ()


# ---------------------------------------------------------------- encrypting


def encrypt_message(message: Part, addressees: Sequence[Addressee], cipher: ContentCipher) -> Encrypted:
    """Encrypt a message to its addressees.

    What is signed already is encrypted as it is. What is not gets copies of its header fields inside (RFC 9788).

    Args:
        message: in one reading.
        addressees: whose keys open it.
        cipher: for the content.

    Raises:
        UsageError: `mail-encrypted-already`.
        InputError: `mail-unclear` where a signature at the root cannot be read.
        CmsError: `recipient-key-unsupported`.
    """
    layer = _layer_of(message)
    if layer is None:
        entity, is_inside = signed_entity(message, [], outer_copies(message)).pieces, True
    elif layer.form == ENCRYPTED:
        raise UsageError("mail-encrypted-already")
    else:
        entity, is_inside = _body_entity(message), _protects_header(layer)
    sealed = envelop(entity, addressees, cipher)
    kind = b"authEnveloped-data" if cipher.is_authenticated else b"enveloped-data"
    header = concealed_header(message, _STRUCTURE % kind, is_inside=is_inside)
    return Encrypted(chain(header, (b"\r\n",), base64_pieces(sealed)), layer is not None, is_inside)


_STRUCTURE: Final = (
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: application/pkcs7-mime; smime-type=%s;\r\n"
    b' name="smime.p7m"\r\n'
    b"Content-Transfer-Encoding: base64\r\n"
    b'Content-Disposition: attachment; filename="smime.p7m"\r\n'
)


def _layer_of(message: Part) -> Layer | None:
    try:
        return find_layer(message)
    except LayerError as error:
        raise InputError("mail-unclear", reasons=error.reason) from error


def _body_entity(message: Part) -> Pieces:
    """Return the body as an entity of its own, with the fields that describe it."""
    fields = (f for f in message.fields if f.key.startswith("content-"))
    return [*(message.data[f.start : f.end] for f in fields), b"\r\n", message.body]


def _protects_header(layer: Layer) -> bool:
    """Whether copies of the header fields are signed, so that hiding those outside loses nothing."""
    try:
        return protected_part(_signed_part(layer)) is not None
    except (CmsError, LayerError) as error:
        raise InputError("mail-unclear", reasons=error.reason) from error


def _signed_part(layer: Layer) -> Part:
    if layer.form == DETACHED and layer.entity is not None:
        return layer.entity
    return read(bytes(open_signed(layer).octets))


# ---------------------------------------------------------------- decrypting


def open_message(message: Part, decrypter: Decrypter) -> Opened:
    """Decrypt a message that is encrypted at its root, or right below signatures there.

    Raises:
        InputError: `mail-not-encrypted`; `mail-encryption-malformed` or `mail-cipher-unknown`, which everybody can see;
            `decryption-failed`, whatever it was that only the key tells.
        OtherKeyError: `no-key-for-message`.
        TokenError: token, key or PIN.
    """
    content = _content(message, decrypter)
    pieces, warnings = _as_message(message, content.entity)
    warnings = (*content.warnings, *warnings)
    return Opened(b"".join(pieces), len(content.entity.data), content.cipher, content.certificate, warnings)


class _Content(NamedTuple):
    """What was encrypted, by what, to whose key, and what is off."""

    entity: Part
    cipher: ContentCipher
    certificate: bytes
    warnings: tuple[str, ...]


def _content(message: Part, decrypter: Decrypter) -> _Content:
    """Decrypt the content; the CMS, which is as large, is let go."""
    layer = _encrypted_layer(message)
    try:
        enveloped = read_enveloped(layer.cms)
        entity, certificate = open_read(enveloped, decrypter, _entity)
    except CmsError as error:
        raise _in_our_words(error, decrypter) from None
    return _Content(entity, enveloped.cipher, certificate, (*layer.warnings, *_weaknesses(enveloped)))


def _encrypted_layer(message: Part) -> Layer:
    """Find the encryption, taking off signatures around it: of an agency, or of a triple-wrapped message (RFC 2634)."""
    part = message
    for _ in range(_MOST_LAYERS):
        try:
            layer = find_layer(part)
            if layer is None:
                break
            if layer.form == ENCRYPTED:
                return layer
            part = _signed_part(layer)
        except (LayerError, CmsError) as error:
            raise InputError("mail-encryption-malformed", reasons=error.reason) from None
    raise InputError("mail-not-encrypted")


def _in_our_words(error: CmsError, decrypter: Decrypter) -> InputError | OtherKeyError:
    if error.reason == "no-key-for-message":
        return OtherKeyError("no-key-for-message", uri=decrypter.uri)
    if error.reason == "decryption-failed":
        return InputError("decryption-failed")
    if error.reason in ("cipher-unknown", "key-algorithm-unknown"):
        return InputError("mail-cipher-unknown")
    return InputError("mail-encryption-malformed", reasons=error.reason)


def _entity(content: bytes) -> Part | None:
    """Read what came out; None where it has no header."""
    inner = read(content)
    has_header = bool(inner.fields or content[:2] == b"\r\n") and _UNREADABLE.isdisjoint(inner.ambiguities)
    return inner if has_header else None


def _weaknesses(enveloped: Enveloped) -> tuple[str, ...]:
    return ("cipher-weak",) if enveloped.cipher.is_weak else ()


def _as_message(outer: Part, inner: Part) -> tuple[Pieces, tuple[str, ...]]:
    """Put before an entity what makes it a message again."""
    warnings: tuple[str, ...] = ()
    if inner.get("from") is None:
        fields = revealed_header(outer, inner, *_protected(inner))
    else:
        # It brings the author's fields itself: what else is outside, nobody encrypted.
        way = (f for f in outer.fields if not (is_structural(f) or is_authors(f)))
        fields = [outer.data[f.start : f.end] for f in way]
        warnings = () if _is_from_same(outer, inner) else ("sender-inside-differs",)
    if any("authentication-results" in field.key for field in inner.fields):
        # Beside those that a server wrote outside they look like its own; whoever encrypts writes what he likes.
        warnings += ("results-inside",)
    if inner.get("mime-version") is None:
        fields.append(b"MIME-Version: 1.0\r\n")
    if b"\r" not in inner.data:
        # Encrypted as it lay on somebody's disk: then all is as it would lie there, and is read alike.
        fields = [bytes(field).replace(b"\r\n", b"\n") for field in fields]
    return [*fields, inner.data], warnings


def _is_from_same(outer: Part, inner: Part) -> bool:
    """Whether the sender inside is the one outside, whom mail servers may have looked at (RFC 9788 clause 10.1)."""
    (outside, trouble), (inside, doubt) = senders(outer), senders(inner)
    if trouble or doubt or len(outside) != len(inside):
        return False
    return all(is_same(one.spec, other.spec) for one, other in zip(outside, inside, strict=True))


def _protected(inner: Part) -> tuple[tuple[Field, ...], bytes]:
    """Return the fields that the author wrote, below a signature or the entity's own, and what they are of."""
    with suppress(LayerError, CmsError):  # a signature that cannot be read is judged by whoever verifies it
        layer = find_layer(inner)
        if layer is not None and layer.form != ENCRYPTED:
            payload = protected_part(_signed_part(layer))
            return (payload.fields, payload.data) if payload is not None else ((), b"")
    return inner.fields, inner.data
