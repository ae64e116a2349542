"""A line of a page letter by letter, folded, so that a pattern finds where a blank begins and ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gsign.appearance.placement.folding import fold
from gsign.appearance.placement.pages import ShownPage
from gsign.appearance.placement.words import Box, Phrase, Word, union

__all__ = ["BLANK", "Line", "lines_of"]

BLANK: Final = r"[ ._\u00b7\u2024-\u2027]*"
"""What is printed where something is to be filled in."""

_SAME_LINE: Final = 0.3


class Line:
    """The phrases of one line, from the left.

    Args:
        page: where they are from.
        phrases: with one base line.
    """

    def __init__(self, page: ShownPage, phrases: Sequence[Phrase]) -> None:
        self.phrases = sorted(phrases, key=lambda phrase: phrase.box.left)
        self.words = [word for phrase in self.phrases for word in phrase.words]
        self.base = self.words[0].base
        self._page = page
        self._letters: list[tuple[Word, int] | None] = []
        pieces = []
        for word in self.words:
            for index, letter in enumerate(word.text):
                piece = fold(letter)
                pieces.append(piece)
                self._letters += [(word, index)] * len(piece)
            pieces.append(" ")
            self._letters.append(None)
        self.folded = "".join(pieces)

    @property
    def text(self) -> str:
        """The words as they are printed."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """Around all words."""
        return union(word.box for word in self.words)

    def box_of(self, start: int, end: int) -> Box | None:
        """Return the box around letters of `folded`; None where they are spaces."""
        shown = [at for at in self._letters[start:end] if at is not None]
        boxes = [self._page.letter_boxes(word)[index] for word, index in dict.fromkeys(shown)]
        return union(boxes) if boxes else None

    def text_of(self, start: int, end: int) -> str:
        """Return the words to which letters of `folded` belong, as they are printed."""
        words = dict.fromkeys(at[0] for at in self._letters[start:end] if at is not None)
        return " ".join(word.text for word in words)

    def word_at(self, position: int) -> Word | None:
        """Return the word of a letter of `folded`."""
        at = self._letters[position]
        return None if at is None else at[0]

    def search(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern for folded text."""
        return pattern.finditer(self.folded)


def lines_of(page: ShownPage) -> list[Line]:
    """Return the lines of a page from the top."""
    rows: list[list[Phrase]] = []
    for phrase in page.phrases:
        if rows and abs(rows[-1][0].base - phrase.base) < _SAME_LINE * phrase.box.height:
            rows[-1].append(phrase)
        else:
            rows.append([phrase])
    return [Line(page, row) for row in rows]
