"""The blanks of number and date on the first page: "Số:   /QĐ-UBND", "Hưng Yên, ngày   tháng   năm 2026".

Decree 30/2020, Appendix I, part I, II.3 and II.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from gsign.appearance.placement.faults import Found, not_found, taken, uncertain
from gsign.appearance.placement.folding import fold, is_legacy
from gsign.appearance.placement.lines import BLANK, Line, lines_of
from gsign.appearance.placement.pages import PageTexts, ShownPage
from gsign.appearance.placement.sizes import SizedText
from gsign.appearance.placement.words import Box, Word
from gsign.place import Place

__all__ = ["NUMBER", "DatePlaces", "date_font_size", "find_date", "find_number", "number_lines", "why_no_line"]

NUMBER: Final = "Số: …"
DATE: Final = "…, ngày … tháng … năm …"

_HEADER: Final = 0.55
"""Part of the page, from the top, that number and date are looked for in first."""
_AFTER_COLON: Final = 3.0
"""Points between "Số:" or "năm" and what is written behind it, where nothing printed follows."""
_SLACK: Final = 1.0
_ABOVE_DOTS: Final = 2.0
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
    """Where the parts of a date are to stand; the year only where it is blank too."""

    day: Place
    month: Place
    year: Place | None


class _Blank(NamedTuple):
    """Where something is to be filled in: from `left` to `right` on a base line; no right end where nothing follows."""

    line: Line
    base: float
    left: float
    right: float | None
    height: float
    """Of a digit."""


class _Candidate(NamedTuple):
    line: Line
    box: Box
    text: str
    blanks: tuple[_Blank, ...]
    """Empty where it is filled in already."""


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
    found = _only(page, number_lines(page), NUMBER, "number-line")
    return _filled(page, found.blanks[0], text, NUMBER)


def number_lines(page: ShownPage) -> list[_Candidate]:
    """Return the lines of a page that have the document's number or its blank."""
    return [
        candidate
        for line in lines_of(page)
        for match in line.search(_NUMBER)
        if (candidate := _number(page, line, match)) is not None
    ]


def _number(page: ShownPage, line: Line, match: re.Match[str]) -> _Candidate | None:
    word = line.word_at(match.start())
    if word is None or not _begins(line, match.start()) or not word.text[:1].isupper():
        return None
    colon = line.box_of(*_last(line, match.start("blank")))
    if colon is None or not (match["colon"] or _is_of_party(match)):
        return None
    box, text = line.box_of(match.start(), match.end()) or colon, line.text_of(match.start(), match.end())
    if match["value"] and match["value"][0].isdigit():
        return _Candidate(line, box, text, ())
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
    return _Candidate(line, box, text, (_Blank(line, line.base, left, right, _DIGIT * size),))


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


def find_date(texts: PageTexts, day: SizedText, month: SizedText, year: SizedText) -> DatePlaces:
    """Find the blanks of the date in the line of place and date.

    Args:
        texts: the document.
        day: as it will be drawn.
        month: as it will be drawn.
        year: as it would be drawn, should it be blank too.

    Raises:
        UsageError: `place-not-found`, `place-uncertain`, or `place-taken`: filled in already, or too narrow.
    """
    page = texts.page(1)
    found = _only(page, _date_lines(page), DATE, "date-line")
    places = [_filled(page, blank, text, DATE) for blank, text in zip(found.blanks, (day, month, year), strict=False)]
    return DatePlaces(places[0], places[1], places[2] if len(places) > 2 else None)


def date_font_size(texts: PageTexts) -> float | None:
    """Return the font size of the line of place and date, so that what is filled in looks like it; None without one."""
    page = texts.page(1)
    return next((page.font_size(found.line.words[-1]) for found in _date_lines(page)), None)


def _date_lines(page: ShownPage) -> list[_Candidate]:
    return [
        candidate
        for line in lines_of(page)
        for match in line.search(_DATE)
        if (candidate := _date(page, line, match)) is not None
    ]


