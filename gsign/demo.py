"""A first walk through the house: a throwaway authority, a software token, an official document signed and verified.

Every private key is made for this run: the authority's never leaves memory, the signer's is in a token whose folder is
removed at the end.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from gsign.config import Configuration
from gsign.config import Token as TokenSection
from gsign.demo_document import SIGNATURE_PLACE, decision
from gsign.result import VIETNAM
from gsign.service import Service
from gsign.token.software import (
    SoftwareToken,
    certificate_object,
    private_key_object,
    public_key_object,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
    from cryptography.x509 import Certificate, CertificateBuilder, KeyUsage, Name

    from gsign.result import VerificationResult
    from gsign.signing.request import SigningRecord

__all__ = ["Walk", "walk"]

_TOKEN = "UBND AN HOA"  # noqa: S105 - the token's label
_OBJECT = "chu-tich"
_SIGNER = "Nguyễn Văn An"


@dataclass(frozen=True, slots=True)
class Walk:
    """What the demo made and what came of it."""

    document: Path
    signed: Path
    anchor: Path
    key: str
    record: SigningRecord
    result: VerificationResult


def walk(folder: Path) -> Walk:
    """Make an authority, a token and a document in `folder`, sign the document with the token, and verify it.

    Raises:
        TokenError: `softhsm-missing`.
        InputError: the folder cannot be written to.
    """
    document, signed, anchor = (folder / name for name in ("quyet-dinh.pdf", "quyet-dinh.signed.pdf", "ca.pem"))
    pin = secrets.token_hex(4)
    with TemporaryDirectory(prefix="gsign-demo-") as private, _software_token(Path(private), pin) as (module, root):
        anchor.write_bytes(root)
        document.write_bytes(decision(datetime.now(VIETNAM).date(), _SIGNER))
        service = Service(
            Configuration(token=TokenSection(uri=f"pkcs11:token={_TOKEN};object={_OBJECT}", module=module)),
            trust=[anchor],
            offline=True,
        )
        with service.open_signer(pin=pin) as signer:
            record = service.sign_pdf(document, signed, signer, at=SIGNATURE_PLACE, force=True)
            key = signer.uri
    return Walk(document, signed, anchor, key, record, service.verify_pdf(signed))


@contextmanager
def _software_token(folder: Path, pin: str) -> Iterator[tuple[Path, bytes]]:
    """Make a token with a key and its certificate, and set the environment for whoever opens it.

    Yields:
        The token's PKCS#11 module, and the authority's certificate in PEM.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding

    token = SoftwareToken(folder)
    authority_key, signer_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    authority = _authority(authority_key)
    certificate = _certify(signer_key.public_key(), authority, authority_key)
    subject = certificate.subject.public_bytes()
    token.create(
        _TOKEN,
        pin,
        [
            certificate_object(certificate.public_bytes(Encoding.DER), subject, _OBJECT, b"\x01"),
            public_key_object(signer_key, _OBJECT, b"\x01"),
            private_key_object(signer_key, _OBJECT, b"\x01"),
        ],
    )
    before = {name: os.environ.get(name) for name in token.environment}
    os.environ.update(token.environment)
    try:
        yield Path(token.module), authority.public_bytes(Encoding.PEM)
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


def _certify(key: RSAPublicKey, authority: Certificate, authority_key: RSAPrivateKey) -> Certificate:
    """Make a certificate with the names, usages and mailbox that those of the government's authority have."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    mailbox = "nguyenvanan@anhoa.gov.vn"
    name = _name(
        ("COUNTRY_NAME", "VN"),
        ("LOCALITY_NAME", "An Hòa"),
        ("ORGANIZATION_NAME", "ỦY BAN NHÂN DÂN TỈNH AN HÒA"),
        ("COMMON_NAME", _SIGNER),
        ("EMAIL_ADDRESS", mailbox),
    )
    usage = _usage(digital_signature=True, content_commitment=True, key_encipherment=True, data_encipherment=True)
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    return (
        _builder(key, subject=name, issuer=authority.subject, days=30)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(mailbox)]), critical=False)
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
