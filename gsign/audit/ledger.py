"""The ledger: entries that are on disk before anybody is told of what they record.

Writers do not wait for each other: each opening of a ledger has a chain of its own, whose first entry holds the heads
of all other chains, so that removing a whole chain shows as well. Entries that come together are committed together.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from gsign.audit.entry import Entry, canonical, next_entry
from gsign.audit.rows import Rows, ServerRows, SqliteRows, entry_of, make_durable
from gsign.audit.schema import ENTRIES, METADATA
from gsign.errors import TemporaryError

__all__ = ["Ledger"]

_AT_ONCE: Final = 1000
"""Entries of one commit at most."""
_WAITING_SECONDS: Final = 30
"""How long an entry waits for those that are being written."""


class _Wish(NamedTuple):
    kind: str
    body: str
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
        self._wishes: list[_Wish] = []
        self._wishing = threading.Lock()
        self._writing = threading.Lock()
        self._calls: SimpleQueue[bool] = SimpleQueue()
        """Wakes the thread that writes for those who do not wait; False ends it."""
        self._scribe: threading.Thread | None = None
        self._engine = _engine(url)
        self._rows = _rows(self._engine)
        self._head: Entry | None = None
        self._is_head_known = True
        try:
            METADATA.create_all(self._engine)
            heads = self.heads()
        except SQLAlchemyError as error:
            raise _unwritable(error) from error
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
        wish = self._wished(kind, body)
        # Whoever comes first writes for all that came meanwhile.
        if not self._writing.acquire(timeout=_WAITING_SECONDS):
            raise _unwritable(TimeoutError("the entries before take too long"))
        try:
            while not wish.done.done():
                self._commit(self._taken())
        finally:
            self._writing.release()
        return wish.done.result()

    def append_soon(self, kind: str, body: Mapping[str, Any]) -> Future[Entry]:
        """Begin to write an entry, and return at once; the entry, or why there is none, comes when it is on disk.

        For who has something else to do meanwhile. Entries of one thread stand in the order of its calls.

        Raises:
            TemporaryError: `ledger-unwritable`: the body is none.
        """
        wish = self._wished(kind, body)
        if self._scribe is None:
            self._start_scribe()
        self._calls.put(True)
        return wish.done

    def heads(self) -> list[Entry]:
        """Return the last entry of each chain."""
        last = (
            select(ENTRIES.c.writer, func.max(ENTRIES.c.number).label("number")).group_by(ENTRIES.c.writer).subquery()
        )
        chosen = select(ENTRIES).join(last, (ENTRIES.c.writer == last.c.writer) & (ENTRIES.c.number == last.c.number))
        with self._engine.connect() as connection:
            return [entry_of(row) for row in connection.execute(chosen.order_by(ENTRIES.c.writer))]

    def close(self) -> None:
        """Let go of the database."""
        if self._scribe is not None:
            self._calls.put(False)
            self._scribe.join()
        with self._writing:
            self._rows.close()
            self._engine.dispose()

    def _wished(self, kind: str, body: Mapping[str, Any]) -> _Wish:
        try:
            wish = _Wish(kind, canonical(body), Future())
        except (TypeError, ValueError) as error:
            raise _unwritable(error) from error
        with self._wishing:
            self._wishes.append(wish)
        return wish

    def _start_scribe(self) -> None:
        with self._wishing:
            if self._scribe is None:
                self._scribe = threading.Thread(target=self._write_for_others, name="gsign-ledger", daemon=True)
                self._scribe.start()

    def _write_for_others(self) -> None:
        while self._calls.get():
            with self._writing:
                wishes = self._taken()
                if wishes:
                    self._commit(wishes)

    # ------------------------------------------------------------ one thread at a time

    def _taken(self) -> list[_Wish]:
        with self._wishing:
            taken, self._wishes = self._wishes[:_AT_ONCE], self._wishes[_AT_ONCE:]
        return taken

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
        with self._rows.transaction() as transaction:
            if not self._is_head_known:
                # A commit whose answer was lost may have been carried out.
                self._head = transaction.last(self.writer)
                self._is_head_known = True
            entries: list[Entry] = []
            head = self._head
            for wish in wishes:
                head = next_entry(head, self.writer, wish.kind, wish.body)
                entries.append(head)
            transaction.add(entries)
        return entries


def _unwritable(error: Exception) -> TemporaryError:
    cause = getattr(error, "orig", None) or error
    return TemporaryError("ledger-unwritable", cause=f"{type(cause).__name__}: {cause}")


def _rows(engine: Engine) -> Rows:
    path = engine.url.database if engine.dialect.name == "sqlite" else None
    return SqliteRows(path) if path is not None else ServerRows(engine)


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    engine = create_engine(parsed, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", make_durable)
    return engine
