"""Results of messages, from the worker to its caller: what JSON holds, turned back into our own types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from gsign.isolation.wire import WireError, plain_result, result_of, signer_of, time_of
from gsign.mail.facts import Ambiguity, Document, Inspection, PartFact, SmimeKind, Unreadable
from gsign.mime.addresses import Address
from gsign.protection.encrypting import DecryptedMail, Integrity
from gsign.result import DocumentResult, Indication, MailResult, Revocation, Smime, plain

__all__ = [
    "decrypted_of",
    "inspection_of",
    "mail_result_of",
    "plain_decrypted",
    "plain_inspection",
    "plain_mail_result",
]

Made = TypeVar("Made")


def plain_mail_result(result: MailResult) -> dict[str, object]:
    """Turn a message's result into what a frame holds."""
    documents = [(name, path, plain_result(found)) for name, path, found in result.documents]
    return {**{k: plain(v) for k, v in result._asdict().items() if k != "documents"}, "documents": documents}


def mail_result_of(record: Mapping[str, Any]) -> MailResult:
    """Make a result of what `plain_mail_result` wrote.

    Raises:
        WireError: it did not.
    """
    return _made(_mail_result, record)


def _mail_result(record: Mapping[str, Any]) -> MailResult:
    signer = record["signer"]
    return MailResult(
        **{
            **record,
            "indication": Indication(record["indication"]),
            "smime": Smime(record["smime"]),
            "signer": None if signer is None else signer_of(signer),
            "claimed_time": time_of(record["claimed_time"]),
            "proven_time": time_of(record["proven_time"]),
            "revocation": Revocation(record["revocation"]),
            **{name: tuple(map(str, record[name])) for name in ("headers_changed", "warnings", "reasons")},
            "documents": tuple(DocumentResult(str(n), str(p), result_of(found)) for n, p, found in record["documents"]),
        }
    )


def plain_inspection(inspection: Inspection) -> dict[str, object]:
    """Turn what an inspection found into what a frame holds."""
    documents = [(*document[:4], plain_result(document.result)) for document in inspection.documents]
    return {**inspection._asdict(), "smime": inspection.smime.value, "documents": documents}


def inspection_of(record: Mapping[str, Any]) -> Inspection:
    """Make an inspection of what `plain_inspection` wrote.

    Raises:
        WireError: it did not.
    """
    return _made(_inspection, record)


def _inspection(record: Mapping[str, Any]) -> Inspection:
    sender = record["sender"]
    return Inspection(
        senders=tuple(Address(*map(str, each)) for each in record["senders"]),
        sender=None if sender is None else Address(*map(str, sender)),
        recipients=tuple(Address(*map(str, each)) for each in record["recipients"]),
        **{name: str(record[name]) for name in ("subject", "date", "message_id")},
        smime=SmimeKind(record["smime"]),
        parts=tuple(PartFact(*each) for each in record["parts"]),
        documents=tuple(
            Document(str(name), str(path), str(sha256), int(size), result_of(result))
            for name, path, sha256, size, result in record["documents"]
        ),
        unreadables=tuple(Unreadable(*map(str, each)) for each in record["unreadables"]),
        ambiguities=tuple(Ambiguity(*map(str, each)) for each in record["ambiguities"]),
    )


def plain_decrypted(mail: DecryptedMail) -> dict[str, object]:
    """Turn a decrypted message into what a frame holds, the message under `body`."""
    return {
        "file": mail.file,
        "cipher": mail.cipher,
        "integrity": mail.integrity.value,
        "key": plain(mail.key),
        "signature": None if mail.signature is None else plain_mail_result(mail.signature),
        "warnings": mail.warnings,
        "entity_size": mail.entity_size,
        "body": mail.message,
    }


def decrypted_of(record: Mapping[str, Any]) -> DecryptedMail:
    """Make a decrypted message of what `plain_decrypted` wrote.

    Raises:
        WireError: it did not.
    """
    return _made(_decrypted, record)


def _decrypted(record: Mapping[str, Any]) -> DecryptedMail:
    signature = record["signature"]
    return DecryptedMail(
        file=record["file"],
        output=None,
        message=record["body"],
        entity_size=int(record["entity_size"]),
        cipher=str(record["cipher"]),
        integrity=Integrity(record["integrity"]),
        key=signer_of(record["key"]),
        signature=None if signature is None else mail_result_of(signature),
        warnings=tuple(map(str, record["warnings"])),
    )


def _made(make: Callable[[Mapping[str, Any]], Made], record: Mapping[str, Any]) -> Made:
    try:
        return make(record)
    except (KeyError, TypeError, ValueError) as error:
        raise WireError("no result of ours") from error
