"""Tell the kind of an official document from its number and symbol, or from what its file or mail is called.

Symbols are those of Decree 30/2020/NĐ-CP, Appendix III: `286/QĐ-UBND` is a decision, `12/BC-SNV` a report; a number
with the agency's own abbreviation and no symbol of a kind, `1234/UBND-KSTT`, is an official letter. Names of files have
them with and without diacritics, and in any order. What cannot be told is left open rather than guessed: a letter
*about* a plan is no plan.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

__all__ = ["KINDS", "kind_of", "kind_on_page"]

_LETTER: Final = "cong-van"
_SYMBOLS: Final[Mapping[str, str]] = {
    "BC": "bao-cao",
    "GM": "giay-moi",
    "LCT": "lich-cong-tac",
    "QD": "quyet-dinh",
    "CV": _LETTER,
    "TTR": "to-trinh",
    "KH": "ke-hoach",
    "TB": "thong-bao",
    "NQ": "nghi-quyet",
    "CT": "chi-thi",
    "QC": "quy-che",
    "QYD": "quy-dinh",
    "TC": "thong-cao",
    "CTR": "chuong-trinh",
    "PA": "phuong-an",
    "BB": "bien-ban",
    "CD": "cong-dien",
    "BGN": "ban-ghi-nho",
    "BTT": "ban-thoa-thuan",
    "GUQ": "giay-uy-quyen",
    "GGT": "giay-gioi-thieu",
    "GNP": "giay-nghi-phep",
    "PG": "phieu-gui",
    "PC": "phieu-chuyen",
    "PB": "phieu-bao",
    "ND": "nghi-dinh",
    "TT": "thong-tu",
}
"""Without diacritics, in capitals."""
_MARKED: Final[Mapping[str, str]] = {"HD": "huong-dan", "HĐ": "hop-dong", "DA": "du-an", "ĐA": "de-an"}
"""Symbols that differ by nothing but a diacritic: they count as they are written, in capitals."""
_ANNEX: Final = "phu-luc"
KINDS: Final = (*_SYMBOLS.values(), *_MARKED.values(), _ANNEX)
"""Every code that `kind_of` may return; those that reports always name come first."""
_NAMES: Final[Mapping[tuple[str, ...], str | None]] = {
    **{tuple(kind.split("-")): kind for kind in KINDS},
    ("thu", "moi"): "giay-moi",
    ("lich", "lam", "viec"): "lich-cong-tac",
    ("lich", "hop"): "lich-cong-tac",
    ("lich", "tuan"): "lich-cong-tac",
    ("lich", "tiep", "cong", "dan"): "lich-cong-tac",
    # Under its number only an official letter says so (Appendix III, form 1.5).
    ("v", "v"): _LETTER,
    # The department, not a plan.
    ("ke", "hoach", "va", "dau", "tu"): None,
    ("ke", "hoach", "dau", "tu"): None,
}
_WORDS: Final = range(max(map(len, _NAMES)), 1, -1)
_ALONE: Final = frozenset({"QD", "BC", "GM", "TTR", "KH", "TB", "CV", "NQ"})
"""Symbols that names of files begin with even where no number is beside them."""
_BEFORE: Final = frozenset(
    {"so", "ngay", "thang", "nam", "quy", "tuan", "ky", "ubnd", "hdnd"}
    | {"du", "thao", "dt", "trinh", "ban", "chinh", "sao", "scan", "file", "final", "signed", "dinh", "kem"}
    | {"re", "fw", "fwd", "chuyen", "tiep", "kinh", "gui", "phat", "hanh"}
)
"""Words that stand before a document's own name without changing what it is."""
_LONGEST: Final = 300
"""Characters of a name that are looked at."""
_SHORTEST_JOINED: Final = 6
_JOINED: Final = {"".join(name): kind for name, kind in _NAMES.items() if len("".join(name)) >= _SHORTEST_JOINED}
"""Names in one word, such as `baocaothang9` begins with."""
_BEGINNINGS: Final = frozenset(name[:_SHORTEST_JOINED] for name in _JOINED)
_TOKEN: Final = re.compile(
    # 286/QĐ-UBND · 30/2020/NĐ-CP · 1234/UBND-KSTT · 05/BNV-VP
    r"\d{1,6}[a-zA-Z]?\s?/\s?(?:\d{4}\s?/\s?)?(?P<symbol>[^\W\d_]+)\s?[-–]\s?[^\W\d_]\w*"
    # 12-BC/TU, as the Party writes it
    r"|\d{1,6}\s?[-–]\s?(?P<party>[^\W\d_]+)\s?/\s?[^\W\d_]\w*"
    r"|(?P<number>\d+)|(?P<word>[^\W\d_]+)"
)
_HEAD_LINES: Final = 40
"""Lines of a page in which its number and its title stand."""
_NUMBER_LINE: Final = re.compile(
    # Số: 286/QĐ-UBND · Số:      /QĐ-UBND, whose number a signature shows · Số 12-BC/TU
    r"^\W*(?i:số)\s*[:.]?\s*(?:\d{1,6}[a-zA-Z]?)?[\s.…_]*(?:/\s?\d{4}\s?)?(?P<written>[/\-–]\s?[^\W\d_]+\s?[-–/]\s?[^\W\d_]\w*)"
)
_SPACES: Final = re.compile(r"\s+")
_PIECES: Final = re.compile(r"\s[-–]\s|[()\[\]{}|]")
_LETTERS: Final = [chr(code) for code in (*range(0x41, 0x250), *range(0x1EA0, 0x1EFA))]
_SMALL: Final = "".join(filter(str.islower, _LETTERS))
_CAPITAL: Final = "".join(filter(str.isupper, _LETTERS))
_HUMPS: Final = re.compile(f"(?<=[{_SMALL}])(?=[{_CAPITAL}])|(?<=[{_CAPITAL}])(?=[{_CAPITAL}][{_SMALL}])")
_MARKS: Final = {ord(c): None for c in "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"} | {
    ord(c): "d" if c in "đð" else "D" for c in "ĐÐđð"
}


