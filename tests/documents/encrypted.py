"""Encrypted documents (ISO 32000-2, 7.6). qpdf encrypts them."""

from __future__ import annotations

import io
from typing import Literal

import pikepdf

from tests.documents import page
from tests.documents.model import Expect, entry
from tests.documents.raw import classic

_T = ("encrypted",)
USER, OWNER = "người dùng", "chủ sở hữu"
_ASCII_USER, _ASCII_OWNER = "nguoi-dung", "chu-so-huu"


def _encrypt(
    revision: Literal[3, 4, 6], user: str, owner: str, *, aes: bool = True, metadata: bool = True, **options: object
) -> bytes:
    out = io.BytesIO()
    allow = pikepdf.Permissions(modify_annotation=True, modify_form=True, modify_other=True)
    # Before revision 4 there is no choice about metadata; qpdf asks for False and encrypts them all the same.
    metadata = metadata and revision >= 4
    encryption = pikepdf.Encryption(user=user, owner=owner, R=revision, aes=aes, metadata=metadata, allow=allow)
    with pikepdf.open(io.BytesIO(classic(page.document().draft))) as pdf:
        pdf.save(out, encryption=encryption, **options)  # type: ignore[arg-type]
    return out.getvalue()


@entry("rc4-128", "RC4, 128 bits, both passwords", password=_ASCII_USER, expect=Expect.THOROUGH, tags=_T)
def rc4_128() -> bytes:
    return _encrypt(3, _ASCII_USER, _ASCII_OWNER, aes=False)


@entry("aes-128", "AES, 128 bits, both passwords", password=_ASCII_USER, expect=Expect.THOROUGH, tags=_T)
def aes_128() -> bytes:
    return _encrypt(4, _ASCII_USER, _ASCII_OWNER)


@entry("aes-256", "AES, 256 bits, a Vietnamese password", password=USER, expect=Expect.THOROUGH, tags=_T)
def aes_256() -> bytes:
    return _encrypt(6, USER, OWNER)


@entry("aes-256-owner", "the same, opened by the owner's password", password=OWNER, expect=Expect.THOROUGH, tags=_T)
def aes_256_owner() -> bytes:
    return _encrypt(6, USER, OWNER)


@entry("aes-256-object-streams", "AES-256 with object streams", password=USER, expect=Expect.THOROUGH, tags=_T)
def aes_256_object_streams() -> bytes:
    return _encrypt(6, USER, OWNER, object_stream_mode=pikepdf.ObjectStreamMode.generate)


@entry("empty-user-password", "opens without a password: only an owner's is set", expect=Expect.THOROUGH, tags=_T)
def empty_user_password() -> bytes:
    return _encrypt(6, "", OWNER)


@entry("clear-metadata", "AES-128 with metadata left in clear", password=_ASCII_USER, expect=Expect.THOROUGH, tags=_T)
def clear_metadata() -> bytes:
    return _encrypt(4, _ASCII_USER, _ASCII_OWNER, metadata=False)


@entry(
    "password-missing",
    "encrypted, and nobody gave the password",
    expect=Expect.REFUSED,
    code="password-needed",
    tags=_T,
)
def password_missing() -> bytes:
    return _encrypt(6, USER, OWNER)
