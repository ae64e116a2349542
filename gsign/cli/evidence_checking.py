"""`gsign audit evidence --check`: evidence verified where nobody has the ledger."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gsign.cli import options
from gsign.cli.ledgers import shown, word
from gsign.cli.output import print_json, print_result, text
from gsign.cli.shared import Shared
from gsign.cli.subject import digest_of, is_document
from gsign.errors import UsageError, VerificationError
from gsign.result import Indication, plain, shown_time
from gsign.sentences import reason_sentence

if TYPE_CHECKING:
    from gsign.audit.checkpoint import Checkpoint
    from gsign.audit.entry import Entry
    from gsign.audit.evidence.bundle import Change
    from gsign.audit.evidence.checking import Checked
    from gsign.audit.evidence.proof import Followed
    from gsign.audit.signature import Judged
    from gsign.result import MailResult, VerificationResult
    from gsign.service import Service

__all__ = ["check"]

_INDETERMINATE = 4


def check(shared: Shared, given: Mapping[str, Any]) -> int:
    """Verify a bundle, and return the exit code.

    Raises:
        InputError: `input-unreadable`, `evidence-not-one`; a checkpoint that is none.
        UsageError: `evidence-document-of-others`.
    """
    from gsign.audit.evidence.bundle import read_octets
    from gsign.audit.evidence.checking import against_heads, check_bundle

    path: Path = given["check"]
    service = options.service_of(shared, given)
    octets = read_octets(path)
    checked = check_bundle(octets, str(path))
    changes = list(checked.changes)
    with _laid_out(checked) as folder:
        witnesses = [(str(file), service.read_checkpoint(file)) for file in given["checkpoints"]]
        if not changes:
            witnesses += [(name, service.read_checkpoint(folder / name)) for name in checked.checkpoints]
        for name, witness in witnesses:
            changes += against_heads(checked, name, witness.heads)
        vouched, broken = _vouched(service, octets, checked, changes)
        changes += broken
        again = None if changes else _judged_again(service, given["document"], checked, folder, given.get("revocation"))
    changes += _verdict_differs(again, checked)
    if shared.json:
        print_json(_record(path, checked, changes, witnesses, vouched, again))
    elif not shared.quiet:
        for line in _lines(shared, path, checked, changes, witnesses, vouched, again):
            print_result(line)
    if changes:
        return VerificationError.exit_code
    found = [witness.indication for _, witness in witnesses] + ([vouched.indication] if vouched is not None else [])
    is_sure = all(indication is Indication.TOTAL_PASSED for indication in found)
    return 0 if is_sure else _INDETERMINATE


def _vouched(
    service: Service, octets: bytes, checked: Checked, changes: list[Change]
) -> tuple[Judged | None, list[Change]]:
    """Judge the signature over the manifest, where there is one; and name one that does not hold."""
    from gsign.audit.evidence.bundle import SIGNATURE, Change, manifest_in
    from gsign.audit.signature import SignatureError

    if changes or SIGNATURE not in checked.parts:
        return None, []
    try:
        judged = service.judge_evidence(manifest_in(octets), checked.parts[SIGNATURE])
    except SignatureError as error:
        return None, [Change("evidence-signature-broken", SIGNATURE, str(error))]
    if hashlib.sha256(judged.certificate).hexdigest() != checked.manifest.get("certificate"):
        return judged, [Change("evidence-signature-of-others", SIGNATURE, judged.signer)]
    if judged.indication is Indication.TOTAL_FAILED:
        return judged, [Change("evidence-signature-broken", SIGNATURE, ", ".join(judged.reasons))]
    return judged, []


class _Again(NamedTuple):
    """A document that was judged once more."""

    sha256: str
    result: VerificationResult | MailResult
    at: str
    """As at which time: the bundle says so."""
    revocation: str
    """How status was looked at: the bundle says so, unless whoever checks does."""


@contextmanager
def _laid_out(checked: Checked) -> Iterator[Path]:
    """Lay the parts out as files, for those who read files: names are the bundle's own only where nothing is wrong."""
    with tempfile.TemporaryDirectory(prefix="gsign-") as folder:
        if not checked.changes:
            for name, part in checked.parts.items():
                file = Path(folder, name)
                if Path(folder) in file.resolve().parents:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(part)
        yield Path(folder)


