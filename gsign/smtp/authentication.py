"""What a client says to log in: the mechanisms PLAIN (RFC 4616) and LOGIN."""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple

__all__ = ["Credentials", "Exchange", "ExchangeError"]


class ExchangeError(ValueError):
    """The mechanism is unknown, or a response is malformed."""


class Credentials(NamedTuple):
    """A name and a password."""

    name: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(name={self.name!r}, password=…)"


class Exchange:
    """Collect a client's responses until there are a name and a password.

    Args:
        mechanism: `PLAIN` or `LOGIN`.

    Raises:
        ExchangeError: it is neither.
    """

    def __init__(self, mechanism: str) -> None:
        if mechanism not in ("PLAIN", "LOGIN"):
            raise ExchangeError("unknown mechanism")
        self._mechanism = mechanism
        self._name: str | None = None

    def challenge(self) -> str:
        """Return what the client is asked for, in base64."""
        if self._mechanism == "PLAIN":
            return ""
        return base64.b64encode(b"Username:" if self._name is None else b"Password:").decode()

    def take(self, response: bytes) -> Credentials | None:
        """Take a response in base64; None where another one is needed.

        Raises:
            ExchangeError: it is malformed.
        """
        try:
            text = base64.b64decode(b"" if response == b"=" else response, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise ExchangeError("no base64 of UTF-8") from None
        if self._mechanism == "PLAIN":
            return self._plain(text)
        if self._name is None:
            self._name = text
            return None
        return Credentials(self._name, text)

    def _plain(self, text: str) -> Credentials:
        parts = text.split("\0")
        # Whoever logs in acts in no other's name.
        if len(parts) != 3 or not parts[1] or parts[0] not in ("", parts[1]):
            raise ExchangeError("not authzid NUL authcid NUL password")
        return Credentials(parts[1], parts[2])
