"""What happens to a message, told in order: inspect → decide → write down → act → forward → write down → reply.

Trouble of our own is 451: never yes, and never a refusal. 250 is said only when the next hop has said it, or when the
message is held on disk.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

from gsign.errors import ConfigurationError, GsignError, InputError, TemporaryError
from gsign.mail.account import (
    Account,
    decided,
    deferral,
    impossible,
    is_about_message,
    looped,
    refusal,
    written_down,
)
from gsign.mail.agencies import Directory
from gsign.mail.facts import Inspection, SmimeKind
from gsign.mail.finishing import Finished, Passage, finished
from gsign.mail.headers import fields_of, received_count, without_forged_results
from gsign.mail.held import Held
from gsign.mail.outcome import ENCRYPT, Outcome, Tools, act
from gsign.mail.policy import Action, Decision, Facts, Policy, decide, rule_for
from gsign.mail.vouching import Arrived, Vouching
from gsign.mime.fields import Field
from gsign.result import VIETNAM, MailResult
from gsign.smtp.pool import NextHop, Question, Transaction
from gsign.smtp.reply import Reply
from gsign.smtp.steps import AskRecipient, Client, Received

__all__ = ["Errand", "Judge", "Practice"]

_HOPS: Final = 100
"""Received fields beyond which a message runs in circles (RFC 5321 clause 6.3)."""
_OWN_HOPS: Final = 3
"""How often it may pass us: a mailing list may bring it back."""
_LOCAL_TROUBLE: Final = Reply.of(451, "4.3.0", "local trouble; try again later")

_log = logging.getLogger("gsign.relay")


class Judge(Protocol):
    """Whoever inspects messages; both are done where strangers' bytes can do no harm."""

    def inspect(self, message: bytes, deadline: float) -> Inspection:
        """Find and verify the documents in a message."""
        ...

    def verify_message(self, message: bytes, kind: SmimeKind) -> MailResult:
        """Verify a message's own signature, of the form that its inspection has found."""
        ...


class Observer(Protocol):
    """Whoever counts what was done, for metrics."""

    def decided(self, action: str, documents: Sequence[str]) -> None:
        """Count a decision, and the indications of the documents that it was about."""
        ...

    def replied(self, codes: Sequence[int], seconds: float, octets: int) -> None:
        """Count what a client was told, and how long it waited."""
        ...


class Practice(NamedTuple):
    """All that a message is dealt with by; when the configuration is read again, a new one takes its place."""

    hostname: str
    policy: Policy
    directory: Directory
    judge: Judge
    tools: Tools
    vouching: Vouching
    ledger: Account
    held: Held | None
    hop: NextHop
    budget_seconds: float
    observer: Observer


