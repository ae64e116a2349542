"""Faults of the relay's own, for as long as a block lasts."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.relay.running import Relay

__all__ = ["full_disk", "held_in_the_way", "ledger_that_refuses"]


@contextmanager
def full_disk(relay: Relay) -> Iterator[None]:
    """Let no file of the relay grow."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in relay.pids()}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def ledger_that_refuses(relay: Relay) -> Iterator[None]:
    """Let the ledger take no entry."""
    with closing(sqlite3.connect(relay.ledger, isolation_level=None)) as ledger:
        ledger.execute("CREATE TRIGGER refuse BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'no'); END")
        try:
            yield
        finally:
            ledger.execute("DROP TRIGGER refuse")


@contextmanager
def held_in_the_way(relay: Relay) -> Iterator[None]:
    """Put something else where held messages belong."""
    aside = relay.held.with_name("aside")
    moved = relay.held.exists()
    if moved:
        relay.held.rename(aside)
    relay.held.write_bytes(b"")
    try:
        yield
    finally:
        relay.held.unlink()
        if moved:
            aside.rename(relay.held)
