"""Decide what becomes of a message: the first rule that matches, and every reason. Pure: facts in, a decision out.

A rule's requirements are looked at all, so that a sender hears everything at once. What cannot be told for now (a
status that nobody answered for, a judge that failed) is put off, never passed, and refused only where something else is
wrong that no later answer would mend.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from gsign.mail.agencies import Directory, matches
from gsign.mail.facts import Document, Inspection
from gsign.result import Indication, Kind, MailResult, SignerInfo, Smime

__all__ = ["Action", "Decision", "Facts", "Policy", "Reason", "Rule", "decide", "rule_for"]


class Rule(Protocol):
    """A rule, as the configuration has it."""

    @property
    def name(self) -> str:
        """What the sender is told."""
        ...

    @property
    def from_(self) -> tuple[str, ...]:
        """Patterns of the envelope's sender."""
        ...

    @property
    def to(self) -> tuple[str, ...]:
        """Patterns of its recipients."""
        ...

    @property
    def require(self) -> tuple[str, ...]:
        """What a message must satisfy."""
        ...

    @property
    def otherwise(self) -> str:
        """`reject`, `hold` or `warn` where it does not."""
        ...

    @property
    def then(self) -> tuple[str, ...]:
        """What is done with it where it does."""
        ...


class Policy(Protocol):
    """Rules in order."""

    @property
    def default(self) -> str:
        """What is done where no rule matches: `accept`, `reject`, `hold` or `warn`."""
        ...

    @property
    def rule(self) -> Sequence[Rule]:
        """The first that matches decides."""
        ...


class Action(enum.StrEnum):
    """What becomes of a message."""

    PASS = "pass"  # noqa: S105 - the word of the matter
    WARN = "warn"
    """It passes, and the reasons are written down and into its header."""
    HOLD = "hold"
    REJECT = "reject"
    DEFER = "defer"
    """It cannot be told for now."""


class Reason(NamedTuple):
    """Why a message does not satisfy a rule."""

    id: str
    path: str = ""
    """Of the document or part, where there is one."""
    details: tuple[str, ...] = ()
    """Identifiers of what was found there."""
    is_temporary: bool = False

    @property
    def facts(self) -> dict[str, object]:
        """What its sentence names."""
        return {"path": self.path or "-", "details": ", ".join(self.details) or "-"}

    def __str__(self) -> str:
        where = f" {self.path}" if self.path else ""
        return f"{self.id}{where}" + (f" ({', '.join(self.details)})" if self.details else "")


class Decision(NamedTuple):
    """The rule that matched and every reason."""

    action: Action
    rule: str
    """The rule's name; `default` where none matched."""
    reasons: tuple[Reason, ...] = ()
    then: tuple[str, ...] = ()
    """What is done with a message that passes: `sign-message`, `encrypt-message`."""

    @property
    def enhanced(self) -> str:
        """The enhanced code of a refusal (RFC 3463 clause 3.8): content nobody can read, integrity, policy."""
        found = {_CODES.get(reason.id, "5.7.1") for reason in self.reasons}
        return next((code for code in ("5.6.0", "5.7.7") if code in found), "5.7.1")


class Facts(NamedTuple):
    """What is decided on."""

    sender: str
    """Of the envelope; empty for the null sender."""
    recipients: tuple[str, ...]
    inspection: Inspection
    smime: MailResult
    directory: Directory
    identity: str | None = None
    """The account that sent it; None where nobody logged in."""


_OURS: Final = "internal-error"
"""The reason of a verdict that failed for a fault of ours: later, never a refusal (mail.md B3)."""
_OUT_OF_TIME: Final = "out-of-time"
_CODES: Final[Mapping[str, str]] = {
    "content-ambiguous": "5.6.0",
    "content-unreadable": "5.6.0",
    "pdf-unreadable": "5.6.0",
    "pdf-broken": "5.7.7",
    "message-broken": "5.7.7",
}


def rule_for(policy: Policy, sender: str, recipient: str) -> Rule | None:
    """Return the first rule that matches one sender and one recipient; None where none does."""
    for rule in policy.rule:
        if matches(rule.from_, sender) and matches(rule.to, recipient):
            return rule
    return None


def decide(policy: Policy, facts: Facts) -> Decision:
    """Decide what becomes of a message whose recipients all fall under the same rule."""
    if not _is_own(facts):
        # Whoever logs in speaks for itself, whatever the rules leave open (RFC 6409 clause 6.1).
        return Decision(Action.REJECT, "from-is-not-account", (Reason("from-is-not-account"),))
    rule = rule_for(policy, facts.sender, facts.recipients[0])
    if rule is None:
        if policy.default == "accept":
            return Decision(Action.PASS, "default")
        return Decision(Action(policy.default), "default", (Reason("no-rule-matches"),))
    unmet = [(name, found) for name in rule.require if (found := tuple(_REQUIREMENTS[name](facts)))]
    if not unmet:
        return Decision(Action.PASS, rule.name, then=rule.then)
    reasons = tuple(dict.fromkeys(reason for _, found in unmet for reason in found))
    action = Action(rule.otherwise)
    if action is not Action.WARN and all(_may_be_met(name, found) for name, found in unmet):
        return Decision(Action.DEFER, rule.name, reasons)
    # What a person lets go on is still signed or encrypted as the rule says.
    return Decision(action, rule.name, reasons, rule.then if action is not Action.REJECT else ())


