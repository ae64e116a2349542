"""Sign, verify, encrypt and decrypt messages (S/MIME 4.0, RFC 8551): the stories, each step a call into the workshop.

A message is octets: what was signed is never written anew by a parser.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from gsign.cms import CmsError
from gsign.errors import GsignError, InputError
from gsign.mime import Part, read
from gsign.protection.admission import signable
from gsign.protection.binding import Agencies, is_authority_name, senders
from gsign.protection.confidential import outer_copies
from gsign.protection.layers import DETACHED, ENCRYPTED, LayerError, find_layer
from gsign.protection.octets import Message, octets_of
from gsign.protection.request import MailRecord, SignMailOptions, SignMailRequest
from gsign.result import VIETNAM, DocumentResult, Indication, MailResult, Smime
from gsign.signer import Decrypter, Signer
from gsign.trust.clients import PathName, Trusted, revocation_client

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
    pieces, record = _sign(signer, SignMailRequest.of(**options), partial(signable, message))
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
    from gsign.signing.output import complete_file, enter

    request = SignMailRequest.of(**options)
    with complete_file(output, message, force=force) as file:
        pieces, record = _sign(signer, request, partial(signable, message))
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
    file, data = octets_of(message)
    client = revocation_client(revocation, offline=offline)

    def context(others: tuple[bytes, ...]) -> Context:
        from gsign.protection.context import context_of

        return context_of(trust, at, client, others, known, material)

    try:
        result = _verify(file, data, context, agencies)
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


# ---------------------------------------------------------------- the stories


def _sign(
    signer: Signer,
    request: SignMailRequest,
    reading: Callable[[], tuple[str | None, Part]],
    *,
    to_be_encrypted: bool = False,
) -> tuple[Pieces, MailRecord]:
    from gsign.protection.admission import check_certificate, require_unsigned, sender_for
    from gsign.protection.canonical import edits_for_transport
    from gsign.protection.documents import begins_document
    from gsign.protection.writing import SignatureMaker, signed_entity, signed_message

    now = datetime.now(VIETNAM).replace(microsecond=0)
    # (1) the signer's certificate, before the key is used
    check = check_certificate(signer, request, now)
    # (2) the message: one reading, from whom the certificate names, not signed by the same before
    file, message = reading()
    sender, as_agency = sender_for(message, signer, request)
    require_unsigned(message, signer)
    # (3) the entity: what relays might rewrite is encoded, and the header's copies are put in
    form = request.form_for(message)
    is_shown = form == DETACHED
    edits = edits_for_transport(message, strict=is_shown)
    entity = signed_entity(message, edits, outer_copies(message) if to_be_encrypted else None, seven_bit=is_shown)
    if begins_document(entity.pieces):
        raise InputError("mail-begins-document")
    # (4) one digest pass, the signature, and the message around it
    algorithm = request.algorithm(signer)
    maker = SignatureMaker(signer, algorithm, check.chain, now, as_agency)
    signed = signed_message(message, entity, form, maker)
    return signed, MailRecord(
        file=file,
        output=None,
        form=form,
        sender=sender,
        as_agency=as_agency,
        scheme=algorithm.scheme,
        digest=algorithm.digest,
        is_token=signer.is_token,
        key=signer.uri,
        signer=check.signer,
        signing_time=now,
        warnings=check.warnings if signer.is_token else (*check.warnings, "not-a-token"),
    )


def _verify(
    file: str | None, data: bytes, context: Callable[[tuple[bytes, ...]], Context], agencies: Agencies
) -> MailResult:
    from gsign.protection.clarity import unclear
    from gsign.protection.findings import (
        bind_signer,
        compare_header,
        compare_micalg,
        judge_names,
        judge_signer,
        judge_unsigned,
    )
    from gsign.protection.signers import check_signers, open_signed
    from gsign.protection.verdict import Verdict

    message = read(data)
    verdict = Verdict(file)
    # (1) one reading
    verdict.fail(*unclear(message))
    # (2) one From
    authors, trouble = senders(message)
    verdict.sender = ", ".join(author.spec for author in authors) or None
    if trouble is not None:
        verdict.fail(trouble)
    # (3) the root
    try:
        layer = find_layer(message)
    except LayerError as error:
        verdict.fail(error.reason)
        return verdict.result()
    if layer is None or layer.form == ENCRYPTED:
        judge_unsigned(verdict, message, layer)
        return verdict.of_unsigned()
    verdict.form = layer.form
    verdict.warnings += layer.warnings
    # (4) the CMS, over the octets as they came
    try:
        content = open_signed(layer)
    except CmsError as error:
        verdict.fail(error.reason)
        return verdict.result()
    signers = check_signers(content)
    verdict.fail(*(signer.reason for signer in signers if signer.reason is not None))
    # (5) whose signature it is
    verdict.signer = bind_signer(verdict, signers, authors, agencies)
    judge_names(verdict, authors)
    compare_micalg(verdict, layer, signers)
    # (6) the header
    compare_header(verdict, message, layer, content)
    # (7) what the certificate is worth
    if verdict.signer.reason is None:
        judged_by = context(content.signed.certificates)
        if judged_by.material is not None and layer.form == DETACHED:
            judged_by.material.add("signatures", layer.cms)
        judge_signer(verdict, verdict.signer, message, judged_by)
    return verdict.result()


def _encrypt(source: Message, signer: Signer | None, request: EncryptMailRequest) -> tuple[Pieces, EncryptionRecord]:
    from gsign.protection.exchange import encrypt_mail

    file, message = signable(source)

    def signed(by: Signer) -> Part:
        signing = SignMailRequest.of(trust=request.trust, revocation=request.revocation)
        return read(b"".join(_sign(by, signing, lambda: (file, message), to_be_encrypted=True)[0]))

    return encrypt_mail(file, message, request, partial(signed, signer) if signer is not None else None)
