"""Where a PIN comes from, and what keeps it from leaking: never from argv, never into a core file."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from gsign.cli.output import say_warning, text
from gsign.cli.shared import Shared
from gsign.errors import TokenError
from gsign.token.memory import protect_memory

__all__ = ["pin_source", "protect_memory"]


def pin_source(
    shared: Shared, pin_file: Path | None, configured: Path | None, key: str | None
) -> str | Callable[[], str] | None:
    """Return the PIN, or a function that asks for it, or None where the key's own URI says where the PIN is.

    Args:
        shared: for the language of the question.
        pin_file: what `--pin-file` names; GSIGN_PIN_FILE comes next.
        configured: the configuration's `pin_file`, which comes after the URI's `pin-source`.
        key: the key's URI.

    Raises:
        TokenError: `pin-source-unreadable`.
    """
    from gsign.token.pin import read_pin_file

    chosen = pin_file or os.environ.get("GSIGN_PIN_FILE")
    if not chosen and key and ("pin-source=" in key or "pin-value=" in key):
        return None
    chosen = chosen or configured
    if not chosen:
        return lambda: _ask(shared)
    pin = read_pin_file(Path(chosen))
    _warn_if_open(shared, Path(chosen))
    return pin


def _warn_if_open(shared: Shared, file: Path) -> None:
    mode = file.stat().st_mode
    if stat.S_ISREG(mode) and mode & stat.S_IROTH:
        say_warning(shared, text(shared, "pin-file-open", file=file))


def _ask(shared: Shared) -> str:
    # Without a terminal getpass would read stdin, and echo.
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        raise TokenError("pin-not-given") from None
    import getpass

    return getpass.getpass(text(shared, "ask-pin"))
