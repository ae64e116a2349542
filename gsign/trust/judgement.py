"""What a path is worth at a time: validity, algorithms and usage (RFC 5280 6.1.3, EN 319 102-1 5.2.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from gsign.trust.algorithms import Purpose, Worth, judge_digest, judge_key
from gsign.trust.anchors import Anchor
from gsign.trust.certificate import Certificate
from gsign.trust.chain import Chain
from gsign.trust.path import Candidate
from gsign.trust.signatures import key_facts, read_algorithm
from gsign.trust.usage import Usage, issuer_problems, usage_problems

__all__ = ["When", "judge", "severity"]


class When(NamedTuple):
    """The judged time, and when the algorithms must have been good enough."""

    validity: datetime
    algorithms: datetime


_SEVERITIES: Final = (None, "EXPIRED", "NOT_YET_VALID", "CRYPTO_CONSTRAINTS_FAILURE", "CHAIN_CONSTRAINTS_FAILURE")


def severity(chain: Chain) -> tuple[int, int]:
    """Rank a judged path, the best first: what is wrong with it, then what must be warned of."""
    return _SEVERITIES.index(chain.sub_indication), len(chain.warnings)


def judge(candidate: Candidate, when: When, usage: Usage | None) -> Chain:
    """Judge a path at a time; the gravest failure names the sub-indication, all of them are reasons."""
    broken = [*candidate.problems, *usage_problems(candidate.path[0], usage)]
    broken += [problem for issuer in candidate.path[1:] for problem in issuer_problems(issuer, usage)]
    worth, weak = _algorithms(candidate, when.algorithms)
    early, late = _validity(candidate, when.validity)
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
    early: list[str] = []
    late: list[str] = []
    if candidate.anchor.not_before <= at <= candidate.anchor.not_after and all(
        certificate.is_valid_at(at) for certificate in candidate.path
    ):
        return early, late
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
