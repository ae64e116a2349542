"""Text as it is drawn: one Unicode form, no invisible characters, broken into lines that fit.

Vietnamese arrives composed (NFC), decomposed (NFD, as macOS and some databases write it) and with its marks in an order
that no normalisation mends; a font has a glyph for the composed letter alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Final

__all__ = ["clean_lines", "in_two", "normalise", "wrap"]

# Words of an agency's name that a line likes to start with: what belongs together stays together.
_OPENERS: Final = frozenset(("tỉnh", "thành", "huyện", "quận", "xã", "phường", "thị", "sở", "ủy", "uỷ", "hội"))
_LINKS: Final = frozenset(("và", "của", "thuộc", "tại"))
# How much wider than the best the longer line may get for the sake of such a break.
_LINKED, _UNLIKED = 1.15, 1.35

# Tone before circumflex or breve: both marks have combining class 230, so normalisation keeps their order, and the pair
# never composes. Vietnamese has one reading of it only: quality first, tone above.
_TONE_FIRST = re.compile("([\u0300\u0301\u0303\u0309])([\u0302\u0306])")


def normalise(text: str) -> str:
    """Compose letters and marks (Unicode NFC), Vietnamese marks in whatever order they came."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)
    if not _TONE_FIRST.search(unicodedata.normalize("NFD", text)):
        return composed
    return unicodedata.normalize("NFC", _TONE_FIRST.sub(r"\2\1", unicodedata.normalize("NFD", text)))


def clean_lines(lines: Iterable[str]) -> list[str]:
    """Compose each line, turn every kind of space and control character into a space and drop what has no shape.

    A line break inside a name could pass for another line of the stamp, and format characters (direction overrides,
    joiners, soft hyphens) could make it read as another: neither is drawn.
    """
    return [_visible(normalise(line)) for line in lines]


def _visible(line: str) -> str:
    # All that is changed below is not printable; few lines have any of it.
    if line.isprintable():
        return line
    return "".join(map(_shown, line))


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp", "Cc"):
        return " "
    return "" if category == "Cf" else character


def wrap(lines: Sequence[str], measure: Callable[[str], float], width: float) -> list[str]:
    """Break lines at spaces, and words that are too long anywhere, so that none measures more than `width`.

    Args:
        lines: as `clean_lines` returns them.
        measure: width of a text, in any unit; that of a whole is at most the sum of its parts'.
        width: in the unit of `measure`.
    """
    wrapped: list[str] = []
    for line in lines:
        wrapped += [line] if measure(line) <= width else _wrap_line(line, measure, width)
    return wrapped


def in_two(name: str, measure: Callable[[str], float]) -> tuple[str, str]:
    """Break an agency's name into two lines of like width, rather before a word that opens a part of it.

    Args:
        name: of at least two words.
        measure: width of a text, in any unit.
    """
    words = name.split()

    def cost(at: int) -> float:
        longer = max(measure(" ".join(words[:at])), measure(" ".join(words[at:])))
        opening = words[at].lower()
        return longer * (1 if opening in _OPENERS else _LINKED if opening in _LINKS else _UNLIKED)

    best = min(range(1, len(words)), key=cost)
    return " ".join(words[:best]), " ".join(words[best:])


def _wrap_line(line: str, measure: Callable[[str], float], width: float) -> list[str]:
    done: list[str] = []
    current = ""
    taken, space = 0.0, measure(" ")
    for word in line.split():
        wide = measure(word)
        if current and taken + space + wide <= width:
            current = f"{current} {word}"
            taken += space + wide
            continue
        if current:
            done.append(current)
        *pieces, current = [word] if wide <= width else _break_word(word, measure, width)
        done += pieces
        taken = measure(current)
    return [*done, current]


def _break_word(word: str, measure: Callable[[str], float], width: float) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and measure(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces
