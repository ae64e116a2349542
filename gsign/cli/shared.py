"""Flags that every command takes, before or after its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from gsign.config import Configuration

__all__ = ["FILE", "Shared", "language", "language_of_locale", "shared_options"]

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


def _store(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    # The same flag may stand before the command's name: not given here does not undo it.
    if value not in (None, False):
        setattr(ctx.find_root().obj, str(param.name), value)


def _flag(*names: str, **settings: Any) -> Callable[[AnyCallable], AnyCallable]:
    return click.option(*names, expose_value=False, callback=_store, **settings)


def _print_help(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from gsign.cli.helping import print_help

        print_help(ctx)
        ctx.exit()


def shared_options(function: AnyCallable) -> AnyCallable:
    """Add the shared flags to a command or group."""
    flags = (
        # Eager: another flag may be wrong, and that is said in this language.
        _flag("--lang", type=click.Choice(LANGUAGES), is_eager=True, help="Language (default: the locale's)."),
        _flag("--json", is_flag=True, help="Print one JSON object per line."),
        _flag("-q", "--quiet", is_flag=True, help="Print errors only."),
        _flag("-v", "--verbose", is_flag=True, help="Say more about an internal error."),
        _flag("--config", type=FILE, metavar="FILE", help="Configuration (default: gsign.toml)."),
        click.option(
            "-h",
            "--help",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_help,
            help="Show this message and exit.",
        ),
    )
    for flag in reversed(flags):
        function = flag(function)
    return function
