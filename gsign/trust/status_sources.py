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
from gsign.trust.certificate import Certificate
from gsign.trust.chain import Link
from gsign.trust.evidence import Evidence, ValidationData
from gsign.trust.fetch import FetchError, fetch

__all__ = ["Found", "Sources", "brought", "crl_urls", "ocsp_urls"]

MAX_OCSP: Final = 256 << 10
MAX_CRL: Final = 32 << 20

Found = tuple[Evidence | None, tuple[str, ...]]
"""A statement, or the source and cause of each attempt that failed."""


class Sources:
    """Ask for statements about certificates; lists are kept until their nextUpdate.

    Args:
        timeout: seconds for each question.
        clock: the present.
    """

    def __init__(self, timeout: float, clock: Callable[[], datetime]) -> None:
        self.timeout = timeout
        self.clock = clock
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
        if evidence.responder is not None and self._is_responder_revoked(evidence.responder, link, anchor):
            raise ocsp.OcspError("responder revoked, or its status not to be had")
        return evidence

    def _is_responder_revoked(self, responder: bytes, link: Link, anchor: Anchor) -> bool:
        certificate = Certificate.of(responder)
        if certificate.extensions.ocsp_no_check or not certificate.extensions.crl_urls:
            return False
        about = Link(certificate, link.issuer, link.issuer_spki, link.issuer_certificate)
        evidence, _ = self.ask_lists(about, anchor)
        return evidence is None or evidence.at(self.clock(), certificate.not_after, self.clock()) is Revocation.REVOKED

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


def brought(link: Link, known: ValidationData) -> Iterator[Evidence]:
    """Read what came along; what says nothing about this certificate is passed over."""
    for raw in known.ocsps:
        try:
            yield ocsp.read_evidence(raw, link)
        except ocsp.OcspError:
            continue
    for raw in known.crls:
        try:
            yield crl.read_evidence(raw, link)
        except crl.CrlError:
            continue


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
