"""Entries looked for: by time, agency, digest, signer, rule, result; and those that are written from now on."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, NamedTuple

from gsign.audit.derived import words_of
from gsign.audit.entry import Entry, canonical
from gsign.audit.looking import ENTRY
from gsign.audit.mentions import naming
from gsign.audit.reading import Reader, open_reader
from gsign.result import VIETNAM

# ruff: noqa: S608 - the names of columns are our own
__all__ = ["Found", "Wanted", "followed", "search", "time_of", "unfinished"]

_PAUSE: Final = 0.5
"""Seconds between two looks at a ledger that is followed."""
_MADE: Final = ("signed", "encrypted", "decrypted")
_RESULTS: Final = frozenset({"action", "indication", "result", "smime", "outcome"})
_SIGNERS: Final = frozenset({"signer", "signers"})
_AGENCIES: Final = frozenset({"agency", "agencies"})
_ADDRESSES: Final = frozenset({"sender", "recipients", "from", "email", "address", "told", "identity"})


class Wanted(NamedTuple):
    """What entries are looked for; None and empty stand for any."""

    since: datetime | None = None
    until: datetime | None = None
    agency: str | None = None
    """Its name, or a domain."""
    digest: str | None = None
    """SHA-256 of a document or message, hexadecimal."""
    message_id: str | None = None
    signer: str | None = None
    """Part of a name, an address or a serial number; case does not matter."""
    rule: str | None = None
    result: str | None = None
    """An action of the policy or an indication."""
    kinds: tuple[str, ...] = ()
    address: str | None = None
    """Of a sender, recipient or signer; case does not matter."""

    @property
    def digests(self) -> tuple[str, ...]:
        """The digest as entries have it."""
        return (re.sub("[: \t]", "", self.digest).lower(),) if self.digest else ()

    @property
    def message_ids(self) -> tuple[str, ...]:
        """The Message-ID with and without its brackets."""
        bare = self.message_id.strip().strip("<>") if self.message_id else ""
        return (bare, f"<{bare}>") if bare else ()


class Found(NamedTuple):
    """An entry with its body read."""

    entry: Entry
    body: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        entry = self.entry
        return {
            "entry": entry.reference,
            "time": time_of(entry.time),
            "kind": entry.kind,
            "body": self.body,
            "hash": entry.hash.hex(),
        }


def time_of(time: str) -> str:
    """Return an entry's time as all others are told, in Vietnam's zone: the hash covers it in UTC."""
    try:
        return datetime.fromisoformat(time).astimezone(VIETNAM).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        return time


def search(url: str, wanted: Wanted, *, last: int | None = None, seen: dict[str, int] | None = None) -> Iterator[Found]:
    """Return the entries that are looked for, the oldest first.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
        wanted: which.
        last: so many of the newest; None for all.
        seen: takes the number of the last entry of each chain that was looked at, for `followed`.

    Raises:
        InputError: `ledger-missing`, `ledger-unreadable`.
        TemporaryError: `ledger-unreadable`.
    """
    with open_reader(url) as reader:
        if seen is not None:
            seen |= {chain.writer: chain.number for chain in reader.chains()}
        if last is None:
            yield from _found(reader, wanted, "ASC")
        else:
            yield from reversed(list(islice(_found(reader, wanted, "DESC"), last)))


def unfinished(url: str, wanted: Wanted) -> Iterator[Found]:
    """Return the entries that say that a file was made, of which no word came whether it did: the program was killed.

    Also those of files that did not appear. What is kept in memory is what has had no word so far.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
        wanted: which, beside their kinds.
    """
    waiting: dict[str, Found] = {}
    # A clock that was set back puts the word before the entry.
    early: set[str] = set()
    for found in search(url, wanted._replace(kinds=(*_MADE, "appeared"))):
        reference = found.entry.reference
        if found.entry.kind != "appeared" and found.body.get("file") and reference not in early:
            waiting[reference] = found
        named = found.body.get("appeared")
        for appeared in named if isinstance(named, list) else ():
            if waiting.pop(str(appeared), None) is None:
                early.add(str(appeared))
    yield from waiting.values()


def followed(url: str, wanted: Wanted, *, since: Mapping[str, int] | None = None) -> Iterator[Found]:
    """Return the entries that are looked for as they are written, for ever.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
        wanted: which.
        since: of each chain the number of the last entry that is known; None for those that there are now.
    """
    with open_reader(url) as reader:
        seen = {chain.writer: chain.number for chain in reader.chains()} if since is None else dict(since)
        while True:
            for entry in sorted(_new(reader, seen), key=lambda entry: (entry.time, entry.writer, entry.number)):
                if found := _matching(entry, wanted):
                    yield found
            time.sleep(_PAUSE)
            reader.begin()


def _new(reader: Reader, seen: dict[str, int]) -> list[Entry]:
    new: list[Entry] = []
    for chain in reader.chains():
        if chain.number > seen.get(chain.writer, 0):
            new += reader.entries(chain.writer, seen.get(chain.writer, 0) + 1)
            seen[chain.writer] = chain.number
    return new


def _found(reader: Reader, wanted: Wanted, order: str) -> Iterator[Found]:
    query, values = _query(reader, wanted, order)
    for row in reader.rows(query, values):
        if found := _matching(Entry._make(row), wanted):
            yield found


def _query(reader: Reader, wanted: Wanted, order: str) -> tuple[str, list[Any]]:
    """Let the database choose, by its indexes, as nearly as it can."""
    conditions: list[str] = []
    values: list[Any] = []
    for words in (wanted.digests, wanted.message_ids):
        if words:
            condition, named = naming(reader, words)
            conditions.append(condition)
            values += named
    for sign, moment in ((">=", wanted.since), ("<", wanted.until)):
        if moment is not None:
            conditions.append(f"time {sign} ?")
            values.append(moment.astimezone(UTC).isoformat(timespec="microseconds"))
    if wanted.kinds:
        conditions.append(f"kind IN ({', '.join('?' * len(wanted.kinds))})")
        values += wanted.kinds
    if wanted.rule:
        conditions.append("body LIKE ? ESCAPE '!'")
        values.append(f"%{_escaped(canonical(wanted.rule))}%")
    by = ", ".join(f"{column} {order}" for column in ("time", "writer", "number"))
    condition = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    return f"SELECT {ENTRY} FROM entry {condition}ORDER BY {by}", values


def _escaped(text: str) -> str:
    return re.sub("[%_!]", r"!\g<0>", text)


# ------------------------------------------------------------ one entry


def _matching(entry: Entry, wanted: Wanted) -> Found | None:
    """Return an entry with its body, if it is one of those that are looked for."""
    try:
        body = json.loads(entry.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        # Somebody has changed it: `verify` says so.
        body = {}
    return Found(entry, body) if _is_wanted(entry, body, wanted) else None


def _is_wanted(entry: Entry, body: dict[str, Any], wanted: Wanted) -> bool:
    words = set(words_of(body))
    return (
        (not wanted.kinds or entry.kind in wanted.kinds)
        and (not wanted.digests or not words.isdisjoint(wanted.digests))
        and (not wanted.message_ids or not words.isdisjoint(wanted.message_ids))
        and (wanted.rule is None or body.get("rule") == wanted.rule)
        and (wanted.result is None or wanted.result.casefold() in set(_results(body)))
        and (wanted.signer is None or any(wanted.signer.casefold() in text for text in _signers(body)))
        and (wanted.agency is None or _concerns(body, wanted.agency.casefold()))
        and (wanted.address is None or wanted.address.casefold() in set(_addresses(body)))
        and _is_between(entry.time, wanted)
    )


def _is_between(time: str, wanted: Wanted) -> bool:
    if wanted.since is None and wanted.until is None:
        return True
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return False
    return (wanted.since is None or moment >= wanted.since) and (wanted.until is None or moment < wanted.until)


def _results(body: Any) -> Iterator[str]:
    for name, value in _pairs(body):
        if name in _RESULTS and isinstance(value, str):
            yield value.casefold()


def _signers(body: Any) -> Iterator[str]:
    for name, value in _pairs(body):
        if name in _SIGNERS:
            yield from (text.casefold() for text in _texts(value))


def _addresses(body: Any) -> Iterator[str]:
    for name, value in _pairs(body):
        if name in _ADDRESSES:
            yield from (text.casefold() for text in _texts(value))


def _concerns(body: Any, agency: str) -> bool:
    """Tell whether an agency has a part in what was written down: named, or by an address."""
    ending = agency.removeprefix("*.").removeprefix("@")
    for name, value in _pairs(body):
        if name in _AGENCIES and any(text.casefold() == agency for text in _texts(value)):
            return True
        if name in _ADDRESSES:
            domains = (text.casefold().rpartition("@")[2] for text in _texts(value))
            if any(domain == ending or domain.endswith(f".{ending}") for domain in domains):
                return True
    return False


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Return the names and values of an object, and of all objects in it."""
    if isinstance(value, dict):
        yield from value.items()
        for each in value.values():
            yield from _pairs(each)
    elif isinstance(value, list):
        for each in value:
            yield from _pairs(each)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
