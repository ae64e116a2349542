"""Processes that hold a token's driver, judge what strangers send, or write a ledger: found, stopped and gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["judges_of", "owners_of", "scribes_of", "stopped"]


def owners_of(*parents: int) -> list[int]:
    """Return the processes that hold drivers for some others."""
    return [child for child, _, command in _children_of(parents) if b"gsign.token.owner" in command]


def judges_of(*parents: int) -> list[int]:
    """Return the processes that judge documents and messages for some others."""
    owners = owners_of(*parents)
    # Each leads a session of its own, whether it was started anew or is a copy of its parent.
    return [child for child, session, _ in _children_of(parents) if session == child and child not in owners]


def scribes_of(*parents: int) -> list[int]:
    """Return the processes that write a ledger in a file for some others."""
    return [child for child, _, _ in _children_of(parents) if any(name.endswith(".db") for name in _files_of(child))]


def _files_of(process: int) -> list[str]:
    with suppress(OSError):
        return [str(file.readlink()) for file in Path(f"/proc/{process}/fd").iterdir()]
    return []


def _children_of(parents: Iterable[int]) -> Iterator[tuple[int, int, bytes]]:
    """Yield each child with its session and command line."""
    for entry in Path("/proc").iterdir():
        try:
            _, parent, _, session, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue
        if int(parent) in parents:
            yield int(entry.name), int(session), command


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
