"""PKCS#11 URIs (RFC 7512): read, write, and compare with tokens and objects."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import quote_from_bytes, unquote_to_bytes

from gsign.errors import UsageError

__all__ = ["TokenUri", "same_text"]

_SCHEME: Final = "pkcs11:"
_PATH: Final = (
    "token",
    "manufacturer",
    "serial",
    "model",
    "library-manufacturer",
    "library-version",
    "library-description",
    "object",
    "type",
    "id",
    "slot-manufacturer",
    "slot-description",
    "slot-id",
)
_QUERY: Final = ("pin-source", "pin-value", "module-name", "module-path")
_TYPES: Final = ("public", "private", "cert", "secret-key", "data")
# RFC 7512 2.3: what may stand unescaped in a path attribute, beside the unreserved characters.
_SAFE_PATH: Final = ":[]@!$'()*+,=&"
_SAFE_QUERY: Final = ":[]@!$'()*+,=/?|"
_HEX: Final = "0123456789abcdefABCDEF"
_SECRET: Final = "pin-value"  # noqa: S105  # the attribute's name, no password


class TokenUri(NamedTuple):
    """What a URI asks for; an empty one asks for anything.

    `path` and `query` hold decoded text by attribute; `id` is octets.
    """

    path: Mapping[str, str] = MappingProxyType({})
    id: bytes | None = None
    query: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        return f"<TokenUri {self}>"

    @classmethod
    def parse(cls, text: str) -> TokenUri:
        """Read a URI.

        Raises:
            UsageError: `uri-invalid`, naming the fault. The URI itself is not repeated: it may hold a PIN.
        """
        if not text[: len(_SCHEME)].lower() == _SCHEME:
            raise _invalid("pkcs11:")
        path_text, _, query_text = text[len(_SCHEME) :].partition("?")
        path = _attributes(path_text, ";", _PATH)
        query = _attributes(query_text, "&", _QUERY)
        identifier = path.pop("id", None)
        words = {name: _word(name, value) for name, value in path.items()}
        if words.get("type", "private") not in _TYPES:
            raise _invalid("type")
        if not words.get("slot-id", "0").isascii() or not words.get("slot-id", "0").isdigit():
            raise _invalid("slot-id")
        return cls(words, identifier, {name: _word(name, value) for name, value in query.items()})

    def __str__(self) -> str:
        """Write the URI without a PIN."""
        parts = [f"{name}={_quote(self.path[name].encode(), _SAFE_PATH)}" for name in _PATH if name in self.path]
        if self.id is not None:
            # RFC 7512 2.3: every octet of an identifier is escaped.
            parts.append("id=" + "".join(f"%{octet:02X}" for octet in self.id))
        asked = [
            f"{name}={_quote(self.query[name].encode(), _SAFE_QUERY)}"
            for name in _QUERY
            if name in self.query and name != _SECRET
        ]
        return _SCHEME + ";".join(parts) + ("?" + "&".join(asked) if asked else "")

    def is_for_token(self, facts: Mapping[str, object]) -> bool:
        """Tell whether a token, its slot and its library are those asked for.

        Args:
            facts: what the driver says, by `label`, `serial`, `manufacturer`, `model`, `slot`, `slot_description`,
                `slot_manufacturer`, `library_description`, `library_manufacturer` and `library_version`.
        """
        names = {"token": "label", "slot-id": "slot"}
        return all(
            same_text(self.path[name], str(facts.get(names.get(name, name.replace("-", "_")), "")))
            for name in _PATH
            if name in self.path and name not in ("object", "type")
        )


def same_text(one: str, other: str) -> bool:
    """Compare labels as people see them: padding aside, composed and decomposed letters alike."""
    return _normal(one) == _normal(other)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text.split("\0", 1)[0].rstrip())


def _invalid(what: str) -> UsageError:
    return UsageError("uri-invalid", attribute=what)


def _attributes(text: str, separator: str, known: tuple[str, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        name = name.strip()
        if known is _QUERY and name not in known:
            continue  # RFC 7512 2.4: attributes of other vendors
        if not equals or name not in known or name in found or not _well_escaped(value):
            raise _invalid(name or "=")
        found[name] = unquote_to_bytes(value.strip())
    return found


def _well_escaped(value: str) -> bool:
    return all(len(piece) >= 2 and piece[0] in _HEX and piece[1] in _HEX for piece in value.split("%")[1:])


def _word(name: str, value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise _invalid(name) from None


def _quote(value: bytes, safe: str) -> str:
    return quote_from_bytes(value, safe=safe)
