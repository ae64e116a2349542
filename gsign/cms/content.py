"""Ciphers of an enveloped content: AES in GCM and CBC, and what old mail uses (RFC 5084, RFC 3565, RFC 3370 5.1)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Final, NamedTuple

from gsign import der
from gsign.cms.identifiers import CmsError
from gsign.der import Node

__all__ = [
    "AES_128_CBC",
    "AES_128_GCM",
    "AES_256_CBC",
    "AES_256_GCM",
    "CIPHERS_READ",
    "ContentCipher",
    "Decrypted",
    "Sealed",
    "decrypt_content",
    "encrypt_content",
    "read_cipher",
]

_AES: Final = "2.16.840.1.101.3.4.1."
_NONCE_SIZE: Final = 12
_TAG_SIZE: Final = 16
_SMALLEST_TAG: Final = 12
_PIECE: Final = 1 << 20


class ContentCipher(NamedTuple):
    """A content encryption algorithm; `is_authenticated` where no changed octet passes."""

    name: str
    oid: str
    key_size: int
    is_authenticated: bool
    block_size: int = 16
    is_weak: bool = False


AES_256_GCM: Final = ContentCipher("aes-256-gcm", _AES + "46", 32, is_authenticated=True)
AES_128_GCM: Final = ContentCipher("aes-128-gcm", _AES + "6", 16, is_authenticated=True)
AES_256_CBC: Final = ContentCipher("aes-256-cbc", _AES + "42", 32, is_authenticated=False)
AES_128_CBC: Final = ContentCipher("aes-128-cbc", _AES + "2", 16, is_authenticated=False)
CIPHERS_READ: Final = {
    cipher.oid: cipher
    for cipher in (
        AES_256_GCM,
        AES_128_GCM,
        AES_256_CBC,
        AES_128_CBC,
        ContentCipher("aes-192-gcm", _AES + "26", 24, is_authenticated=True),
        ContentCipher("aes-192-cbc", _AES + "22", 24, is_authenticated=False),
        # Read in the mail of years ago, said to be weak, never written.
        ContentCipher("des-ede3-cbc", "1.2.840.113549.3.7", 24, is_authenticated=False, block_size=8, is_weak=True),
    )
}


class Sealed(NamedTuple):
    """An encrypted content: AlgorithmIdentifier, octets in pieces, and the tag of an authenticated cipher."""

    identifier: bytes
    pieces: list[bytes]
    tag: bytes


class Decrypted(NamedTuple):
    """What came out of a ciphertext; nobody may have it unless it `holds`."""

    octets: bytes
    holds: bool


def read_cipher(identifier: Node) -> tuple[ContentCipher, bytes, int]:
    """Read a content encryption AlgorithmIdentifier.

    Returns:
        The cipher, its nonce or initialisation vector, and the length of its tag in bytes (0 for none).

    Raises:
        CmsError: `cipher-unknown`.
        ValueError: malformed.
    """
    kind, parameters = identifier.expect(der.SEQUENCE).children()
    cipher = CIPHERS_READ.get(kind.oid())
    if cipher is None:
        raise CmsError("cipher-unknown")
    if not cipher.is_authenticated:
        vector = parameters.expect(der.OCTET_STRING).content
        if len(vector) != cipher.block_size:
            raise CmsError("cms-malformed")
        return cipher, vector, 0
    nonce, *length = parameters.expect(der.SEQUENCE).children()
    tag_size = length[0].integer() if length else _SMALLEST_TAG
    octets = nonce.expect(der.OCTET_STRING).content
    if not _SMALLEST_TAG <= tag_size <= _TAG_SIZE or not octets:
        raise CmsError("cms-malformed")
    return cipher, octets, tag_size


def encrypt_content(pieces: Iterable[bytes | memoryview], cipher: ContentCipher, key: bytes) -> Sealed:
    """Encrypt with a key that is used this once.

    Args:
        pieces: of the content, in order.
        cipher: AES in GCM or CBC.
        key: of the cipher's size.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if cipher.is_authenticated:
        nonce = os.urandom(_NONCE_SIZE)
        sealing = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
        sealed = [sealing.update(piece) for piece in _small(pieces)]
        sealed.append(sealing.finalize())
        parameters = der.sequence(der.octet_string(nonce), der.integer(_TAG_SIZE))
        return Sealed(der.sequence(der.oid(cipher.oid), parameters), sealed, sealing.tag)
    vector = os.urandom(cipher.block_size)
    chaining = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    sealed, length = [], 0
    for piece in _small(pieces):
        sealed.append(chaining.update(piece))
        length += len(piece)
    padding = cipher.block_size - length % cipher.block_size  # RFC 5652 6.3
    sealed += (chaining.update(bytes([padding]) * padding), chaining.finalize())
    return Sealed(der.sequence(der.oid(cipher.oid), der.octet_string(vector)), sealed, b"")


