"""What the outside of an encrypted message tells: the header confidentiality policy of RFC 9788 (clause 3.2.1).

The subject is hidden, keywords and comments are left out; all else is needed on the way. Inside stand the fields as
they were written, with `hp="cipher"`, and what became of each outside (HP-Outer).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gsign.mime import Part
from gsign.mime.fields import Field
from gsign.protection.headers import Pieces, is_authors, is_structural, outer_header

__all__ = ["concealed_header", "outer_copies", "revealed_header"]

CONCEALED: Final = b"[...]"
# As other programs hide it.
_HIDDEN_SUBJECTS: Final = frozenset(("[...]", "..."))
_LEFT_OUT: Final = frozenset(("keywords", "comments"))
_HIDDEN: Final = _LEFT_OUT | {"subject"}


def outer_copies(message: Part) -> bytes:
    """Write the fields that say inside what stands outside (RFC 9788 clause 2.2)."""
    return b"".join(b"HP-Outer: " + _outside(message, field) for field in message.fields if _is_kept(field))


def concealed_header(message: Part, structure: bytes, *, is_inside: bool) -> Pieces:
    """Return the outer fields of an encrypted message: those of the body give way to `structure`.

    Args:
        message: the message as its author wrote it.
        structure: the fields of the encrypted body, where the first of the old ones stood.
        is_inside: whether the fields stand inside too, so that they may be hidden here.
    """

    def write(field: Field) -> bytes | None:
        if not (is_inside and is_authors(field)):
            return _octets(message, field)
        return _outside(message, field) if _is_kept(field) else None

    return outer_header(message, structure, write)


def revealed_header(outer: Part, inner: Part, protected: Iterable[Field], octets: bytes) -> Pieces:
    """Return the fields to stand before a decrypted entity: those of outside, with what was hidden there put back.

    A field that somebody else changed stays as it came, so that whoever compares it with what was signed sees it.

    Args:
        outer: the encrypted message.
        inner: the entity; the fields that it has itself are left out.
        protected: fields inside that are copies of what the author wrote.
        octets: what these are offsets of.
    """
    own = {field.key for field in inner.fields}
    fields = [field for field in outer.fields if not is_structural(field) and field.key not in own]
    hidden = {f.key: octets[f.start : f.end] for f in protected if f.key in _HIDDEN and f.key not in own}
    pieces: Pieces = []
    for field in fields:
        is_hidden = field.key == "subject" and field.text in _HIDDEN_SUBJECTS and "subject" in hidden
        pieces.append(hidden["subject"] if is_hidden else _octets(outer, field))
    pieces += (whole for key, whole in hidden.items() if key not in {field.key for field in fields})
    return pieces


def _is_kept(field: Field) -> bool:
    return is_authors(field) and field.key not in _LEFT_OUT


def _octets(message: Part, field: Field) -> bytes:
    return message.data[field.start : field.end]


def _outside(message: Part, field: Field) -> bytes:
    """Write a field as it stands outside."""
    return b"Subject: " + CONCEALED + b"\r\n" if field.key == "subject" else _octets(message, field)
