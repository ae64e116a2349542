"""Certificate revocation lists (RFC 5280 5 and 6.3)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from gsign import der
from gsign.cms.names import Name, parse_name
from gsign.result import Revocation
from gsign.trust.algorithms import Purpose, Worth, judge_digest
from gsign.trust.certificate import Certificate
from gsign.trust.chain import Link
from gsign.trust.evidence import Evidence
from gsign.trust.extensions import raw_extensions, uris_of
from gsign.trust.signatures import is_signed_by, read_algorithm

if TYPE_CHECKING:
    from cryptography.x509 import CertificateRevocationList, RevokedCertificate

__all__ = ["CrlError", "ListFacts", "read_evidence", "read_facts"]

_ISSUING_POINT: Final = "2.5.29.28"
_DELTA: Final = "2.5.29.27"
_EXPIRED_CERTIFICATES: Final = "2.5.29.60"
# A CRL number, the issuer's key identifier and where a delta lies change nothing about what a full list says.
_INFORMATIVE: Final = frozenset({"2.5.29.20", "2.5.29.35", "2.5.29.46", "2.5.29.18"})
_HARMLESS_ENTRY: Final = frozenset({"2.5.29.21", "2.5.29.24", "2.5.29.23"})


class CrlError(ValueError):
    """A list says nothing that counts; `reason` is one of `gsign.sentences.causes`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ListFacts(NamedTuple):
    """Who made a list, and when."""

    issuer: Name
    this_update: datetime
    next_update: datetime | None


class _Scope(NamedTuple):
    """What issuingDistributionPoint limits a list to (RFC 5280 5.2.5)."""

    urls: tuple[str, ...] | None = None
    only_users: bool = False
    only_authorities: bool = False


class _List(NamedTuple):
    tbs: bytes
    issuer: Name
    this_update: datetime
    next_update: datetime | None
    scope: _Scope
    expired_from: datetime | None
    algorithm: bytes
    signature: bytes


def read_evidence(raw: bytes, link: Link) -> Evidence:
    """Read what a list says about one certificate, and check that its issuer says it.

    (1) Well-formed, complete (no delta) and without unknown critical extensions; (2) of the certificate's issuer and
    signed by its key, which must be allowed to sign lists; (3) its scope includes the certificate: lists for some
    reasons only, for attributes, or of other authorities' certificates (indirect) are refused; (4) the entry, where
    there is one, has no critical extension that is unknown.

    Raises:
        CrlError: one of these does not hold.
    """
    found = _check(raw, link.issuer, link.issuer_spki)
    if link.issuer_certificate and not Certificate.of(link.issuer_certificate).allows("cRLSign"):
        raise CrlError("issuer-may-not-sign-lists")
    if not _includes(found.scope, link.certificate):
        raise CrlError("certificate-not-included")
    entry = _entry_of(raw, link.certificate.serial)
    revoked_at, reason = entry or (None, None)
    return Evidence(
        is_ocsp=False,
        raw=raw,
        status=Revocation.GOOD if entry is None else Revocation.REVOKED,
        this_update=found.this_update,
        next_update=found.next_update,
        revoked_at=revoked_at,
        reason=reason,
        retained_from=found.expired_from,
    )


def read_facts(raw: bytes, issuer: Name, spki: bytes) -> ListFacts:
    """Read who made a list and when, having checked it as far as no certificate is needed for.

    Raises:
        CrlError: malformed, of another issuer or signed by somebody else.
    """
    found = _check(raw, issuer, spki)
    return ListFacts(found.issuer, found.this_update, found.next_update)


def _check(raw: bytes, issuer: Name, spki: bytes) -> _List:
    found = _parse_or_refuse(raw)
    if found.issuer.normal != issuer.normal:
        raise CrlError("another-issuer")
    algorithm = read_algorithm(found.algorithm)
    if algorithm is None or judge_digest(algorithm.digest, Purpose.STATUS, found.this_update) is Worth.WEAK:
        raise CrlError("algorithm-weak")
    if not _is_signed_by(spki, raw):
        raise CrlError("signature-not-the-issuers")
    return found


@lru_cache(maxsize=16)
def _is_signed_by(spki: bytes, raw: bytes) -> bool:
    # A batch meets the same megabytes for every file.
    found = _parse(raw)
    return is_signed_by(spki, found.algorithm, found.signature, found.tbs)


