"""Processes that hold a token's driver: found, stopped and gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["owners_of", "stopped"]


def owners_of(*parents: int) -> list[int]:
    """Return the processes that hold drivers for some others."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            is_owner = b"gsign.token.owner" in (entry / "cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            continue
        if is_owner and parent in parents:
            found.append(int(entry.name))
    return found


@contextmanager
def stopped(processes: Iterable[int]) -> Iterator[None]:
    """Let processes stand still, as a driver does whose token does not answer."""
    processes = list(processes)
    assert processes
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
