"""Sign a message for a domain, and seal what was found of it: fields that go on top (RFC 6376 clause 5, RFC 8617)."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from gsign.mail.dkim.canonical import RELAXED, Canonical, relaxed_field
from gsign.mail.dkim.keys import DomainKey
from gsign.mail.dkim.signature import signed_octets
from gsign.mail.dkim.verifying import LONGEST, Chain, seal_input
from gsign.mime.fields import Field, read_header
from gsign.mime.limits import Limits

__all__ = ["dkim_signature", "sealed"]

_FIELDS: Final = (
    *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id"),
    *("resent-from", "resent-sender", "resent-to", "resent-cc", "resent-date", "resent-message-id"),
    *("list-id", "list-help", "list-unsubscribe", "list-subscribe", "list-post", "list-owner", "list-archive"),
)
"""What people and programs act upon; nothing that servers add or take away on the way (RFC 6376 clause 5.4.1)."""
_CLOSED: Final = frozenset(("from", "sender", "reply-to", "to", "cc", "subject", "in-reply-to", "references")) | {
    field for field in _FIELDS if field.startswith(("mime-", "content-"))
}
"""Nobody adds one more of these, or the first: each is listed once more than it is there (clause 8.15)."""
_CLOSED_IF_THERE: Final = frozenset(("date", "message-id"))
"""Where they are missing the next server adds them, and may."""
_MOST: Final = 200
"""Fields that are listed: a message that repeats more of them is nobody's letter."""
_LIMITS: Final = Limits(header=1 << 20)
_LINE: Final = 70


def dkim_signature(canonical: Canonical, key: DomainKey, now: float) -> bytes:
    """Return the DKIM-Signature field of a message; nothing where it has not one From, or repeats fields beyond reason.

    Args:
        canonical: the message as it goes on.
        key: of the domain that vouches for it.
        now: seconds since 1970.
    """
    is_by_one = sum(field.key == "from" for field in canonical.fields) == 1
    if not is_by_one or len(list(_names(canonical, _FIELDS))) > _MOST:
        return b""
    return _signature("DKIM-Signature", ("v=1",), canonical, key, now)


def sealed(canonical: Canonical, chain: Chain, results: str, key: DomainKey, now: float) -> bytes:
    """Return the ARC set that goes on top of a message; nothing where the chain takes no more.

    Args:
        canonical: the message as it goes on, with all that goes on top but this.
        chain: as it came.
        results: of authentication, our own name first; lines may be folded.
        key: of the domain that seals.
        now: seconds since 1970.
    """
    if chain.is_closed or chain.state == "temperror" or chain.length >= LONGEST:
        return b""
    number = chain.length + 1
    if len(list(_names(canonical, (*_FIELDS, "dkim-signature")))) > _MOST:
        return b""
    top = f"ARC-Authentication-Results: i={number}; {results}\r\n".encode("ascii", "replace")
    signature = _signature("ARC-Message-Signature", (f"i={number}",), canonical, key, now, also=("dkim-signature",))
    tags = (f"i={number}", f"cv={chain.state}")
    head = _field("ARC-Seal", (*tags, *_common(key, now)), ("b=",))
    own = b"".join(relaxed_field(_only(field)) for field in (top, signature))
    # What does not hold is not vouched for again (RFC 8617 clause 5.1.2).
    before = () if chain.state == "fail" else chain.sets
    seal = _completed(head, key.sign(seal_input(before, own + signed_octets(_only(head), b"", RELAXED))))
    return seal + signature + top


def _signature(
    name: str, first: Sequence[str], canonical: Canonical, key: DomainKey, now: float, also: Sequence[str] = ()
) -> bytes:
    names = list(_names(canonical, (*_FIELDS, *also)))
    body = base64.b64encode(canonical.body(RELAXED).sha256).decode()
    listed = _wrapped("h=" + ":".join(names), ":")
    head = _field(name, (*first, f"c={RELAXED}/{RELAXED}", *_common(key, now)), (listed, f"bh={body}", "b="))
    signed = b"".join(canonical.chosen(names, RELAXED)) + signed_octets(_only(head), b"", RELAXED)
    return _completed(head, key.sign(signed))


def _names(canonical: Canonical, wanted: Sequence[str]) -> Iterator[str]:
    there = Counter(field.key for field in canonical.fields)
    for name in wanted:
        is_closed = name in _CLOSED or (name in _CLOSED_IF_THERE and there[name])
        yield from [name] * (there[name] + is_closed)


def _common(key: DomainKey, now: float) -> tuple[str, ...]:
    return f"a={key.algorithm}", f"d={key.domain}", f"s={key.selector}", f"t={int(now)}"


def _field(name: str, words: Sequence[str], lines: Sequence[str]) -> bytes:
    """Write a field: short tags on lines of their own length, long ones each on its own; `b` is last and empty."""
    first = _wrapped(f"{name}: {'; '.join(words)}", " ")
    return (";\r\n\t".join((first, *lines)) + "\r\n").encode("ascii")


def _wrapped(text: str, mark: str) -> str:
    """Fold a text behind marks, so that lines stay short."""
    lines = [""]
    for piece in text.split(mark):
        if len(lines[-1]) + len(piece) > _LINE and lines[-1]:
            lines.append("")
        lines[-1] += piece + mark
    return "\r\n\t".join(line.rstrip(" ") for line in lines).removesuffix(mark)


def _completed(head: bytes, signature: bytes) -> bytes:
    text = base64.b64encode(signature)
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return head.removesuffix(b"\r\n") + b"\r\n\t".join(lines) + b"\r\n"


def _only(field: bytes) -> Field:
    return read_header(field, 0, len(field), _LIMITS).fields[0]
