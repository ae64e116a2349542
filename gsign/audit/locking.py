"""Locks between processes on a file beside a ledger: whose turn it is to write, and which chains are taken.

Byte 0 is the turn, each other byte a chain, by its name. These are locks of an open file (OFD), not of a process: two
openings in one process exclude each other as well, and whatever ends a process frees what it held.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from gsign.audit.private import MODE

__all__ = ["LockFile"]

_TURN: Final = 0
_CHAINS: Final = 2**56
"""Places that chains have: a name's is made of its digest, so that two seldom share one."""


class LockFile:
    """The file with the locks.

    Args:
        path: it is made where it is missing.

    Raises:
        OSError: it cannot be.
    """

    def __init__(self, path: str | Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, MODE)
        self._changed = threading.Condition()
        self._waiting: threading.Thread | None = None
        self._is_wanted = False
        self._failed: OSError | None = None

    def take_first(self, names: Iterable[str]) -> str:
        """Take the first chain that nobody holds, until `close`.

        Args:
            names: of the chains.

        Raises:
            TimeoutError: all are taken.
        """
        for name in names:
            if self.take(name):
                return name
        raise TimeoutError("all chains are taken")

    def take(self, name: str) -> bool:
        """Take a chain until `close`; False where somebody else holds it."""
        return _take(self._file, _place_of(name))

    def take_turn(self, seconds: float) -> None:
        """Wait for the turn. For one thread at a time.

        The system wakes whoever waits, but knows no limit in time: a thread waits in our stead, where anybody has to.

        Args:
            seconds: how long at most: whoever has the turn may hang.

        Raises:
            TimeoutError: it did not come.
        """
        with self._changed:
            if self._waiting is None:
                if _take(self._file, _TURN):
                    return
                self._waiting = threading.Thread(target=self._wait, args=(os.dup(self._file),), daemon=True)
                self._waiting.start()
            self._is_wanted = True
            if not self._changed.wait_for(lambda: self._waiting is None, seconds):
                self._is_wanted = False
                raise TimeoutError("another process does not end its turn")
            if self._failed is not None:
                raise self._failed

    def give_turn(self) -> None:
        """Let others have the turn."""
        _act(self._file, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, _TURN)

    def close(self) -> None:
        """Give up everything."""
        os.close(self._file)

    def _wait(self, file: int) -> None:
        failed: OSError | None = None
        try:
            _act(file, fcntl.F_OFD_SETLKW, fcntl.F_WRLCK, _TURN)
        except OSError as error:
            failed = error
        with self._changed:
            if failed is None and not self._is_wanted:
                _act(file, fcntl.F_OFD_SETLK, fcntl.F_UNLCK, _TURN)
            self._waiting, self._failed = None, failed
            self._changed.notify_all()
        os.close(file)


def _place_of(name: str) -> int:
    return 1 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % _CHAINS


def _take(file: int, place: int) -> bool:
    try:
        _act(file, fcntl.F_OFD_SETLK, fcntl.F_WRLCK, place)
    except BlockingIOError:
        return False
    return True


def _act(file: int, action: int, kind: int, place: int) -> None:
    # struct flock: l_type, l_whence, l_start, l_len, l_pid.
    fcntl.fcntl(file, action, struct.pack("hhqqi4x", kind, os.SEEK_SET, place, 1, 0))
