"""`gsign audit checkpoint`: where the chains of a ledger end, signed."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import click

from gsign.cli import options
from gsign.cli.flags import shared_options
from gsign.cli.keys import key_options, open_signer
from gsign.cli.ledgers import ledger, opened, url_of
from gsign.cli.output import print_json, print_result, text
from gsign.cli.shared import FILE, Shared

__all__ = ["checkpoint"]


@click.command()
@ledger
@click.option("-o", "--output", required=True, type=FILE, metavar="OUT", help="Output file (CMS, .p7m).")
@click.option("--force", is_flag=True, help="Overwrite outputs that exist.")
@key_options
@options.timestamps
@options.trust
@shared_options
@click.pass_obj
def checkpoint(shared: Shared, /, ledger: str | None, output: Path, *, force: bool, **given: Any) -> int:
    """Sign where the chains end now.

    Kept where nobody who can write the ledger can reach it, the file shows with `verify --checkpoint` whether the
    ledger was written anew since.
    """
    from gsign.audit.checkpoint import write_down
    from gsign.audit.reading import open_reader
    from gsign.cli.pin import protect_memory
    from gsign.signing.output import complete_file

    protect_memory()
    service = options.service_of(shared, given)
    configured = service.configuration.ledger
    key = given["key"] or (configured.checkpoint_key if configured else None)
    # A ledger is made by whoever writes what happened, not by who wants to know where it ends.
    open_reader(url_of(shared, ledger)).close()
    with ExitStack() as stack:
        written = stack.enter_context(opened(shared, ledger))
        named = {**given, "key": key, "jobs": 1, "files": (output,)}
        signer = stack.enter_context(open_signer(shared, service, named, Event()))
        chains = written.heads()
        made = service.make_checkpoint(chains, signer)
        with complete_file(output, b"", force=force) as file:
            file.write(made.content)
            entry = write_down(written, made, output, signer)
    count = sum(chain.number for chain in chains)
    if shared.json:
        facts = {"chains": len(chains), "entries": count, "entry": entry.reference, "stamped": made.stamped}
        print_json({"file": str(output), **facts})
    elif not shared.quiet:
        facts = {"file": output, "chains": len(chains), "entries": count, "entry": entry.reference}
        print_result(text(shared, "checkpoint-made", **facts))
    return 0
