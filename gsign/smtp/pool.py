"""Connections to the next hop that are kept between messages, and one transaction over them.

The next hop's answer is the client's answer. Recipients are asked for as the client names them, so that a refusal of
one reaches the client while it can still be told apart; the connection waits beside the transaction for the content.
A client that is slow with it loses the connection to others, and the envelope is said again when the content is there.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from gsign.errors import TemporaryError
from gsign.smtp.client import Connection
from gsign.smtp.content import Content
from gsign.smtp.exchange import Exchange, chunked, stuffed
from gsign.smtp.reply import Reply
from gsign.smtp.story import Story, Work

if TYPE_CHECKING:
    import ssl

__all__ = ["GROWTH", "NextHop", "Transaction"]

_IDLE_SECONDS: Final = 60
"""How long an unused connection is kept: less than servers do."""
_LASTING_SECONDS: Final = 300
"""How long a connection is used: where the next hop's name leads elsewhere, all that is said goes there in the end."""
_OFFERED_SECONDS: Final = 3600
"""How long an extension that was offered is thought to be there, though another connection lacks it."""
_KEPT: Final = 32
"""Unused connections that are kept."""
_ANSWER_SECONDS: Final = 30
"""How long a connection may take to answer for a recipient before it is asked for again over another one."""
GROWTH: Final = 1 << 16
"""Octets by which a message may be larger than what its client announced: our fields and a signature."""
_SIZE: Final = re.compile(r'(<(?:"(?:[^"\\]|\\.)*+")?+[^>]*>(?: .*)?) SIZE=([0-9]+)(?= |$)', re.IGNORECASE)
"""The parameter, and all before it: what looks like it within quotation marks is part of an address."""


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
        self._returned = threading.Condition(self._lock)
        self._free = limit
        self._waiting = 0
        self._extensions: Mapping[str, str] | None = None
        self._offered_at: dict[str, float] = {}

    @property
    def extensions(self) -> Mapping[str, str] | None:
        """What the next hop offers, names in capitals, with parameters; None before it was asked.

        It is renewed with each connection.
        """
        return self._extensions

    def has_offered(self, extension: str) -> bool:
        """Tell whether it was offered lately, though maybe by another of the servers that share a name."""
        return time.monotonic() - self._offered_at.get(extension, -math.inf) < _OFFERED_SECONDS

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
        with self._returned:
            self._waiting += 1
            is_free = self._returned.wait_for(lambda: self._free > 0, max(0.0, deadline - time.monotonic()))
            self._waiting -= 1
            if not is_free:
                raise TemporaryError("next-hop-busy", address=self.address)
            self._free -= 1
        try:
            kept = None if fresh else self._kept()
            if kept is not None:
                kept.deadline = deadline
                return kept
            opened = Connection(
                self.address, hostname=self._hostname, is_lmtp=self.is_lmtp, tls=self._tls, deadline=deadline
            )
        except BaseException:
            with self._lock:
                self._let_in()
            raise
        self._extensions = opened.extensions
        self._offered_at |= dict.fromkeys(opened.extensions, opened.opened_at)
        return opened

    def take_kept(self, deadline: float) -> Connection | None:
        """Return an unused connection without waiting for anything; None where there is none."""
        limit = time.monotonic() - _IDLE_SECONDS
        with self._lock:
            if not self._idle or not self._free:
                return None
            self._free -= 1
            # Where the first of them is not old, none is.
            kept = self._idle.pop() if self._idle[0].idle_since >= limit else None
        if kept is None:
            kept = self._kept()
        elif not kept.is_usable():
            kept.abort()
            kept = self._kept()
        if kept is None:
            with self._lock:
                self._let_in()
        else:
            kept.deadline = deadline
        return kept

    def give_back(self, connection: Connection, *, is_broken: bool = False) -> None:
        """Take a connection back, for others to use unless it is broken."""
        connection.idle_since = time.monotonic()
        with self._lock:
            is_young = connection.idle_since - connection.opened_at < _LASTING_SECONDS
            is_kept = is_young and not is_broken and len(self._idle) < _KEPT
            if is_kept:
                self._idle.append(connection)
            self._let_in()
        if not is_kept:
            connection.abort() if is_broken else connection.close()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _let_in(self) -> None:
        """Let somebody else have a connection; called by who has the lock."""
        self._free += 1
        if self._waiting:
            self._returned.notify()

    def _kept(self) -> Connection | None:
        """Return the connection used last, and close those that were not used for long."""
        limit = time.monotonic() - _IDLE_SECONDS
        old: list[Connection] = []
        with self._lock:
            # They stand in the order in which they were given back.
            while self._idle and self._idle[0].idle_since < limit:
                old.append(self._idle.pop(0))
            found = self._idle.pop() if self._idle else None
        for connection in old:
            connection.close()
        if found is None or found.is_usable():
            return found
        found.abort()
        return self._kept()


