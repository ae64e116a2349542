"""From results to what a report says about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from gsign.report.content import Conditions, FileSection, Note, Report, Row, Tone
from gsign.report.evidence import Certificates, data_lines
from gsign.report.signature import compose_signature, tone_of
from gsign.report.wording import Wording, Words, shown
from gsign.result import Indication, VerificationResult

__all__ = ["compose"]

_HEADINGS: Final = ("anchor", "certificates", "data", "overview")
_NOTHING: Final[Mapping[str, Any]] = {}


def compose(results: Sequence[VerificationResult], conditions: Conditions, *, lang: str, now: datetime) -> Report:
    """Say what results come to.

    Args:
        results: of all files, in the order in which they are to stand; with `sha256` and `size` among their facts.
        conditions: what they were judged with.
        lang: `vi` for Vietnamese with English beneath, `en` for English alone.
        now: when the report is made.
    """
    words = Wording(lang)
    return Report(
        lang=lang,
        title=words.say("title"),
        made=words.say("made", time=words.time(now)),
        program=words.say("program", version=conditions.version),
        footer=words.say("footer"),
        conditions=Row(words.say("conditions"), _conditions(conditions, words)),
        headings={name: words.say(name, total=len(results)) for name in _HEADINGS},
        files=tuple(_file(result, words) for result in results),
    )


def _conditions(conditions: Conditions, words: Wording) -> tuple[str, ...]:
    said = [
        words.plain(f"revocation-{conditions.revocation}"),
        words.plain("offline" if conditions.offline else "online"),
        words.plain("anchors-added", files=", ".join(conditions.anchors))
        if conditions.anchors
        else words.plain("anchors-pinned"),
    ]
    if conditions.at is not None:
        said.append(words.plain("at", time=words.time(conditions.at)))
    return ("; ".join(said),)


def _file(result: VerificationResult, words: Wording) -> FileSection:
    facts = result.facts
    details = _details(facts)
    certificates = Certificates(words)
    signatures = tuple(
        compose_signature(number, signature, detail, certificates, words)
        for number, (signature, detail) in enumerate(_paired(result, details), 1)
    )
    return FileSection(
        name=shown(result.file or "-"),
        verdict=words.say(result.indication),
        code=result.indication.value,
        tone=tone_of(result.indication),
        why=_why(result, words),
        facts=_about(facts, words),
        notes=tuple(_note(code, facts, words) for code in result.reasons),
        signatures=signatures,
        certificates=certificates.rows,
        data=data_lines(details, words) if certificates.rows else (),
    )


def _details(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = facts.get("signatures")
    return [d for d in listed if isinstance(d, Mapping)] if isinstance(listed, (list, tuple)) else []


def _paired(
    result: VerificationResult, details: Sequence[Mapping[str, Any]]
) -> Iterable[tuple[Any, Mapping[str, Any]]]:
    # A signature that no field reaches has a result and no facts.
    missing = len(result.signatures) - len(details)
    return zip(result.signatures, [*details, *([_NOTHING] * missing)], strict=False)


def _about(facts: Mapping[str, Any], words: Wording) -> tuple[Row, ...]:
    digest, size = facts.get("sha256"), facts.get("size")
    if not isinstance(digest, str) or not isinstance(size, int):
        return ()
    return (Row(words.say("sha256"), (f"{shown(digest)} ({words.plain('size', size=size)})",)),)


def _note(code: str, facts: Mapping[str, Any], words: Wording) -> Note:
    error = facts.get("error")
    named = {name: shown(value) for name, value in error.items()} if isinstance(error, Mapping) else None
    return Note(shown(code), words.reason(code, named), words.advice(code, named), Tone.BAD)


def _why(result: VerificationResult, words: Wording) -> Words:
    found = Counter(signature.indication for signature in result.signatures)
    code = f"why-{result.indication}"
    if result.indication is Indication.TOTAL_FAILED and not found:
        code += "-file"
    return words.say(
        code,
        count=found.total(),
        failed=found[Indication.TOTAL_FAILED],
        open=found[Indication.INDETERMINATE],
    )
