"""The signer's certificate is judged before the key is used (Circular 15/2025/TT-BKHCN: validity, status, path)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from gsign.errors import TemporaryError, TokenError
from gsign.result import Revocation, SignerInfo
from gsign.trust.algorithms import Worth, judge_key
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.chain import Chain
from gsign.trust.signatures import key_facts
from gsign.trust.store import TrustStore, default_store
from gsign.trust.usage import Usage, usage_problems

if TYPE_CHECKING:
    from gsign.signer import Signer
    from gsign.trust.revocation import RevocationClient

__all__ = ["SignerCheck", "check_signer", "check_signing_certificate", "require_certificate"]

_FRESH_SECONDS: Final = 1.0


class SignerCheck(NamedTuple):
    """A certificate that may sign."""

    signer: SignerInfo
    path: Chain
    """Its path, as far as it could be found."""
    warnings: tuple[str, ...]

    @property
    def chain(self) -> tuple[bytes, ...]:
        """DER of the certificates above the signer's, for a signature to carry; an anchor is never among them."""
        return tuple(c.raw for c in self.path.path[1:] if not c.is_self_issued)


_Question = tuple[bytes, tuple[bytes, ...], "TrustStore | None", "RevocationClient | None", datetime]
_kept: dict[_Question, tuple[float, SignerCheck]] = {}


def require_certificate(
    signer: Signer, anchors: TrustStore | None, client: RevocationClient | None, now: datetime
) -> SignerCheck:
    """Check the certificate of a key that is about to sign.

    Args:
        signer: the key.
        anchors: those that somebody named, to which its path must lead then; None for the usual ones.
        client: asks for the status, as for `check_signing_certificate`.
        now: the present.

    Raises:
        TokenError: as `check_signing_certificate`.
        TemporaryError: likewise.
    """
    check = check_signer(signer.certificate, signer.chain, anchors or default_store(), client, now)
    if anchors is not None and "chain-not-found" in check.warnings:
        # Whoever names anchors expects that verifying with them succeeds.
        raise TokenError("certificate-untrusted", subject=check.signer.name, issuer=check.signer.issuer)
    return check


def check_signer(
    certificate: bytes,
    others: tuple[bytes, ...],
    store: TrustStore | None,
    client: RevocationClient | None,
    now: datetime,
) -> SignerCheck:
    """Check a certificate for one of many signatures: as `check_signing_certificate`, but once in a second.

    The answer holds for the second of `now` alone, so a certificate is refused from the second on in which it expires;
    whatever else changes, such as a revocation list in the archive, is seen a second later at the most. A refusal is
    never kept.

    Args:
        certificate: as for `check_signing_certificate`.
        others: likewise.
        store: likewise; another store is another question, even with the same anchors.
        client: likewise.
        now: the present.

    Raises:
        TokenError: as `check_signing_certificate`.
        TemporaryError: likewise.
    """
    question = (certificate, others, store, client, now.replace(microsecond=0))
    until, check = _kept.get(question, (0.0, None))
    if check is not None and time.monotonic() < until:
        return check
    begun = time.monotonic()
    check = check_signing_certificate(*question)
    for old, (end, _) in list(_kept.items()):
        if end <= begun:
            _kept.pop(old, None)
    _kept[question] = (begun + _FRESH_SECONDS, check)
    return check


def check_signing_certificate(
    certificate: bytes,
    others: Iterable[bytes],
    store: TrustStore | None,
    client: RevocationClient | None,
    now: datetime,
) -> SignerCheck:
    """Refuse to sign with a certificate that a reader would refuse.

    (1) It can be read and `now` is within its validity; (2) its usage allows signatures on documents; (3) its key is as
    strong as new signatures demand; (4) its path to an anchor holds; (5) nothing on the path is revoked.

    Where no path can be found, or no status be had, `prefer` and `off` warn and `require` refuses.

    Args:
        certificate: DER of the signer's certificate.
        others: DER of certificates that may stand between it and an anchor.
        store: anchors; None leaves (4) and (5) out, with a warning.
        client: asks for the status, and for missing issuers; None leaves (5) out, with a warning.
        now: the present.

    Raises:
        TokenError: `certificate-…`, naming what does not hold.
        TemporaryError: `revocation-unavailable` where the status is required.
    """
    facts = _check_alone(certificate, now)
    signer = facts.signer_info()
    if store is None:
        path = TrustStore().find_chain(certificate, others, now)
        return SignerCheck(signer, path, ("chain-not-checked", "revocation-not-checked"))
    chain = _find_chain(certificate, others, store, client, now)
    required = client is not None and client.mode == "require"
    if chain.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND" and not required:
        return SignerCheck(signer, chain, ("chain-not-found", "revocation-not-checked"))
    if not chain.is_trusted:
        _refuse_chain(facts, chain)
    return SignerCheck(signer, chain, (*chain.warnings, *_check_status(chain, client, now)))


def _find_chain(
    certificate: bytes,
    others: Iterable[bytes],
    store: TrustStore,
    client: RevocationClient | None,
    now: datetime,
) -> Chain:
    if client is not None and client.mode != "off":
        store = client.completing(store, strangers=False, whole=True)
    return store.find_chain(certificate, others, now)


def _check_alone(certificate: bytes, now: datetime) -> Certificate:
    try:
        facts = Certificate.of(certificate)
    except CertificateError as error:
        raise TokenError("certificate-unreadable") from error
    if now > facts.not_after:
        raise TokenError("certificate-expired", subject=facts.label, time=_day(facts.not_after))
    if now < facts.not_before:
        raise TokenError("certificate-not-yet-valid", subject=facts.label, time=_day(facts.not_before))
    if usage_problems(facts, Usage.SIGNATURE):
        raise TokenError("certificate-wrong-usage", subject=facts.label)
    if judge_key(key_facts(facts.spki), now) is not Worth.GOOD:
        raise TokenError("certificate-weak-key", subject=facts.label)
    return facts


def _refuse_chain(facts: Certificate, chain: Chain) -> NoReturn:
    if chain.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND":
        issuer = chain.path[-1].issuer if chain.path else facts.issuer
        raise TokenError("certificate-untrusted", subject=facts.label, issuer=str(issuer))
    raise TokenError("certificate-chain-invalid", subject=facts.label, reasons=", ".join(chain.reasons))


def _check_status(chain: Chain, client: RevocationClient | None, now: datetime) -> tuple[str, ...]:
    if client is None:
        return ("revocation-not-checked",)
    status = client.status(chain, now)
    if status.status is Revocation.REVOKED:
        time = _day(status.revoked_at) if status.revoked_at else "?"
        raise TokenError("certificate-revoked", subject=status.subject or "?", time=time)
    if status.sub_indication is not None:
        causes = "; ".join(status.failures) or "-"
        raise TemporaryError("revocation-unavailable", subject=status.subject or "?", causes=causes)
    return status.warnings


def _day(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
