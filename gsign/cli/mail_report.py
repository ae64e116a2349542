"""The verification of a message said to a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gsign.cli.output import clean, text
from gsign.cli.report import lines as document_lines
from gsign.result import Indication, MailResult, shown_time
from gsign.sentences import reason_advice, reason_sentence

if TYPE_CHECKING:
    from gsign.cli.shared import Shared

__all__ = ["inner_lines", "lines"]


def lines(result: MailResult, shared: Shared) -> Iterator[str]:
    """Write a message's result, one fact a line, and those of the documents in it."""
    yield text(shared, f"file-{result.indication}", file=result.file or "-")
    if result.sender:
        yield _fact(shared, "mail-sender", result.sender)
    yield _fact(shared, "mail-smime", result.smime)
    if result.indication is not Indication.NO_SIGNATURE_FOUND and result.form is not None:
        yield from _signature(result, shared)
    yield from _said((*result.reasons, *result.warnings), shared)
    if result.documents:
        yield f"  {text(shared, 'mail-documents')}:"
    for document in result.documents:
        yield from (f"  {line}" for line in document_lines(document.result, shared))


def inner_lines(result: MailResult, shared: Shared) -> Iterator[str]:
    """Write the result of the signature inside something that was encrypted: the verdict, whose it is, and why."""
    name = (result.signer.name if result.signer is not None else None) or "?"
    yield _fact(shared, "mail-inner-signature", f"{_verdict(result, shared)}, {name}")
    yield from _said(result.reasons, shared)


def _said(codes: Iterable[str], shared: Shared) -> Iterator[str]:
    for code in codes:
        yield f"  - {reason_sentence(code, shared.lang)} [{code}]"
        if advice := reason_advice(code, shared.lang):
            yield f"    {advice}"


def _verdict(result: MailResult, shared: Shared) -> str:
    sub = f", {result.sub_indication}" if result.sub_indication else ""
    return text(shared, f"signature-{result.indication}", sub=sub)


def _signature(result: MailResult, shared: Shared) -> Iterator[str]:
    yield _fact(shared, "mail-signature", _verdict(result, shared))
    signer = result.signer
    if signer is not None:
        yield _fact(shared, "signer", ", ".join(filter(None, (signer.name, signer.email))) or "?")
        if unit := ", ".join(filter(None, (signer.unit, signer.organisation))):
            yield _fact(shared, "unit", unit)
        yield _fact(shared, "issuer", signer.issuer or "?")
    yield _fact(shared, "integrity", text(shared, "intact" if result.intact else "not-intact"))
    yield _fact(shared, "mail-headers", _headers(result, shared))
    yield _fact(shared, "trust", text(shared, f"domain-{result.trust_domain or 'none'}"))
    yield _fact(shared, "revocation", text(shared, f"revocation-{result.revocation}"))
    for name, moment in (("proven-time", result.proven_time), ("claimed-time", result.claimed_time)):
        if moment is not None:
            yield _fact(shared, name, shown_time(moment))
    if result.by_agency:
        yield f"  {text(shared, 'by-agency')}"


def _headers(result: MailResult, shared: Shared) -> str:
    if not result.headers_protected:
        return text(shared, "mail-headers-none")
    if result.headers_changed:
        return text(shared, "mail-headers-changed", names=", ".join(result.headers_changed))
    return text(shared, "mail-headers-same")


def _fact(shared: Shared, name: str, value: object) -> str:
    return f"  {text(shared, name)}: {clean(value)}"
