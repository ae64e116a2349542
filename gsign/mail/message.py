"""What a message says about itself at its root: who wrote it to whom, and what its envelope is."""

from __future__ import annotations

from typing import Final, NamedTuple

from gsign.mail.containers.enveloped import content_type_of
from gsign.mail.facts import SmimeKind
from gsign.mime.addresses import Address, AddressError, read_addresses
from gsign.mime.notes import Note
from gsign.mime.part import Part
from gsign.mime.words import decode_words
from gsign.protection.layers import is_detached, is_enclosing

__all__ = ["Origin", "origin_of", "smime_kind"]

_BY_PARAMETER: Final = {
    "signed-data": SmimeKind.OPAQUE,
    "enveloped-data": SmimeKind.ENCRYPTED,
    "authenveloped-data": SmimeKind.ENCRYPTED,
    "compressed-data": SmimeKind.COMPRESSED,
}
_BY_CONTENT: Final = {"signed": SmimeKind.OPAQUE, "encrypted": SmimeKind.ENCRYPTED, "compressed": SmimeKind.COMPRESSED}


class Origin(NamedTuple):
    """Fields of the root header, with what is off about them."""

    senders: tuple[Address, ...]
    sender: Address | None
    recipients: tuple[Address, ...]
    subject: str
    date: str
    message_id: str
    notes: tuple[Note, ...]


def origin_of(root: Part) -> Origin:
    """Read who wrote a message to whom (RFC 5322 clause 3.6)."""
    notes: list[Note] = []
    senders = _addresses(root, "from", notes)
    if not root.has("from"):
        notes.append(Note("from-missing"))
    elif len(senders) > 1:
        notes.append(Note("from-several"))
    sender = _addresses(root, "sender", notes)
    return Origin(
        senders,
        sender[0] if sender else None,
        _addresses(root, "to", []) + _addresses(root, "cc", []),
        _text(root, "subject"),
        _text(root, "date"),
        _text(root, "message-id"),
        tuple(dict.fromkeys(notes)),
    )


def _text(root: Part, name: str) -> str:
    text = root.get(name)
    return decode_words(text) if text else ""


def _addresses(root: Part, name: str, notes: list[Note]) -> tuple[Address, ...]:
    text = root.get(name)
    if text is None:
        return ()
    try:
        return read_addresses(text)
    except AddressError:
        notes.append(Note("address-malformed", name))
        return ()


def smime_kind(root: Part) -> SmimeKind:
    """Tell what the root envelope is."""
    if is_detached(root):
        return SmimeKind.DETACHED
    if not is_enclosing(root):
        return SmimeKind.NONE
    by_content = _BY_CONTENT.get(content_type_of(root.decoded()) or "")
    return by_content or _BY_PARAMETER.get(root.parameters.get("smime-type", "").lower(), SmimeKind.OTHER)
