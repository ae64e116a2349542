"""How a message is signed (RFC 8551 clause 3.5, RFC 9788): each step in its turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from gsign.errors import InputError
from gsign.mime import Part
from gsign.protection.admission import check_certificate, require_unsigned, sender_for
from gsign.protection.canonical import edits_for_transport
from gsign.protection.confidential import outer_copies
from gsign.protection.documents import begins_document
from gsign.protection.layers import DETACHED
from gsign.protection.request import MailRecord, SignMailRequest
from gsign.protection.writing import SignatureMaker, signed_entity, signed_message
from gsign.result import VIETNAM
from gsign.signer import Signer

__all__ = ["sign_message"]


def sign_message(
    signer: Signer,
    request: SignMailRequest,
    reading: Callable[[], tuple[str | None, Part]],
    *,
    to_be_encrypted: bool = False,
) -> tuple[Iterable[bytes | memoryview], MailRecord]:
    """Sign a message: the story that `gsign.smime.sign` tells.

    Args:
        signer: the key.
        request: what is asked for.
        reading: reads the message when its turn comes.
        to_be_encrypted: whether what is signed goes into an envelope.

    Returns:
        The signed message in pieces, of which the large ones may be made when their turn comes; and what was done.

    Raises:
        GsignError: as `gsign.smime.sign`.
    """
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
