"""Vietnamese words compared as a reader compares them, whatever the bytes in the file's text.

Capitals, composed and decomposed letters, old and new places of the tone mark ("hoà", "hòa"), ligatures, look-alikes of
"Đ", spaces of every kind and letters set apart ("C H Ủ  T Ị C H") make no difference. Marks do: "Hùng" is not "Hưng".
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

__all__ = ["fold", "is_legacy", "unmarked"]

_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
_EARLY_TONE: Final = re.compile(f"(o)([{_TONES}])([ae])|(u)([{_TONES}])(y)")
_LOOKALIKES: Final = str.maketrans(
    {
        # D with a stroke of Vietnamese, of Icelandic and of African languages look the same as capitals.
        **dict.fromkeys("\u00d0\u00f0\u0189\u0256\u0110", "đ"),
        # In names of the highlands, such as H' Liêm.
        **dict.fromkeys("\u2018\u2019\u02bc\u02bb\u2032`\u00b4", "'"),
    }
)
_NO_LETTERS: Final = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff\x00-\x1f]+")
_MARKS: Final = re.compile("[\u0300-\u036f]")

# What every letter says ("ngày", "tháng", "năm", "Độc lập", "Số:") as fonts of before Unicode store it.
_LEGACY: Final = (
    "ngµy",
    "th\u00b8ng",
    "n¨m",
    "§éc lËp",
    "Céng hßa",
    "Céng hoµ",
    "ngaøy",
    "thaùng",
    "naêm",
    "Ñoäc laäp",
    "COÄNG",
)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Return decomposed small letters without spaces; equal where a reader sees the same words."""
    small = unicodedata.normalize("NFKD", text.translate(_LOOKALIKES)).casefold()
    # Normalised again without spaces: some writers put them between a letter and its marks.
    joined = unicodedata.normalize("NFKD", _NO_LETTERS.sub("", small))
    return _EARLY_TONE.sub(r"\1\3\2\4\6\5", joined)


def unmarked(folded: str) -> str:
    """Return what is left of a folded text without its marks, as names are where no Vietnamese can be typed."""
    return _MARKS.sub("", folded).replace("đ", "d")


def is_legacy(text: str) -> bool:
    """Whether a text layer is in TCVN3 or VNI, whose letters are not those that are shown."""
    return sum(sign in text for sign in _LEGACY) >= 2
