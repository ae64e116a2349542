"""Messages that wait for a person: as they were received, with the envelope that they came in.

Each is a folder of its own with `message.eml` (RFC 5322 bytes as received) and `envelope.json`. It takes its name only
when both are on disk, so that whatever is listed is whole, and a message is never held without the word of the disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from gsign.errors import InputError, TemporaryError
from gsign.smtp.content import Content

__all__ = ["Held", "HeldMessage"]

_MESSAGE: Final = "message.eml"
_ENVELOPE: Final = "envelope.json"
_UNFINISHED: Final = ".unfinished-"
_DONE: Final = ".done-"


class HeldMessage(NamedTuple):
    """One that waits."""

    id: str
    """The reference that its sender and the ledger have."""
    sender: str
    """What followed `MAIL FROM:`, parameters included."""
    recipients: tuple[str, ...]
    """What followed each `RCPT TO:`."""
    received: datetime
    rule: str
    reasons: tuple[str, ...]
    sha256: str
    subject: str
    origin: str
    """What a trusted peer said of the client, as XFORWARD attributes."""
    path: Path
    """The message itself."""

    def content(self) -> bytes:
        """Return the message as it was received.

        Raises:
            InputError: `held-unreadable`.
        """
        with _opened(self) as file:
            return file.read()


class Held:
    """The folder in which messages wait.

    Args:
        folder: made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, id_: str, content: Content, envelope: Mapping[str, Any]) -> None:
        """Keep a message; it is on disk when this returns.

        Args:
            id_: a reference that no other message has.
            content: the message.
            envelope: the other fields of a `HeldMessage`, as JSON holds them.

        Raises:
            TemporaryError: `held-unwritable`; nothing is left then.
        """
        unfinished = self.folder / f"{_UNFINISHED}{id_}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished.mkdir()
            _write(unfinished / _MESSAGE, content)
            _write(unfinished / _ENVELOPE, json.dumps(envelope, ensure_ascii=False, indent=1).encode())
            _sync(unfinished)
            unfinished.rename(self.folder / id_)
            _sync(self.folder)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise TemporaryError("held-unwritable", cause=os.strerror(error.errno or 0)) from error

    def __iter__(self) -> Iterator[HeldMessage]:
        """Yield what waits, the oldest first."""
        try:
            names = [entry.name for entry in os.scandir(self.folder) if not entry.name.startswith(".")]
        except FileNotFoundError:
            return
        found = [message for name in names if (message := self._read(name)) is not None]
        yield from sorted(found, key=lambda message: (message.received, message.id))

    def get(self, id_: str) -> HeldMessage:
        """Return one that waits.

        Raises:
            InputError: `held-unknown`.
        """
        found = self._read(id_) if id_ and os.sep not in id_ and not id_.startswith(".") else None
        if found is None:
            raise InputError("held-unknown", id=id_)
        return found

    @contextmanager
    def claimed(self, id_: str) -> Iterator[HeldMessage]:
        """Keep a message from everybody else while it is dealt with; a process that ends lets go of it.

        Raises:
            InputError: `held-unknown`, `held-in-use`.
        """
        found = self.get(id_)
        with _opened(found) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError("held-in-use", id=id_) from None
            # It may have been dealt with between the look and the lock.
            yield self.get(id_)

    def remove(self, id_: str) -> None:
        """Delete a message that has been dealt with."""
        done = self.folder / f"{_DONE}{id_}"
        (self.folder / id_).rename(done)
        _sync(self.folder)
        shutil.rmtree(done, ignore_errors=True)

    def _read(self, name: str) -> HeldMessage | None:
        place = self.folder / name
        try:
            known = json.loads((place / _ENVELOPE).read_bytes())
            return HeldMessage(
                id=name,
                sender=known["sender"],
                recipients=tuple(known["recipients"]),
                received=datetime.fromisoformat(known["received"]),
                rule=known["rule"],
                reasons=tuple(known["reasons"]),
                sha256=known["sha256"],
                subject=known["subject"],
                origin=known.get("origin", ""),
                path=place / _MESSAGE,
            )
        except (OSError, ValueError, KeyError, TypeError):
            # Somebody else's file, or one that was damaged: it is no message that could be sent on.
            return None


@contextmanager
def _opened(message: HeldMessage) -> Iterator[BinaryIO]:
    try:
        with message.path.open("rb") as file:
            yield file
    except OSError as error:
        raise InputError("held-unreadable", id=message.id, cause=os.strerror(error.errno or 0)) from error


def _write(path: Path, content: Content) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
