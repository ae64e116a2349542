"""Names of attached files: which ones a part gives, and which of them mislead who reads them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from gsign.mime.notes import Note

__all__ = ["is_deceptive", "judge_names", "suffix"]

# They turn the writing direction, so that `gpj.fdp` is shown as `pdf.jpg` (Unicode TR 36).
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE: Final = frozenset("\u00ad\u034f\u115f\u1160\u180e\u200b\u200c\u200d\u2060\u3164\ufeff")
_SHORT: Final = 200
"""Characters of a name that is remembered."""


def judge_names(names: Iterable[str]) -> list[Note]:
    """Name what is off with the names of one file."""
    names = list(names)
    if not names:
        return []
    notes = [Note("name-deceptive", name) for name in names if is_deceptive(name)]
    # What has no suffix opens as nothing else.
    if len({suffix(name) for name in names} - {""}) > 1:
        notes.append(Note("names-conflict", " | ".join(names)))
    return notes


def is_deceptive(name: str) -> bool:
    """Whether a name turns the writing direction, ends elsewhere for some, or does not show all of its end."""
    if name.isascii():
        return not name.isprintable()
    if any(c in _TURNING or unicodedata.category(c) == "Cc" for c in name):
        return True
    return not _INVISIBLE.isdisjoint(name.rpartition(".")[2])


def suffix(name: str) -> str:
    """Return what stands behind the last dot as a reader's system takes it: `pdf`; empty where there is none."""
    return _suffix_again(name) if len(name) <= _SHORT else _suffix(name)


def _suffix(name: str) -> str:
    stem, dot, end = unicodedata.normalize("NFKC", name).rstrip(" .").rpartition(".")
    return end.strip().casefold() if dot and stem and len(end) <= 10 else ""


# A name is looked at from several sides.
_suffix_again: Final = lru_cache(1 << 10)(_suffix)
