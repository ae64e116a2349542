"""The PIN of one token: the rules that keep it from being locked.

The token's flags are read first; one PIN is sent once; a refused PIN is never sent again by this process or its copies;
only a PIN that was proven right logs in further processes, or again after the token was put back.
"""

from __future__ import annotations

import hmac
import threading
from typing import TYPE_CHECKING, Final

from gsign.errors import TokenError
from gsign.token import constants as ck
from gsign.token.faults import FunctionError, to_error
from gsign.token.pin import Pin, PinInput, ask
from gsign.token.refusals import Refusals
from gsign.token.uri import TokenUri

if TYPE_CHECKING:
    from gsign.token.discovery import TokenInfo
    from gsign.token.worker import Worker

__all__ = ["Login"]

_LOGIN_SECONDS: Final = 60.0
_PIN_PAD_SECONDS: Final = 180.0  # a person types
_REFUSED: Final = (
    ck.CKR_PIN_INCORRECT,
    ck.CKR_PIN_INVALID,
    ck.CKR_PIN_LEN_RANGE,
    ck.CKR_PIN_LOCKED,
    ck.CKR_PIN_EXPIRED,
)


class Login:
    """What is known of one token's PIN, for all workers and signers of its module."""

    def __init__(self, token: TokenInfo) -> None:
        self._token = token.name
        self._lock = threading.Lock()
        self._proven: Pin | None = None
        self._by_pad = False
        self._refused = Refusals(token.identity)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.Lock()

    def first(self, worker: Worker, token: TokenInfo, pin: PinInput, uri: TokenUri, *, last_try: bool) -> None:
        """Log a worker in with the PIN of this caller.

        Raises:
            TokenError: `pin-locked`, `pin-final-try`, `pin-needed`, `pin-cancelled`, `pin-incorrect`, or what else the
                token said.
        """
        if not token.login_required:
            return
        with self._lock:
            if self._is_proven(pin):
                self._send_proven(worker, token, last_try)
                return
            self._refuse_by_flags(token, last_try)
            if self._asks_on_pad(token, pin, uri):
                self._send(worker, token, None, last_try)
                self._by_pad = True
                return
            given = ask(pin, self._token, uri.query.get("pin-source"), uri.query.get("pin-value"))
            if given is None:
                raise TokenError("pin-needed", token=self._token)
            if self._proven is not None:
                # The token has another PIN that was proven right: it need not be asked.
                raise TokenError("pin-incorrect", token=self._token)
            self._send(worker, token, given, last_try)
            self._proven = given

    def again(self, worker: Worker, token: TokenInfo) -> None:
        """Log a worker in with the PIN that was proven right before; ask nobody.

        Raises:
            TokenError: as `first`; `pin-incorrect` where no proven PIN is left.
        """
        if not token.login_required:
            return
        with self._lock:
            if self._proven is None and not self._by_pad:
                raise TokenError("pin-incorrect", token=self._token)
            self._send_proven(worker, token, last_try=False)

    def context(self) -> str | bool:
        """Return what a key that asks for the PIN at every signature is told: the PIN, or True for the PIN pad.

        Raises:
            TokenError: `pin-incorrect` where no proven PIN is left.
        """
        proven = self._proven
        if proven is None and not self._by_pad:
            raise TokenError("pin-incorrect", token=self._token)
        return proven.reveal() if proven is not None else True

    def heed(self, error: FunctionError) -> None:
        """Send this PIN no more where the token refused it while it signed."""
        if error.function == "C_Login" and error.rv in _REFUSED:
            with self._lock:
                self._forget(self._proven)

    def _is_proven(self, pin: PinInput) -> bool:
        if self._proven is None:
            return self._by_pad
        # Whoever types or stores the PIN is spared; one that is given has to be the right one.
        return not isinstance(pin, str) or hmac.compare_digest(Pin(pin).mark(), self._proven.mark())

    def _asks_on_pad(self, token: TokenInfo, pin: PinInput, uri: TokenUri) -> bool:
        # A driver may show this flag and still take a PIN: one that is at hand is used.
        return token.pin_pad and not isinstance(pin, str) and not uri.query.keys() & {"pin-source", "pin-value"}

    def _refuse_by_flags(self, token: TokenInfo, last_try: bool) -> None:
        if token.pin == "locked":
            raise TokenError("pin-locked", token=self._token)
        if token.pin == "final-try" and not last_try:
            raise TokenError("pin-final-try", token=self._token)

    def _send_proven(self, worker: Worker, token: TokenInfo, last_try: bool) -> None:
        if token.identity not in worker.logged_in:
            self._send(worker, token, self._proven, last_try)

    def _send(self, worker: Worker, token: TokenInfo, pin: Pin | None, last_try: bool) -> None:
        if pin is None:
            self._ask_token(worker, token, None, last_try)
            return
        with self._refused.turn():
            if pin in self._refused:
                self._forget(pin)
                raise TokenError("pin-incorrect", token=self._token)
            self._ask_token(worker, token, pin, last_try)

    def _ask_token(
        self, worker: Worker, token: TokenInfo, pin: Pin | None, last_try: bool, *, again: bool = False
    ) -> None:
        seconds = _PIN_PAD_SECONDS if pin is None else _LOGIN_SECONDS
        value = pin.reveal() if pin is not None else None
        try:
            worker.request("login", token.slot, token.serial, value, last_try, seconds=seconds)
        except FunctionError as fault:
            if fault.rv in _REFUSED:
                self._forget(pin)
            # The session that a login failed in stays open in the driver, and ends with its process.
            worker.discard()
            if fault.rv == ck.CKR_USER_PIN_NOT_INITIALIZED and not again:
                # No PIN was compared. SoftHSM says so as well while another process writes the token down.
                found = worker.find(token.identity)
                if found is not None:
                    self._ask_token(worker, found, pin, last_try, again=True)
                    return
            raise to_error(fault, self._token) from None
        worker.logged_in.add(token.identity)

    def _forget(self, pin: Pin | None) -> None:
        self._proven = None
        self._by_pad = False
        if pin is not None:
            self._refused.add(pin)
