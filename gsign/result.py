"""The result of a verification: facts first, one indication last (ETSI EN 319 102-1).

The dictionary made by `to_dict` is the contract of `--json`, reports and the ledger.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Final, NamedTuple

from gsign.errors import VerificationError

__all__ = [
    "NUMBER_ENTRY",
    "ROLE_ENTRY",
    "VIETNAM",
    "ChangesAfter",
    "Coverage",
    "DocumentResult",
    "Indication",
    "Kind",
    "Level",
    "MailResult",
    "Revocation",
    "Role",
    "SignatureResult",
    "SignerInfo",
    "Smime",
    "VerificationResult",
    "plain",
    "shown_day",
    "shown_time",
    "worst",
]


VIETNAM: Final = timezone(timedelta(hours=7))
"""The zone in which times are shown and written down (Decree 30/2020, Appendix I)."""


class Level(enum.StrEnum):
    """PAdES baseline levels (ETSI EN 319 142-1 clause 6)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"


class Role(enum.StrEnum):
    """What a signature stands for on a document (Decree 30/2020, Appendix I)."""

    PLAIN = "plain"
    INITIALS = "initials"
    LEADER = "leader"
    ISSUE = "issue"
    ANNEX = "annex"
    COPY = "copy"
    INCOMING = "incoming"


ROLE_ENTRY: Final = "GSGN_Role"
"""The entry of a signature dictionary that says the role, a name: gsign's own (ISO 32000-2 Annex E, second class)."""
NUMBER_ENTRY: Final = "GSGN_Number"
"""The entry that says number and symbol of the document, a text string."""


class Indication(enum.StrEnum):
    """Bottom line of a signature, and of a file (the last two)."""

    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"
    NO_SIGNATURE_FOUND = "NO_SIGNATURE_FOUND"
    UNREADABLE = "UNREADABLE"


class Kind(enum.StrEnum):
    """A person's or agency's signature, or a document timestamp (ETSI.RFC3161)."""

    SIGNATURE = "signature"
    DOCUMENT_TIMESTAMP = "document-timestamp"


class Coverage(enum.StrEnum):
    """Which bytes a signature covers."""

    WHOLE_FILE = "whole-file"
    REVISION = "revision"
    NONE = "none"


class ChangesAfter(enum.StrEnum):
    """What came after a signature."""

    NONE = "none"
    PERMITTED = "permitted"
    FORBIDDEN = "forbidden"


class Revocation(enum.StrEnum):
    """Status of the signer's certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class SignerInfo(NamedTuple):
    """Who a certificate names, as its subject and SAN say it."""

    name: str | None = None
    organisation: str | None = None
    unit: str | None = None
    email: str | None = None
    serial: str | None = None
    issuer: str | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    identifiers: tuple[str, ...] = ()


class SignatureResult(NamedTuple):
    """All facts about one signature. Times are aware datetimes."""

    field: str | None
    kind: Kind
    indication: Indication
    sub_indication: str | None
    intact: bool
    trusted: bool
    coverage: Coverage
    changes_after: ChangesAfter
    level: Level | None
    role: Role | None
    trust_domain: str | None
    signer: SignerInfo
    claimed_time: datetime | None
    proven_time: datetime | None
    revocation: Revocation
    warnings: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


# Worst first. House and contract: the file's indication is the worst of its signatures'.
_ORDER = (Indication.TOTAL_FAILED, Indication.UNREADABLE, Indication.INDETERMINATE, Indication.NO_SIGNATURE_FOUND)


class VerificationResult(NamedTuple):
    """All facts about one file."""

    file: str | None
    indication: Indication
    signatures: tuple[SignatureResult, ...] = ()
    reasons: tuple[str, ...] = ()
    facts: Mapping[str, object] = MappingProxyType({})

    def require(self) -> VerificationResult:
        """Return self where the file is TOTAL_PASSED.

        Raises:
            VerificationError: `not-passed`, naming the indication and every reason.
        """
        if self.indication is not Indication.TOTAL_PASSED:
            reasons = (*self.reasons, *(reason for signature in self.signatures for reason in signature.reasons))
            raise _not_passed(self.file, self.indication, reasons)
        return self

    def __reduce__(self) -> tuple[type[VerificationResult], tuple[object, ...]]:
        # The view of no facts does not travel between processes; a dictionary does.
        return VerificationResult, (*self[:-1], dict(self.facts))

    def __bool__(self) -> bool:
        raise TypeError("a verification result is neither true nor false: look at .indication or call .require()")

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints (times in ISO 8601)."""
        return {
            "file": self.file,
            "indication": self.indication.value,
            "reasons": list(self.reasons),
            "signatures": [plain(signature) for signature in self.signatures],
        }


