"""What a document's earlier signatures mean for the one that is asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gsign.result import NUMBER_ENTRY, ROLE_ENTRY, Role, SignatureResult, SignerInfo
from gsign.signing.order import (
    Holder,
    check_certificate,
    check_received,
    check_sequence,
    competent,
    holder_of,
    require_competent,
)
from gsign.signing.permissions import signed_fields
from gsign.syntax.reader import Document, decode_text
from gsign.syntax.source import Readable, Source, open_source

if TYPE_CHECKING:
    from gsign.result import VerificationResult
    from gsign.signing.request import SignRequest

__all__ = ["NOTHING", "Standing", "standing"]


class Standing(NamedTuple):
    """What comes before the new signature."""

    follows: SignatureResult | None = None
    """The competent person's signature, where the new one must have one before it."""
    number: str | None = None
    """Number and symbol of the main document of an annex."""
    warnings: tuple[str, ...] = ()


NOTHING = Standing()


def standing(document: Document, source: Source, signer: SignerInfo, request: SignRequest) -> Standing:
    """Look at certificate and earlier signatures as the role demands, and refuse what is out of order.

    Args:
        document: what is to be signed.
        source: the same as bytes.
        signer: whom the certificate names.
        request: what is asked for.

    Raises:
        TokenError: `role-needs-person`.
        UsageError: `already-issued`.
        NoSignatureError: `competent-signature-missing`.
        VerificationError: `earlier-signature-failed`.
    """
    role = request.role
    if role is Role.PLAIN and holder_of(signer) is not Holder.AGENCY:
        return NOTHING
    warnings = check_certificate(role, signer)
    signed = signed_fields(document.fields())
    check_sequence(role, _stated(document, ROLE_ENTRY))
    if role is Role.ISSUE:
        return Standing(_person(source, request, request.password), warnings=warnings)
    if role is Role.ANNEX:
        return _annex(source, request)._replace(warnings=warnings)
    if role is Role.PLAIN and not (signed and competent(_verdict(source, request, request.password))):
        return Standing(warnings=("agency-before-person",))
    if role in (Role.COPY, Role.INCOMING) and signed:
        return Standing(warnings=(*warnings, *check_received(_verdict(source, request, request.password))))
    return Standing(warnings=warnings)


def _annex(source: Source, request: SignRequest) -> Standing:
    """An annex may be signed after the leader signed it, or the document that it belongs to."""
    main = request.main
    if main is None:
        return Standing(_person(source, request, request.password))
    with open_source(main if isinstance(main, bytes) else Path(os.fspath(main))) as opened:
        document = Document(opened)
        document.unlock(request.password)
        person = _person(opened, request, request.password)
        number = request.number or next(iter(_stated(document, NUMBER_ENTRY)), None)
    return Standing(person, number=number or _printed_number(main, request.password))


def _printed_number(main: Readable, password: str | None) -> str | None:
    from gsign.appearance.placement.pages import PageTexts
    from gsign.appearance.placement.symbol import printed_number

    with PageTexts(main, password) as texts:
        return printed_number(texts)


def _person(source: Source, request: SignRequest, password: str | None) -> SignatureResult:
    return require_competent(_verdict(source, request, password), file=source.name or "-")


def _verdict(source: Source, request: SignRequest, password: str | None) -> VerificationResult:
    from gsign.verification.verdict import verify_document

    return verify_document(source, trust=request.trust, revocation=request.revocation, password=password)


def _stated(document: Document, entry: str) -> list[str]:
    """Return what the signatures of a document say of themselves, in the order of the form's fields."""
    dictionaries = [document.dictionary(f.value, "signature") for f in signed_fields(document.fields())]
    values = [document.get(d.get(entry)) for d in dictionaries]
    return [decode_text(v) if isinstance(v, bytes) else str(v) for v in values if isinstance(v, (bytes, str))]
