"""The certificates and keys that are believed, and the paths that lead to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from gsign.trust.algorithms import Purpose, Worth, judge_digest, judge_key
from gsign.trust.anchors import LOCAL, Anchor, Use, anchor_of, pinned_authorities
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.chain import Chain
from gsign.trust.files import read_certificates
from gsign.trust.path import Candidate, NameKey, candidates, index_by_subject
from gsign.trust.signatures import key_facts, read_algorithm
from gsign.trust.usage import Usage, usage_problems

__all__ = ["Chain", "TrustStore", "Usage"]

_MAX_OTHERS: Final = 256
_CACHED_SEARCHES: Final = 1024

_Found = tuple[tuple[Candidate, ...], tuple[Certificate, ...]]


class TrustStore:
    """Trust anchors, and certificates that may stand below them.

    Args:
        certificates: DER of certificates that the user believes; each is an anchor of its own.
        authorities: pinned authorities; those of use `known` count only where `certificates` has the very certificate.
    """

    def __init__(self, certificates: Iterable[bytes] = (), authorities: Sequence[Anchor] = ()) -> None:
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
        self._tops: dict[NameKey, list[Anchor]] = {}
        for anchor in self.anchors:
            self._tops.setdefault(anchor.name.normal, []).append(anchor)
        self._between: dict[NameKey, list[Anchor]] = {}
        for authority in self.intermediates:
            self._between.setdefault(authority.name.normal, []).append(authority)
        self._searches: dict[tuple[bytes, tuple[bytes, ...]], _Found] = {}
        self._lock = Lock()

    @classmethod
    def load(cls, *sources: Path | str | bytes, pinned: bool = True) -> TrustStore:
        """Load a store.

        Args:
            sources: files or folders with certificates, PEM, DER or PKCS#7; bytes are a file's content.
            pinned: whether the authorities of certs/anchors.toml count.

        Raises:
            ConfigurationError: `trust-unreadable`, `trust-not-a-certificate` or `trust-empty`.
        """
        certificates = [certificate for source in sources for certificate in read_certificates(source)]
        return cls(certificates, pinned_authorities() if pinned else ())

    def find_chain(
        self, leaf: bytes, others: Iterable[bytes], at: datetime, usage: Usage | None = Usage.SIGNATURE
    ) -> Chain:
        """Find the best path from a certificate to an anchor and judge it (RFC 5280 6.1).

        Args:
            leaf: DER of the certificate.
            others: DER of certificates that may stand between; what cannot be read is passed over.
            at: when the path must hold: the proven time, else now.
            usage: what the leaf must be allowed to do; None asks for nothing.

        Returns:
            A chain that is trusted, or that says by `sub_indication` and `reasons` why not:
            NO_CERTIFICATE_CHAIN_FOUND, CHAIN_CONSTRAINTS_FAILURE, CRYPTO_CONSTRAINTS_FAILURE, NOT_YET_VALID, EXPIRED.
        """
        try:
            head = Certificate.of(leaf)
        except CertificateError:
            return Chain((), None, "NO_CERTIFICATE_CHAIN_FOUND", ("certificate-unreadable",))
        found, longest = self._search(head, tuple(others)[:_MAX_OTHERS])
        if not found:
            return Chain(longest, None, "NO_CERTIFICATE_CHAIN_FOUND", ("no-chain-to-anchor",))
        judged = [_judge(candidate, at, usage) for candidate in found]
        return min(judged, key=_severity)

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
        pool = index_by_subject([*_readable(others), *self._certificates])
        found, longest = candidates(leaf, pool, self._tops)
        if self._between:
            # Pinned keys stand in for certificates that nobody brought; a path with certificates tells more.
            stood_in, _ = candidates(leaf, pool, self._between)
            found += stood_in
        return found, longest


def _readable(certificates: Iterable[bytes]) -> list[Certificate]:
    readable = []
    for raw in certificates:
        try:
            readable.append(Certificate.of(raw))
        except CertificateError:
            continue
    return readable


_SEVERITIES: Final = (None, "EXPIRED", "NOT_YET_VALID", "CRYPTO_CONSTRAINTS_FAILURE", "CHAIN_CONSTRAINTS_FAILURE")


def _severity(chain: Chain) -> int:
    return _SEVERITIES.index(chain.sub_indication)


def _judge(candidate: Candidate, at: datetime, usage: Usage | None) -> Chain:
    """Judge a path at a time; the gravest failure names the sub-indication, all of them are reasons."""
    broken = [*candidate.problems, *usage_problems(candidate.path[0], usage)]
    worth, weak = _algorithms(candidate, at)
    early, late = _validity(candidate, at)
    sub = (
        "CHAIN_CONSTRAINTS_FAILURE"
        if broken
        else "CRYPTO_CONSTRAINTS_FAILURE"
        if weak
        else "NOT_YET_VALID"
        if early
        else "EXPIRED"
        if late
        else None
    )
    return Chain(
        candidate.path,
        # A path that breaks the rules proves nothing about whose it is.
        None if broken else candidate.anchor,
        sub,
        tuple(dict.fromkeys([*broken, *weak, *early, *late])),
        ("legacy-algorithm",) if worth is Worth.LEGACY else (),
    )


def _validity(candidate: Candidate, at: datetime) -> tuple[list[str], list[str]]:
    early, late = [], []
    names = ["certificate", *["issuer-certificate"] * (len(candidate.path) - 1), "anchor"]
    holders: list[Certificate | Anchor] = [*candidate.path, candidate.anchor]
    for name, holder in zip(names, holders, strict=True):
        if at < holder.not_before:
            early.append(f"{name}-not-yet-valid")
        if at > holder.not_after:
            late.append(f"{name}-expired")
    return early, late


def _algorithms(candidate: Candidate, at: datetime) -> tuple[Worth, list[str]]:
    worths = [judge_key(key_facts(spki), at) for spki in (*(c.spki for c in candidate.path), candidate.anchor.spki)]
    weak = ["key-too-weak"] if Worth.WEAK in worths else []
    if candidate.path[0].sha256 != candidate.anchor.sha256:
        digests = [_digest_worth(certificate, at) for certificate in candidate.path]
        worths += digests
        weak += ["certificate-algorithm-weak"] if Worth.WEAK in digests else []
    return (Worth.LEGACY if Worth.LEGACY in worths else Worth.GOOD), weak


def _digest_worth(certificate: Certificate, at: datetime) -> Worth:
    algorithm = read_algorithm(certificate.signature_algorithm)
    return judge_digest(algorithm.digest, Purpose.CERTIFICATE, at) if algorithm else Worth.WEAK
