"""Lists of tags, in which signatures and published keys are written (RFC 6376 clause 3.2)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final

__all__ = ["TagError", "octets", "read_tags", "without_signature"]

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BLANKS: Final = " \t\r\n"
_SIGNATURE: Final = re.compile(rb"((?:\A|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")
_REMOVED: Final = str.maketrans("", "", _BLANKS)


class TagError(Exception):
    """A list cannot be read; the text says why."""


def read_tags(value: bytes) -> Mapping[str, str]:
    """Return tags by name, blanks around them taken away.

    Raises:
        TagError: it is no list of tags, or one is there twice: which one counts would be anybody's guess.
    """
    try:
        text = value.decode("utf-8").strip(_BLANKS)
    except UnicodeDecodeError:
        raise TagError("not UTF-8") from None
    found: dict[str, str] = {}
    for piece in text.removesuffix(";").split(";"):
        name, equals, content = piece.partition("=")
        name = name.strip(_BLANKS)
        if not equals or not _NAME.fullmatch(name) or name in found:
            raise TagError("not a list of tags")
        found[name] = content.strip(_BLANKS)
    return found


def octets(tags: Mapping[str, str], name: str) -> bytes:
    """Return what a tag holds in base64, which may be folded anywhere.

    Raises:
        TagError: it is missing, or not base64.
    """
    try:
        found = base64.b64decode(tags[name].translate(_REMOVED), validate=True)
    except (KeyError, binascii.Error, ValueError):
        raise TagError(f"{name}= is missing or not base64") from None
    if not found:
        raise TagError(f"{name}= is empty")
    return found


def without_signature(value: bytes) -> bytes:
    """Return a signature's own field as it was signed: with nothing in its tag `b` (RFC 6376 clause 3.7)."""
    return _SIGNATURE.sub(rb"\1", value, count=1)
