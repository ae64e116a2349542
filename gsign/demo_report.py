"""The demo's ending: what the ledger of its two agencies tells of the month, as the page that offices file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from gsign import __version__
from gsign.audit.compliance import account_of
from gsign.audit.period import Period
from gsign.audit.reading import open_reader
from gsign.compliance.render import render
from gsign.result import VIETNAM
from gsign.signing.output import complete_file

__all__ = ["OFFICIALS", "write_report"]

OFFICIALS: Final = {"ỦY BAN NHÂN DÂN TỈNH AN HÒA": 24, "UBND HUYỆN BÌNH MINH": 16}
"""How many officials the two agencies are said to have."""


def write_report(ledger: str, output: Path, *, lang: str) -> None:
    """Write the report of this month.

    Args:
        ledger: URL of the ledger.
        output: an HTML file, which is replaced.
        lang: `vi` or `en`.
    """
    month = Period.parse(f"{datetime.now(VIETNAM):%Y-%m}")
    with open_reader(ledger) as reader:
        account = account_of(reader, ledger, month)
    page = render("html", account, "agency", OFFICIALS, lang=lang, version=__version__)
    with complete_file(output, b"", force=True) as file:
        file.write(page)
