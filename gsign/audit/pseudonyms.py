"""Pseudonyms: what names a person is replaced before it is written down; only who holds a key can tell them again.

Of an address the local part goes and the domain stays, so that reports by agency remain true. The same name always has
the same pseudonym, so that its entries are found by who has the key and the name.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from gsign.errors import ConfigurationError

__all__ = ["Pseudonyms"]

_KEY_SIZE: Final = 32
_SIGN: Final = "p-"
"""What pseudonyms begin with, so that nobody takes them for names."""
_DIGITS: Final = 20
_REMEMBERED: Final = 4096
_QUOTED: Final = r'"(?:[^"\\]|\\.)*+"@[^\s<>()\[\],;:\\"]*'
_WORD: Final = r'[^\s<>()\[\],;:\\"]+'
_ADDRESS: Final = re.compile(f"{_QUOTED}|{_WORD}")
"""Whatever may be an address: a word, or a quoted string before an @ (RFC 5321 4.1.2)."""

_NAMES: Final = frozenset({"name", "by", "follows", "file", "key", "note", "title"})
"""Keys whose values name a person, or may: a document's title and the place of a key often do."""
_KINDS_OF_KEY: Final = ("token", "file")
_PUBLIC_IDENTIFIERS: Final = ("MST:", "MNS:")
"""Numbers of organisations, in certificates; those of persons are others."""


class Pseudonyms:
    """Replace what names persons, always by the same.

    Args:
        key: 32 octets; who has them can find a person's entries, and test who is meant by a pseudonym.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        # The same few people write to each other.
        self._of = lru_cache(maxsize=_REMEMBERED)(self._computed)

    @classmethod
    def at(cls, path: Path) -> Pseudonyms:
        """Take the key from a file, which is made where it is missing, for its owner alone to read.

        Several programs may begin at once: all take the key that was there first.

        Raises:
            ConfigurationError: `pseudonym-key-unusable`: it cannot be read, is none, or everybody may read it.
        """
        try:
            if not path.exists():
                _make(path)
            with path.open("rb") as file:
                is_open_to_all = os.fstat(file.fileno()).st_mode & 0o007
                key = bytes.fromhex(file.read(4 * _KEY_SIZE).decode("ascii"))
        except OSError as error:
            raise _unusable(path, os.strerror(error.errno or 0)) from error
        except ValueError as error:
            raise _unusable(path, "not-a-pseudonym-key") from error
        if len(key) != _KEY_SIZE:
            raise _unusable(path, "not-a-pseudonym-key")
        if is_open_to_all:
            raise _unusable(path, "readable-by-all")
        return cls(key)

    def of_text(self, text: str) -> str:
        """Replace every address in a text."""
        if "@" not in text:
            return text
        return _ADDRESS.sub(lambda match: self._of_token(match[0]), text)

    def of_name(self, name: str) -> str:
        """Return what stands for a name, a number or a title."""
        return self._of("name", " ".join(_folded(name).split()))

    def of_wanted(self, text: str) -> str:
        """Return what a person, whom somebody looks for, is called in the ledger."""
        replaced = self.of_text(text)
        return replaced if replaced != text else self.of_name(text)

    def of_body(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body of an entry without what names persons."""
        return {key: self._value(key, value) for key, value in body.items()}

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, str):
            return self._string(key, value)
        if isinstance(value, Mapping):
            return self.of_body(value)
        if isinstance(value, (list, tuple)):
            if key == "reasons":
                return [self._reason(one) for one in value]
            return [self._value(key, one) for one in value]
        return value

    def _string(self, key: str, value: str) -> str:
        if key in _NAMES:
            return self.of_name(value) if value and not (key == "key" and value in _KINDS_OF_KEY) else value
        if key == "identifiers":
            return self._identifier(value)
        if key == "path":
            return self._path(value)
        return self.of_text(value)

    def _reason(self, reason: Any) -> Any:
        """Replace what a reason of a decision names: its place in the message may hold the names of files."""
        if isinstance(reason, (list, tuple)) and len(reason) > 1:
            identifier, path, *details = reason
            return [identifier, self._value("path", path), *(self._value("details", one) for one in details)]
        return self._value("reason", reason)

    def _identifier(self, value: str) -> str:
        if value.startswith(_PUBLIC_IDENTIFIERS):
            return value
        kind, colon, number = value.partition(":")
        return f"{kind}:{self.of_name(number)}" if colon else self.of_name(value)

    def _path(self, value: str) -> str:
        return "/".join(step if step.isdigit() or not step else self.of_name(step) for step in value.split("/"))

    def _of_token(self, token: str) -> str:
        local, at, domain = token.rpartition("@")
        if not at or not local:
            return token
        return f"{self._of('address', _folded(token).rstrip('.'))}@{domain}"

    def _computed(self, purpose: str, text: str) -> str:
        # By name: the driver's own code does all of it then.
        digest = hmac.digest(self._key, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), "sha256")
        return _SIGN + digest.hex()[:_DIGITS]


def _folded(text: str) -> str:
    """Return what is the same however somebody writes it."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def _make(path: Path) -> None:
    """Make a key, whole or not at all; one that somebody else made meanwhile stays."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_SIZE).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unusable(path: Path, cause: str) -> ConfigurationError:
    return ConfigurationError("pseudonym-key-unusable", file=str(path), cause=cause)
