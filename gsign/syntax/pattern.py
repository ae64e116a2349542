"""Regular expressions that are compiled when they are first used: most documents need few of those that odd ones do."""

from __future__ import annotations

import re
from typing import Any, cast

__all__ = ["lazily"]


def lazily(text: bytes) -> re.Pattern[bytes]:
    """Return what compiles a regular expression, which may take a millisecond, as soon as it is asked to match."""
    return cast("re.Pattern[bytes]", _Lazy(text))


class _Lazy:
    def __init__(self, text: bytes) -> None:
        self.pattern = text

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self.pattern), name)
        setattr(self, name, found)  # from now on found without asking here
        return found
