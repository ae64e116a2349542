"""The blanks of number and date on the first page: "Số:   /QĐ-UBND", "Hưng Yên, ngày   tháng   năm 2026".

Decree 30/2020, Appendix I, part I, II.3 and II.4.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

from gsign.appearance.placement.blanks import Blank, BlankLine, fill, found_at, only
from gsign.appearance.placement.faults import taken
from gsign.appearance.placement.folding import fold
from gsign.appearance.placement.lines import BLANK, Line, lines_of
from gsign.appearance.placement.pages import PageTexts, ShownPage
from gsign.appearance.placement.sizes import SizedText
from gsign.appearance.placement.words import Word
from gsign.place import Place

__all__ = ["NUMBER", "DatePlaces", "date_font_size", "find_date", "find_number", "number_lines"]

NUMBER: Final = "Số: …"
DATE: Final = "…, ngày … tháng … năm …"

_DIGIT: Final = 0.66
"""Height of a digit, in font sizes."""


def _pattern(text: str) -> re.Pattern[str]:
    # The words are written as everybody writes them, and looked for as `fold` leaves them.
    return re.compile(re.sub(r"(?<!P)<(\w+)>", lambda word: fold(word[1]), text))


_NUMBER: Final = _pattern(
    rf"(?:(?<= )|^)(?:(?:<luật>|<nghị> ?<quyết>|<nghị> ?<định>|<pháp> ?<lệnh>) )?<số> ?(?P<colon>:?)"
    rf"(?P<blank>{BLANK})(?P<value>\w[^ ]*)?(?P<symbol>[-/\u2010-\u2015][^ ]*)?"
)
_DATE: Final = _pattern(
    rf"(?:(?<=[ ,])|^)<ngày>(?P<day>{BLANK}\d*{BLANK})<tháng>(?P<month>{BLANK}\d*{BLANK})"
    rf"<năm>(?P<year>{BLANK}\d*{BLANK}\.?)$"
)


class DatePlaces(NamedTuple):
    """Where the parts of a date are to stand; None for what is printed."""

    day: Place | None
    month: Place | None
    year: Place | None


# ---------------------------------------------------------------- number


def find_number(texts: PageTexts, text: SizedText) -> Place:
    """Find the blank of the number, between "Số:" and the symbol.

    Args:
        texts: the document.
        text: the number as it will be drawn.

    Raises:
        UsageError: `place-not-found`, `place-uncertain`, or `place-taken`: filled in already, or too narrow.
    """
    page = texts.page(1)
    found = only(page, number_lines(page), NUMBER, "number-line")
    (blank,) = found.parts
    assert isinstance(blank, Blank)  # noqa: S101 - it is all that such a line has
    return fill(page, found, blank, text, NUMBER)


def number_lines(page: ShownPage) -> list[BlankLine]:
    """Return the lines of a page that have the document's number or its blank."""
    return [
        candidate
        for line in lines_of(page)
        for match in line.search(_NUMBER)
        if (candidate := _number(page, line, match)) is not None
    ]


def _number(page: ShownPage, line: Line, match: re.Match[str]) -> BlankLine | None:
    word = line.word_at(match.start())
    if word is None or not _begins(line, match.start()) or not word.text[:1].isupper():
        return None
    colon = line.box_of(*_last(line, match.start("blank")))
    if colon is None or not (match["colon"] or _is_of_party(match)):
        return None
    box, text = line.box_of(match.start(), match.end()) or colon, line.text_of(match.start(), match.end())
    if match["value"] and match["value"][0].isdigit():
        return BlankLine(line, box, text, (match["value"],))
    start = match.start("symbol") if match["symbol"] else None
    if match["value"]:
        if _is_symbol(line.word_at(match.start("value"))):
            start = match.start("value")
        else:  # the other column follows: nothing is printed behind "Số:"
            box = line.box_of(match.start(), match.start("value")) or colon
            text = line.text_of(match.start(), match.start("value"))
    following = line.box_of(start, start + 1) if start is not None else None
    size = page.font_size(word)
    left, right = colon.right, following.left if following else None
    if start is None:
        dots = line.box_of(match.start("blank"), match.end("blank"))
        right = dots.right if dots else None
    return BlankLine(line, box, text, (Blank(line.base, left, right, _DIGIT * size),))