class Errand:
    """One transaction of a client. Its methods are called by one thread at a time, but for `rest`.

    Args:
        practice: all that messages are dealt with by.
        client: who is at the other end.
    """

    def __init__(self, practice: Practice, client: Client) -> None:
        self._practice = practice
        self._client = client
        self._transaction: Transaction | None = None
        self._lock = threading.Lock()

    # ------------------------------------------------------------ recipients

    def question(self, asked: AskRecipient) -> Question | Reply | None:
        """Begin to find out whether a recipient is taken; None where that takes a thread.

        Raises:
            TemporaryError: over the connection that is there it cannot be; `unanswered` comes next.
        """
        refused = self._refused_at_once(asked)
        found = self._transaction_for(asked).question(asked.recipient.argument) if refused is None else refused
        return _within_conversation(found) if isinstance(found, Reply) else found

    def answered(self, question: Question, replies: list[Reply]) -> Reply:
        """Take the next hop's answer, and return the one for the client.

        Raises:
            TemporaryError: it is none; `unanswered` comes next.
        """
        return _within_conversation(self._begun.answered(question, replies))

    def unanswered(self) -> None:
        """Hear that no answer came."""
        if self._transaction is not None:
            self._transaction.unanswered()

    def recipient(self, asked: AskRecipient) -> Reply:
        """Find out whether a recipient is taken."""
        try:
            with self._lock:
                return _within_conversation(self._transaction_for(asked).recipient(asked.recipient.argument))
        except TemporaryError as error:
            _log.warning("recipient not asked for: %s", error)
            return _LOCAL_TROUBLE

    @property
    def is_attached(self) -> bool:
        """Whether a connection to the next hop waits for this transaction."""
        return self._transaction is not None and self._transaction.is_attached

    def rest(self) -> None:
        """Leave the connection to others."""
        with self._lock:
            if self._transaction is not None:
                self._transaction.release()

    def _refused_at_once(self, asked: AskRecipient) -> Reply | None:
        identity, sender = self._client.identity, asked.sender.address
        if identity is not None and sender.lower() != identity.lower():
            return Reply.of(550, "5.7.1", "the sender is not the account's address")
        if self._practice.hop.is_lmtp and asked.accepted and not self._client.protocol.startswith("LMTP"):
            # After the dot LMTP answers for each recipient, and SMTP has one answer for all.
            return Reply.of(452, "4.5.3", "one recipient at a time")
        return self._refused_beside_others(asked) if asked.accepted else None

    def _refused_beside_others(self, asked: AskRecipient) -> Reply | None:
        policy, sender = self._practice.policy, asked.sender.address
        rule = rule_for(policy, sender, asked.accepted[0].address)
        if rule is not rule_for(policy, sender, asked.recipient.address):
            return Reply.of(452, "4.5.3", "another rule applies to this recipient; send it apart")
        if rule is not None and ENCRYPT in rule.then:
            # What is encrypted names everybody's certificate: whom Bcc hides, it would show to all others.
            return Reply.of(452, "4.5.3", "mail is encrypted to one recipient at a time")
        return None

    def _transaction_for(self, asked: AskRecipient) -> Transaction:
        if self._transaction is None:
            deadline = time.monotonic() + self._practice.budget_seconds
            origin = asked.client.origin
            self._transaction = Transaction(self._practice.hop, asked.sender.argument, origin=origin, deadline=deadline)
            self._transaction.needs |= asked.sender.needs
        self._transaction.needs |= asked.recipient.needs
        return self._transaction

    @property
    def _begun(self) -> Transaction:
        assert self._transaction is not None  # noqa: S101 - a recipient was asked for first
        return self._transaction

    # ------------------------------------------------------------ the message

    def message(self, received: Received) -> list[Reply]:
        """Deal with a message, and return what its client is told; never raises for trouble of its own."""
        began = time.monotonic()
        with self._lock:
            try:
                replies = self._process(received)
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the client keeps the message
                _log.warning("message %s put off: %s", received.sha256, error, exc_info=_is_odd(error))
                replies = [_LOCAL_TROUBLE]
        seconds = time.monotonic() - began
        self._practice.observer.replied([reply.code for reply in replies], seconds, len(received.content))
        return replies

    def _process(self, received: Received) -> list[Reply]:
        practice = self._practice
        deadline = self._begun.deadline = time.monotonic() + practice.budget_seconds
        received_as = bytes(received.content)
        try:
            fields = fields_of(received_as)
        except InputError as error:
            entry = practice.ledger.append("refused", {"sha256": received.sha256, "code": error.code})
            return [impossible(error, error.code, entry.reference)]
        if self._runs_in_circles(fields):
            entry = practice.ledger.append("refused", {"sha256": received.sha256, "code": "mail-loop"})
            return [looped(entry.reference)]
        # (1) facts, of exactly the octets that go on
        arrived = practice.vouching.arrived(received_as, deadline)
        message = without_forged_results(
            received_as, fields, practice.hostname, is_chain_sound=arrived.chain.state == "pass"
        )
        facts = self._inspect(received, message, deadline)
        # (2) the decision, written down before anything comes of it
        decision = decide(practice.policy, facts)
        entry = practice.ledger.append("decided", {**decided(received, facts, decision), **arrived.record()})
        indications = [document.result.indication.value for document in facts.inspection.documents]
        practice.observer.decided(decision.action.value, indications)
        # (3) what comes of it
        match decision.action:
            case Action.REJECT:
                return [refusal(decision, entry.reference)]
            case Action.DEFER:
                return [deferral(decision, entry.reference)]
            case Action.HOLD:
                return [self._hold(received, facts, decision, entry.reference)]
        try:
            outcome = act(decision.then, message, facts, practice.tools, deadline)
        except GsignError as error:
            if not is_about_message(error):
                raise
            practice.ledger.append("refused", {"entry": entry.reference, "sha256": received.sha256, "code": error.code})
            return [impossible(error, decision.rule, entry.reference)]
        if outcome.done:
            practice.ledger.append("done", written_down(entry.reference, received.sha256, outcome))
        # (4) on to the next hop, whose answer is the client's
        made = self._finished(received, facts, decision, arrived, outcome, entry.reference)
        replies = self._begun.deliver(made.message)
        practice.ledger.append("forwarded", _forwarded(entry.reference, received.sha256, outcome, made, replies))
        return [_within_conversation(reply) for reply in replies]

    def _runs_in_circles(self, fields: Sequence[Field]) -> bool:
        hops, own = received_count(fields, self._practice.hostname)
        return hops >= _HOPS or own >= _OWN_HOPS

    def _inspect(self, received: Received, message: bytes, deadline: float) -> Facts:
        judge = self._practice.judge
        inspection = judge.inspect(message, deadline)
        return Facts(
            sender=received.sender.address,
            recipients=tuple(recipient.address for recipient in received.recipients),
            inspection=inspection,
            smime=judge.verify_message(message, inspection.smime),
            directory=self._practice.directory,
            identity=received.client.identity,
        )

    def _finished(
        self,
        received: Received,
        facts: Facts,
        decision: Decision,
        arrived: Arrived,
        outcome: Outcome,
        reference: str,
    ) -> Finished:
        action, rule, reasons, then = decision.action.value, decision.rule, decision.reasons, decision.then
        passage = Passage(self._practice.hostname, received.client, reference, action, rule, reasons, then, arrived)
        return finished(outcome.message, passage, facts, self._practice.vouching)

    def _hold(self, received: Received, facts: Facts, decision: Decision, reference: str) -> Reply:
        held = self._practice.held
        if held is None:
            raise ConfigurationError("held-not-configured")
        # The next hop is not needed until a person has decided.
        self._begun.release()
        envelope = {
            "sender": received.sender.argument,
            "recipients": [recipient.argument for recipient in received.recipients],
            "received": datetime.now(VIETNAM).isoformat(timespec="seconds"),
            "rule": decision.rule,
            "reasons": [[reason.id, reason.path, list(reason.details)] for reason in decision.reasons],
            "then": list(decision.then),
            "sha256": received.sha256,
            "subject": facts.inspection.subject,
            "origin": received.client.origin,
            "client": {name: getattr(received.client, name) for name in ("address", "hello", "protocol")},
        }
        held.add(reference, received.content, envelope)
        self._practice.ledger.append("held", {"entry": reference, "sha256": received.sha256})
        return Reply.of(250, "2.0.0", f"held for a person to look at; ref {reference}")


def _forwarded(reference: str, sha256: str, outcome: Outcome, made: Finished, replies: list[Reply]) -> dict[str, Any]:
    vouched = {"vouched": list(made.vouched)} if made.vouched else {}
    said = [str(reply) for reply in replies]
    return {"entry": reference, "sha256": sha256, "done": list(outcome.done), **vouched, "replies": said}


def _within_conversation(reply: Reply) -> Reply:
    """Return a reply as the client gets it: a next hop that ends its own conversation does not end this one."""
    return _LOCAL_TROUBLE if reply.code == 421 or reply.code < 200 or 300 <= reply.code < 400 else reply


def _is_odd(error: Exception) -> bool:
    return not isinstance(error, GsignError)
