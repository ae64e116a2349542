"""Signing and verifying messages in memory: beside the token and one digest pass, and beside what others take."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import format_datetime
from pathlib import Path
from types import MappingProxyType

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from bench.desk import Desk
from bench.harness import Case, Measure, Race, beside, seconds
from bench.mail_peers import endesive_mail, openssl_sign, openssl_verify
from bench.peers import bare_key, bare_sign
from gsign import smime
from gsign.pkcs12 import open_signer
from tests.pki import PERSON, now

__all__ = ["CASES"]

_LARGE = 10_000_000
_PASSWORD = "mat-khau"


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


def plain_text(size: int) -> bytes:
    """Write a message of about so many bytes of text in lines of every length."""
    chance = random.Random(1)
    words = [b"moi", b"hop", b"kinh gui", b"Quy co quan", b"uy ban", b"nhan dan", b"so", b"286"]
    lines = [b" ".join(chance.choices(words, k=chance.randint(1, 8)))[:78].rstrip() for _ in range(5_000)]
    text = b"\r\n".join(chance.choices(lines, k=size // 35))
    return message(0).partition(b"MIME-Version")[0] + b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n" + text


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
    with _beside_a_digest(desk, message(_LARGE), at_most=2) as race:
        yield race


@contextmanager
def sign_text(desk: Desk) -> Iterator[Race]:
    """Sign 10 MB of text, which nobody sends: each end of a line is looked at, of which counting them is the least."""
    data = plain_text(_LARGE)

    def least() -> None:
        hashlib.sha256(data).digest()
        data.count(b"\r\n")

    with _beside_a_digest(desk, data, {"a digest and a count of lines": seconds(least)}) as race:
        yield race


@contextmanager
def sign_opaque(desk: Desk) -> Iterator[Race]:
    """Sign 10 MB with everything inside the signature: all of it is encoded once more, which nobody can do without."""
    data = message(_LARGE)

    def least() -> None:
        hashlib.sha256(data).digest()
        binascii.b2a_base64(data)

    with _beside_a_digest(desk, data, {"a digest and base64": seconds(least)}, form="opaque") as race:
        yield race


@contextmanager
def _beside_a_digest(
    desk: Desk,
    data: bytes,
    others: Mapping[str, Measure] = MappingProxyType({}),
    *,
    form: str = "detached",
    at_most: float | None = None,
) -> Iterator[Race]:
    with desk.signer() as signer, bare_key(desk.module) as key:

        def least() -> None:
            hashlib.sha256(data).digest()
            bare_sign(key)

        yield Race(
            {
                "gsign": seconds(lambda: smime.sign(data, signer, trust=desk.trust, form=form)),
                "the token and a digest": seconds(least),
                "a digest": seconds(lambda: hashlib.sha256(data).digest()),
                **others,
            },
            (beside("the token and a digest", at_most=at_most), beside("a digest"), *map(beside, others)),
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


# ---------------------------------------------------------------- beside others


def letter() -> tuple[bytes, bytes]:
    """Return a text of 2 kB, and a message with it: endesive verifies plain text alone."""
    text = b"\n".join([b"Kinh gui Quy co quan, moi hop luc 8 gio ngay mai."] * 40)
    head = f"From: {PERSON.email}\r\nTo: vanthu@hanoi.gov.vn\r\nSubject: Moi hop\r\nMIME-Version: 1.0\r\n"
    return text, head.encode() + b"Content-Type: text/plain\r\n\r\n" + text.replace(b"\n", b"\r\n")


@contextmanager
def key_in_file(desk: Desk) -> Iterator[tuple[Path, Path, Path]]:
    """Write the person's key, which all can use: as PKCS#12, and as PEM with its certificate."""
    leaf = desk.pki.leaf(pointers=False)
    whole, key, certificate = (desk.folder / name for name in ("peer.p12", "peer.key", "peer.pem"))
    leaf.p12(whole, _PASSWORD)
    key.write_bytes(leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate.write_bytes(leaf.pem)
    try:
        yield whole, key, certificate
    finally:
        for path in (whole, key, certificate):
            path.unlink()


@contextmanager
def sign_beside(desk: Desk) -> Iterator[Race]:
    """Sign a letter with a key in a file, which is what endesive signs mail with."""
    text, data = letter()
    (plain := desk.folder / "letter.txt").write_bytes(text)
    endesive = endesive_mail()
    with key_in_file(desk) as (whole, key, certificate), open_signer(whole, pin=_PASSWORD) as signer:
        own, own_certificate, others = load_key_and_certificates(whole.read_bytes(), _PASSWORD.encode())
        output = desk.folder / "letter.eml"
        yield Race(
            {
                "gsign": seconds(lambda: smime.sign(data, signer, trust=desk.trust, revocation="off")),
                "endesive": seconds(lambda: endesive.sign(text, own, own_certificate, others, "sha256", attrs=True)),
                "openssl": seconds(lambda: openssl_sign(plain, key, certificate, output)),
            },
            (beside("endesive", at_most=0.1), beside("openssl")),
        )


@contextmanager
def verify_beside(desk: Desk) -> Iterator[Race]:
    """Verify a letter, each its own: gsign also asks whose it is, and holds the header against what was signed."""
    text, data = letter()
    endesive = endesive_mail()
    with key_in_file(desk) as (whole, _, _), open_signer(whole, pin=_PASSWORD) as signer:
        own, certificate, others = load_key_and_certificates(whole.read_bytes(), _PASSWORD.encode())
        # As it is read from a file in text mode.
        theirs = endesive.sign(text, own, certificate, others, "sha256", attrs=True).decode().replace("\r\n", "\n")
        signed = smime.sign(data, signer, trust=desk.trust, revocation="off")
    (file := desk.folder / "signed.eml").write_bytes(signed)
    anchors = [desk.pki.root_file.read_bytes()]

    def by_endesive() -> None:
        result = endesive.verify(theirs, anchors)
        assert result.hashok, "endesive finds another digest"
        assert result.signatureok, "endesive finds the signature wrong"

    yield Race(
        {
            "gsign": seconds(lambda: smime.verify(signed, trust=desk.trust, revocation="off").require()),
            "endesive": seconds(by_endesive),
            "openssl": seconds(lambda: openssl_verify(file, desk.anchors)),
        },
        (beside("endesive", at_most=0.1), beside("openssl")),
    )


CASES = (
    Case("mail-sign", "a message with a document of 50 kB", sign_small),
    Case("mail-sign-large", f"a message with {_LARGE // 10**6} MB attached", sign_large),
    Case("mail-sign-text", f"{_LARGE // 10**6} MB of text in lines of every length", sign_text),
    Case("mail-sign-opaque", f"{_LARGE // 10**6} MB attached, inside the signature", sign_opaque),
    Case("mail-sign-peers", "a letter signed with a key in a file", sign_beside),
    Case("mail-verify-peers", "a signed letter", verify_beside),
    Case("mail-verify-large", f"a signed message with {_LARGE // 10**6} MB attached", verify_large),
)
