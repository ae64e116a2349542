"""The certificates and keys that are believed, and the paths that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from gsign.trust.anchors import LOCAL, Anchor, Use, anchor_of, pinned_authorities
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.chain import Chain
from gsign.trust.files import read_certificates
from gsign.trust.judgement import When, judge, severity
from gsign.trust.kept import KeptCertificates
from gsign.trust.own_anchors import OwnAnchors
from gsign.trust.path import Candidate, NameKey, candidates, index_by_subject
from gsign.trust.usage import Usage

__all__ = ["Chain", "Issuers", "TrustStore", "Usage", "default_store"]

_MAX_OTHERS: Final = 256
_MAX_HOPS: Final = 4
_CACHED_SEARCHES: Final = 1024
_NOTHING_WRONG: Final = (0, 0)

_Question = tuple[Certificate, tuple[bytes, ...], When, Usage | None]
_Found = tuple[tuple[Candidate, ...], tuple[Certificate, ...], bool]


class Issuers(Protocol):
    """Where issuers that nobody brought come from; see `gsign.trust.issuers`."""

    def above(self, chain: Chain) -> Sequence[bytes]:
        """Return DER of certificates that may stand above a path; none where nothing is missing."""

    def helped(self, chain: Chain) -> None:
        """Take note of a path that was found with their help."""


class TrustStore:
    """Trust anchors, and certificates that may stand below them.

    Args:
        certificates: DER of certificates that the user believes; each is an anchor of its own.
        authorities: pinned authorities; those of use `known` count only where `certificates` has the very certificate.
        between: lists certificates at hand that may stand between; asked once, when the first path is looked for.
    """

    def __init__(
        self,
        certificates: Iterable[bytes] = (),
        authorities: Sequence[Anchor] = (),
        between: Callable[[], Iterable[Certificate]] = tuple,
    ) -> None:
        pins = {authority.sha256: authority for authority in authorities}
        own = tuple(Certificate.of(certificate) for certificate in dict.fromkeys(certificates))
        confirmed = {c.sha256 for c in own}
        self.anchors = (
            *(a for a in authorities if a.use == Use.ANCHOR and a.sha256 not in confirmed),
            *(anchor_of(c.raw, pins[c.sha256].domain if c.sha256 in pins else LOCAL) for c in own),
        )
        trusted = {a.identifier for a in authorities if a.use == Use.ANCHOR or a.sha256 in confirmed}
        self.intermediates = tuple(
            a for a in authorities if a.use == Use.INTERMEDIATE and a.issuer in trusted and a.sha256 not in confirmed
        )
        self._certificates = own
        # Asked once, whatever copies of the store there are.
        self._between_at_hand = cache(lambda: tuple(between()))
        self._issuers: Issuers | None = None
        self._tops = _by_name(self.anchors)
        self._between = _by_name(self.intermediates)
        self._untrusted = _by_name(a for a in authorities if a.identifier not in trusted and a.use != Use.ANCHOR)
        self._searches: dict[tuple[bytes, tuple[bytes, ...]], _Found] = {}
        self._answered: tuple[_Question, Chain] | None = None
        self._lock = Lock()

    @classmethod
    def load(cls, *sources: Path | str | bytes, pinned: bool = True) -> TrustStore:
        """Load a store.

        Args:
            sources: files or folders with certificates, PEM, DER or PKCS#7; bytes are a file's content.
            pinned: whether the authorities of certs/anchors.toml count, and those that the user confirmed with
                `gsign trust add`.

        Raises:
            ConfigurationError: `trust-unreadable`, `trust-not-a-certificate`, `trust-empty` or `trust-own-damaged`.
        """
        certificates = [certificate for source in sources for certificate in read_certificates(source)]
        if not pinned:
            return cls(certificates)
        certificates += (own.certificate.raw for own in OwnAnchors.of_user().all())
        return cls(certificates, pinned_authorities(), KeptCertificates.of_user().all)

    def completed_by(self, issuers: Issuers) -> TrustStore:
        """Return a store that asks for issuers that are missing."""
        completed = TrustStore.__new__(TrustStore)
        vars(completed).update(vars(self))
        completed._issuers = issuers  # noqa: SLF001 - its own kind
        return completed

    def find_chain(
        self,
        leaf: bytes,
        others: Iterable[bytes],
        at: datetime,
        usage: Usage | None = Usage.SIGNATURE,
        algorithms_at: datetime | None = None,
    ) -> Chain:
        """Find the best path from a certificate to an anchor and judge it (RFC 5280 6.1).

        Args:
            leaf: DER of the certificate.
            others: DER of certificates that may stand between; what cannot be read is passed over.
            at: when the path must hold: the proven time, else now.
            usage: what the leaf must be allowed to do; None asks for nothing.
            algorithms_at: when the algorithms must have been good enough, where that is another time: what nobody
                proved to be old is judged by what can be forged now. None for `at`.

        Returns:
            A chain that is trusted, or that says by `sub_indication` and `reasons` why not:
            NO_CERTIFICATE_CHAIN_FOUND, CHAIN_CONSTRAINTS_FAILURE, CRYPTO_CONSTRAINTS_FAILURE, NOT_YET_VALID, EXPIRED.
        """
        try:
            head = Certificate.of(leaf)
        except CertificateError:
            return Chain((), None, "NO_CERTIFICATE_CHAIN_FOUND", ("certificate-unreadable",))
        when = When(at, algorithms_at or at)
        known = tuple(others)[:_MAX_OTHERS]
        chain = self._best(head, known, when, usage)
        return chain if self._issuers is None else self._completed(chain, head, known, when, usage, self._issuers)

    def _completed(
        self,
        chain: Chain,
        leaf: Certificate,
        known: tuple[bytes, ...],
        when: When,
        usage: Usage | None,
        issuers: Issuers,
    ) -> Chain:
        for _ in range(_MAX_HOPS):
            missing = issuers.above(chain)
            if all(certificate in known for certificate in missing):
                break
            known = (*known, *missing)
            chain = self._best(leaf, known, when, usage)
            issuers.helped(chain)
        return chain

    def _best(self, leaf: Certificate, others: tuple[bytes, ...], when: When, usage: Usage | None) -> Chain:
        question, answered = (leaf, others, when, usage), self._answered
        if answered is None or answered[0] != question:  # one document is often signed many times by one key
            self._answered = answered = question, self._judged(*question)
        return answered[1]

    def _judged(self, leaf: Certificate, others: tuple[bytes, ...], when: When, usage: Usage | None) -> Chain:
        found, longest, leads_to_known = self._search(leaf, others)
        if not found:
            known = ("authority-not-confirmed",) if leads_to_known else ()
            return Chain(longest, None, "NO_CERTIFICATE_CHAIN_FOUND", ("no-chain-to-anchor", *known))
        best: Chain | None = None
        for candidate in found:
            chain = judge(candidate, when, usage)
            if severity(chain) == _NOTHING_WRONG:
                return chain
            best = chain if best is None or severity(chain) < severity(best) else best
        assert best is not None  # noqa: S101 - there are candidates
        return best

    def _search(self, leaf: Certificate, others: tuple[bytes, ...]) -> _Found:
        key = (leaf.raw, others)
        found = self._searches.get(key)
        if found is None:
            found = self._search_anew(leaf, others)
            with self._lock:
                if len(self._searches) >= _CACHED_SEARCHES:
                    self._searches.pop(next(iter(self._searches)))
                self._searches[key] = found
        return found

    def _search_anew(self, leaf: Certificate, others: tuple[bytes, ...]) -> _Found:
        pool = index_by_subject([*_readable(others), *self._certificates, *self._between_at_hand()])
        found, longest = candidates(leaf, pool, self._tops)
        if self._between:
            # Pinned keys stand in for certificates that nobody brought; a path with certificates tells more.
            stood_in, _ = candidates(leaf, pool, self._between)
            found += stood_in
        leads_to_known = not found and bool(self._untrusted) and bool(candidates(leaf, pool, self._untrusted)[0])
        return found, longest, leads_to_known


def default_store() -> TrustStore:
    """Return the store of the pinned authorities and the user's own; it is made anew when those change.

    Raises:
        ConfigurationError: as `TrustStore.load`.
    """
    own = OwnAnchors.of_user()
    version = own.version()
    return _store_of(own.folder, version) if version is not None else TrustStore.load()


@lru_cache(maxsize=1)
def _store_of(_folder: Path | None, _version: int) -> TrustStore:
    return TrustStore.load()


def _by_name(authorities: Iterable[Anchor]) -> dict[NameKey, list[Anchor]]:
    found: dict[NameKey, list[Anchor]] = {}
    for authority in authorities:
        found.setdefault(authority.name.normal, []).append(authority)
    return found


def _readable(certificates: Iterable[bytes]) -> list[Certificate]:
    readable = []
    for raw in certificates:
        try:
            readable.append(Certificate.of(raw))
        except CertificateError:
            continue
    return readable
