"""Open the ledger that is configured, as everybody who writes into it does: names of persons replaced where asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from gsign.errors import ConfigurationError

if TYPE_CHECKING:
    from gsign.audit.dictating import Dictation
    from gsign.audit.door import Door
    from gsign.audit.ledger import Ledger
    from gsign.audit.pseudonyms import Pseudonyms
    from gsign.config import Ledger as LedgerSection

__all__ = ["dictate", "open_ledger", "pseudonyms_of"]

_FILE: Final = "sqlite:///"


def open_ledger(section: LedgerSection) -> Ledger:
    """Open the ledger that is configured.

    Raises:
        TemporaryError: `ledger-unwritable`.
        ConfigurationError: `pseudonym-key-unusable`.
    """
    from gsign.audit.ledger import Ledger

    return Ledger(section.url, station=section.station, pseudonyms=pseudonyms_of(section))


def dictate(section: LedgerSection, door: Door) -> Dictation:
    """Open the ledger that is configured, for the scribe to write it.

    Args:
        section: of the configuration.
        door: to the scribe.

    Raises:
        TemporaryError: `ledger-unwritable`.
        ConfigurationError: `pseudonym-key-unusable`.
    """
    from gsign.audit.dictating import Dictation

    return Dictation(door, section.url, station=section.station, pseudonyms=pseudonyms_of(section))


def pseudonyms_of(section: LedgerSection) -> Pseudonyms | None:
    """Return what replaces the names of persons; None where they are written down as they are.

    Raises:
        ConfigurationError: `pseudonym-key-unusable`; `pseudonym-key-missing` for a ledger that is no file, beside which
            the key could be.
    """
    if not section.pseudonyms:
        return None
    from gsign.audit.pseudonyms import Pseudonyms

    if section.pseudonym_key is not None:
        return Pseudonyms.at(section.pseudonym_key)
    if not section.url.startswith(_FILE):
        raise ConfigurationError("pseudonym-key-missing")
    return Pseudonyms.at(Path(section.url.removeprefix(_FILE) + ".pseudonyms"))
