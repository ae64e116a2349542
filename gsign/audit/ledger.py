"""The ledger: entries that are on disk before anybody is told of what they record.

Writers do not wait for each other: each opening of a ledger has a chain of its own, whose first entry holds the heads
of all other chains, so that removing a whole chain shows as well. Entries that come together are committed together.
"""

from __future__ import annotations

import fcntl
import secrets
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from gsign.audit.entry import Entry, next_entry
from gsign.audit.schema import ENTRIES, METADATA
from gsign.errors import TemporaryError

__all__ = ["Ledger"]

_AT_ONCE: Final = 1000
"""Entries of one commit at most."""
_BUSY_SECONDS: Final = 10
"""How long another process may hold the file."""


class _Wish(NamedTuple):
    kind: str
    body: Mapping[str, Any]
    done: Future[Entry]


class Ledger:
    """Append entries to a ledger and read them.

    Args:
        url: `sqlite:///…` or `postgresql://…`.

    Raises:
        TemporaryError: `ledger-unwritable`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.writer = secrets.token_hex(6)
        self._wishes: SimpleQueue[_Wish | None] = SimpleQueue()
        self._engine = _engine(url)
        self._head: Entry | None = None
        self._is_head_known = True
        try:
            METADATA.create_all(self._engine)
            heads = self.heads()
        except SQLAlchemyError as error:
            raise _unwritable(error) from error
        self._thread = threading.Thread(target=self._write, name="gsign-ledger", daemon=True)
        self._thread.start()
        self.append("opened", {"heads": {entry.writer: [entry.number, entry.hash.hex()] for entry in heads}})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def append(self, kind: str, body: Mapping[str, Any]) -> Entry:
        """Write an entry, and return it when it is on disk. Safe to call from several threads.

        Args:
            kind: what happened.
            body: facts that JSON can hold: digests, signers, rules, reasons; never content, never a PIN.

        Raises:
            TemporaryError: `ledger-unwritable`; the next call tries again.
        """
        wish = _Wish(kind, body, Future())
        self._wishes.put(wish)
        return wish.done.result()

    def heads(self) -> list[Entry]:
        """Return the last entry of each chain."""
        last = (
            select(ENTRIES.c.writer, func.max(ENTRIES.c.number).label("number")).group_by(ENTRIES.c.writer).subquery()
        )
        chosen = select(ENTRIES).join(last, (ENTRIES.c.writer == last.c.writer) & (ENTRIES.c.number == last.c.number))
        with self._engine.connect() as connection:
            return [_entry(row) for row in connection.execute(chosen.order_by(ENTRIES.c.writer))]

    def close(self) -> None:
        """Write what is waiting, and let go of the database."""
        self._wishes.put(None)
        self._thread.join()
        self._engine.dispose()

    # ------------------------------------------------------------ the one thread that writes

    def _write(self) -> None:
        is_open = True
        while is_open:
            first = self._wishes.get()
            batch = [first]
            while len(batch) < _AT_ONCE and not self._wishes.empty():
                batch.append(self._wishes.get())
            is_open = None not in batch
            wishes = [wish for wish in batch if wish is not None]
            if wishes:
                self._commit(wishes)

    def _commit(self, wishes: list[_Wish]) -> None:
        """Write entries in one transaction; the chain goes on from them only when they are on disk."""
        try:
            entries = self._insert(wishes)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it was
            self._is_head_known = False
            for wish in wishes:
                wish.done.set_exception(_unwritable(error))
            return
        self._head = entries[-1]
        for wish, entry in zip(wishes, entries, strict=True):
            wish.done.set_result(entry)

    def _insert(self, wishes: list[_Wish]) -> list[Entry]:
        with _turn(self._engine), self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                # Processes that read first and write then would wait for each other for ever.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            if not self._is_head_known:
                # A commit whose answer was lost may have been carried out.
                own = select(ENTRIES).where(ENTRIES.c.writer == self.writer).order_by(ENTRIES.c.number.desc()).limit(1)
                row = connection.execute(own).first()
                self._head = _entry(row) if row else None
                self._is_head_known = True
            entries: list[Entry] = []
            head = self._head
            for wish in wishes:
                head = next_entry(head, self.writer, wish.kind, wish.body)
                entries.append(head)
            connection.execute(ENTRIES.insert(), [entry._asdict() for entry in entries])
            connection.commit()
        return entries


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Wait for our turn among the processes that write to one file; SQLite itself would sleep and look again."""
    path = engine.url.database if engine.dialect.name == "sqlite" else None
    if path is None:
        yield
        return
    with open(f"{path}.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _entry(row: Any) -> Entry:
    return Entry(row.writer, row.number, row.time, row.kind, row.body, bytes(row.previous), bytes(row.hash))


def _unwritable(error: Exception) -> TemporaryError:
    cause = getattr(error, "orig", None) or error
    return TemporaryError("ledger-unwritable", cause=f"{type(cause).__name__}: {cause}")


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    engine = create_engine(parsed, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _make_durable)
    return engine


def _make_durable(connection: Any, _: Any) -> None:
    # The driver's own guessing of when a transaction begins is off: see `Ledger._insert`.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    # On disk at each commit, not only at a checkpoint.
    connection.execute("PRAGMA synchronous=FULL")