def _date(page: ShownPage, line: Line, match: re.Match[str]) -> _Candidate | None:
    """Take a date that stands behind the name of a place, or alone."""
    first = line.word_at(match.start())
    words = next((phrase.words for phrase in line.phrases if first in phrase.words), ())
    before = " ".join(word.text for word in words[: words.index(first)]) if first in words else ""
    if first is None or (before and not before.endswith(",")) or len(before.split()) > 10:
        return None
    box = line.box_of(match.start(), match.end()) or first.box
    text = f"{before} {line.text_of(match.start(), match.end())}".strip()
    if any(character.isdigit() for part in ("day", "month") for character in match[part]):
        return _Candidate(line, box, text, ())
    size = _DIGIT * page.font_size(first)
    blanks = []
    for part in ("day", "month"):
        left, right = line.box_of(*_last(line, match.start(part))), line.box_of(*_first(line, match.end(part)))
        if left is None or right is None:
            return None
        blanks.append(_Blank(line, line.base, left.right, right.left, size))
    year = match["year"].strip(" .")
    if not re.fullmatch(r"\d{4}", year):
        left = line.box_of(*_last(line, match.start("year")))
        dots = line.box_of(match.start("year"), match.end("year"))
        if left is None or any(map(str.isdigit, match["year"])):
            return _Candidate(line, box, text, ())
        blanks.append(_Blank(line, line.base, left.right, dots.right if dots else None, size))
    return _Candidate(line, box, text, tuple(blanks))


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


# ---------------------------------------------------------------- both


def _only(page: ShownPage, candidates: list[_Candidate], sought: str, what: str) -> _Candidate:
    """Return the one line that has blanks.

    Raises:
        UsageError: there is none, more than one, or what there is has been filled in.
    """
    candidates = [one for one in candidates if page.dark(one.box)]
    upper = [one for one in candidates if one.box.bottom > page.height * (1 - _HEADER)]
    candidates = upper or candidates
    blank = [one for one in candidates if one.blanks]
    if len(blank) == 1:
        return blank[0]
    if blank:
        raise uncertain(sought, f"several-{what}s", _found(page, blank))
    if candidates:
        raise taken(sought, f"{what}-filled-in", _found(page, candidates))
    raise not_found(sought, why_no_line(page, what))


def why_no_line(page: ShownPage, what: str) -> str:
    """Return the cause where a line is not found on a page."""
    letters = page.letters.strip()
    if not letters:
        return "no-text-on-pages"
    return "text-in-old-encoding" if is_legacy(letters) else f"no-{what}"


def _found(page: ShownPage, candidates: Iterable[_Candidate]) -> list[Found]:
    return [Found(page.number, one.box, one.text) for one in candidates]


def _filled(page: ShownPage, blank: _Blank, text: SizedText, sought: str) -> Place:
    """Put a text on the base line, in the middle of its blank.

    Raises:
        UsageError: `place-taken`.
    """
    if blank.right is None:
        left = blank.left + _AFTER_COLON
    else:
        left = (blank.left + blank.right - text.width) / 2
        if text.width > blank.right - blank.left + _SLACK:
            raise taken(sought, "blank-too-small", [Found(page.number, blank.line.box, blank.line.text)])
    below = text.baseline or (text.height - blank.height) / 2
    place = Place(page.number, left, blank.base - below, text.width, text.height)
    over = Box(left, blank.base + _ABOVE_DOTS, left + text.width, blank.base + blank.height)
    signed = [one for one in page.signatures if _box(one.place).meets(over)]
    if signed:
        raise taken(sought, "taken-by-signature", [Found(page.number, _box(one.place), one.name) for one in signed])
    if not page.holds(_box(place)) or page.dark(over):
        raise taken(sought, "taken-by-drawing", [Found(page.number, over, blank.line.text)])
    return place


def _box(place: Place) -> Box:
    return Box(place.x, place.y, place.x + place.width, place.y + place.height)
