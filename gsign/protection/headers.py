"""Header protection (RFC 9788): copies of the header fields inside what is signed, and what became of the outer ones.

Written with `hp="clear"`, and with `hp="cipher"` where it is to be encrypted. Read in the older forms too: a message in
a message (RFC 8551 clause 3.1), and `protected-headers="v1"`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from gsign.mime import Part
from gsign.mime.fields import Field
from gsign.protection.encoded_words import encoded_field, encoded_value
from gsign.protection.payload import protected_part

__all__ = [
    "CIPHER",
    "CLEAR",
    "HeaderCheck",
    "Pieces",
    "compare",
    "copy_of",
    "is_authors",
    "is_structural",
    "outer_header",
    "protected_copies",
    "with_mark",
]

Pieces = list[bytes | memoryview]
"""Octets in order, most of them views of a message: what is large is joined once."""

CLEAR: Final = b'hp="clear"'
CIPHER: Final = b'hp="cipher"'

# What relays and mailboxes write and rewrite on the way; nothing of it is the author's. Bcc must never be told.
_TRANSPORT: Final = frozenset(
    [
        "received",
        "return-path",
        "delivered-to",
        "envelope-to",
        "x-original-to",
        "bcc",
        "dkim-signature",
        "domainkey-signature",
        "authentication-results",
        "received-spf",
        "x-received",
        "x-envelope-from",
        "x-envelope-to",
        "x-originating-ip",
        "status",
        "x-status",
        "x-mozilla-status",
        "x-mozilla-status2",
        "x-uidl",
        "errors-to",
        "precedence",
        "hp-outer",
    ]
)
_TRANSPORT_FAMILIES: Final = ("arc-", "resent-", "list-", "x-spam-", "x-virus-", "x-ms-exchange-", "x-forefront-")
# What a reader shows or answers to, so that adding one outside says something that nobody signed.
_SHOWN: Final = frozenset(
    [
        *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"),
        *("mail-reply-to", "mail-followup-to", "disposition-notification-to", "return-receipt-to"),
    ]
)


class HeaderCheck(NamedTuple):
    """What the signature says of the header.

    Args:
        is_protected: whether copies of the fields are signed.
        changed: names of fields that differ from their copies, and of shown ones that nobody signed.
    """

    is_protected: bool
    changed: tuple[str, ...] = ()


def is_structural(field: Field) -> bool:
    """Whether a field describes the body rather than the message (RFC 9788 clause 1.1.1)."""
    return field.key.startswith("content-") or field.key == "mime-version"


def protected_copies(message: Part, *, seven_bit: bool = False) -> bytes:
    """Return the fields to be copied into what is signed, in their order (RFC 9788 clause 5.1).

    Args:
        message: the message.
        seven_bit: whether letters are written as encoded words; else all stand as they are.
    """
    return b"".join(copy_of(message, f, seven_bit=seven_bit) for f in message.fields if is_authors(f))


def copy_of(message: Part, field: Field, *, seven_bit: bool) -> bytes:
    """Return a field as it is copied; in letters where they cannot be written otherwise."""
    octets = message.data[field.start : field.end]
    return octets if not seven_bit or octets.isascii() else encoded_field(field) or octets


def outer_header(message: Part, structure: bytes, write: Callable[[Field], bytes | None]) -> Pieces:
    """Return the fields around a new body: the first that describes the old one gives way to `structure`, others go.

    Args:
        message: the message as it was.
        structure: the fields of the new body.
        write: returns a field as it is to stand outside; None leaves it out.
    """
    pieces: Pieces = []
    is_written = False
    for field in message.fields:
        if not is_structural(field):
            octets = write(field)
            pieces += [octets] if octets is not None else []
        elif not is_written:
            pieces.append(structure)
            is_written = True
    return pieces if is_written else [*pieces, structure]


def with_mark(content_type: bytes, mark: bytes = CLEAR) -> bytes:
    """Add the parameter that tells readers of the copies (RFC 9788 clause 2.1).

    Args:
        content_type: the whole field, with its end of line.
        mark: whether what stands inside is encrypted.
    """
    return content_type.rstrip(b"\r\n\t ;") + b";\r\n " + mark + b"\r\n"


def compare(message: Part, signed: Part) -> HeaderCheck:
    """Compare the outer fields with the copies that are signed (RFC 9788 clause 4).

    Args:
        message: the message as it came.
        signed: the entity that its signature covers.

    Raises:
        LayerError: `too-deep`.
    """
    inner = protected_part(signed)
    if inner is None:
        return HeaderCheck(is_protected=False)
    copies, outer = _by_name(inner.fields), _by_name(message.fields)
    for key, values in outer.items():
        # Letters may have been copied as encoded words: always the same ones.
        if copies.get(key) != values and not "".join(values).isascii():
            outer[key] = [encoded_value(key, value) or value for value in values]
    # A From that has no copy is held against the signer all the same.
    names = dict.fromkeys((*copies, *(key for key in outer if key in _SHOWN and key != "from")))
    return HeaderCheck(True, tuple(_written(key) for key in names if copies.get(key) != outer.get(key)))


def is_authors(field: Field) -> bool:
    """Whether a field is what the author says, rather than the body's or the way's."""
    return not (is_structural(field) or field.key in _TRANSPORT or field.key.startswith(_TRANSPORT_FAMILIES))


def _by_name(fields: Iterable[Field]) -> dict[str, list[str]]:
    """Group the values of the author's fields; relays may fold them anew, and nothing else."""
    found: dict[str, list[str]] = {}
    for field in fields:
        if is_authors(field):
            found.setdefault(field.key, []).append(" ".join(field.text.split()))
    return found


def _written(key: str) -> str:
    """Write a field's name as it is usually written."""
    return "Message-ID" if key == "message-id" else key.title()
