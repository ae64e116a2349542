"""What is found in a text, and how much of it."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["BLANKS", "MOST", "MOST_MARKUP", "Hidden", "TooManyError", "holds_text", "require_few"]

BLANKS: Final = b" \t\r\n\x0b\x0c"
MOST: Final = 1_000
"""Files of one kind in one text."""
MOST_MARKUP: Final = 8 << 20
"""Octets of markup in which characters are named by number, or of rich text."""

_PRINTED: Final = bytes(octet in BLANKS or 32 <= octet < 127 for octet in range(256))
_WORDS: Final = b"\1" * 24
"""What names a file that stands in a text, or its digits, is no shorter; what is packed has hardly ever so many."""


class TooManyError(ValueError):
    """A text holds more files of one kind than are looked at."""


class Hidden(NamedTuple):
    """A file found in text.

    Args:
        kind: how it stood there: `uuencode`, `yenc`, `data-uri`, `base64`, `hex`, `object`, `property`.
        name: what it is called, empty where it has no name.
        data: its octets.
        faults: what readers take differently about its encoding.
    """

    kind: str
    name: str
    data: bytes
    faults: tuple[str, ...] = ()

    @property
    def is_digits(self) -> bool:
        """Whether nothing but the digits themselves says that there is a file."""
        return self.kind in ("base64", "hex")


def holds_text(data: bytes) -> bool:
    """Whether a text may stand in this, such as one with a file in it: to look for each kind in turn takes longer."""
    return b"\0" not in data or _WORDS in data.translate(_PRINTED)


def require_few(count: int) -> None:
    """Hold a count against how many files of one kind anybody writes out in one text.

    Raises:
        TooManyError: there are more.
    """
    if count > MOST:
        raise TooManyError
