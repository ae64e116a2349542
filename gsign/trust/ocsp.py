"""OCSP requests and responses (RFC 6960)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from gsign import der
from gsign.cms.names import parse_name
from gsign.result import Revocation
from gsign.trust.algorithms import Purpose, Worth, judge_digest
from gsign.trust.certificate import Certificate, CertificateError, key_hash
from gsign.trust.chain import Link
from gsign.trust.evidence import Evidence
from gsign.trust.extensions import raw_extensions
from gsign.trust.signatures import digest_name, is_signed_by, read_algorithm
from gsign.trust.usage import OCSP_SIGNING

__all__ = ["OcspError", "build_request", "read_evidence"]

_BASIC: Final = "1.3.6.1.5.5.7.48.1.1"
_NONCE: Final = "1.3.6.1.5.5.7.48.1.2"
_ARCHIVE_CUTOFF: Final = "1.3.6.1.5.5.7.48.1.6"
_INVALIDITY_DATE: Final = "2.5.29.24"
_CRL_REASON: Final = "2.5.29.21"
_KNOWN_SINGLE: Final = frozenset({_ARCHIVE_CUTOFF, _INVALIDITY_DATE, _CRL_REASON})
_SHA1: Final = "1.3.14.3.2.26"
_STATUSES: Final = {
    1: "status-malformed-request",
    2: "status-internal-error",
    3: "status-try-later",
    5: "status-signature-required",
    6: "status-unauthorized",
}
_MAX_RESPONDERS: Final = 8
_ENUMERATED: Final = 0x0A


class OcspError(ValueError):
    """A response says nothing that counts; `reason` is one of `gsign.sentences.causes`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Single(NamedTuple):
    digest: str | None
    name_hash: bytes
    key_hash: bytes
    serial: int
    status: Revocation
    revoked_at: datetime | None
    reason: int | None
    this_update: datetime
    next_update: datetime | None
    archive_cutoff: datetime | None


class _Basic(NamedTuple):
    tbs: bytes
    responder_name: bytes | None
    responder_key: bytes | None
    produced_at: datetime
    singles: tuple[_Single, ...]
    nonce: bytes | None
    algorithm: bytes
    signature: bytes
    certificates: tuple[bytes, ...]


def build_request(link: Link, nonce: bytes) -> bytes:
    """Write a request about one certificate; its CertID is by SHA-1, which every responder knows (RFC 5019 2.1.1)."""
    certificate_id = der.sequence(
        der.sequence(der.oid(_SHA1), der.NULL),
        der.octet_string(_hash("sha1", link.certificate.issuer.raw)),
        der.octet_string(key_hash(link.issuer_spki, "sha1")),
        der.integer(link.certificate.serial),
    )
    extension = der.sequence(der.oid(_NONCE), der.octet_string(der.octet_string(nonce)))
    requests = der.sequence(der.sequence(certificate_id))
    return der.sequence(der.sequence(requests, der.explicit(2, der.sequence(extension))))


def read_evidence(response: bytes, link: Link, nonce: bytes | None = None) -> Evidence:
    """Read what a response says about one certificate, and check that the right one says it.

    (1) The response is well-formed and successful; (2) its nonce, where it has one, is the one sent (RFC 6960 4.4.1);
    (3) it is about this certificate, by name, key and serial of CertID; (4) it is signed by the issuer's key, or by a
    responder that the same issuer delegated with id-kp-OCSPSigning (4.2.2.2), valid when the response was made.

    Args:
        response: DER of an OCSPResponse.
        link: the certificate and its issuer.
        nonce: what the request carried; None for a response that came another way.

    Raises:
        OcspError: one of these does not hold.
    """
    try:
        basic = _parse(response)
    except (der.DerError, ValueError, IndexError) as error:
        raise error if isinstance(error, OcspError) else OcspError("response-malformed") from error
    if nonce is not None and basic.nonce not in (None, nonce):
        raise OcspError("another-nonce")
    single = next((s for s in basic.singles if _is_about(s, link)), None)
    if single is None:
        raise OcspError("another-certificate")
    responder = _authorised(basic, link)
    return Evidence(
        is_ocsp=True,
        raw=response,
        status=single.status,
        this_update=single.this_update,
        next_update=single.next_update,
        revoked_at=single.revoked_at,
        reason=single.reason,
        retained_from=single.archive_cutoff,
        responder=responder,
    )


def _is_about(single: _Single, link: Link) -> bool:
    return (
        single.serial == link.certificate.serial
        and single.digest is not None
        and single.name_hash == _hash(single.digest, link.certificate.issuer.raw)
        and single.key_hash == key_hash(link.issuer_spki, single.digest.replace("-", "_"))
    )


def _authorised(basic: _Basic, link: Link) -> bytes | None:
    """Return the delegated responder's certificate, None where the issuer itself signed."""
    algorithm = read_algorithm(basic.algorithm)
    if algorithm is None or judge_digest(algorithm.digest, Purpose.STATUS, basic.produced_at) is Worth.WEAK:
        raise OcspError("algorithm-weak")
    if is_signed_by(link.issuer_spki, basic.algorithm, basic.signature, basic.tbs):
        return None
    for raw in basic.certificates[:_MAX_RESPONDERS]:
        try:
            responder = Certificate.of(raw)
        except CertificateError:
            continue
        if (
            _is_responder(responder, basic)
            and _is_delegated(responder, link, basic.produced_at)
            and is_signed_by(responder.spki, basic.algorithm, basic.signature, basic.tbs)
        ):
            return raw
    raise OcspError("signature-not-the-issuers")


