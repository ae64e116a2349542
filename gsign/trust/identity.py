"""Who signed, when that is proven to be, and what the certificate was worth then (EN 319 102-1 clause 5)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from gsign.result import Indication, Revocation
from gsign.trust.algorithms import Purpose, Worth, judge_digest
from gsign.trust.usage import Usage

if TYPE_CHECKING:
    from gsign.cms import SignerInfo
    from gsign.trust.chain import Chain
    from gsign.trust.evidence import ValidationData
    from gsign.trust.material import Material
    from gsign.trust.revocation import RevocationClient, RevocationFacts
    from gsign.trust.store import TrustStore
    from gsign.trust.timestamp import TimestampFacts

__all__ = [
    "Context",
    "Identity",
    "ProvenTime",
    "Signed",
    "judge_identity",
    "once",
    "signature_timestamp",
    "timestamp_time",
]

_VIETNAM: Final = timedelta(hours=7)
_CLOSE: Final = timedelta(minutes=10)
_FAR: Final = timedelta(days=1)


class Signed(Protocol):
    """A signature that holds, of a document or of a message."""

    @property
    def info(self) -> SignerInfo:
        """The signer's part of the CMS."""
        ...

    @property
    def certificate(self) -> bytes | None:
        """DER of the certificate whose key made it."""
        ...


class Context(NamedTuple):
    """What a verification judges with."""

    trust: TrustStore
    revocation: RevocationClient | None
    at: datetime | None
    now: datetime
    others: tuple[bytes, ...]
    """DER of all certificates that the document or message brings."""
    known: ValidationData
    """What a document's DSS holds."""
    material: Material | None = None
    """Takes what is relied on, where somebody wants to keep it."""


class ProvenTime(NamedTuple):
    """What a timestamp proves: `time` is None where it proves nothing, and `warnings` say why."""

    time: datetime | None
    exists: bool = False
    """Whether a timestamp is there whose imprint and signature hold, trusted or not."""
    warnings: tuple[str, ...] = ()
    chain: Chain | None = None
    pending: bool = False
    """Whether its status is required and could not be had."""
    status: RevocationFacts | None = None
    """What is known of its authority's path."""


_NOTHING_PROVEN: Final = ProvenTime(None)


class Identity:
    """The judgement on the signer's certificate."""

    __slots__ = (
        "chain",
        "domain",
        "indication",
        "moment",
        "reasons",
        "revocation",
        "status",
        "sub_indication",
        "trusted",
        "warnings",
    )

    def __init__(self, indication: Indication, moment: datetime | None = None) -> None:
        self.indication = indication
        self.sub_indication: str | None = None
        self.reasons: list[str] = []
        self.warnings: list[str] = []
        self.trusted = False
        self.domain: str | None = None
        self.revocation = Revocation.UNKNOWN
        self.chain: Chain | None = None
        self.moment = moment
        """When it was judged."""
        self.status: RevocationFacts | None = None

    def lower(self, indication: Indication, sub_indication: str | None, *reasons: str) -> None:
        """Make the judgement worse; the first and gravest finding names the sub-indication."""
        self.reasons += reasons
        order = (Indication.TOTAL_PASSED, Indication.INDETERMINATE, Indication.TOTAL_FAILED)
        if order.index(indication) > order.index(self.indication):
            self.indication, self.sub_indication = indication, sub_indication


def signature_timestamp(signed: Signed, context: Context) -> ProvenTime:
    """Verify the timestamps that a signature carries (EN 319 142-1 clause 5.3), and return what the earliest proves.

    One that proves nothing takes nothing from another that does (EN 319 102-1 clause 5.5.4).
    """
    tokens = signed.info.timestamp_tokens()
    if not tokens:
        return _NOTHING_PROVEN

    def imprint(name: str) -> bytes:
        return hashlib.new(name.replace("-", "_"), signed.info.signature, usedforsecurity=False).digest()

    found = [timestamp_time(token, imprint, context) for token in tokens]
    proven = [one for one in found if one.time is not None]
    if proven:
        return min(proven, key=attrgetter("time"))
    return next((one for one in found if one.exists), found[0])


def timestamp_time(token: bytes, imprint: object, context: Context) -> ProvenTime:
    """Verify a timestamp token with its authority's path and status."""
    from gsign.trust.timestamp import TimestampError, verify_timestamp

    if context.material is not None:
        context.material.add("timestamps", token)
    try:
        facts = verify_timestamp(token, imprint, context.trust, others=context.others)  # type: ignore[arg-type]
    except TimestampError as error:
        return ProvenTime(None, warnings=("timestamp-invalid", *_of_timestamp([error.reason])))
    return _proven(facts, context)


