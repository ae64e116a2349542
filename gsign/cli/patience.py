"""A signer that waits when its token is pulled out, so that a batch goes on where it stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Self

from gsign.errors import TokenError
from gsign.signer import Algorithm, Digest, Scheme, Signer

__all__ = ["PatientSigner"]

_LOOK_AGAIN_SECONDS = 0.5
_GONE = "token-removed"


class PatientSigner:
    """Pass everything to a signer, and ask again where it says that the token may come back.

    A signature that failed was never made, so asking again neither loses nor doubles a file. Nothing is asked again
    where another error is at hand: a PIN is tried once, and a driver that crashed is not started over and over.

    Args:
        signer: the one that signs.
        wait_seconds: how long to wait for the token before its error is passed on.
        on_wait: called when waiting begins.
        on_return: called when the token is back.
    """

    def __init__(
        self, signer: Signer, *, wait_seconds: float, on_wait: Callable[[], None], on_return: Callable[[], None]
    ) -> None:
        self._signer = signer
        self._wait_seconds = wait_seconds
        self._on_wait = on_wait
        self._on_return = on_return
        self._lock = threading.Lock()
        self._is_gone = False
        self._closed = threading.Event()
        self.certificate = signer.certificate
        self.chain = signer.chain
        self.is_token = signer.is_token
        self.uri = signer.uri

    def algorithm(self, scheme: Scheme | None = None, digest: Digest | None = None) -> Algorithm:
        """Choose what the key can do."""
        return self._signer.algorithm(scheme, digest)

    def sign(self, message: bytes, algorithm: Algorithm) -> bytes:
        """Sign, waiting for the token where it is gone.

        Raises:
            TokenError: it did not come back in time, or something else is wrong.
        """
        try:
            return self._signer.sign(message, algorithm)
        except TokenError as error:
            if error.code != _GONE:
                raise
            return self._sign_later(message, algorithm, error)

    def _sign_later(self, message: bytes, algorithm: Algorithm, error: TokenError) -> bytes:
        deadline = time.monotonic() + self._wait_seconds
        self._announce(is_gone=True)
        while time.monotonic() < deadline and not self._closed.wait(_LOOK_AGAIN_SECONDS):
            try:
                signature = self._signer.sign(message, algorithm)
            except TokenError as again:
                if again.code != _GONE:
                    raise
                error = again
            else:
                self._announce(is_gone=False)
                return signature
        raise error

    def _announce(self, *, is_gone: bool) -> None:
        # Several threads find the token gone; it is said once.
        with self._lock:
            if self._is_gone != is_gone:
                self._is_gone = is_gone
                (self._on_wait if is_gone else self._on_return)()

    def close(self) -> None:
        """Close the signer and stop waiting."""
        self._closed.set()
        self._signer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
