"""The server's side of one SMTP conversation, without any input or output of its own (RFC 5321).

Octets go in by `receive`, steps come out by `next_step`: something to say, or something that whoever holds the
connection must do first and then answer for. Between two steps nothing happens, so what is decided about a message is
decided on all of it, and a test can hold the conversation without a network.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from gsign.smtp.authentication import Exchange, ExchangeError
from gsign.smtp.commands import CommandError, PathCommand, read_host, read_mail, read_recipient, split_command
from gsign.smtp.content import CUT_DIFFERENTLY, FAULT_REPLIES, ContentReader
from gsign.smtp.forwarded import ATTRIBUTES, with_attributes
from gsign.smtp.patience import Patience
from gsign.smtp.reply import Reply
from gsign.smtp.steps import (
    AskRecipient,
    Authenticate,
    Client,
    Deliver,
    Received,
    Say,
    SessionRules,
    StartTls,
    Step,
)
from gsign.smtp.tolerance import Nuisance, Tolerance

__all__ = ["Session"]

_COMMAND_LIMIT: Final = 2048
"""Octets of a command: more than RFC 5321 asks for, since extensions add parameters."""


class _Mode(enum.IntEnum):
    COMMAND = 1
    DATA = 2
    CHUNK = 3
    CREDENTIALS = 4
    OVER = 5


_RECEIVING: Final = (_Mode.DATA, _Mode.CHUNK)
_SENDER_OK: Final = Say(Reply.of(250, "2.1.0", "sender ok"))
_GO_AHEAD: Final = Say(Reply(354, ("end data with <CR><LF>.<CR><LF>",)))


class Session:
    """One conversation.

    Args:
        rules: what is offered and allowed.
        client: who is at the other end.
        clock: seconds, by which a client's time is measured.

    Attributes:
        is_in_transaction: whether a sender has been named and its message has not been dealt with.
        unread: octets that have been taken and that nothing has come of yet.
    """

    def __init__(self, rules: SessionRules, client: Client, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.rules = rules
        self.client = client
        self.is_in_transaction = False
        self.unread = b""
        self._mode = _Mode.COMMAND
        self._offered: frozenset[str] = frozenset()
        self._size_limit = rules.max_message_bytes
        self._tolerance = Tolerance()
        self._has_refused_data = False
        self._clock = clock
        self._patience = Patience(rules, clock())
        self._exchange: Exchange | None = None
        self._pending: PathCommand | None = None
        self._missing = 0
        self._is_last_chunk = False
        self._reader: ContentReader | None = None
        self._sender: PathCommand | None = None
        self._recipients: list[PathCommand] = []

    def greeting(self) -> Reply:
        """Return what is said first."""
        return Reply(220, (f"{self.rules.hostname} {'LMTP' if self.rules.is_lmtp else 'ESMTP'}",))

    def receive(self, octets: bytes) -> None:
        """Take octets from the client."""
        if self._mode is _Mode.OVER:
            return
        if self._mode in _RECEIVING:
            self._patience.wait(self._clock(), for_content=True)
        self.unread = self.unread + octets if self.unread else octets

    @property
    def remaining_seconds(self) -> float:
        """How long to wait for the client; then, or where it is not above 0, `next_step` ends the conversation."""
        return self._patience.until - self._clock()

    def next_step(self) -> Step | None:
        """Return what is to be done next; None where more octets are needed first."""
        if self._mode is _Mode.OVER:
            return None
        now = self._clock()
        if now >= self._patience.until:
            return self._end(421, "4.4.2", "too slow; try again later")
        while self.unread:
            step = self._MODES[self._mode](self)
            if step is not None:
                if isinstance(step, Say):
                    # Of the others, whoever answers says that it is the client's turn.
                    self._patience.wait(now, for_content=self._mode in _RECEIVING)
                return step
            if self._mode is not _Mode.CHUNK:
                return None
        return None

    # ------------------------------------------------------------ answers to steps

    def answer_recipient(self, reply: Reply) -> Say:
        """Say whether the recipient of the last `AskRecipient` is taken."""
        assert self._pending is not None  # noqa: S101 - it was asked for
        if reply.is_positive:
            self._recipients.append(self._pending)
        self._pending = None
        self._patience.wait(self._clock())
        if reply.is_positive:
            return Say(reply)
        return self._bear(Nuisance.UNKNOWN_RECIPIENT if reply.is_permanent else Nuisance.RECIPIENT_PUT_OFF, reply)

    def answer_message(self, *replies: Reply) -> list[Say]:
        """Say what became of the message, and be ready for the next; LMTP hears of each recipient (RFC 2033)."""
        if self.rules.is_lmtp and len(replies) == 1:
            replies *= len(self._recipients)
        self._forget_transaction()
        self._patience.begin_anew(self._clock())
        self._tolerance.forgive()
        return [Say(reply) for reply in replies]

    def answer_authentication(self, identity: str | None) -> Say:
        """Say whether the client is who it claims to be; None for no."""
        self._patience.wait(self._clock())
        if identity is None:
            said = self._bear(Nuisance.WRONG_PASSWORD, Reply.of(535, "5.7.8", "authentication failed"))
            return said if said.is_last else self._bear(Nuisance.ERROR, said.reply)
        self.client = self.client._replace(identity=identity, protocol=f"{self.client.protocol}A")
        return Say(Reply.of(235, "2.7.0", "authentication succeeded"))

    def begin_tls(self, tls: str | None, certificate: str | None) -> None:
        """Begin anew inside TLS: nothing that was said in the clear counts (RFC 3207 clause 4.2)."""
        self._patience.wait(self._clock())
        self.unread = b""
        self._offered = frozenset()
        self.client = Client(self.client.address, is_trusted=self.client.is_trusted, tls=tls, certificate=certificate)
        self._forget_transaction()

    def close(self) -> None:
        """Give up what an unfinished message holds."""
        self._forget_transaction()
        self._mode = _Mode.OVER
        self.unread = b""

    # ------------------------------------------------------------ what comes in

    def _step_command(self) -> Step | None:
        line = self._line()
        if not isinstance(line, bytes):
            return line
        try:
            verb, argument = split_command(line)
        except CommandError as error:
            return self._end(error.code, error.enhanced, error.text)
        handler = self._COMMANDS.get(verb)
        if handler is None and (self._has_refused_data or not self.client.hello):
            # A browser, say, may send what somebody wants us to take for commands, behind a head of its own; and who
            # sends content that was refused, behind its header.
            return self._end(500, "5.5.1", "command not recognised")
        if handler is None or verb in (("EHLO", "HELO") if self.rules.is_lmtp else ("LHLO",)):
            return self._refuse(500, "5.5.1", "command not recognised")
        self._has_refused_data = False
        try:
            return handler(self, argument)
        except CommandError as error:
            self._has_refused_data = verb == "DATA"
            return self._refuse(error.code, error.enhanced, error.text)

    def _step_data(self) -> Step | None:
        assert self._reader is not None  # noqa: S101 - the mode says so
        self.unread = self._reader.feed(self.unread)
        return self._content_fed(is_complete=self._reader.is_complete)

    def _step_chunk(self) -> Step | None:
        taken, self.unread = self.unread[: self._missing], self.unread[self._missing :]
        self._missing -= len(taken)
        if self._reader is None:
            return self._unexpected_chunk_done() if not self._missing else None
        self._reader.feed_chunk(taken)
        return self._chunk_done() if not self._missing else self._content_fed(is_complete=False)

    def _chunk_done(self) -> Step | None:
        assert self._reader is not None  # noqa: S101 - the mode says so
        if self._is_last_chunk:
            self._reader.end_chunks()
        step = self._content_fed(is_complete=self._is_last_chunk)
        if step is not None:
            return step
        self._mode = _Mode.COMMAND
        return Say(Reply.of(250, "2.0.0", "chunk received"))

    def _unexpected_chunk_done(self) -> Step:
        self._mode = _Mode.COMMAND
        return self._refuse(503, "5.5.1", "BDAT is not expected here")

    def _content_fed(self, *, is_complete: bool) -> Step | None:
        reader = self._reader
        assert reader is not None  # noqa: S101 - the mode says so
        if reader.fault in CUT_DIFFERENTLY:
            # Where the client thinks its message ends is unknown: nothing that follows can be read as commands.
            return self._end(550, "5.5.2", f"{CUT_DIFFERENTLY[reader.fault]} in the message")
        if not is_complete:
            return None
        self._mode = _Mode.COMMAND
        if reader.fault is not None:
            times = len(self._recipients) if self.rules.is_lmtp else 1
            self._forget_transaction()
            return self._refuse(*FAULT_REPLIES[reader.fault])._replace(times=times)
        assert self._sender is not None  # noqa: S101 - RCPT came after MAIL
        message = Received(
            self.client, self._sender, tuple(self._recipients), reader.content(), reader.sha256, reader.has_dots
        )
        return Deliver(message)

    def _step_credentials(self) -> Step | None:
        line = self._line()
        if not isinstance(line, bytes):
            return line
        self._mode = _Mode.COMMAND
        if line == b"*":
            return self._refuse(501, "5.7.0", "authentication cancelled")
        return self._continue_exchange(line)

    # ------------------------------------------------------------ commands

    def _hello(self, argument: str, *, is_extended: bool = True) -> Step:
        name = read_host(argument)
        of_next_hop = self.rules.extensions()
        if of_next_hop is None:
            # To offer less than it takes would make clients refuse for good what only has to wait.
            return self._end(421, "4.3.0", "the next server is away; try again later")
        self._forget_transaction()
        protocol = ("LMTP" if self.rules.is_lmtp else "ESMTP") if is_extended else "SMTP"
        suffix = ("S" if self.client.tls else "") + ("A" if self.client.identity else "")
        self.client = self.client._replace(hello=name, protocol=protocol + (suffix if is_extended else ""))
        self._size_limit = self.rules.size_limit(of_next_hop)
        self._offered = frozenset({"SIZE"} | self._passed(of_next_hop)) if is_extended else frozenset()
        lines = [self.rules.hostname, *(self._advertised() if is_extended else ())]
        return self._junk_answered(Reply(250, tuple(lines)))

    def _helo(self, argument: str) -> Step:
        return self._hello(argument, is_extended=False)

    def _passed(self, of_next_hop: Mapping[str, str]) -> set[str]:
        # What comes in chunks goes on in one, or behind DATA over a connection that takes none.
        passed = {"8BITMIME", "SMTPUTF8", "DSN", "CHUNKING"} | ({"REQUIRETLS"} if self.client.tls else set())
        # What AUTH brings is for us: it goes no further.
        return (of_next_hop.keys() & passed) | ({"AUTH"} if self.rules.has_accounts and self.client.tls else set())

    def _advertised(self) -> list[str]:
        lines = ["PIPELINING", "ENHANCEDSTATUSCODES", f"SIZE {self._size_limit}"]
        lines += sorted(self._offered - {"SIZE", "AUTH"})
        if self.rules.has_tls and not self.client.tls:
            lines.append("STARTTLS")
        if self._may_log_in():
            lines.append("AUTH PLAIN LOGIN")
        if self.client.is_trusted:
            lines.append(f"XFORWARD {' '.join(ATTRIBUTES)}")
        return lines

    def _mail(self, argument: str) -> Step:
        self._require_hello()
        if self.rules.requires_tls and not self.client.tls:
            raise CommandError(530, "5.7.0", "STARTTLS first")
        if self.rules.requires_account and not self.client.identity:
            raise CommandError(530, "5.7.0", "authentication required")
        if self._sender is not None:
            raise CommandError(503, "5.5.1", "sender already given")
        sender = read_mail(argument, self._offered)
        size = sender.parameters.get("SIZE")
        if size and int(size) > self._size_limit:
            raise CommandError(552, "5.3.4", "message is larger than allowed")
        self._sender = sender
        self.is_in_transaction = True
        return _SENDER_OK

    def _rcpt(self, argument: str) -> Step:
        if self._sender is None:
            raise CommandError(503, "5.5.1", "MAIL first")
        if self._reader is not None:
            raise CommandError(503, "5.5.1", "content has begun")
        if len(self._recipients) >= self.rules.max_recipients:
            return self._bear(Nuisance.RECIPIENT_PUT_OFF, Reply.of(452, "4.5.3", "too many recipients"))
        self._pending = read_recipient(argument, self._offered)
        return AskRecipient(self.client, self._sender, tuple(self._recipients), self._pending)

    def _data(self, argument: str) -> Step:
        if self.unread:
            # What comes before our reply was written without knowing whether it would be content or commands.
            return self._end(503, "5.5.1", "content before it was asked for")
        self._require_recipients(argument, "DATA")
        if self._reader is not None:
            raise CommandError(503, "5.5.1", "BDAT has begun")
        self._begin_content()
        self._mode = _Mode.DATA
        return _GO_AHEAD

    def _bdat(self, argument: str) -> Step | None:
        size, _, last = argument.partition(" ")
        if not size.isascii() or not size.isdigit() or len(size) > 12 or last.upper() not in ("", "LAST"):
            # The octets that follow cannot be told from commands.
            return self._end(501, "5.5.4", "syntax: BDAT size [LAST]")
        if "CHUNKING" not in self._offered:
            return self._end(503, "5.5.1", "BDAT is not expected here")
        if self._reader is None and self._recipients:
            self._begin_content()
        self._missing, self._is_last_chunk = int(size), bool(last)
        self._mode = _Mode.CHUNK
        self._patience.wait(self._clock(), for_content=True)
        if self._missing:
            return None
        # Whoever sends commands together hears of its recipients in any case: what nobody wants is read and forgotten.
        return self._chunk_done() if self._reader is not None else self._unexpected_chunk_done()

    def _rset(self, _: str) -> Step:
        self._forget_transaction()
        return self._junk_answered(Reply.of(250, "2.0.0", "forgotten"))

    def _noop(self, _: str) -> Step:
        return self._junk_answered(Reply.of(250, "2.0.0", "ok"))

    def _vrfy(self, _: str) -> Step:
        return self._junk_answered(Reply.of(252, "2.1.5", "send a message to find out"))

    def _quit(self, _: str) -> Step:
        self.close()
        return Say(Reply.of(221, "2.0.0", "bye"), is_last=True)

    def _starttls(self, argument: str) -> Step:
        if not self.rules.has_tls or self.client.tls or argument:
            raise CommandError(503, "5.5.1", "STARTTLS is not expected here")
        if self.unread:
            return self._end(503, "5.5.1", "nothing may follow STARTTLS in the clear")
        return StartTls(Reply.of(220, "2.0.0", "begin TLS"))

    def _auth(self, argument: str) -> Step:
        self._require_hello()
        if not self._may_log_in() or self.is_in_transaction:
            raise CommandError(503, "5.5.1", "AUTH is not expected here")
        mechanism, _, initial = argument.partition(" ")
        try:
            self._exchange = Exchange(mechanism.upper())
        except ExchangeError:
            raise CommandError(504, "5.5.4", "mechanism is not supported") from None
        return self._continue_exchange(initial.encode()) if initial else self._challenge()

    def _xforward(self, argument: str) -> Step:
        if not self.client.is_trusted or self.is_in_transaction:
            raise CommandError(503, "5.5.1", "XFORWARD is not expected here")
        self.client = self.client._replace(origin=with_attributes(self.client.origin, argument))
        return self._junk_answered(Reply.of(250, "2.0.0", "ok"))

    # ------------------------------------------------------------ pieces

    def _line(self) -> bytes | Say | None:
        """Take a line, without its end; None while that is missing."""
        end = self.unread.find(b"\n")
        if end < 0 or end > _COMMAND_LIMIT:
            return self._end(500, "5.5.2", "line too long") if len(self.unread) > _COMMAND_LIMIT else None
        line, self.unread = self.unread[:end], self.unread[end + 1 :]
        return line[:-1] if line.endswith(b"\r") else self._end(550, "5.5.2", "bare LF in a command")

    def _challenge(self) -> Say:
        assert self._exchange is not None  # noqa: S101 - AUTH has begun
        self._mode = _Mode.CREDENTIALS
        return Say(Reply(334, (self._exchange.challenge(),)))

    def _continue_exchange(self, response: bytes) -> Step:
        assert self._exchange is not None  # noqa: S101 - AUTH has begun
        try:
            credentials = self._exchange.take(response)
        except ExchangeError:
            return self._refuse(501, "5.5.2", "response is malformed")
        return Authenticate(*credentials) if credentials else self._challenge()

    def _may_log_in(self) -> bool:
        return self.rules.has_accounts and bool(self.client.tls) and self.client.identity is None

    def _begin_content(self) -> None:
        rules = self.rules
        self._patience.begin_content(self._clock())
        self._reader = ContentReader(rules.max_message_bytes, spool_after=rules.spool_after, folder=rules.spool_folder)

    def _require_hello(self) -> None:
        if not self.client.hello:
            raise CommandError(503, "5.5.1", "EHLO first")

    def _require_recipients(self, argument: str, verb: str) -> None:
        if not self._recipients:
            raise CommandError(503, "5.5.1", "RCPT first")
        if argument:
            raise CommandError(501, "5.5.4", f"{verb} takes no argument")

    def _forget_transaction(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._patience.end_content()
        self._reader = self._sender = self._pending = None
        self._recipients = []
        self.is_in_transaction = False
        if self.client.origin:
            # What a peer says of the client that it speaks for holds for one message.
            self.client = self.client._replace(origin="")
        if self._mode is not _Mode.OVER:
            self._mode = _Mode.COMMAND

    def _junk_answered(self, reply: Reply) -> Step:
        return self._bear(Nuisance.JUNK, reply)

    def _refuse(self, code: int, enhanced: str, text: str) -> Say:
        return self._bear(Nuisance.ERROR, Reply.of(code, enhanced, text))

    def _bear(self, nuisance: Nuisance, reply: Reply) -> Say:
        """Say a reply, unless what it answers was too much of its kind."""
        too_much = self._tolerance.count(nuisance)
        return Say(reply) if too_much is None else self._end(421, "4.7.0", too_much)

    def _end(self, code: int, enhanced: str, text: str) -> Say:
        self.close()
        return Say(Reply.of(code, enhanced, text), is_last=True)

    _MODES: ClassVar[Mapping[_Mode, Callable[[Session], Step | None]]] = {
        _Mode.COMMAND: _step_command,
        _Mode.DATA: _step_data,
        _Mode.CHUNK: _step_chunk,
        _Mode.CREDENTIALS: _step_credentials,
    }
    _COMMANDS: ClassVar[Mapping[str, Callable[[Session, str], Step | None]]] = {
        "EHLO": _hello,
        "LHLO": _hello,
        "HELO": _helo,
        "MAIL": _mail,
        "RCPT": _rcpt,
        "DATA": _data,
        "BDAT": _bdat,
        "RSET": _rset,
        "NOOP": _noop,
        "VRFY": _vrfy,
        "QUIT": _quit,
        "STARTTLS": _starttls,
        "AUTH": _auth,
        "XFORWARD": _xforward,
    }
