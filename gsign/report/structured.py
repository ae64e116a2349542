"""A report for programs: the contract's dictionaries with the facts beside them, and the sentences of every reason."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from gsign.report.content import Conditions
from gsign.result import VerificationResult, plain
from gsign.sentences import reason_advice, reason_sentence

__all__ = ["render_json"]


def render_json(results: Sequence[VerificationResult], conditions: Conditions, made: datetime) -> bytes:
    """Write a report.

    Args:
        results: of all files.
        conditions: what they were judged with.
        made: when.
    """
    record = {
        "gsign": conditions.version,
        "made": plain(made),
        "conditions": {
            "revocation": conditions.revocation,
            "offline": conditions.offline,
            "at": plain(conditions.at),
            "anchors": list(conditions.anchors),
        },
        "files": [{**result.to_dict(), "facts": plain(result.facts)} for result in results],
        "sentences": {code: _sentences(code) for code in sorted(set(_codes(results)))},
    }
    # Names of files may hold what is no text: JSON can spell that, UTF-8 cannot.
    return json.dumps(record, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"


def _codes(results: Iterable[VerificationResult]) -> Iterable[str]:
    for result in results:
        yield from result.reasons
        for signature in result.signatures:
            yield from (*signature.reasons, *signature.warnings)


def _sentences(code: str) -> dict[str, dict[str, str]]:
    return {lang: {"what": reason_sentence(code, lang), "advice": reason_advice(code, lang)} for lang in ("vi", "en")}
