"""What the flags say that every command takes, and in which language it answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from gsign.config import Configuration

__all__ = ["FILE", "LANGUAGES", "AnyCallable", "Shared", "language", "language_of_locale"]

LANGUAGES = ("vi", "en")
AnyCallable = TypeVar("AnyCallable", bound=Callable[..., Any])

# Whether a file can be read is found out by whoever reads it, and said in the user's language.
FILE = click.Path(path_type=Path, readable=False)


class Shared:
    """What the shared flags say. `lang` is `vi` or `en`."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.json = False
        self.quiet = False
        self.verbose = False
        self.config: Path | None = None

    def configuration(self) -> Configuration:
        """Read the configuration that `--config` names, or the one that is found."""
        from gsign.config import load

        return load(self.config)


def language_of_locale() -> str:
    """Choose `vi` or `en` from the locale; `vi` where the locale says nothing (POSIX 8.2)."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((value for name in names if (value := os.environ.get(name))), "")
    language = locale.partition(".")[0]
    return "vi" if language in ("", "C", "POSIX") or language.startswith("vi") else "en"


def language(arguments: Sequence[str]) -> str:
    """Choose what `--lang` says, wherever it stands, since help is said before it is reached; else the locale's."""
    named = [word.removeprefix("--lang=") for word in arguments if word.startswith("--lang=")]
    named += [value for word, value in pairwise(arguments) if word == "--lang"]
    return next((name for name in named if name in LANGUAGES), "") or language_of_locale()
