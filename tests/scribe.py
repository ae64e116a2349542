"""A scribe in a process of its own, as `gsign relay` has one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gsign.audit.dictating import Dictation
from gsign.audit.door import Door

__all__ = ["Scribe", "commits_in", "dictation", "scribe"]

_WRITE = (
    "import socket, sys; from gsign.audit.scribe import write_for_others;"
    " write_for_others(socket.socket(fileno=int(sys.argv[1])))"
)


class Scribe:
    """A process behind a door."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.process = self._started()

    def start_again(self) -> None:
        """Put another one in its place."""
        self.kill()
        self.process = self._started()

    def kill(self) -> None:
        """End it wherever it is."""
        self.process.kill()
        self.process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        inside = self._door.inside
        return subprocess.Popen([sys.executable, "-c", _WRITE, str(inside)], pass_fds=[inside])


@contextmanager
def scribe(door: Door) -> Iterator[Scribe]:
    """Run one until this ends; then nobody is behind the door any more."""
    running = Scribe(door)
    try:
        yield running
    finally:
        running.kill()
        door.close()


@contextmanager
def dictation(path: Path, **named: Any) -> Iterator[Dictation]:
    """Dictate to a scribe of one's own.

    Args:
        path: of the ledger.
        **named: see `Dictation`.
    """
    door = Door()
    with scribe(door):
        dictated = Dictation(door, f"sqlite:///{path}", **named)
        try:
            yield dictated
        finally:
            dictated.close()


def commits_in(path: Path) -> int:
    """Count the commits that a ledger's log holds (https://www.sqlite.org/fileformat2.html#walformat)."""
    octets = Path(f"{path}-wal").read_bytes()
    size, salt = int.from_bytes(octets[8:12]), octets[16:24]
    frames = (octets[at : at + 24] for at in range(32, len(octets), 24 + size))
    return sum(frame[8:16] == salt and frame[4:8] != bytes(4) for frame in frames)
