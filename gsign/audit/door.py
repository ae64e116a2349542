"""A door to a process that serves: whoever was copied from the same process finds it, and nobody else does.

It has no name, neither in a folder nor elsewhere, so nobody has to be kept out. It stays when the process behind it
dies: who knocks meanwhile is let in by the next one.
"""

from __future__ import annotations

import marshal
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

__all__ = ["Door", "framed", "frames_in"]

_LENGTH: Final = struct.Struct(">I")


class Door:
    """Two ends, made before the processes that use them."""

    def __init__(self) -> None:
        self._outside, self._inside = socket.socketpair()
        # With nobody behind it who knocks must not wait for ever.
        self._outside.setblocking(False)

    @property
    def inside(self) -> int:
        """File descriptor of the end behind which somebody opens."""
        return self._inside.fileno()

    def knock(self) -> socket.socket:
        """Return a connection to whoever is, or will be, behind the door.

        Raises:
            OSError: the door is closed, or so many have knocked in vain that no more fit before it.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._outside, [b"."], [theirs.fileno()])
        except BaseException:
            ours.close()
            raise
        return ours

    def stay_outside(self) -> None:
        """Be one of those who knock, from here on."""
        self._inside.close()

    def stay_inside(self) -> socket.socket:
        """Be the one who opens, from here on; return what is readable when somebody knocks, and ends with the last."""
        self._outside.close()
        return self._inside

    def close(self) -> None:
        """Say that nobody will knock any more, and let go of both ends."""
        with suppress(OSError):
            self._outside.send(b"!")
        self._outside.close()
        self._inside.close()


def framed(value: Any) -> bytes:
    """Return a value as it goes from one of our processes to another.

    Raises:
        ValueError: it is none that `marshal` knows.
    """
    octets = marshal.dumps(value)
    return _LENGTH.pack(len(octets)) + octets


def frames_in(received: bytearray) -> Iterator[Any]:
    """Take what has come whole off the beginning of what was received."""
    begin = 0
    while len(received) >= begin + _LENGTH.size:
        end = begin + _LENGTH.size + _LENGTH.unpack_from(received, begin)[0]
        if len(received) < end:
            break
        value = marshal.loads(received[begin + _LENGTH.size : end])  # noqa: S302 - of our own processes
        begin = end
        yield value
    del received[:begin]