def _includes(scope: _Scope, certificate: Certificate) -> bool:
    if (scope.only_users and certificate.is_ca) or (scope.only_authorities and not certificate.is_ca):
        return False
    return scope.urls is None or not set(scope.urls).isdisjoint(certificate.extensions.crl_urls)


def _entry_of(raw: bytes, serial: int) -> tuple[datetime, int | None] | None:
    """Find since when and why a certificate is revoked; large authorities list too many to be read in Python."""
    try:
        entry = _entries(raw).get_revoked_certificate_by_serial_number(serial)
        return None if entry is None else (_date_of(entry), _reason_of(entry))
    except ValueError as error:
        raise error if isinstance(error, CrlError) else CrlError("entry-malformed") from error


def _date_of(entry: RevokedCertificate) -> datetime:
    from cryptography.x509 import CertificateIssuer, CRLReason, InvalidityDate, ReasonFlags

    moment = entry.revocation_date_utc
    for extension in entry.extensions:
        if isinstance(extension.value, CertificateIssuer):
            raise CrlError("indirect-list")
        if extension.critical and extension.oid.dotted_string not in _HARMLESS_ENTRY:
            raise CrlError("unknown-critical-extension")
        if isinstance(extension.value, CRLReason) and extension.value.reason is ReasonFlags.remove_from_crl:
            raise CrlError("entry-of-delta-list")
        if isinstance(extension.value, InvalidityDate):
            # The authority may know that the key was lost earlier than it wrote that down (RFC 5280 5.3.2).
            moment = min(moment, extension.value.invalidity_date_utc)
    return moment


def _reason_of(entry: RevokedCertificate) -> int | None:
    from cryptography.x509 import CRLReason

    found = (e.value.public_bytes() for e in entry.extensions if isinstance(e.value, CRLReason))
    return next((int.from_bytes(der.parse(encoded).content, "big") for encoded in found), None)


@lru_cache(maxsize=8)
def _entries(raw: bytes) -> CertificateRevocationList:
    from cryptography.x509 import load_der_x509_crl

    return load_der_x509_crl(raw)


def _parse_or_refuse(raw: bytes) -> _List:
    try:
        return _parse(raw)
    except (der.DerError, ValueError, IndexError) as error:
        raise error if isinstance(error, CrlError) else CrlError("list-malformed") from error


@lru_cache(maxsize=16)
def _parse(raw: bytes) -> _List:
    tbs, algorithm, signature = der.parse(raw).expect(der.SEQUENCE).children()
    fields = tbs.expect(der.SEQUENCE).children()
    if fields[0].tag == der.INTEGER:
        fields.pop(0)
    inner, issuer, this_update, *rest = fields
    if inner.raw != algorithm.raw:
        raise CrlError("algorithms-differ")
    next_update = None
    if rest and rest[0].tag in (der.UTC_TIME, der.GENERALIZED_TIME):
        next_update = der.read_time(rest.pop(0))
    extensions = {}
    if rest and rest[-1].tag == 0xA0:
        extensions = raw_extensions(rest.pop().children()[0].expect(der.SEQUENCE).children())
    if _DELTA in extensions:
        raise CrlError("delta-list")
    known = _INFORMATIVE | {_ISSUING_POINT, _EXPIRED_CERTIFICATES}
    if any(critical and name not in known for name, (critical, _) in extensions.items()):
        raise CrlError("unknown-critical-extension")
    point, expired = extensions.get(_ISSUING_POINT), extensions.get(_EXPIRED_CERTIFICATES)
    return _List(
        tbs=tbs.raw,
        issuer=parse_name(issuer.raw),
        this_update=der.read_time(this_update),
        next_update=next_update,
        scope=_scope(point[1]) if point else _Scope(),
        expired_from=der.read_time(der.parse(expired[1])) if expired else None,
        algorithm=algorithm.raw,
        signature=signature.expect(der.BIT_STRING).content[1:],
    )


def _scope(value: bytes) -> _Scope:
    urls = None
    flags = set()
    for part in der.parse(value).expect(der.SEQUENCE).children():
        if part.tag == 0xA0:
            urls = tuple(uris_of(part))
        elif part.content != b"\x00":
            flags.add(part.tag)
    if flags - {0x81, 0x82}:
        raise CrlError("partial-list")
    return _Scope(urls, 0x81 in flags, 0x82 in flags)
