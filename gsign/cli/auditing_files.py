"""`gsign audit export|import|seal`: the ledger as files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gsign.cli import options
from gsign.cli.flags import shared_options
from gsign.cli.ledgers import ledger, progress, station_of, url_of
from gsign.cli.output import print_json, print_result, text
from gsign.cli.shared import FILE, Shared
from gsign.errors import UsageError

__all__ = ["export", "import_", "seal"]


@click.command()
@ledger
@click.option("-o", "--output", required=True, type=FILE, metavar="OUT", help="Output file; gzipped if named .gz.")
@click.option("--force", is_flag=True, help="Overwrite outputs that exist.")
@shared_options
@click.pass_obj
def export(shared: Shared, ledger: str | None, output: Path, force: bool) -> int:
    """Write the ledger as lines of JSON, which `verify` and `import` read."""
    from gsign.audit.exporting import export_ledger
    from gsign.audit.private import close_to_others
    from gsign.signing.output import complete_file

    url = url_of(shared, ledger)
    with complete_file(output, b"", force=force) as file, progress(shared) as tell:
        close_to_others(file.fileno())
        count = export_ledger(url, file, is_packed=output.suffix == ".gz", tell=tell)
    if shared.json:
        print_json({"file": str(output), "entries": count})
    elif not shared.quiet:
        print_result(text(shared, "ledger-exported", file=output, count=count))
    return 0


@click.command("import")
@click.argument("file", type=FILE, metavar="FILE")
@ledger
@shared_options
@click.pass_obj
def import_(shared: Shared, file: Path, ledger: str | None) -> int:
    """Take over the entries of an export or a segment that the ledger does not have.

    The file is verified first; nothing is written where anything in it is wrong, or where the two differ.
    """
    from gsign.audit.importing import import_file

    with progress(shared) as tell:
        imported = import_file(url_of(shared, ledger), file, tell=tell)
    if shared.json:
        print_json({"file": str(file), **imported._asdict()})
    elif not shared.quiet:
        print_result(text(shared, "ledger-imported", file=file, count=imported.entries, known=imported.known))
    return 0


@click.command()
@ledger
@click.option("--before", required=True, type=options.TIME, help="Entries before this time are taken out (ISO 8601).")
@click.option("-o", "--out-dir", required=True, type=FILE, metavar="DIR", help="Folder of the segments.")
@shared_options
@click.pass_obj
def seal(shared: Shared, ledger: str | None, before: datetime, out_dir: Path) -> int:
    """Take old entries out of the ledger into a file of their own.

    The ledger keeps their numbers and hashes and the file's digest: with the file and without it, what is left can be
    proved.
    """
    from gsign.audit.sealing import seal as seal_entries
    from gsign.result import shown_time

    if before > datetime.now(UTC):
        # A year that was mistyped would take everything out of the reports.
        raise UsageError("seal-in-future", before=shown_time(before))
    url = url_of(shared, ledger)
    with progress(shared) as tell:
        sealed = seal_entries(url, before, out_dir, station=station_of(shared), tell=tell)
    if shared.json:
        print_json({**sealed._asdict(), "file": str(sealed.file)})
    elif not shared.quiet:
        facts = {"file": sealed.file, "count": sealed.entries, "entry": sealed.entry, "sha256": sealed.sha256}
        print_result(text(shared, "ledger-sealed", **facts))
    return 0
