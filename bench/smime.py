"""Signing and verifying messages in memory, with a key on a token: beside the token and one digest pass."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime

from bench.desk import Desk
from bench.harness import Case, Race, beside, seconds
from bench.peers import bare_key, bare_sign
from gsign import smime
from tests.pki import PERSON, now

__all__ = ["CASES"]

_LARGE = 10_000_000


def message(attached: int) -> bytes:
    """Write a message with an attachment of so many bytes, in base64 as mail programs do."""
    digits = base64.encodebytes(os.urandom(attached)).replace(b"\n", b"\r\n")
    head = (
        f"From: {PERSON.email}\r\nTo: vanthu@hanoi.gov.vn\r\nSubject: Moi hop\r\nDate: {format_datetime(now())}\r\n"
        "Message-ID: <1@hungyen.gov.vn>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=phan\r\n\r\n"
        "--phan\r\nContent-Type: text/plain\r\n\r\nMoi hop.\r\n"
        "--phan\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + digits + b"--phan--\r\n"


@contextmanager
def sign_small(desk: Desk) -> Iterator[Race]:
    """Sign a message with a document of 50 kB; the certificate's status was asked for once, as in a batch."""
    data = message(50_000)
    with desk.signer() as signer, bare_key(desk.module) as key:

        def least() -> None:
            hashlib.sha256(data).digest()
            bare_sign(key)

        yield Race(
            {
                "gsign": seconds(lambda: smime.sign(data, signer, trust=desk.trust)),
                "the token and a digest": seconds(least),
            },
            (beside("the token and a digest", at_most=2),),
        )


@contextmanager
def sign_large(desk: Desk) -> Iterator[Race]:
    """Sign a message with 10 MB attached; a digest pass is what nobody can do without."""
    data = message(_LARGE)
    with desk.signer() as signer:
        yield Race(
            {
                "gsign": seconds(lambda: smime.sign(data, signer, trust=desk.trust)),
                "a digest": seconds(lambda: hashlib.sha256(data).digest()),
            },
            (beside("a digest"),),
            rounds=7,
        )


@contextmanager
def verify_large(desk: Desk) -> Iterator[Race]:
    """Verify the same, the status offline."""
    with desk.signer() as signer:
        data = smime.sign(message(_LARGE), signer, trust=desk.trust)
    yield Race(
        {
            "gsign": seconds(lambda: smime.verify(data, trust=desk.trust, offline=True).require()),
            "a digest": seconds(lambda: hashlib.sha256(data).digest()),
        },
        (beside("a digest"),),
        rounds=7,
    )


CASES = (
    Case("mail-sign", "a message with a document of 50 kB", sign_small),
    Case("mail-sign-large", f"a message with {_LARGE // 10**6} MB attached", sign_large),
    Case("mail-verify-large", f"a signed message with {_LARGE // 10**6} MB attached", verify_large),
)
