"""Certificates and revocation lists of the authorities, fetched ahead of need: `gsign trust update`."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from gsign.cms.names import COMMON_NAME, Name
from gsign.result import plain
from gsign.trust import crl
from gsign.trust.anchors import Anchor, pinned_authorities
from gsign.trust.archive import CrlArchive, Publisher
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.chain import Chain
from gsign.trust.fetch import FetchError, fetch
from gsign.trust.files import certificates_in
from gsign.trust.kept import KeptCertificates
from gsign.trust.status_sources import MAX_CRL
from gsign.trust.store import TrustStore

__all__ = ["Outcome", "Refreshed", "refresh_all", "refresh_certificates", "refresh_lists"]

_MAX_FILE = 256 << 10


class Outcome(enum.StrEnum):
    """What became of one address."""

    NEW = "new"
    UNCHANGED = "unchanged"
    NOT_FETCHED = "not-fetched"
    UNUSABLE = "unusable"
    """What came is no list of this authority."""
    NOT_THE_PINNED_ONE = "not-the-pinned-one"
    """The certificate that came has another SHA-256 than certs/anchors.toml."""
    NOT_KEPT = "not-kept"
    """The folder cannot be written."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """One address that was asked."""

    kind: str
    """`certificate` or `crl`."""
    authority: str
    url: str
    outcome: Outcome
    cause: str = ""
    this_update: datetime | None = None
    next_update: datetime | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        return {key: plain(value) for key, value in asdict(self).items()}


def refresh_all(
    configured: Iterable[Path], archive: CrlArchive | None, now: datetime, *, timeout: float
) -> Iterator[Refreshed]:
    """Fetch the certificates of the pinned authorities, then the lists of all that are trusted.

    Args:
        configured: anchors that the configuration names.
        archive: where lists are kept; None fetches none.
        now: the present.
        timeout: seconds for each address.

    Raises:
        ConfigurationError: as `TrustStore.load`.
    """
    kept = KeptCertificates.of_user()
    yield from refresh_certificates(kept, timeout=timeout)
    if archive is not None:
        store = TrustStore.load(*configured)
        certificates = [Certificate.of(a.certificate) for a in store.anchors if a.certificate is not None]
        yield from refresh_lists(store, archive, (*certificates, *kept.all()), now, timeout=timeout)


def refresh_certificates(kept: KeptCertificates, *, timeout: float) -> Iterator[Refreshed]:
    """Fetch the certificates of pinned authorities; each is taken only where its SHA-256 is the pinned one.

    Args:
        kept: where they are kept; what is there already is not fetched again.
        timeout: seconds for each address.
    """
    for pin in pinned_authorities():
        for url in pin.certificate_urls[:1]:
            outcome, cause = (Outcome.UNCHANGED, "") if kept.has(pin.sha256) else _fetch_pinned(pin, url, kept, timeout)
            yield Refreshed("certificate", pin.label, url, outcome, cause)


def refresh_lists(
    store: TrustStore, archive: CrlArchive, certificates: Iterable[Certificate], now: datetime, *, timeout: float
) -> Iterator[Refreshed]:
    """Fetch the lists of the authorities that are trusted, and keep them by their date.

    Args:
        store: whom to trust.
        archive: where lists are kept; those whose addresses it has noted are fetched too.
        certificates: of authorities, which name the lists that they would be on.
        now: the present.
        timeout: seconds for each list.
    """
    asked: set[tuple[bytes, str]] = set()
    for publisher, url in _lists(store, archive, certificates, now):
        if (publisher.spki, url) not in asked:
            asked.add((publisher.spki, url))
            yield _refresh_list(publisher, url, archive, timeout)


def _fetch_pinned(pin: Anchor, url: str, kept: KeptCertificates, timeout: float) -> tuple[Outcome, str]:
    try:
        found = certificates_in(fetch(url, timeout=timeout, max_bytes=_MAX_FILE))
    except FetchError as error:
        return Outcome.NOT_FETCHED, error.reason
    except CertificateError:
        return Outcome.NOT_FETCHED, "no-certificate"
    right = next((c for c in found if Certificate.of(c).sha256 == pin.sha256), None)
    if right is None:
        return Outcome.NOT_THE_PINNED_ONE, ", ".join(Certificate.of(c).sha256 for c in found)
    return (Outcome.NEW, "") if kept.keep(right) else (Outcome.NOT_KEPT, str(kept.folder))


def _lists(
    store: TrustStore, archive: CrlArchive, certificates: Iterable[Certificate], now: datetime
) -> Iterator[tuple[Publisher, str]]:
    for anchor in (*store.anchors, *store.intermediates):
        yield from ((Publisher(anchor.name, anchor.spki), url) for url in anchor.crl_urls)
    for certificate in certificates:
        publisher = _publisher(store.find_chain(certificate.raw, (), now, None))
        if publisher is not None:
            yield from ((publisher, url) for url in certificate.extensions.crl_urls)
    for publisher in archive.publishers():
        yield from ((publisher, url) for url in publisher.latest)


def _publisher(chain: Chain) -> Publisher | None:
    """Tell who answers for a certificate; nobody for one that leads nowhere."""
    if chain.anchor is None:
        return None
    links = chain.links()
    if links:
        return Publisher(links[0].issuer, links[0].issuer_spki)
    leaf = chain.path[0]
    return Publisher(leaf.subject, leaf.spki) if leaf.is_self_issued else None


def _refresh_list(publisher: Publisher, url: str, archive: CrlArchive, timeout: float) -> Refreshed:
    who = _label(publisher.name)
    try:
        raw = fetch(url, timeout=timeout, max_bytes=MAX_CRL)
        facts = crl.read_facts(raw, publisher.name, publisher.spki)
    except FetchError as error:
        return Refreshed("crl", who, url, Outcome.NOT_FETCHED, error.reason)
    except crl.CrlError as error:
        return Refreshed("crl", who, url, Outcome.UNUSABLE, error.reason)
    is_new = archive.keep(raw, Publisher(facts.issuer, publisher.spki), url, facts.this_update)
    outcome = Outcome.NEW if is_new else Outcome.UNCHANGED
    if not is_new and archive.latest(publisher, url) is None:
        outcome = Outcome.NOT_KEPT
    cause = str(archive.folder) if outcome is Outcome.NOT_KEPT else ""
    return Refreshed("crl", who, url, outcome, cause, facts.this_update, facts.next_update)


def _label(name: Name) -> str:
    return name.first(COMMON_NAME) or str(name)
