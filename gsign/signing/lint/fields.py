"""Form fields that a person does not see, or sees in place of another (ISO 32000-2 clauses 12.5.3 and 12.7.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document, Field

__all__ = ["judge_fields"]

_HIDDEN: Final = 1 | 2 | 32
"""Annotation flags Invisible, Hidden and NoView (Table 167)."""
_OVERLAP: Final = 0.2
"""Part of the smaller one that two fields may share."""
_MAX_WIDGETS: Final = 2_000


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float
    page: Any
    field: int

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.top - self.bottom)


def judge_fields(document: Document) -> Iterator[str]:
    """Yield what is suspicious in the form; fields that are signed already are what signatures after them look at.

    Raises:
        PdfSyntaxError: the form is malformed.
    """
    if not document.form():
        return
    left = [f for f in document.fields() if not (f.kind == "Sig" and f.value is not None)]
    widgets = list(islice(_widgets(document, left), _MAX_WIDGETS))
    if any(_is_hidden(document, widget) for field, widget in widgets if field.kind != "Sig"):
        yield "document-hidden-field"
    boxes = [box for field, widget in widgets if (box := _box(document, field, widget))]
    if _any_overlap(sorted(boxes)):
        yield "document-overlapping-fields"


def _widgets(document: Document, fields: Iterable[Field]) -> Iterator[tuple[Field, dict[str, Any]]]:
    for field in fields:
        kids = document.array(field.dictionary.get("Kids"), "/Kids")
        for ref in [k for k in kids if isinstance(k, Ref)] or [field.ref]:
            yield field, document.dictionary(ref, "widget")


def _is_hidden(document: Document, widget: dict[str, Any]) -> bool:
    flags = document.get(widget.get("F"))
    return isinstance(flags, int) and bool(flags & _HIDDEN)


def _box(document: Document, field: Field, widget: dict[str, Any]) -> _Box | None:
    rectangle = document.rectangle(widget.get("Rect"))
    if rectangle is None or _is_hidden(document, widget):
        return None
    left, bottom, right, top = rectangle
    page = widget.get("P")
    number = page.number if isinstance(page, Ref) else 0
    return _Box(*rectangle, number, field.ref.number) if right > left and top > bottom else None


def _any_overlap(boxes: list[_Box]) -> bool:
    """Say whether two of them, sorted by their left edges, overlap; buttons of one field may."""
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            if other.left >= one.right:
                break
            if one.page == other.page and one.field != other.field and _shared(one, other) > _OVERLAP:
                return True
    return False


def _shared(one: _Box, other: _Box) -> float:
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.top, other.top) - max(one.bottom, other.bottom)
    return max(width, 0.0) * max(height, 0.0) / min(one.area, other.area)
