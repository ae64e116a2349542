"""Authorities for path tests: quick P-256 keys, and every field of a certificate can be set or left out."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = dt.datetime(2026, 3, 2, 8, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)

_serials = itertools.count(1000)


def name(common_name: str, **more: str) -> x509.Name:
    """Make a name; `more` are attributes of NameOID such as ORGANIZATION_NAME."""
    attributes = [x509.NameAttribute(getattr(NameOID, oid), value) for oid, value in more.items()]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def key() -> ec.EllipticCurvePrivateKey:
    """Make a key."""
    return ec.generate_private_key(ec.SECP256R1())


class Holder:
    """A certificate with its key."""

    def __init__(self, certificate: x509.Certificate, private_key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self.key = private_key
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)


def usage(*names: str) -> x509.KeyUsage:
    """Make a key usage of the names that `x509.KeyUsage` takes."""
    known = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{n: n in names for n in known})


def issue(
    subject: str | x509.Name,
    issuer: Holder | None = None,
    *,
    ca: bool | None = None,
    path_length: int | None = None,
    usages: tuple[str, ...] | None = None,
    private_key: ec.EllipticCurvePrivateKey | None = None,
    start: dt.datetime = NOW - 300 * DAY,
    end: dt.datetime = NOW + 300 * DAY,
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    digest: hashes.HashAlgorithm | None = None,
    key_ids: bool = True,
) -> Holder:
    """Issue a certificate, self-signed without an issuer.

    `ca` None leaves basicConstraints out; `usages` None takes what fits `ca`, () leaves key usage out.
    """
    private = private_key or key()
    own_name = name(subject) if isinstance(subject, str) else subject
    signer = issuer or None
    builder = x509.CertificateBuilder(
        signer.certificate.subject if signer else own_name, own_name, private.public_key(), next(_serials), start, end
    )
    fitting = ("key_cert_sign", "crl_sign") if ca else ("digital_signature", "content_commitment")
    wanted = fitting if usages is None else usages
    found: list[tuple[x509.ExtensionType, bool]] = list(extensions)
    if ca is not None:
        found.append((x509.BasicConstraints(ca, path_length), True))
    if wanted:
        found.append((usage(*wanted), True))
    signing_key = signer.key if signer else private
    if key_ids:
        found.append((x509.SubjectKeyIdentifier.from_public_key(private.public_key()), False))
        found.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), False))
    for value, critical in found:
        builder = builder.add_extension(value, critical)
    return Holder(builder.sign(signing_key, digest or hashes.SHA256()), private)


def root(subject: str = "Gốc", **changes: Any) -> Holder:
    """Issue a root."""
    return issue(subject, ca=True, **changes)
