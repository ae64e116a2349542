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
from gsign.trust.archive import CrlArchive
from gsign.trust.certificate import Certificate
from gsign.trust.chain import Link
from gsign.trust.evidence import Evidence, ValidationData
from gsign.trust.fetch import FetchError, fetch

__all__ = ["Found", "Sources", "brought", "crl_urls", "ocsp_urls", "responder_link", "says"]

MAX_OCSP: Final = 256 << 10
MAX_CRL: Final = 32 << 20
MAX_BROUGHT: Final = 256

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
        self._lists: dict[str, tuple[bytes, datetime]] = {}
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
                raise ocsp.OcspError("responder revoked, or its status not to be had")
        return evidence

    def ask_lists(self, link: Link, anchor: Anchor, at: datetime | None = None) -> Found:
        """Look into the lists that a certificate names; None asks about now."""
        failures = []
        for url in crl_urls(link, anchor):
            try:
                evidence = crl.read_evidence(self._list(url), link)
            except (FetchError, crl.CrlError) as error:
                failures.append(f"{url}: {error.reason}")
                continue
            now = self.clock()
            if says(evidence, link, at or now, now):
                with self._lock:
                    self._lists[url] = (evidence.raw, evidence.usable_until)
                if self.archive is not None:
                    self.archive.keep(evidence.raw, link, evidence.this_update)
                return evidence, ()
            failures.append(f"{url}: {_useless(evidence)}")
        return None, tuple(failures)

    def _list(self, url: str) -> bytes:
        # One list answers for all certificates of an authority.
        raw, usable_until = self._lists.get(url, (None, None))
        if raw is not None and usable_until is not None and self.clock() <= usable_until:
            return raw
        return fetch(url, timeout=self.timeout, max_bytes=MAX_CRL)


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
    return "status unknown" if evidence.status is Revocation.UNKNOWN else "does not cover the time"
