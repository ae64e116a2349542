"""Issuers that nobody brought, fetched from where certificates say they are (RFC 5280 4.2.2.1)."""

from __future__ import annotations

import time
from threading import Lock
from typing import Final

from gsign.trust.anchors import Use
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.chain import Chain
from gsign.trust.files import certificates_in
from gsign.trust.kept import KeptCertificates

__all__ = ["IssuerSource", "MissingIssuers"]

_MAX_FILE: Final = 256 << 10
_FORGET_FAILURE: Final = 60.0
_CACHED: Final = 256
_MAX_CERTIFICATES: Final = 16
_MAX_URLS: Final = 2
_MAX_FETCHES: Final = 8
_MAX_SECONDS: Final = 20.0

_Place = tuple[str, bool]


class IssuerSource:
    """Fetch certificates and remember them, so that a batch fetches once. Safe to share between threads.

    Args:
        timeout: seconds for each fetch; one that failed is not repeated for a minute.
        kept: certificates that helped are kept here for later runs; None keeps none.
    """

    def __init__(self, timeout: float, kept: KeptCertificates | None = None) -> None:
        self.timeout = timeout
        self.kept = kept
        self._fetched: dict[_Place, tuple[tuple[bytes, ...], float]] = {}
        self._lock = Lock()

    def above_paths(self, *, public_only: bool, whole: bool) -> MissingIssuers:
        """Return what a trust store asks for one document; the arguments are those of `MissingIssuers`."""
        return MissingIssuers(self, public_only=public_only, whole=whole)

    def knows(self, url: str, *, public_only: bool) -> bool:
        """Tell whether an address was asked lately."""
        return time.monotonic() < self._fetched.get((url, public_only), ((), 0.0))[1]

    def at(self, url: str, *, public_only: bool, timeout: float | None = None) -> tuple[bytes, ...]:
        """Return the DER of the certificates published at an address; none where there is no good answer.

        Args:
            url: the address.
            public_only: as for `fetch`.
            timeout: seconds, where they are fewer than usual.
        """
        place = (url, public_only)
        found, until = self._fetched.get(place, ((), 0.0))
        if time.monotonic() < until:
            return found
        found, until = self._fetch(url, public_only, min(self.timeout, timeout or self.timeout))
        with self._lock:
            if len(self._fetched) >= _CACHED:
                self._fetched.pop(next(iter(self._fetched)))
            self._fetched[place] = found, until
        return found

    def _fetch(self, url: str, public_only: bool, timeout: float) -> tuple[tuple[bytes, ...], float]:
        from gsign.trust.fetch import FetchError, fetch

        try:
            answer = fetch(url, timeout=timeout, max_bytes=_MAX_FILE, public_only=public_only)
            return tuple(certificates_in(answer)[:_MAX_CERTIFICATES]), float("inf")
        except (FetchError, CertificateError):
            return (), time.monotonic() + _FORGET_FAILURE


class MissingIssuers:
    """What a trust store asks where a path does not reach an anchor; one for each document.

    A document of a stranger may name any address in any number of certificates, so all fetches together have a limit
    in number and time, and addresses that are not public are left alone unless the certificate is the user's own.

    Args:
        source: fetches.
        public_only: whether addresses inside this network are left alone.
        whole: whether certificates are wanted even where a pinned key stands in for them, to be stored for others.
    """

    def __init__(self, source: IssuerSource, *, public_only: bool, whole: bool = False) -> None:
        self._source = source
        self._public_only = public_only
        self._whole = whole
        self._fetches = _MAX_FETCHES
        self._seconds = _MAX_SECONDS

    def above(self, chain: Chain) -> list[bytes]:
        """Fetch certificates that may stand above a path; none where nothing is missing."""
        if not self._is_incomplete(chain):
            return []
        top = chain.path[-1]
        named = top.extensions.issuer_urls[:_MAX_URLS]
        pinned = chain.anchor.certificate_urls if chain.anchor else ()
        found = (certificate for url in dict.fromkeys((*named, *pinned)) for certificate in self._at(url))
        return [c for c in found if Certificate.of(c).subject.normal == top.issuer.normal]

    def helped(self, chain: Chain) -> None:
        """Keep for later what an anchor stands behind; what leads nowhere is forgotten."""
        if chain.anchor is not None and self._source.kept is not None:
            for certificate in chain.certificates[1:]:
                self._source.kept.keep(certificate)

    def _is_incomplete(self, chain: Chain) -> bool:
        if chain.anchor is None:
            return bool(chain.path) and chain.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
        return self._whole and chain.anchor.use == Use.INTERMEDIATE and chain.anchor.certificate is None

    def _at(self, url: str) -> tuple[bytes, ...]:
        if not self._source.knows(url, public_only=self._public_only):
            if self._fetches <= 0 or self._seconds <= 0:
                return ()
            self._fetches -= 1
        begun = time.monotonic()
        found = self._source.at(url, public_only=self._public_only, timeout=self._seconds)
        self._seconds -= time.monotonic() - begun
        return found
