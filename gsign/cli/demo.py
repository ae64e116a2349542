"""`gsign demo`: a leader signs a decision and an agency issues it, with a software token made for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gsign.cli.flags import shared_options
from gsign.cli.output import clean, print_json, print_result, say_note, text
from gsign.cli.shared import FILE, Shared

if TYPE_CHECKING:
    from gsign.demo import Walk

__all__ = ["demo"]


@click.command()
@click.option("--out-dir", type=FILE, default=Path("demo-output"), metavar="DIR", help="Where the documents are left.")
@shared_options
@click.pass_obj
def demo(shared: Shared, /, out_dir: Path) -> int:
    """Sign and verify an official document with a software token made for it."""
    from gsign.cli.files import make_folder
    from gsign.demo import walk
    from gsign.errors import InputError
    from gsign.result import Indication

    make_folder(out_dir)
    say_note(shared, text(shared, "demo-begins"))
    try:
        walked = walk(out_dir, lang=shared.lang)
    except OSError as error:
        cause = os.strerror(error.errno or 0)
        raise InputError("output-unwritable", file=error.filename or str(out_dir), cause=cause) from error
    if shared.json:
        for record in walked.records[:-1]:
            print_json(record.to_dict())
        print_json({**walked.records[-1].to_dict(), "verification": walked.result.to_dict()})
        for letter in walked.post.letters:
            print_json({"letter": letter.kind, "reply": letter.reply, "arrived": letter.has_arrived})
        print_json({"report": str(walked.report), "ledger": str(walked.ledger)})
    else:
        _print(shared, walked)
    return 0 if walked.result.indication is Indication.TOTAL_PASSED else 1


def _print(shared: Shared, walked: Walk) -> None:
    from shutil import which

    from gsign.cli.report import lines

    facts = {"demo-anchor": walked.anchor, "demo-document": walked.document}
    facts |= {"demo-by-leader": walked.by_leader, "demo-signed": walked.signed}
    width = max(len(text(shared, name)) for name in facts)
    for name, value in facts.items():
        print_result(f"{text(shared, name):<{width}}  {value}")
    print_result("")
    for line in lines(walked.result, shared):
        print_result(line)
    print_result("")
    print_result(text(shared, "demo-mail"))
    for letter in walked.post.letters:
        print_result(f"  {text(shared, f'demo-letter-{letter.kind}', reference=letter.reference)}")
        for line in letter.reply.splitlines():
            print_result(f"    {clean(line)}")
    print_result("")
    print_result(text(shared, "demo-report"))
    print_result(f"  {walked.report}")
    print_result("")
    print_result(text(shared, "demo-look"))
    print_result(f"  pdfsig {walked.signed}")
    program = "gsign" if which("gsign") else sys.argv[0]
    print_result(f"  {program} verify --trust {walked.anchor} {walked.signed}")
    print_result(f"  {program} audit verify --ledger {walked.ledger}")
