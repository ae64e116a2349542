"""Verify what came: the signatures of domains, and the chain of those who altered the message on its way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from gsign.errors import TemporaryError
from gsign.mail.dkim.canonical import Canonical, relaxed_field
from gsign.mail.dkim.keys import Lookup
from gsign.mail.dkim.signature import UnsoundError, Verdict, key_of, required, signed_octets, verify_field
from gsign.mail.dkim.tags import TagError, octets, read_tags
from gsign.mime.fields import Field

__all__ = ["LONGEST", "ArcSet", "Chain", "seal_input", "verify_chain", "verify_signatures"]

LONGEST: Final = 50
"""Sets that a chain may have (RFC 8617 clause 4.2.1)."""
_SIGNATURES: Final = 5
"""DKIM signatures that are verified: each costs a look-up."""
_INSTANCE: Final = re.compile(r"\s*i\s*=\s*([0-9]{1,3})\s*;")
RESULTS: Final = "arc-authentication-results"
SIGNATURE: Final = "arc-message-signature"
SEAL: Final = "arc-seal"


class ArcSet(NamedTuple):
    """What one of those who passed a message on has said of it."""

    results: Field
    signature: Field
    seal: Field


class Chain(NamedTuple):
    """A chain of ARC sets.

    Args:
        state: `none`, `pass`, `fail`, or `temperror` where it cannot be told for now.
        sets: in order; empty where the fields make no chain.
        length: the highest number that there is.
        reason: why it does not hold.
    """

    state: str = "none"
    sets: tuple[ArcSet, ...] = ()
    length: int = 0
    reason: str = ""

    @property
    def is_closed(self) -> bool:
        """Whether somebody has sealed that it does not hold, after which nobody adds to it (RFC 8617 clause 5.1)."""
        return bool(self.sets) and _tag(self.sets[-1].seal, "cv") == "fail"


def verify_signatures(canonical: Canonical, lookup: Lookup, deadline: float, now: float) -> tuple[Verdict, ...]:
    """Verify the DKIM signatures of a message, the first few of them.

    Args:
        canonical: the message.
        lookup: finds keys.
        deadline: when to give up, on the clock of `time.monotonic`.
        now: seconds since 1970.
    """
    found = [field for field in canonical.fields if field.key == "dkim-signature"][:_SIGNATURES]
    return tuple(verify_field(canonical, field, lookup, deadline, now=now) for field in found)


def verify_chain(canonical: Canonical, lookup: Lookup, deadline: float, now: float) -> Chain:
    """Verify the chain of ARC sets of a message (RFC 8617 clause 5.2); see `verify_signatures`."""
    fields = [field for field in canonical.fields if field.key in (RESULTS, SIGNATURE, SEAL)]
    if not fields:
        return Chain()
    numbers = [_instance(field) for field in fields]
    length = max((number for number in numbers if number is not None), default=0)
    try:
        sets = _sets(fields, numbers, length)
    except UnsoundError as error:
        return Chain("fail", (), length, error.reason)
    chain = Chain("pass", sets, length)
    try:
        _verify_sets(canonical, sets, lookup, deadline, now)
    except (TagError, UnsoundError) as error:
        return chain._replace(state="fail", reason=str(error))
    except TemporaryError:
        return chain._replace(state="temperror", reason="a key cannot be looked up for now")
    return chain


def seal_input(sets: Sequence[ArcSet], own: bytes) -> bytes:
    """Return what a seal signs: the sets before it, and of its own set what `own` has (RFC 8617 clause 5.1.1)."""
    before = (relaxed_field(field) for arc in sets for field in arc)
    return b"".join(before) + own


def _sets(fields: Sequence[Field], numbers: Sequence[int | None], length: int) -> tuple[ArcSet, ...]:
    """Put the fields together.

    Raises:
        UnsoundError: they make no chain.
    """
    found: dict[tuple[int, str], Field] = {}
    for field, number in zip(fields, numbers, strict=True):
        if number is None or not 1 <= number <= LONGEST or (number, field.key) in found:
            raise UnsoundError("fail", "sets are not numbered one by one")
        found[number, field.key] = field
    if len(found) != 3 * length:
        raise UnsoundError("fail", "sets are not complete")
    return tuple(ArcSet(*(found[n, key] for key in (RESULTS, SIGNATURE, SEAL))) for n in range(1, length + 1))


def _verify_sets(canonical: Canonical, sets: Sequence[ArcSet], lookup: Lookup, deadline: float, now: float) -> None:
    for number, arc in enumerate(sets, 1):
        if _tag(arc.seal, "cv") != ("none" if number == 1 else "pass"):
            raise UnsoundError("fail", f"set {number} does not say that those before it hold")
    signature = verify_field(canonical, sets[-1].signature, lookup, deadline, now=now, is_arc=True)
    if signature.result == "temperror":
        raise TemporaryError("dns-unreachable", name=signature.domain, cause=signature.reason)
    if not signature.passes:
        raise UnsoundError("fail", f"message signature: {signature.reason}")
    for number in range(len(sets), 0, -1):
        _verify_seal(sets[:number], lookup, deadline)


def _verify_seal(sets: Sequence[ArcSet], lookup: Lookup, deadline: float) -> None:
    *before, last = sets
    tags = read_tags(last.seal.value)
    algorithm, domain, selector = required(tags)
    if "h" in tags:
        raise TagError("a seal has h=")
    own = relaxed_field(last.results) + relaxed_field(last.signature) + signed_octets(last.seal, b"", "relaxed")
    key = key_of(domain, selector, algorithm, lookup, deadline)
    if not key.verifies(octets(tags, "b"), seal_input(before, own)):
        raise UnsoundError("fail", f"seal {len(sets)} does not hold")
    if key.is_too_short:
        raise UnsoundError("fail", f"seal {len(sets)}: key is too short")


def _instance(field: Field) -> int | None:
    if field.key == RESULTS:
        found = _INSTANCE.match(field.text)
        return int(found[1]) if found else None
    text = _tag(field, "i")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else None


def _tag(field: Field, name: str) -> str:
    try:
        tags: Mapping[str, str] = read_tags(field.value)
    except TagError:
        return ""
    return tags.get(name, "")
