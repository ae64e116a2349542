"""Help in the user's language: what click writes, with each of its texts looked up in a table."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator

import click

from gsign.cli.output import print_result
from gsign.sentences.help import VIETNAMESE

__all__ = ["help_of", "print_help", "texts_of"]

_USUAL = 80
_EXTRA = re.compile(r"  \[(?P<words>[^\]]*)\]$")
"""What click adds to an option's help: a range, or that it is required."""


def print_help(ctx: click.Context) -> None:
    """Print the help of the command that a context is of.

    Raises:
        StdoutError: nobody reads it.
    """
    print_result(help_of(ctx, ctx.find_root().obj.lang))


def help_of(ctx: click.Context, lang: str) -> str:
    """Return the help of the command that a context is of, in `vi` or `en`."""
    formatter_class = _VietnameseFormatter if lang == "vi" else click.HelpFormatter
    formatter = formatter_class(width=ctx.terminal_width or _width(), max_width=ctx.max_content_width)
    ctx.command.format_help(ctx, formatter)
    return formatter.getvalue().rstrip("\n")


def _width() -> int:
    """Return how wide help is, as click has it: `shutil`, which it asks, brings compression of four kinds along."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        wide = int(columns)
    else:
        try:
            wide = os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL
        except (OSError, ValueError):
            wide = _USUAL
    return max(min(wide, _USUAL) - 2, 50)


def texts_of(command: click.Command) -> Iterator[str]:
    """Yield every text that the help of a command is made of, as the table has it."""
    yield from _paragraphs(command.help or "")
    for param in command.params:
        if isinstance(param, click.Option) and param.help:
            yield param.help


class _VietnameseFormatter(click.HelpFormatter):
    """Write what is given in English in Vietnamese; names of options and values stay what has to be typed."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the first line."""
        super().write_usage(prog, args, prefix="Cách dùng: ")

    def write_heading(self, heading: str) -> None:
        """Write the name of a section."""
        super().write_heading(_translated(heading))

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        super().write_text("\n\n".join(map(_translated, _paragraphs(text))))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of names and what they are."""
        super().write_dl([(name, _explained(text)) for name, text in rows], col_max, col_spacing)


def _explained(text: str) -> str:
    found = _EXTRA.search(text)
    if found is None:
        return _translated(text)
    return f"{_translated(text[: found.start()])}  [{_translated(found['words'])}]"


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph]


def _translated(text: str) -> str:
    return VIETNAMESE.get(text, text)
