"""A header block: its fields in order with their offsets, and where the body begins (RFC 5322 clause 2.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Final, NamedTuple, cast

from gsign.mime.limits import Limits
from gsign.mime.notes import Note

__all__ = ["Field", "HeaderBlock", "is_utf8", "read_header", "unfold"]

# RFC 5322 clause 3.6 and RFC 2045: at most one of each; mail.md C4.
_SINGLE: Final = frozenset(
    (
        *(
            "from",
            "sender",
            "reply-to",
            "to",
            "cc",
            "bcc",
            "subject",
            "date",
            "message-id",
            "in-reply-to",
            "references",
        ),
        *("mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id"),
    )
)
# Fields whose octets decide how the rest is read.
_STRUCTURAL: Final = frozenset(("content-transfer-encoding", "mime-version"))
_AUTHORS: Final = frozenset(("from", "sender"))
_NAME: Final = frozenset(range(33, 127)) - {ord(":")}
# A field of which there is nothing to say: its lines end in CRLF, and none of those that continue it looks empty.
# It begins a line: what is odd is not looked at again from each of its octets.
_FLAWLESS: Final = re.compile(rb"(?m)^([!-9;-~]+):([^\r\n\0]*(?:\r\n[ \t]+[^\0-\x20][^\r\n\0]*)*)\r\n")
_BLANK: Final = bytes(range(33))
"""What some reader or other takes for blanks: most languages have a `trim` of their own."""
_SHORT: Final = 64
"""Octets of a field's name that is remembered."""


class Field(NamedTuple):
    """One field as it stands.

    Args:
        name: as it is written.
        key: in lower case.
        value: what follows the colon, folded as it came, without the last end of line.
        start: offset of the field's first octet in the message.
        end: offset behind its last end of line.
    """

    name: str
    key: str
    value: bytes
    start: int
    end: int

    @property
    def text(self) -> str:
        """The value on one line."""
        return unfold(self.value)


# A header has dozens: made so, each costs a third.
_field: Final = cast("Callable[[tuple[str, str, bytes, int, int]], Field]", partial(tuple.__new__, Field))


class HeaderBlock(NamedTuple):
    """Fields in order, the offset where the body begins, and what is odd."""

    fields: tuple[Field, ...]
    end: int
    body: int
    notes: tuple[Note, ...]


def unfold(value: bytes) -> str:
    """Return a field's value on one line (RFC 5322 clause 2.2.3): UTF-8 (RFC 6532), else octet by octet."""
    if b"\n" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"")
    value = value.strip(b" \t")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def read_header(data: bytes, start: int, end: int, limits: Limits) -> HeaderBlock:
    """Read the fields that begin at `start`, up to the first empty line or `end`."""
    block_end, body, notes = _find_body(data, start, end, limits)
    flawless = _flawless(data, start, block_end)
    if flawless is not None and len(flawless) <= limits.fields:
        if not _is_plain(data, start, block_end, flawless):
            notes += _odd_fields(flawless)
        return HeaderBlock(flawless, block_end, body, tuple(dict.fromkeys(notes)))
    fields: list[Field] = []
    for begin, lines in _logical_lines(data, start, block_end):
        if len(fields) == limits.fields:
            notes.append(Note("too-many-fields"))
            break
        end = min(begin + sum(map(len, lines)) + len(lines), block_end)
        notes += _take(fields, lines, begin, end)
    notes += _odd_fields(fields)
    return HeaderBlock(tuple(fields), block_end, body, tuple(dict.fromkeys(notes)))


def _flawless(data: bytes, start: int, end: int) -> tuple[Field, ...] | None:
    """Read fields that have nothing odd about them, as nearly all headers are; None where one has."""
    fields: list[Field] = []
    at = start
    for name, value in _FLAWLESS.findall(data, start, end):
        stop = at + len(name) + len(value) + 3
        text, key = _names(name) if len(name) <= _SHORT else _names_of(name)
        fields.append(_field((text, key, value, at, stop)))
        at = stop
    # What was passed over is missing in the end.
    return tuple(fields) if at == end else None


def _names_of(name: bytes) -> tuple[str, str]:
    text = name.decode("ascii")
    return text, text.lower()


_names: Final = lru_cache(1 << 10)(_names_of)


def _is_plain(data: bytes, start: int, end: int, fields: Sequence[Field]) -> bool:
    """Whether flawless fields hold nothing but ASCII, and none is there twice that may be there once."""
    keys = [key for _, key, _, _, _ in fields if key in _SINGLE]
    return len(set(keys)) == len(keys) and data[start:end].isascii()


def _find_body(data: bytes, start: int, end: int, limits: Limits) -> tuple[int, int, list[Note]]:
    """Return where the header block ends, where the body begins, and what is odd about that."""
    for empty in (b"\r\n", b"\n"):
        if data.startswith(empty, start, end):
            return start, start + len(empty), []
    most = min(end, start + limits.header)
    at, length = data.find(b"\n\r\n", start, most), len(b"\n\r\n")
    # Whichever comes first; behind it lies the body, which may be large.
    other = data.find(b"\n\n", start, most if at < 0 else at + 1)
    if other >= 0:
        at, length = other, len(b"\n\n")
    if at >= 0:
        return at + 1, at + length, []
    if most < end:
        at = data.rfind(b"\n", start, most) + 1 or most
        return at, at, [Note("header-too-large")]
    return end, end, [Note("header-unended")] if start < end else []


def _logical_lines(data: bytes, start: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield each line with those that continue it, without LF, and where it begins."""
    lines: list[bytes] = []
    begin = at = start
    for line in data[start:end].split(b"\n"):
        if lines and line[:1] not in (b" ", b"\t"):
            yield begin, lines
            begin, lines = at, []
        at += len(line) + 1
        lines.append(line)
    if lines[-1:] != [b""]:
        yield begin, lines


def _take(fields: list[Field], lines: list[bytes], start: int, end: int) -> list[Note]:
    """Take one field, with the lines that continue it."""
    first = lines[0]
    written, colon, value = first.rstrip(b"\r").partition(b":")
    name = written.rstrip(b" \t")
    if not colon or not name or not _NAME.issuperset(name):
        return [Note("header-malformed", first[:80].decode("latin-1"))]
    text = name.decode("ascii")
    folded = [line.rstrip(b"\r") for line in lines[1:]]
    fields.append(Field(text, text.lower(), b"\r\n".join([value, *folded]), start, end))
    # Some readers end the header at a line that looks empty.
    notes = [Note("header-blank-fold", text)] if not all(line.strip(_BLANK) for line in folded) else []
    return [*notes, Note("field-name-spaced", text)] if written != name else notes


def _odd_fields(fields: Sequence[Field]) -> list[Note]:
    notes: list[Note] = []
    seen: set[str] = set()
    for _, key, value, _, _ in fields:
        if key in seen and key in _SINGLE:
            notes.append(Note("field-repeated", key))
        seen.add(key)
        if not value.isascii() and (key in _STRUCTURAL or (_is_telling(key) and not is_utf8(value))):
            notes.append(Note("header-8bit", key))
        if (b"\r" in value and b"\r" in value.replace(b"\r\n", b"")) or b"\0" in value:
            notes.append(Note("header-control", key))
    return notes


def _is_telling(key: str) -> bool:
    """Whether a field says more than what is shown of it: who wrote the message, or how a part is to be read."""
    return key in _AUTHORS or key.startswith("content-")


def is_utf8(value: bytes) -> bool:
    """Whether octets are UTF-8."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