def _judged_again(
    service: Service, document: Path | None, checked: Checked, folder: Path, asked: str | None
) -> _Again | None:
    """Judge the document offline, by what the bundle has, as at the time when that was done before."""
    if document is None:
        return None
    from gsign.isolation.messages import verify_message
    from gsign.isolation.pool import VerifierPool

    told, digest = _documents(checked), digest_of(document)
    if digest not in [d.get("sha256") for d in told]:
        raise UsageError("evidence-document-of-others", file=str(document), sha256=digest)
    known = folder / "known"
    known.mkdir()
    for name in checked.parts:
        if name.startswith(("certificates/", "status/")):
            (known / Path(name).name).write_bytes(checked.parts[name])
    before = next(d for d in told if d.get("sha256") == digest)
    settings = service.settings(at=datetime.fromisoformat(before["judged"]), file_digest=True)
    # Whoever checks may ask for more than whoever made the bundle did.
    revocation = asked or before.get("revocation") or settings.revocation
    settings = settings._replace(offline=True, known=known, revocation=revocation, archive=folder / "none")
    with VerifierPool(settings) as pool:
        judged = pool.verify(document) if is_document(document) else verify_message(pool, document)
    return _Again(digest, judged, before["judged"], revocation)


def _documents(checked: Checked) -> list[Mapping[str, Any]]:
    return [each for each in checked.manifest.get("documents", []) if isinstance(each, dict)]


def _verdict_differs(again: _Again | None, checked: Checked) -> Iterator[Change]:
    from gsign.audit.evidence.bundle import Change

    if again is not None:
        before = [d.get("indication") for d in _documents(checked) if d.get("sha256") == again.sha256]
        if before != [again.result.indication.value]:
            yield Change("evidence-verdict-differs", again.sha256, again.result.indication.value)


# ---------------------------------------------------------------- told


def _record(
    path: Path,
    checked: Checked,
    changes: list[Change],
    witnesses: list[tuple[str, Checkpoint]],
    vouched: Judged | None,
    again: _Again | None,
) -> dict[str, Any]:
    from gsign.audit.searching import time_of

    return {
        "file": str(path),
        "whole": not changes,
        "about": checked.manifest.get("about"),
        "made": checked.manifest.get("made"),
        "entries": [
            {
                "entry": entry.reference,
                "time": time_of(entry.time),
                "kind": entry.kind,
                "hash": entry.hash.hex(),
                "confirmed_by": _confirming(entry, checked, witnesses),
            }
            for entry in checked.entries
        ],
        "ends": [followed.run._asdict() for followed in checked.followed],
        "checkpoints": [{"name": name, **witness.to_dict()} for name, witness in witnesses],
        "signed": _signed(vouched),
        "unseen": _unseen(checked),
        "documents": _documents(checked),
        "judged_again": again.result.to_dict() if again is not None else None,
        "changes": [change._asdict() for change in changes],
    }


def _signed(vouched: Judged | None) -> dict[str, Any] | None:
    """Return for JSON who has signed the bundle, and what that is worth."""
    if vouched is None:
        return None
    return {name: plain(value) for name, value in vouched._asdict().items() if name != "certificate"}


def _unseen(checked: Checked) -> list[Any]:
    found = checked.manifest.get("unseen")
    return found if isinstance(found, list) else []


