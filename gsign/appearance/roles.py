"""How each thing that a signature shows has to look: Decree 30/2020/NĐ-CP as data, the clause beside each value.

The clauses are those of summaries that agree with each other; the official wording has not been compared. A value that
no clause gives is marked `chosen`, with the reason. Lengths are millimetres on paper, font sizes points.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Generic, Literal, NamedTuple, TypeVar

from gsign.appearance.colour import BLACK, Colour
from gsign.appearance.layout import Align
from gsign.place import POINTS
from gsign.result import Role

__all__ = [
    "COPY_FORMS",
    "FONT",
    "IMAGES",
    "INCOMING",
    "TEXTS",
    "ImageRule",
    "IncomingRule",
    "Rule",
    "Shown",
    "TextRule",
]

T = TypeVar("T")
Ink = Literal["blue", "red"]
Page = Literal["first", "signer", "end of text"]
"""The first; where the signer's post title and full name stand last; where the text ends."""


class Shown(StrEnum):
    """One thing that is shown; role `issue` shows several, each by a signature of its own."""

    INITIALS = "initials"
    LEADER = "leader"
    NUMBER = "number"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    SEAL = "seal"
    ANNEX = "annex"
    COPY = "copy"
    INCOMING = "incoming"


class Rule(NamedTuple, Generic[T]):
    """A value and the clause that asks for it, or `chosen: ` and why."""

    value: T
    clause: str


class TextRule(NamedTuple):
    """How a text looks; its font is `FONT`."""

    role: Role
    page: Rule[Page]
    sizes: Rule[tuple[float, float]]
    """Smallest and largest font size; the largest is taken where nobody says which the document has."""
    italic: Rule[bool]
    colour: Rule[Colour]
    align: Rule[Align]
    widest: Rule[float]
    """What is wider is broken into lines, in mm."""


class ImageRule(NamedTuple):
    """How an image looks."""

    role: Role
    page: Rule[Page]
    ink: Rule[Ink | None]
    """What colour its lines have."""
    is_clear: Rule[bool]
    """Whether its background is transparent."""
    size: Rule[tuple[float, float]]
    """Width and height that its lines fill where the file does not tell, in mm; proportions are kept."""
    plausible: Rule[tuple[float, float]]
    """Shortest and longest that its longer side may be where the file tells, in mm."""
    is_real_size: Rule[bool]
    """Whether it keeps its size whatever box it is given."""
    is_square: Rule[bool]
    """Whether its lines are as high as wide."""
    dpi: Rule[float]
    """Pixels per inch of paper that it needs."""


class IncomingRule(NamedTuple):
    """The form of the stamp on what arrives."""

    page: Rule[Page]
    size: Rule[tuple[float, float]]
    """Width and height, in mm."""
    rows: Rule[tuple[str, ...]]
    colour: Rule[Colour]
    text_size: Rule[float]
    title_size: Rule[float]
    line: Rule[float]
    """Width of its lines, in points."""


_ANNEX: Final = "Decree 30/2020, Appendix I, part I, II.8.b"
_COPY: Final = "Decree 30/2020, Appendix I, part II, I.3"
_DATE: Final = "Decree 30/2020, Appendix I, part I, II.4"
_INCOMING: Final = "Decree 30/2020, Appendix IV, I"
_LEADER: Final = "Decree 30/2020, Appendix I, part I, II.7.d"
_NUMBER: Final = "Decree 30/2020, Appendix I, part I, II.3"
_SEAL: Final = "Decree 30/2020, Appendix I, part I, II.8.a"

FONT: Final = Rule("Times New Roman", "Decree 30/2020, Appendix I, part I, I.2")
"""Where it is not to be had, one of the same letter widths: see `gsign.appearance.fonts`."""

_ONE_LINE: Final = Rule(210.0, "chosen: a number is never broken")
_CENTRED: Final[Rule[Align]] = Rule("centre", "chosen: of the blank, as a hand would write it")
_INK_OF_PEN: Final = Rule(BLACK, "chosen: that of the printed words around it")
_LIKE_THE_SIGNATURE: Final = "chosen: as the leader's signature"


def _date_part() -> TextRule:
    return TextRule(
        role=Role.ISSUE,
        page=Rule("first", _DATE),
        sizes=Rule((13.0, 14.0), _DATE),
        italic=Rule(True, _DATE),
        colour=_INK_OF_PEN,
        align=_CENTRED,
        widest=_ONE_LINE,
    )


