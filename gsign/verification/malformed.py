"""Where the data of a stream begins whose dictionary is malformed, for readers that read on.

Readers pass over what they cannot read in a dictionary, and only tell strings and comments apart from the rest. They go
on to the next `stream`, whatever else is there: `endobj` as a value, or an object that another number is listed for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gsign.syntax.content import OF_TEXT, words
from gsign.syntax.pattern import lazily
from gsign.verification.styles import unescaped

__all__ = ["data_starts", "filters_named", "stream_keyword"]

_STREAM: Final = lazily(rb"(?<!end)stream")
_DATA_STARTS: Final = (
    lazily(rb""),
    lazily(rb"[\x00\t\x0c ]*+(?:\r\n|\r|\n)?+"),
    lazily(rb"[^\r\n]*+(?:\r\n|\r|\n)"),
    lazily(rb"[^\r\n]*+\r"),
)
_NAME: Final = lazily(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]*+)")
_FILTERS: Final = OF_TEXT | {
    "FlateDecode", "Fl", "LZWDecode", "LZW", "RunLengthDecode", "RL", "DCTDecode", "DCT", "CCITTFaxDecode", "CCF",
    "JPXDecode", "JBIG2Decode", "Crypt",
}  # fmt: skip
_ELSEWHERE: Final = frozenset({"DecodeParms", "DP", "F", "FFilter", "FDecodeParms"})
"""Keys of what says where data are to be had, or how they are to be read beside their filters."""


def stream_keyword(text: bytes, at: int = 0) -> tuple[int, int] | None:
    """Return where the keyword begins and ends that some reader takes for the one of this object; None for no stream.

    Args:
        text: the file from where the object begins.
        at: behind its head.
    """
    for word, place, depth in words(text, at):
        if (keyword := _STREAM.search(word)) is not None:
            return place + keyword.start(), place + keyword.end()
        if depth <= 0 and b"endobj" in word:
            return None
    return None


def data_starts(text: bytes, at: int) -> Iterator[int]:
    """Yield where the data begins for one reader or another, behind the keyword that ends at a place."""
    yield from sorted({match.end() for start in _DATA_STARTS if (match := start.match(text, at)) is not None})


def filters_named(text: bytes) -> list[str] | None:
    """Return the filters that a malformed dictionary names; None where that cannot be told."""
    names = [unescaped(name).decode("latin-1") for name in _NAME.findall(text)]
    named = [name for name in names if name in _FILTERS]
    is_unclear = not _ELSEWHERE.isdisjoint(names) or names.count("Filter") > len(named)
    return None if is_unclear else named
