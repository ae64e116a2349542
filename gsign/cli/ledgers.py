"""Which ledger a command is about, and how far it has come with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gsign.cli.output import text
from gsign.cli.shared import Shared
from gsign.errors import ConfigurationError

__all__ = ["is_ledger", "ledger", "progress", "station_of", "url_of"]

_SQLITE = b"SQLite format 3\0"

ledger = click.option("--ledger", metavar="URL|FILE", help="The ledger (default: ledger.url of gsign.toml).")


def url_of(shared: Shared, given: str | None) -> str:
    """Return the URL of the ledger that is named, else of the configured one.

    Raises:
        ConfigurationError: `ledger-not-configured`.
    """
    if given is not None:
        return given if given.startswith(("sqlite:", "postgresql:")) else f"sqlite:///{Path(given).absolute()}"
    configured = shared.configuration().ledger
    if configured is None:
        raise ConfigurationError("ledger-not-configured")
    return configured.url


def station_of(shared: Shared) -> str | None:
    """Return this machine's name in the ledger, where the configuration has one."""
    configured = shared.configuration().ledger
    return configured.station if configured else None


def is_ledger(path: Path) -> bool:
    """Tell whether a file is a ledger itself rather than an export of one."""
    try:
        with open(path, "rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


@contextmanager
def progress(shared: Shared) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many entries have been dealt with."""
    if shared.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    yield lambda count: print(f"\r{text(shared, 'ledger-progress', count=count)}", end="", file=sys.stderr, flush=True)
    print("\r\033[K", end="", file=sys.stderr, flush=True)
