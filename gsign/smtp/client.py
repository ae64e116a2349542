"""A client of one server, for SMTP and LMTP: pipelined, over a connection that is kept, bytes exactly as given.

Neither `smtplib` nor what is built on it will do: they mend line ends, and stuff dots where only LF precedes them.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self, cast

from gsign.errors import TemporaryError
from gsign.smtp.content import Content
from gsign.smtp.reply import Reply, ReplyError, read_reply

if TYPE_CHECKING:
    import ssl

__all__ = ["Connection", "split_address"]

_PIECE: Final = 1 << 18
"""Octets that are sent at once."""
_CONNECTING_SECONDS: Final = 10.0
_UNANSWERED: Final = Reply.of(451, "4.4.2", "the next server broke off; try again later")


class Connection:
    """A connection to a server that has said hello.

    Args:
        address: `host:port`; a host in brackets is an IPv6 address.
        hostname: the name that is given in EHLO or LHLO.
        is_lmtp: whether LMTP is spoken, with a reply for each recipient after the dot (RFC 2033).
        tls: context for STARTTLS, which is then compulsory.
        deadline: when to give up, on the clock of `time.monotonic`; set anew for each transaction.

    Attributes:
        extensions: what the server offers, names in capitals, with their parameters.
        idle_since: when it was last used, on the same clock.

    Raises:
        TemporaryError: `next-hop-unreachable`, `next-hop-lost`, `next-hop-refuses-service`, `next-hop-without-tls`.
    """

    def __init__(
        self,
        address: str,
        *,
        hostname: str,
        is_lmtp: bool = False,
        tls: ssl.SSLContext | None = None,
        deadline: float,
    ) -> None:
        self.deadline = deadline
        self.address = address
        self.is_lmtp = is_lmtp
        self.extensions: Mapping[str, str] = {}
        self.idle_since = time.monotonic()
        self._received = bytearray()
        self._limited_to = 0.0
        self._socket = self._connect()
        try:
            self._say_hello(hostname, tls)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def commands(self, *lines: str) -> list[Reply]:
        """Send commands, in one go where the server can pipeline, and return the reply to each.

        Raises:
            TemporaryError: `next-hop-lost`.
        """
        if "PIPELINING" not in self.extensions:
            return [self._exchange([line])[0] for line in lines]
        return self._exchange(lines)

    def fileno(self) -> int:
        """Return the socket's number, for who waits by other means than this class does; see `receive`."""
        return self._socket.fileno()

    @property
    def is_plain(self) -> bool:
        """Whether octets come and go as they are, without TLS."""
        return not isinstance(self._socket, _tls_socket())

    def send(self, octets: bytes) -> None:
        """Send a few octets without waiting.

        Raises:
            TemporaryError: `next-hop-lost`.
        """
        try:
            if self._socket.send(octets, socket.MSG_DONTWAIT) != len(octets):
                raise BlockingIOError("the server takes nothing")
        except OSError as error:
            raise self._lost(error) from error
        self.idle_since = time.monotonic()

    def receive(self) -> Iterator[Reply]:
        """Take the octets that are there, and yield the replies that they complete.

        Raises:
            TemporaryError: `next-hop-lost`.
        """
        try:
            octets = self._socket.recv(65536, socket.MSG_DONTWAIT)
            if not octets:
                raise ConnectionResetError("connection closed")
            self._received += octets
            while (reply := read_reply(self._received)) is not None:
                yield reply
        except (OSError, ReplyError) as error:
            raise self._lost(error) from error

    def data(self, content: Content, recipients: int) -> list[Reply]:
        """Send a message after DATA was answered by 354, and return the reply: with LMTP one for each recipient.

        Args:
            content: in lines that end in CRLF, without dots added.
            recipients: how many were accepted.

        Raises:
            TemporaryError: `next-hop-lost`: whether the message was taken is then unknown.
        """
        try:
            for piece in _stuffed(content):
                self._expect_silence()
                self._send(piece)
        except OSError as error:
            raise self._lost(error) from error
        replies = [self._reply()]
        while self.is_lmtp and len(replies) < recipients:
            try:
                replies.append(self._reply())
            except TemporaryError:
                # What was said for some recipients holds; the others are tried again.
                replies += [_UNANSWERED] * (recipients - len(replies))
        return replies

    def _expect_silence(self) -> None:
        """See that no reply has come before the message has ended: it would be taken for the one to its end."""
        if self._received or self._has_more():
            raise ConnectionAbortedError("a reply came before it was asked for")

    def _has_more(self) -> bool:
        """Tell whether octets, or the end of them, have come; over TLS only what was decrypted is seen."""
        if not self.is_plain:
            return bool(cast("ssl.SSLSocket", self._socket).pending())
        try:
            self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return False
        return True

    def is_usable(self) -> bool:
        """Tell whether the server still waits for a command, as far as can be seen from here."""
        try:
            # Whatever has come unasked (a farewell, an end of stream) ends it; over TLS the first command tells.
            return not self._received and not self._has_more()
        except OSError:
            return False

    def close(self) -> None:
        """Say goodbye without waiting for an answer."""
        with suppress(OSError):
            self.deadline = time.monotonic() + 1
            self._send(b"QUIT\r\n")
        self.abort()

    def abort(self) -> None:
        """Drop the connection: the server forgets an unfinished transaction."""
        self._socket.close()

    # ------------------------------------------------------------ the wire

    def _connect(self) -> socket.socket:
        try:
            limit = min(_CONNECTING_SECONDS, self._remaining())
            opened = socket.create_connection(split_address(self.address), timeout=limit)
        except OSError as error:
            raise TemporaryError("next-hop-unreachable", address=self.address, cause=str(error)) from error
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Python's own time-outs ask before every call; the system's are set once.
        opened.settimeout(None)
        return opened

    def _say_hello(self, hostname: str, tls: ssl.SSLContext | None) -> None:
        self._expect(self._reply())
        self._greet(hostname)
        if tls is None:
            return
        if "STARTTLS" not in self.extensions:
            raise TemporaryError("next-hop-without-tls", address=self.address)
        self._expect(self._exchange(["STARTTLS"])[0])
        # What came in the clear behind the reply is somebody else's (mail.md A3).
        self._received.clear()
        try:
            self._limit_waiting()
            self._socket = tls.wrap_socket(self._socket, server_hostname=split_address(self.address)[0])
        except OSError as error:
            raise self._lost(error) from error
        self._greet(hostname)

    def _greet(self, hostname: str) -> None:
        reply = self._exchange([f"{'LHLO' if self.is_lmtp else 'EHLO'} {hostname}"])[0]
        if reply.code in (500, 502) and not self.is_lmtp:
            reply = self._exchange([f"HELO {hostname}"])[0]
            self._expect(reply)
            self.extensions = {}
            return
        self._expect(reply)
        words = (line.partition(" ") for line in reply.lines[1:])
        self.extensions = {word.upper(): parameters for word, _, parameters in words}

    def _expect(self, reply: Reply) -> None:
        if not reply.is_positive:
            raise TemporaryError("next-hop-refuses-service", address=self.address, reply=str(reply))

    def _exchange(self, lines: Sequence[str]) -> list[Reply]:
        try:
            if self._received:
                raise ConnectionAbortedError("a reply came before it was asked for")
            self._send("".join(f"{line}\r\n" for line in lines).encode("utf-8"))
        except OSError as error:
            raise self._lost(error) from error
        return [self._reply() for _ in lines]

    def _send(self, octets: bytes) -> None:
        self._limit_waiting()
        self._socket.sendall(octets)
        self.idle_since = time.monotonic()

    def _limit_waiting(self) -> None:
        """Make the system give up waiting at the deadline: once for a transaction, not for each of its octets."""
        remaining = self._remaining()
        if self.deadline != self._limited_to:
            limit = struct.pack("ll", int(remaining), int(remaining % 1 * 1e6) + 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
            self._limited_to = self.deadline

    def _reply(self) -> Reply:
        try:
            while (reply := read_reply(self._received)) is None:
                self._limit_waiting()
                octets = self._socket.recv(65536)
                if not octets:
                    raise ConnectionResetError("connection closed")
                self._received += octets
        except (OSError, ReplyError) as error:
            raise self._lost(error) from error
        return reply

    def _remaining(self) -> float:
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("out of time")
        return remaining

    def _lost(self, error: Exception) -> TemporaryError:
        self.abort()
        return TemporaryError("next-hop-lost", address=self.address, cause=str(error))


def _tls_socket() -> Any:
    """Return the class of sockets with TLS; without importing what nobody has used yet."""
    loaded = sys.modules.get("ssl")
    return loaded.SSLSocket if loaded is not None else ()


def split_address(address: str) -> tuple[str, int]:
    """Split `host:port`."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _stuffed(content: Content) -> Iterator[bytes]:
    """Yield a message as it goes on the wire, its end last (RFC 5321 clause 4.5.2)."""
    size, start = len(content), 0
    if size and content[size - 2 : size] != b"\r\n":
        raise ValueError("a message ends in CRLF, or its end would not be found")
    if content[:1] == b".":
        yield b"."
    while start < size:
        # A piece never ends inside a CRLF and its dot: it ends behind a line, or the line is longer than a piece.
        end = size if size - start <= _PIECE else (content.rfind(b"\n", start, start + _PIECE) + 1 or start + _PIECE)
        piece = content[start:end]
        if b"\r\n." in piece:
            piece = piece.replace(b"\r\n.", b"\r\n..")
        if start and piece[:1] == b"." and content[start - 1 : start] == b"\n":
            piece = b"." + piece
        start = end
        yield piece + b".\r\n" if start == size else piece
    if not size:
        yield b".\r\n"
