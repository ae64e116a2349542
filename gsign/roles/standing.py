"""What a document's earlier signatures mean for the one that is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gsign.result import NUMBER_ENTRY, ROLE_ENTRY, Indication, Role, SignatureResult, SignerInfo
from gsign.signing.order import (
    Holder,
    check_certificate,
    check_received,
    check_sequence,
    competent,
    holder_of,
    remarks_on,
    require_competent,
)
from gsign.signing.permissions import signed_fields
from gsign.syntax.damage import open_document
from gsign.syntax.reader import Document, Field, decode_text
from gsign.syntax.source import Readable, Source

if TYPE_CHECKING:
    from gsign.result import VerificationResult
    from gsign.signing.request import SignRequest
    from gsign.trust.clients import PathName

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
        InputError: the main document of an annex cannot be read.
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
    check_sequence(role, _stated(document, signed, ROLE_ENTRY))
    if role in (Role.ISSUE, Role.ANNEX):
        main = request.main
        found = _after_person(source, signer, request) if main is None else _annex_of(main, signer, request)
        return found._replace(warnings=(*warnings, *found.warnings))
    if role is Role.PLAIN and not (signed and competent(_verdict(source, request))):
        return Standing(warnings=("agency-before-person",))
    if role in (Role.COPY, Role.INCOMING) and signed:
        return Standing(warnings=(*warnings, *check_received(_verdict(source, request))))
    return Standing(warnings=warnings)


def _after_person(source: Source, agency: SignerInfo, request: SignRequest) -> Standing:
    person = require_competent(_verdict(source, request), file=source.name or "-")
    return Standing(person, warnings=remarks_on(person, agency))


def _annex_of(main: PathName | bytes, agency: SignerInfo, request: SignRequest) -> Standing:
    """An annex may be signed after the leader signed the document that it belongs to."""
    with open_document(main if isinstance(main, bytes) else Path(main)) as opened:
        document = Document(opened)
        document.unlock(request.password)
        result = _verdict(opened, request)
        person = require_competent(result, file=opened.name or "-")
        number = request.number or _issued_number(document, result)
    number = number or _printed_number(main, request.password)
    return Standing(person, number=number, warnings=remarks_on(person, agency))


def _issued_number(document: Document, result: VerificationResult) -> str | None:
    """Return number and symbol as the agency says that put them on the document with the first of its signatures."""
    passed = [s for s in result.signatures if s.role is Role.ISSUE and s.indication is Indication.TOTAL_PASSED]
    names = [s.field for s in passed if s.signer == passed[0].signer]  # whoever else says so issues nothing
    fields = [field for field in signed_fields(document.fields()) if field.name in names]
    if len(fields) != len(names):  # fields that share a name
        return None
    return next(iter(_stated(document, fields, NUMBER_ENTRY)), None)


def _printed_number(main: Readable, password: str | None) -> str | None:
    from gsign.appearance.placement.pages import PageTexts
    from gsign.appearance.placement.symbol import printed_number

    with PageTexts(main, password) as texts:
        return printed_number(texts)


def _verdict(source: Source, request: SignRequest) -> VerificationResult:
    from gsign.verification.verdict import verify_document

    return verify_document(source, trust=request.trust, revocation=request.revocation, password=request.password)


def _stated(document: Document, fields: Iterable[Field], entry: str) -> list[str]:
    """Return what signatures say of themselves, in the order of the form's fields."""
    dictionaries = [document.dictionary(field.value, "signature") for field in fields]
    values = [document.get(d.get(entry)) for d in dictionaries]
    return [decode_text(v) if isinstance(v, bytes) else str(v) for v in values if isinstance(v, (bytes, str))]
