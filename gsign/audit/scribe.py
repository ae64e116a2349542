"""The scribe: a process that writes into ledgers for others, who go on with their work meanwhile.

What comes from all of them while it writes goes into the next commit together, and it alone has each ledger open: no
turns are waited for, and nothing that was just read is spoilt by somebody else's writing.
"""

from __future__ import annotations

import pickle
import selectors
import socket
from typing import Any, Final

from gsign.audit.coming import Coming
from gsign.audit.door import framed, frames_in
from gsign.audit.entry import Entry
from gsign.audit.ledger import Ledger
from gsign.errors import GsignError

__all__ = ["write_for_others"]

_PIECE: Final = 1 << 18
"""Octets that are read of one in a round."""

_Where = tuple[str, str | None]
"""URL and station of a ledger."""


def write_for_others(knocking: socket.socket) -> None:
    """Write what others dictate, until nobody is left who could.

    Args:
        knocking: see `Door.stay_inside`.
    """
    _Scribe(knocking).run()


class _Author:
    """One who dictates."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.connection = connection
        self.where: _Where | None = None
        self.wanted: list[tuple[str, str]] = []
        """Kinds and bodies that have come and are not written yet."""
        self._received = bytearray()
        self._unsent = bytearray()

    @property
    def is_behind(self) -> bool:
        """Whether it takes its answers more slowly than they are made."""
        return bool(self._unsent)

    def hear(self) -> list[Any]:
        """Return what it says; it has gone where nothing comes any more.

        Raises:
            OSError: it has gone.
        """
        came = self.connection.recv(_PIECE)
        if not came:
            raise ConnectionResetError
        self._received += came
        return list(frames_in(self._received))

    def tell(self, answer: Any) -> None:
        """Answer, for as much as it takes now.

        Raises:
            OSError: it has gone.
        """
        self._unsent += framed(answer)
        self.send()

    def send(self) -> None:
        """Send what is left of answers.

        Raises:
            OSError: it has gone.
        """
        try:
            del self._unsent[: self.connection.send(self._unsent)]
        except BlockingIOError:
            return


class _Scribe:
    def __init__(self, knocking: socket.socket) -> None:
        self._knocking = knocking
        self._selector = selectors.DefaultSelector()
        self._selector.register(knocking, selectors.EVENT_READ)
        self._authors: set[_Author] = set()
        self._ledgers: dict[_Where, Ledger] = {}
        self._is_wanted = True

    def run(self) -> None:
        while self._is_wanted or self._authors:
            for key, events in self._selector.select():
                self._attend(key.data, events)
            self._write()
        for ledger in self._ledgers.values():
            ledger.close()

    def _attend(self, author: _Author | None, events: int) -> None:
        if author is None:
            self._let_in()
            return
        try:
            if events & selectors.EVENT_WRITE:
                author.send()
            if events & selectors.EVENT_READ:
                for said in author.hear():
                    self._note(author, said)
        except OSError:
            self._dismiss(author)
        else:
            self._watch(author)

    def _let_in(self) -> None:
        _, files, _, _ = socket.recv_fds(self._knocking, 1, 1)
        if not files:
            self._is_wanted = False
            self._selector.unregister(self._knocking)
            return
        author = _Author(socket.socket(fileno=files[0]))
        self._authors.add(author)
        self._selector.register(author.connection, selectors.EVENT_READ, author)

    def _note(self, author: _Author, said: Any) -> None:
        """Note what is to be written; first of all comes where."""
        if author.where is not None:
            author.wanted += said
            return
        try:
            self._open(said)
        except (GsignError, ModuleNotFoundError) as error:
            author.tell([pickle.dumps(error)])
            raise ConnectionResetError from error
        author.where = said
        author.tell([None])

    def _open(self, where: _Where) -> None:
        if where not in self._ledgers:
            url, station = where
            self._ledgers[where] = Ledger(url, station=station)

    def _write(self) -> None:
        """Write all that has come, in one commit for each ledger, and answer."""
        for where, ledger in list(self._ledgers.items()):
            dictating = [author for author in self._authors if author.wanted and author.where == where]
            wanted = [one for author in dictating for one in author.wanted]
            if not wanted:
                continue
            written = iter([_answer(coming) for coming in ledger.write(wanted)])
            for author in dictating:
                self._answer(author, [next(written) for _ in author.wanted])

    def _answer(self, author: _Author, written: list[Any]) -> None:
        author.wanted.clear()
        try:
            author.tell(written)
        except OSError:
            self._dismiss(author)
        else:
            self._watch(author)

    def _watch(self, author: _Author) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if author.is_behind else 0)
        if self._selector.get_key(author.connection).events != events:
            self._selector.modify(author.connection, events, author)

    def _dismiss(self, author: _Author) -> None:
        """Forget one who has gone, and the ledger into which nobody writes any more."""
        self._authors.discard(author)
        self._selector.unregister(author.connection)
        author.connection.close()
        if author.where is not None and all(other.where != author.where for other in self._authors):
            self._ledgers.pop(author.where).close()


def _answer(coming: Coming[Entry]) -> object:
    """Return what the author does not know yet of an entry, or why it was not written."""
    try:
        entry = coming.result()
    except GsignError as error:
        return pickle.dumps(error)
    return entry.writer, entry.number, entry.time, entry.previous, entry.hash
