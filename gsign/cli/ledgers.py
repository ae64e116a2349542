"""Which ledger a command is about, and how far it has come with it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gsign.cli.output import text
from gsign.cli.shared import Shared
from gsign.errors import ConfigurationError
from gsign.result import shown_time

if TYPE_CHECKING:
    from gsign.audit.ledger import Ledger
    from gsign.audit.searching import Wanted

__all__ = [
    "as_written",
    "is_ledger",
    "ledger",
    "opened",
    "progress",
    "shown",
    "station_of",
    "url_of",
    "word",
]

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


def opened(shared: Shared, given: str | None) -> Ledger:
    """Open the ledger that is named, else the configured one, to be written to.

    Raises:
        ConfigurationError: `ledger-not-configured`, `pseudonym-key-unusable`.
        TemporaryError: `ledger-unwritable`.
    """
    from gsign.audit.ledger import Ledger
    from gsign.recording.opening import open_ledger

    configured = shared.configuration().ledger
    if given is None and configured is not None:
        return open_ledger(configured)
    return Ledger(url_of(shared, given), station=station_of(shared))


def as_written(shared: Shared, wanted: Wanted) -> Wanted:
    """Return what is looked for as the ledger has it: with pseudonyms in place of names, where it has some.

    A whole name or address is needed then: of a part nobody can tell what it became.
    """
    from gsign.recording.opening import pseudonyms_of

    configured = shared.configuration().ledger
    pseudonyms = pseudonyms_of(configured) if configured else None
    if pseudonyms is None:
        return wanted
    signer, address, message_id = wanted.signer, wanted.address, wanted.message_id
    return wanted._replace(
        # A serial number stays what it is.
        signer=signer if not signer or re.fullmatch("[0-9A-Fa-f]{8,}", signer) else pseudonyms.of_wanted(signer),
        address=pseudonyms.of_text(address) if address else None,
        message_id=pseudonyms.of_text(message_id) if message_id else None,
    )


def word(shared: Shared, group: str, code: object) -> str:
    """Say what a code of an entry means, with the code itself, by which it is looked for."""
    from gsign.sentences.ledger_words import WORDS

    sentence = WORDS.get(f"{group}-{code}")
    said = str(code) if sentence is None else sentence.vi if shared.lang == "vi" else sentence.en
    return said if said == code else f"{said} [{code}]"


def shown(time: object) -> str:
    """Write the time of an entry as people read it; as it is where somebody has made it something else."""
    try:
        return shown_time(datetime.fromisoformat(str(time)))
    except (ValueError, OverflowError):
        return str(time)


@contextmanager
def progress(shared: Shared) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many entries have been dealt with."""
    if shared.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    yield lambda count: print(f"\r{text(shared, 'ledger-progress', count=count)}", end="", file=sys.stderr, flush=True)
    print("\r\033[K", end="", file=sys.stderr, flush=True)
