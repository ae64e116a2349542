"""Signatures that no field reaches any more: a program rewrote the document after it was signed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, Final

from gsign.errors import InputError
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.pattern import lazily
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

_SUBFILTERS: Final = frozenset(
    {"adbe.pkcs7.detached", "adbe.pkcs7.sha1", "adbe.x509.rsa_sha1", "ETSI.CAdES.detached", "ETSI.RFC3161"}
)


def _in_any_spelling(name: bytes) -> bytes:
    return b"".join(b"(?:%c|#(?i:%02x))" % (letter, letter) for letter in name)


# A dictionary that lost its /ByteRange still says what its /Contents are. Whatever is longer than this is nobody's way
# to write.
_MARK: Final = lazily(
    rb"/(?=[BS#])(?:%b|%b[\x00\t\n\x0c\r ]{0,8}/(?:%b))"
    % (
        _in_any_spelling(b"ByteRange"),
        _in_any_spelling(b"SubFilter"),
        b"|".join(_in_any_spelling(name.encode()) for name in sorted(_SUBFILTERS)),
    )
)
_LONGEST: Final = 128
_MAX_HITS: Final = 1 << 16
_TOO_MANY: Final = -1
_USAGE_RIGHTS: Final = frozenset({"UR", "UR3"})


class MarkScanner:
    """Remember where bytes that only a signature has stand in a file that is read piece by piece."""

    def __init__(self) -> None:
        self.hits: list[int] = []
        self._end = 0
        self._overlap = b""

    def __call__(self, piece: bytes) -> None:
        """Look at the next piece of the file."""
        window = self._overlap + piece if self._overlap else piece
        base = self._end - len(self._overlap)
        for match in _MARK.finditer(window):
            if match.end() <= len(self._overlap):
                continue  # seen with the piece before
            if len(self.hits) > _MAX_HITS:
                break
            # Of more than anybody looks at, the last one stands for all others: it is in no object.
            self.hits.append(base + match.start() if len(self.hits) < _MAX_HITS else _TOO_MANY)
        self._end += len(piece)
        self._overlap = window[-_LONGEST:]


def marks_of_objects(document: Document) -> list[int] | None:
    """Return where objects stand that hold a /ByteRange; None where searching the bytes is cheaper or needed."""
    if not few_objects(document):
        return None
    try:
        return [at for at, value, _ in objects(document) if any(_is_marked(d) for d in _dictionaries(value))]
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
    return _is_marked(value) and "Contents" in value and not _is_usage_rights(document, value)


def _is_marked(value: dict[str, Any]) -> bool:
    named = value.get("SubFilter")
    return "ByteRange" in value or (isinstance(named, str) and named in _SUBFILTERS)


def _is_usage_rights(document: Document, value: dict[str, Any]) -> bool:
    """Usage rights (clause 12.8.2.3) are signed by a program's maker and say nothing about the document."""
    references = document.get(value.get("Reference"))
    if not isinstance(references, list):
        return False
    found = [document.get(item) for item in references]
    return any(isinstance(item, dict) and item.get("TransformMethod") in _USAGE_RIGHTS for item in found)


def compressed_signatures(document: Document) -> bool:
    """Say whether an object stream holds what looks like a signature: programs that optimise put them there."""
    return any(_MARK.search(data) for _, data in object_streams(document))
