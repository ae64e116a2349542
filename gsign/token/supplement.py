"""What python-pkcs11 (0.10) cannot do, called through the module's own function table.

* A login for one signature or decryption at a PIN pad: C_Login(CKU_CONTEXT_SPECIFIC) without a PIN, which has to stand
  between C_SignInit and C_Sign, so that all three are called here.
* A signature by a mechanism that is missing from its list, such as CKM_ECDSA_SHA3_256.
* A signature by a key that does not show CKA_SIGN, and so for decrypting and deriving: python-pkcs11 gives such an
  object no method for it.
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
_CKZ_DATA_SPECIFIED: Final = 1
_CKD_NULL: Final = 1
_CKO_SECRET_KEY: Final = 4
_CKK_GENERIC_SECRET: Final = 0x10
_CKA_VALUE_LEN: Final = 0x161


class _Mechanism(ctypes.Structure):
    _fields_ = (("mechanism", c_ulong), ("parameter", c_void_p), ("length", c_ulong))


class _OaepParameters(ctypes.Structure):
    _fields_ = (("digest", c_ulong), ("mask", c_ulong), ("source", c_ulong), ("label", c_void_p), ("length", c_ulong))


class _EcdhParameters(ctypes.Structure):
    _fields_ = (
        ("derivation", c_ulong),
        ("shared_length", c_ulong),
        ("shared", c_void_p),
        ("point_length", c_ulong),
        ("point", c_void_p),
    )


class _Attribute(ctypes.Structure):
    _fields_ = (("kind", c_ulong), ("value", c_void_p), ("length", c_ulong))


class _FunctionList(ctypes.Structure):
    _fields_ = (("version", c_ubyte * 2), ("functions", c_void_p * 68))


# Place in CK_FUNCTION_LIST and argument types; the return value is always CK_RV.
_PROTOTYPES: Final[dict[str, tuple[int, tuple[Any, ...]]]] = {
    "C_InitToken": (9, (c_ulong, c_void_p, c_ulong, c_void_p)),
    "C_InitPIN": (10, (c_ulong, c_void_p, c_ulong)),
    "C_Login": (18, (c_ulong, c_ulong, c_void_p, c_ulong)),
    "C_DestroyObject": (22, (c_ulong, c_ulong)),
    "C_GetAttributeValue": (24, (c_ulong, c_ulong, POINTER(_Attribute), c_ulong)),
    "C_DecryptInit": (33, (c_ulong, POINTER(_Mechanism), c_ulong)),
    "C_Decrypt": (34, (c_ulong, c_void_p, c_ulong, c_void_p, POINTER(c_ulong))),
    "C_SignInit": (42, (c_ulong, POINTER(_Mechanism), c_ulong)),
    "C_Sign": (43, (c_ulong, c_void_p, c_ulong, c_void_p, POINTER(c_ulong))),
    "C_DeriveKey": (62, (c_ulong, POINTER(_Mechanism), c_ulong, POINTER(_Attribute), c_ulong, POINTER(c_ulong))),
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
        return self._operate("C_Sign", session, key, _mechanism(mechanism, kept, len(parameter)), data, context)

    def decrypt(
        self,
        session: int,
        key: int,
        mechanism: int,
        parameter: tuple[int, int, bytes] | None,
        data: bytes,
        context: str | bool | None,
    ) -> bytes:
        """Decrypt; `parameter` is OAEP's digest, mask function and label, `context` as for `sign`."""
        if parameter is None:
            return self._operate("C_Decrypt", session, key, _mechanism(mechanism, None, 0), data, context)
        digest, mask, label = parameter
        octets = ctypes.create_string_buffer(label, len(label)) if label else None
        kept = _OaepParameters(digest, mask, _CKZ_DATA_SPECIFIED, _address(octets), len(label))
        whole = _mechanism(mechanism, kept, ctypes.sizeof(kept))
        return self._operate("C_Decrypt", session, key, whole, data, context)

    def derive(self, session: int, key: int, point: bytes, size: int) -> bytes:
        """Agree on a secret of `size` bytes by ECDH, and return it (PKCS#11 v2.40 2.3.8); its object is destroyed."""
        octets = ctypes.create_string_buffer(point, len(point))
        parameters = _EcdhParameters(_CKD_NULL, 0, None, len(point), _address(octets))
        numbers = {ck.CKA_CLASS: c_ulong(_CKO_SECRET_KEY), ck.CKA_KEY_TYPE: c_ulong(_CKK_GENERIC_SECRET)}
        numbers[_CKA_VALUE_LEN] = c_ulong(size)
        truths = {ck.CKA_TOKEN: c_ubyte(0), ck.CKA_SENSITIVE: c_ubyte(0), ck.CKA_EXTRACTABLE: c_ubyte(1)}
        values: dict[int, Any] = {**numbers, **truths}
        template = (_Attribute * len(values))(*(
            _Attribute(kind, _address(value), ctypes.sizeof(value)) for kind, value in values.items()
        ))  # fmt: skip
        made = c_ulong()
        whole = _mechanism(ck.CKM_ECDH1_DERIVE, parameters, ctypes.sizeof(parameters))
        self._call("C_DeriveKey", session, byref(whole), key, template, len(values), byref(made))
        try:
            return self._value(session, made.value)
        finally:
            self._call("C_DestroyObject", session, made.value)

    def _value(self, session: int, item: int) -> bytes:
        room = (c_ubyte * _SIGNATURE_ROOM)()
        asked = _Attribute(ck.CKA_VALUE, _address(room), _SIGNATURE_ROOM)
        self._call("C_GetAttributeValue", session, item, byref(asked), 1)
        return bytes(room[: asked.length])

    def _operate(
        self, function: str, session: int, key: int, mechanism: _Mechanism, data: bytes, context: str | bool | None
    ) -> bytes:
        """Begin, log in for this one operation where the key asks for it, and do it."""
        self._call(f"{function}Init", session, byref(mechanism), key)
        if context is not None:
            pin = context.encode() if isinstance(context, str) else None
            self._call("C_Login", session, ck.CKU_CONTEXT_SPECIFIC, pin, len(pin or b""))
        room, length = (c_ubyte * _SIGNATURE_ROOM)(), c_ulong(_SIGNATURE_ROOM)
        self._call(function, session, data, len(data), room, byref(length))
        return bytes(room[: length.value])

    def initialise_token(self, slot: int, so_pin: str, label: str) -> None:
        """Make a new token in a slot, with the security officer's PIN."""
        officer = so_pin.encode()
        self._call("C_InitToken", slot, officer, len(officer), label.encode().ljust(32))

    def initialise_pin(self, session: int, pin: str) -> None:
        """Set the user's PIN in a session of the security officer."""
        octets = pin.encode()
        self._call("C_InitPIN", session, octets, len(octets))


def _address(value: Any) -> int | None:
    return ctypes.addressof(value) if value is not None else None


def _mechanism(number: int, parameter: Any, length: int) -> _Mechanism:
    """Point to a parameter, which the caller keeps alive."""
    return _Mechanism(number, _address(parameter), length)
