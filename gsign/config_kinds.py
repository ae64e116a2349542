"""Kinds of values in gsign.toml: each takes what TOML gave and returns what the program uses, or says what is off."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from gsign.errors import ConfigurationError

__all__ = [
    "Kind",
    "Place",
    "address",
    "choice",
    "choices",
    "count",
    "digests",
    "domain",
    "is_url",
    "key_place",
    "ledger_url",
    "networks",
    "numeric_address",
    "octets",
    "path",
    "paths",
    "patterns",
    "seconds",
    "sources",
    "table",
    "tables",
    "text",
    "texts",
    "truth",
    "urls",
]


class Place(NamedTuple):
    """A key in a file, for what an error says and for what a relative path is relative to."""

    file: Path
    key: str

    def at(self, name: str) -> Place:
        """Return the place of a key in this table."""
        return Place(self.file, f"{self.key}.{name}" if self.key else name)

    def nth(self, number: int) -> Place:
        """Return the place of the nth table of an array, counted from 1."""
        return Place(self.file, f"{self.key}[{number}]")

    def unknown(self, known: Iterable[str]) -> ConfigurationError:
        """Say that the key is unknown, and name the nearest known one."""
        from difflib import get_close_matches

        name = self.key.rpartition(".")[2]
        known = sorted(known)
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        if near:
            return ConfigurationError("config-unknown-key", file=str(self.file), key=self.key, nearest=near[0])
        return ConfigurationError("config-unknown-key-far", file=str(self.file), key=self.key, known=", ".join(known))

    def missing(self) -> ConfigurationError:
        """Say that the key must be there."""
        return ConfigurationError("config-missing-key", file=str(self.file), key=self.key)

    def wrong(self, expected: str) -> ConfigurationError:
        """Say what the value should be. It is not repeated itself: it may be a secret in the wrong place."""
        return ConfigurationError("config-wrong-value", file=str(self.file), key=self.key, expected=expected)


Kind: TypeAlias = Callable[[Any, Place], Any]

# Compiled when a file has such a value, which those who only sign have not.
_ADDRESS = r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})"
_DOMAIN = r"([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_PATTERN = rf"(?i:\*|(\*\.)?{_DOMAIN}|[^\s@*]+@{_DOMAIN})"


def text(value: Any, place: Place) -> str:
    """Take a string that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise place.wrong('"…"')
    return value


def texts(value: Any, place: Place) -> tuple[str, ...]:
    """Take an array of strings."""
    if not isinstance(value, list):
        raise place.wrong('["…"]')
    return tuple(text(item, place.nth(i)) for i, item in enumerate(value, 1))


def path(value: Any, place: Place) -> Path:
    """Take a path; a relative one is relative to the file's folder."""
    return place.file.parent / Path(text(value, place)).expanduser()


def paths(value: Any, place: Place) -> tuple[Path, ...]:
    """Take an array of paths."""
    return tuple(path(item, place) for item in texts(value, place))


def key_place(value: Any, place: Place) -> str:
    """Take a `pkcs11:` URI, or the path of a PKCS#12 file."""
    return value if text(value, place).startswith("pkcs11:") else str(path(value, place))


def sources(value: Any, place: Place) -> tuple[str, ...]:
    """Take an array of paths and LDAP URLs."""
    named = texts(value, place)
    return tuple(one if re.match(r"ldaps?://", one, re.IGNORECASE) else str(path(one, place)) for one in named)


def urls(value: Any, place: Place) -> tuple[str, ...]:
    """Take an array of http and https URLs."""
    found = texts(value, place)
    for i, url in enumerate(found, 1):
        if not is_url(url):
            raise place.nth(i).wrong('"http://…" | "https://…"')
    return found


def is_url(text: str) -> bool:
    """Tell whether a text is an http or https URL."""
    return bool(re.fullmatch(r"https?://[^/\s]\S*", text))


def address(value: Any, place: Place) -> str:
    """Take host:port."""
    match = re.fullmatch(_ADDRESS, text(value, place))
    if not match or not 0 <= int(match[2]) < 65536:
        raise place.wrong('"127.0.0.1:10025"')
    return match[0]


def numeric_address(value: Any, place: Place) -> str:
    """Take host:port where the host is an IP address."""
    import ipaddress

    try:
        ipaddress.ip_address(address(value, place).rpartition(":")[0].strip("[]"))
    except ValueError:
        raise place.wrong('"127.0.0.1:53"') from None
    return str(value)


def domain(value: Any, place: Place) -> str:
    """Take a domain name."""
    if not re.fullmatch(rf"(?i:{_DOMAIN})", text(value, place)):
        raise place.wrong('"example.gov.vn"')
    return str(value).lower()


def digests(value: Any, place: Place) -> tuple[str, ...]:
    """Take an array of SHA-256 digests in hexadecimal digits, as programs print them."""
    found = tuple(re.sub(r"(?i)^sha256|[:=\s]", "", item).lower() for item in texts(value, place))
    for i, digest in enumerate(found, 1):
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise place.nth(i).wrong('"AB:CD:…" (SHA-256)')
    return found


def networks(value: Any, place: Place) -> tuple[str, ...]:
    """Take an array of networks in CIDR form."""
    import ipaddress

    found = texts(value, place)
    for i, network in enumerate(found, 1):
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise place.nth(i).wrong('"127.0.0.0/8"') from error
    return found


def ledger_url(value: Any, place: Place) -> str:
    """Take the URL of a ledger; a relative path in it is relative to the file's folder."""
    if text(value, place).startswith("sqlite:///"):
        return f"sqlite:///{path(value.removeprefix('sqlite:///'), place)}"
    if not value.startswith("postgresql://"):
        raise place.wrong('"sqlite:///…" | "postgresql://…"')
    return str(value)


def patterns(value: Any, place: Place) -> tuple[str, ...]:
    """Take patterns of addresses: `*`, a domain, `*.domain`, or an address."""
    found = texts(value, place)
    for i, pattern in enumerate(found, 1):
        if not re.fullmatch(_PATTERN, pattern):
            raise place.nth(i).wrong('"*" | "example.gov.vn" | "*.example.gov.vn" | "a@example.gov.vn"')
    return tuple(pattern.lower() for pattern in found)


def _whole(unit: str) -> Kind:
    def read(value: Any, place: Place) -> int:
        # TOML's true is Python's True, which is an int.
        if type(value) is not int or value < 1:
            raise place.wrong(unit)
        return value

    return read


seconds = _whole("1, 2, 3, … (s)")
octets = _whole("1, 2, 3, … (B)")
count = _whole("1, 2, 3, …")


def truth(value: Any, place: Place) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise place.wrong("true | false")
    return value


def choice(*allowed: str) -> Kind:
    """Make a kind that takes one of the words."""

    def read(value: Any, place: Place) -> str:
        if value not in allowed:
            raise place.wrong(" | ".join(f'"{word}"' for word in allowed))
        return str(value)

    return read


def choices(*allowed: str) -> Kind:
    """Make a kind that takes an array of the words."""
    one = choice(*allowed)

    def read(value: Any, place: Place) -> tuple[str, ...]:
        return tuple(one(item, place.nth(i)) for i, item in enumerate(texts(value, place), 1))

    return read


def table(value: Any, place: Place) -> dict[str, Any]:
    """Take a table."""
    if not isinstance(value, dict):
        raise place.wrong(f"[{place.key}]")
    return value


def tables(value: Any, place: Place) -> list[dict[str, Any]]:
    """Take an array of tables."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise place.wrong(f"[[{place.key}]]")
    return value
