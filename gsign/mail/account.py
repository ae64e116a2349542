"""What is written down of a message, and what its sender is told: the same reasons, in two forms."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, Protocol

from gsign.document_kind import kind_of
from gsign.errors import GsignError
from gsign.mail.facts import Document
from gsign.mail.outcome import Outcome
from gsign.mail.policy import Decision, Facts, Reason
from gsign.result import plain
from gsign.sentences import reason_advice, reason_sentence
from gsign.smtp.reply import Reply
from gsign.smtp.steps import Received
from gsign.smtp.story import Coming

__all__ = ["Account", "decided", "deferral", "impossible", "is_about_message", "looped", "refusal", "written_down"]

_TOLD: Final = 10
"""Reasons that a reply names; the ledger has all."""
_LINE: Final = 400
"""Characters of a line: RFC 5321 clause 4.5.3.1.5 allows 512 octets, the codes included."""
_CODES: Final[Mapping[str, str]] = {
    "mail-unclear": "5.6.0",
    "mail-begins-document": "5.6.0",
    "mail-partial": "5.6.0",
    "mail-not-7bit": "5.6.3",
    "mail-already-signed": "5.7.7",
    "mail-is-encrypted": "5.7.1",
    "mail-encrypted-already": "5.7.1",
    "signer-is-not-sender": "5.7.1",
    "recipients-without-certificate": "5.7.1",
}
"""Errors that are the message's own fault, with their enhanced codes; of all others the relay is to blame."""


class Account(Protocol):
    """A ledger."""

    def append(self, kind: str, body: Mapping[str, Any]) -> Any:
        """Write an entry that is on disk when this returns, with a `reference`.

        Raises:
            TemporaryError: it could not be written.
        """
        ...

    def append_soon(self, kind: str, body: Mapping[str, Any], *, hurries: bool = True) -> Coming:
        """Begin to write an entry, now or at the next `hurry`; it comes when it is on disk, with a `reference`.

        Raises:
            TemporaryError: it could not be written.
        """
        ...

    def hurry(self) -> None:
        """Have written what was begun."""
        ...


def decided(received: Received, facts: Facts, decision: Decision) -> dict[str, Any]:
    """Return what is written down of a decision: digests, signers, rule and reasons; never content."""
    return {
        "sha256": received.sha256,
        "size": len(received.content),
        "message_id": facts.inspection.message_id,
        "client": received.client.address,
        "identity": facts.identity,
        "sender": facts.sender,
        "recipients": list(facts.recipients),
        "agencies": _agencies(facts),
        "from": [address.spec for address in facts.inspection.senders],
        "rule": decision.rule,
        "action": decision.action,
        "reasons": [[reason.id, reason.path, list(reason.details)] for reason in decision.reasons],
        "smime": {
            "result": facts.smime.smime,
            "signer": plain(facts.smime.signer),
            "reasons": list(facts.smime.reasons),
        },
        "documents": [
            {
                "path": document.path,
                "sha256": document.sha256,
                "kind": _kind(document, facts),
                "indication": document.result.indication.value,
                "signers": [
                    {
                        "kind": signature.kind.value,
                        "name": signature.signer.name,
                        "organisation": signature.signer.organisation,
                        "email": signature.signer.email,
                        "serial": signature.signer.serial,
                        "domain": signature.trust_domain,
                        "level": signature.level.value if signature.level else None,
                        "role": signature.role.value if signature.role else None,
                        "indication": signature.indication.value,
                    }
                    for signature in document.result.signatures
                ],
            }
            for document in facts.inspection.documents
        ],
    }


def _agencies(facts: Facts) -> dict[str, Any]:
    """Tell whose the sender and the recipients are, and whether some of them are nobody's that is configured."""
    sender = facts.directory.agency_of(facts.sender)
    found = [facts.directory.agency_of(recipient) for recipient in facts.recipients]
    return {
        "sender": sender.name if sender else None,
        "recipients": sorted({agency.name for agency in found if agency}),
        "outside": not all(found),
    }


def _kind(document: Document, facts: Facts) -> str | None:
    """Tell a document's kind by its name or page, or by the subject of a message that brings nothing else."""
    inspection = facts.inspection
    return document.kind or kind_of(document.name, inspection.subject if len(inspection.documents) == 1 else None)


def written_down(reference: str, sha256: str, outcome: Outcome) -> dict[str, Any]:
    """Return what is written down of what was done with a message: by which key, and what came of it."""
    made = hashlib.sha256(outcome.message).hexdigest()
    records = [{"action": name, **record} for name, record in zip(outcome.done, outcome.records, strict=True)]
    return {"entry": reference, "sha256": sha256, "made": made, "records": records}


def refusal(decision: Decision, reference: str) -> Reply:
    """Return the reply that refuses a message, in English and Vietnamese, every line with its enhanced code."""
    return Reply.of(550, decision.enhanced, *_sentences(decision), _ending(decision.rule, reference))


def deferral(decision: Decision, reference: str) -> Reply:
    """Return the reply that puts a message off, with what cannot be told for now."""
    return Reply.of(451, "4.7.0", *_sentences(decision), _ending(decision.rule, reference))


def is_about_message(error: GsignError) -> bool:
    """Tell whether it is the message that cannot be signed or encrypted, so that trying again would not change it."""
    return error.code in _CODES and not error.temporary


def impossible(error: GsignError, rule: str, reference: str) -> Reply:
    """Return the reply that refuses a message with which what its rule says cannot be done."""
    lines = [f"{error.sentence(lang)}: {error.advice(lang)}"[:_LINE] for lang in ("en", "vi")]
    return Reply.of(550, _CODES[error.code], *lines, _ending(rule, reference))


def looped(reference: str) -> Reply:
    """Return the reply that refuses a message which has come by too often."""
    return Reply.of(554, "5.4.6", "the message runs in circles", "thư đi vòng tròn", _ending("mail-loop", reference))


def _sentences(decision: Decision) -> list[str]:
    told = decision.reasons[:_TOLD]
    return [_sentence(reason, lang) for lang in ("en", "vi") for reason in told]


def _sentence(reason: Reason, lang: str) -> str:
    facts = reason.facts
    sentence, advice = reason_sentence(reason.id, lang, facts), reason_advice(reason.id, lang, facts)
    return (f"{sentence}: {advice}" if advice else sentence)[:_LINE]


def _ending(rule: str, reference: str) -> str:
    return f"{rule[:_LINE]}; ref {reference}"
