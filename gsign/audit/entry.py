"""One entry of the ledger, and the hash that chains it to the one before.

An entry's hash covers who wrote it, its number, its time, its kind, its body and the hash of the writer's entry before:
whoever changes, removes, inserts or reorders one breaks every hash that follows. The covered form is JSON with sorted
keys and without blanks, so that it can be computed again from an export by any program.

The body is covered by its SHA-256: a chain can be followed by who has the bodies' digests alone. So an entry is proved
to somebody who may not see the entries around it, and bodies that have been kept long enough can go.
"""

from __future__ import annotations

import hashlib
import json
import re
import time as clock
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

__all__ = [
    "GENESIS",
    "LAST",
    "Entry",
    "Link",
    "canonical",
    "decoded",
    "hash_of",
    "is_first_form",
    "link_of",
    "next_entry",
    "octets_of",
]

# What holds itself ends in a RecursionError, without anybody looking for it in what does not.
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)
_compiled: Final[Any] = getattr(json.encoder, "c_make_encoder", None)
# What `_ENCODER.encode` would make anew for each entry, where Python has it.
_pieces: Final[Any] = (
    _compiled(None, _ENCODER.default, json.encoder.encode_basestring, None, ":", ",", True, False, False)
    if _compiled
    else _ENCODER.iterencode
)
_decode: Final = json.JSONDecoder().raw_decode
GENESIS: Final = bytes(32)
"""What stands for the entry before the first."""
LAST: Final = 2**62
"""No entry has a higher number."""
_sha256: Final = hashlib.sha256
_quote: Final = json.encoder.encode_basestring
_quoted: Final = lru_cache(maxsize=1024)(_quote)
_FIRST_FORM: Final = re.compile(r"[0-9a-f]{12}")
"""Names of writers of the first form, whose hashes cover the bodies themselves."""


class Entry(NamedTuple):
    """What was written down: digests, signers, rules and reasons, never content."""

    writer: str
    """Whose chain this is: a station and a number, such as `van-thu.1`."""
    number: int
    """From 1, without gaps."""
    time: str
    """ISO 8601 in UTC, with microseconds."""
    kind: str
    """What happened, such as `decided`."""
    body: str
    """JSON object with sorted keys."""
    previous: bytes
    hash: bytes

    @property
    def reference(self) -> str:
        """What a person quotes to find the entry."""
        return f"{self.writer}-{self.number}"

    def computed_hash(self) -> bytes:
        """Return the hash that the entry must have."""
        return hash_of(self.writer)(self.number, self.time, self.kind, self.body, self.previous)


class Chain(NamedTuple):
    """Where a writer's chain ends, as the ledger keeps it beside the entries, to be looked up at once."""

    writer: str
    number: int
    """Of the last entry."""
    hash: bytes
    """Of the last entry."""
    anchored: int = 0
    """Number of the last entry of this chain that holds heads of others; 0 for none."""
    sealed: int = 0
    """Number up to which the entries are in sealed segments; 0 for none."""
    closed: int = 0
    """1 for a chain that nobody goes on with: each opening of a ledger of the first form had its own."""


def octets_of(hexadecimal: str) -> bytes:
    """Return a hash that stands somewhere in hexadecimal digits; no octets, which no entry has, where it is none."""
    try:
        return bytes.fromhex(hexadecimal)
    except ValueError:
        return b""


def next_entry(
    previous: Entry | Chain | None,
    writer: str,
    kind: str,
    body: Mapping[str, Any] | str,
    *,
    now: datetime | None = None,
) -> Entry:
    """Make the entry that follows another in a writer's chain.

    Args:
        previous: the writer's last one, or where its chain ends; None for its first.
        writer: whose chain.
        kind: what happened.
        body: facts that JSON can hold, or what `canonical` makes of them.
        now: an aware time; None for the present.
    """
    number = previous.number + 1 if previous else 1
    before = previous.hash if previous else GENESIS
    time = _present() if now is None else now.astimezone(UTC).isoformat(timespec="microseconds")
    text = body if isinstance(body, str) else canonical(body)
    return Entry(writer, number, time, kind, text, before, hash_of(writer)(number, time, kind, text, before))


class Link(NamedTuple):
    """What a chain is followed by, without the bodies."""

    writer: str
    number: int
    time: str
    kind: str
    body_digest: bytes
    """SHA-256 of the body in UTF-8."""
    previous: bytes

    def computed_hash(self) -> bytes:
        """Return the hash that the entry must have."""
        place = _quoted(self.writer), self.number, self.time, self.kind
        return _sha256(_covered(*place, self.body_digest.hex(), self.previous.hex())).digest()


def link_of(entry: Entry) -> Link | None:
    """Return what proves an entry's place to who may not see its body; None for one of the first form."""
    if is_first_form(entry.writer):
        return None
    digest = hashlib.sha256(entry.body.encode()).digest()
    return Link(entry.writer, entry.number, entry.time, entry.kind, digest, entry.previous)


@lru_cache(maxsize=1024)
def is_first_form(writer: str) -> bool:
    """Tell whether a chain is one of the first form, which nobody goes on with."""
    return _FIRST_FORM.fullmatch(writer) is not None


def _present() -> str:
    """Return the present as entries have it."""
    seconds, rest = divmod(clock.time_ns() // 1000, 1_000_000)
    return f"{_second(seconds)}.{rest:06}+00:00"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    # Of many entries in one second, only the fraction differs.
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=1024)
def hash_of(writer: str) -> Callable[[int, str, str, str, bytes], bytes]:
    """Return what computes the hashes of a writer's entries, from number, time, kind, body and the hash before."""
    if is_first_form(writer):
        return partial(_first_form_hash, writer)
    quoted = _quote(writer)

    def computed(number: int, time: str, kind: str, body: str, previous: bytes) -> bytes:
        body_digest = _sha256(body.encode()).hexdigest()
        return _sha256(_covered(quoted, number, time, kind, body_digest, previous.hex())).digest()

    return computed


def _covered(quoted_writer: str, number: int, time: str, kind: str, body_digest: str, previous: str) -> bytes:
    """Return what `canonical` would of these in an array, in a third of the time: a million are verified."""
    return f'[{quoted_writer},{number},{_quote(time)},{_quoted(kind)},"{body_digest}","{previous}"]'.encode()


def _first_form_hash(writer: str, number: int, time: str, kind: str, body: str, previous: bytes) -> bytes:
    return _sha256(canonical([writer, number, time, kind, body, previous.hex()]).encode()).digest()


def canonical(value: object) -> str:
    """Return JSON with sorted keys and without blanks.

    Raises:
        TypeError, ValueError, RecursionError: it holds what JSON cannot.
    """
    return "".join(_pieces(value, 0))


def decoded(body: str) -> Any:
    """Return what a body says: as `json.loads`, in two thirds of the time where nothing is around it.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.
    """
    try:
        found, end = _decode(body)
    except ValueError:
        return json.loads(body)
    return found if end == len(body) else json.loads(body)
