"""PINs that a token has refused: none is sent a second time, neither by a process nor by its copies.

A service that starts its processes again when they end would lock a token within seconds by a PIN that was changed:
each of them would send it once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gsign.token.pin import Pin

__all__ = ["Refusals", "share_refusals"]

_DIGEST: Final = 32
_PLACES: Final = 2**56


class Refusals:
    """What one token has refused.

    Args:
        identity: of the token.
    """

    def __init__(self, identity: object) -> None:
        self._identity = hashlib.sha256(repr(identity).encode()).digest()
        self._own: set[bytes] = set()

    def __contains__(self, pin: Pin) -> bool:
        mark = self._mark(pin)
        return mark in self._own or (_shared is not None and _shared.has(mark))

    def add(self, pin: Pin) -> None:
        """Note that it was refused."""
        self._own.add(self._mark(pin))
        if _shared is not None:
            _shared.add(self._mark(pin))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep other processes from sending a PIN to this token meanwhile; for one thread at a time."""
        if _shared is None:
            yield
            return
        place = int.from_bytes(self._identity[:8]) % _PLACES
        with _shared.turn(place):
            yield

    def _mark(self, pin: Pin) -> bytes:
        return hashlib.sha256(self._identity + pin.mark()).digest()


class _Shared:
    """Marks in a file without a name, which copies of this process have open as well.

    They tell nothing: what they were made with is in the memory of these processes alone.
    """

    def __init__(self) -> None:
        import fcntl

        self._file = os.memfd_create("gsign-refused")
        fcntl.fcntl(self._file, fcntl.F_SETFL, os.O_APPEND)

    def has(self, mark: bytes) -> bool:
        octets = os.pread(self._file, os.fstat(self._file).st_size, 0)
        return mark in {octets[i : i + _DIGEST] for i in range(0, len(octets), _DIGEST)}

    def add(self, mark: bytes) -> None:
        os.write(self._file, mark)

    @contextmanager
    def turn(self, place: int) -> Iterator[None]:
        import fcntl

        # A lock of a process, which ends with it: copies share the open file, and a lock of that would be everybody's.
        fcntl.lockf(self._file, fcntl.LOCK_EX, 1, place)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)


_shared: _Shared | None = None


def share_refusals() -> None:
    """Let processes that are copied from this one know of each other what was refused; to be called before them."""
    global _shared  # noqa: PLW0603 - there is one for all tokens of all copies
    _shared = _Shared()
