"""What entries say that reports ask for: narrow rows beside the entries, from which sums are made by SQL.

Each entry's rows follow from the entry alone and begin with its writer and number, so that they are written with it in
one transaction and can be computed again: a row that was changed, added or removed shows. The chain of hashes covers
the entries; these rows only save looking into a million bodies.

What is told apart (messages, documents, senders, and the parties between whom a message goes) has a number made of its
digest, and what there are few of (kinds, verdicts, levels) is a place in a list: a report sorts millions of them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from gsign.audit.entry import Entry, decoded
from gsign.document_kind import KINDS
from gsign.result import VIETNAM

__all__ = [
    "DOMAINS",
    "LEVELS",
    "NAME",
    "TABLES",
    "UNTOLD",
    "VERDICTS",
    "WORD",
    "Facts",
    "Parties",
    "facts_of",
    "referred",
]

NAME: Final = 200
"""Characters of a name that are kept."""
WORD: Final = 64
TABLES: Final = ("fact_message", "fact_document", "fact_reason", "fact_fate", "fact_service")
"""In the order of `Facts`; their columns are in `fact_tables`."""

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_IN_UTC: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})\+00:00", re.ASCII)

# Places in these lists are what ledgers hold: add to their ends only.
VERDICTS: Final = ("valid", "open", "broken", "unsigned", "unreadable")
"""What a document's signatures are worth, the best first."""
DOMAINS: Final = ("", "vgca", "national", "local", "other", "several")
"""To which trust domain the valid signatures of a document belong."""
LEVELS: Final = ("", "B-B", "B-T", "B-LT", "B-LTA")
"""The lowest level of the valid signatures of a document."""
UNTOLD: Final = 63
"""Stands for the kind of a document of which nothing tells it; all others are places in `KINDS`."""


class Facts(NamedTuple):
    """Rows of one entry, for each table; values in the order of its columns."""

    messages: tuple[tuple[Any, ...], ...] = ()
    documents: tuple[tuple[Any, ...], ...] = ()
    reasons: tuple[tuple[Any, ...], ...] = ()
    fates: tuple[tuple[Any, ...], ...] = ()
    services: tuple[tuple[Any, ...], ...] = ()


class Parties(NamedTuple):
    """Between whom a message goes, as names of agencies."""

    sender: str = ""
    """Empty where it is nobody's that is configured."""
    recipients: tuple[str, ...] = ()
    """Sorted."""
    is_outside: bool = True
    """Whether some of its recipients are nobody's that is configured."""

    @classmethod
    def of(cls, text: str) -> Parties:
        """Read what `text` wrote."""
        sender, recipients, is_outside = json.loads(text)
        return cls(sender, tuple(recipients), is_outside)

    @property
    def text(self) -> str:
        """Say it in one way only."""
        return _ENCODER.encode(self)

    @property
    def directions(self) -> tuple[tuple[str, str], ...]:
        """Tell which agency has `sent` it to others, `received` it from others, or kept it `internal`.

        There are none where no agency has a part in it.
        """
        others = [(agency, "received") for agency in self.recipients if agency != self.sender]
        if not self.sender:
            return tuple(others)
        sent = [(self.sender, "sent")] if others or self.is_outside else []
        internal = [(self.sender, "internal")] if self.sender in self.recipients else []
        return (*sent, *internal, *others)


def facts_of(entry: Entry, body: Any = None) -> Facts:
    """Return the rows that follow from an entry, from it alone; none for kinds that no report asks for.

    Entries of earlier versions lack some facts; what is missing is left empty.

    Args:
        entry: the entry.
        body: its body, where it was read before.

    Raises:
        ValueError: its time is none, or its body no JSON: no program wrote it like that.
    """
    make = _MAKERS.get(entry.kind)
    if make is None:
        return NONE
    found = decoded(entry.body) if body is None else body
    return make(entry, found) if isinstance(found, dict) else NONE


# ---------------------------------------------------------------- kinds of entries


def _decided(entry: Entry, body: Mapping[str, Any]) -> Facts:
    writer, number = entry.writer, entry.number
    parties = _parties(body.get("agencies"))
    documents = [
        (writer, number, position, parties.number, *_document(document))
        for position, document in enumerate(_tables(body, "documents"), 1)
    ]
    fate = _FATE_OF_ACTION.get(_text(body.get("action")))
    carries_valid = any(row[6] == _VALID for row in documents)
    reasons = _listed(body, "reasons")
    return Facts(
        (_message(entry, body, parties, carries_valid=carries_valid),),
        tuple(documents),
        _reasons(entry, map(_first, reasons)) if reasons else (),
        (_fate(entry, fate, writer, number),) if fate else (),
    )


