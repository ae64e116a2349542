"""A signed message put together: the outer fields as they came, the signed entity, the signature (RFC 8551 3.5)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple

from gsign import cms, der
from gsign.cms.content import AES_128_CBC, AES_128_GCM, AES_256_CBC, AES_256_GCM
from gsign.mime import Part
from gsign.protection.canonical import Edit, apply, base64_lines, base64_pieces, trimmed
from gsign.protection.capabilities import CAPABILITIES
from gsign.protection.headers import CIPHER, CLEAR, Pieces, outer_header, protected_copies, with_mark
from gsign.protection.layers import DETACHED
from gsign.protection.signers import DOMAIN_SIGNATURE, SIGNATURE_TYPE
from gsign.signer import Algorithm, Signer

__all__ = ["Entity", "SignatureMaker", "signed_entity", "signed_message"]

_PLAIN: Final = b"Content-Type: text/plain; charset=us-ascii\r\n"
# What the signer's own mail may be encrypted with, the best first (RFC 8551 clause 2.5.2).
_CIPHERS: Final = (AES_256_GCM, AES_128_GCM, AES_256_CBC, AES_128_CBC)
_SMALL: Final = 1 << 16


class Entity(NamedTuple):
    """What is signed: pieces that together are one MIME entity with CRLF, most of them views of the message."""

    pieces: Pieces


class SignatureMaker(NamedTuple):
    """Makes the CMS of one signature.

    Args:
        signer: the key.
        algorithm: what it signs with.
        chain: certificates to carry beside the signer's.
        signing_time: what is claimed.
        as_agency: whether it says to be an agency's (RFC 3183 clause 3.2).
    """

    signer: Signer
    algorithm: Algorithm
    chain: tuple[bytes, ...]
    signing_time: datetime
    as_agency: bool

    def detached(self, entity: Entity) -> bytes:
        """Sign in one digest pass.

        Raises:
            TokenError: the token, key or PIN is at fault.
        """
        attributes = self._attributes(entity)
        return cms.assemble(attributes, self._sign(attributes), chain=self.chain)

    def opaque(self, entity: Entity) -> Pieces:
        """Sign, and put the entity into the CMS.

        Raises:
            TokenError: the token, key or PIN is at fault.
        """
        attributes = self._attributes(entity)
        return cms.assemble_around(attributes, self._sign(attributes), entity.pieces, chain=self.chain)

    def _attributes(self, entity: Entity) -> cms.SignedAttributes:
        digest = self.algorithm.digest.new()
        for piece in entity.pieces:
            digest.update(piece)
        return cms.signed_attributes(
            self.signer.certificate,
            self.algorithm,
            digest.digest(),
            signing_time=self.signing_time,
            others=_further_attributes(as_agency=self.as_agency),
        )

    def _sign(self, attributes: cms.SignedAttributes) -> bytes:
        return self.signer.sign(attributes.to_sign, self.algorithm)

    @property
    def micalg(self) -> str:
        """The digest's name in multipart/signed (RFC 8551 clause 3.5.3.2)."""
        name = self.algorithm.digest.value
        return name if "-" in name else name.replace("sha", "sha-", 1)


def _further_attributes(*, as_agency: bool) -> tuple[bytes, ...]:
    capabilities = der.sequence(*(der.sequence(der.oid(cipher.oid)) for cipher in _CIPHERS))
    attributes: tuple[bytes, ...] = (cms.attribute(CAPABILITIES, capabilities),)
    if as_agency:
        attributes += (cms.attribute(SIGNATURE_TYPE, der.sequence(der.oid(DOMAIN_SIGNATURE))),)
    return attributes


def signed_entity(
    message: Part, edits: Iterable[Edit], outside: bytes | None = None, *, seven_bit: bool = False
) -> Entity:
    """Make the entity that is signed: copies of the author's header fields, the fields of the body, the body.

    Args:
        message: the message.
        edits: what is encoded anew, from `edits_for_transport`.
        outside: where it is to be encrypted, the fields that say what will stand outside (HP-Outer).
        seven_bit: whether the copies have to be.
    """
    edits = list(edits)
    mark = CLEAR if outside is None else CIPHER
    fields: Pieces = [protected_copies(message, seven_bit=seven_bit), outside or b""]
    has_type = False
    changed = {edit.start: edit for edit in edits if edit.end <= message.body_start}
    for field in message.fields:
        if not field.key.startswith("content-"):
            continue
        edit = changed.pop(field.start, None)
        octets = edit.octets if edit is not None else message.data[field.start : field.end]
        is_type = field.key == "content-type"
        has_type |= is_type
        fields.append(with_mark(octets, mark) if is_type and "hp" not in message.parameters else octets)
    if not has_type:
        fields.append(with_mark(_PLAIN, mark))
    fields += (edit.octets for edit in changed.values())
    header = trimmed(b"".join(fields))
    return Entity(_gathered([header, b"\r\n", *apply(message.data, message.body_start, message.end, edits)]))


def _gathered(pieces: Pieces) -> Pieces:
    """Join neighbours that are small."""
    gathered: Pieces = []
    for piece in pieces:
        if gathered and len(gathered[-1]) + len(piece) < _SMALL:
            gathered[-1] = bytes(gathered[-1]) + bytes(piece)
        else:
            gathered.append(piece)
    return gathered


def signed_message(message: Part, entity: Entity, form: str, maker: SignatureMaker) -> Iterator[bytes | memoryview]:
    """Sign the entity and put the message together; all outer fields but those of the body stay as they are.

    Returns:
        Pieces, the large ones of which are views, or made when their turn comes.

    Raises:
        TokenError: the token, key or PIN is at fault.
    """
    body: Iterable[bytes | memoryview]
    if form == DETACHED:
        signature = maker.detached(entity)
        boundary = f"gsign-{secrets.token_hex(16)}".encode()
        structure = _detached_fields(boundary, maker.micalg)
        body = _detached_body(boundary, entity, signature)
    else:
        structure, body = _OPAQUE_FIELDS, base64_pieces(maker.opaque(entity))
    header = outer_header(message, structure, lambda field: message.data[field.start : field.end])
    return chain(header, (b"\r\n",), body)


_OPAQUE_FIELDS: Final = (
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\r\n'
    b"Content-Transfer-Encoding: base64\r\n"
    b'Content-Disposition: attachment; filename="smime.p7m"\r\n'
)


def _detached_fields(boundary: bytes, micalg: str) -> bytes:
    return (
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n'
        b' micalg="' + micalg.encode() + b'"; boundary="' + boundary + b'"\r\n'
    )


def _detached_body(boundary: bytes, entity: Entity, signature: bytes) -> Pieces:
    return [
        b"--" + boundary + b"\r\n",
        *entity.pieces,
        b"\r\n--" + boundary + b"\r\n"
        b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
        b"Content-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="smime.p7s"\r\n'
        b"\r\n",
        base64_lines(signature),
        b"\r\n--" + boundary + b"--\r\n",
    ]
