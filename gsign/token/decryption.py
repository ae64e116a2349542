"""Decrypting and agreeing by way of python-pkcs11, in the driver's own process (PKCS#11 v2.40 clause 5.9, 2.3.8).

A token that says no to a ciphertext has looked at what is in it. Which of its errors it is would tell a sender of
forged messages what the decryption looked like, so that they all are one answer, None, after the same calls.
"""

from __future__ import annotations

import contextlib
from typing import Any, Final

from gsign import der
from gsign.token import constants as ck
from gsign.token.binding import pkcs11
from gsign.token.cryptoki import ContextPin, Module, failed_step
from gsign.token.results import CryptokiError, result_of

__all__ = ["decrypt", "derive"]

_OF_THE_DATA: Final = frozenset(
    {
        ck.CKR_DATA_INVALID,
        ck.CKR_DATA_LEN_RANGE,
        ck.CKR_ENCRYPTED_DATA_INVALID,
        ck.CKR_ENCRYPTED_DATA_LEN_RANGE,
        # What SoftHSM and some cards say of padding that is off, and others of a token that is gone.
        ck.CKR_FUNCTION_FAILED,
        ck.CKR_GENERAL_ERROR,
    }
)
_OF_THE_FORM: Final = _OF_THE_DATA | {ck.CKR_ARGUMENTS_BAD, ck.CKR_MECHANISM_PARAM_INVALID}


def decrypt(
    module: Module,
    slot: int,
    handle: int,
    mechanism: int,
    parameter: list[Any],
    data: bytes,
    context: str | bool | None,
) -> bytes | None:
    """Decrypt with a key that was found; None where the token does not take what it decrypted.

    Args:
        module: the module.
        slot: where the token is.
        handle: of the key.
        mechanism: CKM number.
        parameter: digest, mask function and label of OAEP, else empty.
        data: the ciphertext.
        context: the PIN of a key that asks for it each time, True to have the PIN pad ask, None otherwise.
    """
    session, key = module.key(slot, handle)
    answer, refusal = None, None
    try:
        answer = _decrypt(module, session, key, mechanism, tuple(parameter) or None, data, context)
    except CryptokiError as error:
        refusal = error
    # Asked whatever came of it: a token that is gone says so here, whatever it said there.
    module.token(slot)
    if refusal is not None and (refusal.function != "C_Decrypt" or refusal.rv not in _OF_THE_DATA):
        raise refusal
    return answer


def _decrypt(
    module: Module,
    session: Any,
    key: Any,
    mechanism: int,
    parameter: tuple[int, int, bytes] | None,
    data: bytes,
    context: str | bool | None,
) -> bytes:
    if context is True or not hasattr(key, "decrypt"):
        return module.supplement.decrypt(session.handle, key.handle, mechanism, parameter, data, context)
    pin = ContextPin(context) if context else None
    given = (parameter[0], parameter[1], parameter[2] or None) if parameter else None
    try:
        return bytes(key.decrypt(data, mechanism=pkcs11.Mechanism(mechanism), mechanism_param=given, pin=pin))
    except pkcs11.PKCS11Error as error:
        rv = result_of(error)
        raise CryptokiError(failed_step(rv, pin, "C_Decrypt"), rv) from None


def derive(module: Module, slot: int, handle: int, point: bytes) -> bytes:
    """Return the ECDH secret of a key that was found and a point.

    Args:
        module: the module.
        slot: where the token is.
        handle: of the key.
        point: the other's public key, an uncompressed point on the key's curve.
    """
    session, key = module.key(slot, handle)

    def agree(form: bytes) -> bytes:
        if hasattr(key, "derive_key"):
            return _derive(key, form, len(point) // 2)
        return module.supplement.derive(session.handle, handle, form, len(point) // 2)

    # PKCS#11 allows the point bare and in an OCTET STRING, and there are tokens that take only one of them.
    try:
        return agree(point)
    except CryptokiError as error:
        if error.rv not in _OF_THE_FORM:
            raise
    return agree(der.octet_string(point))


def _derive(key: Any, point: bytes, size: int) -> bytes:
    # The secret is read and wrapped here, since few tokens derive and unwrap as RFC 5753 wants it.
    template = {pkcs11.Attribute.SENSITIVE: False, pkcs11.Attribute.EXTRACTABLE: True}
    secret = None
    try:
        secret = key.derive_key(
            pkcs11.KeyType.GENERIC_SECRET,
            size * 8,
            capabilities=pkcs11.MechanismFlag(0),
            mechanism=pkcs11.Mechanism.ECDH1_DERIVE,
            mechanism_param=(pkcs11.KDF.NULL, None, point),
            template=template,
        )
        return bytes(secret[pkcs11.Attribute.VALUE])
    except pkcs11.PKCS11Error as error:
        raise CryptokiError("C_DeriveKey", result_of(error)) from None
    finally:
        if secret is not None:
            with contextlib.suppress(pkcs11.PKCS11Error):
                secret.destroy()
