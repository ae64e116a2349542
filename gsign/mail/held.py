"""Messages that wait for a person: as they were received, with the envelope that they came in.

Each is a folder of its own with `message.eml` (RFC 5322 bytes as received) and `envelope.json`. It takes its name only
when both are on disk, so that whatever is listed is whole, and a message is never held without the word of the disk.
Both are for their owner alone to read.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from gsign.errors import InputError, TemporaryError
from gsign.mail.policy import Reason
from gsign.smtp.content import Content

__all__ = ["Held", "HeldMessage"]

_MESSAGE: Final = "message.eml"
_ENVELOPE: Final = "envelope.json"
_UNFINISHED: Final = ".unfinished-"
_DONE: Final = ".done-"
_WRITING_SECONDS: Final = 3600
"""After which nobody still writes what is unfinished: its client has long been told to come again."""
_NOBODY: Final = {"address": "unknown", "hello": "", "protocol": "ESMTP"}


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
    reasons: tuple[Reason, ...]
    then: tuple[str, ...]
    """What its rule does with it when it goes on: `sign-message`, `encrypt-message`."""
    sha256: str
    subject: str
    origin: str
    """What a trusted peer said of the client, as XFORWARD attributes."""
    client: Mapping[str, str]
    """Whom it came from: `address`, `hello`, `protocol`."""
    path: Path
    """The message itself."""

    def content(self) -> bytes:
        """Return the message as it is on disk.

        Raises:
            InputError: `held-unreadable`.
        """
        with _open(self) as file:
            return file.read()

    def received_content(self) -> bytes:
        """Return the message as it was received.

        Raises:
            InputError: `held-unreadable`; `held-altered` where it is another one now.
        """
        content = self.content()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise InputError("held-altered", id=self.id, path=str(self.path.parent))
        return content


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
        place = self.folder / f"{_UNFINISHED}{id_}"
        try:
            _make(self.folder)
            # Where it is there already, somebody else is writing it: it is not ours to delete.
            place.mkdir(mode=0o700)
        except OSError as error:
            raise _unwritable(error) from error
        try:
            _write(place / _MESSAGE, content)
            _write(place / _ENVELOPE, _octets_of(envelope))
            _sync(place)
            # Under that name another one may wait: where a ledger was begun anew, its references come again.
            place = place.rename(self.folder / id_)
            _sync(self.folder)
        except OSError as error:
            # Its client keeps it: what stayed here would be sent a second time.
            shutil.rmtree(place, ignore_errors=True)
            raise _unwritable(error) from error

    def __iter__(self) -> Iterator[HeldMessage]:
        """Yield what waits, the oldest first; but for `damaged`, which wait too.

        Raises:
            InputError: `held-unreadable`: an empty list would say that nothing waits.
        """
        found = [message for name in self._names() if (message := self._read(name)) is not None]
        yield from sorted(found, key=lambda message: (message.received, _counted(message.id)))

    def damaged(self) -> list[Path]:
        """Return messages that were taken, but whose envelopes cannot be read: their senders believe them to be here.

        Raises:
            InputError: `held-unreadable`.
        """
        return [self.folder / n / _MESSAGE for n in sorted(self._names()) if self._is_damaged(n)]

    def _names(self) -> list[str]:
        try:
            return [entry.name for entry in os.scandir(self.folder) if not entry.name.startswith(".")]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(str(self.folder), error) from error

    def _is_damaged(self, name: str) -> bool:
        return (self.folder / name / _MESSAGE).exists() and self._read(name) is None

    def get(self, id_: str) -> HeldMessage:
        """Return one that waits.

        Raises:
            InputError: `held-unknown`; `held-damaged` where its envelope cannot be read.
        """
        is_name = bool(id_) and os.sep not in id_ and not id_.startswith(".")
        found = self._read(id_) if is_name else None
        if found is None:
            is_damaged = is_name and self._is_damaged(id_)
            raise InputError("held-damaged" if is_damaged else "held-unknown", id=id_, path=str(self.folder / id_))
        return found

    @contextmanager
    def claimed(self, id_: str) -> Iterator[HeldMessage]:
        """Keep a message from everybody else while it is dealt with; a process that ends lets go of it.

        Raises:
            InputError: `held-unknown`, `held-in-use`, `held-unreadable`.
        """
        with _open(self.get(id_)) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise InputError("held-in-use", id=id_) from None
            # It may have been dealt with between the look and the lock.
            yield self.get(id_)

    def keep_for(self, message: HeldMessage, recipients: Sequence[str]) -> None:
        """Keep a claimed message for some of its recipients alone, since the others have it.

        Raises:
            TemporaryError: `held-unwritable`: it is kept for all.
        """
        place = message.path.parent
        begun = place / f"{_UNFINISHED}{_ENVELOPE}"
        try:
            known = json.loads((place / _ENVELOPE).read_bytes())
            begun.unlink(missing_ok=True)
            _write(begun, _octets_of({**known, "recipients": list(recipients)}))
            begun.rename(place / _ENVELOPE)
            _sync(place)
        except OSError as error:
            raise _unwritable(error) from error

    def remove(self, id_: str) -> None:
        """Delete a message that has been dealt with."""
        done = self.folder / f"{_DONE}{id_}"
        (self.folder / id_).rename(done)
        _sync(self.folder)
        self._tidy()

    def _tidy(self) -> None:
        """Delete what has been dealt with, or was never finished, by whoever was ended before they could."""
        for done in self.folder.glob(f"{_DONE}*"):
            shutil.rmtree(done, ignore_errors=True)
        before = time.time() - _WRITING_SECONDS
        for begun in self.folder.glob(f"{_UNFINISHED}*"):
            with suppress(FileNotFoundError):
                if begun.stat().st_mtime < before:
                    shutil.rmtree(begun, ignore_errors=True)

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
                reasons=tuple(Reason(id_, path, tuple(details)) for id_, path, details in known["reasons"]),
                then=tuple(known["then"]),
                sha256=known["sha256"],
                subject=known.get("subject", ""),
                origin=known.get("origin", ""),
                client={**_NOBODY, **known.get("client", {})},
                path=place / _MESSAGE,
            )
        except (OSError, ValueError, KeyError, TypeError):
            # Somebody else's file, or one that was damaged: it is none that could be sent on as it is.
            return None


def _open(message: HeldMessage) -> BinaryIO:
    try:
        return message.path.open("rb")
    except OSError as error:
        raise _unreadable(message.id, error) from error


def _unreadable(id_: str, error: OSError) -> InputError:
    return InputError("held-unreadable", id=id_, cause=os.strerror(error.errno or 0))


def _unwritable(error: OSError) -> TemporaryError:
    return TemporaryError("held-unwritable", cause=os.strerror(error.errno or 0))


def _make(folder: Path) -> None:
    """Make the folder where it is missing, so that it outlives a failure of power."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(folder.parent)


def _octets_of(envelope: Mapping[str, Any]) -> bytes:
    return json.dumps(envelope, ensure_ascii=False, indent=1).encode()


def _write(path: Path, content: Content) -> None:
    with open(path, "xb", opener=partial(os.open, mode=0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _counted(id_: str) -> list[str | int]:
    """Have `van-thu.1-9` come before `van-thu.1-11`."""
    return [int(part) if at % 2 else part for at, part in enumerate(re.split(r"(\d+)", id_))]
