"""Files that somebody opens with a key or a password: nobody here can tell what is in them."""

from __future__ import annotations

import random

from tests.hiding.archives import _add

_NOISE = random.Random(9580).randbytes(4_000)
_CIPHERS = {
    "openpgp-to-key": b"\x85\x01\x0c\x03" + b"\1" * 8 + b"\1",
    "openpgp-to-key-new": b"\xc1\xc0\x4c\x03" + b"\1" * 8 + b"\1",
    "openpgp-with-password": b"\x8c\x0d\x04\x09\x03\x08",
    "age": b"age-encryption.org/v1\n-> X25519 abc\n",
    "openssl": b"Salted__",
    "axcrypt": b"\xc0\xb9\x07\x2e\x4f\x93\xf1\x46\xa0\x15\x79\x2c\xa1\xd9\xe8\x21",
    "keepass": b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5",
}
_FOR_PROGRAMS = {"openpgp-packed": b"\xa3\1", "openpgp-literal": b"\xcb\xff"}
for _names, _file, _why in (
    (_CIPHERS, b"vb.dat", "a file that is encrypted"),
    (_FOR_PROGRAMS, b"vb.pdf.gpg", "a file for a program that decrypts"),
):
    for _name, _begin in _names.items():
        _add(
            f"cipher-{_name}",
            _file,
            _why,
            lambda _, b=_begin: b + _NOISE,
            unreadable="encrypted",
            finds=False,
        )
