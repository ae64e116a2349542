"""References spelled so that some readers take them for one and others do not (ISO 32000-2 clause 7.3.10).

`60.0 0 R` leads to object 60 in PDFium and PDF.js, `60- 0 R` in MuPDF, `6E1 0 R` in PDF.js; PDFium takes two further
characters for white space, and MuPDF keeps 32 bits of a number. Nobody can list all that readers let pass. So every `R`
is found that could end a reference and does not end one that is spelled as nearly all are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gsign.syntax.lexer import WHITE
from gsign.syntax.pattern import lazily

__all__ = ["LONGEST", "odd_references"]

LONGEST: Final = 256
"""A reference that takes more bytes is an odd one, whatever it is made of."""
_GAP: Final = WHITE + b"\x0b\x80\xff"
_OF_NUMBERS: Final = b"0123456789.+-eE"
_BEHIND: Final = rb"R(?<=[\d.+\-\x00\t\n\x0b\x0c\r \x80\xff]R)"
# Passed over at a glance: a number of up to six digits, a generation below ten, one space before each.
_BUT_USUAL: Final = (rb"(?<![\x00\t\n\x0c\r \[/()<>]%b \d R)" % (rb"\d" * digits) for digits in range(1, 7))
_ALONE: Final = rb"(?=[\x00\t\n\x0b\x0c\r ()<>\[\]{}/%\x80\xff]|\Z)"
_END: Final = lazily(b"".join((_BEHIND, *_BUT_USUAL, _ALONE)))
_PLAIN: Final = lazily(rb"(?:\A|[\x00\t\n\x0c\r ])\d{1,8}[\x00\t\n\x0c\r ]+\d+[\x00\t\n\x0c\r ]*\Z")


def odd_references(text: bytes, start: int = 0) -> Iterator[int]:
    """Yield where an `R` stands that some reader may take for the end of a reference, though not all do.

    Args:
        text: bytes.
        start: how many of them were looked at before and are only what stands in front: at least `LONGEST`, if any.
    """
    for found in _END.finditer(text, start):
        at = found.start()
        before = text[max(0, at - LONGEST) : at]
        tail = before[len(before.rstrip(_GAP + _OF_NUMBERS)) :]
        if len(tail) == LONGEST or _is_behind_comment(before, tail) or (_has_digit(tail) and not _PLAIN.search(tail)):
            yield at


def _is_behind_comment(before: bytes, tail: bytes) -> bool:
    """Say whether a comment may end in what stands in front, so that a number is hidden behind it."""
    return b"%" in before and (b"\n" in tail or b"\r" in tail)


def _has_digit(text: bytes) -> bool:
    return text.translate(None, _GAP + b".+-eE") != b""
