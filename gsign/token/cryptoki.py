"""A PKCS#11 module, called through its own function table (PKCS#11 v2.40 clause 4 and 5).

Imported by the driver's own process only, and needing nothing but `ctypes`, so that this process starts in a few
milliseconds. What a general binding hides matters here: the order SignInit, context-specific login, Sign; a login
without a PIN on a PIN pad, also for the context; the search that is always finished; the exact return value.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char, c_ubyte, c_ulong, c_void_p
from typing import Any

from gsign.token import constants as ck

__all__ = ["CryptokiError", "Module", "ModuleError"]

_UNAVAILABLE = c_ulong(-1).value
_SIGNATURE_ROOM = 1024  # RSA 8192
_FIND_AT_ONCE = 64


class CryptokiError(Exception):
    """A function of the module returned something else than CKR_OK."""

    def __init__(self, function: str, rv: int) -> None:
        super().__init__(f"{function}: {ck.name_of(rv)}")
        self.function = function
        self.rv = rv


class ModuleError(Exception):
    """The file cannot be loaded, or is no PKCS#11 module."""


class _Version(ctypes.Structure):
    _fields_ = (("major", c_ubyte), ("minor", c_ubyte))


class _Info(ctypes.Structure):
    _fields_ = (
        ("cryptoki", _Version),
        ("manufacturer", c_char * 32),
        ("flags", c_ulong),
        ("description", c_char * 32),
        ("version", _Version),
    )


class _SlotInfo(ctypes.Structure):
    _fields_ = (
        ("description", c_ubyte * 64),
        ("manufacturer", c_ubyte * 32),
        ("flags", c_ulong),
        ("hardware", _Version),
        ("firmware", _Version),
    )


class _TokenInfo(ctypes.Structure):
    _fields_ = (
        ("label", c_ubyte * 32),
        ("manufacturer", c_ubyte * 32),
        ("model", c_ubyte * 16),
        ("serial", c_ubyte * 16),
        ("flags", c_ulong),
        ("counters", c_ulong * 10),
        ("hardware", _Version),
        ("firmware", _Version),
        ("time", c_ubyte * 16),
    )


class _Mechanism(ctypes.Structure):
    _fields_ = (("mechanism", c_ulong), ("parameter", c_void_p), ("length", c_ulong))


class _Attribute(ctypes.Structure):
    _fields_ = (("type", c_ulong), ("value", c_void_p), ("length", c_ulong))


class _InitializeArguments(ctypes.Structure):
    _fields_ = (("callbacks", c_void_p * 4), ("flags", c_ulong), ("reserved", c_void_p))


class _FunctionList(ctypes.Structure):
    _fields_ = (("version", _Version), ("functions", c_void_p * 68))


_ULONGS = POINTER(c_ulong)
# Place in CK_FUNCTION_LIST and argument types; the return value is always CK_RV.
_PROTOTYPES: dict[str, tuple[int, tuple[Any, ...]]] = {
    "C_Initialize": (0, (c_void_p,)),
    "C_Finalize": (1, (c_void_p,)),
    "C_GetInfo": (2, (POINTER(_Info),)),
    "C_GetSlotList": (4, (c_ubyte, _ULONGS, _ULONGS)),
    "C_GetSlotInfo": (5, (c_ulong, POINTER(_SlotInfo))),
    "C_GetTokenInfo": (6, (c_ulong, POINTER(_TokenInfo))),
    "C_GetMechanismList": (7, (c_ulong, _ULONGS, _ULONGS)),
    "C_InitToken": (9, (c_ulong, c_void_p, c_ulong, c_void_p)),
    "C_InitPIN": (10, (c_ulong, c_void_p, c_ulong)),
    "C_OpenSession": (12, (c_ulong, c_ulong, c_void_p, c_void_p, _ULONGS)),
    "C_Login": (18, (c_ulong, c_ulong, c_void_p, c_ulong)),
    "C_Logout": (19, (c_ulong,)),
    "C_CreateObject": (20, (c_ulong, POINTER(_Attribute), c_ulong, _ULONGS)),
    "C_GetAttributeValue": (24, (c_ulong, c_ulong, POINTER(_Attribute), c_ulong)),
    "C_FindObjectsInit": (26, (c_ulong, POINTER(_Attribute), c_ulong)),
    "C_FindObjects": (27, (c_ulong, _ULONGS, c_ulong, _ULONGS)),
    "C_FindObjectsFinal": (28, (c_ulong,)),
    "C_SignInit": (42, (c_ulong, POINTER(_Mechanism), c_ulong)),
    "C_Sign": (43, (c_ulong, c_void_p, c_ulong, c_void_p, _ULONGS)),
}


