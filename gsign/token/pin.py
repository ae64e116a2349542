"""PINs: kept out of sight, asked for once, never sent again once refused."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import unquote

from gsign.errors import TokenError

__all__ = ["Pin", "PinInput", "ask", "read_pin_file"]

PinInput = str | Callable[[], str | None] | None

_LONGEST: Final = 1024
_KEY: Final = os.urandom(32)


class Pin:
    """A PIN that shows itself to nobody who does not ask for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the PIN, for the frame that carries it to the driver's process."""
        return self._value

    def mark(self) -> bytes:
        """Return what tells a refused PIN again without keeping it; useless outside this process."""
        return hmac.digest(_KEY, self._value.encode("utf-8", "surrogateescape"), hashlib.sha256)

    def __repr__(self) -> str:
        return "<PIN>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a PIN is not pickled")


def ask(pin: PinInput, token: str, source: str | None, value: str | None) -> Pin | None:
    """Get the PIN from the caller, else from the URI's `pin-source` or `pin-value` (RFC 7512 2.4); None where none is.

    Args:
        pin: the PIN, or what asks for it; called once.
        token: name of the token, for the error.
        source: the URI's `pin-source`: a `file:` URI or a path.
        value: the URI's `pin-value`.

    Raises:
        TokenError: `pin-source-unreadable`, or `pin-cancelled` where the person gave none.
    """
    if isinstance(pin, str):
        return Pin(pin)
    if pin is not None:
        answer = pin()
        if not answer:
            raise TokenError("pin-cancelled", token=token)
        return Pin(answer)
    if source is not None:
        return Pin(read_pin_file(_path_of(source)))
    return Pin(value) if value is not None else None


def _path_of(source: str) -> Path:
    if source.startswith("|"):
        # A program named in a URI is not run: the URI may come from somebody else.
        raise TokenError("pin-source-unreadable", path=source, detail="a program")
    return (
        Path(unquote(source.removeprefix("file:").removeprefix("//"))) if source.startswith("file:") else Path(source)
    )


def read_pin_file(path: Path | str) -> str:
    """Read a PIN from the first line of a file.

    Raises:
        TokenError: `pin-source-unreadable` where the file cannot be read or holds none.
    """
    try:
        with open(path, encoding="utf-8") as file:
            pin = file.readline(_LONGEST).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        detail = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise TokenError("pin-source-unreadable", path=str(path), detail=detail) from None
    if not pin:
        raise TokenError("pin-source-unreadable", path=str(path), detail="empty")
    return pin
