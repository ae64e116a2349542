"""A throwaway software token (SoftHSM) with keys and certificates in it, for the demonstration and for tests.

Keys made at run time only: what is in a software token can be copied. Writing happens in a process of its own, as a
module is started once in each process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gsign.errors import TokenError
from gsign.token import constants as ck
from gsign.token.client import command
from gsign.token.wire import decode, encode

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

__all__ = ["SoftwareToken", "certificate_object", "find_softhsm", "main", "private_key_object", "public_key_object"]

_PLACES: Final = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm.so",
    "/usr/lib64/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
_TRUE: Final = b"\1"
_FALSE: Final = b"\0"

Template = dict[int, bytes]


def find_softhsm() -> str:
    """Return the path of SoftHSM's module.

    Raises:
        TokenError: `softhsm-missing`.
    """
    for place in _PLACES:
        if Path(place).exists():
            return place
    raise TokenError("softhsm-missing")


@dataclass
class SoftwareToken:
    """A folder of software tokens; `environment` has to be set for whoever uses them.

    Args:
        folder: an empty or new folder.
        module: SoftHSM's module.
    """

    folder: Path
    module: str = field(default_factory=find_softhsm)

    def __post_init__(self) -> None:
        (self.folder / "tokens").mkdir(parents=True, exist_ok=True)
        text = f"directories.tokendir = {self.folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
        (self.folder / "softhsm2.conf").write_text(text, encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """What the environment has to say."""
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def create(self, label: str, pin: str, objects: list[Template]) -> None:
        """Make one more token with these objects.

        Raises:
            TokenError: `token-failed`.
        """
        order = encode([self.module, label, pin, objects])
        done = subprocess.run(
            command("gsign.token.software"),
            input=order,
            capture_output=True,
            env={**os.environ, **self.environment},
            check=False,
        )
        if done.returncode:
            raise TokenError("token-failed", token=label, function="SoftHSM", result=str(done.returncode))


def certificate_object(certificate: bytes, subject: bytes, label: str, identifier: bytes) -> Template:
    """Describe a certificate that everybody may read."""
    return {
        ck.CKA_CLASS: _ulong(ck.CKO_CERTIFICATE),
        ck.CKA_CERTIFICATE_TYPE: _ulong(ck.CKC_X_509),
        ck.CKA_TOKEN: _TRUE,
        ck.CKA_PRIVATE: _FALSE,
        ck.CKA_LABEL: label.encode(),
        ck.CKA_ID: identifier,
        ck.CKA_SUBJECT: subject,
        ck.CKA_VALUE: certificate,
    }


def private_key_object(key: RSAPrivateKey | EllipticCurvePrivateKey, label: str, identifier: bytes) -> Template:
    """Describe a private key that signs and decrypts, and does not leave the token."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    common = {
        ck.CKA_CLASS: _ulong(ck.CKO_PRIVATE_KEY),
        ck.CKA_TOKEN: _TRUE,
        ck.CKA_PRIVATE: _TRUE,
        ck.CKA_SENSITIVE: _TRUE,
        ck.CKA_EXTRACTABLE: _FALSE,
        ck.CKA_SIGN: _TRUE,
        ck.CKA_LABEL: label.encode(),
        ck.CKA_ID: identifier,
    }
    if not isinstance(key, rsa.RSAPrivateKey):
        scalar = _octets(key.private_numbers().private_value)
        own = {ck.CKA_KEY_TYPE: _ulong(ck.CKK_EC), ck.CKA_EC_PARAMS: _curve(key), ck.CKA_VALUE: scalar}
        return {**common, **own, ck.CKA_DERIVE: _TRUE}
    numbers = key.private_numbers()
    return {
        **common,
        ck.CKA_KEY_TYPE: _ulong(ck.CKK_RSA),
        ck.CKA_DECRYPT: _TRUE,
        ck.CKA_MODULUS: _octets(numbers.public_numbers.n),
        ck.CKA_PUBLIC_EXPONENT: _octets(numbers.public_numbers.e),
        ck.CKA_PRIVATE_EXPONENT: _octets(numbers.d),
        ck.CKA_PRIME_1: _octets(numbers.p),
        ck.CKA_PRIME_2: _octets(numbers.q),
        ck.CKA_EXPONENT_1: _octets(numbers.dmp1),
        ck.CKA_EXPONENT_2: _octets(numbers.dmq1),
        ck.CKA_COEFFICIENT: _octets(numbers.iqmp),
    }


def public_key_object(key: RSAPrivateKey | EllipticCurvePrivateKey, label: str, identifier: bytes) -> Template:
    """Describe the public key beside a private one."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from gsign import der

    common = {
        ck.CKA_CLASS: _ulong(ck.CKO_PUBLIC_KEY),
        ck.CKA_TOKEN: _TRUE,
        ck.CKA_PRIVATE: _FALSE,
        ck.CKA_LABEL: label.encode(),
        ck.CKA_ID: identifier,
    }
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        own = {ck.CKA_MODULUS: _octets(numbers.n), ck.CKA_PUBLIC_EXPONENT: _octets(numbers.e)}
        return {**common, ck.CKA_KEY_TYPE: _ulong(ck.CKK_RSA), **own}
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    own = {ck.CKA_EC_PARAMS: _curve(key), ck.CKA_EC_POINT: der.octet_string(point)}
    return {**common, ck.CKA_KEY_TYPE: _ulong(ck.CKK_EC), **own}


def _curve(key: EllipticCurvePrivateKey) -> bytes:
    from gsign import der

    curves = {"secp256r1": "1.2.840.10045.3.1.7", "secp384r1": "1.3.132.0.34", "secp521r1": "1.3.132.0.35"}
    return der.oid(curves[key.curve.name])


def _octets(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _ulong(number: int) -> bytes:
    import ctypes

    return bytes(ctypes.c_ulong(number))


def main() -> None:
    """Write one token, as the order on standard input says."""
    import pkcs11

    from gsign.token.cryptoki import OctetMapper
    from gsign.token.supplement import Supplement

    order = decode(sys.stdin.buffer.read())
    if not isinstance(order, list):
        raise SystemExit(2)
    path, label, pin, objects = order
    library, supplement = pkcs11.lib(path), Supplement(path)
    # SoftHSM shows one uninitialised token behind those that exist.
    slots = library.get_slots(token_present=True)
    empty = next(slot for slot in slots if not slot.get_token().flags & pkcs11.TokenFlag.TOKEN_INITIALIZED)
    supplement.initialise_token(empty.slot_id, pin, label)
    with empty.get_token().open(rw=True, so_pin=pin) as officer:
        supplement.initialise_pin(officer.handle, pin)  # type: ignore[attr-defined]
    with empty.get_token().open(rw=True, user_pin=pin, attribute_mapper=OctetMapper()) as session:
        for template in objects:
            session.create_object(template)
    library.finalize()
