"""How a signed message is verified (RFC 8551, RFC 8550): each step in its turn, and all that it finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gsign.cms import CmsError
from gsign.mime import read
from gsign.protection.binding import Agencies, senders
from gsign.protection.clarity import unclear
from gsign.protection.findings import (
    bind_signer,
    compare_header,
    compare_micalg,
    judge_names,
    judge_signer,
    judge_unsigned,
)
from gsign.protection.layers import DETACHED, ENCRYPTED, LayerError, find_layer
from gsign.protection.signers import check_signers, open_signed
from gsign.protection.verdict import Verdict
from gsign.result import MailResult

if TYPE_CHECKING:
    from gsign.trust.identity import Context

__all__ = ["verify_message"]


def verify_message(
    file: str | None, data: bytes, context: Callable[[tuple[bytes, ...]], Context], agencies: Agencies
) -> MailResult:
    """Verify the signature at the root of a message: the story that `gsign.smime.verify` tells, by the same numbers.

    Args:
        file: what the message is called.
        data: its octets, as they are signed.
        context: returns what is judged with, given the certificates that the message brings.
        agencies: which certificates' addresses may sign for which senders.
    """
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
