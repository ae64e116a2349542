"""What happens to a message, told in order: inspect → decide → write down → act → forward → write down → reply.

Trouble of our own is 451: never yes, and never a refusal. 250 is said only when the next hop has said it, or when the
message is held on disk.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from gsign.errors import ConfigurationError, GsignError, InputError, TemporaryError
from gsign.mail.account import decided, deferral, impossible, is_about_message, looped, refusal, written_down
from gsign.mail.finishing import Finished, Passage, finished
from gsign.mail.judging import LOOP, Judged, glance, judge
from gsign.mail.outcome import ENCRYPT, Outcome, act
from gsign.mail.policy import Action, rule_for
from gsign.mail.practice import Practice
from gsign.result import VIETNAM
from gsign.smtp.pool import Transaction
from gsign.smtp.reply import Reply
from gsign.smtp.steps import AskRecipient, Client, Received
from gsign.smtp.story import Story, Work, Written

__all__ = ["Errand"]

_LOCAL_TROUBLE: Final = Reply.of(451, "4.3.0", "local trouble; try again later")
_BUSY: Final = Reply.of(451, "4.3.2", "too much to do; try again later")

_log = logging.getLogger("gsign.relay")


class Errand:
    """One transaction of a client. Its stories are told one at a time.

    Args:
        practice: all that messages are dealt with by.
        client: who is at the other end.
    """

    def __init__(self, practice: Practice, client: Client) -> None:
        self._practice = practice
        self._client = client
        self._transaction: Transaction | None = None

    # ------------------------------------------------------------ recipients

    def recipient(self, asked: AskRecipient) -> Story[Reply]:
        """Find out whether a recipient is taken."""
        refused = self._refused_at_once(asked)
        if refused is not None:
            return refused
        try:
            reply = yield from self._transaction_for(asked).recipient(asked.recipient.argument)
        except TemporaryError as error:
            _log.warning("recipient not asked for: %s", error, extra=_facts("recipient-not-asked", error=error.code))
            return _LOCAL_TROUBLE
        return _within_conversation(reply)

    @property
    def is_attached(self) -> bool:
        """Whether a connection to the next hop waits for this transaction."""
        return self._transaction is not None and self._transaction.is_attached

    def rest(self) -> Story[None]:
        """Leave the connection to others."""
        if self._transaction is not None:
            yield from self._transaction.release()

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
        deadline = time.monotonic() + self._practice.budget_seconds
        if self._transaction is None:
            origin = asked.client.origin
            self._transaction = Transaction(self._practice.hop, asked.sender.argument, origin=origin, deadline=deadline)
            self._transaction.needs |= asked.sender.needs
        # Each has its time: of many, the last must not be put off for what the others took.
        self._transaction.deadline = deadline
        self._transaction.needs |= asked.recipient.needs
        return self._transaction

    @property
    def _begun(self) -> Transaction:
        assert self._transaction is not None  # noqa: S101 - a recipient was asked for first
        return self._transaction

    # ------------------------------------------------------------ the message

    def message(self, received: Received) -> Story[list[Reply]]:
        """Deal with a message, and end with what its client is told; never raises for trouble of its own."""
        began = time.monotonic()
        try:
            replies = yield from self._process(received)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the client keeps the message
            code = getattr(error, "code", type(error).__name__)
            facts = _facts("message-put-off", sha256=received.sha256, error=code)
            _log.warning("message %s put off: %s", received.sha256, error, exc_info=_is_odd(error), extra=facts)
            replies = [_LOCAL_TROUBLE]
        seconds = time.monotonic() - began
        self._practice.observer.replied([reply.code for reply in replies], seconds, len(received.content))
        return replies

    def _process(self, received: Received) -> Story[list[Reply]]:
        practice, sha256 = self._practice, received.sha256
        deadline = self._begun.deadline = time.monotonic() + practice.budget_seconds
        # (1) and (2): facts, of exactly the octets that go on, and the decision
        try:
            judged = glance(practice, received) or (
                yield Work(partial(judge, practice, received, deadline), until=deadline)
            )
        except InputError as error:
            entry = yield self._written("refused", {"sha256": sha256, "code": error.code})
            is_loop = error.code == LOOP
            return [looped(entry.reference) if is_loop else impossible(error, error.code, entry.reference)]
        if judged is None:
            return [_BUSY]
        facts, decision = judged.facts, judged.decision
        # The decision is written down before anything comes of it.
        deciding = self._written("decided", {**decided(received, facts, decision), **judged.arrived.record()})
        indications = [document.result.indication.value for document in facts.inspection.documents]
        practice.observer.decided(decision.action, indications)
        # (3) what comes of it
        if decision.action not in (Action.PASS, Action.WARN):
            entry = yield deciding
            replies = [(yield from self._held_back(received, judged, entry.reference))]
            _tell(logging.INFO, sha256, judged, entry.reference, replies)
            return replies
        outcome = Outcome(judged.message)
        if decision.then:
            entry = yield deciding
            try:
                outcome = yield Work(partial(act, decision.then, judged.message, facts, practice.tools, deadline))
            except GsignError as error:
                if not is_about_message(error):
                    raise
                yield self._written("refused", {"entry": entry.reference, "sha256": sha256, "code": error.code})
                return [impossible(error, decision.rule, entry.reference)]
            if outcome.done:
                yield self._written("done", written_down(entry.reference, sha256, outcome))
        # (4) on to the next hop, whose answer is the client's; it hears that content comes while we still write
        refused = yield from self._begun.announce(outcome.message)
        entry = yield deciding
        reference: str = entry.reference
        finishing = partial(self._finished, received, judged, outcome.message, reference)
        made: Finished = (yield Work(finishing)) if practice.vouching.vouches(decision.then) else finishing()
        # What was made of it may have dots that it had not when it came.
        has_dots = received.has_dots or outcome.message is not judged.message
        delivering = self._begun.deliver(made.on_top, outcome.message, has_dots=has_dots)
        replies = [refused] if refused else (yield from delivering)
        _tell(logging.DEBUG, sha256, judged, reference, replies)
        if [reply for reply in replies if reply.is_positive]:
            practice.observer.delivered(sha256, facts.recipients)
        yield self._written("forwarded", _forwarded(reference, sha256, outcome, made, replies))
        return [_within_conversation(reply) for reply in replies]

    def _written(self, kind: str, body: Mapping[str, Any]) -> Written:
        ledger = self._practice.ledger
        return Written(ledger.append_soon(kind, body, hurries=False), ledger)

    def _finished(self, received: Received, judged: Judged, message: bytes, reference: str) -> Finished:
        action, rule, reasons, then = judged.decision
        hostname, client = self._practice.hostname, received.client
        passage = Passage(hostname, client, reference, action, rule, reasons, then, judged.arrived)
        return finished(message, passage, judged.facts, self._practice.vouching)

    def _held_back(self, received: Received, judged: Judged, reference: str) -> Story[Reply]:
        """Refuse a message, put it off, or keep it for a person."""
        decision = judged.decision
        if decision.action is Action.REJECT:
            return refusal(decision, reference)
        if decision.action is Action.DEFER:
            return deferral(decision, reference)
        held = self._practice.held
        if held is None:
            raise ConfigurationError("held-not-configured")
        # The next hop is not needed until a person has decided.
        yield from self._begun.release()
        envelope = _envelope(received, judged)
        yield Work(partial(held.add, reference, received.content, envelope))
        yield self._written("held", {"entry": reference, "sha256": received.sha256})
        return Reply.of(250, "2.0.0", f"held for a person to look at; ref {reference}")


def _envelope(received: Received, judged: Judged) -> dict[str, Any]:
    facts, decision = judged.facts, judged.decision
    return {
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


def _forwarded(reference: str, sha256: str, outcome: Outcome, made: Finished, replies: list[Reply]) -> dict[str, Any]:
    vouched = {"vouched": list(made.vouched)} if made.vouched else {}
    said = [str(reply) for reply in replies]
    return {"entry": reference, "sha256": sha256, "done": list(outcome.done), **vouched, "replies": said}


def _within_conversation(reply: Reply) -> Reply:
    """Return a reply as the client gets it: what is wrong between us and the next hop is no word on its message."""
    if reply.is_positive:
        return reply
    if reply.code >= 400 and not reply.is_of_conversation:
        return reply
    _log.warning("put off, since the next hop says: %s", reply, extra=_facts("next-hop-odd", code=reply.code))
    return _LOCAL_TROUBLE


def _facts(event: str, **facts: object) -> dict[str, object]:
    """Return what a program that watches the log is told."""
    return {"facts": {"event": event, **facts}}


def _tell(level: int, sha256: str, judged: Judged, reference: str, replies: list[Reply]) -> None:
    """Log what became of a message; whose it is, the ledger says."""
    if not _log.isEnabledFor(level):
        return
    action, rule, codes = judged.decision.action.value, judged.decision.rule, [reply.code for reply in replies]
    facts = _facts("message", sha256=sha256, action=action, rule=rule, codes=codes, entry=reference)
    _log.log(level, "message %s: %s by “%s”, %s; ref %s", sha256, action, rule, codes, reference, extra=facts)


def _is_odd(error: Exception) -> bool:
    return not isinstance(error, GsignError)
