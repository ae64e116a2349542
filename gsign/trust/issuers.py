"""Issuers that nobody brought, fetched from where certificates say they are (RFC 5280 4.2.2.1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from gsign.trust.anchors import Use
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.chain import Chain
from gsign.trust.fetch import FetchError, fetch
from gsign.trust.files import certificates_in
from gsign.trust.store import TrustStore
from gsign.trust.usage import Usage

__all__ = ["complete_chain"]

_MAX_HOPS: Final = 4
_MAX_FILE: Final = 256 << 10


def complete_chain(
    store: TrustStore,
    leaf: bytes,
    others: Iterable[bytes],
    at: datetime,
    *,
    timeout: float,
    usage: Usage | None = Usage.SIGNATURE,
) -> Chain:
    """Find a path, and fetch the issuers that are missing.

    For certificates of our own only: the addresses come from the certificates, and a stranger's could point anywhere.

    Args:
        store: anchors.
        leaf: DER of the certificate.
        others: DER of certificates at hand.
        at: when the path must hold.
        timeout: seconds for each fetch.
        usage: as for `TrustStore.find_chain`.
    """
    known = tuple(others)
    chain = store.find_chain(leaf, known, at, usage)
    for _ in range(_MAX_HOPS):
        if not _is_incomplete(chain):
            break
        fetched = _fetch_issuers(chain, timeout)
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


def _fetch_issuers(chain: Chain, timeout: float) -> list[bytes]:
    top = chain.path[-1]
    pinned = chain.anchor.certificate_urls if chain.anchor else ()
    found: list[bytes] = []
    for url in dict.fromkeys((*top.extensions.issuer_urls, *pinned)):
        try:
            fetched = certificates_in(fetch(url, timeout=timeout, max_bytes=_MAX_FILE))
        except (FetchError, CertificateError):
            continue
        found += [c for c in fetched if Certificate.of(c).subject.normal == top.issuer.normal]
    return found
