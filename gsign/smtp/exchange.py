"""What is said to the next hop and what it answers, in steps that nobody need wait within (RFC 5321, 2033, 2920)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gsign.errors import TemporaryError
from gsign.smtp.client import Connection
from gsign.smtp.content import Content
from gsign.smtp.reply import Reply

__all__ = ["Exchange", "chunked", "stuffed"]

_PIECE: Final = 1 << 18
"""Octets that are sent at once."""
_SMALL: Final = 1 << 16
"""Octets of a message that is copied rather than sent in several pieces."""
_END: Final = b".\r\n"
_UNANSWERED: Final = Reply.of(451, "4.4.2", "the next server broke off; try again later")


class Exchange:
    """Octets for a connection, and the replies to them: pushed and pulled as the wire allows, or called, which waits.

    Args:
        connection: to the next hop.
        pieces: what is sent.
        replies: how many answer it.
        is_content: whether this is a message. Then no reply may come before it has ended; and where there is one for
            each recipient (LMTP), those that came hold, and the others are tried again.

    Attributes:
        is_broken_off: whether some of the replies never came.
        is_sent: whether everything has been sent.
        replies: those that have come.
    """

    __slots__ = ("_count", "_is_content", "_pieces", "_unsent", "connection", "is_broken_off", "is_sent", "replies")

    def __init__(
        self, connection: Connection, pieces: Iterable[bytes | memoryview], replies: int, *, is_content: bool = False
    ) -> None:
        self.connection = connection
        self.replies: list[Reply] = []
        self._pieces = iter(pieces)
        self._count = replies
        self._is_content = is_content
        self._unsent: memoryview | bytes | None = None
        self.is_broken_off = self.is_sent = False

    def __call__(self) -> list[Reply]:
        """Send, wait for the replies, and return them.

        Raises:
            TemporaryError: `next-hop-lost`.
        """
        self.push(waits=True)
        self.pull(waits=True)
        return self.replies

    def push(self, *, waits: bool = False) -> bool:
        """Send what the connection takes now; tell whether that was all.

        Raises:
            TemporaryError: `next-hop-lost`; so for `pull`.
        """
        connection, unsent = self.connection, self._unsent
        while True:
            if unsent is None:
                unsent = next(self._pieces, None)
                if unsent is None:
                    self.is_sent = True
                    return True
                connection.expect_silence(looks=self._is_content)
            sent = connection.send(unsent, waits=waits)
            if sent < len(unsent):
                self._unsent = memoryview(unsent)[sent:]
                return False
            self._unsent = unsent = None

    def pull(self, *, waits: bool = False) -> bool:
        """Take the replies that have come; tell whether they are all there."""
        replies, receive = self.replies, self.connection.receive
        try:
            while len(replies) < self._count:
                reply = receive(waits=waits)
                if reply is None:
                    return False
                replies.append(reply)
        except TemporaryError as error:
            self.break_off(error)
        return True

    def break_off(self, error: TemporaryError) -> None:
        """Wait for no more replies: those to content that came hold, and stand beside ones that put off the others.

        Raises:
            TemporaryError: what was given: none came, or they are nothing without the others.
        """
        if not self.replies or not self._is_content:
            raise error
        self.is_broken_off = True
        self.replies += [_UNANSWERED] * (self._count - len(self.replies))


def chunked(parts: Sequence[Content]) -> Iterator[bytes | memoryview]:
    """Yield a message behind the command that says its size, as it is: nothing in it marks its end (RFC 3030).

    Args:
        parts: what it is made of, one behind the other; each ends in CRLF or is empty.

    Raises:
        ValueError: one does not.
    """
    _require_whole_lines(parts)
    size = sum(map(len, parts))
    command = b"BDAT %d LAST\r\n" % size
    if size <= _SMALL:
        yield b"".join([command, *parts])
        return
    yield command
    yield from (memoryview(part) for part in parts)


def stuffed(parts: Sequence[Content], *, has_dots: bool = True) -> Iterator[bytes | memoryview]:
    """Yield a message as it goes behind DATA, its end last (RFC 5321 clause 4.5.2).

    Args:
        parts: what it is made of, one behind the other; each ends in CRLF or is empty.
        has_dots: whether a line may begin with a dot; False where somebody has looked.

    Raises:
        ValueError: one does not: its end, or the begin of the next, would not be found.
    """
    _require_whole_lines(parts)
    if sum(map(len, parts)) <= _SMALL:
        yield b"".join([*(map(_with_dots, parts) if has_dots else parts), _END])
        return
    for part in parts:
        yield from _pieces(part) if has_dots else (memoryview(part),)
    yield _END


def _require_whole_lines(parts: Sequence[Content]) -> None:
    for part in parts:
        if part and part[-2:] != b"\r\n":
            raise ValueError("a message ends in CRLF, or its end would not be found")


def _with_dots(part: Content) -> bytes:
    octets = part[:]
    if b"\r\n." in octets:
        octets = octets.replace(b"\r\n.", b"\r\n..")
    return b"." + octets if octets[:1] == b"." else octets


def _pieces(part: Content) -> Iterator[bytes | memoryview]:
    size, start, view = len(part), 0, memoryview(part)
    while start < size:
        # A piece never ends inside a CRLF and its dot: it ends behind a line, or the line is longer than a piece.
        end = size if size - start <= _PIECE else (part.rfind(b"\n", start, start + _PIECE) + 1 or start + _PIECE)
        if part[start : start + 1] == b"." and (not start or part[start - 1 : start] == b"\n"):
            yield b"."
        if part.find(b"\r\n.", start, end) < 0:
            yield view[start:end]
        else:
            yield part[start:end].replace(b"\r\n.", b"\r\n..")
        start = end
