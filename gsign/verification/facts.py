"""What a verdict rests on, as plain values for a report: the path, the statements on it, the timestamp, the bytes.

These stand beside the result (`VerificationResult.facts`); the result itself is the contract.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from gsign import der
from gsign.cms import CmsError
from gsign.result import NUMBER_ENTRY
from gsign.syntax.reader import decode_text
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.signatures import key_facts

if TYPE_CHECKING:
    from gsign.trust.chain import Chain
    from gsign.trust.identity import Identity, ProvenTime
    from gsign.trust.revocation import RevocationFacts
    from gsign.verification.revisions import Later
    from gsign.verification.signatures import FoundSignature

__all__ = ["signature_facts"]

_MAX_STATEMENTS: Final = 32
_LONGEST_NUMBER: Final = 100
_MALFORMED: Final = (der.DerError, CmsError, ValueError, IndexError, TypeError)


def signature_facts(
    signature: FoundSignature, later: Later, identity: Identity, stamp: ProvenTime
) -> dict[str, object]:
    """Return the facts of one signature; times are aware datetimes, everything else is plain."""
    dictionary: dict[str, Any] = signature.cover.dictionary or {}
    envelope = signature.envelope
    return {
        "field": signature.field.name,
        "byte_range": signature.cover.byte_range,
        "subfilter": str(dictionary.get("SubFilter", "")),
        "digest": envelope.covered.name if envelope else None,
        "digest_value": envelope.covered.digest().hex() if envelope and envelope.covered.done else None,
        "scheme": envelope.info.scheme.value if envelope else None,
        "key": _key(envelope.certificate) if envelope else None,
        "number": _number(dictionary.get(NUMBER_ENTRY)),
        "changes": list(later.details),
        "judged_at": identity.moment,
        "path": _path(identity.chain),
        "status": _status(identity.status),
        "timestamp": _timestamp(stamp),
    }


@lru_cache(maxsize=256)
def _number(value: object) -> str | None:
    """Read the number that the signature says the document has."""
    return decode_text(value)[:_LONGEST_NUMBER] if isinstance(value, bytes) else None


def _key(certificate: bytes | None) -> str | None:
    """Say which key signed, such as `RSA 2048`."""
    if certificate is None:
        return None
    try:
        facts = key_facts(Certificate.of(certificate).spki)
    except (CertificateError, ValueError):
        return None
    return f"{facts.kind.upper()} {facts.bits}"


def _path(chain: Chain | None) -> list[dict[str, object]]:
    """List the certificates from the signer's to the anchor."""
    if chain is None:
        return []
    listed = [{**_certificate(c), "anchor": False} for c in chain.path]
    anchor = chain.anchor
    if anchor is None:
        return listed
    if listed and listed[-1]["sha256"] == anchor.sha256:
        listed[-1]["anchor"] = True
        return listed
    top = {
        "name": anchor.label,
        "sha256": anchor.sha256,
        "not_before": anchor.not_before,
        "not_after": anchor.not_after,
        "anchor": True,
    }
    return [*listed, top]


@lru_cache(maxsize=256)
def _certificate(certificate: Certificate) -> dict[str, object]:
    return {
        "name": certificate.label,
        "sha256": certificate.sha256,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
    }


def _timestamp(stamp: ProvenTime) -> dict[str, object] | None:
    """Say who stamped, and what is known of them; None where nobody did, or nothing that holds."""
    if stamp.chain is None or not stamp.chain.path:
        return None
    return {
        "authority": stamp.chain.path[0].label,
        "time": stamp.time,
        "path": _path(stamp.chain),
        "status": _status(stamp.status),
    }


# ---------------------------------------------------------------- statements on a path


def _status(status: RevocationFacts | None) -> dict[str, object] | None:
    """Tell which statements on a path were relied on, and which attempts to get one failed."""
    if status is None:
        return None
    statements = [*_responses(status.data.ocsps), *_lists(status.data.crls)]
    return {
        "status": status.status.value,
        "revoked_at": status.revoked_at,
        "subject": status.subject,
        "failures": list(status.failures),
        "statements": statements[:_MAX_STATEMENTS],
    }


def _responses(ocsps: Iterable[bytes]) -> list[dict[str, object]]:
    return [{"kind": "ocsp", **_response(raw)} for raw in ocsps]


def _lists(crls: Iterable[bytes]) -> list[dict[str, object]]:
    return [{"kind": "crl", **_list(raw)} for raw in crls]


@lru_cache(maxsize=256)
def _response(raw: bytes) -> dict[str, object]:
    """Read the times of an OCSP response whose signature was checked before (RFC 6960 4.2.1)."""
    try:
        wrapped = der.parse(raw).children()[1].children()[0].children()[1]
        fields = der.parse(wrapped.octets()).children()[0].children()
        responder, produced_at, singles = (f for f in fields[1 if fields[0].tag == 0xA0 else 0 :][:3])
        del responder
        certificate_id, _, this_update, *more = singles.children()[0].children()
        return {
            "serial": f"{certificate_id.children()[3].integer():X}",
            "produced_at": der.read_time(produced_at),
            **_updates(der.read_time(this_update), more[0].children()[0] if more and more[0].tag == 0xA0 else None),
        }
    except _MALFORMED:
        return {}


@lru_cache(maxsize=64)
def _list(raw: bytes) -> dict[str, object]:
    """Read the times of a list whose signature was checked before (RFC 5280 5.1)."""
    from gsign.cms.names import COMMON_NAME, parse_name

    try:
        fields = der.parse(raw).children()[0].children()
        if fields[0].tag == der.INTEGER:
            fields.pop(0)
        _, issuer, this_update, *more = fields
        name = parse_name(issuer.raw)
        is_time = bool(more) and more[0].tag in (der.UTC_TIME, der.GENERALIZED_TIME)
        return {
            "issuer": name.first(COMMON_NAME) or str(name),
            **_updates(der.read_time(this_update), more[0] if is_time else None),
        }
    except _MALFORMED:
        return {}


def _updates(this_update: datetime, next_update: der.Node | None) -> dict[str, object]:
    return {"this_update": this_update, "next_update": der.read_time(next_update) if next_update else None}
