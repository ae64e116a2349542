"""What a trusted peer says of the client that it speaks for: XFORWARD, as Postfix has it."""

from __future__ import annotations

import re
from typing import Final

from gsign.smtp.commands import CommandError

__all__ = ["ATTRIBUTES", "read_attributes"]

ATTRIBUTES: Final = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE")
_ATTRIBUTE: Final = re.compile(r"([A-Za-z]+)=((?:[!-*,-<>-~]|\+[0-9A-Fa-f]{2})+)")
_XTEXT: Final = re.compile(r"\+([0-9A-Fa-f]{2})")
_UNKNOWN: Final = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")


def read_attributes(argument: str) -> dict[str, str]:
    """Read `NAME=value …`; what is not known at the other end is left out.

    Raises:
        CommandError: an attribute is malformed or unknown.
    """
    found = {}
    for word in argument.split():
        match = _ATTRIBUTE.fullmatch(word)
        if match is None or match[1].upper() not in ATTRIBUTES:
            raise CommandError(501, "5.5.4", "attribute is malformed")
        value = _XTEXT.sub(lambda octet: chr(int(octet[1], 16)), match[2])
        if value.upper() not in _UNKNOWN:
            found[match[1].upper()] = value
    return found
