"""S/MIME and OpenPGP: what is signed is looked into, what is encrypted cannot be."""

from __future__ import annotations

import base64
import zlib

from gsign import der
from tests.hiding.kit import HEADER, MIME, TEXT, attached, b64, letter, mixed, part
from tests.hiding.model import way

_DATA, _SIGNED, _ENVELOPED = (f"1.2.840.113549.1.7.{n}" for n in (1, 2, 3))
_AUTH = "1.2.840.113549.1.9.16.1.23"
_COMPRESSED = "1.2.840.113549.1.9.16.1.9"


def _info(kind: str, *fields: bytes) -> bytes:
    return der.sequence(der.oid(kind), der.explicit(0, der.sequence(*fields)))


def _encapsulated(content: bytes) -> bytes:
    return der.sequence(der.oid(_DATA), der.explicit(0, der.octet_string(content)))


def _signed(content: bytes) -> bytes:
    return _info(_SIGNED, der.integer(1), der.set_of([]), _encapsulated(content), der.set_of([]))


def _detached() -> bytes:
    return _info(_SIGNED, der.integer(1), der.set_of([]), der.sequence(der.oid(_DATA)), der.set_of([]))


def _indefinite(content: bytes) -> bytes:
    """Write the same in indefinite lengths and pieces, as streaming writers do."""
    pieces = b"".join(der.octet_string(content[at : at + 1000]) for at in range(0, len(content), 1000))
    octets = b"\x24\x80" + pieces + b"\0\0"
    inner = b"\x30\x80" + der.oid(_DATA) + b"\xa0\x80" + octets + b"\0\0" * 2
    body = b"\x30\x80" + der.integer(1) + der.set_of([]) + inner + der.set_of([]) + b"\0\0"
    return b"\x30\x80" + der.oid(_SIGNED) + b"\xa0\x80" + body + b"\0\0" * 2


def _compressed(content: bytes) -> bytes:
    algorithm = der.sequence(der.oid("1.2.840.113549.1.9.16.3.8"))
    return _info(_COMPRESSED, der.integer(0), algorithm, _encapsulated(zlib.compress(content)))


def _encrypted(kind: str = _ENVELOPED) -> bytes:
    content = der.sequence(
        der.oid(_DATA), der.sequence(der.oid("2.16.840.1.101.3.4.1.42")), der.context(0, b"x" * 64, constructed=False)
    )
    return _info(kind, der.integer(0), der.set_of([der.sequence()]), content)


def _entity(pdf: bytes) -> bytes:
    return mixed(TEXT, part(pdf), boundary=b"trong")


def _root(content: bytes, kind: bytes = b"application/pkcs7-mime", name: bytes = b"smime.p7m") -> bytes:
    return HEADER + MIME + part(content, name, kind)


@way("inside an opaque signature")
def opaque(pdf: bytes) -> bytes:
    return _root(_signed(_entity(pdf)))


@way("inside an opaque signature, by the older type")
def opaque_older_type(pdf: bytes) -> bytes:
    return _root(_signed(_entity(pdf)), b"application/x-pkcs7-mime")


@way("inside an opaque signature that is called octets")
def opaque_as_octets(pdf: bytes) -> bytes:
    return _root(_signed(_entity(pdf)), b"application/octet-stream")


@way("inside an opaque signature in pieces of indefinite length")
def opaque_indefinite(pdf: bytes) -> bytes:
    return _root(_indefinite(_entity(pdf)))


@way("three opaque signatures around each other")
def opaque_nested(pdf: bytes) -> bytes:
    entity = _entity(pdf)
    for _ in range(2):
        entity = part(_signed(entity), b"smime.p7m", b"application/pkcs7-mime")
    return _root(_signed(entity))


@way("attached under an opaque signature")
def opaque_attached(pdf: bytes) -> bytes:
    return attached(_signed(_entity(pdf)), b"thu.p7m")


@way("a signed file whose signature holds it, as .pdf.p7m")
def p7m_file(pdf: bytes) -> bytes:
    return attached(_signed(pdf), b"vb.pdf.p7m")


