"""Certification paths: all of them found (RFC 4158), each checked for what does not depend on time (RFC 5280 6.1).

Several authorities may have one name (cross certificates, a new key for the old name, an impostor), so every issuer
whose name fits is tried and only the signature decides. The search is bounded: a file may bring any number of
certificates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from gsign.trust.anchors import Anchor
from gsign.trust.certificate import Certificate
from gsign.trust.name_constraints import permits
from gsign.trust.signatures import is_signed_by

__all__ = ["Candidate", "candidates", "index_by_subject"]

MAX_DEPTH: Final = 10
MAX_PATHS: Final = 16
MAX_SIGNATURES: Final = 128

NameKey = tuple[tuple[tuple[str, str], ...], ...]


class Candidate(NamedTuple):
    """A path whose signatures hold, and what else is wrong with it."""

    path: tuple[Certificate, ...]
    anchor: Anchor
    problems: tuple[str, ...]


class _Budget:
    def __init__(self) -> None:
        self.signatures = MAX_SIGNATURES
        self.longest: tuple[Certificate, ...] = ()


def index_by_subject(certificates: Iterable[Certificate]) -> dict[NameKey, list[Certificate]]:
    """Group certificates by the normal form of their subject, each once."""
    index: dict[NameKey, list[Certificate]] = {}
    for certificate in dict.fromkeys(certificates):
        index.setdefault(certificate.subject.normal, []).append(certificate)
    return index


def candidates(
    leaf: Certificate, pool: Mapping[NameKey, Sequence[Certificate]], anchors: Mapping[NameKey, Sequence[Anchor]]
) -> tuple[tuple[Candidate, ...], tuple[Certificate, ...]]:
    """Find the paths from `leaf` to any anchor, longest knowledge first.

    Args:
        leaf: the end of the path.
        pool: certificates that may stand between, by subject.
        anchors: by name; an anchor that is not self-issued may also be passed through.

    Returns:
        The candidates, and the longest path tried where none ends at an anchor.
    """
    budget = _Budget()
    found = []
    for path, anchor in _search((leaf,), pool, anchors, budget):
        found.append(Candidate(path, anchor, _problems(path, anchor)))
        if len(found) >= MAX_PATHS:
            break
    return tuple(found), budget.longest


def _search(
    path: tuple[Certificate, ...],
    pool: Mapping[NameKey, Sequence[Certificate]],
    anchors: Mapping[NameKey, Sequence[Anchor]],
    budget: _Budget,
) -> Iterator[tuple[tuple[Certificate, ...], Anchor]]:
    head = path[-1]
    if len(path) > len(budget.longest):
        budget.longest = path
    tops = anchors.get(head.issuer.normal, ())
    if len(path) < MAX_DEPTH:
        for issuer in _by_key_id(head, pool.get(head.issuer.normal, ())):
            if _is_new(issuer, path) and not _is_top(issuer, tops) and _signed(head, issuer.spki, budget):
                yield from _search((*path, issuer), pool, anchors, budget)
    for anchor in tops:
        if _signed(head, anchor.spki, budget) and (len(path) > 1 or not _is_itself(head, anchor)):
            yield path, anchor
    if len(path) == 1:
        # A certificate that is in the store itself needs nobody's signature.
        for anchor in anchors.get(head.subject.normal, ()):
            if _is_itself(head, anchor):
                yield path, anchor


def _by_key_id(head: Certificate, issuers: Sequence[Certificate]) -> list[Certificate]:
    """Put issuers first whose key identifier the certificate names: a hint, never a proof (RFC 4158 3.5.12)."""
    wanted = head.extensions.authority_key_id
    return sorted(issuers, key=lambda issuer: wanted is None or issuer.extensions.subject_key_id != wanted)


def _is_new(issuer: Certificate, path: tuple[Certificate, ...]) -> bool:
    return all(c.spki != issuer.spki or c.subject.normal != issuer.subject.normal for c in path)


def _is_top(issuer: Certificate, tops: Sequence[Anchor]) -> bool:
    """Tell whether an anchor already is this issuer, so that nothing above it is needed."""
    return any(anchor.spki == issuer.spki and (anchor.certificate is None or issuer.is_self_issued) for anchor in tops)


def _is_itself(certificate: Certificate, anchor: Anchor) -> bool:
    return certificate.sha256 == anchor.sha256


def _signed(certificate: Certificate, spki: bytes, budget: _Budget) -> bool:
    if budget.signatures <= 0:
        return False
    budget.signatures -= 1
    return is_signed_by(spki, certificate.signature_algorithm, certificate.signature, certificate.tbs)


def _problems(path: tuple[Certificate, ...], anchor: Anchor) -> tuple[str, ...]:
    """Check what RFC 5280 6.1.3 and 6.1.4 ask beyond signature, validity and status."""
    problems = []
    if any(certificate.extensions.unknown_critical for certificate in path):
        problems.append("unknown-critical-extension")
    if path[0].sha256 == anchor.sha256:
        return tuple(problems)
    if not anchor.is_ca or not all(issuer.is_ca for issuer in path[1:]):
        problems.append("issuer-not-a-ca")
    if not all(issuer.allows("keyCertSign") for issuer in path[1:]):
        problems.append("issuer-may-not-sign-certificates")
    if _is_too_long(path, anchor):
        problems.append("path-too-long")
    if not _names_permitted(path, anchor):
        problems.append("name-not-permitted")
    return tuple(problems)


def _is_too_long(path: tuple[Certificate, ...], anchor: Anchor) -> bool:
    # Self-issued certificates between do not count (RFC 5280 6.1.4 l).
    allowed = anchor.path_length
    for issuer in reversed(path[1:]):
        if not issuer.is_self_issued:
            if allowed == 0:
                return True
            allowed = None if allowed is None else allowed - 1
        limit = issuer.extensions.path_length
        if limit is not None and (allowed is None or limit < allowed):
            allowed = limit
    return False


def _names_permitted(path: tuple[Certificate, ...], anchor: Anchor) -> bool:
    constraints = []
    if anchor.certificate is not None:
        # An anchor that comes as a certificate brings its constraints along (RFC 5937).
        constraints.append(Certificate.of(anchor.certificate).extensions.name_constraints)
    for index in range(len(path) - 1, -1, -1):
        certificate = path[index]
        checked = index == 0 or not certificate.is_self_issued
        if checked and not all(permits(c, certificate.subject, certificate.extensions) for c in constraints if c):
            return False
        constraints.append(certificate.extensions.name_constraints)
    return True
