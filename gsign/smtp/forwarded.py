"""What a trusted peer says of the client that it speaks for: XFORWARD, as Postfix has it."""

from __future__ import annotations

import re
from typing import Final

from gsign.smtp.commands import CommandError

__all__ = ["ATTRIBUTES", "with_attributes"]

ATTRIBUTES: Final = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")
_ATTRIBUTE: Final = re.compile(r"([A-Za-z]+)=((?:[!-*,-<>-~]|\+[0-9A-Fa-f]{2})+)")
_VALUE: Final = 255
"""Octets of a value, as in Postfix: all of them together are no longer than a command may be."""


def with_attributes(known: str, argument: str) -> str:
    """Add `NAME=value …` to what was said before, of which the last word holds; what may go on to another server.

    Raises:
        CommandError: an attribute is malformed, unknown or too long.
    """
    found = dict(word.split("=") for word in known.split())
    for word in filter(None, argument.split(" ")):
        match = _ATTRIBUTE.fullmatch(word)
        if match is None or match[1].upper() not in ATTRIBUTES or len(match[2]) > _VALUE:
            raise CommandError(501, "5.5.4", "attribute is malformed")
        found[match[1].upper()] = match[2]
    return " ".join(f"{name}={value}" for name, value in found.items())
