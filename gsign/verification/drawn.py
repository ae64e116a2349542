"""What the comparison of drawn pages means for a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gsign.result import ChangesAfter, Coverage, Indication, SignatureResult, VerificationResult, worst

__all__ = ["pages_that_differ", "revision_ends", "with_differences", "without_drawing"]

_DIFFERS: Final = "rendering-differs"
_FAILED: Final = "rendering-failed"


def revision_ends(result: VerificationResult) -> dict[str, int]:
    """Return where the revision ends that each signature covers, by the name of its field.

    Of fields that share a name, against the rules (clause 12.7.4.2), the later ones go by their place as well.
    """
    ends = {}
    for index, (signature, details) in enumerate(zip(result.signatures, _details(result), strict=False)):
        if signature.field is not None and signature.coverage is not Coverage.NONE and details.get("byte_range"):
            _, _, start, length = details["byte_range"]
            ends[_key(result, index)] = start + length
    return ends


def _key(result: VerificationResult, index: int) -> str:
    name = result.signatures[index].field or ""
    is_taken = any(earlier.field == name for earlier in result.signatures[:index])
    return f"{name}\0{index}" if is_taken else name


def with_differences(result: VerificationResult, pages: Mapping[int, Sequence[int]]) -> VerificationResult:
    """Fail the signatures whose revision does not look like the whole file, and say on which pages.

    Args:
        result: the verdict without drawing.
        pages: that look different, for each end of a revision.
    """
    ends = revision_ends(result)
    details = _details(result)
    signatures = []
    for index, signature in enumerate(result.signatures):
        differing = pages.get(ends.get(_key(result, index), -1), ())
        if differing:
            details[index]["changes"] = [
                *details[index].get("changes", ()),
                *({"code": _DIFFERS, "page": page} for page in differing),
            ]
        signatures.append(_failed(signature, _DIFFERS) if differing else signature)
    return _judged(result, signatures, {**result.facts, "signatures": details, "drawn": True})


def pages_that_differ(result: VerificationResult, number: int) -> list[int]:
    """Return the pages that look different from what one of the signatures, counted from 1, was made on."""
    details = _details(result)
    changes = details[number - 1].get("changes", ()) if number <= len(details) else ()
    return [change["page"] for change in changes if change.get("code") == _DIFFERS]


def without_drawing(result: VerificationResult) -> VerificationResult:
    """Fail all signatures, since whether readers show what was signed could not be found out."""
    return _judged(result, [_failed(signature, _FAILED) for signature in result.signatures], result.facts)


def _details(result: VerificationResult) -> list[dict[str, Any]]:
    listed = result.facts.get("signatures")
    return [dict(d) for d in listed] if isinstance(listed, (list, tuple)) else []


def _failed(signature: SignatureResult, reason: str) -> SignatureResult:
    failed = signature.indication is Indication.TOTAL_FAILED
    return signature._replace(
        indication=Indication.TOTAL_FAILED,
        sub_indication=signature.sub_indication if failed else "FORMAT_FAILURE",
        changes_after=ChangesAfter.FORBIDDEN if reason == _DIFFERS else signature.changes_after,
        reasons=(*signature.reasons, reason),
    )


def _judged(
    result: VerificationResult, signatures: list[SignatureResult], facts: Mapping[str, object]
) -> VerificationResult:
    if not signatures:
        return result
    return result._replace(
        indication=worst([signature.indication for signature in signatures]),
        signatures=tuple(signatures),
        facts=facts,
    )
