"""Groups of commands: with whole sentences in their help; imported when they are called, where there are many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import click

__all__ = ["Group", "LazyGroup"]


class Group(click.Group):
    """Commands whose lines in the group's help are whole: click cuts them, and what is cut cannot be looked up."""

    def lines(self) -> list[tuple[str, str]]:
        """Name the commands, and say what each does."""
        return [(name, (command.help or "").partition("\n\n")[0]) for name, command in self.commands.items()]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, " ".join(line.split())) for name, line in self.lines()])


class LazyGroup(Group):
    """Commands that are imported when they are called, so that a start loads nothing else."""

    table: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Name → where it is (`module:attribute`), and what it does in a line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Import a command.

        Raises:
            click.NoSuchCommand: there is none of that name.
        """
        if cmd_name not in self.table:
            raise click.NoSuchCommand(cmd_name, possibilities=self.table, ctx=ctx)
        from importlib import import_module

        module, _, name = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def lines(self) -> list[tuple[str, str]]:
        """Name the commands, and say what each does, without importing them."""
        return [(name, line) for name, (_, line) in self.table.items()]