class Smime(enum.StrEnum):
    """What `smime=` says of a message in Authentication-Results (RFC 7281 clause 3.1)."""

    NONE = "none"
    """No signature at the root of the message."""
    PASS = "pass"  # noqa: S105 - the word of the standard
    FAIL = "fail"
    """A signature that could be read does not hold, or is not the sender's."""
    POLICY = "policy"
    """It holds, but is not one to rely on: no path to an anchor, weak algorithms, expired without a proof of time."""
    NEUTRAL = "neutral"
    """It is not in the form that the standards demand, so that it cannot be judged."""
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    """The message itself is at fault: unreadable, or without the one From that a signer could be held against."""


class DocumentResult(NamedTuple):
    """A document found in a message, and what its verification came to."""

    name: str
    path: str
    """Where it is, in the MIME tree and in containers, such as `2/1/winmail.dat/quyet-dinh.pdf`."""
    result: VerificationResult

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        return {"name": self.name, "path": self.path, "result": self.result.to_dict()}


class MailResult(NamedTuple):
    """All facts about one message's signature, and the documents in it. Times are aware datetimes."""

    file: str | None
    indication: Indication
    smime: Smime
    sub_indication: str | None = None
    form: str | None = None
    """`detached` or `opaque`."""
    intact: bool = False
    trusted: bool = False
    signer: SignerInfo | None = None
    sender: str | None = None
    """Address of From, as it was compared with the certificate's."""
    by_agency: bool = False
    """Whether an agency signed for the sender (RFC 3183)."""
    trust_domain: str | None = None
    claimed_time: datetime | None = None
    proven_time: datetime | None = None
    revocation: Revocation = Revocation.UNKNOWN
    headers_protected: bool = False
    """Whether the signature covers copies of the header fields (RFC 9788)."""
    headers_changed: tuple[str, ...] = ()
    """Fields that a reader shows and that differ from those that were signed."""
    warnings: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    documents: tuple[DocumentResult, ...] = ()

    def require(self) -> MailResult:
        """Return self where the signature is TOTAL_PASSED.

        Raises:
            VerificationError: `not-passed`, naming the indication and every reason.
        """
        if self.indication is not Indication.TOTAL_PASSED:
            raise _not_passed(self.file, self.indication, self.reasons)
        return self

    def __bool__(self) -> bool:
        raise TypeError("a verification result is neither true nor false: look at .indication or call .require()")

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints (times in ISO 8601)."""
        facts = {name: plain(value) for name, value in self._asdict().items() if name not in ("sender", "documents")}
        return {**facts, "from": self.sender, "documents": [document.to_dict() for document in self.documents]}


def worst(indications: list[Indication]) -> Indication:
    """Return the worst of several indications; NO_SIGNATURE_FOUND for none."""
    if not indications:
        return Indication.NO_SIGNATURE_FOUND
    return min(indications, key=lambda i: _ORDER.index(i) if i in _ORDER else len(_ORDER))


def _not_passed(file: str | None, indication: Indication, reasons: Iterable[str]) -> VerificationError:
    listed = ", ".join(dict.fromkeys(reasons))
    return VerificationError("not-passed", file=file or "-", indication=indication.value, reasons=listed)


def shown_time(moment: datetime) -> str:
    """Write a time as people read it: as Vietnam's clocks show it."""
    return moment.astimezone(VIETNAM).isoformat(sep=" ", timespec="seconds")


def shown_day(moment: datetime) -> str:
    """Write the day that it is in Vietnam."""
    return moment.astimezone(VIETNAM).date().isoformat()


def plain(value: object) -> object:
    """Turn a value into what JSON holds: times in ISO 8601, enumerations by their words, results by their fields."""
    # Most are text or nothing, and there are dozens in a result.
    if value is None or type(value) in (str, bool, int, float):
        return value
    if isinstance(value, (dict, MappingProxyType)):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (SignatureResult, SignerInfo)):
        return {k: plain(v) for k, v in value._asdict().items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, datetime):
        return value.astimezone(VIETNAM).isoformat(timespec="seconds")
    if isinstance(value, enum.Enum):
        return value.value
    return value
