"""What python-pkcs11 raises, as the return values that it stands for (PKCS#11 v2.40 clause 5.1).

Imported by the driver's own process only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gsign.token import constants as ck
from gsign.token.binding import pkcs11

__all__ = ["CryptokiError", "calling", "result_of"]

_RESULTS: Final[dict[type[Exception], int]] = {
    pkcs11.SlotIDInvalid: ck.CKR_SLOT_ID_INVALID,
    pkcs11.GeneralError: ck.CKR_GENERAL_ERROR,
    pkcs11.FunctionFailed: ck.CKR_FUNCTION_FAILED,
    pkcs11.ArgumentsBad: ck.CKR_ARGUMENTS_BAD,
    pkcs11.AttributeSensitive: ck.CKR_ATTRIBUTE_SENSITIVE,
    pkcs11.AttributeTypeInvalid: ck.CKR_ATTRIBUTE_TYPE_INVALID,
    pkcs11.AttributeValueInvalid: ck.CKR_ATTRIBUTE_VALUE_INVALID,
    pkcs11.DataInvalid: ck.CKR_DATA_INVALID,
    pkcs11.DataLenRange: ck.CKR_DATA_LEN_RANGE,
    pkcs11.DeviceError: ck.CKR_DEVICE_ERROR,
    pkcs11.DeviceMemory: ck.CKR_DEVICE_MEMORY,
    pkcs11.DeviceRemoved: ck.CKR_DEVICE_REMOVED,
    pkcs11.EncryptedDataInvalid: ck.CKR_ENCRYPTED_DATA_INVALID,
    pkcs11.EncryptedDataLenRange: ck.CKR_ENCRYPTED_DATA_LEN_RANGE,
    pkcs11.FunctionCancelled: ck.CKR_FUNCTION_CANCELED,
    pkcs11.FunctionNotSupported: ck.CKR_FUNCTION_NOT_SUPPORTED,
    pkcs11.FunctionRejected: ck.CKR_FUNCTION_REJECTED,
    pkcs11.HostMemory: ck.CKR_HOST_MEMORY,
    pkcs11.KeyHandleInvalid: ck.CKR_KEY_HANDLE_INVALID,
    pkcs11.KeySizeRange: ck.CKR_KEY_SIZE_RANGE,
    pkcs11.KeyTypeInconsistent: ck.CKR_KEY_TYPE_INCONSISTENT,
    pkcs11.MechanismInvalid: ck.CKR_MECHANISM_INVALID,
    pkcs11.MechanismParamInvalid: ck.CKR_MECHANISM_PARAM_INVALID,
    pkcs11.ObjectHandleInvalid: ck.CKR_OBJECT_HANDLE_INVALID,
    pkcs11.OperationActive: ck.CKR_OPERATION_ACTIVE,
    pkcs11.OperationNotInitialized: ck.CKR_OPERATION_NOT_INITIALIZED,
    pkcs11.PinIncorrect: ck.CKR_PIN_INCORRECT,
    pkcs11.PinInvalid: ck.CKR_PIN_INVALID,
    pkcs11.PinLenRange: ck.CKR_PIN_LEN_RANGE,
    pkcs11.PinExpired: ck.CKR_PIN_EXPIRED,
    pkcs11.PinLocked: ck.CKR_PIN_LOCKED,
    pkcs11.SessionClosed: ck.CKR_SESSION_CLOSED,
    pkcs11.SessionCount: ck.CKR_SESSION_COUNT,
    pkcs11.SessionHandleInvalid: ck.CKR_SESSION_HANDLE_INVALID,
    pkcs11.TemplateIncomplete: ck.CKR_TEMPLATE_INCOMPLETE,
    pkcs11.TemplateInconsistent: ck.CKR_TEMPLATE_INCONSISTENT,
    pkcs11.TokenNotPresent: ck.CKR_TOKEN_NOT_PRESENT,
    pkcs11.TokenNotRecognised: ck.CKR_TOKEN_NOT_RECOGNIZED,
    pkcs11.TokenWriteProtected: ck.CKR_TOKEN_WRITE_PROTECTED,
    pkcs11.UserAlreadyLoggedIn: ck.CKR_USER_ALREADY_LOGGED_IN,
    pkcs11.AnotherUserAlreadyLoggedIn: ck.CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
    pkcs11.UserNotLoggedIn: ck.CKR_USER_NOT_LOGGED_IN,
    pkcs11.UserPinNotInitialized: ck.CKR_USER_PIN_NOT_INITIALIZED,
    pkcs11.UserTooManyTypes: ck.CKR_USER_TOO_MANY_TYPES,
}
_UNMAPPED: Final = "Unmapped error code "


class CryptokiError(Exception):
    """A function of the module returned something else than CKR_OK."""

    def __init__(self, function: str, rv: int) -> None:
        super().__init__(f"{function}: {ck.name_of(rv)}")
        self.function = function
        self.rv = rv


@contextmanager
def calling(function: str) -> Iterator[None]:
    """Turn what python-pkcs11 raises into the return value of `function`, as a `CryptokiError`."""
    try:
        yield
    except pkcs11.PKCS11Error as error:
        raise CryptokiError(function, result_of(error)) from None


def result_of(error: pkcs11.PKCS11Error) -> int:
    """Return the return value that an exception stands for; CKR_GENERAL_ERROR where that is not to be known."""
    text = str(error)
    if text.startswith(_UNMAPPED):
        return int(text.removeprefix(_UNMAPPED), 16)
    return _RESULTS.get(type(error), ck.CKR_GENERAL_ERROR)
