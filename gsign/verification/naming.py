"""Which fields readers take for one by their names (ISO 32000-2 clause 12.7.4.2).

PDFium goes up from each widget to be named, by /Parent, and takes widgets of pages that the form does not list for
fields as well. Whatever it finds under one name is one field, of the kind that came first: a signature's widget that is
named as a text field shows that field's value; a text field's that is named as a signature shows its own no more.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.pattern import lazily
from gsign.syntax.reader import MAX_TREE_DEPTH, Document, Field, decode_text
from gsign.syntax.source import BytesSource, chunks
from gsign.verification.styles import annotations_of
from gsign.verification.views import few_objects, object_streams, parts
from gsign.verification.widgets import widgets_of

__all__ = ["FieldNames"]

_LITTLE_ENDIAN: Final = b"\xff\xfe"
_UTF_8: Final = b"\xef\xbb\xbf"
_LANGUAGE: Final = re.compile("\x1b[^\x1b]*(?:\x1b|\\Z)")
_UNREADABLE: Final = "\ufffd"
_WIDGET: Final = lazily(
    rb"/(?=[W#])" + b"".join(b"(?:%c|#%02x|#%02X)" % (letter, letter, letter) for letter in b"Widget")
)
_LETTER: Final = lazily(rb"#(?:57|69|6[457]|74)")
_PLAINLY: Final = b"/Widget"
_LONGEST: Final = 32


class FieldNames:
    """The names under which some reader knows the fields of a signed revision, and of those after it.

    Args:
        document: the signed revision.
        end: where it ends in the file.
    """

    def __init__(self, document: Document, end: int) -> None:
        self._document = document
        self._end = end

    def take(self, document: Document, found: Field) -> bool:
        """Say whether no other field has a name of a new one, and remember it.

        Args:
            document: the revision that adds the field.
            found: the new field.

        Raises:
            PdfSyntaxError: it cannot be told how the field is called.
        """
        names = set(_names_of(document, found))
        is_free = self._taken.isdisjoint(names)
        self._taken.update(names)
        return is_free

    @cached_property
    def _taken(self) -> set[str]:
        document = self._document
        names = {name for found in document.fields() for name in _names_of(document, found)}
        if self._may_have_others():
            names.update(_names_on_pages(document))
        return names

    def _may_have_others(self) -> bool:
        """Say whether there may be widgets that no field leads to: few documents have any, and many have many pages."""
        document = self._document
        if few_objects(document):
            return True
        known = sorted({place for found in document.fields() for place in self._places_of(found)})
        for at in self._spelled_out():
            index = bisect_right(known, (at, 0)) - 1
            if index < 0 or at >= known[index][1]:
                return True
        return any(True for _, data in object_streams(document) for _ in _widgets_in(data, len(data)))

    def _spelled_out(self) -> Iterator[int]:
        """Yield where something is called a widget that is not in an object stream."""
        source = self._document.source
        overlap, at = b"", 0
        for piece in [source.data] if type(source) is BytesSource else chunks(source, 0, self._end):
            text = overlap + piece if overlap else piece
            yield from (at - len(overlap) + place for place in _widgets_in(text, self._end))
            at += len(piece)
            overlap = text[-_LONGEST:]

    def _places_of(self, found: Field) -> Iterator[tuple[int, int]]:
        """Yield from where to where a field's widgets stand in the file, as they are and as they were."""
        document = self._document
        for ref, _ in widgets_of(document, found):
            for _, section in parts(document):
                entry = section.entry(document.source, ref.number)
                if entry is not None and entry.kind == "n":
                    yield entry.offset, document.read_at(entry.offset)[3]


def _widgets_in(text: bytes, end: int) -> Iterator[int]:
    """Yield where the name stands in what comes before an end; some of its letters may be spelled as numbers."""
    at = text.find(_PLAINLY, 0, end)
    while at >= 0:
        yield at
        at = text.find(_PLAINLY, at + 1, end)
    for letter in _LETTER.finditer(text, 0, end):
        spelled = _WIDGET.search(text, max(0, letter.start() - _LONGEST), letter.end() + _LONGEST)
        if spelled is not None:
            yield spelled.start()


def _names_on_pages(document: Document) -> Iterator[str]:
    for page in document.pages():
        for annotation in annotations_of(document, page.dictionary):
            if annotation.get("Subtype") == "Widget" and (name := _by_parents(document, annotation)):
                yield name


def _names_of(document: Document, found: Field) -> Iterator[str]:
    """Yield what a field is called on the way down to it, and on the way up from it and its widgets."""
    nodes = [found.dictionary]
    if "Kids" in found.dictionary:
        nodes += [widget for _, widget in widgets_of(document, found)]
    yield from filter(None, (_plain(found.name), *(_by_parents(document, node) for node in nodes)))


def _by_parents(document: Document, node: dict[str, Any]) -> str:
    parts: list[str] = []
    above: Any = node
    for _ in range(MAX_TREE_DEPTH):
        if not isinstance(above, dict):
            break
        part = document.get(above.get("T"))
        if not isinstance(part, (bytes, type(None))):
            raise PdfSyntaxError("name of a field is no text")  # PDFium takes a stream for one
        parts.append(_decoded(part or b""))
        above = document.get(above.get("Parent"))
    return _plain(".".join(reversed(parts)))


def _decoded(part: bytes) -> str:
    if part.startswith(_LITTLE_ENDIAN):
        return part[2:].decode("utf_16_le", "replace")
    if part.startswith(_UTF_8):
        try:
            part.decode()
        except UnicodeDecodeError:  # PDFium takes letters that are longer than they should be
            raise PdfSyntaxError("name of a field is no text") from None
    return decode_text(part)


def _plain(name: str) -> str:
    """Leave out what some reader does not count: names of languages, what cannot be shown, parts that are empty."""
    if name.isalnum():
        return name
    shown = (letter for letter in _LANGUAGE.sub("", name) if letter.isprintable() and letter != _UNREADABLE)
    return ".".join(filter(None, "".join(shown).split(".")))