def decrypt_content(
    pieces: Iterable[memoryview], cipher: ContentCipher, key: bytes, vector: bytes, *, covered: bytes = b"", tag: bytes
) -> Decrypted:
    """Decrypt a content; it does not hold where tag, length or padding are wrong, whichever it was.

    Nothing is given away before the tag is checked and the end is reached. What came out with padding that is wrong is
    there for its reader to take the time that it would have taken otherwise.

    Args:
        pieces: of the ciphertext, in order.
        cipher: as read.
        key: of the cipher's size.
        vector: nonce or initialisation vector.
        covered: further octets that the tag authenticates.
        tag: of an authenticated cipher.
    """
    if cipher.is_authenticated:
        return _decrypt_gcm(pieces, key, vector, covered, tag)
    return _decrypt_cbc(pieces, cipher, key, vector)


def _decrypt_gcm(pieces: Iterable[memoryview], key: bytes, nonce: bytes, covered: bytes, tag: bytes) -> Decrypted:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    opening = Cipher(algorithms.AES(key), modes.GCM(nonce, tag, min_tag_length=_SMALLEST_TAG)).decryptor()
    opening.authenticate_additional_data(covered)
    plain = BytesIO()
    plain.writelines(map(opening.update, _small(pieces)))
    try:
        opening.finalize()
    except InvalidTag:
        return Decrypted(b"", holds=False)
    return Decrypted(plain.getvalue(), holds=True)


def _decrypt_cbc(pieces: Iterable[memoryview], cipher: ContentCipher, key: bytes, vector: bytes) -> Decrypted:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if cipher.is_weak:
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES

        algorithm: algorithms.AES | TripleDES = TripleDES(key)
    else:
        algorithm = algorithms.AES(key)
    opening = Cipher(algorithm, modes.CBC(vector)).decryptor()
    plain = BytesIO()
    plain.writelines(map(opening.update, _small(pieces)))
    try:
        opening.finalize()
    except ValueError:  # a length that is no multiple of the block's
        return Decrypted(plain.getvalue(), holds=False)
    return _without_padding(plain, cipher.block_size)


def _small(pieces: Iterable[bytes | memoryview]) -> Iterator[memoryview]:
    """Cut what is large: a cipher takes twice the memory of what it is given at once."""
    for piece in pieces:
        view = memoryview(piece)
        yield from (view[at : at + _PIECE] for at in range(0, len(view), _PIECE))


def _without_padding(plain: BytesIO, block_size: int) -> Decrypted:
    """Take the padding off (RFC 5652 6.3), having looked at the whole last block whatever is in it."""
    length = plain.tell()
    plain.seek(max(0, length - block_size))
    last = plain.read()
    if not last:
        return Decrypted(b"", holds=False)
    size = last[-1]
    wrong = (size == 0) | (size > block_size)
    for place, octet in enumerate(reversed(last)):
        wrong |= (place < size) & (octet != size)
    plain.truncate(length - size * (not wrong))
    return Decrypted(plain.getvalue(), not wrong)
