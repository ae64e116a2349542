"""Everything that paths may end at or lead through, told for people: `gsign trust list`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from gsign.result import plain
from gsign.trust.anchors import LOCAL, Anchor, Use, pinned_authorities
from gsign.trust.certificate import Certificate
from gsign.trust.files import read_certificates
from gsign.trust.kept import KeptCertificates
from gsign.trust.own_anchors import OwnAnchors
from gsign.trust.store import TrustStore

__all__ = ["Authority", "list_authorities"]


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority, and what it counts for."""

    id: str | None
    """Its name in certs/anchors.toml."""
    name: str
    subject: str
    domain: str | None
    """`vgca`, `national`, `local`; None for an intermediate that leads nowhere now."""
    use: str
    """`anchor`, `intermediate` or `known` (not trusted)."""
    trusted: bool
    """Whether paths through it hold now; validity aside."""
    not_before: datetime
    not_after: datetime
    sha256: str
    source: str
    """`pinned`, `configuration`, `user` or `fetched`."""
    origin: str
    """Where it comes from: corroboration of a pinned fact, else a file or address."""
    added: str | None = None
    """ISO 8601 time at which the user confirmed it."""

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        return {key: plain(value) for key, value in asdict(self).items()}


def list_authorities(configured: Iterable[Path], now: datetime) -> list[Authority]:
    """List the pinned authorities, those that the configuration names, the user's own and those at hand, each once.

    Raises:
        ConfigurationError: as `TrustStore.load`.
    """
    paths = tuple(configured)
    store = TrustStore.load(*paths)
    found = {authority.sha256: authority for authority in _pinned(store)}
    for authority in _confirmed(paths):
        known = found.get(authority.sha256)
        if known is None:
            found[authority.sha256] = authority
        elif known.use != Use.ANCHOR:
            found[authority.sha256] = replace(authority, id=known.id, domain=known.domain)
    for authority in _fetched(store, now):
        found.setdefault(authority.sha256, authority)
    return list(found.values())


def _pinned(store: TrustStore) -> Iterator[Authority]:
    trusted = {anchor.sha256 for anchor in (*store.anchors, *store.intermediates)}
    for pin in pinned_authorities():
        facts = _facts(pin, "pinned", pin.corroboration)
        yield replace(facts, id=pin.identifier, domain=pin.domain, use=pin.use, trusted=pin.sha256 in trusted)


def _confirmed(paths: Iterable[Path]) -> Iterator[Authority]:
    for path in paths:
        yield from (_facts(Certificate.of(raw), "configuration", str(path)) for raw in read_certificates(path))
    for own in OwnAnchors.of_user().all():
        yield replace(_facts(own.certificate, "user", own.source), added=own.added or None)


def _fetched(store: TrustStore, now: datetime) -> Iterator[Authority]:
    for certificate in KeptCertificates.of_user().all():
        chain = store.find_chain(certificate.raw, (), now, None)
        facts = _facts(certificate, "fetched", "; ".join(certificate.extensions.issuer_urls))
        yield replace(facts, domain=chain.domain, use=Use.INTERMEDIATE, trusted=chain.anchor is not None)


def _facts(holder: Anchor | Certificate, source: str, origin: str) -> Authority:
    """Tell what the user added; the rest differs in what it counts for."""
    return Authority(
        id=None,
        name=holder.label,
        subject=str(holder.name) if isinstance(holder, Anchor) else str(holder.subject),
        domain=LOCAL,
        use=Use.ANCHOR,
        trusted=True,
        not_before=holder.not_before,
        not_after=holder.not_after,
        sha256=holder.sha256,
        source=source,
        origin=origin,
    )
