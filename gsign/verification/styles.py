"""Text that readers set by themselves: fields and notes without a picture, in fonts that the form names (12.7.4.3).

Whoever gives the form a font, or its default style, after a signature decides how such text looks, or that it shows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from gsign.syntax.reader import Document
from gsign.syntax.xref import StreamObject

__all__ = [
    "annotations_of",
    "awaits_any",
    "awaits_resources",
    "awaits_style",
    "content_names_any",
    "has_picture",
    "inherited",
    "names_any",
    "unescaped",
]

_WITH_TEXT: Final = ("Tx", "Ch", "Btn")
"""Kinds of fields that show text."""
_FONT: Final = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]*)")
_WORD: Final = re.compile(rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]+")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_UNCLEAR: Final = re.compile(rb"#(?![0-9A-Fa-f]{2})")
_BEYOND_ASCII: Final = re.compile(rb"/[^\x00\t\n\x0c\r ()<>\[\]{}/%\x80-\xff]*[\x80-\xff]")
_MAX_DEPTH: Final = 32


def awaits_any(document: Document, names: Collection[str]) -> bool:
    """Say whether a style names any of these, which the form of this revision does not have: a font, or a picture.

    Poppler and Ghostscript draw whatever a style says.
    """
    default = document.get(document.form().get("DA"))
    styles = [style for style in _styles(document) if style is not None]
    if isinstance(default, bytes):
        styles.append(default)
    return any(names_any(style, names) for style in styles)


def awaits_style(document: Document) -> bool:
    """Say whether a field, or a note for MuPDF, does not say how its text is set, so that the form's default would."""
    return any(style is None for style in _styles(document))


def names_any(style: bytes, names: Collection[str]) -> bool:
    """Say whether a style names any of these."""
    # PDFium takes any word for the name of a font, whatever its first letter is, and strings with what ends them.
    words = {unescaped(word[1:]).decode("latin-1") for word in _WORD.findall(style)}
    return (
        not style.isascii()
        or content_names_any(style, names)
        or not words.isdisjoint(names)
        or any(name.endswith((")", ">")) for name in names)
    )


def content_names_any(content: bytes, names: Collection[str]) -> bool:
    """Say whether a piece of content names any of these; its texts may have any letters."""
    if _UNCLEAR.search(content) is not None or _BEYOND_ASCII.search(content) is not None:
        return True  # a name that readers read differently may be any
    # Not all of them take a number for the character that it stands for.
    found = [spelled for name in _FONT.findall(content) for spelled in (name, unescaped(name))]
    return any(name.decode("latin-1") in names for name in found)


def unescaped(name: bytes) -> bytes:
    """Return a name as it is meant, which may spell characters as numbers (clause 7.3.5)."""
    return _ESCAPE.sub(_character, name)


def _character(escape: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escape[1].decode("ascii"))


def awaits_resources(document: Document) -> bool:
    """Say whether there is a note in words that PDFium does not set before the form has resources, of whatever kind."""
    return any(annotation.get("Subtype") == "FreeText" for annotation in _set_by_readers(document))


def _styles(document: Document) -> Iterator[bytes | None]:
    """Yield the style of each annotation that readers have to set; None where a field has none."""
    for annotation in _set_by_readers(document):
        style = inherited(document, annotation, "DA")
        if isinstance(style, bytes):
            yield style
        elif annotation.get("Subtype") == "FreeText" or inherited(document, annotation, "FT") in _WITH_TEXT:
            yield None


def _set_by_readers(document: Document) -> Iterator[dict[str, Any]]:
    is_set_anew = document.get(document.form().get("NeedAppearances")) is True
    for page in document.pages():
        for annotation in annotations_of(document, page.dictionary):
            if is_set_anew or not has_picture(document, annotation):
                yield annotation


def annotations_of(document: Document, page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the annotations that a page lists.

    Raises:
        PdfSyntaxError: what should be their list is none.
    """
    for item in document.array(page.get("Annots"), "/Annots"):
        annotation = document.get(item)
        if isinstance(annotation, dict):
            yield annotation


def has_picture(document: Document, annotation: dict[str, Any]) -> bool:
    """Say whether readers have a picture to show of an annotation, so that they need not draw it."""
    pictures = document.get(annotation.get("AP"))
    normal = document.get(pictures.get("N")) if isinstance(pictures, dict) else None
    if isinstance(normal, dict):
        normal = document.get(normal.get(str(document.get(annotation.get("AS")))))
    return isinstance(normal, StreamObject)


def inherited(document: Document, node: Any, key: str) -> Any:
    """Return an entry of a field or widget, or of what is above it (clause 12.7.4.1)."""
    for _ in range(_MAX_DEPTH):
        if not isinstance(node, dict) or key in node:
            break
        node = document.get(node.get("Parent"))
    return document.get(node.get(key)) if isinstance(node, dict) else None