TEXTS: Final[dict[Shown, TextRule]] = {
    Shown.NUMBER: TextRule(
        role=Role.ISSUE,
        page=Rule("first", _NUMBER),
        sizes=Rule((13.0, 13.0), _NUMBER),
        italic=Rule(False, _NUMBER),
        colour=_INK_OF_PEN,
        align=_CENTRED,
        widest=_ONE_LINE,
    ),
    Shown.DAY: _date_part(),
    Shown.MONTH: _date_part(),
    Shown.YEAR: _date_part(),
    Shown.ANNEX: TextRule(
        role=Role.ANNEX,
        page=Rule("first", _ANNEX),
        sizes=Rule((10.0, 10.0), _ANNEX),
        italic=Rule(False, _ANNEX),
        colour=Rule(BLACK, _ANNEX),
        align=Rule("right", "chosen: it stands in the right corner"),
        widest=Rule(
            80.0, "chosen: half the width of the text on A4, so that it keeps clear of what stands on the left"
        ),
    ),
    Shown.COPY: TextRule(
        role=Role.COPY,
        page=Rule("first", _COPY),
        sizes=Rule((10.0, 10.0), _COPY),
        italic=Rule(False, _COPY),
        colour=Rule(BLACK, _COPY),
        align=Rule("right", "chosen: it stands in the right corner"),
        widest=Rule(100.0, "chosen: as for an annex"),
    ),
    Shown.INITIALS: TextRule(
        role=Role.INITIALS,
        page=Rule("end of text", "chosen: where drafters put them on paper, behind the last line"),
        sizes=Rule((11.0, 11.0), "chosen: smaller than the text it stands beside, larger than a note"),
        italic=Rule(True, "chosen: as written by hand"),
        colour=Rule((0.05, 0.2, 0.7), _LIKE_THE_SIGNATURE),
        align=Rule("centre", "chosen"),
        widest=_ONE_LINE,
    ),
}

IMAGES: Final[dict[Shown, ImageRule]] = {
    Shown.LEADER: ImageRule(
        role=Role.LEADER,
        page=Rule("signer", _LEADER),
        ink=Rule("blue", _LEADER),
        is_clear=Rule(True, _LEADER),
        size=Rule((45.0, 20.0), "chosen: what a hand fills between the post title and the name"),
        plausible=Rule((15.0, 90.0), "chosen: no signature is smaller, and wider ones leave their column"),
        is_real_size=Rule(False, "no clause gives a size: it fits the room between the post title and the name"),
        is_square=Rule(False, "no clause"),
        dpi=Rule(200.0, "chosen: as Appendix I, part II, I.2 asks of digitised paper"),
    ),
    Shown.SEAL: ImageRule(
        role=Role.ISSUE,
        page=Rule("signer", _SEAL),
        ink=Rule("red", _SEAL),
        is_clear=Rule(True, _SEAL),
        size=Rule(
            (36.0, 36.0), "chosen: the diameter that most agencies' seals have; the clause asks for the real one"
        ),
        plausible=Rule((20.0, 45.0), "chosen: no seal of a state agency is smaller or larger"),
        is_real_size=Rule(True, _SEAL),
        is_square=Rule(True, "chosen: seals of state agencies are round"),
        dpi=Rule(200.0, "chosen: as Appendix I, part II, I.2 asks of digitised paper"),
    ),
    Shown.INITIALS: ImageRule(
        role=Role.INITIALS,
        page=Rule("end of text", "chosen: where drafters put them on paper, behind the last line"),
        ink=Rule(None, "no clause"),
        is_clear=Rule(True, _LIKE_THE_SIGNATURE),
        size=Rule((25 / POINTS, 25 / POINTS), "chosen: 25 points, as signed documents of agencies have it"),
        plausible=Rule((3.0, 20.0), "chosen: more is a signature"),
        is_real_size=Rule(False, "no clause"),
        is_square=Rule(False, "no clause"),
        dpi=Rule(200.0, "chosen: as Appendix I, part II, I.2 asks of digitised paper"),
    ),
}

INCOMING: Final = IncomingRule(
    page=Rule("first", _INCOMING),
    size=Rule((50.0, 35.0), _INCOMING),
    rows=Rule(("ĐẾN", "Số:", "Ngày:", "Chuyển:", "Số và ký hiệu HS:"), _INCOMING),
    colour=Rule((0.8, 0.0, 0.0), "chosen: the ink that this stamp has on paper"),
    text_size=Rule(10.0, "chosen: what leaves room to write in, at the size of other signed texts"),
    title_size=Rule(15.0, "chosen: seen at arm's length"),
    line=Rule(0.8, "chosen: as printed forms have"),
)

COPY_FORMS: Final = {"sao-y": "SAO Y", "sao-luc": "SAO LỤC", "trich-sao": "TRÍCH SAO"}
"""Words of the forms of copy (Decree 30/2020, Article 25 and Appendix I, part II, I.1), by what `--copy-form` takes."""
