"""A certification authority made at run time: root, intermediate, signers, TSA and OCSP responders.

Names, usages and extensions are those of the Vietnamese public-service CA as measured on published documents; keys
are generated once per session and never stored outside the session's temporary folder. The network side (OCSP, CRL,
CA certificates, TSA) is `tests.pki_servers`.

    pki.leaf()                                  a person, RSA 2048, valid, revocation pointers to the running servers
    pki.leaf(ORGANISATION, key="p384")          an agency
    pki.leaf(variant="expired")                 see VARIANTS
    pki.revoke(leaf, at=...)                    OCSP and CRL say so from now on
    pki.tsa.fault = Fault.WRONG_NONCE           see tests.pki_servers
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from tests.pki_servers import Endpoint, Servers

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
_EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
_SMARTCARD = ObjectIdentifier("1.3.6.1.4.1.311.20.2.2")
SIGNATURE_POLICY = ObjectIdentifier("2.16.704.1.1.1.1.1")
TIMESTAMP_POLICY = "2.16.704.1.1.1.2"


@dataclass(frozen=True)
class Subject:
    """Whom a certificate names; the attributes keep this order."""

    common_name: str
    organisation: str = "UBND TỈNH HƯNG YÊN"
    units: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    email: str | None = None
    locality: str = "Hưng Yên"

    def name(self) -> x509.Name:
        """Return the distinguished name."""
        pairs = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.LOCALITY_NAME, self.locality)]
        pairs += [(NameOID.ORGANIZATION_NAME, self.organisation)]
        pairs += [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in self.units]
        pairs += [(NameOID.COMMON_NAME, self.common_name)]
        pairs += [(NameOID.USER_ID, identifier) for identifier in self.identifiers]
        pairs += [(NameOID.EMAIL_ADDRESS, self.email)] if self.email else []
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


PERSON = Subject(
    "Nguyễn Thị Ánh Tuyết",
    units=("Sở Nội vụ", "Văn phòng"),
    identifiers=("CCCD:033180000123",),
    email="nttanhtuyet@hungyen.gov.vn",
)
LEADER = Subject("Trần Quốc Văn", units=("Lãnh đạo UBND tỉnh",), email="tqvan@hungyen.gov.vn")
ORGANISATION = Subject(
    "VĂN PHÒNG ỦY BAN NHÂN DÂN TỈNH",
    identifiers=("MNS:1032158", "MST:0102357802"),
    email="vpubnd@hungyen.gov.vn",
)
_ROOT_NAME = Subject("Chứng thực công cụ thử nghiệm - Gốc", "Ban Cơ yếu Chính phủ (thử nghiệm)", locality="Hà Nội")
_INTERMEDIATE_NAME = Subject(
    "CA phục vụ các cơ quan Nhà nước (thử nghiệm)", "Ban Cơ yếu Chính phủ (thử nghiệm)", locality="Hà Nội"
)
_TSA_NAME = Subject("Dịch vụ dấu thời gian (thử nghiệm)", "Ban Cơ yếu Chính phủ (thử nghiệm)", locality="Hà Nội")


@dataclass(frozen=True)
class Profile:
    """What a certificate says beside its subject; days count from now."""

    key: str = "rsa2048"
    from_day: float = -365
    to_day: float = 730
    usages: tuple[str, ...] = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment")
    extended_usages: tuple[ObjectIdentifier, ...] = (_CLIENT, _EMAIL, _SMARTCARD)
    extended_usage_critical: bool = False
    authority: bool = False
    self_signed: bool = False
    impostor: bool = False
    from_root: bool = False
    digest: str = "sha256"
    pointers: bool = True
    """Whether OCSP, CRL and CA certificate addresses are there."""
    ocsp_nocheck: bool = False
    revoked_days_ago: float | None = None
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = ()


VARIANTS: dict[str, dict[str, Any]] = {
    "expired": {"from_day": -800, "to_day": -1},
    "not-yet-valid": {"from_day": 30, "to_day": 800},
    "encryption-only": {"usages": ("key_encipherment", "data_encipherment"), "extended_usages": (_EMAIL,)},
    "non-repudiation-only": {"usages": ("content_commitment",), "extended_usages": ()},
    "no-key-usage": {"usages": (), "extended_usages": ()},
    "server-authentication": {
        "usages": ("digital_signature", "key_encipherment"),
        "extended_usages": (ExtendedKeyUsageOID.SERVER_AUTH,),
    },
    "revoked": {"revoked_days_ago": 1},
    "authority": {"authority": True, "usages": ("key_cert_sign", "crl_sign"), "extended_usages": ()},
    "self-signed": {"self_signed": True, "pointers": False},
    "impostor": {"impostor": True},
    "sha1": {"digest": "sha1"},
    "no-pointers": {"pointers": False},
    "weak-key": {"key": "rsa1024"},
    "unknown-critical": {
        "extra": ((x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x05\x00"), True),)
    },
}


@dataclass(frozen=True)
class Identity:
    """A certificate with its private key and the certificates above it."""

    certificate: x509.Certificate
    key: PrivateKey
    issuers: tuple[x509.Certificate, ...] = ()
    """Issuer first, root last; empty for a self-signed certificate."""

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def serial(self) -> int:
        """The serial number."""
        return self.certificate.serial_number

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER of the issuers, nearest first, root included."""
        return tuple(c.public_bytes(serialization.Encoding.DER) for c in self.issuers)

    @property
    def key_der(self) -> bytes:
        """The private key as unencrypted PKCS#8 DER."""
        return self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def p12(self, path: Path, password: str, *, chain: bool = True) -> Path:
        """Write key and certificates as PKCS#12 (PBES2, AES-256) and return the path."""
        cas = self.issuers if chain else ()
        encryption = serialization.BestAvailableEncryption(password.encode())
        path.write_bytes(
            pkcs12.serialize_key_and_certificates(b"ky so", self.key, self.certificate, cas or None, encryption)
        )
        return path


