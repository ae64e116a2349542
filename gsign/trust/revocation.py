"""Whether certificates were revoked: OCSP first, then CRL, along the whole path (RFC 6960, RFC 5280 6.3).

The anchor is believed as it is; every certificate below it is asked for. What was learnt is kept until its nextUpdate,
and what could not be learnt for a minute, so that a batch asks once.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from gsign.errors import InputError, TemporaryError, VerificationError
from gsign.result import Revocation
from gsign.trust.anchors import Anchor
from gsign.trust.certificate import Certificate
from gsign.trust.chain import Chain, Link
from gsign.trust.evidence import Evidence, ValidationData

if TYPE_CHECKING:
    from gsign.trust.archive import CrlArchive
    from gsign.trust.issuers import IssuerSource
    from gsign.trust.kept import KeptCertificates
    from gsign.trust.status_sources import Found, Sources
    from gsign.trust.store import TrustStore

__all__ = ["Mode", "RevocationClient", "RevocationFacts", "ValidationData"]

Mode = Literal["require", "prefer", "off"]

_FORGET_FAILURE: Final = 60.0
_CACHED: Final = 1024


class RevocationFacts(NamedTuple):
    """Status of a path: the worst of its certificates'."""

    status: Revocation
    sub_indication: str | None = None
    """REVOKED, or TRY_LATER where the status was required and could not be had."""
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    revoked_at: datetime | None = None
    subject: str | None = None
    """Name of the certificate that was revoked or could not be checked."""
    failures: tuple[str, ...] = ()
    """Source and cause of each attempt that failed."""
    data: ValidationData = ValidationData()


