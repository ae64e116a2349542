"""The demo's office: a throwaway authority, a leader and an agency with certificates, and a token with their keys.

Every private key is made for one run: the authority's never leaves memory, the others are in a token whose folder is
removed at the end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gsign.token.software import (
    SoftwareToken,
    certificate_object,
    private_key_object,
    public_key_object,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.x509 import Certificate, CertificateBuilder, KeyUsage, Name

__all__ = ["AGENCY", "LEADER", "Office", "Officer", "open_office"]

_TOKEN = "UBND AN HOA"  # noqa: S105 - the token's label
_ABOVE = "ỦY BAN NHÂN DÂN TỈNH AN HÒA"


class Officer(NamedTuple):
    """Whose key it is."""

    label: str
    """Of the key on the token."""
    name: str
    mailbox: str
    identifiers: tuple[str, ...] = ()
    """UID values, with a prefix, as certificates of agencies have them."""

    @property
    def key(self) -> str:
        """The key's URI (RFC 7512)."""
        return f"pkcs11:token={_TOKEN};object={self.label}"


LEADER = Officer("chu-tich", "Nguyễn Văn An", "nguyenvanan@anhoa.gov.vn")
AGENCY = Officer("van-thu", _ABOVE, "vanthu@anhoa.gov.vn", ("MNS:0000000", "MST:0000000000"))


class Office(NamedTuple):
    """What there is to sign with."""

    module: Path
    """The token's PKCS#11 module."""
    authority: bytes
    """The authority's certificate, in PEM."""


@contextmanager
def open_office(folder: Path, pin: str) -> Iterator[Office]:
    """Make a token with the keys of leader and agency, and set the environment for whoever opens it.

    Raises:
        TokenError: `softhsm-missing`.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding

    token = SoftwareToken(folder)
    authority_key, *keys = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    authority = _authority(authority_key)
    objects = []
    for index, (officer, key) in enumerate(zip((LEADER, AGENCY), keys, strict=True), 1):
        certificate = _certify(officer, key.public_key(), authority, authority_key)
        names = officer.label, bytes([index])
        objects += [
            certificate_object(certificate.public_bytes(Encoding.DER), certificate.subject.public_bytes(), *names),
            public_key_object(key, *names),
            private_key_object(key, *names),
        ]
    token.create(_TOKEN, pin, objects)
    before = {name: os.environ.get(name) for name in token.environment}
    os.environ.update(token.environment)
    try:
        yield Office(Path(token.module), authority.public_bytes(Encoding.PEM))
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def _name(*attributes: tuple[str, str]) -> Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(getattr(NameOID, kind), value) for kind, value in attributes])


def _authority(key: RSAPrivateKey) -> Certificate:
    """Make the certificate of an authority that lives as long as the demo's output is of interest."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    name = _name(("COUNTRY_NAME", "VN"), ("ORGANIZATION_NAME", "gsign"), ("COMMON_NAME", "CA thử nghiệm của gsign"))
    return (
        _builder(key.public_key(), subject=name, issuer=name, days=365)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _certify(officer: Officer, key: RSAPublicKey, authority: Certificate, authority_key: RSAPrivateKey) -> Certificate:
    """Make a certificate with the names, usages and mailbox that those of the government's authority have."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    name = _name(
        ("COUNTRY_NAME", "VN"),
        ("LOCALITY_NAME", "An Hòa"),
        ("ORGANIZATION_NAME", _ABOVE),
        ("COMMON_NAME", officer.name),
        *(("USER_ID", identifier) for identifier in officer.identifiers),
        ("EMAIL_ADDRESS", officer.mailbox),
    )
    usage = _usage(digital_signature=True, content_commitment=True, key_encipherment=True, data_encipherment=True)
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    return (
        _builder(key, subject=name, issuer=authority.subject, days=30)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(officer.mailbox)]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(key: RSAPublicKey, *, subject: Name, issuer: Name, days: int) -> CertificateBuilder:
    from cryptography import x509

    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(**allowed: bool) -> KeyUsage:
    from cryptography import x509

    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})