def _begins(line: Line, position: int) -> bool:
    """Whether a position is where a phrase of the line begins."""
    word = line.word_at(position)
    return any(phrase.words[0] is word for phrase in line.phrases)


def _is_of_party(match: re.Match[str]) -> bool:
    """Whether a number is written as the Party's offices do: "Số 12-QĐ/TU"."""
    value, symbol = match["value"] or "", match["symbol"] or ""
    return "-" in value + symbol and "/" in value + symbol and (not value or value[0].isdigit())


def _is_symbol(word: Word | None) -> bool:
    """Whether a word is a symbol without a stroke in front: "BC-SNV"."""
    return word is not None and "-" in word.text and word.text.upper() == word.text


# ---------------------------------------------------------------- date


def find_date(
    texts: PageTexts, day: SizedText, month: SizedText, year: SizedText, *, when: date | None = None
) -> DatePlaces:
    """Find the blanks of the date in the line of place and date.

    Args:
        texts: the document.
        day: as it will be drawn.
        month: as it will be drawn.
        year: as it would be drawn, should it be blank too.
        when: the date; with it, month or day may be printed already where they are the same. None wants both blank.

    Raises:
        UsageError: `place-not-found`, `place-uncertain`, or `place-taken`: filled in already, too narrow, or printed
            otherwise.
    """
    page = texts.page(1)
    found = only(page, _date_lines(page), DATE, "date-line")
    due = (when.day, when.month, when.year) if when else (None, None, None)
    if any(
        isinstance(part, str) and value not in (None, int(part)) for part, value in zip(found.parts, due, strict=True)
    ):
        raise taken(DATE, "date-line-says-otherwise", found_at(page, [found]))
    year_printed = found.parts[2]
    if isinstance(year_printed, str) and len(year_printed) != 4:
        raise taken(DATE, "date-line-filled-in", found_at(page, [found]))
    if when is None and not all(isinstance(part, Blank) for part in found.parts[:2]):
        raise taken(DATE, "date-line-filled-in", found_at(page, [found]))
    return DatePlaces(
        *(
            fill(page, found, part, text, DATE) if isinstance(part, Blank) else None
            for part, text in zip(found.parts, (day, month, year), strict=True)
        )
    )


def date_font_size(texts: PageTexts) -> float | None:
    """Return the font size of the line of place and date, so that what is filled in looks like it; None without one."""
    page = texts.page(1)
    return next((page.font_size(found.line.words[-1]) for found in _date_lines(page)), None)


def _date_lines(page: ShownPage) -> list[BlankLine]:
    return [
        candidate
        for line in lines_of(page)
        for match in line.search(_DATE)
        if (candidate := _date(page, line, match)) is not None
    ]


def _date(page: ShownPage, line: Line, match: re.Match[str]) -> BlankLine | None:
    """Take a date that stands behind the name of a place, or alone."""
    first = line.word_at(match.start())
    words = next((phrase.words for phrase in line.phrases if first in phrase.words), ())
    before = " ".join(word.text for word in words[: words.index(first)]) if first in words else ""
    if first is None or (before and not before.endswith(",")) or len(before.split()) > 10:
        return None
    box = line.box_of(match.start(), match.end()) or first.box
    text = f"{before} {line.text_of(match.start(), match.end())}".strip()
    parts = tuple(_part(line, match, part, _DIGIT * page.font_size(first)) for part in ("day", "month", "year"))
    return BlankLine(line, box, text, parts) if all(isinstance(p, Blank) or p for p in parts[:2]) else None


def _part(line: Line, match: re.Match[str], name: str, height: float) -> Blank | str:
    """Return what is printed of a part of a date, or where it is blank."""
    start, end = match.span(name)
    if printed := match[name].strip(" ._"):
        return printed
    before = line.box_of(*_last(line, start))
    following = line.box_of(*_first(line, end)) if name != "year" else None
    dots = line.box_of(start, end)
    right = following.left if following else dots.right if dots else None
    return Blank(line.base, before.right, right, height) if before else ""


def _last(line: Line, end: int) -> tuple[int, int]:
    """Return the range of the last letter before a position."""
    while end and line.word_at(end - 1) is None:
        end -= 1
    return end - 1, end


def _first(line: Line, start: int) -> tuple[int, int]:
    """Return the range of the first letter from a position on."""
    while start + 1 < len(line.folded) and line.word_at(start) is None:
        start += 1
    return start, start + 1
