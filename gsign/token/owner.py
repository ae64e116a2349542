"""The process that a driver lives in: reads requests from its standard input's socket, calls, replies.

Single-threaded, one module, nothing imported but python-pkcs11. Whatever a driver does, the caller is not hurt.
It ends when the caller's end of the socket closes. It makes no core file and cannot be attached to (`PR_SET_DUMPABLE`)
before it is ever told a PIN, and what drivers print goes nowhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from collections.abc import Callable
from typing import Any, Final

from gsign.token import constants as ck
from gsign.token.cryptoki import Module, ModuleError
from gsign.token.results import CryptokiError
from gsign.token.wire import HEADER, MAX_FRAME, decode, frame

__all__ = ["main"]

_PR_SET_DUMPABLE: Final = 4
_GOODBYE_SECONDS: Final = 5
_CHANNEL: Final = 0
_AT_ONCE: Final = 1 << 16

_SHOWN: Final = {
    ck.CKO_CERTIFICATE: (ck.CKA_ID, ck.CKA_LABEL, ck.CKA_VALUE),
    ck.CKO_PUBLIC_KEY: (ck.CKA_ID, ck.CKA_LABEL, ck.CKA_KEY_TYPE, ck.CKA_MODULUS, ck.CKA_EC_POINT),
    ck.CKO_PRIVATE_KEY: (
        ck.CKA_ID,
        ck.CKA_LABEL,
        ck.CKA_KEY_TYPE,
        ck.CKA_SIGN,
        ck.CKA_MODULUS,
        ck.CKA_EC_POINT,
        ck.CKA_ALWAYS_AUTHENTICATE,
    ),
}


class RefusedError(Exception):
    """A request that was not passed to the token, with the code that says why and the token's name."""

    def __init__(self, code: str, token: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.token = token


class Owner:
    """The module, and what is asked of it."""

    def __init__(self) -> None:
        self._module: Module | None = None
        self._certificates: dict[tuple[int, int], dict[int, bytes]] = {}

    @property
    def module(self) -> Module:
        """The module, once opened."""
        if self._module is None:
            raise RefusedError("module-unloadable")
        return self._module

    def open(self, path: str) -> object:
        """Load and initialise the module."""
        self._module = Module(path)
        return self._module.info()

    def tokens(self) -> object:
        """Describe every initialised token; empty slots and unreadable tokens are passed over."""
        found = []
        for slot in self.module.slots():
            try:
                token = self.module.token(slot)
                if token["flags"] & ck.CKF_TOKEN_INITIALIZED:  # type: ignore[operator]
                    found.append({**token, "mechanisms": self.module.mechanisms(slot)})
            except CryptokiError as error:
                if error.rv not in (ck.CKR_TOKEN_NOT_PRESENT, ck.CKR_TOKEN_NOT_RECOGNIZED, ck.CKR_SLOT_ID_INVALID):
                    raise
        return found

    def objects(self, slot: int) -> object:
        """Read certificates and keys: the public ones, and after login the private ones too."""
        return [
            [kind, handle, self._attributes(slot, kind, handle)]
            for kind in _SHOWN
            for handle in self.module.find(slot, kind)
        ]

    def _attributes(self, slot: int, kind: int, handle: int) -> dict[int, bytes]:
        if kind != ck.CKO_CERTIFICATE:
            return self.module.attributes(slot, handle, _SHOWN[kind])
        # A card takes long to hand out a certificate, and it is asked for before and after the login.
        if (slot, handle) not in self._certificates:
            self._certificates[slot, handle] = self.module.attributes(slot, handle, _SHOWN[kind])
        return self._certificates[slot, handle]

    def login(self, slot: int, serial: str, pin: str | None, last_try: bool) -> object:
        """Log in once, unless the flags of this moment speak against it. None lets the PIN pad ask."""
        token = self.module.token(slot)
        if token["serial"] != serial:
            raise RefusedError("token-removed", str(token["label"]))
        flags = int(token["flags"])
        if flags & ck.CKF_USER_PIN_LOCKED:
            raise RefusedError("pin-locked", str(token["label"]))
        if flags & ck.CKF_USER_PIN_FINAL_TRY and not last_try:
            raise RefusedError("pin-final-try", str(token["label"]))
        self.module.login(slot, pin)
        return None

    def sign(
        self, slot: int, key: int, mechanism: int, parameter: bytes, data: bytes, context: str | bool | None
    ) -> object:
        """Sign, as `Module.sign` says."""
        return self.module.sign(slot, key, mechanism, parameter, data, context)

    def decrypt(
        self, slot: int, key: int, mechanism: int, parameter: list[Any], data: bytes, context: str | bool | None
    ) -> object:
        """Decrypt, as `gsign.token.decryption.decrypt` says."""
        from gsign.token.decryption import decrypt

        return decrypt(self.module, slot, key, mechanism, parameter, data, context)

    def derive(self, slot: int, key: int, point: bytes) -> object:
        """Agree on a secret, as `gsign.token.decryption.derive` says."""
        from gsign.token.decryption import derive

        return derive(self.module, slot, key, point)


def _answer(requests: dict[str, Callable[..., object]], request: Any) -> object:
    name, *arguments = request
    try:
        return ["ok", requests[name](*arguments)]
    except CryptokiError as error:
        return ["cryptoki", error.function, error.rv]
    except ModuleError as error:
        return ["module", str(error)]
    except RefusedError as refusal:
        return ["refused", refusal.code, refusal.token]


def _read() -> bytes:
    """Read one frame, nearly always in one go: a caller waits for the answer before it asks again.

    Raises:
        EOFError: the caller went away, or sent what is no frame.
    """
    data = bytearray()
    while len(data) < HEADER.size or len(data) < HEADER.size + HEADER.unpack_from(data)[0]:
        piece = os.read(_CHANNEL, _AT_ONCE)
        if not piece or len(data) > MAX_FRAME:
            raise EOFError
        data += piece
    return bytes(data[HEADER.size :])


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(_CHANNEL, view) :]


def _shut_in() -> None:
    # The terminal's Ctrl-C goes to the caller; what it interrupts is the caller's decision.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def main() -> None:
    """Serve until the caller goes away."""
    _shut_in()
    owner = Owner()
    requests: dict[str, Callable[..., object]] = {
        "open": owner.open,
        "tokens": owner.tokens,
        "objects": owner.objects,
        "login": owner.login,
        "sign": owner.sign,
        "decrypt": owner.decrypt,
        "derive": owner.derive,
    }
    try:
        while True:
            _write(frame(_answer(requests, decode(_read()))))
    except (EOFError, ConnectionError):
        pass
    finally:
        # A driver that hangs while it says goodbye must not outlive its caller.
        signal.alarm(_GOODBYE_SECONDS)
        with contextlib.suppress(RefusedError, CryptokiError):
            owner.module.finalize()
        os._exit(0)
