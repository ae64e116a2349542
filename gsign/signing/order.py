"""Who may sign what after whom (Decree 30/2020, Articles 14–18, 21, 25, 32 and 33; Appendix I).

The agency's key comes after the person who is competent: it may sign only what bears that person's valid signature, or
a copy, or what has arrived. A person's roles are for a person's certificate.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Collection
from typing import Final

from gsign.errors import NoSignatureError, TokenError, UsageError, VerificationError
from gsign.result import Indication, Kind, Revocation, Role, SignatureResult, SignerInfo, VerificationResult

__all__ = [
    "AGENCY_ROLES",
    "PERSONAL_ROLES",
    "Holder",
    "check_certificate",
    "check_received",
    "check_sequence",
    "competent",
    "holder_of",
    "remarks_on",
    "require_competent",
]

AGENCY_ROLES: Final = frozenset({Role.ISSUE, Role.ANNEX, Role.COPY, Role.INCOMING})
PERSONAL_ROLES: Final = frozenset({Role.INITIALS, Role.LEADER})

# Prefixes of UID values: of persons' numbers, and of agencies' (tax code, code of a unit that uses the budget).
_PERSONAL: Final = frozenset({"CCCD", "CMND", "HC", "BHXH", "PID", "PPID"})
_OF_AGENCIES: Final = frozenset({"MST", "MNS"})
# Permitted after a signature, by a certification or by nobody's doing; still no longer what the person saw.
_CHANGES: Final = frozenset(
    {
        "annotated-after", "appearance-covers-signature", "appearance-covers-text", "appearance-large",
        "appearance-overlaps-signature", "form-filled-after",
    }
)  # fmt: skip


class Holder(enum.Enum):
    """Whose certificate it is, as far as it tells."""

    PERSON = "person"
    AGENCY = "agency"
    UNKNOWN = "unknown"


def holder_of(signer: SignerInfo) -> Holder:
    """Tell a person from an agency by the identifiers in the certificate; most persons' have none."""
    prefixes = {identifier.partition(":")[0].strip().upper() for identifier in signer.identifiers}
    if prefixes & _PERSONAL:
        return Holder.PERSON  # beside the tax code of the person, or of the employer
    return Holder.AGENCY if prefixes & _OF_AGENCIES else Holder.UNKNOWN


def check_certificate(role: Role, signer: SignerInfo) -> tuple[str, ...]:
    """Refuse an agency's key in a person's place; return a warning where a person's is in an agency's.

    The second is not refused: an agency's certificate may lack the identifiers that tell it.

    Raises:
        TokenError: `role-needs-person`.
    """
    holder = holder_of(signer)
    if role in PERSONAL_ROLES and holder is Holder.AGENCY:
        raise TokenError("role-needs-person", role=role.value, subject=signer.name or "?")
    return ("agency-key-expected",) if role in AGENCY_ROLES and holder is not Holder.AGENCY else ()


def check_sequence(role: Role, earlier: Collection[str]) -> None:
    """Refuse what comes too late: persons sign before the document is issued, and that happens once.

    Args:
        role: what the new signature stands for.
        earlier: what the signatures that the document bears say they stand for.

    Raises:
        UsageError: `already-issued`.
    """
    if Role.ISSUE in earlier and (role is Role.ISSUE or role in PERSONAL_ROLES):
        raise UsageError("already-issued", role=role.value)


def competent(result: VerificationResult) -> tuple[SignatureResult, ...]:
    """Return the valid signatures of persons who may sign for the agency, the leaders' where any says so.

    Letters that other programs signed do not say what a signature stands for: any person's counts there.
    """
    signatures = _signatures(result)
    valid = [s for s in signatures if s.indication is Indication.TOTAL_PASSED]
    persons = [s for s in valid if holder_of(s.signer) is not Holder.AGENCY]
    if any(s.role is Role.LEADER for s in signatures):
        return tuple(s for s in persons if s.role is Role.LEADER)
    return tuple(s for s in persons if s.role in (None, Role.PLAIN))


def require_competent(result: VerificationResult, *, file: str) -> SignatureResult:
    """Return the newest valid signature of a competent person.

    Args:
        result: verdict on the document, or on the main document of an annex.
        file: its name, for messages.

    Raises:
        NoSignatureError: `competent-signature-missing`, telling what was found.
        VerificationError: `earlier-signature-failed`.
    """
    _refuse_failed(result)
    found = competent(result)
    if not found:
        raise NoSignatureError("competent-signature-missing", file=file, found=_described(result))
    return found[-1]


def remarks_on(person: SignatureResult, agency: SignerInfo) -> tuple[str, ...]:
    """Return what the agency should look at before it signs after a person.

    Args:
        person: whose signature the agency's follows.
        agency: whom the agency's certificate names.
    """
    remarks = [warning for warning in person.warnings if warning in _CHANGES]
    if person.revocation is Revocation.UNKNOWN:
        remarks.append("person-status-unknown")
    # A parent body stands in both, or the agency is named in one and its parent in the other.
    theirs = {_folded(name) for name in (person.signer.organisation, person.signer.unit) if name}
    ours = {_folded(name) for name in (agency.organisation, agency.unit, agency.name) if name}
    if not theirs & ours:
        remarks.append("person-of-another-organisation")
    return tuple(remarks)


def check_received(result: VerificationResult) -> tuple[str, ...]:
    """Refuse a document whose signatures fail; return a warning where some could not be judged.

    Raises:
        VerificationError: `earlier-signature-failed`.
    """
    _refuse_failed(result)
    uncertain = any(s.indication is not Indication.TOTAL_PASSED for s in _signatures(result))
    return ("earlier-signature-uncertain",) if uncertain else ()


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _refuse_failed(result: VerificationResult) -> None:
    for signature in result.signatures:
        if signature.indication is Indication.TOTAL_FAILED:
            raise VerificationError(
                "earlier-signature-failed", field=signature.field or "?", reasons=", ".join(signature.reasons)
            )


def _signatures(result: VerificationResult) -> list[SignatureResult]:
    return [s for s in result.signatures if s.kind is Kind.SIGNATURE]


def _described(result: VerificationResult) -> str:
    words = (f"{s.signer.name or '?'} ({s.role or '-'}): {s.indication}" for s in _signatures(result))
    return "; ".join(words) or "-"
