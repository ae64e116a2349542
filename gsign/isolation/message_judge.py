"""What a worker does with a stranger's message: verify it, look into it, decrypt it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gsign.isolation.calls import Call, RemoteDecrypter, RemoteVerifier
from gsign.isolation.mail_wire import plain_decrypted, plain_inspection, plain_mail_result
from gsign.mail.agencies import Mailboxes
from gsign.mail.inspection import inspect
from gsign.protection.octets import octets_of
from gsign.result import DocumentResult
from gsign.smime import decrypt, verify

if TYPE_CHECKING:
    from gsign.mail.facts import Verifier
    from gsign.trust.evidence import ValidationData
    from gsign.trust.material import Material

__all__ = ["answer"]


def answer(
    question: Mapping[str, Any],
    message: str | bytes,
    rules: dict[str, Any],
    call: Call,
    *,
    known: ValidationData | None = None,
    material: Material | None = None,
) -> dict[str, object]:
    """Do what is asked with a message.

    Args:
        question: `verify-message`, `inspect-message` or `decrypt-message`.
        message: a path, or the octets.
        rules: trust, time and revocation, as `gsign.smime.verify` takes them.
        call: asks the caller for documents inside, or for the use of a key.
        known: as `gsign.smime.verify` takes it.
        material: likewise; the answer has what it took.

    Raises:
        GsignError: as the functions of the same name in `gsign.isolation.messages`.
    """
    if question["ask"] == "inspect-message":
        return plain_inspection(inspect(octets_of(message)[1], RemoteVerifier(call)))
    if question["ask"] == "decrypt-message":
        return plain_decrypted(decrypt(message, RemoteDecrypter(question["keys"], call), **rules))
    inspector = partial(_documents, RemoteVerifier(call)) if question["documents"] else None
    agencies = Mailboxes.of(question["agencies"]).sign_for
    result = verify(message, agencies=agencies, inspector=inspector, known=known, material=material, **rules)
    return {**plain_mail_result(result), "material": material.plain() if material is not None else {}}


def _documents(verifier: Verifier, message: bytes) -> tuple[DocumentResult, ...]:
    """Find and verify the documents in a message."""
    return tuple(DocumentResult(d.name, d.path, d.result) for d in inspect(message, verifier).documents)
