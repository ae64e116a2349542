"""Lines with something to be filled in: which one it is, and where a text stands in its blank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from gsign.appearance.placement.faults import Found, not_found, taken, taken_by_fields, uncertain
from gsign.appearance.placement.folding import is_legacy
from gsign.appearance.placement.lines import Line
from gsign.appearance.placement.pages import ShownPage
from gsign.appearance.placement.sizes import SizedText
from gsign.appearance.placement.words import Box, box_of
from gsign.place import Place

__all__ = ["Blank", "BlankLine", "fill", "found_at", "only", "why_no_line"]

_HEADER: Final = 0.55
"""Part of the page, from the top, that number and date are looked for in first."""
_AFTER_PRINT: Final = 0.35
"""Gap between what is printed and what is written behind it, where nothing printed follows, in heights of a digit."""
_SLACK: Final = 1.0
_ABOVE_DOTS: Final = 0.25
"""How high dots and underscores are, in heights of a digit."""


class Blank(NamedTuple):
    """Where something is to be filled in: from `left` to `right` on a base line; no right end where nothing follows."""

    base: float
    left: float
    right: float | None
    height: float
    """Of a digit."""


class BlankLine(NamedTuple):
    """A line with blanks, or where they have been filled in."""

    line: Line
    box: Box
    text: str
    parts: tuple[Blank | str, ...]
    """In their order; what is printed already as it is."""

    @property
    def is_blank(self) -> bool:
        """Whether anything is left to be filled in."""
        return any(isinstance(part, Blank) for part in self.parts)


def only(page: ShownPage, lines: Sequence[BlankLine], sought: str, what: str) -> BlankLine:
    """Return the one line that has blanks, of those that can be seen; one in the upper part of the page comes first.

    Args:
        page: where they are.
        lines: what may be the line.
        sought: what is told of it.
        what: its kind, as part of the causes.

    Raises:
        UsageError: there is none, more than one, or what there is has been filled in.
    """
    seen = [one for one in lines if page.dark(one.box)]
    seen = [one for one in seen if one.box.bottom > page.height * (1 - _HEADER)] or seen
    blank = [one for one in seen if one.is_blank]
    if len(blank) == 1:
        return blank[0]
    if blank:
        raise uncertain(sought, f"several-{what}s", found_at(page, blank))
    if seen:
        raise taken(sought, f"{what}-filled-in", found_at(page, seen))
    raise not_found(sought, why_no_line(page, what))


def why_no_line(page: ShownPage, what: str) -> str:
    """Return the cause where a line is not found on a page."""
    letters = page.letters.strip()
    if not letters:
        return "no-text-on-pages"
    return "text-in-old-encoding" if is_legacy(letters) else f"no-{what}"


def found_at(page: ShownPage, lines: Iterable[BlankLine]) -> list[Found]:
    """Return lines as an error tells them."""
    return [Found(page.number, one.box, one.text) for one in lines]


def fill(page: ShownPage, line: BlankLine, blank: Blank, text: SizedText, sought: str) -> Place:
    """Put a text on the base line, in the middle of its blank.

    Raises:
        UsageError: `place-taken`.
    """
    if blank.right is None:
        left = blank.left + _AFTER_PRINT * blank.height
    else:
        left = (blank.left + blank.right - text.width) / 2
        if text.width > blank.right - blank.left + _SLACK:
            raise taken(sought, "blank-too-small", found_at(page, [line]))
    below = text.baseline or (text.height - blank.height) / 2
    place = Place(page.number, left, blank.base - below, text.width, text.height)
    over = Box(left, blank.base + _ABOVE_DOTS * blank.height, left + text.width, blank.base + blank.height)
    fields = [one for one in page.signatures if box_of(one.place).meets(over)]
    if fields:
        raise taken_by_fields(sought, fields)
    if not page.holds(box_of(place)) or page.dark(over):
        raise taken(sought, "taken-by-drawing", [Found(page.number, over, line.text)])
    return place