class KeyCache:
    """Generate each key once per session: asking twice for the same kind and number gives the same key."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], PrivateKey] = {}

    def get(self, kind: str, owner: str) -> PrivateKey:
        """Return the key of `kind` (rsa2048, rsa3072, p256, p384, p521 ...) kept for `owner`."""
        if (kind, owner) not in self._keys:
            self._keys[kind, owner] = _generate(kind)
        return self._keys[kind, owner]


def _generate(kind: str) -> PrivateKey:
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))
    curves: dict[str, ec.EllipticCurve] = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}
    return ec.generate_private_key(curves[kind])


@dataclass
class Authority:
    """A CA: its identity, its delegated OCSP responder, and what it has revoked."""

    label: str
    identity: Identity
    responder: Identity | None = None
    revoked: dict[int, tuple[dt.datetime, x509.ReasonFlags]] = field(default_factory=dict)
    issued: set[int] = field(default_factory=set)

    @property
    def key_hash(self) -> bytes:
        """SHA-1 of the subjectPublicKey bits, as OCSP's CertID has it (RFC 6960 4.1.1)."""
        der = self.identity.certificate
        return x509.SubjectKeyIdentifier.from_public_key(der.public_key()).digest


_serials = itertools.count(int.from_bytes(hashlib.sha256(b"gsign tests").digest()[:8], "big") >> 1)


