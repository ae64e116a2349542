"""`gsign audit verify|log`: the ledger read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gsign.cli import options
from gsign.cli.flags import shared_options
from gsign.cli.ledgers import as_written, is_ledger, ledger, progress, shown, url_of, word
from gsign.cli.output import clean, hand_on, print_json, print_result, say_note, text
from gsign.cli.shared import FILE, Shared
from gsign.errors import UsageError, VerificationError
from gsign.result import Indication

if TYPE_CHECKING:
    from gsign.audit.checkpoint import Checkpoint
    from gsign.audit.findings import Verification
    from gsign.audit.searching import Found

__all__ = ["log", "verify"]

_SHOWN = 200
_INDETERMINATE = 4
_TOLD = (
    *("act", "action", "indication", "signer", "rule", "file", "object", "by", "sender", "recipients"),
    *("appeared", "lost", "entry", "message_id"),
)
"""What of an entry is told in a line; `--json` tells all."""
_WORDS = ("act", "action", "indication")
_LISTED = ("recipients", "appeared", "lost")
_NAMED = 3
"""Of a list."""


# ------------------------------------------------------------------------------------------ verify


@click.command()
@click.argument("file", required=False, type=FILE, metavar="[FILE]")
@ledger
@click.option("--segments", type=FILE, metavar="DIR", help="Folder of the sealed segments, to be verified as well.")
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=FILE,
    metavar="FILE",
    help="Checkpoint that was kept elsewhere; may be repeated.",
)
@options.checks
@shared_options
@click.pass_obj
def verify(
    shared: Shared,
    /,
    file: Path | None,
    ledger: str | None,
    segments: Path | None,
    checkpoints: tuple[Path, ...],
    **given: Any,
) -> int:
    """Verify the ledger, or FILE: an export, a segment, a copy of a ledger.

    Exit code 1 where anything was changed, removed, inserted or put elsewhere; each is named.
    """
    from gsign.audit.verifying import verify_file, verify_ledger

    service = options.service_of(shared, given)
    read = [service.read_checkpoint(path) for path in checkpoints]
    known = {each.file: each.heads for each in read}
    with progress(shared) as tell:
        if file is not None and not is_ledger(file):
            verified = verify_file(file, segments=segments, known=known, tell=tell)
        else:
            url = url_of(shared, str(file) if file is not None else ledger)
            verified = verify_ledger(url, segments=segments, known=known, tell=tell)
    if shared.json:
        print_json({**verified.to_dict(), "checkpoints": [each.to_dict() for each in read]})
    elif not shared.quiet:
        for each in read:
            _tell_checkpoint(shared, each)
        _tell(shared, verified)
    if not verified.is_whole:
        return VerificationError.exit_code
    return 0 if all(each.indication is Indication.TOTAL_PASSED for each in read) else _INDETERMINATE


def _tell_checkpoint(shared: Shared, checkpoint: Checkpoint) -> None:
    from gsign.sentences import reason_sentence

    facts = {
        "file": checkpoint.file,
        "signer": checkpoint.signer,
        "indication": word(shared, "indication", checkpoint.indication.value),
    }
    print_result(text(shared, "checkpoint-read", **facts, time=shown(checkpoint.time), chains=len(checkpoint.heads)))
    for reason in checkpoint.reasons:
        print_result(f"  {clean(reason_sentence(reason, shared.lang))}")


def _tell(shared: Shared, verified: Verification) -> None:
    for finding in verified.findings[:_SHOWN]:
        print_result(clean(finding.sentence(shared.lang)))
    more = verified.wrong - min(verified.wrong, _SHOWN)
    if more:
        print_result(text(shared, "ledger-more", count=more))
    code = "ledger-whole" if verified.is_whole else "ledger-broken"
    facts = {"entries": verified.entries, "chains": verified.chains, "claims": verified.claims, "wrong": verified.wrong}
    print_result(text(shared, code, **facts))
    if verified.sealed:
        print_result(text(shared, "ledger-sealed-unseen", count=verified.sealed))
    if verified.uncounted:
        print_result(text(shared, "ledger-sealed-uncounted", count=verified.uncounted))


# ------------------------------------------------------------------------------------------ log


@click.command()
@ledger
@click.option("--from", "since", type=options.TIME, help="Not before this time (ISO 8601).")
@click.option("--to", "until", type=options.TIME, help="Before this time (ISO 8601).")
@click.option("--agency", metavar="NAME", help="Agency that has a part in it: its name, or a domain.")
@click.option("--digest", metavar="SHA256", help="Document or message of this SHA-256.")
@click.option("--message-id", metavar="ID", help="Message of this Message-ID.")
@click.option("--signer", metavar="TEXT", help="Signer: part of a name, an address or a serial number.")
@click.option("--address", metavar="ADDRESS", help="Address of a sender, recipient or signer.")
@click.option("--rule", metavar="NAME", help="Rule of the policy that decided.")
@click.option("--result", metavar="WORD", help="What came of it: pass, warn, hold, reject, defer; TOTAL_PASSED, …")
@click.option(
    "--kind", multiple=True, metavar="KIND", help="Kind of entry, such as decided or signed; may be repeated."
)
@click.option(
    "--unfinished", is_flag=True, help="Files that were signed, and of which nothing tells that they appeared."
)
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N.")
@click.option("--follow", is_flag=True, help="Go on with what is written from now on, until interrupted.")
@shared_options
@click.pass_obj
def log(
    shared: Shared, /, ledger: str | None, *, last: int | None, follow: bool, unfinished: bool, **given: Any
) -> int:
    """Show entries of the ledger, the oldest first."""
    from gsign.audit import searching

    wanted = as_written(shared, searching.Wanted(kinds=_kinds(given.pop("kind")), **given))
    if any(not re.fullmatch("[0-9a-f]{64}", digest) for digest in wanted.digests):
        raise UsageError("digest-malformed", digest=given["digest"])
    url = url_of(shared, ledger)
    seen: dict[str, int] = {}
    looked_for = searching.search(url, wanted, last=last, seen=seen)
    is_empty = True
    for found in searching.unfinished(url, wanted) if unfinished else looked_for:
        _show(shared, found)
        is_empty = False
    if is_empty and not (follow or shared.json or shared.quiet):
        say_note(shared, text(shared, "log-nothing"))
    if follow:
        hand_on()
        for found in searching.followed(url, wanted, since=seen or None):
            _show(shared, found)
            hand_on()
    return 0


def _kinds(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the kinds that are looked for.

    Raises:
        UsageError: `kind-unknown`: nobody writes such entries.
    """
    from gsign.sentences.ledger_words import WORDS

    known = [word.removeprefix("kind-") for word in WORDS if word.startswith("kind-")]
    for kind in wanted:
        if kind not in known:
            raise UsageError("kind-unknown", kind=kind, known=", ".join(known))
    return wanted


def _show(shared: Shared, found: Found) -> None:
    if shared.json:
        print_json(found.to_dict())
        return
    entry, body = found
    told = [_told(shared, name, body.get(name)) for name in _TOLD]
    parts = [shown(entry.time), entry.reference, word(shared, "kind", entry.kind), *told]
    digest = body.get("sha256")
    if isinstance(digest, str):
        parts.append(digest[:16])
    print_result(clean("  ".join(part for part in parts if part)))


def _told(shared: Shared, name: str, value: object) -> str:
    """Say one thing of an entry: words are said in the reader's language, names as they are."""
    if isinstance(value, dict):
        value = value.get("name")
    if name in _LISTED and isinstance(value, list):
        said = ", ".join(str(each) for each in value[:_NAMED]) + (", …" if len(value) > _NAMED else "")
        return f"→ {said}" if value else ""
    if not isinstance(value, str):
        return ""
    return word(shared, name, value) if name in _WORDS and value else value
