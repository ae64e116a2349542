"""A recipient's certificate is judged before mail is encrypted to it: its key opens what nobody else may read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from gsign.result import Revocation
from gsign.trust.algorithms import Worth, judge_key
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.revocation import RevocationClient
from gsign.trust.signatures import key_facts
from gsign.trust.store import TrustStore
from gsign.trust.usage import Usage

__all__ = ["RecipientCheck", "check_recipient"]


class RecipientCheck(NamedTuple):
    """What speaks against a certificate; nothing where `reasons` is empty.

    Args:
        reasons: stable identifiers.
        warnings: likewise, of what does not keep it from being used.
        is_temporary: whether trying again later may help.
    """

    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    is_temporary: bool = False


def check_recipient(
    certificate: bytes, others: Iterable[bytes], store: TrustStore, client: RevocationClient, now: datetime
) -> RecipientCheck:
    """Judge a certificate that mail is to be encrypted to (RFC 8550 4.4).

    (1) It can be read, and its key is one to encrypt to; (2) its path to an anchor holds now, with a usage that allows
    encryption of mail; (3) nothing on the path is revoked, as far as the client's mode demands to know.

    Args:
        certificate: DER.
        others: DER of certificates that may stand between it and an anchor.
        store: anchors.
        client: asks for the status, and for missing issuers.
        now: the present.
    """
    try:
        facts = Certificate.of(certificate)
    except CertificateError:
        return RecipientCheck(("certificate-unreadable",))
    key = key_facts(facts.spki)
    if key.kind not in ("rsa", "ec") or judge_key(key, now) is not Worth.GOOD:
        return RecipientCheck(("key-too-weak",))
    if client.mode != "off":
        store = client.completing(store, strangers=True)
    chain = store.find_chain(certificate, others, now, Usage.ENCRYPTION)
    if not chain.is_trusted:
        return RecipientCheck(chain.reasons)
    status = client.status(chain, now)
    if status.status is Revocation.REVOKED:
        return RecipientCheck(status.reasons)
    if status.sub_indication is not None:
        return RecipientCheck(("revocation-unavailable",), is_temporary=True)
    return RecipientCheck(warnings=(*chain.warnings, *status.warnings))