def _refused(entry: Entry, body: Mapping[str, Any]) -> Facts:
    reasons = _reasons(entry, [body.get("code")])
    if "entry" in body:
        return Facts(reasons=reasons, fates=(_fate(entry, "refused", *referred(_text(body.get("entry")))),))
    # It was refused before anything was decided on.
    message = _message(entry, body, _parties(body.get("agencies")), carries_valid=False)
    return Facts(messages=(message,), reasons=reasons, fates=(_fate(entry, "refused", entry.writer, entry.number),))


def _forwarded(entry: Entry, body: Mapping[str, Any]) -> Facts:
    said = {reply[:1] for reply in _listed(body, "replies") if isinstance(reply, str)}
    # With LMTP each recipient has an answer: what one of them has got was delivered.
    fate = "delivered" if "2" in said else "refused" if "5" in said else "deferred"
    reasons = _reasons(entry, ["next-hop-refused"]) if fate == "refused" else ()
    return Facts((), (), reasons, (_fate(entry, fate, *referred(_text(body.get("entry"))), signed=_is_signed(body)),))


def _waited(entry: Entry, body: Mapping[str, Any]) -> Facts:
    return Facts(fates=(_fate(entry, entry.kind, *referred(_text(body.get("entry"))), signed=_is_signed(body)),))


def _signed(entry: Entry, body: Mapping[str, Any]) -> Facts:
    return _served(entry, body, _text(body.get("act")) or "sign")


def _verified(entry: Entry, body: Mapping[str, Any]) -> Facts:
    return _served(entry, body, f"verify-{_text(body.get('what')) or 'document'}")


_MAKERS: Final[Mapping[str, Callable[[Entry, Mapping[str, Any]], Facts]]] = {
    "decided": _decided,
    "refused": _refused,
    "forwarded": _forwarded,
    "held": _waited,
    "released": _waited,
    "rejected": _waited,
    "signed": _signed,
    "verified": _verified,
}
_FATE_OF_ACTION: Final = {"reject": "refused", "defer": "deferred"}
REFERRING: Final = frozenset({"refused", "forwarded", "held", "released", "rejected"})
"""Kinds of entries whose fate is that of the entry that they name."""
NONE: Final = Facts()
"""Of a kind that no report asks for."""


# ---------------------------------------------------------------- rows


def _message(entry: Entry, body: Mapping[str, Any], parties: _Written, *, carries_valid: bool) -> tuple[Any, ...]:
    sender = _text(body.get("sender"))
    # A message is what has one Message-ID and one sender (RFC 5322 clause 3.6.4), however often it is tried.
    named = _text(body.get("message_id")) or _text(body.get("sha256")) or entry.reference
    smime = body.get("smime")
    is_own = isinstance(smime, dict) and smime.get("result") == "pass"
    numbers = parties.number, _digested(f"{named}\n{sender}"), _number(sender)
    return (entry.writer, entry.number, *numbers, int(is_own), int(carries_valid), parties.text)


def _document(document: Mapping[str, Any]) -> tuple[int, int, int, int, int]:
    """Return the document's number, kind, verdict, domain and level."""
    signers = [
        (_text(s.get("kind")), _text(s.get("indication")), _text(s.get("domain")), _text(s.get("level")))
        for s in _tables(document, "signers")
    ]
    worth = _worth(_text(document.get("kind")), _text(document.get("indication")), tuple(signers))
    return (_digested(_text(document.get("sha256"))), *worth)


# There are few ways in which documents are signed.
@lru_cache(maxsize=4096)
def _worth(kind: str, indication: str, signers: tuple[tuple[str, str, str, str], ...]) -> tuple[int, int, int, int]:
    """Return a document's kind, verdict, domain and level.

    Args:
        kind: of the document.
        indication: of all its signatures.
        signers: of each signature kind, indication, domain and level.
    """
    # A timestamp is to be had by anybody: it is nobody's signature.
    signatures = [signature for signature in signers if signature[0] != "document-timestamp"]
    verdict = _VERDICTS.get(indication, "unreadable")
    if verdict == "valid" and not signatures:
        verdict = "unsigned"
    valid = [(domain, level) for _, indication, domain, level in signatures if indication == "TOTAL_PASSED"]
    domains = {domain for domain, _ in valid}
    domain = "several" if len(domains) > 1 else next(iter(domains), "")
    levels = [place for place, level in enumerate(LEVELS) if place and any(level == each for _, each in valid)]
    return (
        KINDS.index(kind) if kind in KINDS else UNTOLD,
        VERDICTS.index(verdict),
        DOMAINS.index(domain if domain in DOMAINS else "other"),
        min(levels, default=0),
    )