def _confirming(entry: Entry, checked: Checked, witnesses: list[tuple[str, Checkpoint]]) -> list[str]:
    """Name the checkpoints to whose heads the chain leads on from an entry."""
    runs = [each for each in checked.followed if each.run.writer == entry.writer and each.hash_at(entry.number)]
    heads = [(name, *witness.heads.get(entry.writer, (0, ""))) for name, witness in witnesses]
    return [n for n, number, hash_ in heads if number >= entry.number and any(r.hash_at(number) == hash_ for r in runs)]


def _lines(
    shared: Shared,
    path: Path,
    checked: Checked,
    changes: list[Change],
    witnesses: list[tuple[str, Checkpoint]],
    vouched: Judged | None,
    again: _Again | None,
) -> Iterator[str]:
    if changes:
        yield text(shared, "evidence-broken", file=path, count=len(changes))
        for change in changes:
            yield f"  - {reason_sentence(change.code, shared.lang, change._asdict())} [{change.code}]"
        return
    manifest = checked.manifest
    yield text(shared, "evidence-whole", file=path, about=manifest.get("about"), made=shown(manifest.get("made")))
    yield "  " + _signature(shared, vouched)
    yield from _why(shared, vouched)
    for entry in checked.entries:
        yield "  " + text(
            shared,
            "evidence-entry",
            entry=entry.reference,
            time=shown(entry.time),
            kind=word(shared, "kind", entry.kind),
        )
    for followed in checked.followed:
        yield from (f"  {line}" for line in _ending(shared, checked, followed, witnesses))
    for document in _documents(checked):
        facts = {"sha256": document.get("sha256"), "indication": word(shared, "indication", document.get("indication"))}
        yield "  " + text(shared, "evidence-document", **facts)
    if again is not None:
        words = {"indication": again.result.indication.value, "revocation": again.revocation}
        said = {group: word(shared, group, code) for group, code in words.items()}
        yield "  " + text(shared, "evidence-judged-again", file=again.result.file, at=shown(again.at), **said)
    if unseen := _unseen(checked):
        yield "  " + text(shared, "evidence-unseen-then", files=", ".join(str(each.get("file")) for each in unseen))


def _signature(shared: Shared, vouched: Judged | None) -> str:
    if vouched is None:
        return text(shared, "evidence-unsigned")
    time = shown_time(vouched.proven) if vouched.proven else text(shared, "evidence-unproved-time")
    indication = word(shared, "indication", vouched.indication.value)
    return text(shared, "evidence-signed", signer=vouched.signer, indication=indication, time=time)


def _why(shared: Shared, judged: Judged | Checkpoint | None) -> Iterator[str]:
    """Say why a signature is not known to be valid."""
    if judged is not None and judged.indication is not Indication.TOTAL_PASSED:
        yield from (f"    - {reason_sentence(reason, shared.lang)} [{reason}]" for reason in judged.reasons)


def _ending(
    shared: Shared, checked: Checked, followed: Followed, witnesses: list[tuple[str, Checkpoint]]
) -> Iterator[str]:
    """Say who else knows the end of a run, and of which entries nobody does, so that somebody has to be asked."""
    run = followed.run
    confirmed = 0
    for _, witness in witnesses:
        number, _ = witness.heads.get(run.writer, (0, ""))
        if followed.hash_at(number) is not None:
            confirmed = max(confirmed, number)
            proven = shown_time(witness.proven) if witness.proven else None
            facts = {"signer": witness.signer, "indication": word(shared, "indication", witness.indication.value)}
            time = proven or text(shared, "evidence-unproved-time")
            yield text(shared, "evidence-checkpoint", chain=run.writer, entry=number, time=time, **facts)
            yield from _why(shared, witness)
    # A chain can be gone on with by anybody: what stands behind the checkpoint is not what was signed for.
    beyond = [
        e for e in checked.entries if e.number > confirmed and followed.hash_at(e.number) and e.writer == run.writer
    ]
    if confirmed and beyond:
        yield text(shared, "evidence-beyond", entries=", ".join(entry.reference for entry in beyond))
    if beyond:
        yield text(shared, "evidence-head", chain=run.writer, entry=run.last, hash=run.hash)
