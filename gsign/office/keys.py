"""The agencies' keys: opened once, used by a bounded number of messages at a time, and not waited for without end.

A token may hang, or a directory of certificates. Who waits for one gives up in time for its client to be told; what
hangs is given up a little later, and started anew.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar

from gsign.errors import TemporaryError
from gsign.mail.agencies import Agency
from gsign.mail.outcome import Done

if TYPE_CHECKING:
    from gsign.service import Service
    from gsign.signer import Signer

__all__ = ["AgencyKeys"]

_WAITING: Final = 64
"""Messages that may wait for one key; more are put off at once rather than kept in memory."""


_AT_ONCE: Final = 4
"""Messages that one key is busy with: all but one are made ready, or completed."""
_SHARE: Final = 3
"""Of a message's time, the part after which a token that does not answer is given up: others may still be signed."""

_Result = TypeVar("_Result")


class _Desk:
    """Somebody who works for messages, so many at a time; each waits in line until its own deadline."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._room = threading.BoundedSemaphore(_WAITING)
        self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="gsign-key")

    def do(self, work: Callable[[], _Result], deadline: float) -> _Result:
        """Have something done, and wait for it until a deadline.

        Raises:
            TemporaryError: `key-busy` where too many wait; `key-too-slow` where it was not done in time.
        """
        if time.monotonic() >= deadline or not self._room.acquire(blocking=False):
            raise TemporaryError("key-busy", agency=self._name)
        try:
            asked = self._workers.submit(work)
        except RuntimeError:
            self._room.release()
            raise TemporaryError("key-busy", agency=self._name) from None
        # Whoever gives up waiting leaves the work behind: its place is free once that has ended.
        asked.add_done_callback(lambda _: self._room.release())
        try:
            return asked.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            if asked.done():
                raise
            asked.cancel()
            raise TemporaryError("key-too-slow", agency=self._name) from None

    def close(self) -> None:
        """Take no more work, and wait for none."""
        self._workers.shutdown(wait=False, cancel_futures=True)


class _Key(_Desk):
    def __init__(self, name: str, signer: Signer) -> None:
        super().__init__(name)
        self.signer = signer

    def close(self) -> None:
        """Let go of the key as well."""
        super().close()
        self.signer.close()


class AgencyKeys:
    """Sign and encrypt messages for agencies. Safe to share between threads.

    A key is opened by its first use, and stays open: its PIN is given once, and a wrong one is not tried again.

    Args:
        service: opens keys, signs and encrypts.
        budget_seconds: what a message may take.
    """

    def __init__(self, service: Service, budget_seconds: float = 60.0) -> None:
        self._service = service
        self._patience = max(1.0, budget_seconds / _SHARE)
        self._encrypting = _Desk("-")
        self._keys: dict[str, _Key | Exception] = {}
        self._lock = threading.Lock()

    def open_all(self, agencies: tuple[Agency, ...]) -> None:
        """Open every agency's key now, so that what is off shows at the start.

        Raises:
            TokenError: no token, no key or several, or the PIN is wrong.
        """
        for agency in agencies:
            if agency.key is not None:
                self._open(agency.key, agency.name)

    def sign_message(self, message: bytes, agency: Agency, deadline: float, *, form: str) -> Done:
        """Sign a message in the name of an agency, in a form of `gsign.smime.sign`.

        Raises:
            TokenError: the token, key or PIN is at fault.
            InputError: the message cannot be signed: readers would take it differently.
            UsageError: its sender is not of the agency that the certificate names, or the agency has signed it before.
            TemporaryError: `key-busy`, `key-too-slow`.
        """
        assert agency.key is not None  # noqa: S101 - the caller looked
        key = self._open(agency.key, agency.name)
        options = {"as_agency": True, "form": form}
        signed, record = key.do(lambda: self._service.sign_mail(message, key.signer, **options), deadline)
        return Done(signed, {"agency": agency.name, **_written(record.to_dict())})

    def encrypt_message(self, message: bytes, recipients: tuple[str, ...], deadline: float) -> Done:
        """Encrypt a message to its recipients.

        Raises:
            DecisionNeededError: `recipients-without-certificate`.
            TemporaryError: a directory did not answer; `key-too-slow`.
        """
        encrypted, record = self._encrypting.do(lambda: self._service.encrypt_mail(message, recipients), deadline)
        return Done(encrypted, _written(record.to_dict()))

    def close(self) -> None:
        """Let go of the keys."""
        with self._lock:
            keys, self._keys = self._keys, {}
        for key in keys.values():
            if isinstance(key, _Key):
                key.close()
        self._encrypting.close()

    def _open(self, uri: str, name: str) -> _Key:
        with self._lock:
            found = self._keys.get(uri)
            if found is None:
                try:
                    opened = self._service.open_signer(uri, pin=self._pin(uri), timeout_seconds=self._patience)
                    found = _Key(name, opened)
                except Exception as error:
                    # A PIN that was wrong once would lock the token if every message tried it again.
                    if getattr(error, "code", "").startswith("pin-"):
                        self._keys[uri] = error
                    raise
                self._keys[uri] = found
        if isinstance(found, Exception):
            raise found
        return found

    def _pin(self, uri: str) -> str | None:
        from gsign.token.pin import read_pin_file

        chosen = os.environ.get("GSIGN_PIN_FILE") or self._service.configuration.token.pin_file
        if "pin-source=" in uri or "pin-value=" in uri or not chosen:
            return None
        return read_pin_file(os.fspath(chosen))


def _written(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is written down of a record: without the names of files, of which there are none."""
    return {name: value for name, value in record.items() if name not in ("file", "output")}
