"""Where status comes from: what a document brought, OCSP responders, published lists."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from threading import Lock
from typing import Final

from gsign.result import Revocation
from gsign.trust import crl, ocsp
from gsign.trust.anchors import Anchor
from gsign.trust.archive import CrlArchive, Publisher
from gsign.trust.certificate import Certificate
from gsign.trust.chain import Link
from gsign.trust.evidence import Evidence, ValidationData
from gsign.trust.fetch import FetchError, fetch

__all__ = ["Found", "Sources", "brought", "crl_urls", "ocsp_urls", "responder_link", "says"]

MAX_OCSP: Final = 256 << 10
MAX_CRL: Final = 32 << 20
MAX_BROUGHT: Final = 256
_CACHED_LISTS: Final = 16

Found = tuple[Evidence | None, tuple[str, ...]]
"""A statement, or the source and cause of each attempt that failed."""


class Sources:
    """Ask for statements about certificates; lists are kept until their nextUpdate.

    Args:
        timeout: seconds for each question.
        clock: the present.
        archive: where lists are kept for later.
    """

    def __init__(self, timeout: float, clock: Callable[[], datetime], archive: CrlArchive | None = None) -> None:
        self.timeout = timeout
        self.clock = clock
        self.archive = archive
        self._lists: dict[str, bytes] = {}
        self._lock = Lock()

    def ask(self, link: Link, anchor: Anchor, at: datetime) -> Found:
        """Ask for a statement that covers `at`: responders first, then lists."""
        failures: list[str] = []
        for url in ocsp_urls(link, anchor):
            try:
                evidence = self._ask_responder(url, link, anchor)
            except (FetchError, ocsp.OcspError) as error:
                failures.append(f"{url}: {error.reason}")
                continue
            if says(evidence, link, at, self.clock()):
                return evidence, ()
            failures.append(f"{url}: {_useless(evidence)}")
        evidence_of_list, more = self.ask_lists(link, anchor, at)
        return evidence_of_list, (*failures, *more)

    def _ask_responder(self, url: str, link: Link, anchor: Anchor) -> Evidence:
        nonce = os.urandom(16)
        request = ocsp.build_request(link, nonce)
        answer = fetch(
            url, body=request, content_type="application/ocsp-request", timeout=self.timeout, max_bytes=MAX_OCSP
        )
        evidence = ocsp.read_evidence(answer, link, nonce)
        about = responder_link(evidence, link)
        if about is not None:
            now = self.clock()
            found, _ = self.ask_lists(about, anchor)
            if found is None or not _is_good(found, about, now, now):
                raise ocsp.OcspError("responder-not-good")
        return evidence

    def ask_lists(self, link: Link, anchor: Anchor, at: datetime | None = None) -> Found:
        """Look into the lists that a certificate names; None asks about now."""
        failures = []
        for url in crl_urls(link, anchor):
            try:
                evidence = self._at_hand(url, link) or self._fetch_list(url, link)
            except (FetchError, crl.CrlError) as error:
                failures.append(f"{url}: {error.reason}")
                continue
            now = self.clock()
            if says(evidence, link, at or now, now):
                return evidence, ()
            failures.append(f"{url}: {_useless(evidence)}")
        return None, tuple(failures)

    def _at_hand(self, url: str, link: Link) -> Evidence | None:
        """Return what the address said last, until its nextUpdate: one list answers for many certificates."""
        raw = self._lists.get(url)
        if raw is None and self.archive is not None:
            raw = self.archive.latest(Publisher.of(link), url)
        try:
            evidence = crl.read_evidence(raw, link) if raw is not None else None
        except crl.CrlError:
            return None
        if evidence is None or not evidence.this_update <= self.clock() <= evidence.usable_until:
            return None
        return evidence

    def _fetch_list(self, url: str, link: Link) -> Evidence:
        raw = fetch(url, timeout=self.timeout, max_bytes=MAX_CRL)
        evidence = crl.read_evidence(raw, link)
        with self._lock:
            if len(self._lists) >= _CACHED_LISTS:
                self._lists.pop(next(iter(self._lists)))
            self._lists[url] = raw
        if self.archive is not None:
            self.archive.keep(raw, Publisher.of(link), url, evidence.this_update)
        return evidence


def says(evidence: Evidence, link: Link, at: datetime, now: datetime) -> bool:
    """Tell whether a statement covers `at`."""
    return evidence.at(at, link.certificate.not_after, now) is not Revocation.UNKNOWN


def brought(link: Link, known: ValidationData, now: datetime) -> Iterator[Evidence]:
    """Read what came along; what says nothing about this certificate, or is said by nobody sure, is passed over."""
    for raw in known.ocsps[:MAX_BROUGHT]:
        try:
            evidence = ocsp.read_evidence(raw, link)
        except ocsp.OcspError:
            continue
        about = responder_link(evidence, link)
        if about is None or any(_is_good(e, about, evidence.this_update, now) for e in _lists_in(known, about)):
            yield evidence
    yield from _lists_in(known, link)


def _lists_in(known: ValidationData, link: Link) -> Iterator[Evidence]:
    for raw in known.crls[:MAX_BROUGHT]:
        try:
            yield crl.read_evidence(raw, link)
        except crl.CrlError:
            continue


def responder_link(evidence: Evidence, link: Link) -> Link | None:
    """Return the delegated responder of a statement where its own status must be looked up.

    id-pkix-ocsp-nocheck spares it; without a list to look into, the authority leaves it to local policy
    (RFC 6960 4.2.2.2.1).
    """
    if evidence.responder is None:
        return None
    certificate = Certificate.of(evidence.responder)
    if certificate.extensions.ocsp_no_check or not certificate.extensions.crl_urls:
        return None
    return Link(certificate, link.issuer, link.issuer_spki, link.issuer_certificate)


def _is_good(evidence: Evidence, link: Link, at: datetime, now: datetime) -> bool:
    return evidence.at(at, link.certificate.not_after, now) is Revocation.GOOD


def ocsp_urls(link: Link, anchor: Anchor) -> Sequence[str]:
    """List the responders of a certificate."""
    return _sources(link.certificate.extensions.ocsp_urls, link, anchor, anchor.ocsp_urls)


def crl_urls(link: Link, anchor: Anchor) -> Sequence[str]:
    """List the addresses of a certificate's lists."""
    return _sources(link.certificate.extensions.crl_urls, link, anchor, anchor.crl_urls)


def _sources(own: tuple[str, ...], link: Link, anchor: Anchor, pinned: tuple[str, ...]) -> Sequence[str]:
    # A pinned authority's addresses are known even where its certificates do not name them.
    return own or (pinned if link.issuer_spki == anchor.spki else ())


def _useless(evidence: Evidence) -> str:
    return "status-unknown" if evidence.status is Revocation.UNKNOWN else "time-not-covered"
