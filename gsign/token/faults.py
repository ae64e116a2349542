"""What a token's return values mean to a person: the one place where they become `TokenError`."""

from __future__ import annotations

from typing import Final

from gsign.errors import TokenError
from gsign.token import constants as ck

__all__ = ["MAY_HEAL", "OTHER_WAY", "FunctionError", "to_error"]

# Seen when a token was pulled out, a reader was reset or another program logged out: a fresh start tells.
MAY_HEAL: Final = frozenset(
    {
        ck.CKR_SLOT_ID_INVALID,
        ck.CKR_GENERAL_ERROR,
        ck.CKR_FUNCTION_FAILED,
        ck.CKR_DEVICE_ERROR,
        ck.CKR_DEVICE_REMOVED,
        ck.CKR_KEY_HANDLE_INVALID,
        ck.CKR_OBJECT_HANDLE_INVALID,
        ck.CKR_SESSION_CLOSED,
        ck.CKR_SESSION_HANDLE_INVALID,
        ck.CKR_TOKEN_NOT_PRESENT,
        ck.CKR_TOKEN_NOT_RECOGNIZED,
        ck.CKR_USER_NOT_LOGGED_IN,
    }
)

# The mechanism was listed, yet the key or the token does not take it: the next way may do.
OTHER_WAY: Final = frozenset(
    {
        ck.CKR_ARGUMENTS_BAD,
        ck.CKR_FUNCTION_NOT_SUPPORTED,
        ck.CKR_KEY_FUNCTION_NOT_PERMITTED,
        ck.CKR_KEY_TYPE_INCONSISTENT,
        ck.CKR_MECHANISM_INVALID,
        ck.CKR_MECHANISM_PARAM_INVALID,
    }
)

_CODES: Final = {
    ck.CKR_DEVICE_REMOVED: "token-removed",
    ck.CKR_TOKEN_NOT_PRESENT: "token-removed",
    ck.CKR_PIN_INCORRECT: "pin-incorrect",
    ck.CKR_PIN_INVALID: "pin-incorrect",
    ck.CKR_PIN_LEN_RANGE: "pin-incorrect",
    ck.CKR_PIN_EXPIRED: "pin-expired",
    ck.CKR_PIN_LOCKED: "pin-locked",
    ck.CKR_USER_PIN_NOT_INITIALIZED: "pin-not-set",
    ck.CKR_FUNCTION_CANCELED: "pin-cancelled",
}

_TEMPORARY: Final = frozenset({"token-removed", "token-failed"})


class FunctionError(Exception):
    """A function of the driver returned an error; not yet decided what it means."""

    def __init__(self, function: str, rv: int) -> None:
        super().__init__(f"{function}: {ck.name_of(rv)}")
        self.function = function
        self.rv = rv


def to_error(fault: FunctionError, token: str) -> TokenError:
    """Say what a return value means; `token` is the name that a person knows the token by."""
    code = _CODES.get(fault.rv, "token-failed")
    return TokenError(
        code, temporary=code in _TEMPORARY, token=token, function=fault.function, result=ck.name_of(fault.rv)
    )
