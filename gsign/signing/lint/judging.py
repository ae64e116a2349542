"""What one object of a document means for whoever signs it (ISO 32000-2 clauses 7.11, 8.11, 12.5, 12.6, 12.7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gsign.syntax.objects import Name
from gsign.syntax.reader import Document
from gsign.syntax.xref import StreamObject

__all__ = ["is_missing", "judge"]

_SCRIPT: Final = "document-script"
_ACTION: Final = "document-action"
_LAYER: Final = "document-hidden-layer"
_FONT: Final = "document-font-missing"
_EXTERNAL: Final = "document-external-content"
_ATTACHMENT: Final = "document-attachment"
_XFA: Final = "document-xfa"
_ANNOTATION: Final = "document-covering-annotation"

# Action types (Table 201) that do more than go to a page or open a web address on a click.
_ACTIONS: Final = frozenset(
    {
        "GoTo3DView", "GoToE", "GoToR", "Hide", "ImportData", "Launch", "Movie", "Rendition", "ResetForm",
        "RichMediaExecute", "SetOCGState", "Sound", "SubmitForm",
    }
)  # fmt: skip
# Annotations (Table 171) that paint over what lies under them, whether or not they bring an appearance.
_PAINTING: Final = frozenset(
    {"3D", "FreeText", "Ink", "Movie", "Redact", "RichMedia", "Screen", "Sound", "Stamp", "Watermark"}
)
# The others do so with an appearance or an interior colour of their own; icons of notes and attachments are small.
_HARMLESS: Final = frozenset({"FileAttachment", "Link", "Popup", "PrinterMark", "Text", "TrapNet", "Widget"})
_SMALL: Final = 32.0
"""Side of an icon, in points."""
_HIDDEN: Final = 1 | 2 | 32
_FONT_FILES: Final = ("FontFile", "FontFile2", "FontFile3")
_MAX_DEPTH: Final = 32


def judge(document: Document, value: Any) -> Iterator[str]:
    """Yield what is suspicious in the value of an object, as identifiers of warnings.

    Args:
        document: where it stands.
        value: the value; what it refers to is another object's matter, but for what tells what it is.

    Raises:
        PdfSyntaxError: an object that it refers to is malformed.
    """
    if isinstance(value, Name):
        # A name alone is nobody's object but one who hides what kind of action something is.
        yield from _named(value)
    yield from _inside(document, value, 0)


def _named(value: Name) -> Iterator[str]:
    if value == "JavaScript":
        yield _SCRIPT
    elif value in _ACTIONS:
        yield _ACTION


def _inside(document: Document, value: Any, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, StreamObject):
        yield from _stream(value.dictionary)
        value = value.dictionary
    if isinstance(value, dict):
        yield from _dictionary(document, value)
        value = value.values()
    elif not isinstance(value, list):
        return
    for item in value:
        yield from _inside(document, item, depth + 1)


def _stream(entries: dict[str, Any]) -> Iterator[str]:
    if "F" in entries or "FFilter" in entries:
        yield _EXTERNAL


def _dictionary(document: Document, entries: dict[str, Any]) -> Iterator[str]:
    kind = entries.get("S")
    if "JS" in entries or "JavaScript" in entries or kind == "JavaScript":
        yield _SCRIPT
    elif kind in _ACTIONS:
        yield _ACTION
    if "EF" in entries or "EmbeddedFiles" in entries or "Collection" in entries:
        yield _ATTACHMENT
    elif entries.get("Type") in ("Filespec", "F"):
        yield _EXTERNAL
    if "OPI" in entries or ("Ref" in entries and entries.get("Subtype") == "Form"):
        yield _EXTERNAL
    if document.get(entries.get("XFA")) is not None:
        yield _XFA
    if "OCProperties" in entries and _hides_layers(document, entries["OCProperties"]):
        yield _LAYER
    if "BaseFont" in entries and is_missing(document, entries):
        yield _FONT
    if "Rect" in entries and _covers(document, entries):
        yield _ANNOTATION


def _hides_layers(document: Document, value: Any) -> bool:
    """Say whether some optional content is not shown, or shown only here and not there (Table 100)."""
    properties = document.get(value)
    if not isinstance(properties, dict):
        return False
    listed = document.get(properties.get("Configs"))
    configurations = [properties.get("D"), *(listed if isinstance(listed, list) else ())]
    for configuration in map(document.get, configurations):
        if isinstance(configuration, dict) and (
            document.get(configuration.get("OFF"))
            or document.get(configuration.get("AS"))
            or document.get(configuration.get("BaseState")) not in (None, "ON")
        ):
            return True
    return False


def is_missing(document: Document, font: dict[str, Any]) -> bool:
    """Say whether a font's program is not in the file; that of a composite one is its descendant's."""
    if "DescendantFonts" in font or document.get(font.get("Subtype")) == "Type3":
        return False
    descriptor = document.get(font.get("FontDescriptor"))
    return not isinstance(descriptor, dict) or not any(
        isinstance(document.get(descriptor.get(key)), StreamObject) for key in _FONT_FILES
    )


def _covers(document: Document, annotation: dict[str, Any]) -> bool:
    kind = document.get(annotation.get("Subtype"))
    rectangle = document.rectangle(annotation.get("Rect"))
    flags = document.get(annotation.get("F"))
    if kind is None or rectangle is None or (isinstance(flags, int) and flags & _HIDDEN):
        return False
    left, bottom, right, top = rectangle
    if kind in _HARMLESS and (kind in ("Widget", "Popup") or max(right - left, top - bottom) <= _SMALL):
        return False
    has_area = right > left and top > bottom
    return has_area and (kind in _PAINTING or "AP" in annotation or bool(document.get(annotation.get("IC"))))