def _proven(facts: TimestampFacts, context: Context) -> ProvenTime:
    if not facts.is_trusted or facts.chain is None:
        warnings = ("timestamp-not-trusted", *_of_timestamp(facts.reasons), *facts.warnings)
        return ProvenTime(None, exists=True, warnings=warnings, chain=facts.chain)
    if facts.time > context.now + _CLOSE:
        return ProvenTime(None, exists=True, warnings=("timestamp-in-future",), chain=facts.chain)
    known = ProvenTime(None, exists=True, chain=facts.chain)
    if context.revocation is None:
        return known._replace(time=facts.time, warnings=facts.warnings)
    status = context.revocation.status(facts.chain, facts.time, context.known, stamping=True)
    if context.material is not None:
        context.material.add_path(facts.chain, status)
    known = known._replace(status=status)
    unchecked = "timestamp-revocation-not-checked"
    if status.status is Revocation.REVOKED:
        return known._replace(warnings=("timestamp-certificate-revoked",))
    if status.sub_indication == "TRY_LATER":
        return known._replace(warnings=(unchecked,), pending=True)
    return known._replace(time=facts.time, warnings=(*facts.warnings, unchecked) if status.warnings else facts.warnings)


def _of_timestamp(reasons: Iterable[str]) -> tuple[str, ...]:
    """Name reasons as the timestamp's, so that nobody takes them for the signer's."""
    return tuple(reason if reason.startswith("timestamp-") else f"timestamp-{reason}" for reason in reasons)


def judge_identity(
    signed: Signed,
    proven: datetime | None,
    claimed: datetime | None,
    context: Context,
    usage: Usage = Usage.SIGNATURE,
) -> Identity:
    """Judge the signer's certificate at the proven time, else at the time asked for, else now.

    (1) The digest of the signature is one that could be relied on then; (2) a path leads to an anchor; (3) it was valid
    then: expired today and only claimed to be older is no proof; (4) nothing on it was revoked.
    """
    moment = proven or context.at or context.now
    identity = Identity(Indication.TOTAL_PASSED, moment=moment)
    _judge_algorithms(identity, signed, proven or context.now)
    assert signed.certificate is not None  # noqa: S101 - only signatures that hold are judged
    # `--at` is a question, not a proof: what could be forged by now is judged by now.
    algorithms_at = proven or context.now
    chain = context.trust.find_chain(signed.certificate, context.others, moment, usage, algorithms_at)
    identity.chain = chain
    identity.domain = chain.domain
    identity.warnings += chain.warnings
    _judge_chain(identity, chain, proven)
    identity.trusted = chain.is_trusted
    if chain.anchor is not None:
        _judge_status(identity, chain, moment, context, stamping=usage is Usage.TIMESTAMP)
    if context.material is not None:
        context.material.add_path(chain, identity.status)
    _compare_clocks(identity, proven, claimed)
    return identity


def _judge_algorithms(identity: Identity, signed: Signed, moment: datetime) -> None:
    worth = judge_digest(signed.info.digest, Purpose.SIGNATURE, moment)
    if worth is Worth.WEAK:
        identity.lower(Indication.INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE", "signature-algorithm-weak")
    elif worth is Worth.LEGACY:
        identity.warnings.append("legacy-algorithm")


def _judge_chain(identity: Identity, chain: Chain, proven: datetime | None) -> None:
    sub = chain.sub_indication
    if sub is None:
        return
    if sub == "NOT_YET_VALID":
        identity.lower(Indication.TOTAL_FAILED, sub, *chain.reasons)
    elif sub == "EXPIRED":
        # A claimed time proves nothing, not even against the signer (EN 319 102-1 clause 5.2.8).
        if proven is None:
            identity.lower(Indication.INDETERMINATE, "OUT_OF_BOUNDS_NO_POE", *chain.reasons)
        else:
            identity.lower(Indication.TOTAL_FAILED, sub, *chain.reasons)
    else:
        identity.lower(Indication.INDETERMINATE, sub, *chain.reasons)


def _judge_status(identity: Identity, chain: Chain, moment: datetime, context: Context, *, stamping: bool) -> None:
    if context.revocation is None:
        identity.warnings.append("revocation-not-checked")
        return
    facts = context.revocation.status(chain, moment, context.known, stamping=stamping)
    identity.status = facts
    identity.revocation = facts.status
    identity.warnings += facts.warnings
    if facts.status is Revocation.REVOKED:
        identity.lower(Indication.TOTAL_FAILED, "REVOKED", *facts.reasons)
        identity.trusted = False
    elif facts.sub_indication is not None:
        identity.lower(Indication.INDETERMINATE, facts.sub_indication, *facts.reasons)


def _compare_clocks(identity: Identity, proven: datetime | None, claimed: datetime | None) -> None:
    if proven is None or claimed is None:
        return
    if abs(claimed - _VIETNAM - proven) < _CLOSE:
        # Local time of Vietnam, labelled as UTC: many signing programs write it so.
        identity.warnings.append("claimed-time-labelled-utc")
    elif abs(claimed - proven) > _FAR:
        identity.warnings.append("claimed-time-differs")


def once(codes: Iterable[str]) -> tuple[str, ...]:
    """Return each identifier once, in the order found."""
    return tuple(dict.fromkeys(codes))
