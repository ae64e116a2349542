"""Flags that every command takes, before or after its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from gsign.cli.shared import FILE, LANGUAGES, AnyCallable

__all__ = ["shared_options"]


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
