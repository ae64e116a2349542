"""PDFium may run in one thread at a time, whoever asks it: finding places or judging what covers text."""

from __future__ import annotations

from threading import RLock
from typing import Final

__all__ = ["LOCK"]

LOCK: Final = RLock()
"""Held around every call into PDFium that may come from several threads of one process."""