class _Token(NamedTuple):
    written: str
    folded: str = ""
    """Without diacritics, in small letters; empty for a number."""
    symbol: str = ""
    """Of a whole number and symbol."""


def kind_of(*texts: str | None) -> str | None:
    """Return the code of a document's kind, such as `quyet-dinh`; None where none of the texts tells.

    Args:
        texts: number and symbol, name of the file, title or subject: the surest first.
    """
    return next((kind for text in texts if text and (kind := _kind(text))), None)


def kind_on_page(text: str) -> str | None:
    """Return the code of a document's kind by what its first page says: its number and symbol, else its title.

    The symbol is enough: the number is often shown by a signature, which is no text of the page. A title is a line
    all in capitals (Decree 30/2020, Appendix I); a kind that is named elsewhere is what the document is about.

    Args:
        text: of the page, from its top.
    """
    lines = [_SPACES.sub(" ", line).strip() for line in unicodedata.normalize("NFC", text).splitlines()]
    head = [line for line in lines if line][:_HEAD_LINES]
    for line in head:
        if found := _NUMBER_LINE.search(line):
            return _kind(f"1{found['written']}")
    return next((kind for line in head if (kind := _titled(line))), None)


def _titled(line: str) -> str | None:
    tokens = list(_tokens(line)) if line.isupper() else []
    return _name_at(tokens, 0)[1] if tokens and tokens[0].folded else None


def _kind(text: str) -> str | None:
    pieces = _PIECES.split(unicodedata.normalize("NFC", text[:_LONGEST]))
    # Where all is in capitals, an agency's abbreviation looks like any word.
    has_small = any(character.islower() for character in text.rsplit(".", 1)[0])
    return next((kind for piece in pieces if (kind := _kind_of_piece(list(_tokens(piece)), has_small))), None)


def _kind_of_piece(tokens: Sequence[_Token], has_small: bool) -> str | None:
    """Read from the left: what comes first is the document's own name, what follows is what it is about."""
    otherwise = None
    for position, token in enumerate(tokens):
        if token.symbol:
            return _symbol(token.symbol) or _LETTER
        is_name, kind = _name_at(tokens, position)
        if is_name:
            return kind
        kind = _short(tokens, position, has_small)
        if kind is not None:
            return kind
        is_agency = has_small and token.folded and len(token.written) > 1 and token.written.isupper()
        if is_agency and position and not tokens[position - 1].folded:
            otherwise = _LETTER
        if token.folded and not is_agency and token.folded not in _BEFORE:
            return otherwise
    return otherwise


def _symbol(written: str) -> str | None:
    return _MARKED.get(written.upper()) or _SYMBOLS.get(_folded(written).upper())


def _name_at(tokens: Sequence[_Token], position: int) -> tuple[bool, str | None]:
    """Tell whether a kind's name begins here, in words or written as one; and which."""
    for length in _WORDS:
        words = tuple(token.folded for token in tokens[position : position + length])
        if words in _NAMES:
            return True, _NAMES[words]
    word = tokens[position].folded
    if word[:_SHORTEST_JOINED] in _BEGINNINGS:
        found = [name for name in _JOINED if word.startswith(name)]
        if found:
            return True, _JOINED[max(found, key=len)]
    return False, None


def _short(tokens: Sequence[_Token], position: int, has_small: bool) -> str | None:
    """Return the kind whose symbol stands here with a number near it, or where a name begins."""
    token = tokens[position]
    kind = _symbol(token.written)
    if kind is None or not token.folded:
        return None
    near = tokens[max(position - 2, 0) : position + 3]
    if any(not other.folded and not other.symbol for other in near):
        return kind
    is_word = token.written.isupper() and has_small
    return kind if is_word and position == 0 and token.folded.upper() in _ALONE else None


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text.replace("_", " ")):
        symbol = found["symbol"] or found["party"] or ""
        if symbol:
            yield _Token(found[0], found[0], symbol)
        elif found["number"]:
            yield _Token(found[0])
        else:
            words = [found[0]] if _symbol(found[0]) else _HUMPS.split(found[0])
            yield from (_Token(word, _folded(word)) for word in words)


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(_MARKS)).lower()
