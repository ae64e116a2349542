"""What entries say that reports ask for: narrow tables beside the entries, from which sums are made by SQL.

Each entry's rows follow from the entry alone and begin with its writer and number, so that they are written with it in
one transaction and can be computed again: a row that was changed, added or removed shows. The chain of hashes covers
the entries; these tables only save looking into a million bodies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from gsign.audit.entry import Entry
from gsign.result import VIETNAM

__all__ = ["DIGEST", "NAME", "TABLES", "WORD", "Facts", "facts_of"]

NAME: Final = 200
"""Characters of a name that are kept."""
WORD: Final = 64
DIGEST: Final = 16
"""Octets of a digest that are kept: what is told apart here numbers millions."""
TABLES: Final = ("fact_message", "fact_document", "fact_reason", "fact_fate", "fact_service")
"""The tables (`fact_tables`), in the order of `Facts`."""


class Facts(NamedTuple):
    """Rows of one entry, for each table; values in the order of its columns."""

    messages: tuple[tuple[Any, ...], ...] = ()
    documents: tuple[tuple[Any, ...], ...] = ()
    reasons: tuple[tuple[Any, ...], ...] = ()
    fates: tuple[tuple[Any, ...], ...] = ()
    services: tuple[tuple[Any, ...], ...] = ()


def facts_of(entry: Entry) -> Facts:
    """Return the rows that follow from an entry, from it alone; none for kinds that no report asks for.

    Entries of earlier versions lack some facts; what is missing is left empty.

    Raises:
        ValueError: its time is none, or its body no JSON: no program wrote it like that.
    """
    make = _MAKERS.get(entry.kind)
    if make is None:
        return _NONE
    body = json.loads(entry.body)
    return make(entry, body) if isinstance(body, dict) else _NONE


# ---------------------------------------------------------------- kinds of entries


def _decided(entry: Entry, body: Mapping[str, Any]) -> Facts:
    documents = tuple(_document(entry, position, found) for position, found in enumerate(_tables(body, "documents"), 1))
    fate = _FATE_OF_ACTION.get(_text(body.get("action")))
    return Facts(
        messages=tuple(_messages(entry, body, sum(row[4] == "valid" for row in documents))),
        documents=documents,
        reasons=_reasons(entry, (_first(reason) for reason in _listed(body, "reasons"))),
        fates=(_fate(entry, fate, entry.writer, entry.number),) if fate else (),
    )


def _refused(entry: Entry, body: Mapping[str, Any]) -> Facts:
    reasons = _reasons(entry, [body.get("code")])
    if "entry" in body:
        return Facts(reasons=reasons, fates=(_fate(entry, "refused", *_referred(body)),))
    # It was refused before anything was decided on.
    messages = tuple(_messages(entry, body, 0))
    return Facts(messages=messages, reasons=reasons, fates=(_fate(entry, "refused", entry.writer, entry.number),))


def _forwarded(entry: Entry, body: Mapping[str, Any]) -> Facts:
    said = {_text(reply)[:1] for reply in _listed(body, "replies")}
    # With LMTP each recipient has an answer: what one of them has got was delivered.
    fate = "delivered" if "2" in said else "refused" if "5" in said else "deferred"
    reasons = _reasons(entry, ["next-hop-refused"]) if fate == "refused" else ()
    signed = "sign-message" in _listed(body, "done")
    return Facts(reasons=reasons, fates=(_fate(entry, fate, *_referred(body), signed=signed),))


def _waited(entry: Entry, body: Mapping[str, Any]) -> Facts:
    signed = "sign-message" in _listed(body, "done")
    return Facts(fates=(_fate(entry, entry.kind, *_referred(body), signed=signed),))


def _served(entry: Entry, body: Mapping[str, Any]) -> Facts:
    _, month = _when(entry)
    kind, key, role, level = (_text(body.get(name)) for name in ("kind", "key", "role", "level"))
    verdict = _VERDICTS.get(_text(body.get("indication")), "")
    agency = _name(body.get("agency"))
    row = (entry.writer, entry.number, month, entry.kind, agency, kind[:24], key[:8], role[:12], level[:8], verdict)
    return Facts(services=(row,))


_MAKERS: Final[Mapping[str, Callable[[Entry, Mapping[str, Any]], Facts]]] = {
    "decided": _decided,
    "refused": _refused,
    "forwarded": _forwarded,
    "held": _waited,
    "released": _waited,
    "rejected": _waited,
    "signed": _served,
    "verified": _served,
}
_FATE_OF_ACTION: Final = {"reject": "refused", "defer": "deferred"}
_NONE: Final = Facts()


# ---------------------------------------------------------------- rows


def _messages(entry: Entry, body: Mapping[str, Any], passed: int) -> Iterator[tuple[Any, ...]]:
    sender = _text(body.get("sender"))
    # A message is what has one Message-ID and one sender (RFC 5322 clause 3.6.4), however often it is tried.
    named = _text(body.get("message_id")) or _text(body.get("sha256")) or entry.reference
    message = _digest(f"{named}\n{sender}")
    smime = body.get("smime")
    state = _text(smime.get("result"))[:16] if isinstance(smime, dict) else ""
    for agency, direction in _parties(body.get("agencies")):
        yield (entry.writer, entry.number, agency, direction, message, _digest(sender), state, passed)


def _parties(agencies: Any) -> Iterator[tuple[str, str]]:
    """Tell who sent a message to others, who had it from others, and who kept it within."""
    found = agencies if isinstance(agencies, dict) else {}
    sender = _name(found.get("sender"))
    recipients = {_name(recipient) for recipient in _listed(found, "recipients")} - {""}
    others = sorted(recipients - {sender})
    if sender and (others or found.get("outside")):
        yield sender, "sent"
    if sender in recipients:
        yield sender, "internal"
    yield from ((agency, "received") for agency in others)
    if not sender and not recipients:
        yield "", ""


def _document(entry: Entry, position: int, document: Mapping[str, Any]) -> tuple[Any, ...]:
    # A timestamp is to be had by anybody: it is nobody's signature.
    signatures = [s for s in _tables(document, "signers") if s.get("kind") != "document-timestamp"]
    verdict = _VERDICTS.get(_text(document.get("indication")), "unreadable")
    if verdict == "valid" and not signatures:
        verdict = "unsigned"
    valid = [signature for signature in signatures if signature.get("indication") == "TOTAL_PASSED"]
    domains = {_text(signature.get("domain"))[:16] for signature in valid}
    domain = "several" if len(domains) > 1 else next(iter(domains), "")
    levels = [level for level in _LEVELS if any(signature.get("level") == level for signature in valid)]
    digest = _digest(_text(document.get("sha256")))
    kind = _text(document.get("kind"))[:24]
    return (entry.writer, entry.number, position, digest, kind, verdict, domain, levels[0] if levels else "")


def _reasons(entry: Entry, reasons: Any) -> tuple[tuple[Any, ...], ...]:
    return tuple((entry.writer, entry.number, reason) for reason in sorted({_text(r)[:WORD] for r in reasons} - {""}))


def _fate(entry: Entry, fate: str, of_writer: str, of_number: int, *, signed: bool = False) -> tuple[Any, ...]:
    return (entry.writer, entry.number, *_when(entry), fate, of_writer, of_number, signed)


_VERDICTS: Final = {
    "TOTAL_PASSED": "valid",
    "TOTAL_FAILED": "broken",
    "INDETERMINATE": "open",
    "NO_SIGNATURE_FOUND": "unsigned",
    "UNREADABLE": "unreadable",
}
_LEVELS: Final = ("B-B", "B-T", "B-LT", "B-LTA")


# ---------------------------------------------------------------- values


def _when(entry: Entry) -> tuple[int, int]:
    """Return an entry's time in microseconds since 1970, and its month by Vietnam's calendar."""
    local = datetime.fromisoformat(entry.time).astimezone(VIETNAM)
    return round(local.timestamp() * 1_000_000), local.year * 100 + local.month


def _referred(body: Mapping[str, Any]) -> tuple[str, int]:
    """Return writer and number of the entry that a body refers to."""
    writer, _, number = _text(body.get("entry")).rpartition("-")
    return (writer[:64], int(number)) if number.isdecimal() and len(number) < 19 else ("", 0)


def _tables(body: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [each for each in _listed(body, name) if isinstance(each, dict)]


def _listed(body: Mapping[str, Any], name: str) -> list[Any]:
    found = body.get(name)
    return found if isinstance(found, list) else []


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _name(value: Any) -> str:
    # PostgreSQL holds no NUL in a text.
    return _text(value)[:NAME].replace("\0", "")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:DIGEST]