def _reasons(entry: Entry, reasons: Iterable[Any]) -> tuple[tuple[Any, ...], ...]:
    named = {_name(reason, WORD) for reason in reasons}
    return tuple((entry.writer, entry.number, reason) for reason in sorted(named) if reason) if named else ()


def _fate(entry: Entry, fate: str, of_writer: str, of_number: int, *, signed: bool = False) -> tuple[Any, ...]:
    return (entry.writer, entry.number, *_when(entry), fate, of_writer, of_number, int(signed))


def _served(entry: Entry, body: Mapping[str, Any], act: str) -> Facts:
    sizes = {"kind": 24, "key": 8, "role": 12, "level": 8}
    kind, key, role, level = (_name(body.get(name), size) for name, size in sizes.items())
    verdict = _VERDICTS.get(_text(body.get("indication")), "")
    agency = _name(body.get("agency"))
    month = _when(entry)[1]
    row = (entry.writer, entry.number, month, _name(act, 24), agency, kind, key, role, level, verdict)
    return Facts(services=(row,))


_VALID: Final = VERDICTS.index("valid")
_VERDICTS: Final = {
    "TOTAL_PASSED": "valid",
    "TOTAL_FAILED": "broken",
    "INDETERMINATE": "open",
    "NO_SIGNATURE_FOUND": "unsigned",
    "UNREADABLE": "unreadable",
}


# ---------------------------------------------------------------- values


class _Written(NamedTuple):
    """Parties as they stand in rows."""

    text: str
    """As `Parties.of` reads it."""
    number: int


def _parties(agencies: Any) -> _Written:
    found = agencies if isinstance(agencies, dict) else {"outside": True}
    recipients = tuple(map(_text, _listed(found, "recipients")))
    return _written(_text(found.get("sender")), recipients, is_outside=bool(found.get("outside")))


# The same people write to each other every day.
@lru_cache(maxsize=4096)
def _written(sender: str, recipients: tuple[str, ...], *, is_outside: bool) -> _Written:
    named = sorted({_name(recipient) for recipient in recipients} - {""})
    text = Parties(_name(sender), tuple(named), is_outside).text
    return _Written(text, _digested(text))


def _when(entry: Entry) -> tuple[int, int]:
    """Return an entry's time in microseconds since 1970, and its month by Vietnam's calendar."""
    parts = _IN_UTC.fullmatch(entry.time)
    if parts is None:
        return _moment(entry.time)
    at, month = _moment(f"{parts[1]}+00:00")
    return at + int(parts[2]), month


# Of many entries in one second, only the fraction differs.
@lru_cache(maxsize=16)
def _moment(time: str) -> tuple[int, int]:
    local = datetime.fromisoformat(time).astimezone(VIETNAM)
    return (local - _EPOCH) // _MICROSECOND, local.year * 100 + local.month


def referred(text: str) -> tuple[str, int]:
    """Return writer and number of the entry that a text refers to, as fates have it; no writer where it is none."""
    writer, _, number = text.rpartition("-")
    is_reference = number.isascii() and number.isdecimal() and len(number) < 19
    return (_name(writer, 64), int(number)) if is_reference else ("", 0)


def _is_signed(body: Mapping[str, Any]) -> bool:
    return "sign-message" in _listed(body, "done")


def _tables(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [each for each in _listed(body, name) if isinstance(each, dict)]


def _listed(body: Mapping[str, Any], name: str) -> list[Any]:
    found = body.get(name)
    return found if isinstance(found, list) else []


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _name(value: Any, longest: int = NAME) -> str:
    # PostgreSQL holds no NUL in a text.
    return _text(value)[:longest].replace("\0", "")


def _digested(text: str) -> int:
    """Return 62 bits of a text's digest: two of them add up to what a column holds, and seldom meet another sum."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8]) >> 2


_number: Final = lru_cache(maxsize=4096)(_digested)
"""For what comes again and again."""
