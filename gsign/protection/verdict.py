"""The verdict on a message's signature, put together from facts (EN 319 102-1 clause 5.1, RFC 7281 clause 3.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gsign.protection.headers import HeaderCheck
from gsign.protection.signers import CheckedSigner
from gsign.result import Indication, MailResult, Revocation, SignerInfo, Smime
from gsign.trust.certificate import Certificate, CertificateError
from gsign.trust.identity import Identity, once

__all__ = ["Verdict"]

_ORDER: Final = (Indication.TOTAL_PASSED, Indication.INDETERMINATE, Indication.TOTAL_FAILED)
_SUB_INDICATIONS: Final = {
    "message-digest-wrong": "HASH_FAILURE",
    "signature-wrong": "SIG_CRYPTO_FAILURE",
    "signer-certificate-missing": "NO_SIGNING_CERTIFICATE_FOUND",
    "signature-of-document": "SIG_CONSTRAINTS_FAILURE",
    "signer-not-sender": "SIG_CONSTRAINTS_FAILURE",
    "sender-changed": "SIG_CONSTRAINTS_FAILURE",
}
# The message is at fault, rather than its signature.
_PERMANENT: Final = frozenset(("from-missing", "from-repeated", "from-unclear", "limit-exceeded"))


@dataclass(slots=True)
class Verdict:
    """What is known so far; the first and gravest finding names the sub-indication."""

    file: str | None = None
    form: str | None = None
    sender: str | None = None
    header: HeaderCheck = HeaderCheck(is_protected=False)  # noqa: RUF009 - a plain value
    signer: CheckedSigner | None = None
    identity: Identity | None = None
    by_agency: bool = False
    proven: datetime | None = None
    indication: Indication = Indication.TOTAL_PASSED
    sub_indication: str | None = None
    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def fail(self, *reasons: str) -> None:
        """Note what makes the signature worthless."""
        for reason in reasons:
            self.lower(Indication.TOTAL_FAILED, _SUB_INDICATIONS.get(reason, "FORMAT_FAILURE"), reason)

    def lower(self, indication: Indication, sub_indication: str | None, *reasons: str) -> None:
        """Make the verdict worse."""
        self.reasons += reasons
        if _ORDER.index(indication) > _ORDER.index(self.indication):
            self.indication, self.sub_indication = indication, sub_indication

    def result(self) -> MailResult:
        """Return the facts and the bottom line."""
        signer, identity = self.signer, self.identity
        if identity is not None:
            self.lower(identity.indication, identity.sub_indication, *identity.reasons)
            self.warnings += identity.warnings
        return MailResult(
            file=self.file,
            indication=self.indication,
            smime=self._word(),
            sub_indication=self.sub_indication,
            form=self.form,
            intact=signer is not None and signer.reason is None,
            trusted=identity is not None and identity.trusted,
            signer=_names(signer),
            sender=self.sender,
            by_agency=self.by_agency,
            trust_domain=identity.domain if identity is not None else None,
            claimed_time=signer.signing_time if signer is not None else None,
            proven_time=self.proven,
            revocation=identity.revocation if identity is not None else Revocation.UNKNOWN,
            headers_protected=self.header.is_protected,
            headers_changed=self.header.changed,
            warnings=once(self.warnings),
            reasons=once(self.reasons),
        )

    def of_unsigned(self) -> MailResult:
        """Return the facts of a message without a signature: what would make one worthless is worth a warning."""
        return MailResult(
            self.file,
            Indication.NO_SIGNATURE_FOUND,
            Smime.NONE,
            sender=self.sender,
            warnings=(*self.warnings, *self.reasons),
        )

    def _word(self) -> Smime:
        if self.indication is Indication.TOTAL_PASSED:
            return Smime.PASS
        if not _PERMANENT.isdisjoint(self.reasons):
            return Smime.PERMERROR
        if self.indication is Indication.INDETERMINATE:
            return Smime.TEMPERROR if self.sub_indication == "TRY_LATER" else Smime.POLICY
        return Smime.NEUTRAL if self.sub_indication == "FORMAT_FAILURE" else Smime.FAIL


def _names(signer: CheckedSigner | None) -> SignerInfo | None:
    """Tell whom the signature names; of one that does not hold this is only what it says."""
    if signer is None or signer.certificate is None:
        return None
    try:
        return Certificate.of(signer.certificate).signer_info()
    except CertificateError:
        return None
