"""Drivers' processes, shared by all signers of one module, each used by one thread at a time.

A forked process does not touch what it inherited: it lets go of its parent's drivers and starts its own when it needs
one.
"""

from __future__ import annotations

import atexit
import os
import queue
import threading
import weakref
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from gsign.token.worker import Worker

if TYPE_CHECKING:
    from gsign.token.discovery import TokenInfo
    from gsign.token.login import Login

__all__ = ["Pool", "acquire", "prepare", "release"]


class _Seat:
    """A worker's place in the queue of those that are idle, taken for the time of a `with` statement.

    The worker goes back when the seat is dropped, so that Ctrl-C in the moment between taking a worker and knowing it
    does not lose it.
    """

    def __init__(self, worker: Worker, idle: queue.SimpleQueue[_Seat]) -> None:
        self.worker = worker
        # Weak: a queue that is dropped with its pool, or left behind by a fork, takes nobody back.
        self._idle: weakref.ref[queue.SimpleQueue[_Seat]] | None = weakref.ref(idle)

    def __enter__(self) -> Worker:
        return self.worker

    def __exit__(self, *exc: object) -> None:
        self.give_back()

    def give_back(self) -> None:
        """Let somebody else have the worker, once."""
        reference, self._idle = self._idle, None
        idle = reference() if reference is not None else None
        if idle is not None:
            idle.put(_Seat(self.worker, idle))

    def __del__(self) -> None:
        self.give_back()


class Pool:
    """All workers of one module."""

    def __init__(self, module: str, environment: dict[str, str]) -> None:
        self.module = module
        self.references = 0
        self._environment = environment
        self._workers: list[Worker] = []
        self._idle: queue.SimpleQueue[_Seat] = queue.SimpleQueue()
        self._logins: dict[object, Login] = {}
        self._lock = threading.Lock()

    def grow(self, workers: int) -> None:
        """Have at least this many workers."""
        with self._lock:
            while len(self._workers) < workers:
                worker = Worker(self.module, self._environment)
                self._workers.append(worker)
                self._idle.put(_Seat(worker, self._idle))

    def start(self) -> None:
        """Start the processes that wait idle, so that they load the module ahead of need."""
        seats = []
        while True:
            try:
                seats.append(self._idle.get_nowait())
            except queue.Empty:
                break
        for seat in seats:
            seat.worker.start()
            seat.give_back()

    def worker(self) -> AbstractContextManager[Worker]:
        """Take a worker for a while; wait for one where all are busy."""
        return self._idle.get()

    def login(self, token: TokenInfo) -> Login:
        """Return the one state of a token's PIN."""
        from gsign.token.login import Login

        with self._lock:
            return self._logins.setdefault(token.identity, Login(token))

    def close(self) -> None:
        """End all processes and forget the PINs."""
        with self._lock:
            self._logins.clear()
            for worker in self._workers:
                worker.discard()

    def after_fork(self) -> None:
        """Start anew in a forked process: no lock, queue or driver is of use here, the PIN proven before is."""
        self._lock = threading.Lock()
        self._idle = queue.SimpleQueue()
        for worker in self._workers:
            worker.abandon()
            self._idle.put(_Seat(worker, self._idle))
        for login in self._logins.values():
            login.after_fork()


class _Registry:
    """The pools of this process, by module and environment."""

    def __init__(self) -> None:
        self._pools: dict[object, Pool] = {}
        self._lock = threading.Lock()

    def get(self, module: str, references: int) -> Pool:
        """Return the pool of a module, counting further references to it."""
        # A driver reads its configuration from the environment (SOFTHSM2_CONF): another one is another pool.
        environment = dict(os.environ)
        key = (module, frozenset(environment.items()))
        with self._lock:
            pool = self._pools.get(key)
            if pool is None:
                pool = self._pools[key] = Pool(module, environment)
            pool.references += references
            return pool

    def give_back(self, pool: Pool) -> None:
        """Count one reference less; without any, the pool is closed."""
        with self._lock:
            pool.references -= 1
            if pool.references > 0:
                return
            self._pools = {key: other for key, other in self._pools.items() if other is not pool}
        pool.close()

    def close(self) -> None:
        """Close all pools."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()

    def after_fork(self) -> None:
        """Start anew in a forked process."""
        self._lock = threading.Lock()
        for pool in self._pools.values():
            pool.after_fork()


_registry = _Registry()
atexit.register(_registry.close)
os.register_at_fork(after_in_child=_registry.after_fork)


def acquire(module: str, workers: int = 1) -> Pool:
    """Return the pool of a module, for `release` later."""
    pool = _registry.get(module, references=1)
    pool.grow(workers)
    return pool


def prepare(module: str) -> None:
    """Start a module's process ahead of the first `acquire`."""
    pool = _registry.get(module, references=0)
    pool.grow(1)
    pool.start()


def release(pool: Pool) -> None:
    """Give a pool back; the last one ends its processes."""
    _registry.give_back(pool)
