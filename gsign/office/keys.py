"""The agencies' keys: opened once, used by a bounded number of messages at a time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from gsign.errors import TemporaryError
from gsign.mail.agencies import Agency
from gsign.mail.outcome import Done

if TYPE_CHECKING:
    from gsign.service import Service
    from gsign.signer import Signer

__all__ = ["AgencyKeys"]

_WAITING: Final = 64
"""Messages that may wait for one key; more are put off at once rather than kept in memory."""


class _Key:
    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.room = threading.BoundedSemaphore(_WAITING)


class AgencyKeys:
    """Sign and encrypt messages for agencies. Safe to share between threads.

    A key is opened by its first use, and stays open: its PIN is given once, and a wrong one is not tried again.

    Args:
        service: opens keys, signs and encrypts.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._keys: dict[str, _Key | Exception] = {}
        self._lock = threading.Lock()

    def open_all(self, agencies: tuple[Agency, ...]) -> None:
        """Open every agency's key now, so that what is off shows at the start.

        Raises:
            TokenError: no token, no key or several, or the PIN is wrong.
        """
        for agency in agencies:
            if agency.key is not None:
                self._open(agency.key)

    def sign_message(self, message: bytes, agency: Agency, deadline: float) -> Done:
        """Sign a message in the name of an agency.

        Raises:
            TokenError: the token, key or PIN is at fault.
            InputError: the message cannot be signed: readers would take it differently.
            UsageError: its sender is not of the agency that the certificate names, or the agency has signed it before.
            TemporaryError: `key-busy`.
        """
        assert agency.key is not None  # noqa: S101 - the caller looked
        key = self._open(agency.key)
        with self._turn(key, agency, deadline):
            signed, record = self._service.sign_mail(message, key.signer, as_agency=True)
        return Done(signed, {"agency": agency.name, **_written(record.to_dict())})

    def encrypt_message(self, message: bytes, recipients: tuple[str, ...], deadline: float) -> Done:
        """Encrypt a message to its recipients.

        Raises:
            DecisionNeededError: `recipients-without-certificate`.
            TemporaryError: a directory did not answer.
        """
        encrypted, record = self._service.encrypt_mail(message, recipients)
        return Done(encrypted, _written(record.to_dict()))

    def close(self) -> None:
        """Let go of the keys."""
        with self._lock:
            keys, self._keys = self._keys, {}
        for key in keys.values():
            if isinstance(key, _Key):
                key.signer.close()

    def _open(self, uri: str) -> _Key:
        with self._lock:
            found = self._keys.get(uri)
            if found is None:
                try:
                    found = _Key(self._service.open_signer(uri, pin=self._pin(uri)))
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

    @contextmanager
    def _turn(self, key: _Key, agency: Agency, deadline: float) -> Iterator[None]:
        if time.monotonic() >= deadline or not key.room.acquire(blocking=False):
            raise TemporaryError("key-busy", agency=agency.name)
        try:
            yield
        finally:
            key.room.release()


def _written(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is written down of a record: without the names of files, of which there are none."""
    return {name: value for name, value in record.items() if name not in ("file", "output")}
