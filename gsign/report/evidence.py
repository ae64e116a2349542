"""What verdicts rest on: certificates listed once, OCSP responses and CRLs with their times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from gsign.report.content import CertificateRow
from gsign.report.wording import Wording, shown

__all__ = ["Certificates", "data_lines", "moment"]

_MAX_LISTED: Final = 60


def moment(value: object) -> datetime | None:
    """Return a time from among the facts, which hold it as such or, where they travelled, in ISO 8601."""
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


class Certificates:
    """Numbers certificates as paths name them; each is listed once, since signatures share them."""

    def __init__(self, words: Wording) -> None:
        self._words = words
        self._rows: dict[str, CertificateRow] = {}

    @property
    def rows(self) -> tuple[CertificateRow, ...]:
        """All certificates, in the order in which they were named."""
        return tuple(self._rows.values())

    def path(self, certificates: object) -> str:
        """Write a path by the numbers of its certificates, such as `[1] → [2] → [3]`; empty where there is none."""
        if not isinstance(certificates, (list, tuple)):
            return ""
        numbers = [self._number(c) for c in certificates[:_MAX_LISTED] if isinstance(c, Mapping)]
        return " → ".join(f"[{number}]" for number in numbers)

    def _number(self, certificate: Mapping[str, Any]) -> int:
        digest = shown(certificate.get("sha256", "?"))
        if digest not in self._rows:
            time = self._words.time
            period = f"{time(moment(certificate.get('not_before')))} – {time(moment(certificate.get('not_after')))}"
            self._rows[digest] = CertificateRow(
                number=len(self._rows) + 1,
                name=shown(certificate.get("name", "?")),
                period=period,
                sha256=digest,
                is_anchor=bool(certificate.get("anchor")),
            )
        return self._rows[digest].number


def data_lines(details: Sequence[Mapping[str, Any]], words: Wording) -> tuple[str, ...]:
    """List the statements on certificates that were relied on, and what could not be had, each once."""
    lines: list[str] = []
    for status in _statuses(details):
        lines += (_statement(s, words) for s in status.get("statements", ()) if isinstance(s, Mapping))
        lines += (words.plain("failure", what=failure) for failure in status.get("failures", ()))
    return tuple(dict.fromkeys(lines))[:_MAX_LISTED] or (words.plain("no-data"),)


def _statuses(details: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for detail in details:
        stamp = detail.get("timestamp")
        for holder in (detail, stamp if isinstance(stamp, Mapping) else {}):
            status = holder.get("status")
            if isinstance(status, Mapping):
                yield status


def _statement(statement: Mapping[str, Any], words: Wording) -> str:
    return words.plain(
        "ocsp" if statement.get("kind") == "ocsp" else "crl",
        serial=statement.get("serial", "?"),
        issuer=statement.get("issuer", "?"),
        this=words.time(moment(statement.get("this_update"))),
        next=words.time(moment(statement.get("next_update"))),
    )
