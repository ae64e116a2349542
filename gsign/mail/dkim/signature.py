"""One signature over a message, a DKIM-Signature or an ARC-Message-Signature: read and verified (RFC 6376 clause 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from gsign.errors import TemporaryError
from gsign.mail.dkim.canonical import RELAXED, SIMPLE, Canonical, relaxed_field
from gsign.mail.dkim.keys import ED25519, RSA, Lookup, Published, published
from gsign.mail.dkim.tags import TagError, octets, read_tags, without_signature
from gsign.mime.fields import Field

__all__ = ["UnsoundError", "Verdict", "key_of", "required", "signed_octets", "verify_field"]

_ALGORITHMS: Final = (RSA, ED25519)
_METHODS: Final = (SIMPLE, RELAXED)
_LABEL: Final = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
_DOMAIN: Final = re.compile(rf"(?!.{{254}}){_LABEL}(\.{_LABEL})*")
_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_KEYS: Final = 4
"""Key records of one name that are looked at."""


class UnsoundError(Exception):
    """A signature does not count; `result` is the word of RFC 8601 clause 2.7.1 for it."""

    def __init__(self, result: str, reason: str) -> None:
        super().__init__(reason)
        self.result = result
        self.reason = reason


class Verdict(NamedTuple):
    """What a signature is worth.

    Args:
        result: `pass`, `fail`, `policy`, `permerror`, `temperror` or `neutral` (RFC 8601 clause 2.7.1).
        domain: who vouches; empty where it cannot be read.
        selector: of its key.
        algorithm: it was made by.
        reason: why it does not count; empty where it does.
    """

    result: str
    domain: str = ""
    selector: str = ""
    algorithm: str = ""
    reason: str = ""

    @property
    def passes(self) -> bool:
        """Whether the domain vouches."""
        return self.result == "pass"


def verify_field(
    canonical: Canonical, field: Field, lookup: Lookup, deadline: float, *, now: float, is_arc: bool = False
) -> Verdict:
    """Verify one DKIM-Signature or ARC-Message-Signature.

    Args:
        canonical: the message.
        field: the signature, one of the message's fields.
        lookup: finds the key.
        deadline: when to give up, on the clock of `time.monotonic`.
        now: seconds since 1970, against which the signature's own time is held.
        is_arc: whether it is an ARC set's, which has neither version nor identity (RFC 8617 clause 4.1.2).
    """
    try:
        tags = read_tags(field.value)
    except TagError as error:
        return Verdict("permerror", reason=str(error))
    domain, selector, algorithm = (tags.get(name, "") for name in "dsa")
    shown = Verdict("pass", *(text if _DOMAIN.fullmatch(text) else "" for text in (domain, selector, algorithm)))
    try:
        _verify(canonical, field, tags, lookup, deadline, now=now, is_arc=is_arc)
    except TagError as error:
        return shown._replace(result="permerror", reason=str(error))
    except UnsoundError as error:
        return shown._replace(result=error.result, reason=error.reason)
    except TemporaryError:
        return shown._replace(result="temperror", reason="key cannot be looked up for now")
    return shown


def _verify(
    canonical: Canonical,
    field: Field,
    tags: Mapping[str, str],
    lookup: Lookup,
    deadline: float,
    *,
    now: float,
    is_arc: bool,
) -> None:
    algorithm, domain, selector = required(tags)
    of_header, _, of_body = tags.get("c", "").partition("/")
    methods = of_header or SIMPLE, of_body or SIMPLE
    names = [name.strip().lower() for name in tags.get("h", "").split(":")]
    if "from" not in names:
        raise TagError("h= does not name From")
    if not set(methods) <= set(_METHODS):
        raise TagError("c= is unknown")
    if not is_arc:
        _require_dkim(tags, domain, now)
    elif "arc-seal" in names:
        raise TagError("h= names a seal")
    expected, signature = octets(tags, "bh"), octets(tags, "b")
    length = _number(tags, "l")
    body = canonical.body(methods[1], length)
    if body.sha256 != expected or (length is not None and length > body.size):
        raise UnsoundError("fail", "body has been altered")
    key = key_of(domain, selector, algorithm, lookup, deadline)
    if key.is_strict and _identity(tags, domain) != domain.lower():
        raise TagError("key is for its own domain only")
    signed = b"".join(canonical.chosen(names, methods[0], apart_from=field))
    if not key.verifies(signature, signed + signed_octets(field, canonical.raw(field), methods[0])):
        raise UnsoundError("fail", "signature does not hold")
    if key.is_too_short:
        raise UnsoundError("policy", "key is too short")
    if length is not None and length < body.size:
        raise UnsoundError("policy", "body goes on behind what is signed")


def required(tags: Mapping[str, str]) -> tuple[str, str, str]:
    """Return algorithm, domain and selector.

    Raises:
        TagError: one is missing, or not what it should be.
        UnsoundError: the algorithm does not count any more (RFC 8301 clause 3.1).
    """
    algorithm, domain, selector = (tags.get(name, "") for name in "ads")
    if algorithm not in _ALGORITHMS:
        raise TagError("algorithm is not taken")
    if not _DOMAIN.fullmatch(domain) or not _DOMAIN.fullmatch(selector):
        raise TagError("domain or selector cannot be read")
    return algorithm, domain, selector


def key_of(domain: str, selector: str, algorithm: str, lookup: Lookup, deadline: float) -> Published:
    """Return the first key of a domain that is for an algorithm.

    Raises:
        TagError: there is none.
        TemporaryError: it cannot be told for now.
    """
    problem = TagError("no key is published")
    for record in lookup.texts(f"{selector}._domainkey.{domain}", deadline)[:_KEYS]:
        try:
            return published(record, algorithm)
        except TagError as error:
            problem = error
    raise problem


def signed_octets(field: Field, raw: bytes, method: str) -> bytes:
    """Return a signature's own field as it is signed: last, with `b` empty and without its end of line."""
    if method == RELAXED:
        return relaxed_field(field, without_signature(field.value)).removesuffix(b"\r\n")
    name, colon, value = raw.removesuffix(b"\r\n").partition(b":")
    return name + colon + without_signature(value)


def _require_dkim(tags: Mapping[str, str], domain: str, now: float) -> None:
    if tags.get("v") != "1":
        raise TagError("version is not 1")
    if "dns/txt" not in [method.strip() for method in tags.get("q", "dns/txt").split(":")]:
        raise TagError("key is not in the domain name system")
    identity = _identity(tags, domain)
    if identity != domain.lower() and not identity.endswith(f".{domain.lower()}"):
        raise TagError("i= is not of its domain")
    expires, made = _number(tags, "x"), _number(tags, "t")
    if expires is not None and (expires < now or (made is not None and expires < made)):
        raise UnsoundError("policy", "signature has expired")


def _identity(tags: Mapping[str, str], domain: str) -> str:
    # In ARC, `i` is the number of the set.
    identity = tags.get("i", "")
    return identity.rpartition("@")[2].lower() if "@" in identity else domain.lower()


def _number(tags: Mapping[str, str], name: str) -> int | None:
    text = tags.get(name)
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise TagError(f"{name}= is no number")
    return int(text)
