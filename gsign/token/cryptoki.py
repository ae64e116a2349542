"""A PKCS#11 module, by way of python-pkcs11 (PKCS#11 v2.40 clause 5).

Imported by the driver's own process only. python-pkcs11 calls C_Initialize without arguments, so one thread is all that
may call. Attributes are kept as the octets that the token gave: labels on real tokens are not all UTF-8.
"""

from __future__ import annotations

import contextlib
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gsign.token import constants as ck
from gsign.token.binding import AttributeMapper, pkcs11
from gsign.token.results import CryptokiError, calling, result_of

if TYPE_CHECKING:
    from gsign.token.supplement import Supplement

__all__ = ["ContextPin", "Module", "ModuleError", "OctetMapper", "failed_step"]

# What python-pkcs11 itself reads of an object, to know its class and what it can do.
_READ_BY_BINDING: Final = frozenset(
    getattr(pkcs11.Attribute, name)
    for name in ("ENCRYPT", "DECRYPT", "SIGN", "VERIFY", "WRAP", "UNWRAP", "DERIVE", "ENCAPSULATE", "DECAPSULATE")
    if hasattr(pkcs11.Attribute, name)
)

_MECHANISMS: Final = {int(mechanism): mechanism for mechanism in pkcs11.Mechanism}
_NOT_LOADED: Final = "exception while loading"

# What is said of the key and the mechanism. C_Sign may say so too; then as well another mechanism may do.
_OF_THE_KEY: Final = frozenset(
    {
        ck.CKR_ARGUMENTS_BAD,
        ck.CKR_FUNCTION_NOT_SUPPORTED,
        ck.CKR_KEY_FUNCTION_NOT_PERMITTED,
        ck.CKR_KEY_HANDLE_INVALID,
        ck.CKR_KEY_SIZE_RANGE,
        ck.CKR_KEY_TYPE_INCONSISTENT,
        ck.CKR_MECHANISM_INVALID,
        ck.CKR_MECHANISM_PARAM_INVALID,
    }
)
# What is taken for the login's answer once the PIN went out, so that the PIN is not sent with another mechanism.
_OF_THE_PIN: Final = frozenset(
    {
        ck.CKR_ARGUMENTS_BAD,
        ck.CKR_FUNCTION_CANCELED,
        ck.CKR_FUNCTION_NOT_SUPPORTED,
        ck.CKR_PIN_EXPIRED,
        ck.CKR_PIN_INCORRECT,
        ck.CKR_PIN_INVALID,
        ck.CKR_PIN_LEN_RANGE,
        ck.CKR_PIN_LOCKED,
    }
)


class ModuleError(Exception):
    """The file cannot be loaded, or is no PKCS#11 module."""


class OctetMapper(AttributeMapper):
    """Pass attributes through as octets, but for what python-pkcs11 needs to read itself."""

    def pack_attribute(self, key: Any, value: Any) -> bytes:
        """Return octets as they are."""
        return value if isinstance(value, bytes) else bytes(super().pack_attribute(key, value))

    def unpack_attributes(self, key: Any, value: bytes) -> Any:
        """Return octets, or what an object can do as a truth value, of whatever size the token gives it."""
        if key in _READ_BY_BINDING:
            return any(value)
        return super().unpack_attributes(key, value) if key == pkcs11.Attribute.CLASS else value


class ContextPin(str):
    """The PIN that a key asks for at each signature; knows whether python-pkcs11 came to send it."""

    __slots__ = ("was_sent",)

    def __init__(self, _value: str) -> None:
        self.was_sent = False

    def encode(self, *arguments: str) -> bytes:
        """Return the octets, as python-pkcs11 asks for them when it sends the PIN."""
        self.was_sent = True
        return super().encode(*arguments)


class _Opened(NamedTuple):
    """A token's one session, with the objects that were found in it by their handles."""

    session: Any
    is_logged_in: bool
    objects: dict[int, Any]


