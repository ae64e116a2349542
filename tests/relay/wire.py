"""A client that says exactly what a test wants, octet by octet."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from gsign.smtp.reply import Reply, read_reply

__all__ = ["LETTER", "Wire"]

LETTER = b"From: a@b.vn\r\nTo: c@d.vn\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nhello\r\n"
_SECONDS = 60


class Wire:
    """A connection to the relay; it has heard the greeting, and said EHLO unless told not to.

    Args:
        address: `host:port`.
        hello: what is said first; empty for nothing.
        first: octets that come before everything, such as a PROXY header.
        tls: context of TLS from the start.
    """

    def __init__(
        self, address: str, hello: str = "EHLO client.vn", *, first: bytes = b"", tls: ssl.SSLContext | None = None
    ) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=_SECONDS)
        self._received = bytearray()
        if first:
            self.socket.sendall(first)
        try:
            if tls is not None:
                self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
            self.greeting = self.reply()
            self.hello = self.say(hello) if hello and self.greeting.is_positive else None
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def send(self, octets: bytes | str) -> None:
        """Send octets."""
        self.socket.sendall(octets.encode() if isinstance(octets, str) else octets)

    def reply(self) -> Reply:
        """Wait for a reply; `ConnectionError` where the relay has closed instead."""
        while (found := read_reply(self._received)) is None:
            octets = self.socket.recv(65536)
            if not octets:
                raise ConnectionResetError("closed")
            self._received += octets
        return found

    def say(self, line: str) -> Reply:
        """Send a command, and return the reply."""
        self.send(f"{line}\r\n")
        return self.reply()

    def envelope(self, sender: str = "a@b.vn", recipients: Sequence[str] = ("c@d.vn",)) -> list[Reply]:
        """Send MAIL and RCPT, and return their replies."""
        lines = [f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{recipient}>" for recipient in recipients)]
        return [self.say(line) for line in lines]

    def transaction(self, content: bytes = LETTER, sender: str = "a@b.vn", *recipients: str) -> Reply:
        """Send a message, and return the first reply that is not as it should be, or the last."""
        for reply in self.envelope(sender, recipients or ("c@d.vn",)):
            if not reply.is_positive:
                return reply
        reply = self.say("DATA")
        return self.content(content) if reply.code == 354 else reply

    def content(self, content: bytes) -> Reply:
        """Send content and its end after DATA was answered, and return the reply."""
        self.send((b"." + content if content.startswith(b".") else content).replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return self.reply()

    def begin_tls(self, context: ssl.SSLContext) -> Reply:
        """Say STARTTLS, begin TLS, and say EHLO again; return its reply."""
        assert self.say("STARTTLS").code == 220
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        return self.say("EHLO client.vn")

    def is_closed(self) -> bool:
        """Tell, once nothing more comes, whether the relay has closed."""
        try:
            return not self.socket.recv(1)
        except ConnectionError:
            return True
