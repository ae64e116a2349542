"""Sign, verify, encrypt and decrypt messages (S/MIME 4.0, RFC 8551).

A message is octets: what was signed is never written anew by a parser. How each is done, step by step, is told in
`gsign.protection`: `signing`, `verifying`, `exchange`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from gsign.errors import GsignError
from gsign.mime import Part, read
from gsign.protection.admission import signable
from gsign.protection.binding import Agencies, is_authority_name
from gsign.protection.octets import Message, octets_of
from gsign.protection.request import MailRecord, SignMailOptions, SignMailRequest
from gsign.result import DocumentResult, Indication, MailResult, Smime
from gsign.signer import Decrypter, Signer
from gsign.trust.clients import PathName, Trusted, judging_time, status_client

if TYPE_CHECKING:
    from gsign.protection.encrypting import (
        DecryptedMail,
        EncryptionRecord,
        EncryptMailOptions,
        EncryptMailRequest,
    )
    from gsign.signing.output import Entering
    from gsign.trust.evidence import ValidationData
    from gsign.trust.identity import Context
    from gsign.trust.material import Material
    from gsign.trust.revocation import RevocationClient

__all__ = [
    "MailRecord",
    "decrypt",
    "decrypt_to",
    "decrypted_to",
    "encrypt",
    "encrypt_recorded",
    "encrypt_to",
    "sign",
    "sign_recorded",
    "sign_to",
    "verify",
]

Pieces = Iterable[bytes | memoryview]
"""A message in order, of which the large pieces may be made when their turn comes."""
Inspector = Callable[[bytes], tuple[DocumentResult, ...]]
"""Finds and verifies the documents in a message."""


def sign(message: Message, signer: Signer, **options: Unpack[SignMailOptions]) -> bytes:
    """Sign a message and return it with the signature.

    Args:
        message: octets, path or binary file; lines may end in LF on disk. The result has CRLF.
        signer: the key, from `gsign.pkcs11.open_signer` or `gsign.pkcs12.open_signer`.
        **options: see `SignMailOptions`.

    Raises:
        UsageError: `mail-form-unknown`, `signer-is-not-sender`, `mail-already-signed`, `mail-not-7bit`, and others
            that say what does not fit.
        InputError: `input-unreadable`; `mail-unclear` where readers would take the message differently;
            `mail-begins-document` where what is signed would be a PDF document, too.
        TokenError: token, key, PIN or the signer's certificate.
        TemporaryError: a status that is required could not be had.
    """
    return sign_recorded(message, signer, **options)[0]


def sign_recorded(message: Message, signer: Signer, **options: Unpack[SignMailOptions]) -> tuple[bytes, MailRecord]:
    """Sign a message, and tell what was done.

    Args:
        message: as for `sign`.
        signer: the key.
        **options: see `SignMailOptions`.

    Raises:
        GsignError: as `sign`.
    """
    from gsign.protection.signing import sign_message

    pieces, record = sign_message(signer, SignMailRequest.of(**options), partial(signable, message))
    return b"".join(pieces), record


def sign_to(
    message: Message,
    output: Path,
    signer: Signer,
    *,
    force: bool = False,
    entering: Entering[MailRecord] | None = None,
    **options: Unpack[SignMailOptions],
) -> MailRecord:
    """Sign a message into a file, which appears only when it is complete.

    Args:
        message: as for `sign`.
        output: the signed message.
        signer: the key.
        force: whether an existing output is replaced.
        entering: called when the file is complete, and before it appears; where it raises, the file does not.
        **options: see `SignMailOptions`.

    Raises:
        GsignError: as `sign`; `output-exists`, `output-is-input`, `output-unwritable`.
    """
    from gsign.protection.signing import sign_message
    from gsign.signing.output import complete_file, enter

    request = SignMailRequest.of(**options)
    with complete_file(output, message, force=force) as file:
        pieces, record = sign_message(signer, request, partial(signable, message))
        file.writelines(pieces)
        record = record._replace(output=os.fspath(output))
        enter(file, record, entering)
    return record


def verify(
    message: Message,
    *,
    trust: Trusted = None,
    at: datetime | None = None,
    revocation: RevocationClient | str = "prefer",
    offline: bool = False,
    agencies: Agencies = is_authority_name,
    inspector: Inspector | None = None,
    known: ValidationData | None = None,
    material: Material | None = None,
) -> MailResult:
    """Verify the signature at the root of a message.

    What must hold:

    (1) the message can be read in one way only, by every reader;
    (2) it has exactly one From, which says without doubt from which address it is;
    (3) the signature stands at the root, in the form of RFC 8551: what is signed below says nothing of the whole;
    (4) the CMS is about these octets and nothing else, and each of its signers holds;
    (5) a signer's certificate names the address of every sender, or an agency's that may sign for it;
    (6) From is as it was signed, where copies of the header are; other fields that differ are named;
    (7) path, status, usage and algorithms of the certificate hold at the proven time, else now; a claimed time proves
        nothing, and one that is not the message's date is worth a warning.

    What fails is told in reasons, all of them; what fails on the way is no pass.

    Args:
        message: octets, path or binary file; lines may end in LF on disk.
        trust: anchors beside the pinned ones.
        at: when to judge a signature that no trusted timestamp dates, as an aware datetime; None for now.
        revocation: `prefer`, `require` or `off`.
        offline: ask nobody.
        agencies: which certificates' addresses may sign for which senders; by default those that RFC 3183 names
            `domain-signing-authority@` a domain at or above the sender's.
        inspector: finds and verifies the documents in the message.
        known: certificates, OCSP responses and CRLs to judge with.
        material: takes what is relied on.

    Raises:
        InputError: `input-unreadable`.
    """
    from gsign.protection.verifying import verify_message

    file, data = octets_of(message)
    client, at = status_client(revocation, offline=offline), judging_time(at)

    def context(others: tuple[bytes, ...]) -> Context:
        from gsign.protection.context import context_of

        return context_of(trust, at, client, others, known, material)

    try:
        result = verify_message(file, data, context, agencies)
        return result if inspector is None else result._replace(documents=inspector(data))
    except GsignError:
        raise
    except (MemoryError, RecursionError):
        return MailResult(file, Indication.UNREADABLE, Smime.PERMERROR, reasons=("limit-exceeded",))
    except Exception:  # noqa: BLE001 - whatever a stranger's message provokes, it is no pass
        return MailResult(file, Indication.TOTAL_FAILED, Smime.PERMERROR, reasons=("internal-error",))


def encrypt(
    message: Message,
    recipients: Iterable[PathName | bytes] | None = None,
    *,
    signer: Signer | None = None,
    **options: Unpack[EncryptMailOptions],
) -> bytes:
    """Encrypt a message and return it; where a signer is given, sign it first.

    A message that is signed already is encrypted as it is. Otherwise its header fields go inside, and the subject is
    hidden outside (RFC 9788).

    Args:
        message: octets, path or binary file; lines may end in LF on disk. The result has CRLF.
        recipients: addresses, certificates (octets, PEM or DER), files or folders with certificates; None for the
            addresses of To and Cc, whose certificates are looked for in `sources`.
        signer: signs what is encrypted.
        **options: see `EncryptMailOptions`.

    Raises:
        DecisionNeededError: `recipients-without-certificate`, naming each recipient without one that holds, and why
            each that was found was rejected; `recipients-missing`, `recipients-unclear`.
        UsageError: options that are off; `mail-encrypted-already`; as `sign`.
        InputError: `input-unreadable`, `recipients-unreadable`; `mail-unclear`, `mail-partial`.
        TokenError: as `sign`.
        TemporaryError: a directory did not answer, or a status that is required could not be had.
    """
    return encrypt_recorded(message, recipients, signer=signer, **options)[0]


def encrypt_recorded(
    message: Message,
    recipients: Iterable[PathName | bytes] | None = None,
    *,
    signer: Signer | None = None,
    **options: Unpack[EncryptMailOptions],
) -> tuple[bytes, EncryptionRecord]:
    """Encrypt a message and return it with what was done.

    Args:
        message: as for `encrypt`.
        recipients: as for `encrypt`.
        signer: as for `encrypt`.
        **options: as for `encrypt`.

    Raises:
        GsignError: as `encrypt`.
    """
    from gsign.protection.encrypting import EncryptMailRequest

    pieces, record = _encrypt(message, signer, EncryptMailRequest.of(recipients, **options))
    return b"".join(pieces), record


def encrypt_to(
    message: Message,
    output: Path,
    recipients: Iterable[PathName | bytes] | None = None,
    *,
    signer: Signer | None = None,
    force: bool = False,
    entering: Entering[EncryptionRecord] | None = None,
    **options: Unpack[EncryptMailOptions],
) -> EncryptionRecord:
    """Encrypt a message into a file, which appears only when it is complete.

    Args:
        message: as for `encrypt`.
        output: the encrypted message.
        recipients: as for `encrypt`.
        signer: as for `encrypt`.
        force: whether an existing output is replaced.
        entering: as for `sign_to`.
        **options: as for `encrypt`.

    Raises:
        GsignError: as `encrypt`; `output-exists`, `output-is-input`, `output-unwritable`.
    """
    from gsign.protection.encrypting import EncryptMailRequest
    from gsign.signing.output import complete_file, enter

    request = EncryptMailRequest.of(recipients, **options)
    with complete_file(output, message, force=force) as file:
        pieces, record = _encrypt(message, signer, request)
        file.writelines(pieces)
        record = record._replace(output=os.fspath(output))
        enter(file, record, entering)
    return record


def decrypt(
    message: Message,
    decrypter: Decrypter,
    *,
    trust: Trusted = None,
    at: datetime | None = None,
    revocation: RevocationClient | str = "prefer",
    offline: bool = False,
) -> DecryptedMail:
    """Decrypt a message, and verify the signature inside.

    (1) The encryption stands at the root, or right below signatures there; (2) the content key is opened by the
    first of the decrypter's keys that the message is for; (3) the content is decrypted whole before an octet of it is
    given away; (4) a signature inside is verified as `verify` does; (5) content that no authenticated cipher and no
    signature protects is marked so: it must not be shown where that could load anything or be answered to.

    Whatever is wrong with key, padding, tag or content, the error is the same, after the same work.

    Args:
        message: octets, path or binary file; lines may end in LF on disk.
        decrypter: from `gsign.pkcs11.open_decrypter` or `gsign.pkcs12.open_decrypter`.
        trust: as for `verify`.
        at: as for `verify`.
        revocation: as for `verify`.
        offline: as for `verify`.

    Raises:
        InputError: `input-unreadable`, `mail-not-encrypted`; `mail-encryption-malformed` or `mail-cipher-unknown`,
            which anybody can see; `decryption-failed`.
        OtherKeyError: `no-key-for-message`.
        TokenError: token, key or PIN.
    """
    from gsign.protection.encrypted import open_message
    from gsign.protection.exchange import judge_decrypted

    file, data = octets_of(message)
    opened = open_message(read(data), decrypter)
    # What was encrypted is as large as what came out of it.
    del data
    judge = partial(verify, trust=trust, at=at, revocation=revocation, offline=offline)
    return judge_decrypted(file, opened, judge)


def decrypt_to(
    message: Message,
    output: Path,
    decrypter: Decrypter,
    *,
    force: bool = False,
    entering: Entering[DecryptedMail] | None = None,
    trust: Trusted = None,
    at: datetime | None = None,
    revocation: RevocationClient | str = "prefer",
    offline: bool = False,
) -> DecryptedMail:
    """Decrypt a message into a file, which appears only when it is complete, and is its owner's alone to read.

    Args:
        message: as for `decrypt`.
        output: the decrypted message.
        decrypter: as for `decrypt`.
        force: whether an existing output is replaced.
        entering: as for `sign_to`.
        trust: as for `verify`.
        at: as for `verify`.
        revocation: as for `verify`.
        offline: as for `verify`.

    Raises:
        GsignError: as `decrypt`; `output-exists`, `output-is-input`, `output-unwritable`.
    """
    rules: dict[str, Any] = {"trust": trust, "at": at, "revocation": revocation, "offline": offline}
    return decrypted_to(message, output, lambda: decrypt(message, decrypter, **rules), force=force, entering=entering)


def decrypted_to(
    message: Message,
    output: Path,
    work: Callable[[], DecryptedMail],
    *,
    force: bool,
    entering: Entering[DecryptedMail] | None = None,
) -> DecryptedMail:
    """Write what becomes of decrypting into a file, as `decrypt_to`.

    Args:
        message: what is decrypted.
        output: the decrypted message.
        work: decrypts it.
        force: whether an existing output is replaced.
        entering: as for `sign_to`.

    Raises:
        GsignError: as `work`; `output-exists`, `output-is-input`, `output-unwritable`.
    """
    from gsign.signing.output import complete_file, enter

    with complete_file(output, message, force=force) as file:
        # What was secret on its way is so on the disk.
        os.fchmod(file.fileno(), 0o600)
        result = work()
        file.write(result.message)
        result = result._replace(output=os.fspath(output))
        enter(file, result, entering)
    return result


def _encrypt(source: Message, signer: Signer | None, request: EncryptMailRequest) -> tuple[Pieces, EncryptionRecord]:
    from gsign.protection.exchange import encrypt_mail
    from gsign.protection.signing import sign_message

    file, message = signable(source)

    def signed(by: Signer) -> Part:
        signing = SignMailRequest.of(trust=request.trust, revocation=request.revocation)
        return read(b"".join(sign_message(by, signing, lambda: (file, message), to_be_encrypted=True)[0]))

    return encrypt_mail(file, message, request, partial(signed, signer) if signer is not None else None)
