"""What python-pkcs11 (0.10) cannot do, called through the module's own function table.

* A login for one signature at a PIN pad: C_Login(CKU_CONTEXT_SPECIFIC) without a PIN, which has to stand between
  C_SignInit and C_Sign, so that all three are called here.
* A signature by a mechanism that is missing from its list, such as CKM_ECDSA_SHA3_256.
* A signature by a key that does not show CKA_SIGN: python-pkcs11 gives such an object no method to sign.
* A new token: C_InitToken and C_InitPIN, for the software tokens of the demonstration and the tests.

The module is the one that python-pkcs11 loaded and initialised; sessions and objects are its. p11-kit's proxy is
another module each time its table is asked for: there these calls fail (CKR_CRYPTOKI_NOT_INITIALIZED), and the driver
itself has to be named.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_ubyte, c_ulong, c_void_p
from typing import Any, Final

from gsign.token import constants as ck
from gsign.token.results import CryptokiError

__all__ = ["Supplement"]

_SIGNATURE_ROOM: Final = 1024  # RSA 8192


class _Mechanism(ctypes.Structure):
    _fields_ = (("mechanism", c_ulong), ("parameter", c_void_p), ("length", c_ulong))


class _FunctionList(ctypes.Structure):
    _fields_ = (("version", c_ubyte * 2), ("functions", c_void_p * 68))


# Place in CK_FUNCTION_LIST and argument types; the return value is always CK_RV.
_PROTOTYPES: Final[dict[str, tuple[int, tuple[Any, ...]]]] = {
    "C_InitToken": (9, (c_ulong, c_void_p, c_ulong, c_void_p)),
    "C_InitPIN": (10, (c_ulong, c_void_p, c_ulong)),
    "C_Login": (18, (c_ulong, c_ulong, c_void_p, c_ulong)),
    "C_SignInit": (42, (c_ulong, POINTER(_Mechanism), c_ulong)),
    "C_Sign": (43, (c_ulong, c_void_p, c_ulong, c_void_p, POINTER(c_ulong))),
}


class Supplement:
    """A module's function table.

    Args:
        path: of a module that python-pkcs11 has initialised in this process.
    """

    def __init__(self, path: str) -> None:
        get_list = ctypes.CDLL(path).C_GetFunctionList
        get_list.argtypes, get_list.restype = (POINTER(POINTER(_FunctionList)),), c_ulong
        self._list = POINTER(_FunctionList)()
        if rv := get_list(byref(self._list)):
            raise CryptokiError("C_GetFunctionList", rv)

    def _call(self, name: str, *arguments: Any) -> None:
        place, types = _PROTOTYPES[name]
        address = self._list.contents.functions[place]
        rv = ctypes.CFUNCTYPE(c_ulong, *types)(address)(*arguments) if address else ck.CKR_FUNCTION_NOT_SUPPORTED
        if rv != ck.CKR_OK:
            raise CryptokiError(name, rv)

    def sign(
        self, session: int, key: int, mechanism: int, parameter: bytes, data: bytes, context: str | bool | None
    ) -> bytes:
        """Sign; `context` is the PIN of a key that asks for it each time, True for a PIN pad, None otherwise."""
        kept = ctypes.create_string_buffer(parameter, len(parameter)) if parameter else None
        address = ctypes.addressof(kept) if kept is not None else None
        self._call("C_SignInit", session, byref(_Mechanism(mechanism, address, len(parameter))), key)
        if context is not None:
            pin = context.encode() if isinstance(context, str) else None
            self._call("C_Login", session, ck.CKU_CONTEXT_SPECIFIC, pin, len(pin or b""))
        room, length = (c_ubyte * _SIGNATURE_ROOM)(), c_ulong(_SIGNATURE_ROOM)
        self._call("C_Sign", session, data, len(data), room, byref(length))
        return bytes(room[: length.value])

    def initialise_token(self, slot: int, so_pin: str, label: str) -> None:
        """Make a new token in a slot, with the security officer's PIN."""
        officer = so_pin.encode()
        self._call("C_InitToken", slot, officer, len(officer), label.encode().ljust(32))

    def initialise_pin(self, session: int, pin: str) -> None:
        """Set the user's PIN in a session of the security officer."""
        octets = pin.encode()
        self._call("C_InitPIN", session, octets, len(octets))
