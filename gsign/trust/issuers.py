"""Issuers that nobody brought, fetched from where certificates say they are (RFC 5280 4.2.2.1)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from threading import Lock
from typing import Final

from gsign.trust.anchors import Use
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.chain import Chain
from gsign.trust.fetch import FetchError, fetch
from gsign.trust.files import certificates_in
from gsign.trust.store import TrustStore
from gsign.trust.usage import Usage

__all__ = ["IssuerSource", "complete_chain"]

_MAX_HOPS: Final = 4
_MAX_FILE: Final = 256 << 10
_FORGET_FAILURE: Final = 60.0
_CACHED: Final = 256


class IssuerSource:
    """Fetch certificates and keep them, so that a batch fetches once. Safe to share between threads.

    Args:
        timeout: seconds for each fetch; one that failed is not repeated for a minute.
        offline: fetch nothing.
    """

    def __init__(self, timeout: float, *, offline: bool = False) -> None:
        self.timeout = timeout
        self.offline = offline
        self._fetched: dict[str, tuple[tuple[bytes, ...], float]] = {}
        self._lock = Lock()

    def at(self, url: str) -> tuple[bytes, ...]:
        """Return the DER of the certificates published at an address; none where there is no good answer."""
        found, until = self._fetched.get(url, ((), 0.0))
        if self.offline or time.monotonic() < until:
            return found
        try:
            found, until = tuple(certificates_in(fetch(url, timeout=self.timeout, max_bytes=_MAX_FILE))), float("inf")
        except (FetchError, CertificateError):
            found, until = (), time.monotonic() + _FORGET_FAILURE
        with self._lock:
            if len(self._fetched) >= _CACHED:
                self._fetched.pop(next(iter(self._fetched)))
            self._fetched[url] = found, until
        return found


def complete_chain(
    store: TrustStore,
    leaf: bytes,
    others: Iterable[bytes],
    at: datetime,
    *,
    issuers: IssuerSource,
    usage: Usage | None = Usage.SIGNATURE,
) -> Chain:
    """Find a path, and fetch the issuers that are missing.

    For certificates of our own only: the addresses come from the certificates, and a stranger's could point anywhere.

    Args:
        store: anchors.
        leaf: DER of the certificate.
        others: DER of certificates at hand.
        at: when the path must hold.
        issuers: fetches them.
        usage: as for `TrustStore.find_chain`.
    """
    known = tuple(others)
    chain = store.find_chain(leaf, known, at, usage)
    for _ in range(_MAX_HOPS):
        if not _is_incomplete(chain):
            break
        fetched = _fetch_issuers(chain, issuers)
        if not set(fetched) - set(known):
            break
        known = (*known, *fetched)
        chain = store.find_chain(leaf, known, at, usage)
    return chain


def _is_incomplete(chain: Chain) -> bool:
    """Tell whether an issuer is missing, or only its pinned key is there: others will want the certificate."""
    if chain.anchor is None:
        return bool(chain.path) and chain.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
    return chain.anchor.use == Use.INTERMEDIATE and chain.anchor.certificate is None


def _fetch_issuers(chain: Chain, issuers: IssuerSource) -> list[bytes]:
    top = chain.path[-1]
    pinned = chain.anchor.certificate_urls if chain.anchor else ()
    urls = dict.fromkeys((*top.extensions.issuer_urls, *pinned))
    found = (certificate for url in urls for certificate in issuers.at(url))
    return [c for c in found if Certificate.of(c).subject.normal == top.issuer.normal]