class Module:
    """One loaded and initialised module with one session for each token. For one thread.

    Raises:
        ModuleError: the file cannot be loaded or exports no C_GetFunctionList.
        CryptokiError: the module refuses to start.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._opened: dict[int, _Opened] = {}
        self._slots: dict[int, Any] = {}
        self._library = _load(path)

    @cached_property
    def supplement(self) -> Supplement:
        """The calls that python-pkcs11 does not make."""
        from gsign.token.supplement import Supplement

        return Supplement(self._path)

    def finalize(self) -> None:
        """Let the module go."""
        with calling("C_Finalize"):
            self._library.finalize()

    def info(self) -> dict[str, str]:
        """Describe the module."""
        return {
            "library_manufacturer": self._library.manufacturer_id,
            "library_description": self._library.library_description,
            "library_version": "{}.{}".format(*self._library.library_version),
        }

    def slots(self) -> list[int]:
        """List the slots that hold a token."""
        with calling("C_GetSlotList"):
            self._slots = {slot.slot_id: slot for slot in self._library.get_slots(token_present=True)}
        return list(self._slots)

    def token(self, slot: int) -> dict[str, str | int]:
        """Describe the token in a slot, with its flags of this moment."""
        place, token = self._slot(slot), self._token(slot)
        return {
            "slot": slot,
            "slot_description": _text(place.slot_description),
            "slot_manufacturer": _text(place.manufacturer_id),
            "label": _text(token.label),
            "manufacturer": _text(token.manufacturer_id),
            "model": _text(token.model),
            "serial": _text(token.serial.decode("utf-8", "replace")),
            "flags": int(token.flags),
        }

    def mechanisms(self, slot: int) -> list[int]:
        """List the mechanisms of the token in a slot."""
        with calling("C_GetMechanismList"):
            return [int(mechanism) for mechanism in self._slot(slot).get_mechanisms()]

    def login(self, slot: int, pin: str | None) -> None:
        """Log in; None lets the PIN pad ask."""
        before = self._open(slot)
        if before.is_logged_in:
            return
        asked = pkcs11.types.PROTECTED_AUTH if pin is None else pin
        token = self._token(slot)
        try:
            with calling("C_Login"):
                session = token.open(user_pin=asked, attribute_mapper=OctetMapper())
        except CryptokiError as error:
            if error.rv != ck.CKR_USER_ALREADY_LOGGED_IN:
                raise
            self._opened[slot] = before._replace(is_logged_in=True)
            return
        # Sessions share the login. The first closes without one of its own, or it would log out this one too.
        self._opened[slot] = _Opened(session, is_logged_in=True, objects={})
        with contextlib.suppress(pkcs11.PKCS11Error):
            before.session.close()

    def find(self, slot: int, kind: int) -> list[int]:
        """List the handles of all objects of a class."""
        opened = self._open(slot)
        with calling("C_FindObjects"):
            # A search that is not read to its end blocks the session.
            found = list(opened.session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass(kind)}))
        opened.objects.update({item.handle: item for item in found})
        return [item.handle for item in found]

    def attributes(self, slot: int, handle: int, kinds: tuple[int, ...]) -> dict[int, bytes]:
        """Read those of a found object's attributes that it has and shows."""
        item = self._open(slot).objects[handle]
        try:
            values = item.get_attributes(kinds)
        except pkcs11.PKCS11Error:
            # Some modules fail the whole request for one attribute that they do not know.
            values = {kind: value for kind in kinds if (value := _attribute(item, kind)) is not None}
        return {int(kind): value if isinstance(value, bytes) else bytes([value]) for kind, value in values.items()}

    def sign(
        self, slot: int, handle: int, mechanism: int, parameter: bytes, data: bytes, context: str | bool | None
    ) -> bytes:
        """Sign with a key that was found.

        Args:
            slot: where the token is.
            handle: of the key.
            mechanism: CKM number.
            parameter: the mechanism's, as the module wants it.
            data: what the mechanism takes.
            context: the PIN of a key that asks for it at each signature, True to have the PIN pad ask, None otherwise.
        """
        opened = self._open(slot)
        key = opened.objects[handle]
        wanted = _MECHANISMS.get(mechanism)
        if context is True or wanted is None or not hasattr(key, "sign"):
            session = opened.session.handle
            return self.supplement.sign(session, handle, mechanism, parameter, data, context)
        pin = ContextPin(context) if context else None
        try:
            return bytes(key.sign(data, mechanism=wanted, mechanism_param=parameter or None, pin=pin))
        except pkcs11.PKCS11Error as error:
            rv = result_of(error)
            raise CryptokiError(failed_step(rv, pin, "C_Sign"), rv) from None

    def key(self, slot: int, handle: int) -> tuple[Any, Any]:
        """Return python-pkcs11's session and its object of a key that was found."""
        opened = self._open(slot)
        return opened.session, opened.objects[handle]

    def _slot(self, slot: int) -> Any:
        if slot not in self._slots:
            raise CryptokiError("C_GetSlotInfo", ck.CKR_SLOT_ID_INVALID)
        return self._slots[slot]

    def _token(self, slot: int) -> Any:
        with calling("C_GetTokenInfo"):
            return self._slot(slot).get_token()

    def _open(self, slot: int) -> _Opened:
        opened = self._opened.get(slot)
        if opened is None:
            token = self._token(slot)
            with calling("C_OpenSession"):
                session = token.open(attribute_mapper=OctetMapper())
            opened = self._opened[slot] = _Opened(session, is_logged_in=False, objects={})
        return opened


def _load(path: str) -> Any:
    try:
        return pkcs11.lib(path)
    except pkcs11.PKCS11Error as error:
        # Only the words tell a file that is no module from a module that does not start.
        if _NOT_LOADED in str(error):
            raise ModuleError(str(error)) from None
        raise CryptokiError("C_Initialize", result_of(error)) from None


def _text(value: str) -> str:
    # Fields are padded with blanks, by some with a zero and whatever stood there before.
    return value.split("\0", 1)[0].rstrip()


def _attribute(item: Any, kind: int) -> Any:
    try:
        return item[kind]
    except pkcs11.PKCS11Error:
        return None


def failed_step(rv: int, pin: ContextPin | None, function: str) -> str:
    """Name the function that an operation failed in: python-pkcs11 makes three calls of it and does not say.

    Args:
        rv: what it said.
        pin: sent between the two others.
        function: the last of them, such as C_Sign.
    """
    if pin is not None and pin.was_sent:
        return "C_Login" if rv in _OF_THE_PIN else function
    return f"{function}Init" if rv in _OF_THE_KEY else function
