"""What is written down of signatures, verifications and administrative acts: digests, names, reasons; never content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from gsign.document_kind import kind_of
from gsign.result import Indication, Kind, Level, Role, plain

if TYPE_CHECKING:
    from gsign.protection.encrypting import DecryptedMail, EncryptionRecord
    from gsign.protection.request import MailRecord
    from gsign.result import MailResult, SignatureResult, SignerInfo, VerificationResult
    from gsign.signing.request import SigningRecord

__all__ = [
    "Prints",
    "augmented",
    "decrypted",
    "document_signed",
    "document_verified",
    "encrypted",
    "message_signed",
    "message_verified",
    "prints_of",
]

_PIECE: Final = 1 << 20


class Prints(NamedTuple):
    """By what a file that was made, and the one that it was made of, can be told again."""

    sha256: str
    size: int
    """In bytes."""
    of: str | None = None
    """SHA-256 of what it was made of."""


def prints_of(file: BinaryIO, prefix: int = 0) -> Prints:
    """Read a file to its end.

    Args:
        file: at its beginning.
        prefix: how many bytes at its beginning are the file that it was made of; 0 where it was made anew.
    """
    digest, of, size = hashlib.sha256(), None, 0
    while piece := file.read(_PIECE if of or not prefix else min(_PIECE, prefix - size)):
        digest.update(piece)
        size += len(piece)
        if size == prefix:
            of = digest.hexdigest()
    return Prints(digest.hexdigest(), size, of)


# ---------------------------------------------------------------- what was made


def document_signed(record: SigningRecord, prints: Prints, certificate: bytes, agency: str | None) -> dict[str, Any]:
    """Return what is written down of a signature on a document.

    Args:
        record: what was done.
        prints: of the signed document.
        certificate: DER of the signer's certificate.
        agency: whose the signer is, by the configuration.
    """
    return {
        "act": "sign",
        **prints._asdict(),
        "file": _file(record.output),
        "agency": agency,
        "kind": kind_of(record.number, _file(record.file)),
        "number": record.number,
        "role": record.role.value,
        "level": record.level.value,
        "fields": [part.field for part in record.parts],
        "follows": record.follows,
        **_by_key(record, certificate),
        "stamped": plain(record.timestamp_time),
    }


def augmented(prints: Prints, level: str, source: os.PathLike[str], output: os.PathLike[str]) -> dict[str, Any]:
    """Return what is written down of a document whose signatures were raised to a level."""
    file = _file(source)
    return {"act": "augment", **prints._asdict(), "file": _file(output), "kind": kind_of(file), "level": level}


def message_signed(
    record: MailRecord, prints: Prints, certificate: bytes, agency: str | None, message_id: str
) -> dict[str, Any]:
    """Return what is written down of a signature on a message; arguments as for `document_signed`."""
    return {
        "act": "sign-message",
        **prints._asdict(),
        "message_id": message_id,
        "file": _file(record.output),
        "agency": agency,
        "from": record.sender,
        "as_agency": record.as_agency,
        "form": record.form,
        **_by_key(record, certificate),
    }


def encrypted(record: EncryptionRecord, prints: Prints, message_id: str) -> dict[str, Any]:
    """Return what is written down of a message that was encrypted."""
    told = record.to_dict()
    return {
        "act": "encrypt-message",
        **prints._asdict(),
        "message_id": message_id,
        "file": _file(record.output),
        **{name: told[name] for name in ("cipher", "signed", "recipients", "uncovered", "warnings")},
    }


def decrypted(result: DecryptedMail, prints: Prints, message_id: str, *, is_token: bool) -> dict[str, Any]:
    """Return what is written down of a message that was decrypted: for whom, and whose signature was inside."""
    return {
        "act": "decrypt-message",
        **prints._asdict(),
        "message_id": message_id,
        "file": _file(result.output),
        "cipher": result.cipher,
        "integrity": result.integrity.value,
        "key": _key(is_token=is_token),
        "for": signer(result.key),
        "inside": _of_message(result.signature) if result.signature is not None else None,
        "warnings": list(result.warnings),
    }


def _by_key(record: SigningRecord | MailRecord, certificate: bytes) -> dict[str, Any]:
    return {
        "key": _key(is_token=record.is_token),
        "signer": signer(record.signer),
        "certificate": hashlib.sha256(certificate).hexdigest(),
        "scheme": record.scheme.value,
        "digest": record.digest.value,
        "time": plain(record.signing_time),
        "warnings": list(record.warnings),
    }


def _key(*, is_token: bool) -> str:
    return "token" if is_token else "file"


# ---------------------------------------------------------------- what was judged


def document_verified(result: VerificationResult, agency: str | None) -> dict[str, Any]:
    """Return what is written down of a verification.

    Args:
        result: with `sha256` among its facts.
        agency: whose the first signer is, by the configuration.
    """
    file, number = _file(result.file), _number(result)
    return {
        "what": "document",
        "sha256": result.facts.get("sha256"),
        "size": result.facts.get("size"),
        "file": file,
        "agency": agency,
        "kind": kind_of(number, file),
        "number": number,
        "indication": result.indication.value,
        "reasons": list(result.reasons),
        "level": _level(result.signatures),
        "signatures": [_signature(signature) for signature in result.signatures],
    }


def message_verified(result: MailResult, sha256: str | None, message_id: str, agency: str | None) -> dict[str, Any]:
    """Return what is written down of the verification of a message and the documents in it."""
    return {
        "what": "message",
        "sha256": sha256,
        "message_id": message_id,
        "file": _file(result.file),
        "agency": agency,
        "kind": None,
        **_of_message(result),
        "documents": [
            {"path": document.path, **_without(document_verified(document.result, None), "what", "file", "agency")}
            for document in result.documents
        ],
    }


def _of_message(result: MailResult) -> dict[str, Any]:
    return {
        "indication": result.indication.value,
        "sub_indication": result.sub_indication,
        "smime": result.smime.value,
        "from": result.sender,
        "signer": signer(result.signer) if result.signer is not None else None,
        "domain": result.trust_domain,
        "time": plain(result.proven_time),
        "revocation": result.revocation.value,
        "reasons": list(result.reasons),
        "warnings": list(result.warnings),
    }


def _signature(signature: SignatureResult) -> dict[str, Any]:
    return {
        "field": signature.field,
        "kind": signature.kind.value,
        "indication": signature.indication.value,
        "sub_indication": signature.sub_indication,
        "level": signature.level.value if signature.level else None,
        "role": signature.role.value if signature.role else None,
        "domain": signature.trust_domain,
        "signer": signer(signature.signer),
        "time": plain(signature.proven_time),
        "revocation": signature.revocation.value,
        "reasons": list(signature.reasons),
        "warnings": list(signature.warnings),
    }


def _number(result: VerificationResult) -> str | None:
    """Return the number that the agency's signature, where it holds, says the document has."""
    details = result.facts.get("signatures")
    told = details if isinstance(details, (list, tuple)) else ()
    for signature, detail in zip(result.signatures, told, strict=False):
        if signature.role is Role.ISSUE and signature.indication is Indication.TOTAL_PASSED and detail.get("number"):
            return str(detail["number"])
    return None


def _level(signatures: Iterable[SignatureResult]) -> str | None:
    """Return the lowest level of the signatures that passed."""
    passed = {
        signature.level
        for signature in signatures
        if signature.kind is Kind.SIGNATURE and signature.indication is Indication.TOTAL_PASSED
    }
    return next((level.value for level in Level if level in passed), None)


# ---------------------------------------------------------------- names


def signer(info: SignerInfo) -> dict[str, Any]:
    """Return whom a certificate names, and which certificate it is."""
    return {
        "name": info.name,
        "organisation": info.organisation,
        "unit": info.unit,
        "email": info.email,
        "serial": info.serial,
        "issuer": info.issuer,
        "identifiers": list(info.identifiers),
    }


def _file(path: str | os.PathLike[str] | None) -> str | None:
    """Return a file's name without its folders; octets that are no text are replaced."""
    if path is None:
        return None
    return os.fsencode(PurePath(path).name).decode("utf-8", "replace")


def _without(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}
