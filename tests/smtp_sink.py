"""A next hop that keeps what it gets, octet by octet as it came, and does what a test tells it to.

Deliberately sloppy where a test asks for it: it takes a bare LF for the end of a line, so that a sequence that somebody
passed on shows.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NamedTuple

__all__ = ["Delivered", "Sink", "sink"]


class Delivered(NamedTuple):
    """A message that was answered by 250."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    """Without the dots of transparency."""


Answer = Callable[[str], str | None]
"""What to say to a command line, or to `.` for the end of content; None for the usual."""


class Sink:
    """The server. `answer` may be replaced at any time; returning `drop` closes the connection without a word."""

    def __init__(
        self,
        *,
        extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "DSN"),
        is_sloppy: bool = False,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.extensions = extensions
        self.is_sloppy = is_sloppy
        self.is_lmtp = False
        self.tls = tls
        """For STARTTLS, which `extensions` have to name."""
        self.answer: Answer = lambda _: None
        self.delivered: list[Delivered] = []
        self.commands: list[str] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._open: set[socket.socket] = set()
        self._over_tls: dict[socket.socket, socket.socket] = {}
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop, and drop every connection."""
        for opened in (self._listener, *self._open):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()

    def drop_connections(self) -> None:
        """Drop every connection, as a server does that restarts."""
        for opened in list(self._open):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def without(self, extension: str) -> Iterator[None]:
        """Offer one thing less for a while."""
        offered = self.extensions
        self.extensions = tuple(each for each in offered if each != extension)
        self.drop_connections()
        try:
            yield
        finally:
            self.extensions = offered
            self.drop_connections()

    def _accept(self) -> None:
        while True:
            try:
                opened, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(opened)
            threading.Thread(target=self._serve, args=(opened,), daemon=True).start()

    def _serve(self, opened: socket.socket) -> None:
        try:
            with opened, ExitStack() as stack:
                stack.callback(self._forget_protected, opened)
                _Conversation(self, opened).run()
        except OSError:
            pass
        finally:
            self._open.discard(opened)

    def protected(self, opened: socket.socket) -> socket.socket:
        """Begin TLS over a connection."""
        assert self.tls is not None
        made = self.tls.wrap_socket(opened, server_side=True)
        self._open.add(made)
        self._over_tls[opened] = made
        return made

    def _forget_protected(self, opened: socket.socket) -> None:
        made = self._over_tls.pop(opened, None)
        if made is not None:
            self._open.discard(made)
            made.close()


class _DroppedError(Exception):
    pass


class _Conversation:
    def __init__(self, owner: Sink, opened: socket.socket) -> None:
        self._owner = owner
        self._socket = opened
        self._stream: Any = opened.makefile("rwb")
        self._sender = ""
        self._recipients: list[str] = []

    def run(self) -> None:
        try:
            self._say(self._owner.answer("greeting") or "220 sink")
            while line := self._line():
                if not self._command(line):
                    return
        except _DroppedError:
            return

    def _command(self, line: str) -> bool:
        self._owner.commands.append(line)
        verb = line.partition(" ")[0].upper()
        told = self._owner.answer(line)
        if verb == "DATA":
            return self._data(told)
        if verb == "BDAT":
            return self._chunk(line, told)
        if verb == "STARTTLS":
            return self._begin_tls(told)
        if verb in ("EHLO", "LHLO") and told is None:
            told = "\r\n".join(f"250-{word}" for word in ("sink", *self._owner.extensions)) + "\r\n250 HELP"
        if told is None or told.startswith("250"):
            self._note(verb, line)
        self._say(told or ("221 bye" if verb == "QUIT" else "250 ok"))
        return verb != "QUIT"

    def _begin_tls(self, told: str | None) -> bool:
        self._say(told or "220 go")
        if self._owner.tls is not None and (told is None or told.startswith("220")):
            self._socket = self._owner.protected(self._socket)
            self._stream = self._socket.makefile("rwb")
        return True

    def _note(self, verb: str, line: str) -> None:
        if verb == "MAIL":
            self._sender, self._recipients = line[len("MAIL FROM:") :], []
        elif verb == "RCPT":
            self._recipients.append(line[len("RCPT TO:") :])
        elif verb == "RSET":
            self._sender, self._recipients = "", []

    def _data(self, told: str | None) -> bool:
        self._say(told or "354 go")
        if told is not None and not told.startswith("354"):
            return True
        lines = []
        while True:
            octets = self._stream.readline()
            if not octets:
                return False
            ended = octets.rstrip(b"\r\n") if self._owner.is_sloppy else octets.removesuffix(b"\r\n")
            if ended == b".":
                break
            lines.append(octets[1:] if octets.startswith(b".") else octets)
        self._keep(b"".join(lines))
        return True

    def _chunk(self, line: str, told: str | None) -> bool:
        """Take a message whose size is said; one that is refused is read as well (RFC 3030 clause 2)."""
        _, size, last = line.split(" ")
        assert last == "LAST"
        content = self._stream.read(int(size))
        if len(content) < int(size):
            return False
        if told is None:
            self._keep(content)
        else:
            self._say(told)
        return True

    def _keep(self, content: bytes) -> None:
        for recipient in self._recipients if self._owner.is_lmtp else [""]:
            said = self._owner.answer(f". {recipient}".strip()) or "250 2.0.0 kept"
            if said.startswith("250"):
                kept = (recipient,) if self._owner.is_lmtp else tuple(self._recipients)
                self._owner.delivered.append(Delivered(self._sender, kept, content))
            self._say(said)

    def _line(self) -> str:
        line: str = self._stream.readline().decode("utf-8").rstrip("\r\n")
        return line

    def _say(self, text: str) -> None:
        if text == "drop":
            raise _DroppedError
        self._stream.write(text.encode() + b"\r\n")
        self._stream.flush()


@contextmanager
def sink(**settings: Any) -> Iterator[Sink]:
    """Run a next hop on loopback."""
    running = Sink(**settings)
    try:
        yield running
    finally:
        running.close()
