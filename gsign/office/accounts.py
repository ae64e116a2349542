"""Accounts that may submit mail: a file of `name:argon2-hash`, a line each; the name is the sender's address."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gsign.errors import ConfigurationError

__all__ = ["Accounts"]

# Verified against where the name is unknown, so that names cannot be told from the time that an answer takes.
_NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"


class Accounts:
    """Look at names and passwords.

    Args:
        path: the file.

    Raises:
        ConfigurationError: `accounts-unreadable`, `accounts-line`.
    """

    def __init__(self, path: Path) -> None:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise ConfigurationError("accounts-unreadable", file=str(path), cause=error.strerror) from error
        except UnicodeDecodeError as error:
            raise ConfigurationError("accounts-unreadable", file=str(path), cause="UTF-8") from error
        self._hashes: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            name, colon, hashed = line.strip().partition(":")
            if not name or name.startswith("#"):
                continue
            if not colon or not hashed.startswith("$argon2"):
                raise ConfigurationError("accounts-line", file=str(path), line=number)
            self._hashes[name.lower()] = hashed

    def identity(self, name: str, password: str) -> str | None:
        """Return the account's address where the password is right; None otherwise."""
        from argon2 import PasswordHasher
        from argon2.exceptions import Argon2Error, InvalidHashError

        try:
            known = self._hashes.get(name.lower())
            PasswordHasher().verify(known or _NOBODY, password)
        except (Argon2Error, InvalidHashError):
            return None
        return name.lower() if known else None
