"""Header fields in letters written as ASCII (RFC 2047): the copies that a detached signature covers have to be 7-bit.

The same value is always written in the same way, so that whoever verifies can tell whether a copy is that of a field.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final

from gsign.mime.fields import Field

__all__ = ["encoded_field", "encoded_value"]

# Fields whose values hold addresses, in which only names may be encoded.
_ADDRESSES: Final = frozenset(("from", "sender", "reply-to", "to", "cc", "disposition-notification-to"))
_OCTETS: Final = 45
"""What one encoded word holds, so that it is no longer than 75 characters."""
_LINE: Final = 76
_PIECES: Final = re.compile(
    r'(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<address><[^<>]*>)|(?P<comma>[,;:])|(?P<words>[^"<>,;:]+)'
)


def encoded_value(key: str, text: str) -> str | None:
    """Write a field's value as ASCII.

    Args:
        key: the field's name in lower case.
        text: its value on one line.

    Returns:
        None where that cannot be done: an address in letters, or words that were encoded already beside letters.
    """
    text = " ".join(text.split())
    if text.isascii():
        return text
    if "=?" in text:
        return None
    return _addresses(text) if key in _ADDRESSES else _words(text)


def encoded_field(field: Field) -> bytes | None:
    """Write a whole field as ASCII, folded, with its end of line; None as for `encoded_value`."""
    try:
        field.value.decode("utf-8")
    except UnicodeDecodeError:
        return None
    value = encoded_value(field.key, field.text)
    return None if value is None else "".join(_folded(f"{field.name}:", value.split(" "))).encode("ascii")


def _folded(line: str, words: list[str]) -> Iterator[str]:
    for word in words:
        if len(line) + 1 + len(word) > _LINE and line.strip():
            yield line + "\r\n"
            line = ""
        line += " " + word
    yield line + "\r\n"


def _addresses(text: str) -> str | None:
    """Encode the names beside the addresses."""
    written: list[str] = []
    for piece in _PIECES.finditer(text):
        octets = piece[0]
        if octets.isascii():
            written.append(octets.strip())
        elif piece.lastgroup == "quoted":
            written.append(_words(re.sub(r"\\(.)", r"\1", octets[1:-1])))
        elif piece.lastgroup == "words" and "@" not in octets:
            written.append(_words(octets.strip()))
        else:
            return None
    if sum(len(piece[0]) for piece in _PIECES.finditer(text)) != len(text):
        return None
    return " ".join(filter(None, written)).replace(" ,", ",")


def _words(text: str) -> str:
    """Encode from the first word in letters to the last one; what stands around them stays readable."""
    words = text.split()
    odd = [number for number, word in enumerate(words) if not word.isascii()]
    first, last = odd[0], odd[-1] + 1
    return " ".join((*words[:first], *_encoded(" ".join(words[first:last])), *words[last:]))


def _encoded(text: str) -> Iterator[str]:
    octets = b""
    for character in text:
        more = character.encode()
        if len(octets) + len(more) > _OCTETS:
            yield _encoded_word(octets)
            octets = b""
        octets += more
    yield _encoded_word(octets)


def _encoded_word(octets: bytes) -> str:
    return f"=?utf-8?B?{base64.b64encode(octets).decode('ascii')}?="
