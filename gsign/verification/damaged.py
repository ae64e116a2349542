"""Documents whose structure the strict reader refuses: a signature in one is no pass, whatever others make of it."""

from __future__ import annotations

import re
from typing import Final

from gsign.result import Indication, VerificationResult
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.source import Source
from gsign.verification.orphans import has_signature_bytes
from gsign.verification.tolerant import holds_signature

__all__ = ["judge_damaged"]

_END: Final = re.compile(rb"startxref[\x00\t\n\x0c\r ]+\d{1,20}[\x00\t\n\x0c\r ]+%%EOF")


def judge_damaged(source: Source, error: PdfSyntaxError) -> VerificationResult:
    """Judge a file that cannot be read strictly.

    With the bytes of a signature in it: TOTAL_FAILED, since readers that repair what they find show different things.
    Without: NO_SIGNATURE_FOUND where a tolerant library can read it and finds none, else UNREADABLE.
    """
    reason = _reason(source)
    details: dict[str, object] = {"syntax": error.reason, "offset": error.offset}
    if has_signature_bytes(source):
        reasons = (reason,) if reason == "bytes-after-end" else (reason, "structure-damaged")
        return VerificationResult(source.name, Indication.TOTAL_FAILED, reasons=_known(reasons), facts=details)
    found = holds_signature(source) if reason not in {"not-a-pdf", "file-empty"} else None
    if found is None:
        return VerificationResult(source.name, Indication.UNREADABLE, reasons=(reason,), facts=details)
    if found:
        return VerificationResult(source.name, Indication.TOTAL_FAILED, reasons=("structure-damaged",), facts=details)
    return VerificationResult(source.name, Indication.NO_SIGNATURE_FOUND, facts=details)


def _known(reasons: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reasons))


def _reason(source: Source) -> str:
    if not source.size:
        return "file-empty"
    if b"%PDF-" not in source.read(0, 1024):
        return "not-a-pdf"
    if b"%%EOF" not in source.read(max(0, source.size - 2048), 2048):
        return "file-truncated"
    tail = source.read(max(0, source.size - 2048), 2048)
    ends = [match.end() for match in _END.finditer(tail)]
    if ends and tail[ends[-1] :].strip(b"\x00\t\n\x0c\r "):
        return "bytes-after-end"
    return "structure-damaged"