class _Entry:
    """What is remembered about one certificate."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.evidence: Evidence | None = None
        self.failures: tuple[str, ...] = ()
        self.failed_until = 0.0


class RevocationClient:
    """Ask for the status of certificates. Safe to share between threads.

    Args:
        mode: `prefer` warns where the status cannot be had, `require` makes that TRY_LATER, `off` does not look.
        offline: never ask the network.
        timeout: seconds for each question.
        clock: the present, as an aware datetime.
        archive: lists kept by date; read before the network is asked, and added to.
        kept: where issuers that were fetched are kept for later.
        allow_private_addresses: whether a stranger's certificate may name an issuer inside this network.
    """

    def __init__(
        self,
        mode: Mode = "prefer",
        *,
        offline: bool = False,
        timeout: float = 10.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        archive: CrlArchive | None = None,
        kept: KeptCertificates | None = None,
        allow_private_addresses: bool = False,
    ) -> None:
        self.mode: Mode = mode
        self.offline = offline
        self.timeout = timeout
        self.clock = clock
        self.archive = archive
        self.kept = kept
        self.allow_private_addresses = allow_private_addresses
        self._entries: OrderedDict[tuple[str, bytes], _Entry] = OrderedDict()
        self._lock = Lock()

    def completing(self, store: TrustStore, *, strangers: bool, whole: bool = False) -> TrustStore:
        """Return a store that fetches issuers that are missing; the store itself where offline.

        Args:
            store: anchors.
            strangers: whether the paths are those of somebody's document; then addresses inside this network are left
                alone, unless the client allows them. One such store for each document, whose fetches have limits.
            whole: whether the certificates are wanted to be stored, even where a pinned key would do.
        """
        if self.offline:
            return store
        public_only = strangers and not self.allow_private_addresses
        return store.completed_by(self._issuers.above_paths(public_only=public_only, whole=whole))

    @cached_property
    def _issuers(self) -> IssuerSource:
        from gsign.trust.issuers import IssuerSource

        return IssuerSource(self.timeout, self.kept)

    @cached_property
    def _sources(self) -> Sources:
        from gsign.trust.status_sources import Sources

        return Sources(self.timeout, self.clock, self.archive)

    def status(
        self, chain: Chain, at: datetime, known: ValidationData | None = None, *, stamping: bool = False
    ) -> RevocationFacts:
        """Say whether any certificate of a path was revoked at a time.

        Args:
            chain: a path with an anchor; without one nothing that its certificates point to is asked.
            at: the proven time, else now.
            known: OCSP responses and CRLs that came along, such as a DSS's.
            stamping: whether the path is a timestamp authority's, whose key could have stamped any time.
        """
        if self.mode == "off" or chain.anchor is None:
            return _unchecked(self.mode, None, ())
        links = chain.links()
        if not links:
            # Nobody says anything of a signer's certificate that is an anchor itself.
            return _unchecked(self.mode, chain.path[0].label, ())
        data = ValidationData()
        unchecked: tuple[str, tuple[str, ...]] | None = None
        for position, link in enumerate(links):
            evidence, failures = self._find(link, chain.anchor, at, known or ValidationData())
            if evidence is None:
                unchecked = unchecked or (link.certificate.label, failures)
                continue
            data += _data_of(evidence)
            is_void = stamping and position == 0 and evidence.voids_timestamps
            if is_void or evidence.at(at, link.certificate.not_after, self.clock()) is Revocation.REVOKED:
                return _revoked(evidence, link.certificate, data, is_leaf=position == 0)
        if unchecked is not None:
            return _unchecked(self.mode, *unchecked, data)
        return RevocationFacts(Revocation.GOOD, data=data)

    def collect(self, *chains: Chain, at: datetime | None = None) -> ValidationData:
        """Gather what a later reader needs to judge these paths without the network (EN 319 142-1 5.4).

        Args:
            chains: trusted paths, such as the signer's and its timestamp's.
            at: when the certificates must be good; None for now.

        Returns:
            All certificates of the paths and of the responders; an OCSP response or CRL for each certificate below an
            anchor, and for each responder unless id-pkix-ocsp-nocheck spares it.

        Raises:
            TemporaryError: `revocation-unavailable`; not temporary where the certificate names no source.
            InputError: `chain-not-found` where a path has no anchor.
            VerificationError: `certificate-revoked`.
        """
        moment = at or self.clock()
        data = ValidationData()
        for chain in chains:
            if chain.anchor is None:
                leaf = chain.path[0] if chain.path else None
                raise InputError("chain-not-found", subject=leaf.label if leaf else "?", issuer=_top_issuer(chain))
            anchor = chain.anchor
            certificates = chain.certificates + ((anchor.certificate,) if anchor.certificate else ())
            data += ValidationData(certificates=tuple(dict.fromkeys(certificates)))
            for link in chain.links():
                data += self._collect_link(link, anchor, moment)
        return data

    def _collect_link(self, link: Link, anchor: Anchor, at: datetime) -> ValidationData:
        from gsign.trust.status_sources import responder_link

        evidence, failures = self._find(link, anchor, at, ValidationData())
        if evidence is None:
            raise _unavailable(link, anchor, failures)
        if evidence.at(at, link.certificate.not_after, self.clock()) is Revocation.REVOKED:
            raise VerificationError("certificate-revoked", subject=link.certificate.label, time=_time_of(evidence))
        data = _data_of(evidence)
        about = responder_link(evidence, link)
        if about is not None:
            of_responder, failures = self._sources.ask_lists(about, anchor)
            if of_responder is None:
                raise _unavailable(about, anchor, failures)
            data += _data_of(of_responder)
        return data

    # ------------------------------------------------------------ finding what says something about a time

    def _find(self, link: Link, anchor: Anchor, at: datetime, known: ValidationData) -> Found:
        """Find the best statement about `at`: what came along, if it was made later; else asked for; else what came."""
        from gsign.trust.archive import evidence_near
        from gsign.trust.status_sources import brought as read_brought
        from gsign.trust.status_sources import says

        now = self.clock()
        at_hand = list(read_brought(link, known, now))
        remembered = self._entry(link).evidence
        if remembered is not None and says(remembered, link, at, now) and remembered.is_later_than(at):
            at_hand.append(remembered)
        elif self.archive is not None:
            at_hand += evidence_near(self.archive, link, at)
        brought = [e for e in at_hand if says(e, link, at, now)]
        revoked = [e for e in brought if e.at(at, link.certificate.not_after, now) is Revocation.REVOKED]
        best = max(revoked or brought, key=lambda e: e.this_update, default=None)
        if best is not None and (revoked or self.offline or best.is_later_than(at)):
            return best, ()
        if self.offline:
            return None, ("offline",)
        asked, failures = self._ask(link, anchor, at)
        return (asked or best), failures

    def _ask(self, link: Link, anchor: Anchor, at: datetime) -> Found:
        from gsign.trust.status_sources import says

        entry = self._entry(link)
        with entry.lock:
            now = self.clock()
            known = entry.evidence
            if known is not None and now <= known.usable_until and says(known, link, at, now):
                return known, ()
            if time.monotonic() < entry.failed_until:
                return None, entry.failures
            found, failures = self._sources.ask(link, anchor, at)
            if found is not None:
                entry.evidence = found
            else:
                entry.failures, entry.failed_until = failures, time.monotonic() + _FORGET_FAILURE
            return found, failures

    def _entry(self, link: Link) -> _Entry:
        key = (link.certificate.sha256, link.issuer_spki)
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            if len(self._entries) > _CACHED:
                self._entries.popitem(last=False)
            return entry


def _data_of(evidence: Evidence) -> ValidationData:
    return ValidationData(
        certificates=(evidence.responder,) if evidence.responder else (),
        ocsps=(evidence.raw,) if evidence.is_ocsp else (),
        crls=() if evidence.is_ocsp else (evidence.raw,),
    )


def _revoked(evidence: Evidence, certificate: Certificate, data: ValidationData, *, is_leaf: bool) -> RevocationFacts:
    return RevocationFacts(
        Revocation.REVOKED,
        "REVOKED",
        ("certificate-revoked" if is_leaf else "issuer-certificate-revoked",),
        revoked_at=evidence.revoked_at,
        subject=certificate.label,
        data=data,
    )


def _unchecked(
    mode: Mode, subject: str | None, failures: tuple[str, ...], data: ValidationData | None = None
) -> RevocationFacts:
    required = mode == "require"
    return RevocationFacts(
        Revocation.UNKNOWN,
        "TRY_LATER" if required else None,
        ("revocation-unavailable",) if required else (),
        () if required else ("revocation-not-checked",),
        subject=subject,
        failures=failures,
        data=data or ValidationData(),
    )


def _unavailable(link: Link, anchor: Anchor, failures: tuple[str, ...]) -> TemporaryError:
    from gsign.trust.status_sources import crl_urls, ocsp_urls

    has_source = bool(ocsp_urls(link, anchor) or crl_urls(link, anchor))
    return TemporaryError(
        "revocation-unavailable" if has_source else "revocation-no-source",
        temporary=has_source,
        subject=link.certificate.label,
        causes="; ".join(failures) or "-",
    )


def _time_of(evidence: Evidence) -> str:
    return evidence.revoked_at.isoformat(timespec="seconds") if evidence.revoked_at else "?"


def _top_issuer(chain: Chain) -> str:
    return str(chain.path[-1].issuer) if chain.path else "?"
