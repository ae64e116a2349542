"""Load for relays: sessions that send one message after another, all driven by one thread.

What sends must cost little beside what is measured: on two cores it takes its time from the same purse.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

__all__ = ["Sent", "send"]

_SENDER: Final = b"MAIL FROM:<a@hungyen.gov.vn>\r\n"
_RECIPIENT: Final = b"RCPT TO:<c@d.vn>\r\n"
_SECONDS: Final = 120
"""How long nothing may happen."""


class Sent(NamedTuple):
    """What came of a load."""

    seconds: float
    delays: tuple[float, ...]
    """Of each message, from MAIL to the reply to its dot."""


def send(port: int, sessions: int, messages: Sequence[bytes]) -> Sent:
    """Send messages over so many connections at once, each over its own until it has sent its share.

    Args:
        port: of the server, on loopback.
        sessions: connections.
        messages: with their final dots, as they go on the wire.

    Raises:
        ConnectionError: a message was not taken.
    """
    delays: list[float] = []
    with selectors.DefaultSelector() as selector:
        start = time.perf_counter()
        for number in range(sessions):
            session = _Session(port, messages[number::sessions], delays)
            selector.register(session.socket, selectors.EVENT_READ, session)
        while selector.get_map():
            ready = selector.select(_SECONDS)
            if not ready:
                raise ConnectionError("nothing happens any more")
            for key, _ in ready:
                _go_on(selector, key)
    return Sent(time.perf_counter() - start, tuple(delays))


def _go_on(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    session: _Session = key.data
    session.go_on()
    if session.is_over:
        selector.unregister(session.socket)
        session.socket.close()
        return
    wanted = selectors.EVENT_WRITE if session.unsent else selectors.EVENT_READ
    if wanted != key.events:
        selector.modify(session.socket, wanted, session)


class _Session:
    def __init__(self, port: int, messages: Sequence[bytes], delays: list[float]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.unsent = memoryview(b"")
        self.is_over = False
        self._received = b""
        self._lines = self._conversation(messages, delays)

    def go_on(self) -> None:
        """Send what is left to send; else take what came, and go on where a reply is whole."""
        if self.unsent:
            self._send()
            return
        came = self.socket.recv(65536)
        self._received += came
        if not came:
            raise ConnectionError("connection closed")
        last = self._received[self._received.rfind(b"\n", 0, -1) + 1 :]
        if not last.endswith(b"\n") or last[3:4] == b"-":
            return
        if last[:1] not in b"23":
            raise ConnectionError(last.decode(errors="replace"))
        self._received = b""
        following = next(self._lines, None)
        self.is_over = following is None
        if following is not None:
            self.unsent = memoryview(following)
            self._send()

    def _send(self) -> None:
        try:
            self.unsent = self.unsent[self.socket.send(self.unsent) :]
        except BlockingIOError:
            return

    def _conversation(self, messages: Sequence[bytes], delays: list[float]) -> Iterator[bytes]:
        yield b"EHLO bench\r\n"
        for message in messages:
            start = time.perf_counter()
            yield _SENDER
            yield _RECIPIENT
            yield b"DATA\r\n"
            yield message
            delays.append(time.perf_counter() - start)
        yield b"QUIT\r\n"
