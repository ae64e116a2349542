"""Connections to the next hop that are kept between messages, and one transaction over them.

The next hop's answer is the client's answer. Recipients are asked for as the client names them, so that a refusal of
one reaches the client while it can still be told apart; the connection waits beside the transaction for the content.
A client that is slow with it loses the connection to others, and the envelope is said again when the content is there.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from gsign.errors import TemporaryError
from gsign.smtp.client import Connection
from gsign.smtp.content import Content
from gsign.smtp.reply import Reply

if TYPE_CHECKING:
    import ssl

__all__ = ["GROWTH", "NextHop", "Question", "Transaction"]

_IDLE_SECONDS: Final = 60
"""How long an unused connection is kept: less than servers do."""
_KEPT: Final = 32
"""Unused connections that are kept."""
GROWTH: Final = 1 << 16
"""Octets by which a message may be larger than what its client announced: our fields and a signature."""
_SIZE: Final = re.compile(r" SIZE=([0-9]+)(?= |$)", re.IGNORECASE)


class NextHop:
    """Where messages go.

    Args:
        address: `host:port`.
        hostname: our own name.
        is_lmtp: whether it speaks LMTP.
        tls: context for STARTTLS, which is then compulsory.
        limit: connections at once.
    """

    def __init__(
        self,
        address: str,
        *,
        hostname: str,
        is_lmtp: bool = False,
        tls: ssl.SSLContext | None = None,
        limit: int = 100,
    ) -> None:
        self.address = address
        self.is_lmtp = is_lmtp
        self._hostname = hostname
        self._tls = tls
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(limit)
        self._extensions: Mapping[str, str] | None = None

    @property
    def extensions(self) -> Mapping[str, str] | None:
        """What the next hop offers, names in capitals, with parameters; None before it was asked.

        It is renewed with each connection.
        """
        return self._extensions

    def ask(self, deadline: float) -> None:
        """Find out what the next hop offers.

        Raises:
            TemporaryError: it cannot be asked.
        """
        self.give_back(self.take(deadline))

    def take(self, deadline: float, *, fresh: bool = False) -> Connection:
        """Return a connection that nobody else uses.

        Args:
            deadline: when to give up, on the clock of `time.monotonic`.
            fresh: whether none will do that was used before.

        Raises:
            TemporaryError: `next-hop-busy`, or as `Connection`.
        """
        if not self._free.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise TemporaryError("next-hop-busy", address=self.address)
        try:
            kept = None if fresh else self._kept()
            if kept is not None:
                kept.deadline = deadline
                return kept
            opened = Connection(
                self.address, hostname=self._hostname, is_lmtp=self.is_lmtp, tls=self._tls, deadline=deadline
            )
        except BaseException:
            self._free.release()
            raise
        self._extensions = opened.extensions
        return opened

    def take_kept(self, deadline: float) -> Connection | None:
        """Return an unused connection without waiting for anything; None where there is none."""
        if not self._idle or not self._free.acquire(blocking=False):
            return None
        kept = self._kept()
        if kept is None:
            self._free.release()
        else:
            kept.deadline = deadline
        return kept

    def give_back(self, connection: Connection, *, is_broken: bool = False) -> None:
        """Take a connection back, for others to use unless it is broken."""
        with self._lock:
            is_kept = not is_broken and len(self._idle) < _KEPT
            if is_kept:
                self._idle.append(connection)
        if not is_kept:
            connection.abort() if is_broken else connection.close()
        self._free.release()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _kept(self) -> Connection | None:
        """Return the connection used last, and close those that were not used for long."""
        with self._lock:
            limit = time.monotonic() - _IDLE_SECONDS
            old = [kept for kept in self._idle if kept.idle_since < limit]
            self._idle = [kept for kept in self._idle if kept.idle_since >= limit]
            found = self._idle.pop() if self._idle else None
        for connection in old:
            connection.close()
        if found is None or found.is_usable():
            return found
        found.abort()
        return self._kept()


class Question(NamedTuple):
    """Octets to send, and how many replies to wait for."""

    connection: Connection
    recipient: str
    octets: bytes
    replies: int
    is_new: bool
    """Whether the whole envelope is said."""


class Transaction:
    """One message on its way to the next hop. Used by one thread at a time.

    Args:
        hop: where it goes.
        sender: what follows `MAIL FROM:`, parameters included.
        origin: attributes of XFORWARD, where the client's are known; said where the next hop takes them.
        deadline: when to give up, on the clock of `time.monotonic`.

    Attributes:
        needs: extensions without which the next hop could not take what is said to it.
    """

    def __init__(self, hop: NextHop, sender: str, *, origin: str = "", deadline: float) -> None:
        self.deadline = deadline
        self.needs: set[str] = set()
        self._hop = hop
        size = _SIZE.search(sender)
        self._sender = _SIZE.sub("", sender)
        self._size = int(size[1]) + GROWTH if size else None
        self._refused: Reply | None = None
        self._origin = origin
        self._accepted: list[str] = []
        self._connection: Connection | None = None

    def question(self, recipient: str) -> Question | Reply | None:
        """Return what to send for a recipient over a connection that is there; None where one has to be opened.

        It is for who waits for the reply without a thread; `answered` or `unanswered` comes next. Where the sender was
        refused before, that reply is the recipient's as well.

        Raises:
            TemporaryError: as `recipient`; `unanswered` comes next.
        """
        if self._refused is not None:
            return self._refused
        is_new = self._connection is None
        connection = self._hop.take_kept(self.deadline) if is_new else self._connection
        if connection is None:
            return None
        if not connection.is_plain or "PIPELINING" not in connection.extensions:
            if is_new:  # `recipient` says the whole envelope only where nothing is attached yet
                self._hop.give_back(connection)
            return None
        self._connection = connection
        lines = self._envelope(connection, [*self._accepted, recipient]) if is_new else [f"RCPT TO:{recipient}"]
        return Question(connection, recipient, "".join(f"{line}\r\n" for line in lines).encode(), len(lines), is_new)

    def answered(self, question: Question, replies: list[Reply]) -> Reply:
        """Take the replies to a question, and return the one that the recipient gets.

        Raises:
            TemporaryError: it ends the conversation instead; `unanswered` comes next.
        """
        if len(replies) != question.replies:
            # One too many is the answer to something else, and nobody knows which.
            raise TemporaryError("next-hop-lost", address=self._hop.address, cause="replies are out of step")
        reply = replies[-1]
        if question.is_new:
            reply = self._of_recipients(replies, len(self._accepted) + 1)[-1]
        if reply.is_positive:
            self._accepted.append(question.recipient)
        return reply

    def unanswered(self) -> None:
        """Give up the connection over which no answer came."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._hop.give_back(connection, is_broken=True)

    @property
    def is_attached(self) -> bool:
        """Whether a connection waits beside the transaction."""
        return self._connection is not None

    def recipient(self, recipient: str) -> Reply:
        """Ask whether the next hop takes a recipient.

        Args:
            recipient: what follows `RCPT TO:`, parameters included.

        Raises:
            TemporaryError: the next hop is out of reach.
        """
        if self._refused is not None:
            return self._refused
        if self._connection is None:
            replies = self._begin([*self._accepted, recipient])
        else:
            with self._watched() as connection:
                self._see_to_needs(connection)
                replies = connection.commands(f"RCPT TO:{recipient}")
        reply = replies[-1]
        if reply.is_positive:
            self._accepted.append(recipient)
        return reply

    def release(self) -> None:
        """Leave the connection to others; the envelope is said again when it is needed."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            is_reset = connection.commands("RSET")[0].is_positive
        except TemporaryError:
            is_reset = False
        self._hop.give_back(connection, is_broken=not is_reset)

    def deliver(self, content: Content) -> list[Reply]:
        """Send the message, and return the reply of the next hop; with LMTP one for each recipient.

        Args:
            content: in lines that end in CRLF.

        Raises:
            TemporaryError: nothing, or nobody knows what, was delivered.
        """
        if self._connection is None:
            self._begin_again()
        with self._watched() as connection:
            if "8BITMIME" not in connection.extensions and not bytes(content).isascii():
                # Turned into ASCII, what is signed would no longer be what was signed (mail.md A6).
                return [Reply.of(554, "5.6.3", "the next server takes no 8-bit messages")]
            reply = connection.commands("DATA")[0]
            if reply.code != 354:
                if reply.code < 400 or reply.code == 421:
                    raise TemporaryError("next-hop-refuses-service", address=self._hop.address, reply=str(reply))
                return [reply]
            replies = connection.data(content, len(self._accepted))
        # The transaction is over at the other end, and nothing need be said before the next.
        self._connection = None
        self._hop.give_back(connection, is_broken=any(reply.code == 421 for reply in replies))
        return replies

    def _begin_again(self) -> None:
        accepted = list(self._accepted)
        replies = self._begin(accepted)
        if not all(reply.is_positive for reply in replies):
            # Accepted before, refused now: the client cannot be told about one of several any more.
            self.release()
            raise TemporaryError("next-hop-changed-its-mind", address=self._hop.address)

    def _begin(self, recipients: list[str]) -> list[Reply]:
        """Say the envelope over a connection, and return the replies to its recipients."""
        self._connection = self._hop.take(self.deadline)
        try:
            return self._say(recipients)
        except TemporaryError:
            # It may have been closed at the other end while nobody looked; nothing has been sent yet.
            self._connection = self._hop.take(self.deadline, fresh=True)
            return self._say(recipients)

    def _say(self, recipients: list[str]) -> list[Reply]:
        with self._watched() as connection:
            return self._of_recipients(connection.commands(*self._envelope(connection, recipients)), len(recipients))

    def _of_recipients(self, replies: list[Reply], recipients: int) -> list[Reply]:
        """Return the replies to the recipients of an envelope, of which MAIL came right before them.

        Raises:
            TemporaryError: the next hop ends the conversation: a kept one may have had its time.
        """
        of_mail, *of_recipients = replies[-recipients - 1 :]
        if of_mail.code == 421:
            raise TemporaryError("next-hop-refuses-service", address=self._hop.address, reply=str(of_mail))
        if of_mail.is_positive:
            return of_recipients
        # A sender that is refused is told with each recipient: MAIL was answered before.
        self._refused = of_mail
        return [of_mail] * recipients

    def _see_to_needs(self, connection: Connection) -> None:
        """See that a server takes what its likes have offered: else it would refuse for good what is our fault."""
        missing = self.needs - connection.extensions.keys()
        if missing:
            raise TemporaryError("next-hop-lacks-extension", address=self._hop.address, missing=", ".join(missing))

    def _envelope(self, connection: Connection, recipients: list[str]) -> list[str]:
        self._see_to_needs(connection)
        size = f" SIZE={self._size}" if self._size is not None and "SIZE" in connection.extensions else ""
        lines = [f"MAIL FROM:{self._sender}{size}", *(f"RCPT TO:{recipient}" for recipient in recipients)]
        if self._origin and "XFORWARD" in connection.extensions:
            lines.insert(0, f"XFORWARD {self._origin}")
        return lines

    @contextmanager
    def _watched(self) -> Iterator[Connection]:
        """Give up the connection where it breaks."""
        connection = self._connection
        assert connection is not None  # noqa: S101 - callers look
        connection.deadline = self.deadline
        try:
            yield connection
        except BaseException:
            self._connection = None
            self._hop.give_back(connection, is_broken=True)
            raise
