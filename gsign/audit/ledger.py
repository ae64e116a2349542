"""The ledger: entries that are on disk before anybody is told of what they record.

Writers do not wait for each other: each takes a chain that nobody holds and goes on with it, and holds it until it is
closed or dies. Entries that come together are committed together.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from gsign.audit.anchoring import Anchoring
from gsign.audit.coming import Coming
from gsign.audit.databases import open_rows
from gsign.audit.entry import Chain, Entry, canonical, next_entry
from gsign.audit.rows import Transaction
from gsign.audit.trouble import unwritable
from gsign.errors import GsignError

if TYPE_CHECKING:
    from gsign.audit.pseudonyms import Pseudonyms

__all__ = ["Ledger", "text_of"]

_AT_ONCE: Final = 1000
"""Entries of one commit at most."""
_WAITING_SECONDS: Final = 30
"""How long an entry waits for those that are being written."""
_STATION: Final = 40
"""Characters of a station's name."""


class _Wish(NamedTuple):
    kind: str
    body: str
    done: Coming[Entry]


class Ledger:
    """Append entries to a ledger.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
        station: what the chains that are written here are named after; None for the machine's name.
        pseudonyms: replaces what names persons, whoever writes it down; None where names are written as they are.

    Attributes:
        writer: the chain that is gone on with.

    Raises:
        TemporaryError: `ledger-unwritable`.
        ConfigurationError: `ledger-newer`.
    """

    def __init__(self, url: str, *, station: str | None = None, pseudonyms: Pseudonyms | None = None) -> None:
        self.url = url
        self._pseudonyms = pseudonyms
        self._station = _name_of(station or socket.gethostname().partition(".")[0])
        self._wishes: list[_Wish] = []
        self._wishing = threading.Lock()
        self._writing = threading.Lock()
        self._anchoring = Anchoring()
        self._chain: Chain | None = None
        self._is_chain_known = False
        self._planned: list[Entry] = []
        """What was to be written when an error came: it may have been."""
        with ExitStack() as opened:
            try:
                self._rows = open_rows(url)
                opened.callback(self._rows.close)
                self.writer = self._rows.taken(self._station)
            except (GsignError, ModuleNotFoundError):
                raise
            except Exception as error:
                raise unwritable(error) from error
            opened.pop_all()

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
        return self.append_all([(kind, body)])[0]

    def append_all(self, wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Write entries, each a kind and a body, as `append` does; a thousand cost no more commits than one.

        Raises:
            TemporaryError: `ledger-unwritable`.
        """
        return [written.result() for written in self.write(wanted)]

    def write(self, wanted: Sequence[tuple[str, Mapping[str, Any] | str]]) -> list[Coming[Entry]]:
        """Write entries, each a kind and a body, or what `text_of` makes of it; each has come, or why it has not.

        Raises:
            TemporaryError: `ledger-unwritable`: none was written.
        """
        wishes = self._wished(wanted)
        # Whoever comes first writes for all that came meanwhile.
        if not self._writing.acquire(timeout=_WAITING_SECONDS):
            self._withdraw(wishes)
            raise unwritable(TimeoutError("the entries before take too long"))
        try:
            while not all(wish.done.done() for wish in wishes):
                self._commit(self._taken())
        finally:
            self._writing.release()
        return [wish.done for wish in wishes]

    def heads(self) -> list[Chain]:
        """Return where each chain ends.

        Raises:
            TemporaryError: `ledger-unwritable`.
        """
        try:
            with self._writing, self._rows.transaction() as transaction:
                return transaction.chains()
        except Exception as error:
            raise unwritable(error) from error

    def remove_sealed(self, writer: str, last: int, *, at_once: int) -> None:
        """Remove the entries of a chain up to one that a `sealed` entry names as the last, in many transactions.

        Args:
            writer: whose chain.
            last: number of the last entry that was sealed.
            at_once: entries that are removed at a time: others who write wait so long.

        Raises:
            TemporaryError: `ledger-unwritable`.
        """
        try:
            with self._writing, self._rows.transaction() as transaction:
                first = transaction.first(writer)
            while first is not None and first <= last:
                until = min(first + at_once - 1, last)
                with self._writing, self._rows.transaction() as transaction:
                    transaction.remove(writer, first, until, last)
                first = until + 1
        except Exception as error:
            raise unwritable(error) from error

    def close(self) -> None:
        """Let go of the database and of the chain."""
        with self._writing:
            self._rows.close()

    def _wished(self, wanted: Sequence[tuple[str, Mapping[str, Any] | str]]) -> list[_Wish]:
        wishes = [
            _Wish(kind, body if isinstance(body, str) else text_of(body, self._pseudonyms), Coming())
            for kind, body in wanted
        ]
        with self._wishing:
            self._wishes += wishes
        return wishes

    def _withdraw(self, wishes: Sequence[_Wish]) -> None:
        with self._wishing:
            self._wishes = [wish for wish in self._wishes if wish not in wishes]

    # ------------------------------------------------------------ one thread at a time

    def _taken(self, most: int = _AT_ONCE) -> list[_Wish]:
        with self._wishing:
            taken, self._wishes = self._wishes[:most], self._wishes[most:]
        return taken

    def _commit(self, wishes: list[_Wish]) -> None:
        """Write entries in one transaction; the chain goes on from them only when they are on disk."""
        try:
            entries = self._insert_once(wishes)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it was
            for wish in wishes:
                wish.done.set_exception(unwritable(error))
            return
        for wish, entry in zip(wishes, entries, strict=True):
            wish.done.set_result(entry)

    def _insert_once(self, wishes: list[_Wish]) -> list[Entry]:
        """Write entries once: where an error leaves open whether they were, look, and try again if they were not."""
        self._planned = []
        try:
            return self._insert(wishes)
        except Exception as error:
            self._is_chain_known = False
            if not self._planned and not self._rows.is_lost(error):
                raise
        return self._insert(wishes)

    def _insert(self, wishes: list[_Wish]) -> list[Entry]:
        self.writer = self._rows.taken(self._station)
        with self._rows.transaction() as transaction:
            if self._planned and _has(transaction, self._planned[-1]):
                return self._planned[-len(wishes) :]
            if not self._planned:
                # What came while others had their turn goes along: commits cost more than entries.
                wishes += self._taken(_AT_ONCE - len(wishes))
            if not self._is_chain_known or (self._chain and self._chain.writer != self.writer):
                self._chain = transaction.chain(self.writer)
                self._anchoring.begin(transaction, self._chain)
            self._planned, chain = self._plan(transaction, wishes)
            transaction.add(self._planned, chain)
        self._chain, self._is_chain_known = chain, True
        return self._planned[-len(wishes) :]

    def _plan(self, transaction: Transaction, wishes: Sequence[_Wish]) -> tuple[list[Entry], Chain]:
        """Make the entries, before them one that holds the heads of other chains where that is due."""
        heads = (
            self._anchoring.moved(transaction, self.writer, self._chain) if self._anchoring.is_due(len(wishes)) else {}
        )
        head: Entry | Chain | None = self._chain
        anchored = self._chain.anchored if self._chain else 0
        entries: list[Entry] = []
        if heads:
            head = next_entry(head, self.writer, "anchored", {"heads": heads})
            anchored = head.number
            entries.append(head)
        for wish in wishes:
            head = next_entry(head, self.writer, wish.kind, wish.body)
            entries.append(head)
        last, before = entries[-1], self._chain
        sealed, closed = (before.sealed, before.closed) if before else (0, 0)
        return entries, Chain(self.writer, last.number, last.hash, anchored, sealed, closed)


def text_of(body: Mapping[str, Any], pseudonyms: Pseudonyms | None) -> str:
    """Return a body as it is written down, without what names persons.

    Raises:
        TemporaryError: `ledger-unwritable`: it holds what JSON cannot.
    """
    try:
        text = canonical(pseudonyms.of_body(body) if pseudonyms else body)
    except (TypeError, ValueError, RecursionError) as error:
        raise unwritable(error) from error
    # Names of files and fields may hold what is no text.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _has(transaction: Transaction, entry: Entry) -> bool:
    return transaction.entry(entry.writer, entry.number) == entry


def _name_of(station: str) -> str:
    """Return the name of a station as it stands before the number in that of a chain."""
    return re.sub("[^a-z0-9_-]+", "-", station.lower()).strip("-")[:_STATION] or "station"
