"""Facts about a certificate (RFC 5280 4), read once per certificate and kept.

The reader takes what certification authorities in the field write and refuses what could be read in two ways: repeated
extensions, two different signature algorithms, extensions in a certificate that may not have any.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from gsign import der
from gsign.cms.names import COMMON_NAME, EMAIL, ORGANISATION, UNIT, USER_ID, Name, parse_name, rfc4514
from gsign.trust.extensions import Extensions, read_extensions

if TYPE_CHECKING:
    from gsign.result import SignerInfo

__all__ = ["Certificate", "CertificateError", "digest_of"]

_CACHED: Final = 4096


class CertificateError(ValueError):
    """The bytes are no certificate that can be read in one way."""


class Certificate:
    """A certificate as it stands in DER, and the facts that trust needs. Never changed; compared by identity."""

    __slots__ = (
        "extensions",
        "issuer",
        "not_after",
        "not_before",
        "raw",
        "serial",
        "sha256",
        "signature",
        "signature_algorithm",
        "spki",
        "subject",
        "tbs",
        "version",
    )

    raw: bytes
    tbs: bytes
    """TBSCertificate: the octets that the issuer signed."""
    version: int
    serial: int
    issuer: Name
    subject: Name
    not_before: datetime
    not_after: datetime
    spki: bytes
    """SubjectPublicKeyInfo, DER."""
    signature_algorithm: bytes
    """AlgorithmIdentifier, DER."""
    signature: bytes
    extensions: Extensions
    sha256: str
    """SHA-256 of the certificate in lower-case hexadecimal."""

    @staticmethod
    def of(data: bytes) -> Certificate:
        """Read a DER certificate; the facts are cached by its bytes.

        Raises:
            CertificateError: no certificate.
        """
        return _read(bytes(data))

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are the same name (RFC 5280 3.2)."""
        return self.subject.normal == self.issuer.normal

    @property
    def is_ca(self) -> bool:
        """Whether basicConstraints say so; a certificate before version 3 is none (RFC 5280 6.1.4 k)."""
        return self.version == 3 and self.extensions.is_ca

    @property
    def key_id(self) -> bytes:
        """SHA-1 of the public key, as OCSP and subject key identifiers use it (RFC 5280 4.2.1.2)."""
        return key_hash(self.spki, "sha1")

    @property
    def label(self) -> str:
        """A name for messages: the CN, else the whole subject."""
        return self.subject.first(COMMON_NAME) or rfc4514(self.subject)

    @property
    def emails(self) -> tuple[str, ...]:
        """Mailboxes: those of the SAN, then those of the subject."""
        return tuple(dict.fromkeys((*self.extensions.emails, *self.subject.values(EMAIL))))

    def allows(self, *usages: str) -> bool:
        """Tell whether the key usage allows one of `usages`; without the extension everything is allowed."""
        allowed = self.extensions.key_usage
        return allowed is None or any(usage in allowed for usage in usages)

    def is_valid_at(self, moment: datetime) -> bool:
        """Tell whether `moment` is within the validity period, both ends included."""
        return self.not_before <= moment <= self.not_after

    def signer_info(self) -> SignerInfo:
        """Say whom the certificate names.

        In certificates of the Government CA, O is the parent body and CN the person or unit; UID carries identifiers
        with a prefix (MST tax code, MNS budget code, ...), and the SAN the official mailbox.
        """
        return _signer_info(self)


def digest_of(certificate: bytes) -> str:
    """Return SHA-256 of a DER certificate in lower-case hexadecimal."""
    return hashlib.sha256(certificate).hexdigest()


@lru_cache(maxsize=_CACHED)
def key_hash(spki: bytes, digest: str) -> bytes:
    """Hash the bits of a public key, without the SubjectPublicKeyInfo around them (RFC 6960 4.1.1)."""
    _algorithm, bits = der.parse(spki).expect(der.SEQUENCE).children()
    return hashlib.new(digest, bits.expect(der.BIT_STRING).content[1:], usedforsecurity=False).digest()


@lru_cache(maxsize=_CACHED)
def _read(raw: bytes) -> Certificate:
    try:
        return _parse(raw)
    except (der.DerError, ValueError, IndexError) as error:
        raise CertificateError(str(error)) from error


def _parse(raw: bytes) -> Certificate:
    tbs, algorithm, signature = der.parse(raw).expect(der.SEQUENCE).children()
    fields = tbs.expect(der.SEQUENCE).children()
    version = 1
    if fields[0].tag == 0xA0:
        (number,) = fields.pop(0).children()
        version = number.integer() + 1
    serial, inner, issuer, validity, subject, spki, *rest = fields
    if inner.raw != algorithm.expect(der.SEQUENCE).raw:
        raise CertificateError("two signature algorithms")
    not_before, not_after = validity.expect(der.SEQUENCE).children()
    bits = signature.expect(der.BIT_STRING).content
    if not bits or bits[0]:
        raise CertificateError("signature of odd length")
    found = Certificate()
    found.raw = raw
    found.tbs = tbs.raw
    found.version = version
    found.serial = serial.integer()
    found.issuer = parse_name(issuer.raw)
    found.subject = parse_name(subject.raw)
    found.not_before = der.read_time(not_before)
    found.not_after = der.read_time(not_after)
    found.spki = spki.expect(der.SEQUENCE).raw
    found.signature_algorithm = algorithm.raw
    found.signature = bits[1:]
    found.extensions = _extensions(version, rest)
    found.sha256 = digest_of(raw)
    return found


@lru_cache(maxsize=_CACHED)
def _signer_info(certificate: Certificate) -> SignerInfo:
    from gsign.result import SignerInfo

    subject, issuer = certificate.subject, certificate.issuer
    return SignerInfo(
        name=subject.first(COMMON_NAME),
        organisation=subject.first(ORGANISATION),
        unit=", ".join(subject.values(UNIT)) or None,
        email=next(iter(certificate.emails), None),
        serial=f"{certificate.serial:X}",
        issuer=issuer.first(COMMON_NAME) or rfc4514(issuer),
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        identifiers=subject.values(USER_ID),
    )


def _extensions(version: int, rest: list[der.Node]) -> Extensions:
    # issuerUniqueID [1] and subjectUniqueID [2] may stand before and say nothing that is needed.
    found = [node for node in rest if node.tag == 0xA3]
    if len(found) > 1 or any(node.tag not in (0x81, 0x82, 0xA1, 0xA2, 0xA3) for node in rest):
        raise CertificateError("odd fields after the public key")
    if not found:
        return read_extensions([])
    if version != 3:
        raise CertificateError("extensions in a certificate before version 3")
    (inner,) = found[0].children()
    return read_extensions(inner.expect(der.SEQUENCE).children())
