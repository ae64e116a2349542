"""Whether what draws a picture stays within it: no graphics state is given back that it did not take (clause 8.4.2).

A `Q` too many takes away the frame that PDF.js drew the picture in, so that the rest of it lies anywhere on the page.
Marked content that is not ended goes on behind the picture for Poppler and Ghostscript: where it belongs to a hidden
layer, they hide all annotations that follow. Ended once too often, it shows those that the page left hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from gsign.syntax.content import OF_TEXT, from_text, words
from gsign.syntax.filters import decode
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.pattern import lazily
from gsign.syntax.reader import Document
from gsign.syntax.xref import StreamObject
from gsign.verification.styles import unescaped

__all__ = ["stays_within"]

_MAX_OBJECTS: Final = 2000
_MAX_IMAGES: Final = 32
_IMAGE_END: Final = lazily(rb"EI(?![A-Za-z0-9])")
_MATTERS: Final = lazily(rb"Q|BDC|EMC")
_SPACE: Final = rb"(?:[\x00\t\n\x0c\r ]|%[^\r\n]*+[\r\n])*+"
_DRAWN_BY: Final = lazily(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%%]++)%b(?:Do|gs|scn|SCN|[\d.+-]++%bTf)" % (_SPACE, _SPACE))


def stays_within(document: Document, pictures: Sequence[StreamObject | None]) -> bool:
    """Say whether nothing that pictures draw reaches out of them; no where that cannot be told.

    Args:
        document: the revision that they are in.
        pictures: streams of an appearance.
    """
    try:
        return all(picture is not None and all(map(is_balanced, _contents(document, picture))) for picture in pictures)
    except (PdfSyntaxError, ValueError):
        return False


def is_balanced(content: bytes) -> bool:
    """Say whether content gives back no more graphics states than it takes, and ends the marked content that it begins.

    Operators that are glued to something are no, whatever each reader makes of them.
    """
    return _MATTERS.search(content) is None or _is_balanced(content, 0, 0, [], [_MAX_IMAGES])


def _is_balanced(content: bytes, at: int, depth: int, marked: list[bool], images: list[int]) -> bool:
    for token, place, nesting in words(content, at):
        if token == b"q" or b"Q" in token:
            depth += 1 if token == b"q" else -1
            if nesting or depth < 0 or len(token) > 1:
                return False
        elif token == b"BI":
            return _are_balanced_behind_image(content, place + len(token), depth, marked, images)
        elif token == b"EMC" and not marked:
            return False
        elif token == b"EMC":
            marked.pop()
        elif token == b"BMC" or b"BDC" in token:
            marked.append(token != b"BMC")
    return not any(marked)


def _are_balanced_behind_image(content: bytes, at: int, depth: int, marked: list[bool], images: list[int]) -> bool:
    """Say whether all is well wherever the data of an inline image is taken to end."""
    ends = [match.end() for match in _IMAGE_END.finditer(content, at)] or [at]
    images[0] -= len(ends)
    if images[0] < 0:
        return False
    return all(_is_balanced(content, end, depth, list(marked), images) for end in ends)


# ---------------------------------------------------------------- what is drawn


def _contents(document: Document, picture: StreamObject) -> Iterator[bytes]:
    """Yield the content of a picture, and of all that it may draw."""
    walk = _Walk(document)
    yield from walk.along([picture])
    if walk.lacking:
        # PDFium and Poppler look among the resources of the page, whichever it is.
        found = [page.get("Resources") for page in document.pages()] + [document.form().get("DR")]
        yield from walk.along([_named(document, resources, walk.lacking) for resources in found])


def _named(document: Document, resources: Any, names: Collection[str]) -> list[Any]:
    """Return the resources of these names, of whatever category."""
    categories = document.get(resources)
    values = map(document.get, categories.values() if isinstance(categories, dict) else ())
    return [value[name] for value in values if isinstance(value, dict) for name in value.keys() & names]


class _Walk:
    """Pass through resources, from each to those that it draws with."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[Ref] = set()
        self._known: set[str] = set()
        self._used: set[str] = set()

    @property
    def lacking(self) -> set[str]:
        """Names that are drawn by and that nothing passed so far has."""
        return self._used - self._known

    def along(self, values: Iterable[Any]) -> Iterator[bytes]:
        """Yield the contents that these values lead to."""
        waiting = [(value, False) for value in values]
        while waiting:
            value, is_glyph = waiting.pop()
            if isinstance(value, StreamObject):
                waiting.append((value.dictionary.get("Resources"), False))
                if is_glyph or value.dictionary.get("Subtype") == "Form" or "BBox" in value.dictionary:
                    yield self._content(value)
            elif isinstance(value, dict):
                self._known |= value.keys()
                waiting += [(item, is_glyph or key == "CharProcs") for key, item in value.items()]
            elif isinstance(value, list):
                waiting += [(item, is_glyph) for item in value]
            elif isinstance(value, Ref) and value not in self._seen:
                self._seen.add(value)
                if len(self._seen) > _MAX_OBJECTS:
                    raise PdfSyntaxError("picture draws with too much")
                waiting.append((self._document.load(value), is_glyph))

    def _content(self, stream: StreamObject) -> bytes:
        content = _decoded(self._document, stream)
        self._used |= {unescaped(name).decode("latin-1") for name in _DRAWN_BY.findall(content)}
        return content


def _decoded(document: Document, stream: StreamObject) -> bytes:
    """Decode content, which some producers write as text around what is compressed."""
    data = document.stream_bytes(stream)
    listed = document.get(stream.dictionary.get("Filter"))
    filters = [document.get(name) for name in listed] if isinstance(listed, list) else [listed]
    if not filters or filters[0] not in OF_TEXT:
        return decode(stream.dictionary | {"Filter": listed}, data)
    parameters = stream.dictionary.get("DecodeParms")
    if parameters is not None and parameters != [None] * len(filters):
        raise PdfSyntaxError("predictors are for pictures and tables")
    while filters and filters[0] in OF_TEXT:
        data = from_text(data, filters.pop(0))
    return decode(stream.dictionary | {"Filter": filters, "DecodeParms": None}, data)
