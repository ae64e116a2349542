"""A signer that waits when its token is pulled out, so that a batch goes on where it stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from gsign.errors import TokenError
from gsign.signer import KeyHolder

if TYPE_CHECKING:
    from gsign.pkcs11 import TokenSigner
    from gsign.signer import Algorithm, Digest, Scheme

__all__ = ["PatientSigner"]

_LOOK_UP_SECONDS = 0.5
_GONE = "token-removed"


class PatientSigner(KeyHolder):
    """Pass everything to a token's signer, and ask again when the token is back.

    A signature that failed was never made, so asking again neither loses nor doubles a file. Nothing is asked again
    where another error is at hand: a PIN is tried once, and a driver that crashed is not started over and over.

    Args:
        signer: the one that signs.
        wait_seconds: how long to wait for the token before its error is passed on.
        ended: set where nobody waits any more, as after an interrupt.
        on_wait: called when waiting begins.
        on_return: called when the token is back.
    """

    def __init__(
        self,
        signer: TokenSigner,
        *,
        wait_seconds: float,
        ended: threading.Event,
        on_wait: Callable[[], None],
        on_return: Callable[[], None],
    ) -> None:
        self._signer = signer
        self._wait_seconds = wait_seconds
        self._ended = ended
        self._on_wait = on_wait
        self._on_return = on_return
        self._lock = threading.Lock()
        self._is_gone = False
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
        return self.sign_meanwhile(message, algorithm, None)

    def sign_meanwhile(self, message: bytes, algorithm: Algorithm, meanwhile: Callable[[], object] | None) -> bytes:
        """Sign in the same way, and do something else while the token is at it."""
        deadline: float | None = None
        while True:
            try:
                return self._signer.sign_meanwhile(message, algorithm, meanwhile)
            except TokenError as error:
                if not self._tells_that_it_is_gone(error):
                    raise
                deadline = deadline or time.monotonic() + self._wait_seconds
                self._announce(is_gone=True)
                if not self._is_back_before(deadline):
                    raise TokenError(_GONE, temporary=True, token=error.facts.get("token", "")) from error
            self._announce(is_gone=False)

    def _tells_that_it_is_gone(self, error: TokenError) -> bool:
        # A token that goes in the middle of a call makes drivers report all sorts of faults, or crash. Where it is
        # still there, or the driver does not say, the fault is told in its own words.
        return error.code == _GONE or (error.temporary and self._signer.is_gone())

    def _is_back_before(self, deadline: float) -> bool:
        while not self._ended.is_set() and (left := deadline - time.monotonic()) > 0:
            if self._signer.wait_until_present(min(left, _LOOK_UP_SECONDS)):
                return True
        return False

    def _announce(self, *, is_gone: bool) -> None:
        # Several threads find the token gone; it is said once.
        with self._lock:
            if self._is_gone != is_gone:
                self._is_gone = is_gone
                (self._on_wait if is_gone else self._on_return)()

    def close(self) -> None:
        """Close the signer."""
        self._signer.close()
