"""Public keys loaded by their numbers are those that the library's own loader loads."""

from __future__ import annotations

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from gsign import der
from gsign.cms.keys import load_public_key

_KEYS = {
    "rsa": rsa.generate_private_key(65537, 2048).public_key(),
    "p256": ec.generate_private_key(ec.SECP256R1()).public_key(),
    "p384": ec.generate_private_key(ec.SECP384R1()).public_key(),
    "p521": ec.generate_private_key(ec.SECP521R1()).public_key(),
    "p224": ec.generate_private_key(ec.SECP224R1()).public_key(),
    "ed25519": ed25519.Ed25519PrivateKey.generate().public_key(),
}


def spki_of(name: str) -> bytes:
    return _KEYS[name].public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("name", _KEYS)
def test_a_key_is_the_one_that_was_written(name: str) -> None:
    assert load_public_key(spki_of(name)) == _KEYS[name]


def test_a_compressed_point_is_the_same_key() -> None:
    point = _KEYS["p256"].public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    algorithm = der.parse(spki_of("p256")).children()[0].raw
    assert load_public_key(der.sequence(algorithm, der.tlv(der.BIT_STRING, b"\0" + point))) == _KEYS["p256"]


_NULL = b"\x05\x00"


@pytest.mark.parametrize(
    "spki",
    [
        b"",
        b"\x30\x00",
        der.sequence(der.sequence(der.oid("1.2.840.113549.1.1.1"), _NULL), der.tlv(der.BIT_STRING, b"")),
        der.sequence(der.sequence(der.oid("1.2.840.113549.1.1.1"), _NULL), der.tlv(der.BIT_STRING, b"\0\x30\x00")),
        der.sequence(
            der.sequence(der.oid("1.2.840.113549.1.1.1"), _NULL),
            der.tlv(der.BIT_STRING, b"\0" + der.sequence(der.integer(-5), der.integer(65537))),
        ),
        der.sequence(der.sequence(der.oid("1.2.840.10045.2.1")), der.tlv(der.BIT_STRING, b"\0\x04")),
        der.sequence(
            der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.2.840.10045.3.1.7")),
            der.tlv(der.BIT_STRING, b"\0\x04" + bytes(64)),
        ),
        der.sequence(der.sequence(der.oid("1.2.3.4")), der.tlv(der.BIT_STRING, b"\0\0")),
    ],
)
def test_what_is_no_key_is_a_value_error(spki: bytes) -> None:
    with pytest.raises((ValueError, UnsupportedAlgorithm)):
        load_public_key(spki)


@given(st.sampled_from(sorted(_KEYS)), st.integers(0, 2**16), st.integers(1, 255))
def test_a_changed_byte_is_another_key_or_an_error(name: str, at: int, change: int) -> None:
    spki = bytearray(spki_of(name))
    spki[at % len(spki)] ^= change
    try:
        key = load_public_key(bytes(spki))
    except (ValueError, UnsupportedAlgorithm):
        return
    # The one byte that may change nothing: the tag of absent or unread parameters.
    algorithm = der.parse(bytes(spki)).children()[0]
    assert key != _KEYS[name] or algorithm.raw != der.parse(spki_of(name)).children()[0].raw
