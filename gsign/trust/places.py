"""Folders of the user's own (XDG Base Directory Specification).

What a person decided stands beside the configuration; what was fetched, and could not be fetched again later, beside
other data.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

__all__ = ["anchors_folder", "archive_folder", "certificates_folder"]

_PROGRAM: Final = "gsign"


def anchors_folder() -> Path | None:
    """Return the folder of certificates that the user confirmed; None for a user without a home."""
    return _below("XDG_CONFIG_HOME", ".config", "trust")


def certificates_folder() -> Path | None:
    """Return the folder of certificates that stand between; None for a user without a home."""
    return _below("XDG_DATA_HOME", ".local/share", "certificates")


def archive_folder() -> Path | None:
    """Return the folder of revocation lists; None for a user without a home."""
    return _below("XDG_DATA_HOME", ".local/share", "crl")


def _below(variable: str, default: str, name: str) -> Path | None:
    return _folder(os.environ.get(variable, ""), os.environ.get("HOME"), default, name)


@lru_cache(maxsize=32)  # asked for every document
def _folder(base: str, _home: str | None, default: str, name: str) -> Path | None:
    if os.path.isabs(base):  # noqa: PTH117 - a relative one is to be ignored, says the specification
        return Path(base, _PROGRAM, name)
    try:
        return Path.home() / default / _PROGRAM / name
    except RuntimeError:
        return None