def _text(field: Any) -> str:
    # Fields are padded with blanks, by some with zeros, and not all hold valid UTF-8.
    return bytes(field).split(b"\0", 1)[0].decode("utf-8", "replace").rstrip()


def _template(attributes: dict[int, bytes]) -> tuple[Any, Any]:
    array = (_Attribute * max(len(attributes), 1))()
    buffers = []
    for entry, (kind, value) in zip(array, attributes.items(), strict=False):
        buffer = ctypes.create_string_buffer(value, max(len(value), 1))
        buffers.append(buffer)
        entry.type, entry.value, entry.length = kind, ctypes.addressof(buffer), len(value)
    return array, buffers


class Module:
    """One loaded and initialised module. For one thread.

    Raises:
        ModuleError: the file cannot be loaded or exports no C_GetFunctionList.
        CryptokiError: the module refuses to start.
    """

    def __init__(self, path: str) -> None:
        try:
            self._library = ctypes.CDLL(path)
            get_list = self._library.C_GetFunctionList
        except (OSError, AttributeError) as error:
            raise ModuleError(str(error)) from None
        pointer = POINTER(_FunctionList)()
        get_list.argtypes, get_list.restype = (POINTER(POINTER(_FunctionList)),), c_ulong
        rv = get_list(byref(pointer))
        if rv != ck.CKR_OK or not pointer:
            raise ModuleError(f"C_GetFunctionList: {ck.name_of(rv)}")
        addresses = pointer.contents.functions
        self._functions = {
            name: ctypes.CFUNCTYPE(c_ulong, *types)(addresses[place])
            for name, (place, types) in _PROTOTYPES.items()
            if addresses[place]
        }
        self._signature = (c_ubyte * _SIGNATURE_ROOM)()
        self._initialize()

    def _initialize(self) -> None:
        arguments = _InitializeArguments(flags=ck.CKF_OS_LOCKING_OK)
        try:
            self._call("C_Initialize", byref(arguments))
        except CryptokiError as error:
            if error.rv not in (ck.CKR_CANT_LOCK, ck.CKR_ARGUMENTS_BAD):
                raise
            self._call("C_Initialize", None)

    def _call(self, name: str, *arguments: Any) -> None:
        function = self._functions.get(name)
        rv = ck.CKR_FUNCTION_NOT_SUPPORTED if function is None else function(*arguments)
        if rv != ck.CKR_OK:
            raise CryptokiError(name, rv)

    def finalize(self) -> None:
        """Let the module go."""
        self._call("C_Finalize", None)

    def info(self) -> dict[str, str]:
        """Describe the module."""
        info = _Info()
        self._call("C_GetInfo", byref(info))
        return {
            "library_manufacturer": info.manufacturer.decode("utf-8", "replace").rstrip(),
            "library_description": info.description.decode("utf-8", "replace").rstrip(),
            "library_version": f"{info.version.major}.{info.version.minor}",
        }

    def slots(self) -> list[int]:
        """List the slots that hold a token."""
        count = c_ulong()
        self._call("C_GetSlotList", 1, None, byref(count))
        while True:
            room = count.value
            array = (c_ulong * max(room, 1))()
            try:
                self._call("C_GetSlotList", 1, array, byref(count))
            except CryptokiError as error:
                # One more was put in between the two calls.
                if error.rv == ck.CKR_BUFFER_TOO_SMALL and count.value > room:
                    continue
                raise
            return list(array[: count.value])

    def token(self, slot: int) -> dict[str, str | int]:
        """Describe the token in a slot, with its flags of this moment."""
        place, token = _SlotInfo(), _TokenInfo()
        self._call("C_GetSlotInfo", slot, byref(place))
        self._call("C_GetTokenInfo", slot, byref(token))
        return {
            "slot": slot,
            "slot_description": _text(place.description),
            "slot_manufacturer": _text(place.manufacturer),
            "label": _text(token.label),
            "manufacturer": _text(token.manufacturer),
            "model": _text(token.model),
            "serial": _text(token.serial),
            "flags": int(token.flags),
        }

    def mechanisms(self, slot: int) -> list[int]:
        """List the mechanisms of the token in a slot."""
        count = c_ulong()
        self._call("C_GetMechanismList", slot, None, byref(count))
        array = (c_ulong * max(count.value, 1))()
        self._call("C_GetMechanismList", slot, array, byref(count))
        return list(array[: count.value])

    def open_session(self, slot: int, *, writable: bool = False) -> int:
        """Open a session and return its handle."""
        handle = c_ulong()
        flags = ck.CKF_SERIAL_SESSION | (ck.CKF_RW_SESSION if writable else 0)
        self._call("C_OpenSession", slot, flags, None, None, byref(handle))
        return handle.value

    def login(self, session: int, pin: bytes | None, *, user: int = ck.CKU_USER) -> None:
        """Log in; None lets the PIN pad ask."""
        if pin is None:
            self._call("C_Login", session, user, None, 0)
            return
        buffer = ctypes.create_string_buffer(pin, max(len(pin), 1))
        try:
            self._call("C_Login", session, user, buffer, len(pin))
        finally:
            ctypes.memset(buffer, 0, len(pin))

    def find(self, session: int, attributes: dict[int, bytes]) -> list[int]:
        """List the handles of all objects that have these attributes."""
        template, kept = _template(attributes)
        self._call("C_FindObjectsInit", session, template, len(kept))
        found: list[int] = []
        batch, count = (c_ulong * _FIND_AT_ONCE)(), c_ulong()
        try:
            while True:
                self._call("C_FindObjects", session, batch, _FIND_AT_ONCE, byref(count))
                found += batch[: count.value]
                if not count.value:
                    return found
        finally:
            self._call("C_FindObjectsFinal", session)

    def attributes(self, session: int, handle: int, kinds: tuple[int, ...]) -> dict[int, bytes]:
        """Read those of an object's attributes that it has and shows."""
        try:
            return self._read(session, handle, kinds)
        except CryptokiError:
            # Some modules fail the whole request for one attribute that they do not know.
            found: dict[int, bytes] = {}
            for kind in kinds:
                try:
                    found.update(self._read(session, handle, (kind,)))
                except CryptokiError:
                    continue
            return found

    def _read(self, session: int, handle: int, kinds: tuple[int, ...]) -> dict[int, bytes]:
        array = (_Attribute * len(kinds))()
        for entry, kind in zip(array, kinds, strict=True):
            entry.type = kind
        self._get(session, handle, array, len(kinds))
        shown = [(entry.type, entry.length) for entry in array if entry.length != _UNAVAILABLE]
        filled, buffers = _template({kind: bytes(length) for kind, length in shown})
        if not shown:
            return {}
        self._get(session, handle, filled, len(shown))
        return {
            entry.type: buffer.raw[: entry.length]
            for entry, buffer in zip(filled, buffers, strict=False)
            if entry.length != _UNAVAILABLE
        }

    def _get(self, session: int, handle: int, array: Any, count: int) -> None:
        try:
            self._call("C_GetAttributeValue", session, handle, array, count)
        except CryptokiError as error:
            if error.rv not in (ck.CKR_ATTRIBUTE_SENSITIVE, ck.CKR_ATTRIBUTE_TYPE_INVALID):
                raise

    def sign_init(self, session: int, key: int, mechanism: int, parameter: bytes) -> None:
        """Start a signature."""
        room = ctypes.create_string_buffer(parameter, len(parameter)) if parameter else None
        address = ctypes.addressof(room) if room is not None else None
        self._call("C_SignInit", session, byref(_Mechanism(mechanism, address, len(parameter))), key)

    def sign(self, session: int, data: bytes) -> bytes:
        """Finish a signature over `data`."""
        length = c_ulong(_SIGNATURE_ROOM)
        self._call("C_Sign", session, data, len(data), self._signature, byref(length))
        return bytes(self._signature[: length.value])

    def initialise(self, slot: int, so_pin: bytes, pin: bytes, label: str) -> int:
        """Make an empty token with a user PIN; return a writable session in which the user is logged in."""
        name = label.encode().ljust(32)
        self._call("C_InitToken", slot, so_pin, len(so_pin), name)
        session = self.open_session(slot, writable=True)
        self.login(session, so_pin, user=ck.CKU_SO)
        self._call("C_InitPIN", session, pin, len(pin))
        self._call("C_Logout", session)
        self.login(session, pin)
        return session

    def create_object(self, session: int, attributes: dict[int, bytes]) -> int:
        """Write an object and return its handle."""
        template, _kept = _template(attributes)
        handle = c_ulong()
        self._call("C_CreateObject", session, template, len(attributes), byref(handle))
        return handle.value
