"""Octets as they are signed: fields and body in the two canonical forms (RFC 6376 clause 3.4)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from gsign.mail.dkim.tags import TagError
from gsign.mime.fields import Field, read_header
from gsign.mime.limits import Limits

__all__ = ["RELAXED", "SIMPLE", "Body", "Canonical", "relaxed_field"]

RELAXED: Final = "relaxed"
SIMPLE: Final = "simple"
_BLANKS: Final = re.compile(rb"[ \t]+")
_END: Final = b"\r\n"
_LIMITS: Final = Limits(header=4 << 20, fields=50_000)
_PIECE: Final = 1 << 20
_DIGESTS: Final = 4
"""Of one body: each costs a pass over it."""


class Body(NamedTuple):
    """A body's SHA-256, and how many octets it has in its canonical form."""

    sha256: bytes
    size: int


class Canonical:
    """A message, and what of it goes into signatures.

    Args:
        message: in lines that end in CRLF.

    Attributes:
        fields: all of them, in order.
    """

    def __init__(self, message: bytes) -> None:
        header = read_header(message, 0, len(message), _LIMITS)
        self.fields: tuple[Field, ...] = header.fields
        self._raw = [message[field.start : field.end] for field in header.fields]
        self._message = message
        self._body_at = header.body
        self._bodies: dict[tuple[str, int | None], Body] = {}

    def put_on_top(self, fields: bytes) -> None:
        """Let fields stand before the message."""
        found = read_header(fields, 0, len(fields), _LIMITS).fields
        self.fields = (*found, *self.fields)
        self._raw = [fields[field.start : field.end] for field in found] + self._raw

    def raw(self, field: Field) -> bytes:
        """Return one of the fields as it stands, with its end of line."""
        return next(raw for known, raw in zip(self.fields, self._raw, strict=True) if known is field)

    def chosen(self, names: Iterable[str], method: str, *, apart_from: Field | None = None) -> Iterator[bytes]:
        """Yield the fields of a tag `h`: the last of a name first; of those that are not there, nothing (clause 5.4.2).

        Args:
            names: as they are listed, in any case.
            method: of the canonical form.
            apart_from: the signature itself, which cannot be among what it signs.
        """
        left: dict[str, list[int]] = {}
        for number, field in enumerate(self.fields):
            if field is not apart_from:
                left.setdefault(field.key, []).append(number)
        for name in names:
            numbers = left.get(name.strip(" \t\r\n").lower())
            if numbers:
                number = numbers.pop()
                yield self._raw[number] if method == SIMPLE else relaxed_field(self.fields[number])

    def body(self, method: str, length: int | None = None) -> Body:
        """Return the digest of the body in a canonical form, of its first `length` octets where not of all.

        Raises:
            TagError: others were asked for before, more than any sender has a use for.
        """
        known = self._bodies.get((method, length))
        if known is None:
            if len(self._bodies) == _DIGESTS:
                raise TagError("too many lengths of one body")
            known = self._bodies[method, length] = _digest(self._lines(method), method, length)
        return known

    def _lines(self, method: str) -> Iterator[bytes]:
        """Yield the body in pieces of whole lines: a large one is never there several times."""
        message, start, size = self._message, self._body_at, len(self._message)
        while start < size:
            end = size if size - start <= _PIECE else (message.rfind(b"\n", start, start + _PIECE) + 1 or size)
            piece = message[start:end]
            yield _relaxed(piece) if method == RELAXED else piece
            start = end


def _relaxed(piece: bytes) -> bytes:
    # A search for what is rarely there takes a tenth of what a pattern takes. One after the other: a pattern that looks
    # for blanks and the end behind them takes the square of a line of blanks.
    if b"\t" in piece or b"  " in piece:
        piece = _BLANKS.sub(b" ", piece)
    return piece.replace(b" \r\n", _END)


def relaxed_field(field: Field, value: bytes | None = None) -> bytes:
    """Return a field in relaxed form, with its end of line; `value` takes the place of its own."""
    unfolded = (field.value if value is None else value).replace(_END, b"")
    return field.key.encode() + b":" + _BLANKS.sub(b" ", unfolded).strip(b" ") + _END


def _digest(pieces: Iterable[bytes], method: str, length: int | None) -> Body:
    digest, size = hashlib.sha256(), 0
    for octets in _ended(pieces, method):
        digest.update(octets if length is None else octets[: max(0, length - size)])
        size += len(octets)
    return Body(digest.digest(), size)


def _ended(pieces: Iterable[bytes], method: str) -> Iterator[bytes]:
    """Yield a body with one end of line at its end, whatever empty lines it has there (clauses 3.4.3 and 3.4.4)."""
    is_empty, ends = True, 0
    for piece in pieces:
        text = piece.rstrip(_END)
        if text:
            yield _END * ends
            yield text
            is_empty, ends = False, 0
        ends += (len(piece) - len(text)) // 2
    if not (is_empty and method == RELAXED):
        yield _END
