"""Signatures that no field reaches any more: a program rewrote the document after it was signed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, Final

from gsign.errors import InputError
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.reader import Document
from gsign.syntax.source import Source, chunks
from gsign.syntax.xref import StreamObject, read_object
from gsign.verification.views import few_objects, object_streams, objects, parts

__all__ = [
    "MarkScanner",
    "compressed_signatures",
    "has_signature_bytes",
    "marks_of_objects",
    "orphans",
    "require_no_orphans",
]

_MARK: Final = b"/ByteRange"
_MAX_HITS: Final = 4096
_USAGE_RIGHTS: Final = frozenset({"UR", "UR3"})


class MarkScanner:
    """Remember where the bytes `/ByteRange` stand in a file that is read piece by piece."""

    def __init__(self) -> None:
        self.hits: list[int] = []
        self._end = 0
        self._overlap = b""

    def __call__(self, piece: bytes) -> None:
        """Look at the next piece of the file."""
        window = self._overlap + piece if self._overlap else piece
        base = self._end - len(self._overlap)
        at = window.find(_MARK)
        while at >= 0 and len(self.hits) < _MAX_HITS:
            self.hits.append(base + at)
            at = window.find(_MARK, at + 1)
        self._end += len(piece)
        self._overlap = window[-(len(_MARK) - 1) :]


def marks_of_objects(document: Document) -> list[int] | None:
    """Return where objects stand that hold a /ByteRange; None where searching the bytes is cheaper or needed."""
    if not few_objects(document):
        return None
    try:
        return [at for at, value, _ in objects(document) if any("ByteRange" in d for d in _dictionaries(value))]
    except PdfSyntaxError:
        return None


def has_signature_bytes(source: Source) -> bool:
    """Say whether bytes that only a signature has stand anywhere in the file."""
    scanner = MarkScanner()
    for piece in chunks(source):
        scanner(piece)
    return bool(scanner.hits)


def require_no_orphans(document: Document, hits: Iterable[int], places: Iterable[tuple[int, int]]) -> None:
    """Refuse to sign what was signed before and then rewritten: the lost signature makes every verdict a failure.

    Args and their meaning are those of `orphans`.

    Raises:
        InputError: `input-rewritten`.
    """
    if orphans(document, hits, places):
        raise InputError("input-rewritten", file=document.source.name or "-")


def orphans(document: Document, hits: Iterable[int], places: Iterable[tuple[int, int]]) -> list[int]:
    """Return where signature dictionaries stand that no field led to.

    Args:
        document: the document.
        hits: where the bytes of a signature stand.
        places: from where to where the signatures reach that fields led to.
    """
    known = list(places)
    left = [hit for hit in hits if not any(start <= hit < end for start, end in known)]
    if not left:
        return []
    offsets = sorted(_offsets(document))
    return [hit for hit in left if _is_orphan(document, offsets, hit)]


def _offsets(document: Document) -> set[int]:
    """Return where any revision says that an object stands."""
    return {e.offset for _, section in parts(document) for _, e in section.entries(document.source) if e.kind == "n"}


def _is_orphan(document: Document, offsets: list[int], hit: int) -> bool:
    index = bisect_right(offsets, hit) - 1
    if index < 0:
        return True
    try:
        _, _, value, end = read_object(document.source, offsets[index])
        if isinstance(value, StreamObject):
            # An attached document may be signed itself.
            length = document.get(value.dictionary.get("Length"))
            return not (isinstance(length, int) and hit < value.data_offset + length)
    except PdfSyntaxError:
        return True
    return hit >= end or any(_is_signature(document, found) for found in _dictionaries(value))


def _dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _dictionaries(item)
    elif isinstance(value, list):
        for item in value:
            yield from _dictionaries(item)


def _is_signature(document: Document, value: dict[str, Any]) -> bool:
    return "ByteRange" in value and "Contents" in value and not _is_usage_rights(document, value)


def _is_usage_rights(document: Document, value: dict[str, Any]) -> bool:
    """Usage rights (clause 12.8.2.3) are signed by a program's maker and say nothing about the document."""
    references = document.get(value.get("Reference"))
    if not isinstance(references, list):
        return False
    found = [document.get(item) for item in references]
    return any(isinstance(item, dict) and item.get("TransformMethod") in _USAGE_RIGHTS for item in found)


def compressed_signatures(document: Document) -> bool:
    """Say whether an object stream holds what looks like a signature: programs that optimise put them there."""
    return any(_MARK in data for _, data in object_streams(document))
