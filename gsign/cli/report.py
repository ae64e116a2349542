"""A verification said to a person: what Circular 15/2025/TT-BKHCN asks to be shown, and every reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gsign.cli.output import clean, text
from gsign.result import shown_time
from gsign.sentences import reason_advice, reason_sentence

if TYPE_CHECKING:
    from gsign.cli.shared import Shared
    from gsign.result import SignatureResult, VerificationResult

__all__ = ["brief", "lines"]


def brief(result: VerificationResult, shared: Shared) -> Iterator[str]:
    """Write a file's verdict, and below it why it did not pass."""
    yield text(shared, f"file-{result.indication}", file=result.file or "-")
    if "error" in result.facts:
        return  # said already, on stderr
    reasons = (*result.reasons, *(reason for signature in result.signatures for reason in signature.reasons))
    for code in dict.fromkeys(reasons):
        yield f"  - {reason_sentence(code, shared.lang)} [{code}]"


def lines(result: VerificationResult, shared: Shared) -> Iterator[str]:
    """Write a file's result, one fact a line."""
    yield text(shared, f"file-{result.indication}", file=result.file or "-")
    if "error" not in result.facts:  # else it was said already, on stderr
        yield from _reasons(result.reasons, shared, "  ")
    for number, signature in enumerate(result.signatures, 1):
        yield from _signature(number, signature, shared)
        yield from _differing_pages(number, result, shared)


def _signature(number: int, signature: SignatureResult, shared: Shared) -> Iterator[str]:
    def fact(name: str, value: object) -> str:
        return f"    {text(shared, name)}: {clean(value)}"

    signer = signature.signer
    kind = text(shared, signature.kind)
    sub = f", {signature.sub_indication}" if signature.sub_indication else ""
    verdict = text(shared, f"signature-{signature.indication}", sub=sub)
    yield f"  {kind} {number} ({clean(signature.field or '-')}): {verdict}"
    if signature.role:
        yield fact("role", text(shared, f"role-{signature.role}"))
    yield fact("signer", ", ".join(filter(None, (signer.name, signer.email))) or "?")
    if unit := ", ".join(filter(None, (signer.unit, signer.organisation))):
        yield fact("unit", unit)
    yield fact("issuer", signer.issuer or "?")
    if signer.not_before and signer.not_after:
        yield fact("validity", f"{shown_time(signer.not_before)} – {shown_time(signer.not_after)}")
    yield fact("integrity", text(shared, "intact" if signature.intact else "not-intact"))
    yield fact("coverage", text(shared, f"coverage-{signature.coverage}"))
    yield fact("changes", text(shared, f"changes-{signature.changes_after}"))
    yield fact("trust", text(shared, f"domain-{signature.trust_domain or 'none'}"))
    yield fact("revocation", text(shared, f"revocation-{signature.revocation}"))
    if signature.proven_time:
        yield fact("proven-time", shown_time(signature.proven_time))
    if signature.claimed_time:
        yield fact("claimed-time", shown_time(signature.claimed_time))
    if signature.level:
        yield fact("level", signature.level)
    yield from _reasons((*signature.reasons, *signature.warnings), shared, "    ")


def _differing_pages(number: int, result: VerificationResult, shared: Shared) -> Iterator[str]:
    """Name the pages that look different now, where they were drawn."""
    if "drawn" not in result.facts:
        return
    from gsign.verification.drawn import pages_that_differ

    if pages := pages_that_differ(result, number):
        yield f"    {text(shared, 'pages-differ')}: {', '.join(map(str, pages))}"


def _reasons(codes: tuple[str, ...], shared: Shared, indent: str) -> Iterator[str]:
    for code in codes:
        yield f"{indent}- {reason_sentence(code, shared.lang)} [{code}]"
        if advice := reason_advice(code, shared.lang):
            yield f"{indent}  {advice}"
