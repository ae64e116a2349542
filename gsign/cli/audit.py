"""`gsign audit`: the ledger read, verified, kept and reported on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import click

from gsign.cli.flags import shared_options
from gsign.cli.lazy import LazyGroup

__all__ = ["audit"]


class _Commands(LazyGroup):
    table: ClassVar[Mapping[str, tuple[str, str]]] = {
        "log": ("gsign.cli.auditing:log", "Entries of the ledger, by time, agency, digest, signer, rule or result."),
        "verify": ("gsign.cli.auditing:verify", "Whether any entry was changed, removed, inserted or put elsewhere."),
        "checkpoint": (
            "gsign.cli.auditing_checkpoints:checkpoint",
            "Sign where the chains end now, to be kept where nobody who writes the ledger can.",
        ),
        "evidence": (
            "gsign.cli.evidence:evidence",
            "Bundle what a dispute about a document or message needs, or verify such a bundle.",
        ),
        "report": (
            "gsign.cli.auditing_report:report",
            "What went between agencies in a period, and how much of it was signed.",
        ),
        "export": ("gsign.cli.auditing_files:export", "Write the ledger as lines of JSON."),
        "import": ("gsign.cli.auditing_files:import_", "Take over what an export or a segment has."),
        "seal": ("gsign.cli.auditing_files:seal", "Take old entries out into a file, and keep the chain provable."),
    }


@click.group(cls=_Commands)
@shared_options
def audit() -> None:
    """The ledger: who signed, what was judged and decided, provably."""
