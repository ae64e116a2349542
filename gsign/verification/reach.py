"""How far an annotation reaches on its page (ISO 32000-2 clauses 12.5.5 and 12.5.6).

One with a picture is drawn inside its rectangle. One without is drawn by readers from the points that it names, with
lines as wide as it says, wherever its rectangle is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document
from gsign.verification.step import Appearance
from gsign.verification.styles import has_picture
from gsign.verification.widgets import appearance_of

__all__ = ["reach_of"]

_POINTS: Final = ("Vertices", "L", "QuadPoints", "InkList", "CL", "Path")
_ENDINGS: Final = 6.0
"""Widths of its line that an arrowhead stands out."""
_LEADERS: Final = ("LL", "LLE", "LLO")
_MAX_DEPTH: Final = 3


def reach_of(document: Document, ref: Ref, annotation: dict[str, Any]) -> Appearance | None:
    """Return where an annotation is drawn, None where nowhere.

    Raises:
        PdfSyntaxError: its points or measures are none.
    """
    drawn = appearance_of(document, ref, annotation)
    if has_picture(document, annotation):
        return drawn
    if annotation.get("Subtype") == "Popup":
        return drawn if document.get(annotation.get("Open")) is True else None  # Ghostscript draws open windows
    corners = [] if drawn is None else [drawn.rectangle[:2], drawn.rectangle[2:]]
    for key in _POINTS:
        numbers = list(_numbers(document, annotation.get(key)))
        corners += zip(numbers[::2], numbers[1::2], strict=True)
    if not corners:
        return None
    edge = _ENDINGS * _width(document, annotation) + _leaders(document, annotation)
    xs, ys = zip(*corners, strict=True)
    page = annotation.get("P")
    own = page.number if isinstance(page, Ref) else None
    return Appearance(own, (min(xs) - edge, min(ys) - edge, max(xs) + edge, max(ys) + edge), "", ref.number)


def _numbers(document: Document, value: Any, depth: int = 0) -> Iterator[float]:
    found = document.get(value)
    if isinstance(found, list) and depth < _MAX_DEPTH:
        for item in found:
            yield from _numbers(document, item, depth + 1)
    elif isinstance(found, (int, float)) and not isinstance(found, bool):
        yield float(found)
    elif found is not None:
        raise PdfSyntaxError("annotation has no points")


def _leaders(document: Document, annotation: dict[str, Any]) -> float:
    """Return how far a line stands off from its points, at most."""
    return sum(abs(part) for key in _LEADERS for part in _numbers(document, annotation.get(key)))


def _width(document: Document, annotation: dict[str, Any]) -> float:
    style = document.get(annotation.get("BS"))
    border = document.array(annotation.get("Border"), "/Border")
    widths = [style.get("W")] if isinstance(style, dict) else border[2:3]
    return max((abs(width) for width in _numbers(document, widths)), default=1.0)