def _is_responder(certificate: Certificate, basic: _Basic) -> bool:
    if basic.responder_name is not None:
        return parse_name(basic.responder_name).normal == certificate.subject.normal
    return basic.responder_key == certificate.key_id


def _is_delegated(responder: Certificate, link: Link, produced_at: datetime) -> bool:
    extended = responder.extensions.extended_key_usage or frozenset()
    return (
        OCSP_SIGNING in extended
        and not responder.extensions.unknown_critical
        and responder.allows("digitalSignature", "nonRepudiation")
        and responder.is_valid_at(produced_at)
        and responder.issuer.normal == link.issuer.normal
        and is_signed_by(link.issuer_spki, responder.signature_algorithm, responder.signature, responder.tbs)
    )


def _hash(digest: str, data: bytes) -> bytes:
    return hashlib.new(digest.replace("-", "_"), data, usedforsecurity=False).digest()


@lru_cache(maxsize=512)
def _parse(response: bytes) -> _Basic:
    status, *rest = der.parse(response).expect(der.SEQUENCE).children()
    code = int.from_bytes(status.content, "big")
    if code != 0:
        raise OcspError(_STATUSES.get(code, "response-malformed"))
    kind, wrapped = rest[0].expect(0xA0).children()[0].expect(der.SEQUENCE).children()
    if kind.oid() != _BASIC:
        raise OcspError("response-kind-unknown")
    tbs, algorithm, signature, *carried = der.parse(wrapped.octets()).expect(der.SEQUENCE).children()
    fields = tbs.expect(der.SEQUENCE).children()
    if fields[0].tag == 0xA0:
        fields.pop(0)
    responder, produced_at, singles, *extensions = fields
    certificates = carried[0].expect(0xA0).children()[0].children() if carried else []
    return _Basic(
        tbs=tbs.raw,
        responder_name=responder.children()[0].raw if responder.tag == 0xA1 else None,
        responder_key=responder.children()[0].octets() if responder.tag == 0xA2 else None,
        produced_at=der.read_time(produced_at),
        singles=tuple(_single(node) for node in singles.expect(der.SEQUENCE).children()),
        nonce=_nonce(extensions),
        algorithm=algorithm.raw,
        signature=signature.expect(der.BIT_STRING).content[1:],
        certificates=tuple(node.raw for node in certificates),
    )


def _nonce(extensions: Sequence[der.Node]) -> bytes | None:
    if not extensions:
        return None
    found = raw_extensions(extensions[0].expect(0xA1).children()[0].children())
    if any(critical and name != _NONCE for name, (critical, _) in found.items()):
        raise OcspError("unknown-critical-extension")
    if _NONCE not in found:
        return None
    value = found[_NONCE][1]
    try:
        return der.parse(value).expect(der.OCTET_STRING).content
    except der.DerError:
        return value  # before RFC 8954 the octets stood bare in many responders


def _single(node: der.Node) -> _Single:
    certificate_id, status, this_update, *rest = node.expect(der.SEQUENCE).children()
    algorithm, name_hash, issuer_key_hash, serial = certificate_id.expect(der.SEQUENCE).children()
    extensions: dict[str, tuple[bool, bytes]] = {}
    next_update = None
    for field in rest:
        if field.tag == 0xA0:
            next_update = der.read_time(field.children()[0])
        elif field.tag == 0xA1:
            extensions = raw_extensions(field.children()[0].children())
    if any(critical and name not in _KNOWN_SINGLE for name, (critical, _) in extensions.items()):
        raise OcspError("unknown-critical-extension")
    meaning, revoked_at = _status(status, extensions)
    return _Single(
        digest=digest_name(algorithm.children()[0].oid()),
        name_hash=name_hash.octets(),
        key_hash=issuer_key_hash.octets(),
        serial=serial.integer(),
        status=meaning,
        revoked_at=revoked_at,
        reason=_reason(status, extensions),
        this_update=der.read_time(this_update),
        next_update=next_update,
        archive_cutoff=_time_in(extensions, _ARCHIVE_CUTOFF),
    )


def _status(node: der.Node, extensions: dict[str, tuple[bool, bytes]]) -> tuple[Revocation, datetime | None]:
    if node.tag == 0x80:
        return Revocation.GOOD, None
    if node.tag != 0xA1:
        return Revocation.UNKNOWN, None
    revoked_at = der.read_time(node.children()[0])
    # The authority may know that the key was lost earlier than it wrote that down (RFC 5280 5.3.2).
    invalid_from = _time_in(extensions, _INVALIDITY_DATE)
    return Revocation.REVOKED, min(revoked_at, invalid_from) if invalid_from else revoked_at


def _reason(node: der.Node, extensions: dict[str, tuple[bool, bytes]]) -> int | None:
    """Read why a certificate was revoked: in RevokedInfo, or as lists have it."""
    parts = node.children()[1:] if node.tag == 0xA1 else []
    if parts:
        return int.from_bytes(parts[0].expect(0xA0).children()[0].expect(_ENUMERATED).content, "big")
    return int.from_bytes(der.parse(extensions[_CRL_REASON][1]).content, "big") if _CRL_REASON in extensions else None


def _time_in(extensions: dict[str, tuple[bool, bytes]], name: str) -> datetime | None:
    return der.read_time(der.parse(extensions[name][1])) if name in extensions else None
