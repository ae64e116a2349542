"""What a report says about one signature: first what Circular 15/2025/TT-BKHCN asks to be shown, then the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gsign.report.content import Note, Row, SignatureSection, Tone
from gsign.report.evidence import Certificates, moment
from gsign.report.wording import Wording, shown
from gsign.result import ChangesAfter, Coverage, Indication, Kind, Revocation, SignatureResult

__all__ = ["compose_signature", "tone_of"]

_TONES: Final = {
    Indication.TOTAL_PASSED: Tone.GOOD,
    Indication.TOTAL_FAILED: Tone.BAD,
    Indication.UNREADABLE: Tone.BAD,
    Indication.INDETERMINATE: Tone.OPEN,
}
_AGENCY_IDENTIFIERS: Final = ("MST:", "MNS:")
"""Numbers of agencies; those of persons stay out of what is filed and passed on."""
_MAX_CHANGES: Final = 12


def tone_of(indication: Indication) -> Tone:
    """Return how a verdict is to be taken."""
    return _TONES.get(indication, Tone.PLAIN)


def compose_signature(
    number: int,
    result: SignatureResult,
    detail: Mapping[str, Any],
    certificates: Certificates,
    words: Wording,
) -> SignatureSection:
    """Say what there is to say about a signature.

    Args:
        number: its place, from 1.
        result: the judgement.
        detail: the facts beside it; may be empty.
        certificates: numbers those of its path.
        words: in which language.
    """
    signature = _Signature(result, detail, words)
    sub = f", {result.sub_indication}" if result.sub_indication else ""
    return SignatureSection(
        title=words.say("signature" if result.kind is Kind.SIGNATURE else "document-timestamp", number=number),
        field=words.plain("field", field=result.field) if result.field else "",
        verdict=words.say(result.indication),
        code=f"{result.indication}{shown(sub)}",
        tone=tone_of(result.indication),
        rows=tuple(signature.rows()),
        technical=tuple(signature.technical(certificates)),
        notes=tuple(signature.notes()),
    )


class _Signature:
    def __init__(self, result: SignatureResult, detail: Mapping[str, Any], words: Wording) -> None:
        self._result = result
        self._detail = detail
        self._words = words

    def rows(self) -> Iterator[Row]:
        """Yield what the law asks for."""
        say, signer = self._words.say, self._result.signer
        identifiers = tuple(i for i in signer.identifiers if i.startswith(_AGENCY_IDENTIFIERS))
        is_stamp = self._result.kind is Kind.DOCUMENT_TIMESTAMP
        yield self._row(say("stamper" if is_stamp else "signer"), signer.name, signer.email)
        if self._result.role is not None:
            yield Row(say("role"), (self._words.plain(f"role-{self._result.role}"),))
        yield self._time()
        yield self._row(
            say("unit"), ", ".join(filter(None, (signer.unit, signer.organisation))), "; ".join(identifiers)
        )
        yield self._integrity()
        domain = self._words.plain(f"domain-{self._result.trust_domain or 'none'}")
        yield self._row(say("issuer"), f"{signer.issuer} ({domain})" if signer.issuer else None)
        yield self._validity()
        period = self._words.period(signer.not_before, signer.not_after)
        yield self._row(say("period"), period if signer.not_before else None)
        yield self._changes()

    def _row(self, label: Any, *values: str | None) -> Row:
        given = tuple(shown(value) for value in values if value)
        return Row(label, given or (self._words.plain("unknown"),))

    def _time(self) -> Row:
        words, result = self._words, self._result
        claimed = words.time(result.claimed_time) if result.claimed_time else None
        label = words.say("time")
        if result.proven_time is None:
            said = words.plain("time-claimed-only", time=claimed) if claimed else words.plain("time-unproven")
            return Row(label, (said,))
        proven = {"time": words.time(result.proven_time)}
        stamp = self._detail.get("timestamp")
        if isinstance(stamp, Mapping) and result.kind is Kind.SIGNATURE:
            said = words.plain("time-proven-by", **proven, authority=stamp.get("authority", "?"))
        else:
            said = words.plain("time-proven", **proven)
        return Row(label, (said, words.plain("time-claimed", time=claimed)) if claimed else (said,))

    def _integrity(self) -> Row:
        words, result = self._words, self._result
        intact = words.plain("intact" if result.intact else "not-intact")
        covers = words.plain(f"covers-{result.coverage}")
        holds = result.intact and result.coverage is not Coverage.NONE
        return Row(words.say("integrity"), (f"{intact}; {covers}",), Tone.GOOD if holds else Tone.BAD)

    def _validity(self) -> Row:
        label = self._words.say("validity")
        result, words = self._result, self._words
        judged = moment(self._detail.get("judged_at"))
        if judged is None:
            return Row(label, (words.plain("valid-not-judged"),), Tone.BAD)
        if result.revocation is Revocation.REVOKED:
            status = self._detail.get("status")
            since = moment(status.get("revoked_at")) if isinstance(status, Mapping) else None
            return Row(label, (words.plain("valid-revoked", time=words.time(since) if since else ""),), Tone.BAD)
        if not result.trusted:
            return Row(label, (words.plain("valid-no", time=words.time(judged)),), Tone.OPEN)
        is_good = result.revocation is Revocation.GOOD
        code, tone = ("valid-good", Tone.GOOD) if is_good else ("valid-unchecked", Tone.OPEN)
        return Row(label, (words.plain(code, time=words.time(judged)),), tone)

    def _changes(self) -> Row:
        words, result = self._words, self._result
        label = words.say("changes")
        if result.coverage is Coverage.NONE:
            return Row(label, (words.plain("changes-unknown"),))
        said = words.plain(f"changes-{result.changes_after}")
        listed = "; ".join(self._listed_changes())
        tone = Tone.BAD if result.changes_after is ChangesAfter.FORBIDDEN else Tone.PLAIN
        return Row(label, (f"{said}: {listed}" if listed else said,), tone)

    def _listed_changes(self) -> list[str]:
        """Say each kind of change once, with the fields and pages it concerns."""
        places: dict[str, list[str]] = {}
        for change in self._detail.get("changes", ()):
            if isinstance(change, Mapping):
                listed = places.setdefault(str(change.get("code", "?")), [])
                if place := self._place(change):
                    listed.append(place)
        said = []
        for code, where in list(places.items())[:_MAX_CHANGES]:
            named = ", ".join(dict.fromkeys(where[:_MAX_CHANGES]))
            said.append(self._words.reason(code).text + (f" ({named})" if named else ""))
        return said

    def _place(self, change: Mapping[str, Any]) -> str:
        if change.get("page"):
            return self._words.plain("on-page", page=change["page"])
        return shown(change["field"]) if change.get("field") else ""

    def technical(self, certificates: Certificates) -> Iterator[Row]:
        """Yield what a specialist asks for."""
        words, detail, result = self._words, self._detail, self._result
        method = (result.level, detail.get("subfilter"), detail.get("digest"), detail.get("scheme"), detail.get("key"))
        said = ", ".join(shown(value) for value in method if value)
        serial = f"serial {shown(result.signer.serial)}" if result.signer.serial else ""
        if said or serial:
            yield Row(words.say("technical"), ("; ".join(filter(None, (said, serial))),))
        byte_range = detail.get("byte_range")
        if byte_range:
            digest = f": {shown(detail['digest_value'])}" if detail.get("digest_value") else ""
            yield Row(words.say("bytes"), (f"{shown(list(byte_range))} {shown(detail.get('digest') or '')}{digest}",))
        stamp = detail.get("timestamp")
        paths = [certificates.path(detail.get("path"))]
        if isinstance(stamp, Mapping) and result.kind is Kind.SIGNATURE:
            paths.append(certificates.path(stamp.get("path")))
        if any(paths):
            yield Row(words.say("path"), ("; ".join(filter(None, paths)),))

    def notes(self) -> Iterator[Note]:
        """Yield every reason, then every warning."""
        for codes, tone in ((self._result.reasons, Tone.BAD), (self._result.warnings, Tone.OPEN)):
            for code in codes:
                yield Note(shown(code), self._words.reason(code), self._words.advice(code), tone)
