"""What a person does with a held message: let it go on, or refuse it and tell its sender."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from gsign.config import Configuration
from gsign.errors import ConfigurationError, InputError, TemporaryError
from gsign.mail.account import written_down
from gsign.mail.agencies import Directory
from gsign.mail.finishing import Passage, finished
from gsign.mail.headers import fields_of, without_forged_results
from gsign.mail.held import Held, HeldMessage
from gsign.mail.notice import Unserved, refusal_notice, wishes_notice
from gsign.mail.outcome import Outcome, act
from gsign.mail.policy import Facts
from gsign.office.domain_keys import vouching_of
from gsign.office.hop import next_hop
from gsign.office.judge import Judge
from gsign.office.keys import AgencyKeys
from gsign.recording.opening import open_ledger
from gsign.recording.recorder import user
from gsign.result import VIETNAM
from gsign.service import Service
from gsign.smtp.commands import PathCommand, read_mail, read_recipient
from gsign.smtp.pool import Transaction
from gsign.smtp.reply import Reply
from gsign.smtp.steps import Client
from gsign.smtp.story import tell

if TYPE_CHECKING:
    from gsign.audit.ledger import Ledger
    from gsign.config import Relay

__all__ = ["Rejected", "Waiting", "addresses_of", "held_of"]

_EVERY_EXTENSION = frozenset({"SIZE", "8BITMIME", "SMTPUTF8", "DSN", "REQUIRETLS", "AUTH"})


class Rejected(NamedTuple):
    """Whom the refusal of a message was told to."""

    told: str
    """The sender; empty where there is none, or none that could be told."""
    reply: str | None
    """What the next hop said of the notice; None where none was sent."""


class Waiting:
    """Deal with held messages; every step is written down first.

    Args:
        configuration: with the sections `relay`, `held` and `ledger`.

    Raises:
        ConfigurationError: `section-missing`.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.held = held_of(configuration)
        for name in ("relay", "ledger"):
            if getattr(configuration, name) is None:
                raise ConfigurationError("section-missing", section=name)
        assert configuration.relay is not None and configuration.ledger is not None  # noqa: S101, PT018
        self._configuration = configuration
        self._relay: Relay = configuration.relay
        self._section = configuration.ledger

    def release(self, id_: str) -> Reply:
        """Send a message on, and return what the next hop said.

        What its rule does with messages that pass is done with it: a person answers for what is in it, and the
        agency's signature still says where it came from.

        Raises:
            InputError: `held-unknown`, `held-in-use`, `held-altered`, `held-recipient-refused`, `held-not-taken`.
            TokenError: the key that is to sign it.
            TemporaryError: the next hop or the ledger; the message is still held.
        """
        with self.held.claimed(id_) as message, open_ledger(self._section) as ledger:
            envelope = _envelope_of(message)
            ledger.append("releasing", {"entry": id_, "sha256": message.sha256, "by": user()})
            outcome, vouched = self._made_ready(message, envelope)
            if outcome.done:
                ledger.append("done", written_down(id_, message.sha256, outcome))
            replies = self._send(envelope, outcome.message, message.origin)
            if any(reply.is_positive for reply in replies):
                self._see_who_has_it(ledger, message, replies)
            reply = _taken(replies)
            body: dict[str, Any] = {
                "entry": id_,
                "sha256": message.sha256,
                "done": list(outcome.done),
                "replies": [str(each) for each in replies],
                **_by_whom(message),
            }
            if vouched:
                body["vouched"] = list(vouched)
            ledger.append("released", body)
            self.held.remove(id_)
        return reply

    def reject(self, id_: str, note: str = "") -> Rejected:
        """Refuse a message and tell its sender, where there is one who wants to hear of it.

        Raises:
            InputError: `held-unknown`, `held-in-use`, `held-unreadable`.
            TemporaryError: the next hop or the ledger; the message is still held.
        """
        with self.held.claimed(id_) as message, open_ledger(self._section) as ledger:
            body = {"entry": id_, "sha256": message.sha256, "by": user(), "note": note}
            ledger.append("rejecting", body)
            rejected = self._tell(message, _envelope_of(message), note)
            told = {"told": rejected.told, "reply": rejected.reply}
            ledger.append("rejected", {"entry": id_, "sha256": message.sha256, **told, **_by_whom(message)})
            self.held.remove(id_)
        return rejected

    def _see_who_has_it(self, ledger: Ledger, message: HeldMessage, replies: Sequence[Reply]) -> None:
        """Keep a message for those alone for whom it was not taken, where there is a reply for each (LMTP)."""
        left = [who for who, reply in zip(message.recipients, replies, strict=False) if not reply.is_positive]
        if left:
            self.held.keep_for(message, left)
            said = [str(reply) for reply in replies]
            ledger.append("releasing", {"entry": message.id, "sha256": message.sha256, "by": user(), "replies": said})

    def _made_ready(self, message: HeldMessage, envelope: _Envelope) -> tuple[Outcome, tuple[dict[str, Any], ...]]:
        """Return a message as it goes on, what its rule asks for done and our fields on top, and who vouches for it."""
        deadline = time.monotonic() + self._relay.budget_seconds
        hostname, received = self._relay.hostname, message.received_content()
        vouching = vouching_of(self._configuration)
        arrived = vouching.arrived(received, deadline)
        is_chain_sound = arrived.chain.state == "pass"
        content = without_forged_results(received, fields_of(received), hostname, is_chain_sound=is_chain_sound)
        recipients = tuple(recipient.address for recipient in envelope.recipients)
        with ExitStack() as opened:
            service = Service(self._configuration, records=False)
            judge = Judge(service, service.verifiers())
            opened.callback(judge.close)
            keys = AgencyKeys(service)
            opened.callback(keys.close)
            inspection = judge.inspect(content, deadline)
            facts = Facts(
                sender=envelope.sender.address,
                recipients=recipients,
                inspection=inspection,
                smime=judge.verify_message(content, inspection.smime),
                directory=Directory(self._configuration.agency),
            )
            outcome = act(message.then, content, facts, keys, deadline)
        known = message.client
        client = Client(known["address"], hello=known["hello"], protocol=known["protocol"])
        passage = Passage(
            hostname, client, message.id, "released", message.rule, message.reasons, message.then, arrived
        )
        made = finished(outcome.message, passage, facts, vouching)
        return outcome._replace(message=made.on_top + outcome.message), made.vouched

    def _tell(self, message: HeldMessage, envelope: _Envelope, note: str) -> Rejected:
        sender = envelope.sender.address
        recipients = [Unserved(recipient.address, recipient.parameters) for recipient in envelope.recipients]
        heard_of = [recipient for recipient in recipients if wishes_notice(recipient)]
        if not sender or not heard_of:
            # A notice about a notice would never end (RFC 5321 clause 6.1).
            return Rejected("", None)
        notice = refusal_notice(
            message,
            message.content(),
            sender=sender,
            recipients=heard_of,
            hostname=self._relay.hostname,
            envelope_id=envelope.sender.parameters.get("ENVID"),
            note=note,
            now=datetime.now(VIETNAM),
        )
        international = "" if sender.isascii() else " SMTPUTF8"
        nobody = read_mail(f"FROM:<>{international}", _EVERY_EXTENSION)
        back = _Envelope(nobody, (read_recipient(f"TO:<{sender}>", _EVERY_EXTENSION),))
        try:
            return Rejected(sender, str(_taken(self._send(back, notice, ""))))
        except InputError as error:
            # Nobody is there to be told; the message is refused all the same.
            return Rejected("", str(error.facts["reply"]))

    def _send(self, envelope: _Envelope, content: bytes, origin: str) -> list[Reply]:
        hop = next_hop(self._relay)
        deadline = time.monotonic() + self._relay.budget_seconds
        transaction = Transaction(hop, envelope.sender.argument, origin=origin, deadline=deadline)
        transaction.needs |= envelope.sender.needs.union(*(recipient.needs for recipient in envelope.recipients))
        try:
            for recipient in envelope.recipients:
                reply = tell(transaction.recipient(recipient.argument))
                if not reply.is_positive:
                    raise _not_taken(reply, "held-recipient-refused", recipient=recipient.address)
            refused = tell(transaction.announce(content))
            return [refused] if refused is not None else tell(transaction.deliver(content))
        finally:
            tell(transaction.release())
            hop.close()


