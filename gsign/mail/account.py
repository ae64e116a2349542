"""What is written down of a message, and what its sender is told: the same reasons, in two forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from gsign.errors import GsignError, InputError
from gsign.mail.policy import Decision, Facts, Reason
from gsign.result import plain
from gsign.sentences import reason_advice, reason_sentence
from gsign.smtp.reply import Reply
from gsign.smtp.steps import Received

__all__ = ["Account", "decided", "deferral", "impossible", "refusal"]

_TOLD: Final = 10
"""Reasons that a reply names; the ledger has all."""


class Account(Protocol):
    """A ledger."""

    def append(self, kind: str, body: Mapping[str, Any]) -> Any:
        """Write an entry that is on disk when this returns, with a `reference`.

        Raises:
            TemporaryError: it could not be written.
        """
        ...


def decided(received: Received, facts: Facts, decision: Decision) -> dict[str, Any]:
    """Return what is written down of a decision: digests, signers, rule and reasons; never content."""
    return {
        "sha256": received.sha256,
        "size": len(received.content),
        "message_id": facts.inspection.message_id,
        "client": received.client.address,
        "identity": received.client.identity,
        "sender": facts.sender,
        "recipients": list(facts.recipients),
        "from": [address.spec for address in facts.inspection.senders],
        "rule": decision.rule,
        "action": decision.action.value,
        "reasons": [[reason.id, reason.path, list(reason.details)] for reason in decision.reasons],
        "smime": {
            "result": facts.smime.smime.value,
            "signer": plain(facts.smime.signer),
            "reasons": list(facts.smime.reasons),
        },
        "documents": [
            {
                "path": document.path,
                "sha256": document.sha256,
                "indication": document.result.indication.value,
                "signers": [
                    {
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


def refusal(decision: Decision, reference: str) -> Reply:
    """Return the reply that refuses a message, in English and Vietnamese, every line with its enhanced code."""
    told = decision.reasons[:_TOLD]
    lines = [_sentence(reason, lang) for lang in ("en", "vi") for reason in told]
    lines.append(f"{decision.rule}; ref {reference}")
    return Reply.of(550, decision.enhanced, *lines)


def impossible(error: GsignError, rule: str, reference: str) -> Reply:
    """Return the reply that refuses a message with which what its rule says cannot be done."""
    lines = [f"{error.sentence(lang)}: {error.advice(lang)}"[:400] for lang in ("en", "vi")]
    enhanced = "5.6.0" if isinstance(error, InputError) else "5.7.1"
    return Reply.of(550, enhanced, *lines, f"{rule}; ref {reference}")


def deferral(decision: Decision, reference: str) -> Reply:
    """Return the reply that puts a message off."""
    return Reply.of(451, "4.7.0", "cannot be judged for now; try again later", f"{decision.rule}; ref {reference}")


def _sentence(reason: Reason, lang: str) -> str:
    facts = {"path": reason.path or "-", "details": ", ".join(reason.details) or "-"}
    sentence, advice = reason_sentence(reason.id, lang, facts), reason_advice(reason.id, lang, facts)
    return f"{sentence}: {advice}"[:400] if advice else sentence[:400]
