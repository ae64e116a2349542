"""`gsign audit report`: what went between agencies in a period, and how much of it was signed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from gsign.cli import options
from gsign.cli.flags import shared_options
from gsign.cli.keys import key_options, open_signer
from gsign.cli.ledgers import ledger, url_of
from gsign.cli.output import clean, print_result, say_note
from gsign.cli.shared import FILE, Shared
from gsign.errors import UsageError

if TYPE_CHECKING:
    from gsign.compliance.page import Page, Table

__all__ = ["named_without_login", "report"]

_FORMATS = ("table", "csv", "json", "html", "pdf")
_ENDINGS = {".csv": "csv", ".json": "json", ".html": "html", ".htm": "html", ".pdf": "pdf"}
_WIDE = 200
"""Columns where nobody sees how wide a terminal is."""


@click.command()
@click.option("--period", required=True, metavar="PERIOD", help="2026, 2026-H1, 2026-Q3 or 2026-09, in Vietnam's time.")
@click.option(
    "--by", type=click.Choice(["agency", "kind", "month"]), default="agency", help="What rows are (default: agency)."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="Form of the report (default: a table, or what -o is named after).",
)
@click.option("-o", "--output", type=FILE, metavar="OUT", help="Output file.")
@click.option("--force", is_flag=True, help="Overwrite outputs that exist.")
@ledger
@key_options
@options.timestamps
@options.trust
@shared_options
@click.pass_obj
def report(
    shared: Shared,
    /,
    period: str,
    by: str,
    form: str | None,
    output: Path | None,
    ledger: str | None,
    *,
    force: bool,
    **given: Any,
) -> int:
    """Report on a period: documents and mail between agencies, how much of it was signed, what was refused and why.

    With --key a report as PDF is signed.
    """
    from gsign.audit.compliance import account_of
    from gsign.audit.period import Period
    from gsign.audit.reading import open_reader

    asked = Period.parse(period)
    form = _form(shared, form, output, is_signed=given["key"] is not None)
    registered = {a.name: a.officials for a in shared.configuration().agency if a.officials is not None}
    url = url_of(shared, ledger)
    with open_reader(url) as reader:
        account = account_of(reader, named_without_login(url), asked)
    from gsign import __version__

    if form == "table":
        from gsign.compliance.compose import compose

        _print(compose(account, by, registered, lang=shared.lang, version=__version__))
        return 0
    from gsign.compliance.render import render

    content = render(form, account, by, registered, lang=shared.lang, version=__version__)
    if output is None:
        print_result(content.decode("utf-8").removesuffix("\n"))
    elif given["key"] is not None:
        _sign(shared, content, output, given, force=force)
    else:
        _write(content, output, force=force)
    if output is not None and not shared.quiet:
        _say_written(shared, output)
    return 0


def _form(shared: Shared, form: str | None, output: Path | None, *, is_signed: bool) -> str:
    """Tell which form is wanted.

    Raises:
        UsageError: `report-format-unknown`, `report-key-needs-pdf`, `report-pdf-needs-file`.
    """
    if form is None and output is not None:
        form = _ENDINGS.get(output.suffix.lower())
        if form is None:
            raise UsageError("report-format-unknown", file=str(output))
    form = form or ("json" if shared.json else "table")
    if form == "table" and output is not None:
        raise UsageError("report-format-unknown", file=str(output))
    if is_signed and (form != "pdf" or output is None):
        raise UsageError("report-key-needs-pdf")
    if form == "pdf" and output is None:
        raise UsageError("report-pdf-needs-file")
    return form


def named_without_login(url: str) -> str:
    """Return a URL without who logs in to it, and how."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _write(content: bytes, output: Path, *, force: bool) -> None:
    from gsign.signing.output import complete_file

    with complete_file(output, b"", force=force) as file:
        file.write(content)


def _sign(shared: Shared, content: bytes, output: Path, given: Mapping[str, Any], *, force: bool) -> None:
    from gsign.cli.pin import protect_memory

    protect_memory()
    service = options.service_of(shared, given)
    named = {**given, "jobs": 1, "files": (output,)}
    with TemporaryDirectory(prefix="gsign-") as folder, open_signer(shared, service, named, Event()) as signer:
        unsigned = Path(folder) / output.name
        unsigned.write_bytes(content)
        service.sign_pdf(unsigned, output, signer, force=force)


def _say_written(shared: Shared, output: Path) -> None:
    from gsign.sentences.compliance import TEXTS

    said = TEXTS["written"]
    say_note(shared, (said.vi if shared.lang == "vi" else said.en).format(file=clean(output)))


# ---------------------------------------------------------------- on a terminal


def _print(page: Page) -> None:
    print_result(f"{page.title}\n{page.period}\n{page.made} · {page.program}")
    if page.warning:
        print_result(page.warning)
    print_result("")
    for card in page.cards:
        print_result(f"{card.label}: {card.value} ({card.detail})")
    for section in page.sections:
        if not section.is_short:
            continue
        print_result(f"\n{section.title}")
        if section.table is not None:
            _print_table(section.table)
        for note in section.notes:
            print_result(note)
    source = page.sections[-1]
    print_result(f"\n{source.title}")
    for note in source.notes:
        print_result(note)


def _print_table(table: Table) -> None:
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    drawn = Drawn(show_footer=bool(table.total))
    footers = table.total or ("",) * len(table.columns)
    for place, (name, footer) in enumerate(zip(table.columns, footers, strict=True)):
        is_text = place < table.texts
        drawn.add_column(
            Text(name), Text(footer), justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text
        )
    for row in table.rows:
        drawn.add_row(*(Text(clean(cell.replace("\N{NO-BREAK SPACE}", " "))) for cell in row))
    is_terminal = sys.stdout.isatty()
    Console(file=sys.stdout, width=None if is_terminal else _WIDE, no_color=not is_terminal, highlight=False).print(
        drawn
    )
