"""A document as it was: the same file, its newest revisions left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gsign.syntax.filters import decode
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document
from gsign.syntax.xref import Section, StreamObject

__all__ = ["as_of", "few_objects", "object_stream", "object_streams", "objects", "parts", "value_at"]

_BYTES_PER_OBJECT: Final = 1 << 16


def as_of(document: Document, section: int) -> Document:
    """Return the revision whose newest cross-reference section is `section`; 0 is the document itself.

    Raises:
        PdfSyntaxError: that section is no revision of its own.
    """
    return document.revision(section) if section else document


def few_objects(document: Document) -> bool:
    """Say whether reading all objects costs less than searching all bytes: scans are large and have few objects."""
    count = sum(entries for _, section in parts(document) for _, entries, _ in section.ranges)
    return count * _BYTES_PER_OBJECT < document.source.size


def objects(document: Document) -> Iterator[tuple[int, Any, int]]:
    """Yield every object that any revision lists: offset, value as it stands there, and where that ends.

    Raises:
        PdfSyntaxError: one is malformed.
    """
    offsets = {e.offset for _, section in parts(document) for _, e in section.entries(document.source) if e.kind == "n"}
    for offset in sorted(offsets):
        _, _, value, end = document.read_at(offset)
        yield offset, value, end


def value_at(document: Document, offset: int) -> Any:
    """Return the value of the object at an offset, decrypted, even where another one of its number counts.

    Raises:
        PdfSyntaxError: none stands there, or it is malformed.
    """
    number, generation, value, _ = document.read_at(offset)
    ref = Ref(number, generation)
    if document.security is None or ref == document.trailer.get("Encrypt"):
        return value
    return document.security.decrypt_value(ref, value)


def parts(document: Document) -> Iterator[tuple[int, Section]]:
    """Yield all cross-reference sections with their index, those of hybrid files one after the other."""
    for index, section in enumerate(document.sections):
        yield index, section
        if section.hybrid is not None:
            yield index, section.hybrid


def object_streams(document: Document) -> Iterator[tuple[StreamObject, bytes]]:
    """Yield every object stream of every revision, with its decoded data.

    Raises:
        PdfSyntaxError: one is missing or damaged.
    """
    for index, section in parts(document):
        if not section.is_stream:
            continue
        for container in {entry.offset for _, entry in section.entries(document.source) if entry.kind == "c"}:
            yield object_stream(_view_with_root(document, index), container)


def _view_with_root(document: Document, index: int) -> Document:
    # The older half of a linearized file is no document of its own.
    while not isinstance(document.sections[index].trailer.get("Root"), Ref):
        index -= 1
    return as_of(document, index)


def object_stream(document: Document, number: int) -> tuple[StreamObject, bytes]:
    """Return an object stream with its decoded data.

    Raises:
        PdfSyntaxError: it is missing or damaged.
    """
    entry = document.entry(number)
    stream = document.load(Ref(number, entry.generation)) if entry is not None and entry.kind == "n" else None
    if not isinstance(stream, StreamObject):
        raise PdfSyntaxError("no object stream")
    return stream, decode(stream.dictionary, document.stream_bytes(stream))
