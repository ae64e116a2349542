"""A signer's full name as a certificate has it, found as a document has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from gsign.appearance.placement.folding import fold, unmarked
from gsign.appearance.placement.words import OTHER_SETTING, Box, Phrase, Word, union

__all__ = ["NameFound", "SignerName", "is_title"]

# What stands before a name: learned titles, ranks, forms of address.
_TITLES: Final = (
    "GS", "PGS", "TSKH", "TS", "ThS", "CN", "KS", "KTS", "BS", "DS", "LS", "CKI", "CKII", "CK1", "CK2", "BSCKI",
    "BSCKII", "BSNT", "NCS", "Giáo sư", "Phó giáo sư", "Tiến sĩ", "Tiến sỹ", "Thạc sĩ", "Thạc sỹ", "Cử nhân", "Kỹ sư",
    "Bác sĩ", "Bác sỹ", "Dược sĩ", "Dược sỹ", "Luật sư", "Kiến trúc sư", "NGND", "NGƯT", "TTND", "TTƯT", "NSND", "NSƯT",
    "AHLĐ", "AHLLVT", "Viện sĩ", "Chuyên khoa", "I", "II",
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
        self._words = [fold(word) for word in self.text.split()]
        self._folded = "".join(self._words)
        self._length = len(unmarked(self._folded))
        # Where nothing is marked, the certificate may have been made where no Vietnamese could be typed.
        self._is_plain = self._folded == unmarked(self._folded)

    def may_be_in(self, letters: str) -> bool:
        """Whether a page with this text may have the name: cheap."""
        folded = fold(letters)
        return self._in(folded) or (self._is_plain and self._in(unmarked(folded)))

    def _in_part(self, text: str) -> bool:
        """Whether a text may have the beginning of the name: cheap."""
        folded = fold(text)
        return self._words[0] in folded or (self._is_plain and self._words[0] in unmarked(folded))

    def _in(self, folded: str) -> bool:
        # Its words may stand on two lines with those of another column between.
        return bool(self._words) and all(word in folded for word in self._words)

    def matches(self, phrase: Phrase) -> Iterator[NameFound]:
        """Yield where the name stands apart in a phrase: alone, after titles, or with gaps on both sides."""
        if not self._in_part(phrase.text):
            return
        for first in range(len(phrase.words)):
            start, folded = self._beginning(phrase.words, first)
            if start is None:
                continue
            for last in range(first, len(phrase.words)):
                if last > first:
                    folded += fold(phrase.words[last].text)
                end = folded.rstrip(".,;")
                if len(unmarked(end)) > self._length:
                    break
                is_apart = last + 1 == len(phrase.words) or _is_gap(phrase.words, last + 1)
                if is_apart and (left := self._left_after(end)) is not None:
                    yield NameFound(phrase.words[start : last + 1], left)

    def is_rest(self, phrase: Phrase, left: str) -> bool:
        """Whether a phrase is what was left of a name."""
        return self._same(fold(phrase.text).rstrip(".,;"), left)

    def _beginning(self, words: Sequence[Word], first: int) -> tuple[int | None, str]:
        """Return from which word on titles and name stand apart, and the first word without titles in front of it."""
        word = words[first].text
        title, dot, rest = word.rpartition(".")
        folded = fold(rest if dot and rest and is_title(title) else word)
        # Titles of several words are recognised as a whole only.
        for candidate in range(first, -1, -1):
            if candidate < first and not is_title(" ".join(w.text for w in words[candidate:first])):
                continue
            if candidate == 0 or _is_gap(words, candidate):
                return candidate, folded
        return None, folded

    def _left_after(self, folded: str) -> str | None:
        """Return what is left of the name after some of its words; None where it begins otherwise."""
        if self._same(folded, self._folded):
            return ""
        for count in range(1, len(self._words)):
            if self._same(folded, "".join(self._words[:count])):
                return "".join(self._words[count:])
        return None

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


def _is_gap(words: Sequence[Word], index: int) -> bool:
    before, after = words[index - 1].box, words[index].box
    return after.left - before.right >= OTHER_SETTING * min(before.height, after.height)
