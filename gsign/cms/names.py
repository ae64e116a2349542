"""Distinguished names: read, compared (RFC 5280 7.1) and written (RFC 4514).

Two names are equal when their normal forms are: string types, letter case and runs of white space do not count, since
issuers in the field write the same name as PrintableString here and UTF8String there. A name alone never gives trust;
the signature does.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from gsign import der

__all__ = ["COMMON_NAME", "COUNTRY", "EMAIL", "ORGANISATION", "UNIT", "USER_ID", "Name", "parse_name", "rfc4514"]

COMMON_NAME: Final = "2.5.4.3"
COUNTRY: Final = "2.5.4.6"
ORGANISATION: Final = "2.5.4.10"
UNIT: Final = "2.5.4.11"
USER_ID: Final = "0.9.2342.19200300.100.1.1"
EMAIL: Final = "1.2.840.113549.1.9.1"

_SHORT: Final = {
    COMMON_NAME: "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    COUNTRY: "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    ORGANISATION: "O",
    UNIT: "OU",
    "2.5.4.12": "title",
    "2.5.4.42": "givenName",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.25": "DC",
    USER_ID: "UID",
    EMAIL: "E",
}
_ENCODINGS: Final = {
    0x0C: "utf-8",
    0x12: "ascii",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1E: "utf-16-be",
    0x1C: "utf-32-be",
}
_ESCAPED: Final = frozenset('"+,;<>\\')


class Name:
    """One distinguished name."""

    __slots__ = ("normal", "raw", "rdns")

    def __init__(self, raw: bytes, rdns: tuple[tuple[tuple[str, str], ...], ...]) -> None:
        self.raw = raw
        self.rdns = rdns
        self.normal = tuple(tuple(sorted((oid, _fold(text)) for oid, text in rdn)) for rdn in rdns)
        """What two equal names have in common; hashable."""

    def values(self, oid: str) -> tuple[str, ...]:
        """Return all values of an attribute, in the order of the name."""
        return tuple(text for rdn in self.rdns for kind, text in rdn if kind == oid and text)

    def first(self, oid: str) -> str | None:
        """Return the first value of an attribute."""
        for rdn in self.rdns:
            for kind, text in rdn:
                if kind == oid and text:
                    return text
        return None

    def __str__(self) -> str:
        return rfc4514(self)


@lru_cache(maxsize=4096)
def parse_name(raw: bytes) -> Name:
    """Read a DER Name.

    Raises:
        gsign.der.DerError: malformed.
    """
    root = der.parse(raw).expect(der.SEQUENCE)
    return Name(
        raw, tuple(tuple(_attribute(node) for node in rdn.expect(der.SET).children()) for rdn in root.children())
    )


def rfc4514(name: Name) -> str:
    """Write a name as RFC 4514 wants it: last component first."""
    return ",".join(
        "+".join(f"{_SHORT.get(oid, oid)}={_escape(text)}" for oid, text in rdn) for rdn in reversed(name.rdns)
    )


def _attribute(node: der.Node) -> tuple[str, str]:
    kind, value = node.expect(der.SEQUENCE).children()
    encoding = _ENCODINGS.get(value.tag)
    if encoding is None:
        return kind.oid(), "#" + value.raw.hex()
    return kind.oid(), value.content.decode(encoding, "replace")


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _escape(text: str) -> str:
    escaped = "".join("\\" + c if c in _ESCAPED else "\\00" if c == "\0" else c for c in text)
    if escaped.startswith(("#", " ")):
        escaped = "\\" + escaped
    if escaped.endswith(" ") and not escaped.endswith("\\ "):
        escaped = escaped[:-1] + "\\ "
    return escaped
