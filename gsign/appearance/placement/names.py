"""A signer's full name as a certificate has it, found as a document has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from gsign.appearance.placement.folding import fold, unmarked
from gsign.appearance.placement.words import Box, Phrase, Word, stands_apart, union

__all__ = ["NameFound", "SignerName", "is_title"]

# What stands before a name: learned titles, ranks, forms of address.
_TITLES: Final = (
    "GS", "PGS", "TSKH", "TS", "ThS", "CN", "KS", "KTS", "BS", "DS", "LS", "CKI", "CKII", "CK1", "CK2", "BSCKI",
    "BSCKII", "BSNT", "NCS", "Giáo sư", "Phó giáo sư", "Tiến sĩ", "Tiến sỹ", "Thạc sĩ", "Thạc sỹ", "Cử nhân", "Kỹ sư",
    "Bác sĩ", "Bác sỹ", "Dược sĩ", "Dược sỹ", "Luật sư", "Kiến trúc sư", "NGND", "NGƯT", "TTND", "TTƯT", "NSND", "NSƯT",
    "AHLĐ", "AHLLVT", "Viện sĩ", "Chuyên khoa I", "Chuyên khoa II",
    "Hạ sĩ", "Trung sĩ", "Thượng sĩ", "Thiếu úy", "Trung úy", "Thượng úy", "Đại úy", "Thiếu tá", "Trung tá",
    "Thượng tá", "Đại tá", "Thiếu tướng", "Trung tướng", "Thượng tướng", "Đại tướng", "Chuẩn đô đốc", "Phó đô đốc",
    "Đô đốc", "Thẩm phán", "Kiểm sát viên", "Thầy", "Cô", "Ông", "Bà", "Đồng chí", "Đ/c", "Dr", "Mr", "Ms", "Mrs",
)  # fmt: skip
# What follows the name in some certificates: a number, an agency, a post.
_SUFFIX: Final = re.compile(r"\s*(?:[(\[{<,;:|/_]|\s[-\u2013\u2014]\s|\s\d).*$", re.DOTALL)
_BETWEEN_TITLES: Final = re.compile(r"[.,:/\s\u2013-]+")


class NameFound(NamedTuple):
    """A name as words of a phrase; `left` are its words that must stand on the next line."""

    words: tuple[Word, ...]
    left: str

    @property
    def box(self) -> Box:
        """Around the words, titles included."""
        return union(word.box for word in self.words)


class SignerName:
    """A name to be looked for.

    Args:
        common_name: of the certificate, such as `Nguyễn Văn A`; titles before it and what follows it are left out.
    """

    def __init__(self, common_name: str) -> None:
        self.text = _person(common_name)
        words = self.text.split()
        # Of one word, of two, … and what is left then; words are folded together, as the text of a page is.
        self._beginnings = [
            (fold(" ".join(words[:count])), fold(" ".join(words[count:]))) for count in range(len(words), 0, -1)
        ]
        self._unmarked = [unmarked(fold(word)) for word in words]
        # Where nothing is marked, the certificate may have been made where no Vietnamese could be typed.
        self._is_plain = fold(self.text) == unmarked(fold(self.text))

    def may_be_in(self, letters: str) -> bool:
        """Whether a page with this text may have the name: cheap."""
        # Its words may stand on two lines with those of another column between.
        plain = unmarked(fold(letters))
        return bool(self._unmarked) and all(word in plain for word in self._unmarked)

    def matches(self, phrase: Phrase) -> Iterator[NameFound]:
        """Yield where the name stands apart in a phrase: alone in its column, or after titles.

        Letters are compared without regard to words: some writers leave no space that could be seen.
        """
        if self._unmarked[0] not in unmarked(fold(phrase.text)):
            return
        words = phrase.words
        for end in range(1, len(words) + 1):
            for start in range(end):
                run = words[start:end]
                left = self._left_after(fold(" ".join(word.text for word in run)).rstrip(".,;"))
                if left is not None and stands_apart(words, start, end):
                    yield NameFound(run, left)
                    break

    def is_rest(self, phrase: Phrase, left: str) -> bool:
        """Whether a phrase is what was left of a name."""
        return self._same(fold(phrase.text).rstrip(".,;"), left)

    def _left_after(self, folded: str) -> str | None:
        """Return what is left of the name after a text that has its beginning; None where it has another name."""
        return next((left for beginning, left in self._beginnings if self._ends_with(folded, beginning)), None)

    def _ends_with(self, folded: str, beginning: str) -> bool:
        """Whether a text is the beginning of the name, with or without titles before it."""
        if not (unmarked(folded) if self._is_plain else folded).endswith(beginning):
            return False
        starts = range(len(folded)) if self._is_plain else (len(folded) - len(beginning),)
        return any(
            self._same(folded[start:], beginning) and (not start or is_title(folded[:start])) for start in starts
        )

    def _same(self, folded: str, wanted: str) -> bool:
        return folded == wanted or (self._is_plain and unmarked(folded) == wanted)


def is_title(text: str) -> bool:
    """Whether a text is nothing but titles, ranks and forms of address."""
    folded = fold(_BETWEEN_TITLES.sub("", text))
    return bool(folded) and _titles().fullmatch(folded) is not None


@cache
def _titles() -> re.Pattern[str]:
    known = sorted({fold(_BETWEEN_TITLES.sub("", title)) for title in _TITLES}, key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, known))})+")


def _person(common_name: str) -> str:
    words = _SUFFIX.sub("", common_name.strip()).split() or common_name.split()
    for count in range(len(words) - 1, 0, -1):
        if is_title(" ".join(words[:count])):
            words = words[count:]
            break
    return " ".join(words)