@way("such a file written as PEM")
def p7m_pem(pdf: bytes) -> bytes:
    pem = b"-----BEGIN PKCS7-----\r\n" + b64(_signed(pdf), 64) + b"-----END PKCS7-----\r\n"
    return attached(pem, b"vb.pdf.p7m")


@way("such a file under the name of an image")
def p7m_renamed(pdf: bytes) -> bytes:
    return attached(_signed(pdf), b"anh.jpg", b"image/jpeg")


@way("compressed as S/MIME allows")
def compressed(pdf: bytes) -> bytes:
    return _root(_compressed(_entity(pdf)))


@way("compressed within an opaque signature")
def compressed_and_signed(pdf: bytes) -> bytes:
    return _root(_signed(part(_compressed(_entity(pdf)), b"smime.p7z", b"application/pkcs7-mime")))


@way("in a message with a detached signature")
def detached(pdf: bytes) -> bytes:
    signature = _detached()
    signed = mixed(TEXT, part(pdf), boundary=b"trong")
    kind = b'; protocol="application/pkcs7-signature"; micalg=sha-256'
    return letter(signed, part(signature, b"smime.p7s", b"application/pkcs7-signature"), kind=b"signed", more=kind)


@way("in the file that should be the signature")
def as_signature(pdf: bytes) -> bytes:
    kind = b'; protocol="application/pkcs7-signature"; micalg=sha-256'
    return letter(TEXT, part(pdf, b"smime.p7s", b"application/pkcs7-signature"), kind=b"signed", more=kind)


@way("inside the content of what should be a detached signature")
def inside_signature(pdf: bytes) -> bytes:
    kind = b'; protocol="application/pkcs7-signature"; micalg=sha-256'
    return letter(TEXT, part(_signed(pdf), b"smime.p7s", b"application/pkcs7-signature"), kind=b"signed", more=kind)


@way("encrypted with S/MIME", unreadable="encrypted", finds=False)
def encrypted(pdf: bytes) -> bytes:
    return _root(_encrypted())


@way("encrypted with S/MIME and authenticated", unreadable="encrypted", finds=False)
def encrypted_authenticated(pdf: bytes) -> bytes:
    return _root(_encrypted(_AUTH))


@way("encrypted with S/MIME, the kind said to be signed", unreadable="encrypted", finds=False)
def encrypted_called_signed(pdf: bytes) -> bytes:
    return _root(_encrypted(), b"application/pkcs7-mime; smime-type=signed-data")


@way("encrypted within an opaque signature", unreadable="encrypted", finds=False)
def encrypted_inside_signed(pdf: bytes) -> bytes:
    return _root(_signed(part(_encrypted(), b"smime.p7m", b"application/pkcs7-mime")))


@way("an encrypted file attached under the name of an image", unreadable="encrypted", finds=False)
def encrypted_renamed(pdf: bytes) -> bytes:
    return attached(_encrypted(), b"anh.jpg", b"image/jpeg")


@way("an S/MIME envelope that is damaged", unreadable="damaged", finds=False)
def envelope_damaged(pdf: bytes) -> bytes:
    return _root(_signed(_entity(pdf))[:200])


@way("no S/MIME envelope, though it is said to be one", unreadable="damaged")
def envelope_is_document(pdf: bytes) -> bytes:
    return _root(pdf)


_PGP = b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n=abcd\r\n-----END PGP MESSAGE-----\r\n"


@way("encrypted with OpenPGP", unreadable="encrypted", finds=False)
def pgp_mime(pdf: bytes) -> bytes:
    version = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    content = b"Content-Type: application/octet-stream\r\n\r\n" + _PGP
    return letter(version, content, kind=b"encrypted", more=b'; protocol="application/pgp-encrypted"')


@way("encrypted with OpenPGP in the text", unreadable="encrypted", finds=False)
def pgp_inline(pdf: bytes) -> bytes:
    return letter(TEXT + _PGP)


@way("encrypted with OpenPGP without armour, in multipart/encrypted", unreadable="encrypted", finds=False)
def pgp_binary(pdf: bytes) -> bytes:
    version = b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    content = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(
        b"\x85\1\x0c\3x"
    )
    return letter(version, content + b"\r\n", kind=b"encrypted")
