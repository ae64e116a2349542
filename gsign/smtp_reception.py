"""Clients are taken at sockets that several processes share: the next one by whoever has the fewest.

Each process that listens wakes when a client comes. Were it left to chance, of twenty connections that last one process
might have sixteen, and the others' processors rest.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import mmap
import os
import socket
from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["Reception", "share_presence"]

_BACKLOG: Final = 1024
_HEAD_START_SECONDS: Final = 0.002
"""How long those who have fewer clients may take to take the next one."""
_PAUSE_SECONDS: Final = 1.0
"""How long none is taken where the system has no room for more."""
_PROCESSES: Final = 256
"""Processes that know of each other; more of them take clients as it comes."""
_NOBODY: Final = 2**32 - 1
"""Stands for the clients of a process that is not there."""
_SIZE: Final = 4

_log = logging.getLogger("gsign.relay")


class Reception:
    """Take clients, one in each round of the loop.

    Args:
        sockets: where they come, bound; other processes may share them.
        greet: makes the protocol of a connection, which calls `leave` once that is no more.
    """

    def __init__(self, sockets: Sequence[socket.socket], greet: Callable[[], asyncio.BaseProtocol]) -> None:
        self._loop = asyncio.get_running_loop()
        self._sockets = sockets
        self._greet = greet
        self._here: set[asyncio.BaseProtocol] = set()
        self._beginning: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._presence = _shared.claim() if _shared is not None else None

    def open(self) -> None:
        """Begin to listen."""
        for listening in self._sockets:
            listening.setblocking(False)
            listening.listen(_BACKLOG)
            self._watch(listening)

    def close(self) -> None:
        """Take nobody any more; who is here may stay."""
        self._is_closed = True
        for listening in self._sockets:
            self._loop.remove_reader(listening)
            listening.close()
        self._tell()

    def leave(self, protocol: asyncio.BaseProtocol) -> None:
        """Note that a connection is no more."""
        self._here.discard(protocol)
        self._tell()

    def _watch(self, listening: socket.socket) -> None:
        self._loop.add_reader(listening, self._look, listening)

    def _look(self, listening: socket.socket) -> None:
        """Take a client, or let others who have fewer do so."""
        if self._presence is not None and self._presence.has_more(len(self._here)):
            self._loop.remove_reader(listening)
            self._loop.call_later(_HEAD_START_SECONDS, self._look_again, listening)
        else:
            self._take(listening)

    def _look_again(self, listening: socket.socket) -> None:
        """Take a client whom nobody else had time for."""
        if not self._is_closed:
            self._watch(listening)
            self._take(listening)

    def _take(self, listening: socket.socket) -> None:
        try:
            taken, _ = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # somebody else was faster
        except OSError as error:
            _log.warning("no connection can be taken: %s", error, extra={"facts": {"event": "no-connection-taken"}})
            self._loop.remove_reader(listening)
            self._loop.call_later(_PAUSE_SECONDS, self._look_again, listening)
            return
        protocol = self._greet()
        self._here.add(protocol)
        self._tell()
        beginning = self._loop.create_task(self._begin(taken, protocol))
        self._beginning.add(beginning)
        beginning.add_done_callback(self._beginning.discard)

    async def _begin(self, taken: socket.socket, protocol: asyncio.BaseProtocol) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: protocol, taken)
        except OSError as error:
            _log.debug("a connection ended before it had begun: %s", error)
            taken.close()
            self.leave(protocol)

    def _tell(self) -> None:
        if self._presence is not None:
            # Nobody leaves a client to who takes none any more.
            self._presence.tell(_NOBODY if self._is_closed else len(self._here))


class _Shared:
    """How many clients each process has, in memory that copies of this process share.

    A place belongs to whoever holds the lock on it, which ends with its process.
    """

    def __init__(self) -> None:
        self._file = os.memfd_create("gsign-present")
        os.ftruncate(self._file, _PROCESSES * _SIZE)
        self._counts = memoryview(mmap.mmap(self._file, _PROCESSES * _SIZE)).cast("I")
        for place in range(_PROCESSES):
            self._counts[place] = _NOBODY

    def claim(self) -> _Presence | None:
        """Take the first place that is free, such as that of a process which has died."""
        for place in range(_PROCESSES):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SIZE, place * _SIZE)
            except OSError:
                continue
            return _Presence(self._counts, place)
        return None


class _Presence:
    """What one process tells the others, and sees of them."""

    def __init__(self, counts: memoryview[int], place: int) -> None:
        self._counts = counts
        self._place = place
        self.tell(0)

    def tell(self, count: int) -> None:
        """Say how many clients this process has."""
        self._counts[self._place] = count

    def has_more(self, count: int) -> bool:
        """Whether another process has fewer than so many."""
        return count > min(self._counts)


_shared: _Shared | None = None


def share_presence() -> None:
    """Let processes that are copied from this one know how many clients each has; to be called before them."""
    global _shared  # noqa: PLW0603 - there is one for all copies
    _shared = _Shared()
