"""Encrypting and decrypting a message, told in order: which certificates, which cipher, what the outcome is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from gsign.cms.enveloped import Addressee
from gsign.mime import Part
from gsign.protection.capabilities import takes_oaep
from gsign.protection.encrypted import Opened, encrypt_message
from gsign.protection.encrypting import (
    SENDER_DIFFERS,
    DecryptedMail,
    EncryptionRecord,
    EncryptMailRequest,
    Integrity,
)
from gsign.protection.recipients import Check, Recipient, addressees, choose_recipients, uncovered
from gsign.result import Indication, MailResult
from gsign.trust.certificate import Certificate
from gsign.trust.recipient import check_recipient
from gsign.trust.store import default_store

__all__ = ["encrypt_mail", "judge_decrypted"]


def encrypt_mail(
    file: str | None, message: Part, request: EncryptMailRequest, sign: Callable[[], Part] | None
) -> tuple[Iterable[bytes | memoryview], EncryptionRecord]:
    """Encrypt a message.

    Args:
        file: where it came from.
        message: in one reading.
        request: what is asked for.
        sign: signs the message, where that is asked for.

    Returns:
        The encrypted message in pieces, and what was done.
    """
    # (1) a certificate that holds for every recipient, before a key is used
    addresses = addressees(message) if request.addresses is None else request.addresses
    recipients = choose_recipients(addresses, request.named, request.sources, _check(request))
    # (2) the signature
    if sign is not None:
        message = sign()
    # (3) what all of them can decrypt
    cipher = request.cipher_for(recipients)
    whose = [Addressee(one.certificate, oaep=takes_oaep(one.capabilities)) for one in recipients]
    encrypted = encrypt_message(message, whose, cipher)
    # (4) what somebody should know of
    unread = uncovered(message, recipients)
    found = {
        "recipient-cannot-read": bool(unread),
        "subject-not-hidden": not encrypted.is_subject_hidden and message.get("subject") is not None,
        "content-changeable": not (cipher.is_authenticated or encrypted.is_signed),
    }
    return encrypted.pieces, EncryptionRecord(
        file=file,
        output=None,
        cipher=cipher.name,
        recipients=tuple(recipients),
        is_signed=encrypted.is_signed,
        uncovered=unread,
        warnings=(*_warnings(recipients), *(warning for warning, holds in found.items() if holds)),
    )


def judge_decrypted(file: str | None, opened: Opened, judge: Callable[[bytes], MailResult]) -> DecryptedMail:
    """Judge what came out of an encrypted message.

    Args:
        file: where it came from.
        opened: what came out.
        judge: verifies a signed message.
    """
    result = judge(opened.message)
    integrity = _integrity(opened, result)
    is_proven = result.indication is Indication.TOTAL_PASSED
    found = {
        "content-unauthenticated": integrity is Integrity.NONE,
        "mail-encrypted": "mail-encrypted" in result.warnings,
    }
    return DecryptedMail(
        file=file,
        output=None,
        message=opened.message,
        entity_size=opened.entity_size,
        cipher=opened.cipher.name,
        integrity=integrity,
        key=Certificate.of(opened.certificate).signer_info(),
        signature=None if result.indication is Indication.NO_SIGNATURE_FOUND else result,
        warnings=(
            # Whose signature holds, the signature says.
            *(warning for warning in opened.warnings if not (is_proven and warning == SENDER_DIFFERS)),
            *(warning for warning, holds in found.items() if holds),
        ),
    )


def _check(request: EncryptMailRequest) -> Check:
    store, now = request.trust or default_store(), datetime.now(UTC)
    return lambda certificate, others: check_recipient(certificate, others, store, request.revocation, now)


def _warnings(recipients: list[Recipient]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(warning for one in recipients for warning in one.warnings))


def _integrity(opened: Opened, result: MailResult) -> Integrity:
    """Say what keeps the content from having been changed; whose a signature is does not matter for that."""
    if opened.cipher.is_authenticated:
        return Integrity.AUTHENTICATED
    holds = result.intact and result.indication in (Indication.TOTAL_PASSED, Indication.INDETERMINATE)
    return Integrity.SIGNED if holds else Integrity.NONE
