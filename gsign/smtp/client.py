"""A client of one server, for SMTP and LMTP: pipelined, over a connection that is kept, bytes exactly as given.

Neither `smtplib` nor what is built on it will do: they mend line ends, and stuff dots where only LF precedes them.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol, Self, cast

from gsign.errors import TemporaryError
from gsign.smtp.reply import Reply, ReplyError, read_reply, whole_reply

if TYPE_CHECKING:
    import ssl

__all__ = ["Connection", "split_address"]

_CONNECTING_SECONDS: Final = 10.0
_AT_ONCE: Final = int(socket.MSG_DONTWAIT)
_LOOKING: Final = int(socket.MSG_PEEK | socket.MSG_DONTWAIT)
"""Plain numbers: to put those of the library together for each look costs as much as the look."""
_PIECE: Final = 1 << 16
"""Octets that are read at once, and that may come before they are asked for."""


class Watcher(Protocol):
    """Whoever watches a connection's socket."""

    def close(self, opened: socket.socket) -> None:
        """Watch it no more, and close it."""
        ...


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
        opened_at: when it was opened, on the same clock.
        idle_since: when it was last used, likewise; set by whoever keeps it.
        can_pipeline: whether several commands may be sent before their replies have come.
        takes_chunks: whether content may go with its size in front, unasked for (RFC 3030).
        is_plain: whether octets come and go as they are, without TLS: then they can do so without waiting.
        watcher: closes the socket; None where nobody watches it.

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
        self.opened_at = self.idle_since = time.monotonic()
        self.can_pipeline = self.takes_chunks = False
        self.is_plain = True
        self.watcher: Watcher | None = None
        self._is_ended = False
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

    def fileno(self) -> int:
        """Return the socket's number, for who waits by other means than this class does."""
        return self._socket.fileno()

    def send(self, octets: bytes | memoryview, *, waits: bool) -> int:
        """Send octets, and return how many were sent: without waiting for it only those that the system takes now.

        Raises:
            TemporaryError: `next-hop-lost`.
        """
        try:
            if waits:
                self._send(octets)
                return len(octets)
            return self._socket.send(octets, _AT_ONCE)
        except OSError as error:
            if isinstance(error, BlockingIOError) and not waits:
                return 0
            raise self._lost(error) from error

    def receive(self, *, waits: bool) -> Reply | None:
        """Return the next reply; None where it has not come yet, and is not waited for.

        Raises:
            TemporaryError: `next-hop-lost`.
        """
        try:
            while not self._received or (reply := read_reply(self._received)) is None:
                if waits:
                    self._limit_waiting()
                octets = self._socket.recv(_PIECE, 0 if waits else _AT_ONCE)
                if not octets:
                    raise ConnectionResetError("connection closed")
                if not self._received and (reply := whole_reply(octets)) is not None:
                    return reply
                self._received += octets
        except OSError as error:
            if isinstance(error, BlockingIOError) and not waits:
                return None
            raise self._lost(error) from error
        except ReplyError as error:
            raise self._lost(error) from error
        return reply

    def fill(self) -> bool:
        """Take what has come before it was asked for; False where nothing more can come, or too much has."""
        try:
            octets = self._socket.recv(_PIECE, _AT_ONCE)
        except BlockingIOError:
            return True
        except OSError:
            octets = b""
        self._received += octets
        self._is_ended = not octets
        return not self._is_ended and len(self._received) < _PIECE

    def expect_silence(self, *, looks: bool = False) -> None:
        """See that no reply has come before it was asked for: it would be taken for the one to what comes next.

        Args:
            looks: whether the wire is looked at as well, rather than only what was read before.

        Raises:
            TemporaryError: `next-hop-lost`.
        """
        try:
            if self._received or (looks and self._has_more()):
                raise ConnectionAbortedError("a reply came before it was asked for")
        except OSError as error:
            raise self._lost(error) from error

    def _has_more(self) -> bool:
        """Tell whether octets, or the end of them, have come."""
        if not self.is_plain:
            return self._has_more_inside()
        try:
            self._socket.recv(1, _LOOKING)
        except (BlockingIOError, InterruptedError):
            return False
        return True

    def _has_more_inside(self) -> bool:
        """Look into TLS, where only what is taken is seen: most often a ticket for the next session, or nothing."""
        import ssl

        inside = cast("ssl.SSLSocket", self._socket)
        inside.setblocking(False)
        try:
            self._received += inside.recv(_PIECE)
        except ssl.SSLWantReadError:
            return False
        finally:
            inside.setblocking(True)
        return True

    def lost(self, cause: str) -> TemporaryError:
        """Return what to raise where the connection is given up; whoever took it from the pool gives it back."""
        return self._lost(ConnectionAbortedError(cause))

    def is_usable(self) -> bool:
        """Tell whether the server still waits for a command, as far as can be seen from here."""
        try:
            # Whatever has come unasked (a farewell, an end of stream) ends it.
            return not self._received and not (self._has_more() if self.watcher is None else self._is_ended)
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
        if self.watcher is None:
            self._socket.close()
        else:
            self.watcher.close(self._socket)

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
        self._expect(self._replied())
        self._greet(hostname)
        if tls is None:
            return
        if "STARTTLS" not in self.extensions:
            raise TemporaryError("next-hop-without-tls", address=self.address)
        self._expect(self._asked("STARTTLS"))
        # What came in the clear behind the reply is somebody else's (mail.md A3).
        self._received.clear()
        try:
            # All of the handshake together, however it trickles in.
            self._socket.settimeout(self._remaining())
            self._socket = tls.wrap_socket(self._socket, server_hostname=split_address(self.address)[0])
            self._socket.settimeout(None)
            self.is_plain, self._limited_to = False, 0.0
        except OSError as error:
            raise self._lost(error) from error
        self._greet(hostname)

    def _greet(self, hostname: str) -> None:
        reply = self._asked(f"{'LHLO' if self.is_lmtp else 'EHLO'} {hostname}")
        if reply.code in (500, 502) and not self.is_lmtp:
            reply = self._asked(f"HELO {hostname}")
            self._expect(reply)
            self.extensions, self.can_pipeline, self.takes_chunks = {}, False, False
            return
        self._expect(reply)
        words = (line.partition(" ") for line in reply.lines[1:])
        self.extensions = {word.upper(): parameters for word, _, parameters in words}
        self.can_pipeline = "PIPELINING" in self.extensions
        # Where a command with a size is refused, LMTP does not say how many replies there are.
        self.takes_chunks = "CHUNKING" in self.extensions and not self.is_lmtp

    def _expect(self, reply: Reply) -> None:
        if not reply.is_positive:
            raise TemporaryError("next-hop-refuses-service", address=self.address, reply=str(reply))

    def _asked(self, line: str) -> Reply:
        self.expect_silence()
        self.send(f"{line}\r\n".encode(), waits=True)
        return self._replied()

    def _replied(self) -> Reply:
        reply = self.receive(waits=True)
        assert reply is not None  # noqa: S101 - it was waited for
        return reply

    def _send(self, octets: bytes | memoryview) -> None:
        self._limit_waiting()
        self._socket.sendall(octets)

    def _limit_waiting(self) -> None:
        """Make the system give up waiting at the deadline: once for a transaction, not for each of its octets."""
        remaining = self._remaining()
        if self.deadline != self._limited_to:
            limit = struct.pack("ll", int(remaining), int(remaining % 1 * 1e6) + 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
            self._limited_to = self.deadline

    def _remaining(self) -> float:
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("out of time")
        return remaining

    def _lost(self, error: Exception) -> TemporaryError:
        # It is closed by whoever holds it: somebody may still watch the number of its socket.
        return TemporaryError("next-hop-lost", address=self.address, cause=str(error))


def split_address(address: str) -> tuple[str, int]:
    """Split `host:port`."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
