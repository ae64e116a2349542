"""What a certificate says about its key and its use: just what choosing a key on a token needs (RFC 5280)."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from gsign import der

__all__ = ["CertificateFacts", "PublicKey", "point_octets", "read_certificate"]

_RSA: Final = ("1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10")
_EC: Final = "1.2.840.10045.2.1"
_CURVES: Final = {"1.2.840.10045.3.1.7": ("P-256", 256), "1.3.132.0.34": ("P-384", 384), "1.3.132.0.35": ("P-521", 521)}
_COMMON_NAME, _ORGANISATION = "2.5.4.3", "2.5.4.10"
_KEY_USAGE, _BASIC_CONSTRAINTS, _EXTENDED = "2.5.29.15", "2.5.29.19", "2.5.29.37"
_POINT_SIZES: Final = (65, 97, 133)
_UTF16_TAG: Final = 0x1E
_PURPOSE: Final = "1.3.6.1.5.5.7.3."
# Server, code, time stamps, OCSP, IPsec: certificates with nothing but these are not for documents.
_OTHER_PURPOSES: Final = frozenset(_PURPOSE + number for number in ("1", "3", "5", "6", "7", "8", "9", "17"))


class PublicKey(NamedTuple):
    """A public key: `kind` is `rsa`, `ec` or `other`; `octets` the modulus or the uncompressed point."""

    kind: str
    bits: int
    octets: bytes
    curve: str = ""

    @property
    def name(self) -> str:
        """Short name, such as RSA 2048 or EC P-256."""
        return {"rsa": f"RSA {self.bits}", "ec": f"EC {self.curve}"}.get(self.kind, "?")


class CertificateFacts(NamedTuple):
    """Facts of one certificate; times are aware, `issuer` and `subject` DER Names."""

    name: str
    organisation: str
    issuer_name: str
    issuer: bytes
    subject: bytes
    serial: int
    not_before: datetime
    not_after: datetime
    key: PublicKey
    is_ca: bool
    key_usage: int | None
    extended: frozenset[str]

    @property
    def may_sign(self) -> bool:
        """Whether the key usage allows signatures (digitalSignature or nonRepudiation; RFC 5280 4.2.1.3)."""
        return self.key_usage is None or bool(self.key_usage & 0xC0)

    @property
    def is_for_other_purpose(self) -> bool:
        """Whether the extended key usage leaves no room for documents."""
        return bool(self.extended) and self.extended <= _OTHER_PURPOSES


def read_certificate(data: bytes) -> CertificateFacts:
    """Read a DER certificate.

    Raises:
        DerError: it is none.
    """
    try:
        return _read(data)
    except (IndexError, ValueError) as error:
        raise der.DerError("no certificate") from error


def _read(data: bytes) -> CertificateFacts:
    # Some tokens return the certificate with their padding behind it.
    parts = der.parse(data, trailing=True).children()[0].children()
    if parts[0].tag == 0xA0:
        parts = parts[1:]
    serial, _, issuer, validity, subject, key = parts[:6]
    extensions = _extensions(parts[6:])
    before, after = validity.children()
    usage, purposes = extensions.get(_KEY_USAGE), extensions.get(_EXTENDED)
    return CertificateFacts(
        name=_attribute(subject, _COMMON_NAME) or _attribute(subject, _ORGANISATION),
        organisation=_attribute(subject, _ORGANISATION),
        issuer_name=_attribute(issuer, _COMMON_NAME) or _attribute(issuer, _ORGANISATION),
        issuer=issuer.raw,
        subject=subject.raw,
        serial=serial.integer(),
        not_before=der.read_time(before),
        not_after=der.read_time(after),
        key=_public_key(key),
        is_ca=_is_ca(extensions.get(_BASIC_CONSTRAINTS)),
        key_usage=None if usage is None else (der.parse(usage).content + b"\0")[1],
        extended=frozenset() if purposes is None else frozenset(node.oid() for node in der.parse(purposes).children()),
    )


def _extensions(parts: list[der.Node]) -> dict[str, bytes]:
    found = {}
    for part in parts:
        if part.tag == 0xA3:
            for extension in part.children()[0].children():
                fields = extension.children()
                found[fields[0].oid()] = fields[-1].octets()
    return found


def _is_ca(constraints: bytes | None) -> bool:
    fields = der.parse(constraints).children() if constraints else []
    return bool(fields) and fields[0].tag == der.BOOLEAN and fields[0].content != b"\0"


def _attribute(name: der.Node, wanted: str) -> str:
    for relative in name.children():
        for attribute in relative.children():
            kind, value = attribute.children()
            if kind.oid() == wanted:
                encoding = "utf-16-be" if value.tag == _UTF16_TAG else "utf-8"
                return value.content.decode(encoding, "replace")
    return ""


def _public_key(node: der.Node) -> PublicKey:
    algorithm, bits = node.children()
    fields = algorithm.children()
    kind, octets = fields[0].oid(), bits.content[1:]
    if kind in _RSA:
        modulus = der.parse(octets).children()[0].integer()
        return PublicKey("rsa", modulus.bit_length(), modulus.to_bytes((modulus.bit_length() + 7) // 8, "big"))
    if kind == _EC and len(fields) > 1 and fields[1].tag == der.OID:
        curve, size = _CURVES.get(fields[1].oid(), ("", 0))
        if size:
            return PublicKey("ec", size, octets, curve)
    return PublicKey("other", 0, octets)


def point_octets(value: bytes) -> bytes:
    """Return the bare point of a CKA_EC_POINT, which is a DER OCTET STRING on most tokens and bare on some."""
    if len(value) in _POINT_SIZES:
        return value
    try:
        return der.parse(value).expect(der.OCTET_STRING).content
    except der.DerError:
        return value
