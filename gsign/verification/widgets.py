"""Widgets of fields, and where they and other annotations are drawn (ISO 32000-2 clauses 12.5.2 and 12.7.4.1)."""

from __future__ import annotations

from typing import Any, Final

from gsign.syntax.filters import decode
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.pattern import lazily
from gsign.syntax.reader import Document, Field
from gsign.syntax.xref import StreamObject
from gsign.verification.containment import stays_within
from gsign.verification.pictures import streams
from gsign.verification.step import Appearance, Rectangle, same_entry, same_rectangle

__all__ = ["FIELD_USES", "appearance_of", "appearances_of", "differing", "is_framed", "placed", "widgets_of"]

FIELD_USES: Final = ("Fields", "Kids", "Annots", "Parent", "CO", "T", "Obj", "Data")
"""Keys by which others refer to a field or its widgets."""
_DRAWN_FROM: Final = frozenset({"AP", "MK", "C"})
"""What readers draw a widget from: its pictures, and where it has none, background and border (Table 192)."""
_BLANK: Final = lazily(rb"(?:[\x00\t\n\x0c\r ]++|%[^\r\n]*+)*+")
_OF_MATRIX: Final = 6


def widgets_of(document: Document, found: Field) -> list[tuple[Ref, dict[str, Any]]]:
    """Return the widgets of a terminal field: itself where both are one dictionary, else its kids."""
    kids = document.array(found.dictionary.get("Kids"), "/Kids")
    if not kids:
        return [(found.ref, found.dictionary)]
    return [(ref, document.dictionary(ref, "widget")) for ref in kids if isinstance(ref, Ref)]


def appearances_of(document: Document, found: Field) -> list[Appearance]:
    """Return where a signature draws something: widgets that show anything and have an area, on the page they name."""
    shown = [(ref, widget) for ref, widget in widgets_of(document, found) if widget.keys() & _DRAWN_FROM]
    return placed(document, found.name, shown)


def placed(document: Document, name: str, widgets: list[tuple[Ref, dict[str, Any]]]) -> list[Appearance]:
    """Return where these widgets are: those that are drawn anywhere."""
    drawn = [appearance_of(document, ref, widget, name) for ref, widget in widgets]
    return [appearance for appearance in drawn if appearance is not None]


def appearance_of(document: Document, ref: Ref, widget: dict[str, Any], name: str = "") -> Appearance | None:
    """Return where an annotation is drawn, None where nowhere."""
    rectangle = document.rectangle(widget.get("Rect"))
    if rectangle is not None and not _has_area(rectangle):
        rectangle = _drawn_without_area(document, widget, rectangle)
    if rectangle is None:
        return None
    page = widget.get("P")
    own = page.number if isinstance(page, Ref) else None
    return Appearance(own, rectangle, name, ref.number)


def _has_area(rectangle: Rectangle) -> bool:
    left, bottom, right, top = rectangle
    return right > left and top > bottom


def _drawn_without_area(document: Document, widget: dict[str, Any], rectangle: Rectangle) -> Rectangle | None:
    """Return where Ghostscript draws the pictures of an annotation without an area: as large as they are themselves."""
    boxes = [
        _box_of(document, picture)
        for picture in streams(document, widget.get("AP"))
        if picture is not None and not _is_blank(document, picture)
    ]
    found = [box for box in boxes if box is not None and _has_area(box)]
    if not found:
        return None
    left, bottom, right, top = zip(*found, strict=True)
    x, y = rectangle[:2]
    return min(left) + x, min(bottom) + y, max(right) + x, max(top) + y


def _is_blank(document: Document, picture: StreamObject) -> bool:
    """Say whether a picture surely shows nothing, as those of invisible signatures do."""
    try:
        return _BLANK.fullmatch(decode(picture.dictionary, document.stream_bytes(picture))) is not None
    except PdfSyntaxError:
        return False


def _box_of(document: Document, picture: StreamObject) -> Rectangle | None:
    """Return the box of a picture as its matrix has it (clause 12.5.5)."""
    box = document.rectangle(picture.dictionary.get("BBox"))
    values = map(document.get, document.array(picture.dictionary.get("Matrix"), "/Matrix"))
    matrix = [value for value in values if isinstance(value, (int, float))]
    if box is None or len(matrix) != _OF_MATRIX:
        return box
    a, b, c, d, e, f = matrix
    xs, ys = zip(*((a * x + c * y + e, b * x + d * y + f) for x in box[::2] for y in box[1::2]), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def is_framed(document: Document, annotation: dict[str, Any]) -> bool:
    """Say whether readers agree on where an annotation's pictures stand, and that they stay there.

    One without a box is drawn all over the page by some of them; of a malformed rectangle they make what they like.
    """
    pictures = streams(document, annotation.get("AP"))
    if not pictures and not annotation.keys() & _DRAWN_FROM and "Rect" not in annotation:
        return True
    return (
        document.rectangle(annotation.get("Rect")) is not None
        and all(
            stream is not None and document.rectangle(stream.dictionary.get("BBox")) is not None for stream in pictures
        )
        and stays_within(document, pictures)
    )


def differing(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    """Return which entries of a widget differ, not looking at how its place is printed."""
    differing = {key for key in one.keys() | other.keys() if not same_entry(key, one.get(key), other.get(key))}
    if "Rect" in differing and same_rectangle(one.get("Rect"), other.get("Rect")):
        differing.remove("Rect")
    return differing
