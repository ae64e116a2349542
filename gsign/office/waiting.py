"""What a person does with a held message: let it go on, or refuse it and tell its sender."""

from __future__ import annotations

import getpass
import time
from datetime import datetime
from typing import TYPE_CHECKING

from gsign.audit.ledger import Ledger
from gsign.config import Configuration
from gsign.errors import ConfigurationError, InputError, TemporaryError
from gsign.mail.held import Held, HeldMessage
from gsign.mail.notice import refusal_notice
from gsign.office.hop import next_hop
from gsign.result import VIETNAM
from gsign.smtp.commands import read_mail, read_recipient
from gsign.smtp.pool import Transaction
from gsign.smtp.reply import Reply

if TYPE_CHECKING:
    from gsign.config import Relay

__all__ = ["Waiting", "address_of", "held_of"]

_EVERY_EXTENSION = frozenset({"SIZE", "8BITMIME", "SMTPUTF8", "DSN", "REQUIRETLS", "AUTH"})


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
        self._relay: Relay = configuration.relay
        self._ledger_url = configuration.ledger.url

    def release(self, id_: str) -> Reply:
        """Send a message on, and return what the next hop said.

        Raises:
            InputError: `held-unknown`, `held-in-use`, `held-recipient-refused`, `held-not-taken`.
            TemporaryError: the next hop or the ledger; the message is still held.
        """
        with self.held.claimed(id_) as message, Ledger(self._ledger_url) as ledger:
            ledger.append("releasing", {"entry": id_, "sha256": message.sha256, "by": getpass.getuser()})
            reply = self._send(message.sender, message.recipients, message.content(), message.origin)
            ledger.append("released", {"entry": id_, "sha256": message.sha256, "replies": [str(reply)]})
            self.held.remove(id_)
        return reply

    def reject(self, id_: str, note: str = "") -> HeldMessage:
        """Refuse a message and tell its sender, unless there is none; return the message.

        Raises:
            InputError: as `release`.
            TemporaryError: likewise.
        """
        with self.held.claimed(id_) as message, Ledger(self._ledger_url) as ledger:
            body = {"entry": id_, "sha256": message.sha256, "by": getpass.getuser(), "note": note}
            ledger.append("rejecting", body)
            sender = address_of(message.sender)
            if sender:
                self._send("<>", (f"<{sender}>",), self._notice(message, sender, note), "")
            ledger.append("rejected", {"entry": id_, "sha256": message.sha256, "told": bool(sender)})
            self.held.remove(id_)
        return message

    def _notice(self, message: HeldMessage, sender: str, note: str) -> bytes:
        return refusal_notice(
            message.content(),
            sender=sender,
            recipients=[address_of(recipient) for recipient in message.recipients],
            hostname=self._relay.hostname,
            reference=message.id,
            reasons=message.reasons,
            note=note,
            now=datetime.now(VIETNAM),
        )

    def _send(self, sender: str, recipients: tuple[str, ...], content: bytes, origin: str) -> Reply:
        hop = next_hop(self._relay)
        deadline = time.monotonic() + self._relay.budget_seconds
        transaction = Transaction(hop, sender, origin=origin, deadline=deadline)
        try:
            for recipient in recipients:
                reply = transaction.recipient(recipient)
                if not reply.is_positive:
                    raise _not_taken(reply, "held-recipient-refused", recipient=recipient)
            replies = transaction.deliver(content)
        finally:
            transaction.release()
            hop.close()
        refused = next((reply for reply in replies if not reply.is_positive), None)
        if refused is not None:
            raise _not_taken(refused, "held-not-taken")
        return replies[-1]


def held_of(configuration: Configuration) -> Held:
    """Return the folder of held messages.

    Raises:
        ConfigurationError: `section-missing`.
    """
    if configuration.held is None:
        raise ConfigurationError("section-missing", section="held")
    return Held(configuration.held.folder)


def address_of(argument: str) -> str:
    """Return the address in what followed `MAIL FROM:` or `RCPT TO:`; empty for the null sender."""
    read, keyword = (read_mail, "FROM:") if argument.startswith("<>") else (read_recipient, "TO:")
    return read(f"{keyword}{argument.partition('> ')[0].rstrip('>')}>", _EVERY_EXTENSION).address


def _not_taken(reply: Reply, code: str, recipient: str = "") -> InputError | TemporaryError:
    kind = InputError if reply.is_permanent else TemporaryError
    return kind(code, reply=str(reply), recipient=recipient)