class _Envelope(NamedTuple):
    sender: PathCommand
    recipients: tuple[PathCommand, ...]


def _by_whom(message: HeldMessage) -> dict[str, Any]:
    """Tell who has dealt with a message, and how long it waited for that."""
    waited = datetime.now(VIETNAM) - message.received
    return {"by": user(), "waited_seconds": round(waited.total_seconds())}


def _envelope_of(message: HeldMessage) -> _Envelope:
    recipients = tuple(read_recipient(f"TO:{recipient}", _EVERY_EXTENSION) for recipient in message.recipients)
    return _Envelope(read_mail(f"FROM:{message.sender}", _EVERY_EXTENSION), recipients)


def held_of(configuration: Configuration) -> Held:
    """Return the folder of held messages.

    Raises:
        ConfigurationError: `section-missing`.
    """
    if configuration.held is None:
        raise ConfigurationError("section-missing", section="held")
    return Held(configuration.held.folder)


def addresses_of(message: HeldMessage) -> tuple[str, tuple[str, ...]]:
    """Return the addresses of sender (empty for the null sender) and recipients."""
    envelope = _envelope_of(message)
    return envelope.sender.address, tuple(recipient.address for recipient in envelope.recipients)


def _taken(replies: Sequence[Reply]) -> Reply:
    """Return the reply to a message that was taken for everybody.

    Raises:
        InputError, TemporaryError: `held-not-taken`.
    """
    negative = next((reply for reply in replies if not reply.is_positive), None)
    if negative is not None:
        raise _not_taken(negative, "held-not-taken")
    return replies[-1]


def _not_taken(reply: Reply, code: str, recipient: str = "") -> InputError | TemporaryError:
    kind = InputError if reply.is_permanent and not reply.is_of_conversation else TemporaryError
    return kind(code, reply=str(reply), recipient=recipient or "-")
