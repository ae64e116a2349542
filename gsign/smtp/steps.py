"""What a session offers, who is at its other end, and the steps that come out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from gsign.smtp.commands import PathCommand
from gsign.smtp.content import Content
from gsign.smtp.reply import Reply

__all__ = [
    "AskRecipient",
    "Authenticate",
    "Client",
    "Deliver",
    "Received",
    "Say",
    "SessionRules",
    "StartTls",
    "Step",
]


class SessionRules(NamedTuple):
    """What a session offers and allows."""

    hostname: str
    max_message_bytes: int
    max_recipients: int = 1000
    extensions: Callable[[], Mapping[str, str] | None] = dict
    """What the next hop offers, with parameters, looked up at each hello; None where nobody knows.

    Nothing is offered that it could not take.
    """
    growth: int = 0
    """Octets that are kept free in what the next hop takes for what is added to a message."""
    is_lmtp: bool = False
    has_tls: bool = False
    requires_tls: bool = False
    has_accounts: bool = False
    """Whether AUTH is offered, over TLS only."""
    requires_account: bool = False
    message_seconds: float = 1800
    """How long a message's content may take, however steadily it trickles in."""
    session_seconds: float = 3600
    """How long a conversation may go on without a message."""
    spool_folder: Path | None = None
    spool_after: int = 1 << 20

    def size_limit(self, of_next_hop: Mapping[str, str]) -> int:
        """Return how many octets a message may have, by us and by what the next hop offers."""
        theirs = of_next_hop.get("SIZE", "").strip()
        if not theirs.isascii() or not theirs.isdigit() or not int(theirs):
            return self.max_message_bytes
        return max(0, min(self.max_message_bytes, int(theirs) - self.growth))


class Client(NamedTuple):
    """Who is at the other end, as far as is known."""

    address: str
    is_trusted: bool = False
    """A peer that may speak for others, by XFORWARD."""
    tls: str | None = None
    """Version and cipher."""
    certificate: str | None = None
    """Subject of the certificate that it showed and that was verified."""
    hello: str = ""
    protocol: str = "SMTP"
    """As `with` in a Received field names it (RFC 3848)."""
    identity: str | None = None
    """The account it logged in to."""
    origin: str = ""
    """Attributes of XFORWARD, as they came."""


class Received(NamedTuple):
    """A message as it was received."""

    client: Client
    sender: PathCommand
    recipients: tuple[PathCommand, ...]
    content: Content
    sha256: str
    has_dots: bool = True
    """Whether a line of it begins with a dot; False spares looking for some when it is sent on."""


class Say(NamedTuple):
    """Send a reply; afterwards close the connection where the conversation is over."""

    reply: Reply
    is_last: bool = False
    times: int = 1
    """How often: LMTP answers for each recipient."""


class AskRecipient(NamedTuple):
    """Find out whether a recipient is taken, then call `answer_recipient`."""

    client: Client
    sender: PathCommand
    accepted: tuple[PathCommand, ...]
    recipient: PathCommand


class Deliver(NamedTuple):
    """Deal with a message, then call `answer_message`: with LMTP by one reply for each recipient."""

    message: Received


class Authenticate(NamedTuple):
    """Look at a name and a password, then call `answer_authentication`."""

    name: str
    password: str

    def __repr__(self) -> str:
        return f"Authenticate(name={self.name!r}, password=…)"


class StartTls(NamedTuple):
    """Send the reply, begin TLS, then call `begin_tls`."""

    reply: Reply


Step = Say | AskRecipient | Deliver | Authenticate | StartTls
