"""Documents whose structure the strict reader refuses: a signature in one is no pass, whatever others make of it."""

from __future__ import annotations

from typing import Final

from gsign.result import ChangesAfter, Coverage, Indication, SignatureResult, VerificationResult
from gsign.syntax.lexer import WHITE, PdfSyntaxError
from gsign.syntax.pattern import lazily
from gsign.syntax.source import Source
from gsign.verification.orphans import has_signature_bytes
from gsign.verification.tolerant import holds_signature

__all__ = ["end_of_document", "judge_damaged", "with_bytes_behind"]

_TAIL: Final = 64 << 10
# What took too much here takes a tolerant library much more.
_EXCESSIVE: Final = frozenset(
    {
        "decompressed data too large",
        "nested too deep",
        "object streams are too large",
        "object too large",
        "objects overlap",
        "too many cross-reference sections",
    }
)
_NO_DOCUMENT: Final = frozenset({"file-empty", "not-a-pdf", "file-truncated"})
_END: Final = lazily(rb"startxref[\x00\t\n\x0c\r ]+\d{1,20}[\x00\t\n\x0c\r ]+%%EOF(?:\r\n|\r|\n)?")


def judge_damaged(source: Source, error: PdfSyntaxError) -> VerificationResult:
    """Judge a file that cannot be read strictly.

    With the bytes of a signature in it: TOTAL_FAILED, since readers that repair what they find show different things.
    Without: NO_SIGNATURE_FOUND where a tolerant library can read it and finds none, else UNREADABLE. A file whose end
    is missing is UNREADABLE: nobody can tell what stood there.
    """
    reason = _reason(source)
    details: dict[str, object] = {"syntax": error.reason, "offset": error.offset}
    if has_signature_bytes(source):
        reasons = (reason,) if reason in ("bytes-after-end", "structure-damaged") else (reason, "structure-damaged")
        return VerificationResult(source.name, Indication.TOTAL_FAILED, reasons=reasons, facts=details)
    is_readable = reason not in _NO_DOCUMENT and error.reason not in _EXCESSIVE
    found = holds_signature(source) if is_readable else None
    if found is None:
        return VerificationResult(source.name, Indication.UNREADABLE, reasons=(reason,), facts=details)
    if found:
        return VerificationResult(source.name, Indication.TOTAL_FAILED, reasons=("structure-damaged",), facts=details)
    return VerificationResult(source.name, Indication.NO_SIGNATURE_FOUND, facts=details)


def end_of_document(source: Source) -> int | None:
    """Return where the last `%%EOF` ends that other bytes follow, None where nothing follows or there is none."""
    at = max(0, source.size - _TAIL)
    tail = source.read(at, _TAIL)
    ends = [match.end() for match in _END.finditer(tail)]
    return at + ends[-1] if ends and tail[ends[-1] :].strip(WHITE) else None


def with_bytes_behind(source: Source, error: PdfSyntaxError, judged: VerificationResult) -> VerificationResult:
    """Tell who signed the document that stands before foreign bytes, and that the whole is no pass.

    Args:
        source: the whole file.
        error: what the reader stumbled over in it.
        judged: the result for the document without the bytes behind it.
    """
    if not judged.signatures:
        return judge_damaged(source, error)
    signatures = tuple(_no_pass(signature) for signature in judged.signatures)
    details = {**judged.facts, "syntax": error.reason, "offset": error.offset}
    reasons = tuple(dict.fromkeys(("bytes-after-end", *judged.reasons)))
    return VerificationResult(source.name, Indication.TOTAL_FAILED, signatures, reasons=reasons, facts=details)


def _no_pass(signature: SignatureResult) -> SignatureResult:
    covered = signature.coverage is Coverage.WHOLE_FILE
    is_failed = signature.indication is Indication.TOTAL_FAILED
    return signature._replace(
        indication=Indication.TOTAL_FAILED,
        sub_indication=signature.sub_indication if is_failed else "FORMAT_FAILURE",
        coverage=Coverage.REVISION if covered else signature.coverage,
        changes_after=ChangesAfter.FORBIDDEN,
        reasons=tuple(dict.fromkeys((*signature.reasons, "bytes-after-end"))),
    )


def _reason(source: Source) -> str:
    if not source.size:
        return "file-empty"
    if b"%PDF-" not in source.read(0, 1024):
        return "not-a-pdf"
    if b"%%EOF" not in source.read(max(0, source.size - 2048), 2048):
        return "file-truncated"
    return "bytes-after-end" if end_of_document(source) is not None else "structure-damaged"
