"""A header block: its fields in order with their offsets, and where the body begins (RFC 5322 clause 2.2)."""

from __future__ import annotations

from typing import Final, NamedTuple

from gsign.mime.limits import Limits
from gsign.mime.notes import Note

__all__ = ["Field", "HeaderBlock", "read_header", "unfold"]

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
_NAME: Final = frozenset(range(33, 127)) - {ord(":")}


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


class HeaderBlock(NamedTuple):
    """Fields in order, the offset where the body begins, and what is odd."""

    fields: tuple[Field, ...]
    end: int
    body: int
    notes: tuple[Note, ...]


def unfold(value: bytes) -> str:
    """Return a field's value on one line (RFC 5322 clause 2.2.3): UTF-8 (RFC 6532), else octet by octet."""
    value = value.replace(b"\r\n", b"").replace(b"\n", b"").strip(b" \t")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def read_header(data: bytes, start: int, end: int, limits: Limits) -> HeaderBlock:
    """Read the fields that begin at `start`, up to the first empty line or `end`."""
    block_end, body, notes = _find_body(data, start, end, limits)
    fields: list[Field] = []
    at = start
    for line in data[start:block_end].split(b"\n"):
        line_start, at = at, min(at + len(line) + 1, block_end)
        if not line.strip(b"\r"):
            continue
        if line[:1] in (b" ", b"\t"):
            notes += _continue(fields, line, at)
            continue
        if len(fields) == limits.fields:
            notes.append(Note("too-many-fields"))
            break
        notes += _begin(fields, line, line_start, at)
    notes += _odd_fields(fields)
    return HeaderBlock(tuple(fields), block_end, body, tuple(dict.fromkeys(notes)))


def _find_body(data: bytes, start: int, end: int, limits: Limits) -> tuple[int, int, list[Note]]:
    """Return where the header block ends, where the body begins, and what is odd about that."""
    for empty in (b"\r\n", b"\n"):
        if data.startswith(empty, start, end):
            return start, start + len(empty), []
    most = min(end, start + limits.header)
    found = [(at, len(mark)) for mark in (b"\n\r\n", b"\n\n") if (at := data.find(mark, start, most)) >= 0]
    if found:
        at, length = min(found)
        return at + 1, at + length, []
    if most < end:
        at = data.rfind(b"\n", start, most) + 1 or most
        return at, at, [Note("header-too-large")]
    return end, end, [Note("header-unended")] if start < end else []


def _begin(fields: list[Field], line: bytes, start: int, end: int) -> list[Note]:
    """Take a line that begins a field."""
    written, colon, value = line.rstrip(b"\r").partition(b":")
    name = written.rstrip(b" \t")
    if not colon or not name or not _NAME.issuperset(name):
        return [Note("header-malformed", line[:80].decode("latin-1"))]
    text = name.decode("ascii")
    fields.append(Field(text, text.lower(), value, start, end))
    return [Note("field-name-spaced", text)] if written != name else []


def _continue(fields: list[Field], line: bytes, end: int) -> list[Note]:
    """Take a line that continues the field before it."""
    if not fields:
        return [Note("header-malformed", line[:80].decode("latin-1"))]
    last = fields[-1]
    fields[-1] = last._replace(value=last.value + b"\r\n" + line.rstrip(b"\r"), end=end)
    # Some readers end the header at a line that looks empty.
    return [] if line.strip() else [Note("header-blank-fold", last.name)]


def _odd_fields(fields: list[Field]) -> list[Note]:
    notes: list[Note] = []
    seen: set[str] = set()
    for field in fields:
        if field.key in seen and field.key in _SINGLE:
            notes.append(Note("field-repeated", field.key))
        seen.add(field.key)
        if not field.value.isascii() and (field.key in _STRUCTURAL or not _is_utf8(field.value)):
            notes.append(Note("header-8bit", field.key))
        if b"\r" in field.value.replace(b"\r\n", b"") or b"\0" in field.value:
            notes.append(Note("header-control", field.key))
    return notes


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
