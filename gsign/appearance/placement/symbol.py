"""The symbol behind the blank of the number, such as /QĐ-UBND (Decree 30/2020, Appendix I, part I, II.3)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from gsign.appearance.placement.header import number_lines
from gsign.appearance.placement.pages import PageTexts

__all__ = ["find_symbol", "has_number_blank", "printed_number"]

_SYMBOL: Final = re.compile(r"[/\-\u2010-\u2015]\S+$")

_PRINTED: Final = re.compile(r":\s*(\d\S*)$")


def printed_number(texts: PageTexts) -> str | None:
    """Return number and symbol where they are printed already; None where the number is blank or cannot be told."""
    printed = [line.text for line in number_lines(texts.page(1)) if not line.is_blank]
    found = _PRINTED.search(printed[0]) if len(printed) == 1 else None
    return unicodedata.normalize("NFC", found[1]) if found is not None else None


def find_symbol(texts: PageTexts) -> str:
    """Return the symbol of the document with what separates it from the number; empty where none is printed."""
    found = {match[0] for line in number_lines(texts.page(1)) if (match := _SYMBOL.search(line.text))}
    return unicodedata.normalize("NFC", found.pop()) if len(found) == 1 else ""


def has_number_blank(texts: PageTexts) -> bool:
    """Say whether the document has a place for its number that is still empty."""
    return any(line.is_blank for line in number_lines(texts.page(1)))
