"""A ledger counted by hand: entry after entry, from the bodies alone, without a table and without SQL.

It follows what reports say of themselves on their page, and shares nothing with what they are made by.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

from gsign.audit.entry import Entry

__all__ = ["count_by_hand"]

_BEST_FIRST: Final = ["TOTAL_PASSED", "INDETERMINATE", "TOTAL_FAILED", "NO_SIGNATURE_FOUND", "UNREADABLE"]
_LEVELS: Final = [None, "B-B", "B-T", "B-LT", "B-LTA"]
_DOMAINS: Final = [None, "vgca", "national", "local", "other", "several"]
_GOT_THERE: Final = {"released": "delivered"}
_TRIED: Final = timedelta(days=14)
_DIRECTIONS: Final = ("sent", "received", "internal")
_KINDS: Final = ["bao-cao", "giay-moi", "lich-cong-tac", "quyet-dinh", "cong-van", "to-trinh", "ke-hoach", "thong-bao"]


def count_by_hand(entries: Iterable[Entry], begin: datetime, end: datetime) -> dict[str, Any]:
    """Count what happened from one moment until before another."""
    hand = _Hand(begin, end)
    for entry in entries:
        hand.look_at(entry)
    return hand.record()


def _month(time: datetime) -> str:
    return (time + timedelta(hours=7)).strftime("%Y-%m")


def _places(agencies: dict[str, Any]) -> set[tuple[str, str]]:
    sender, recipients = agencies["sender"], set(agencies["recipients"])
    found = {(agency, "received") for agency in recipients if agency != sender}
    if sender and (found or agencies["outside"]):
        found.add((sender, "sent"))
    if sender in recipients:
        found.add((sender, "internal"))
    return found


def _judged(document: dict[str, Any]) -> tuple[int, int, int]:
    signers = [signer for signer in document["signers"] if signer["kind"] == "signature"]
    verdict = document["indication"]
    if verdict == "TOTAL_PASSED" and not signers:
        verdict = "NO_SIGNATURE_FOUND"
    valid = [signer for signer in signers if signer["indication"] == "TOTAL_PASSED"]
    domains = {signer["domain"] for signer in valid}
    domain = None if not domains else "several" if len(domains) > 1 else domains.pop()
    levels = sorted(_LEVELS.index(signer["level"]) for signer in valid if signer["level"])
    return _BEST_FIRST.index(verdict), _DOMAINS.index(domain), levels[0] if levels else 0


class _Hand:
    def __init__(self, begin: datetime, end: datetime) -> None:
        self._begin, self._end = begin, end
        self._before: set[tuple[str, Any]] = set()
        self._bodies: dict[str, dict[str, Any]] = {}
        self._held_at: dict[str, datetime] = {}
        self._decided_later: set[str] = set()
        self._documents: defaultdict[tuple[str, str, str], list[Any]] = defaultdict(list)
        self._mail: defaultdict[tuple[str, str], set[Any]] = defaultdict(set)
        self._mail_signed: defaultdict[tuple[str, str], set[Any]] = defaultdict(set)
        self._fates: defaultdict[tuple[str, str], set[Any]] = defaultdict(set)
        self._all: defaultdict[str, set[Any]] = defaultdict(set)
        self._reasons: defaultdict[tuple[str, str], set[Any]] = defaultdict(set)
        self._people: defaultdict[str, set[str]] = defaultdict(set)
        self._signing: defaultdict[str, set[str]] = defaultdict(set)
        self._elsewhere: set[Any] = set()
        self._waited: list[float] = []
        self._services: Counter[Any] = Counter()

    def look_at(self, entry: Entry) -> None:
        body, time = json.loads(entry.body), datetime.fromisoformat(entry.time)
        reference = f"{entry.writer}-{entry.number}"
        if entry.kind == "decided":
            self._bodies[reference] = body
            if body["action"] in ("reject", "defer"):
                self._end_as({"reject": "refused", "defer": "deferred"}[body["action"]], reference, time, body)
        elif entry.kind == "refused" and "entry" not in body:
            if self._begin <= time < self._end:
                self._all["refused"].add(body["sha256"])
                self._reasons["refused", body["code"]].add(body["sha256"])
        elif entry.kind == "refused":
            self._end_as("refused", body["entry"], time, {"reasons": [[body["code"]]]})
        elif entry.kind == "forwarded":
            codes = {reply[0] for reply in body["replies"]}
            fate = "delivered" if "2" in codes else "refused" if "5" in codes else "deferred"
            self._end_as(fate, body["entry"], time, {**body, "reasons": [["next-hop-refused"]]})
        elif entry.kind in ("held", "released", "rejected"):
            self._person(entry.kind, body, time)
        elif entry.kind in ("signed", "verified") and self._begin <= time < self._end:
            verdict = {"TOTAL_PASSED": "valid", "INDETERMINATE": "open", "TOTAL_FAILED": "broken"}
            word = verdict.get(body.get("indication", "-"), "" if entry.kind == "signed" else "unsigned")
            act = "sign" if entry.kind == "signed" else "verify-document"
            self._services[act, body.get("key", ""), body.get("level", ""), word] += 1

    def _person(self, kind: str, body: dict[str, Any], time: datetime) -> None:
        reference = body["entry"]
        if kind == "held":
            if time < self._end:
                self._held_at[reference] = time
            self._end_as(kind, reference, time, {"reasons": self._bodies[reference]["reasons"]})
            return
        if time < self._end:
            self._decided_later.add(reference)
        if kind == "released" and self._begin <= time < self._end and not self._is_again(kind, reference, time):
            self._waited.append((time - self._held_at[reference]).total_seconds())
        self._end_as(kind, reference, time, body)

    def _end_as(self, fate: str, reference: str, time: datetime, answer: dict[str, Any]) -> None:
        body = self._bodies[reference]
        message = (body["message_id"] or body["sha256"], body["sender"])
        if self._begin - _TRIED <= time < self._begin:
            self._before.add((_GOT_THERE.get(fate, fate), message))
        if not self._begin <= time < self._end or self._is_again(fate, reference, time):
            return
        places = _places(body["agencies"])
        if fate != "delivered":
            self._all[fate].add(message)
            for agency, direction in places:
                self._fates[fate, agency].add((message, direction))
        if fate in ("refused", "held"):
            for reason in answer["reasons"]:
                self._reasons[fate, reason[0]].add(message)
        if fate in ("delivered", "released"):
            self._arrive(body, message, places, time, by_agency="sign-message" in answer["done"])

    def _is_again(self, fate: str, reference: str, time: datetime) -> bool:
        """Tell whether it had happened to the message before the period, and somebody had not heard of it."""
        body = self._bodies[reference]
        message = (body["message_id"] or body["sha256"], body["sender"])
        return time < self._begin + _TRIED and (_GOT_THERE.get(fate, fate), message) in self._before

    def _arrive(
        self, body: dict[str, Any], message: Any, places: set[tuple[str, str]], time: datetime, *, by_agency: bool
    ) -> None:
        is_signed = by_agency or body["smime"]["result"] == "pass"
        for place in places:
            self._mail[place].add(message)
            if is_signed:
                self._mail_signed[place].add(message)
        if not places:
            self._elsewhere.add(message)
        carries = False
        for document in body["documents"]:
            verdict, domain, level = _judged(document)
            carries = carries or verdict == 0
            for agency, direction in places:
                seen = (_month(time), verdict, domain, level, document["kind"])
                self._documents[agency, direction, document["sha256"]].append(seen)
        sender = body["agencies"]["sender"]
        if sender:
            self._people[sender].add(body["sender"])
            if is_signed or carries:
                self._signing[sender].add(body["sender"])

    # ------------------------------------------------------------ what it came to

    def record(self) -> dict[str, Any]:
        """Return what was counted, with the names that reports have."""
        tables: dict[str, Any] = {name: defaultdict(Counter) for name in ("agency", "kind", "month", "total")}
        strength: Counter[tuple[str, Any, Any]] = Counter()
        for (agency, direction, _), seen in self._documents.items():
            month, verdict, domain, level = min(each[:4] for each in seen)
            kinds = {each[4] for each in seen} - {None}
            order = [*_KINDS, *sorted(kinds - set(_KINDS), key=["nghi-quyet", "bien-ban"].index)]
            kind = min(kinds, key=order.index) if kinds else ""
            keys = {"agency": agency, "kind": kind, "month": month, "total": ""}
            for name, table in tables.items():
                table[keys[name]][direction] += 1
                table[keys[name]][f"{direction}_signed"] += verdict < 3
                table[keys[name]][f"{direction}_valid"] += verdict == 0
                table[keys[name]][f"{direction}_unreadable"] += verdict == 4
            if verdict == 0:
                strength[direction, _DOMAINS[domain], _LEVELS[level]] += 1
        return {
            **{name: {key: +counted for key, counted in table.items()} for name, table in tables.items()},
            "mail": {place: (len(found), len(self._mail_signed[place])) for place, found in self._mail.items()},
            "fates": {key: len(found) for key, found in self._fates.items()},
            "all": {fate: len(found) for fate, found in self._all.items()},
            "reasons": {key: len(found) for key, found in self._reasons.items()},
            "people": {agency: (len(its), len(self._signing[agency])) for agency, its in self._people.items()},
            "elsewhere": len(self._elsewhere),
            "waited": (median(self._waited), max(self._waited)) if self._waited else (0.0, 0.0),
            "waiting": len(self._held_at.keys() - self._decided_later),
            "services": dict(self._services),
            "strength": dict(strength),
        }


def moment(text: str) -> datetime:
    """Read a moment of Vietnam's clocks, such as `2026-07-01`."""
    return datetime.fromisoformat(f"{text}T00:00:00+07:00").astimezone(UTC)