def _is_own(facts: Facts) -> bool:
    if facts.identity is None:
        return True
    shown = [*facts.inspection.senders, *filter(None, [facts.inspection.sender])]
    return bool(shown) and all(address.spec.lower() == facts.identity.lower() for address in shown)


def _may_be_met(requirement: str, reasons: tuple[Reason, ...]) -> bool:
    """Tell whether a requirement may be met once what could not be told for now can be."""
    enough = any if requirement == "a-signed-pdf" else all
    return enough(reason.is_temporary for reason in reasons)


# ---------------------------------------------------------------- requirements


def _everything_readable(facts: Facts) -> Iterator[Reason]:
    inspection = facts.inspection
    yield from (Reason("content-ambiguous", a.path, (a.id,)) for a in inspection.ambiguities)
    for found in inspection.unreadables:
        # Time that is up says little of what was not looked at: most likely there is too much to do just now.
        yield Reason("content-unreadable", found.path, (found.reason,), found.reason == _OUT_OF_TIME)


def _every_pdf_signed(facts: Facts) -> Iterator[Reason]:
    # Nobody can say "every" of what could not be looked into, or of what two readers see differently.
    if not facts.inspection.is_readable:
        yield from _everything_readable(facts)
    for document in facts.inspection.documents:
        yield from _document(document)


def _a_signed_pdf(facts: Facts) -> Iterator[Reason]:
    documents = facts.inspection.documents
    if any(map(_is_signed, documents)):
        return
    yield from (reason for document in documents for reason in _document(document))
    if not documents:
        yield Reason("no-pdf")


def _pdf_signer_is_sender(facts: Facts) -> Iterator[Reason]:
    if not facts.inspection.documents:
        return
    senders = facts.inspection.senders
    shown = senders[0].spec if len(senders) == 1 else ""
    agency = facts.directory.agency_of(facts.sender or shown)
    if agency is None:
        yield Reason("sender-agency-unknown")
        return
    # Readers see From; who may send for an agency is told by the envelope: both are the same agency's.
    if facts.directory.agency_of(shown) is not agency:
        yield Reason("from-is-not-sender")
    # A document beside the signed one, such as a form to be filled in, need not be anybody's; one of them must be.
    is_any_signed = any(map(_signers, facts.inspection.documents))
    for document in facts.inspection.documents:
        signers = _signers(document)
        if signers and not any(facts.directory.owns(agency, signer) for signer in signers):
            yield Reason("pdf-signer-is-not-sender", document.path)
        elif not is_any_signed:
            yield from _document(document)


def _signers(document: Document) -> list[SignerInfo]:
    signed = [s for s in document.result.signatures if s.kind is Kind.SIGNATURE]
    return [s.signer for s in signed if s.indication is Indication.TOTAL_PASSED]


def _message_signed(facts: Facts) -> Iterator[Reason]:
    smime = facts.smime
    if smime.smime is Smime.PASS:
        return
    if smime.smime is Smime.NONE:
        yield Reason("message-not-signed")
    elif smime.smime is Smime.TEMPERROR or _OURS in smime.reasons:
        yield Reason("message-not-judged", details=smime.reasons, is_temporary=True)
    elif smime.indication is Indication.TOTAL_FAILED:
        yield Reason("message-broken", details=smime.reasons)
    else:
        yield Reason("message-not-passed", details=smime.reasons)


_REQUIREMENTS: Final[Mapping[str, Callable[[Facts], Iterator[Reason]]]] = {
    "every-pdf-signed": _every_pdf_signed,
    "a-signed-pdf": _a_signed_pdf,
    "pdf-signer-is-sender": _pdf_signer_is_sender,
    "message-signed": _message_signed,
    "everything-readable": _everything_readable,
}
_OF_DOCUMENTS: Final[Mapping[Indication, str]] = {
    Indication.TOTAL_FAILED: "pdf-broken",
    Indication.INDETERMINATE: "pdf-not-passed",
    Indication.NO_SIGNATURE_FOUND: "pdf-not-signed",
    Indication.UNREADABLE: "pdf-unreadable",
}


def _is_signed(document: Document) -> bool:
    """Say whether somebody signed it: a timestamp is to be had by anybody, and says nothing of a document but when."""
    result = document.result
    return result.indication is Indication.TOTAL_PASSED and any(s.kind is Kind.SIGNATURE for s in result.signatures)


def _document(document: Document) -> Iterator[Reason]:
    result = document.result
    if _is_signed(document):
        return
    if result.indication is Indication.TOTAL_PASSED:
        yield Reason("pdf-not-signed", document.path)
        return
    found = [*result.reasons, *(reason for signature in result.signatures for reason in signature.reasons)]
    is_temporary = _OURS in found or (
        any(s.sub_indication == "TRY_LATER" for s in result.signatures)
        and not any(s.indication is Indication.TOTAL_FAILED for s in result.signatures)
    )
    yield Reason(_OF_DOCUMENTS[result.indication], document.path, tuple(dict.fromkeys(found)), is_temporary)
