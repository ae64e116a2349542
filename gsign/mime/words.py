"""Encoded words in header fields (RFC 2047), and names of character sets."""

from __future__ import annotations

import binascii
import re
from typing import Final

__all__ = ["decode_words", "to_text"]

_WORD: Final = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]{0,4000})\?=")
_BETWEEN: Final = re.compile(r"(\?=)[ \t\r\n]+(?==\?)")


def decode_words(text: str) -> str:
    """Return a field's text with its encoded words decoded; what is malformed stays as it is."""
    if "=?" not in text:
        return text
    # One character's octets may stand in two neighbouring words, against RFC 2047 clause 5: joined before decoding.
    decoded: list[str] = []
    octets, charset, at = b"", "", 0
    joined = _BETWEEN.sub(r"\1", text)
    for word in _WORD.finditer(joined):
        gap = joined[at : word.start()]
        if octets and (gap or word[1].lower() != charset):
            decoded.append(to_text(octets, charset))
            octets = b""
        decoded.append(gap)
        charset, at = word[1].lower(), word.end()
        octets += _octets(word[2].lower(), word[3])
    decoded.append(to_text(octets, charset) if octets else "")
    return "".join([*decoded, joined[at:]])


def to_text(octets: bytes, charset: str) -> str:
    """Decode octets; what the character set cannot mean, or one that is unknown, shows as replacement characters."""
    try:
        return octets.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):  # also what is no text encoding, or a name with a NUL
        return octets.decode("utf-8", "replace")


def _octets(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    if encoding == "q":
        return binascii.a2b_qp(raw, header=True)
    try:
        return binascii.a2b_base64(raw + b"==")
    except binascii.Error:
        return raw