class Pki:
    """The whole run-time PKI with its running servers. Close it at the end of the session."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = KeyCache()
        self.servers = Servers()
        self._leaves: dict[tuple[Subject, Profile], Identity] = {}
        self.root = self._root("root")
        self.intermediate = self._intermediate("intermediate", self.root)
        self.impostor_root = self._root("impostor-root")
        self.impostor = self._intermediate("impostor", self.impostor_root)
        self.tsa_identity = self.timestamping_identity()
        for authority in (self.root, self.intermediate, self.impostor_root, self.impostor):
            self.servers.add_authority(authority)
        self.reset()

    # --- the network side -------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the servers are, such as http://127.0.0.1:40000."""
        return self.servers.url

    @property
    def ocsp(self) -> Endpoint:
        """The OCSP responder's knobs and counters."""
        return self.servers.endpoints["ocsp"]

    @property
    def crl(self) -> Endpoint:
        """The CRL server's knobs and counters."""
        return self.servers.endpoints["crl"]

    @property
    def ca(self) -> Endpoint:
        """The server of CA certificates (AIA caIssuers)."""
        return self.servers.endpoints["ca"]

    @property
    def tsa(self) -> Endpoint:
        """The first TSA."""
        return self.servers.endpoints["tsa"]

    @property
    def tsa2(self) -> Endpoint:
        """The second TSA, for fall-back."""
        return self.servers.endpoints["tsa2"]

    @property
    def tsa_url(self) -> str:
        """Address of the first TSA."""
        return f"{self.url}/tsa"

    @property
    def tsa2_url(self) -> str:
        """Address of the second TSA."""
        return f"{self.url}/tsa2"

    def reset(self) -> None:
        """Take back every knob, counter and revocation that a test set."""
        for authority in (self.root, self.intermediate, self.impostor_root, self.impostor):
            authority.revoked.clear()
        for (_, profile), identity in self._leaves.items():
            self._revoke_if_asked(profile, identity)
        self.servers.reset(self.tsa_identity, self.impostor.identity)

    def close(self) -> None:
        """Stop the servers."""
        self.servers.close()

    # --- anchors as files -------------------------------------------------------------------------------------

    @property
    def root_file(self) -> Path:
        """PEM file of the root: what a test trusts."""
        return self._file("root.pem", self.root.identity.pem)

    @property
    def intermediate_file(self) -> Path:
        """PEM file of the intermediate CA."""
        return self._file("intermediate.pem", self.intermediate.identity.pem)

    @property
    def impostor_root_file(self) -> Path:
        """PEM file of another root of the same name."""
        return self._file("impostor-root.pem", self.impostor_root.identity.pem)

    def _file(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        if not path.exists():
            path.write_bytes(data)
        return path

    # --- certificates -----------------------------------------------------------------------------------------

    def leaf(self, subject: Subject = PERSON, *, variant: str | None = None, **changes: Any) -> Identity:
        """Return a signer's certificate and key; the same arguments give the same identity within a session.

        Args:
            subject: PERSON, LEADER, ORGANISATION or another.
            variant: one of VARIANTS.
            changes: fields of Profile, over those of the variant.
        """
        profile = Profile(**{**(VARIANTS[variant] if variant else {}), **changes})
        if (subject, profile) not in self._leaves:
            self._leaves[subject, profile] = self._issue(subject, profile, owner=subject.common_name)
            self._revoke_if_asked(profile, self._leaves[subject, profile])
        return self._leaves[subject, profile]

    def timestamping_identity(self, **changes: Any) -> Identity:
        """Return a TSA's certificate (sole, critical extended key usage timeStamping; RFC 3161 2.3), by the root."""
        defaults: dict[str, Any] = {
            "usages": ("digital_signature", "content_commitment"),
            "extended_usages": (ExtendedKeyUsageOID.TIME_STAMPING,),
            "extended_usage_critical": True,
            "from_root": True,
            "from_day": -1000,
            "to_day": 1500,  # alive when the signers' certificates have expired
        }
        return self.leaf(_TSA_NAME, **{**defaults, **changes})

    def revoke(self, who: Identity | int, *, at: dt.datetime | None = None, reason: str = "key_compromise") -> None:
        """Revoke a certificate (or serial) from `at` on (default one hour ago), in OCSP and CRLs."""
        serial = who if isinstance(who, int) else who.serial
        when = at or now() - dt.timedelta(hours=1)
        for authority in (self.root, self.intermediate, self.impostor_root, self.impostor):
            if serial in authority.issued:
                authority.revoked[serial] = (when, x509.ReasonFlags[reason])

    def _revoke_if_asked(self, profile: Profile, identity: Identity) -> None:
        if profile.revoked_days_ago is not None:
            self.revoke(identity, at=now() - dt.timedelta(days=profile.revoked_days_ago))

    def _root(self, label: str) -> Authority:
        profile = Profile(
            key="rsa3072", from_day=-3650, to_day=3650, authority=True, self_signed=True, pointers=False,
            usages=("key_cert_sign", "crl_sign"), extended_usages=(),
        )  # fmt: skip
        return self._with_responder(Authority(label, self._issue(_ROOT_NAME, profile, owner=label)))

    def _intermediate(self, label: str, root: Authority) -> Authority:
        profile = Profile(
            key="rsa3072", from_day=-1800, to_day=1800, authority=True,
            usages=("key_cert_sign", "crl_sign"), extended_usages=(),
        )  # fmt: skip
        identity = self._issue(_INTERMEDIATE_NAME, profile, owner=label, issuer=root)
        return self._with_responder(Authority(label, identity))

    def _with_responder(self, authority: Authority) -> Authority:
        """Give the CA a delegated OCSP responder whose own status needs no check (RFC 6960 4.2.2.2.1)."""
        profile = Profile(
            usages=("digital_signature",), extended_usages=(ExtendedKeyUsageOID.OCSP_SIGNING,), pointers=False,
            ocsp_nocheck=True,
        )  # fmt: skip
        subject = Subject(f"OCSP {authority.label}", "Ban Cơ yếu Chính phủ (thử nghiệm)", locality="Hà Nội")
        authority.responder = self._issue(subject, profile, owner=f"ocsp {authority.label}", issuer=authority)
        return authority

    def _issue(self, subject: Subject, profile: Profile, *, owner: str, issuer: Authority | None = None) -> Identity:
        key = self.keys.get(profile.key, owner)
        if profile.self_signed:
            return Identity(build_certificate(subject, profile, key, None, self.url), key)
        authority = issuer or self._issuer_for(profile)
        signer = authority.identity
        certificate = build_certificate(subject, profile, key, authority, self.url)
        authority.issued.add(certificate.serial_number)
        return Identity(certificate, key, (signer.certificate, *signer.issuers))

    def _issuer_for(self, profile: Profile) -> Authority:
        if profile.impostor:
            return self.impostor_root if profile.from_root else self.impostor
        return self.root if profile.from_root else self.intermediate


def now() -> dt.datetime:
    """The current time, to the second, in UTC."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def build_certificate(
    subject: Subject, profile: Profile, key: PrivateKey, issuer: Authority | None, url: str
) -> x509.Certificate:
    """Build and sign one certificate; without `issuer` it is self-signed."""
    issuer_key = issuer.identity.key if issuer else key
    name = subject.name()
    parent = issuer.identity.certificate.subject if issuer else name
    today = now()
    builder = (
        x509.CertificateBuilder(parent, name, key.public_key(), next(_serials))
        .not_valid_before(today + dt.timedelta(days=profile.from_day))
        .not_valid_after(today + dt.timedelta(days=profile.to_day))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    for extension, critical in _extensions(subject, profile, issuer, url):
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(issuer_key, hashes.SHA256() if profile.digest == "sha1" else _hash(profile.digest))
    return _with_sha1(certificate, issuer_key) if profile.digest == "sha1" else certificate


def _hash(name: str) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
    kinds: dict[str, hashes.SHA256 | hashes.SHA384 | hashes.SHA512] = {
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
    return kinds[name]


def _extensions(
    subject: Subject, profile: Profile, issuer: Authority | None, url: str
) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = list(profile.extra)
    found.append((x509.BasicConstraints(profile.authority, None), profile.authority))
    if profile.usages:
        found.append((x509.KeyUsage(**{usage: usage in profile.usages for usage in _USAGES}), True))
    if profile.extended_usages:
        found.append((x509.ExtendedKeyUsage(profile.extended_usages), profile.extended_usage_critical))
    if subject.email:
        found.append((x509.SubjectAlternativeName([x509.RFC822Name(subject.email)]), False))
        found.append((x509.CertificatePolicies([x509.PolicyInformation(SIGNATURE_POLICY, None)]), False))
    if profile.ocsp_nocheck:
        found.append((x509.OCSPNoCheck(), False))
    if profile.pointers and issuer:
        found += _pointers(issuer.label, url)
    return found


def _pointers(label: str, url: str) -> list[tuple[x509.ExtensionType, bool]]:
    def location(path: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(f"{url}/{path}")

    access = x509.AuthorityInformationAccess([
        x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location("ocsp")),
        x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, location(f"ca/{label}.crt")),
    ])  # fmt: skip
    crl = x509.CRLDistributionPoints([x509.DistributionPoint([location(f"crl/{label}.crl")], None, None, None)])
    return [(access, False), (crl, False)]


def _with_sha1(certificate: x509.Certificate, issuer_key: PrivateKey) -> x509.Certificate:
    """Sign the same certificate again with SHA-1, which `cryptography` no longer offers for certificates."""
    parsed = asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
    if not isinstance(issuer_key, rsa.RSAPrivateKey):
        raise TypeError("SHA-1 certificates are made by RSA authorities only")
    algorithm = {"algorithm": "sha1_rsa"}
    parsed["tbs_certificate"]["signature"] = algorithm
    parsed["signature_algorithm"] = algorithm
    signed = issuer_key.sign(parsed["tbs_certificate"].dump(force=True), padding.PKCS1v15(), hashes.SHA1())
    parsed["signature_value"] = signed
    return x509.load_der_x509_certificate(parsed.dump(force=True))
