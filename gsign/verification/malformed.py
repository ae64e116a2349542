"""Where the data of a stream begins whose dictionary is malformed, for readers that read on.

Readers pass over what they cannot read in a dictionary, and only tell strings and comments apart from the rest. They go
on to the next `stream`, whatever else is there: `endobj` as a value, or an object that another number is listed for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gsign.syntax.pattern import lazily
from gsign.verification.styles import unescaped

__all__ = ["data_starts", "filters_named", "stream_keyword"]

_TOKEN: Final = lazily(
    rb"%[^\r\n]*+|(\()|<<|>>|<[^>]*+>?|/[^\x00\t\n\x0c\r ()<>\[\]{}/%]*+|[\[\]]|([^\x00\t\n\x0c\r ()<>\[\]{}/%]++)"
)
_IN_STRING: Final = lazily(rb"\\[\x00-\xff]|[()]")
_STREAM: Final = lazily(rb"(?<!end)stream")
_DATA_STARTS: Final = (
    lazily(rb""),
    lazily(rb"[\x00\t\x0c ]*+(?:\r\n|\r|\n)?+"),
    lazily(rb"[^\r\n]*+(?:\r\n|\r|\n)"),
    lazily(rb"[^\r\n]*+\r"),
)
_NAME: Final = lazily(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]*+)")
_FILTERS: Final = {
    "Fl": "FlateDecode", "AHx": "ASCIIHexDecode", "A85": "ASCII85Decode", "LZW": "LZWDecode", "RL": "RunLengthDecode",
    "DCT": "DCTDecode", "CCF": "CCITTFaxDecode",
}  # fmt: skip
_ALL_FILTERS: Final = frozenset({*_FILTERS.values(), "JPXDecode", "JBIG2Decode", "Crypt"})


def stream_keyword(text: bytes, at: int = 0) -> tuple[int, int] | None:
    """Return where the keyword begins and ends that some reader takes for the one of this object; None for no stream.

    Args:
        text: the file from where the object begins.
        at: behind its head.
    """
    depth = 0
    while (match := _TOKEN.search(text, at)) is not None:
        at = match.end()
        if match[1]:
            at = _behind_string(text, at)
        elif match[2] is None:
            depth += {b"<<": 1, b"[": 1, b">>": -1, b"]": -1}.get(match[0], 0)
        elif (keyword := _STREAM.search(match[2])) is not None:
            return match.start(2) + keyword.start(), match.start(2) + keyword.end()
        elif depth <= 0 and b"endobj" in match[2]:
            return None
    return None


def _behind_string(text: bytes, at: int) -> int:
    nesting = 1
    for match in _IN_STRING.finditer(text, at):
        nesting += {b"(": 1, b")": -1}.get(match[0], 0)
        if not nesting:
            return match.end()
    return len(text)


def data_starts(text: bytes, at: int) -> Iterator[int]:
    """Yield where the data begins for one reader or another, behind the keyword that ends at a place."""
    yield from sorted({match.end() for start in _DATA_STARTS if (match := start.match(text, at)) is not None})


def filters_named(text: bytes) -> list[str] | None:
    """Return the filters that a malformed dictionary names; None where that cannot be told."""
    names = [unescaped(name).decode("latin-1") for name in _NAME.findall(text)]
    found = [_FILTERS.get(name, name) for name in names]
    is_elsewhere = not {"DecodeParms", "DP", "F", "FFilter", "FDecodeParms"}.isdisjoint(names)
    named = [name for name in found if name in _ALL_FILTERS]
    is_unclear = is_elsewhere or (names.count("Filter") > len(named))
    return None if is_unclear else named
