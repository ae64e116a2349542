"""A part of a message: offsets into the bytes as they came, its fields, and what is odd about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gsign.mime.decoding import Decoded, decode
from gsign.mime.fields import Field, HeaderBlock
from gsign.mime.notes import Note
from gsign.mime.parameters import Value, read_value

__all__ = ["Part"]

_MESSAGES: Final = frozenset(("message/rfc822", "message/global", "message/news"))
_ABSENT: Final = Value("", {}, {}, ())


class Part:
    """An entity: its header and body as octets of the message.

    Args:
        data: the whole message.
        start: offset of the header's first octet.
        end: offset behind the body.
        header: the fields.
        path: place in the tree: empty for the message itself, `2/1` for the first child of its second child.
        default: media type where none is given.

    Attributes:
        media: Content-Type as it is read, with what is odd about it.
        presentation: Content-Disposition as it is read, with what is odd about it.
        content_type: media type in lower case; the default where the field is absent or empty (RFC 2045 clause 5.2).
        parameters: of Content-Type, decoded, by name in lower case.
        encoding: Content-Transfer-Encoding in lower case; `7bit` where there is none.
        filenames: every name that some reader gives the part's file, the most usual first.
        is_multipart: whether the part's type says that it is made of parts.
        is_message: whether the part's type says that it is a message itself.
    """

    # Parts know those below them and not the one above: else each tree would wait for a collection of cycles.
    def __init__(self, data: bytes, start: int, end: int, header: HeaderBlock, path: str, default: str) -> None:
        self.data = data
        self.start = start
        self.body_start = header.body
        self.end = end
        self.fields: tuple[Field, ...] = header.fields
        self.path = path
        self.children: tuple[Part, ...] = ()
        self._header_end = header.end
        self._notes: dict[Note, None] = dict.fromkeys(header.notes)
        first = self._first_fields = {field.key: field for field in reversed(header.fields)}
        # Everybody asks for all of these, many times.
        self.media = _value(first, "content-type")
        self.presentation = _value(first, "content-disposition")
        self.content_type: str = self.media.value or default
        self.parameters: Mapping[str, str] = self.media.parameters
        encoding = first.get("content-transfer-encoding")
        self.encoding: str = "7bit" if encoding is None else encoding.text.strip().lower()
        names = self.presentation.readings.get("filename", ()) + self.media.readings.get("name", ())
        self.filenames: tuple[str, ...] = tuple(dict.fromkeys(filter(None, names))) if names else ()
        self.is_multipart: bool = self.content_type.startswith("multipart/")
        self.is_message: bool = self.content_type in _MESSAGES

    def __repr__(self) -> str:
        return f"<Part {self.path or '-'} {self.content_type} {self.start}:{self.end}>"

    # ------------------------------------------------------------ octets

    @property
    def raw(self) -> memoryview:
        """Header and body: what a signature in multipart/signed covers (RFC 1847 clause 2.1)."""
        return memoryview(self.data)[self.start : self.end]

    @property
    def header_block(self) -> memoryview:
        """The fields with their ends of lines, without the empty line."""
        return memoryview(self.data)[self.start : self._header_end]

    @property
    def body(self) -> memoryview:
        """The body, still encoded."""
        return memoryview(self.data)[self.body_start : self.end]

    def decode(self) -> Decoded:
        """Return the body's content with what is off in its encoding."""
        return decode(self.body, self.encoding)

    def decoded(self) -> bytes:
        """Return the body's content as the common reading has it."""
        return self.decode().data

    # ------------------------------------------------------------ fields

    def get(self, name: str) -> str | None:
        """Return the first field of that name, unfolded; None where there is none."""
        found = self._first_fields.get(name.lower())
        return found.text if found is not None else None

    def has(self, name: str) -> bool:
        """Whether there is a field of that name, in lower case."""
        return name in self._first_fields

    def get_all(self, name: str) -> tuple[str, ...]:
        """Return every field of that name, unfolded, in order."""
        key = name.lower()
        return tuple(field.text for field in self.fields if field.key == key)

    @property
    def is_root(self) -> bool:
        """Whether this is the message itself."""
        return not self.path

    @property
    def filename(self) -> str | None:
        """The name that readers give the part's file; None where it has none."""
        return self.filenames[0] if self.filenames else None

    # ------------------------------------------------------------ tree and notes

    def walk(self) -> Iterator[Part]:
        """Yield this part and all below it, in the order of the message."""
        return self._walk() if self.children else iter((self,))

    def _walk(self) -> Iterator[Part]:
        left = [self]
        while left:
            part = left.pop()
            yield part
            left += reversed(part.children)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is odd about this part itself, with details."""
        return tuple(self._notes)

    @property
    def ambiguities(self) -> tuple[str, ...]:
        """Identifiers of what readers of mail may take differently about this part itself."""
        return tuple(dict.fromkeys(note.id for note in self._notes)) if self._notes else ()

    def forget(self, identifier: str) -> None:
        """Take back what was said about this part, by its identifier."""
        self._notes = {note: None for note in self._notes if note.id != identifier}

    def note(self, *notes: Note) -> None:
        """Add what is odd about this part."""
        if notes:
            self._notes |= dict.fromkeys(notes)


def _value(fields: Mapping[str, Field], name: str) -> Value:
    found = fields.get(name)
    return _ABSENT if found is None else read_value(found.text, name)
