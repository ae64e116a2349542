"""Evidence put together: entries with their proof, the report, and what the verdict rests on."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gsign.audit.evidence.gathering import Subject, gather
from gsign.audit.evidence.proof import Run, Witness, runs_of, write_run
from gsign.audit.lines import line_of
from gsign.result import VIETNAM

if TYPE_CHECKING:
    from gsign.audit.entry import Entry
    from gsign.audit.evidence.whole import Whole

__all__ = ["CHAINS", "CHECKPOINTS", "ENTRIES", "FORMAT", "KINDS", "Evidence", "Kept", "make_evidence"]

FORMAT: Final = "gsign-evidence"
_VERSION: Final = 1
ENTRIES: Final = "entries.jsonl"
CHAINS: Final = "chains"
CHECKPOINTS: Final = "checkpoints"
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "certificates": ("certificates", "cer"),
    "ocsps": ("status", "ocsp"),
    "crls": ("status", "crl"),
    "timestamps": ("timestamps", "tsr"),
    "signatures": ("signatures", "p7s"),
}
"""Where material of a kind stands in a bundle, and how its names end."""


class Kept(NamedTuple):
    """A checkpoint that goes with the evidence."""

    name: str
    content: bytes
    heads: Mapping[str, tuple[int, str]]


class Evidence(NamedTuple):
    """What a bundle is made of."""

    facts: Mapping[str, Any]
    parts: Mapping[str, bytes]
    entries: Sequence[Entry]
    runs: Sequence[Run]


def make_evidence(
    whole: Whole,
    subject: Subject,
    *,
    version: str,
    checkpoints: Sequence[Kept] = (),
    reports: Mapping[str, bytes] | None = None,
    material: Iterable[Mapping[str, Sequence[str]]] = (),
    documents: Sequence[Mapping[str, Any]] = (),
    certificate: bytes | None = None,
) -> Evidence:
    """Put together what a ledger has about a document or a message.

    Args:
        whole: the ledger, and its segments where these are at hand.
        subject: what it is about.
        version: of the program.
        checkpoints: that go with it.
        reports: files that say what the document is worth, by name.
        material: what each verdict has relied on, as `gsign.verification.material` hands it out.
        documents: what was judged: digests, and names where they may be told.
        certificate: DER of the certificate of whoever is to sign it.
    """
    entries = gather(whole, subject)
    given = [Witness(_checkpoint_name(kept), kept.heads) for kept in checkpoints]
    runs = runs_of(whole, entries, given)
    parts: dict[str, bytes] = {ENTRIES: b"".join(map(line_of, entries))}
    for run in runs:
        parts[f"{CHAINS}/{run.writer}-{run.first}-{run.last}.jsonl"] = b"".join(write_run(whole, run))
    parts |= {_checkpoint_name(kept): kept.content for kept in checkpoints}
    parts |= reports or {}
    for pieces in material:
        parts |= _pieces(pieces)
    facts = {
        "format": FORMAT,
        "version": _VERSION,
        "program": f"gsign {version}",
        "made": datetime.now(VIETNAM).isoformat(timespec="seconds"),
        "about": subject.text,
        "certificate": hashlib.sha256(certificate).hexdigest() if certificate else None,
        "documents": list(documents),
        "entries": [entry.reference for entry in entries],
        "unseen": [segment._asdict() for segment in whole.unseen],
        "ends": [{"chain": run.writer, "entry": run.last, "hash": run.hash, "witness": run.witness} for run in runs],
    }
    return Evidence(facts, parts, entries, runs)


def _checkpoint_name(kept: Kept) -> str:
    return f"{CHECKPOINTS}/{hashlib.sha256(kept.content).hexdigest()}.p7m"


def _pieces(material: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    found = {}
    for kind, (folder, ending) in KINDS.items():
        for text in material.get(kind, ()):
            piece = base64.b64decode(text)
            found[f"{folder}/{hashlib.sha256(piece).hexdigest()}.{ending}"] = piece
    return found