class Transaction:
    """One message on its way to the next hop. Its stories are told one at a time.

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
        size = _SIZE.match(sender)
        self._sender = size[1] + sender[size.end() :] if size else sender
        self._size = int(size[2]) + GROWTH if size else None
        self._refused: Reply | None = None
        self._origin = origin
        self._accepted: list[str] = []
        self._connection: Connection | None = None
        self._announced: Exchange | None = None

    @property
    def is_attached(self) -> bool:
        """Whether a connection waits beside the transaction."""
        return self._connection is not None

    def recipient(self, recipient: str) -> Story[Reply]:
        """Ask whether the next hop takes a recipient. Where the sender was refused before, that is its reply as well.

        Args:
            recipient: what follows `RCPT TO:`, parameters included.

        Raises:
            TemporaryError: the next hop is out of reach, or takes one no more that it took before.
        """
        if self._refused is not None:
            return self._refused
        reply = yield from self._asked(recipient)
        if reply.is_positive:
            self._accepted.append(recipient)
        return reply

    def release(self) -> Story[None]:
        """Leave the connection to others; the envelope is said again when it is needed."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        is_reset = False
        try:
            if self._announced is None:
                connection.deadline = self.deadline
                (reply,) = yield Exchange(connection, [b"RSET\r\n"], 1)
                is_reset = reply.is_positive
        except TemporaryError:
            pass
        finally:
            # What waits for content forgets a transaction only with its connection.
            self._announced = None
            self._hop.give_back(connection, is_broken=not is_reset)

    def announce(self, content: Content) -> Story[Reply | None]:
        """Be ready to send content; a reply says that it cannot be sent.

        Where the next hop has to be asked for it (DATA), that is done, and the answer is left to `deliver`. Until then
        nothing of it is sent, and `release` takes it back.

        Args:
            content: which; looked at, where the next hop takes no octets of 8 bits.

        Raises:
            TemporaryError: the next hop is out of reach.
        """
        if self._connection is None:
            yield from self._begin_again()
        connection = self._attached
        if "8BITMIME" not in connection.extensions and not bytes(content).isascii():
            if self._hop.has_offered("8BITMIME"):
                raise self._lacking("8BITMIME")
            # Turned into ASCII, what is signed would no longer be what was signed (mail.md A6).
            return Reply.of(554, "5.6.3", "the next server takes no 8-bit messages")
        if connection.takes_chunks:
            return None
        self._announced = Exchange(connection, [b"DATA\r\n"], 1)
        if connection.is_plain:
            try:
                self._announced.push()
            except TemporaryError:
                self.give_up()
                raise
        return None

    def deliver(self, *content: Content, has_dots: bool = True) -> Story[list[Reply]]:
        """Send the message that was announced, and return the reply of the next hop; with LMTP one for each recipient.

        Args:
            content: in lines that end in CRLF.
            has_dots: whether one of them may begin with a dot.

        Raises:
            TemporaryError: nothing, or nobody knows what, was delivered.
        """
        connection = self._attached
        if connection.takes_chunks:
            octets = chunked(content)
        else:
            refused = yield from self._refused_content()
            if refused is not None:
                return [refused]
            octets = stuffed(content, has_dots=has_dots)
        count = len(self._accepted) if connection.is_lmtp else 1
        sending = Exchange(connection, octets, count, is_content=True)
        replies = yield from self._exchanged(sending)
        is_broken = sending.is_broken_off or 421 in [reply.code for reply in replies]
        if connection.takes_chunks and not replies[0].is_positive and not is_broken:
            # What becomes of the transaction then is not said (RFC 3030 clause 2): whoever releases it takes it back.
            return replies
        # The transaction is over at the other end, and nothing need be said before the next.
        self._connection = None
        self._hop.give_back(connection, is_broken=is_broken)
        return replies

    def _refused_content(self) -> Story[Reply | None]:
        """Return what the next hop says to DATA where it does not wait for content."""
        announced = self._announced
        assert announced is not None  # noqa: S101 - callers announce first
        (reply,) = yield from self._exchanged(announced)
        self._announced = None
        if reply.code == 354:
            return None
        if reply.code < 400 or reply.code == 421:
            raise self._refused_service(reply)
        return reply

    # ------------------------------------------------------------ the envelope

    def _asked(self, recipient: str) -> Story[Reply]:
        if self._connection is not None:
            try:
                self._see_to_needs()
                (reply,) = yield from self._said([f"RCPT TO:{recipient}"], _ANSWER_SECONDS)
            except TemporaryError:
                # No answer is no answer: it is asked for again, over another connection.
                pass
            else:
                return reply
        *before, reply = yield from self._begin([*self._accepted, recipient])
        if before:
            yield from self._hold_to(before)
        return reply

    def _begin_again(self) -> Story[None]:
        yield from self._hold_to((yield from self._begin(list(self._accepted))))

    def _hold_to(self, replies: Sequence[Reply]) -> Story[None]:
        """See that all are taken still that were taken before: of one among several nobody can be told any more."""
        if not all(reply.is_positive for reply in replies):
            self._refused = None
            yield from self.release()
            raise TemporaryError("next-hop-changed-its-mind", address=self._hop.address)

    def _begin(self, recipients: list[str]) -> Story[list[Reply]]:
        """Say the envelope over a connection, and return the replies to its recipients."""
        self._connection = self._hop.take_kept(self.deadline) or (yield self._opening(fresh=False))
        try:
            return (yield from self._envelope(recipients, _ANSWER_SECONDS))
        except TemporaryError:
            # It may have been closed at the other end while nobody looked; nothing has been sent yet.
            self._connection = yield self._opening(fresh=True)
            return (yield from self._envelope(recipients))

    def _opening(self, *, fresh: bool) -> Work:
        return Work(partial(self._hop.take, self.deadline, fresh=fresh), is_ours=False)

    def _envelope(self, recipients: list[str], seconds: float = math.inf) -> Story[list[Reply]]:
        self._see_to_needs()
        extensions = self._attached.extensions
        size = f" SIZE={self._size}" if self._size is not None and "SIZE" in extensions else ""
        lines = [f"MAIL FROM:{self._sender}{size}", *[f"RCPT TO:{recipient}" for recipient in recipients]]
        if self._origin and "XFORWARD" in extensions:
            lines.insert(0, f"XFORWARD {self._origin}")
        replies = yield from self._said(lines, seconds)
        of_mail, *of_recipients = replies[-len(recipients) - 1 :]
        if of_mail.code == 421:
            raise self._refused_service(of_mail)
        if of_mail.is_positive:
            return of_recipients
        # A sender that is refused is told with each recipient: MAIL was answered before.
        self._refused = of_mail
        return [of_mail] * len(recipients)

    def _said(self, lines: list[str], seconds: float) -> Story[list[Reply]]:
        """Say commands, in one go where the next hop can pipeline."""
        connection = self._attached
        if not connection.can_pipeline and len(lines) > 1:
            return self._said_apart(lines, seconds)
        octets = ("\r\n".join(lines) + "\r\n").encode()
        return self._exchanged(Exchange(connection, (octets,), len(lines)), seconds)

    def _said_apart(self, lines: list[str], seconds: float) -> Story[list[Reply]]:
        replies: list[Reply] = []
        for line in lines:
            replies += yield from self._said([line], seconds)
        return replies

    def _exchanged(self, exchange: Exchange, seconds: float = math.inf) -> Story[list[Reply]]:
        """Have an exchange, and give up the connection where it breaks, or takes longer."""
        exchange.connection.deadline = min(self.deadline, time.monotonic() + seconds)
        try:
            replies: list[Reply] = yield exchange
        except BaseException:
            self.give_up()
            raise
        return replies

    @property
    def _attached(self) -> Connection:
        assert self._connection is not None  # noqa: S101 - callers look
        return self._connection

    def _see_to_needs(self) -> None:
        """See that a server takes what its likes have offered: else it would refuse for good what is our fault."""
        if self.needs and (missing := self.needs - self._attached.extensions.keys()):
            raise self._lacking(*sorted(missing))

    def _lacking(self, *missing: str) -> TemporaryError:
        self.give_up()
        return TemporaryError("next-hop-lacks-extension", address=self._hop.address, missing=", ".join(missing))

    def _refused_service(self, reply: Reply) -> TemporaryError:
        self.give_up()
        return TemporaryError("next-hop-refuses-service", address=self._hop.address, reply=str(reply))

    def give_up(self) -> None:
        """Drop the connection: nobody knows what comes over it next."""
        connection, self._connection, self._announced = self._connection, None, None
        if connection is not None:
            self._hop.give_back(connection, is_broken=True)
