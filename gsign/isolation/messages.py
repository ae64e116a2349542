"""Messages of strangers, verified, looked into and decrypted in processes with limits, as documents are.

The documents inside are judged by processes of their own, and keys stay with the caller: a message that does harm costs
itself alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gsign.errors import InputError
from gsign.isolation.calls import Reply, decrypter_facts, decrypter_replies, verifier_replies
from gsign.isolation.mail_wire import decrypted_of, inspection_of, mail_result_of
from gsign.mail.facts import Inspection, SmimeKind, Unreadable, Verifier
from gsign.protection.octets import octets_of
from gsign.result import Indication, MailResult, Smime

if TYPE_CHECKING:
    from gsign.isolation.pool import VerifierPool
    from gsign.protection.encrypting import DecryptedMail
    from gsign.signer import Decrypter

__all__ = ["decrypt_message", "inspect_message", "judge_message", "verify_message"]

_EXCEEDED: Final = "limit-exceeded"
_OURS: Final = ("/dev/", "/proc/")

Source = str | os.PathLike[str] | bytes


def verify_message(pool: VerifierPool, message: Source, *, documents: Verifier | None = None) -> MailResult:
    """Verify the signature at the root of a message; as `judge_message`, without what the verdict rests on."""
    return judge_message(pool, message, documents=documents)[0]


def judge_message(
    pool: VerifierPool, message: Source, *, documents: Verifier | None = None
) -> tuple[MailResult, Mapping[str, Sequence[str]]]:
    """Verify the signature at the root of a message, as `gsign.smime.verify`, in a process with limits.

    A message that takes too much time or memory, or makes the process fail, is UNREADABLE, `limit-exceeded`.

    Args:
        pool: of processes.
        message: path or octets.
        documents: judges the documents in it; a pool with a process to spare may be its own. None leaves them out.

    Returns:
        The verdict, and what it rests on where the pool's settings ask for `material`.

    Raises:
        InputError: `input-unreadable`, `mail-too-large`.
        TemporaryError: `worker-unstartable`.
    """
    question = {"documents": documents is not None, "agencies": pool.settings.agencies}
    replies = None if documents is None else verifier_replies(documents)
    record = _ask(pool, "verify-message", message, question, replies)
    if record is not None:
        material = record.pop("material")
        return mail_result_of(record)._replace(file=_name_of(message)), material
    return MailResult(_name_of(message), Indication.UNREADABLE, Smime.PERMERROR, reasons=(_EXCEEDED,)), {}


def inspect_message(pool: VerifierPool, message: Source, documents: Verifier) -> Inspection:
    """Look into a message, as `gsign.mail.inspection.inspect`, in a process with limits.

    Args:
        pool: of processes.
        message: path or octets.
        documents: judges the documents in it; a pool with a process to spare may be its own.

    Raises:
        InputError: `input-unreadable`, `mail-too-large`.
        TemporaryError: `worker-unstartable`.
    """
    record = _ask(pool, "inspect-message", message, {}, verifier_replies(documents))
    return _UNREAD if record is None else inspection_of(record)


_UNREAD: Final = Inspection(
    senders=(),
    sender=None,
    recipients=(),
    subject="",
    date="",
    message_id="",
    smime=SmimeKind.OTHER,
    parts=(),
    documents=(),
    unreadables=(Unreadable("", _EXCEEDED),),
    ambiguities=(),
)


def decrypt_message(pool: VerifierPool, message: Source, decrypter: Decrypter) -> DecryptedMail:
    """Decrypt a message and verify the signature inside, as `gsign.smime.decrypt`, in a process with limits.

    The process never sees a private key: it asks for what the key makes of this message's content key.

    Args:
        pool: of processes; it was opened before the keys were, so that no process is a copy of one that holds them.
        message: path or octets.
        decrypter: the keys.

    Raises:
        InputError: as `gsign.smime.decrypt`; `mail-too-costly` where it takes too much time or memory.
        OtherKeyError: as `gsign.smime.decrypt`.
        TokenError: token, key or PIN.
        TemporaryError: `worker-unstartable`.
    """
    question = {"keys": decrypter_facts(decrypter)}
    record = _ask(pool, "decrypt-message", message, question, decrypter_replies(decrypter))
    if record is None:
        raise InputError("mail-too-costly", file=_name_of(message) or "-")
    return decrypted_of(record)._replace(file=_name_of(message))


def _ask(
    pool: VerifierPool, kind: str, message: Source, question: dict[str, Any], replies: Reply | None
) -> dict[str, Any] | None:
    file, body = _where(message)
    return pool.ask({"ask": kind, "file": file, **question}, body, replies=replies)


def _where(message: Source) -> tuple[str | None, bytes]:
    """Return the path of a file, or the octets of what other processes have no part in, such as /dev/stdin."""
    if isinstance(message, bytes):
        return None, message
    with suppress(OSError, ValueError):  # whoever reads it says so
        path = Path(message).absolute()
        if str(path).startswith(_OURS) or path.is_fifo():
            return None, octets_of(message)[1]
    return os.fspath(message), b""


def _name_of(message: Source) -> str | None:
    return None if isinstance(message, bytes) else os.fspath(message)
