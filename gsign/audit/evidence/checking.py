"""Evidence verified, without the ledger and without the network: every octet, every hash, and what they prove."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

from gsign.audit.anchoring import SPOILT
from gsign.audit.entry import Entry
from gsign.audit.evidence.bundle import SIGNATURE, Change, Parts, read_bundle
from gsign.audit.evidence.gathering import Subject, references_in
from gsign.audit.evidence.making import CHAINS, CHECKPOINTS, ENTRIES, FORMAT, KINDS
from gsign.audit.evidence.proof import Followed, Heads, ProofError, follow
from gsign.audit.lines import LineError, read_entry
from gsign.errors import InputError

__all__ = ["Checked", "against_heads", "check_bundle"]

_SINGLE: Final = (ENTRIES, SIGNATURE, "message.json", "report.json", "report.html", "report.pdf")
_DEPTH: Final = 2
"""Of the names of all other parts."""


class Checked(NamedTuple):
    """What a bundle holds, and what is wrong with it."""

    manifest: Mapping[str, Any]
    parts: Parts
    entries: Sequence[Entry]
    followed: Sequence[Followed]
    changes: Sequence[Change]

    @property
    def checkpoints(self) -> list[str]:
        """The names of checkpoints that go with it."""
        return [name for name in self.parts if name.startswith(f"{CHECKPOINTS}/")]


def check_bundle(octets: bytes, name: str) -> Checked:
    """Verify a bundle.

    (1) Every octet of the file is as the manifest says; (2) every entry has its hash; (3) each run of a chain follows
    from hash to hash; (4) each entry stands in one, and is about what the bundle is about, or goes with one that is;
    (5) what the verdict rests on is what its name says, and the report is about a document that the manifest names.

    Args:
        octets: of the file.
        name: what it is called in an error.

    Raises:
        InputError: `evidence-not-one`.
    """
    manifest, parts, changes = read_bundle(octets, name)
    if not changes and (manifest.get("format"), manifest.get("version")) != (FORMAT, 1):
        raise InputError("evidence-not-one", file=name)
    found = list(changes)
    entries = _entries(parts.get(ENTRIES, b""), found)
    followed = _followed(parts, found)
    found += _unproved(entries.values(), followed)
    if not found:
        try:
            found += [*_misplaced(manifest, entries.values()), *_misnamed(parts), *_of_others(manifest, parts)]
            found += _signed_or_not(manifest, parts)
            _read_conditions(manifest)
        except (*SPOILT, IndexError) as error:
            found.append(Change("evidence-malformed", "", type(error).__name__))
    return Checked(manifest, parts, list(entries.values()), followed, found)


def against_heads(checked: Checked, name: str, heads: Heads) -> Iterator[Change]:
    """Compare the ends of runs with what a checkpoint knows.

    Args:
        checked: a bundle.
        name: of the checkpoint.
        heads: that it holds.
    """
    for followed in checked.followed:
        run = followed.run
        number, hash_ = heads.get(run.writer, (0, ""))
        if followed.hash_at(number) not in (None, hash_):
            yield Change("evidence-head-differs", run.writer, name)
        elif run.witness == name and number != run.last:
            yield Change("evidence-witness-missing", run.writer, name)


def _entries(lines: bytes, changes: list[Change]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for number, line in enumerate(lines.splitlines(), 1):
        try:
            entry = read_entry(line)
        except LineError:
            changes.append(Change("evidence-part-changed", ENTRIES, str(number)))
            continue
        if entry.computed_hash() != entry.hash or entry.reference in found:
            changes.append(Change("evidence-entry-changed", entry.reference))
        found[entry.reference] = entry
    return found


def _followed(parts: Parts, changes: list[Change]) -> list[Followed]:
    found = []
    for name, part in parts.items():
        if name.startswith(f"{CHAINS}/"):
            try:
                found.append(follow(part.splitlines()))
            except ProofError as error:
                changes.append(Change(str(error), name))
    return found


def _unproved(entries: Iterable[Entry], followed: Sequence[Followed]) -> Iterator[Change]:
    for entry in entries:
        hashes = {each.hash_at(entry.number) for each in followed if each.run.writer == entry.writer} - {None}
        if not hashes:
            yield Change("evidence-entry-unproved", entry.reference)
        elif hashes != {entry.hash.hex()}:
            yield Change("proof-of-another-entry", entry.reference)


def _misplaced(manifest: Mapping[str, Any], entries: Iterable[Entry]) -> Iterator[Change]:
    """Name entries that have nothing to do with what the bundle is about."""
    subject = Subject.of(str(manifest.get("about", "")))
    bodies = {entry.reference: json.loads(entry.body) for entry in entries}
    known = {reference for reference, body in bodies.items() if subject.is_named_by(body)}
    is_growing = True
    while is_growing:
        names = {str(bodies[reference].get("entry", "")) for reference in known}
        new = {
            r
            for r, body in bodies.items()
            if r not in known and (r in names or not known.isdisjoint(references_in(body)))
        }
        known |= new
        is_growing = bool(new)
    yield from (Change("evidence-entry-of-others", reference) for reference in bodies if reference not in known)
    if sorted(bodies) != sorted(manifest.get("entries", [])):
        yield Change("evidence-part-changed", ENTRIES)


def _misnamed(parts: Parts) -> Iterator[Change]:
    folders = {folder for folder, _ in KINDS.values()} | {CHECKPOINTS}
    for name, part in parts.items():
        path = PurePosixPath(name)
        if name not in _SINGLE and (len(path.parts) != _DEPTH or path.parts[0] not in {*folders, CHAINS}):
            yield Change("evidence-part-added", name)
        elif path.parts[0] in folders and path.stem != hashlib.sha256(part).hexdigest():
            yield Change("evidence-part-changed", name)


def _signed_or_not(manifest: Mapping[str, Any], parts: Parts) -> Iterator[Change]:
    """Name a signature that was taken off, or put on a manifest that names no signer."""
    if manifest.get("certificate") is not None and SIGNATURE not in parts:
        yield Change("evidence-part-missing", SIGNATURE)
    if manifest.get("certificate") is None and SIGNATURE in parts:
        yield Change("evidence-part-added", SIGNATURE)


def _read_conditions(manifest: Mapping[str, Any]) -> None:
    """Read when documents were judged.

    Raises:
        ValueError: that is no time.
    """
    for document in manifest.get("documents", []):
        if datetime.fromisoformat(document["judged"]).tzinfo is None:
            raise ValueError("no zone")


def _of_others(manifest: Mapping[str, Any], parts: Parts) -> Iterator[Change]:
    """Name a report about another document, or one that rests on certificates which are not there."""
    if "report.json" not in parts:
        return
    digests = {document.get("sha256") for document in manifest.get("documents", [])}
    kept = {PurePosixPath(name).stem for name in parts if name.startswith("certificates/")}
    for file in json.loads(parts["report.json"]).get("files", []):
        facts = file.get("facts", {})
        if facts.get("sha256") not in digests:
            yield Change("evidence-report-of-others", "report.json", str(facts.get("sha256")))
        for signature in facts.get("signatures", []):
            named = {step["sha256"] for step in signature.get("path", []) if not step.get("anchor")}
            yield from (Change("evidence-part-missing", f"certificates/{digest}.cer") for digest in named - kept)
