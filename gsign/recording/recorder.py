"""Entries in the right order: what is made is written down before it appears, what was judged before it is told.

Nobody has a signature or a verdict of which the ledger does not know. Whether a file has appeared after all is written
down with the next entry.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self, TypeVar

from gsign.recording.opening import open_ledger

if TYPE_CHECKING:
    from gsign.audit.bodies import Prints
    from gsign.audit.ledger import Ledger
    from gsign.config import Configuration
    from gsign.result import SignerInfo
    from gsign.signing.output import Entering

__all__ = ["Recorder", "user"]

Record = TypeVar("Record")
Item = TypeVar("Item")
Body = Mapping[str, Any]

_TOGETHER: Final = 500
"""Verdicts of one commit at most."""
_TOGETHER_SECONDS: Final = 0.2
"""How long verdicts that come one after the other wait for each other."""


class Recorder:
    """Write down what is done. Safe to share between threads.

    Args:
        configuration: with a section `ledger`.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._lock = threading.Lock()
        self._ledger: Ledger | None = None
        self._appeared: list[str] = []
        self._lost: list[str] = []

    @classmethod
    def of(cls, configuration: Configuration) -> Self | None:
        """Return one, where there is a ledger."""
        return cls(configuration) if configuration.ledger is not None else None

    def begin(self) -> Ledger:
        """Open the ledger, where that has not been done: nobody enters a PIN for what could not be written down.

        Raises:
            TemporaryError: `ledger-unwritable`.
            ConfigurationError: `pseudonym-key-unusable`, `pseudonym-key-missing`.
        """
        with self._lock:
            if self._ledger is None:
                assert self._configuration.ledger is not None  # noqa: S101 - else there would be no recorder
                self._ledger = open_ledger(self._configuration.ledger)
            return self._ledger

    def add(self, kind: str, body: Body) -> str:
        """Write an entry, and return its reference when it is on disk.

        Raises:
            TemporaryError: `ledger-unwritable`.
        """
        return self.begin().append(kind, body).reference

    @contextmanager
    def entering(
        self, kind: str, body_of: Callable[[Prints, Record], Body], *, prefix: int = 0
    ) -> Iterator[Entering[Record]]:
        """Yield what writes a file down when it is complete and has no name yet; the file appears within the block.

        Args:
            kind: of the entry.
            body_of: makes its body.
            prefix: how many bytes at the file's beginning are the one that it was made of.

        Raises:
            TemporaryError: `ledger-unwritable`; nothing is made then.
        """
        from gsign.audit.bodies import prints_of

        self.begin()
        references: list[str] = []

        def enter(file: BinaryIO, record: Record) -> None:
            references.extend(self._add_with_word_of_earlier((kind, body_of(prints_of(file, prefix), record))))

        try:
            yield enter
        except BaseException:
            self._note(lost=references)
            raise
        self._note(appeared=references)

    def passed_on(self, items: Iterable[Item], kind: str, body_of: Callable[[Item], Body]) -> Iterator[Item]:
        """Pass on what was judged, once it is written down; what comes close together, in one commit.

        Raises:
            TemporaryError: `ledger-unwritable`.
        """
        ledger = self.begin()
        waiting: list[tuple[Item, Body]] = []
        last = 0.0
        for item in items:
            waiting.append((item, body_of(item)))
            if len(waiting) >= _TOGETHER or time.monotonic() - last >= _TOGETHER_SECONDS:
                yield from _written(ledger, kind, waiting)
                waiting, last = [], time.monotonic()
        yield from _written(ledger, kind, waiting)

    @contextmanager
    def administering(self, act: str, **facts: Any) -> Iterator[None]:
        """Write down who does what, before it is done; and again where it was not done after all.

        Args:
            act: such as `trust-add`.
            **facts: `object`, `before`, `after`.

        Raises:
            TemporaryError: `ledger-unwritable`; nothing may be done then.
        """
        body = {"act": act, "by": user(), **facts}
        reference = self.add("administered", body)
        try:
            yield
        except BaseException as error:
            self.add("administered", {"act": act, "by": body["by"], "entry": reference, "failed": type(error).__name__})
            raise

    def agency(self, signer: SignerInfo | None) -> str | None:
        """Name the agency of the configuration whose certificate it is, or one of its people's."""
        if signer is None or not self._configuration.agency:
            return None
        from gsign.mail.agencies import Directory

        directory = Directory(self._configuration.agency)
        return next((agency.name for agency in directory.agencies if directory.owns(agency, signer)), None)

    def close(self) -> None:
        """Write down which files have appeared, and let go of the ledger.

        Raises:
            TemporaryError: `ledger-unwritable`; of the last files it is not known then whether they appeared.
        """
        if self._ledger is None:
            return
        try:
            self._add_with_word_of_earlier()
        finally:
            self._ledger.close()
            self._ledger = None

    def _note(self, *, appeared: Iterable[str] = (), lost: Iterable[str] = ()) -> None:
        with self._lock:
            self._appeared += appeared
            self._lost += lost

    def _add_with_word_of_earlier(self, *wanted: tuple[str, Body]) -> list[str]:
        """Write entries, and before them one that tells what has become of files since the last one told."""
        with self._lock:
            word = {"appeared": self._appeared, "lost": self._lost}
            self._appeared, self._lost = [], []
        told = {name: references for name, references in word.items() if references}
        try:
            added = self.begin().append_all([*([("appeared", told)] if told else []), *wanted])
        except BaseException:
            self._note(**word)
            raise
        return [entry.reference for entry in added[len(added) - len(wanted) :]]


def user() -> str:
    """Return the name of the operating system's user: not what the environment says, which anybody can set."""
    import os
    import pwd

    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _written(ledger: Ledger, kind: str, waiting: list[tuple[Item, Body]]) -> Iterator[Item]:
    if waiting:
        ledger.append_all([(kind, body) for _, body in waiting])
    yield from (item for item, _ in waiting)
