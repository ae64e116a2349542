"""`gsign audit evidence`: what a dispute needs, in one file; and whether such a file is what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from gsign.cli import options
from gsign.cli.ledgers import ledger, url_of
from gsign.cli.output import print_json, print_result, text
from gsign.cli.shared import FILE, Shared, shared_options
from gsign.errors import InputError, UsageError, VerificationError

if TYPE_CHECKING:
    from gsign.audit.checkpoint import Checkpoint
    from gsign.audit.evidence.gathering import Subject
    from gsign.audit.evidence.making import Evidence, Kept
    from gsign.result import VerificationResult
    from gsign.service import Service

__all__ = ["evidence"]

_REPORTS: Final = ("json", "html", "pdf")


@click.command()
@click.argument("about", required=False, metavar="[SHA256|MESSAGE-ID]")
@ledger
@click.option("-o", "--output", type=FILE, metavar="OUT.zip", help="File of the evidence.")
@click.option("--force", is_flag=True, help="Overwrite outputs that exist.")
@click.option("--document", type=FILE, metavar="FILE.pdf", help="The document: judged anew, or again with --check.")
@click.option(
    "--checkpoint", "checkpoints", multiple=True, type=FILE, metavar="FILE", help="Checkpoint that goes with it."
)
@click.option("--check", type=FILE, metavar="FILE.zip", help="Verify evidence, without the ledger.")
@options.checks
@shared_options
@click.pass_obj
def evidence(shared: Shared, /, **given: Any) -> int:
    """Bundle what the ledger has about a document or a message, with its proof, or verify such a bundle.

    The bundle holds the entries and the hashes that lead from them to a checkpoint or to the end of their chain; with
    --document, what the document is worth, and the certificates, OCSP responses, revocation lists and timestamps that
    say so. The document itself is not in it.
    """
    if given["check"]:
        from gsign.cli.evidence_checking import check

        return check(shared, given)
    if given["output"] is None:
        raise UsageError("evidence-output-missing")
    from gsign.audit.evidence.bundle import bundle_of
    from gsign.audit.evidence.checking import check_bundle
    from gsign.signing.output import complete_file

    service = options.service_of(shared, given)
    judged = _judged(service, given["document"])
    subject = _subject(shared, given["about"], judged)
    made = _made(shared, service, given, subject, judged)
    bundle = bundle_of(made.facts, made.parts)
    _require_sound(check_bundle(bundle, str(given["output"])).changes, shared)
    with complete_file(given["output"], given["document"] or b"", force=given["force"]) as file:
        file.write(bundle)
    facts = {"file": str(given["output"]), "about": subject.text, "entries": len(made.entries)}
    if shared.json:
        print_json({**facts, "parts": sorted(made.parts), "ends": list(made.facts["ends"])})
    elif not shared.quiet:
        print_result(text(shared, "evidence-made", **facts, parts=len(made.parts)))
    return 0


class _Judged(NamedTuple):
    """The document, and what it is worth."""

    file: Path
    result: VerificationResult
    conditions: Any

    @property
    def sha256(self) -> str:
        return str(self.result.facts.get("sha256"))


def _judged(service: Service, file: Path | None) -> _Judged | None:
    """Judge a document in a process with limits, and have what the verdict rests on handed out."""
    if file is None:
        return None
    from gsign import __version__
    from gsign.isolation.pool import VerifierPool
    from gsign.report.writing import Conditions

    settings = service.settings(file_digest=True)._replace(material=True)
    with VerifierPool(settings) as pool:
        result = pool.verify(file)
    anchors = tuple(path.name for path in settings.trust)
    conditions = Conditions(
        revocation=settings.revocation, offline=settings.offline, anchors=anchors, version=__version__
    )
    return _Judged(file, result._replace(file=file.name), conditions)


def _subject(shared: Shared, about: str | None, judged: _Judged | None) -> Subject:
    from gsign.audit.evidence.gathering import Subject
    from gsign.recording.opening import pseudonyms_of

    wanted = about or (judged.sha256 if judged else None)
    if wanted is None:
        raise UsageError("evidence-about-missing")
    section = shared.configuration().ledger
    return Subject.of(wanted, pseudonyms_of(section) if section else None)


def _made(
    shared: Shared, service: Service, given: Mapping[str, Any], subject: Subject, judged: _Judged | None
) -> Evidence:
    from gsign import __version__
    from gsign.audit.evidence.making import make_evidence
    from gsign.audit.reading import open_reader

    material = judged.result.facts.get("material") if judged else None
    with open_reader(url_of(shared, given["ledger"])) as reader:
        made = make_evidence(
            reader,
            subject,
            version=__version__,
            checkpoints=[_kept(service, path) for path in given["checkpoints"]],
            reports=_reports(judged, shared) if judged else None,
            material=[material] if isinstance(material, Mapping) else [],
            documents=[_document(judged)] if judged else [],
        )
    if not made.entries:
        raise InputError("evidence-nothing", about=subject.text)
    if judged and not any(judged.sha256 in entry.body for entry in made.entries):
        raise UsageError("evidence-document-of-others", file=str(judged.file), sha256=judged.sha256)
    return made


def _kept(service: Service, path: Path) -> Kept:
    from gsign.audit.evidence.making import Kept

    read: Checkpoint = service.read_checkpoint(path)
    return Kept(path.name, path.read_bytes(), read.heads)


def _reports(judged: _Judged, shared: Shared) -> dict[str, bytes]:
    """Return the report in every form there is; octets of the material stand in files of their own."""
    from gsign.report.writing import render

    facts = {name: value for name, value in judged.result.facts.items() if name != "material"}
    results = [judged.result._replace(facts=facts)]
    return {f"report.{kind}": render(kind, results, judged.conditions, lang=shared.lang) for kind in _REPORTS}


def _document(judged: _Judged) -> dict[str, Any]:
    facts = judged.result.facts
    return {
        "sha256": judged.sha256,
        "size": facts.get("size"),
        "indication": judged.result.indication.value,
        "judged": _text(facts.get("verified_at")),
        "revocation": judged.conditions.revocation,
    }


def _text(moment: object) -> str | None:
    if isinstance(moment, datetime):
        return moment.isoformat()
    return moment if isinstance(moment, str) else None


def _require_sound(changes: Sequence[Any], shared: Shared) -> None:
    """Refuse to bundle what proves nothing: somebody has changed the ledger.

    Raises:
        VerificationError: `evidence-ledger-broken`.
    """
    if changes:
        from gsign.sentences import reason_sentence

        found = reason_sentence(changes[0].code, shared.lang, changes[0]._asdict())
        raise VerificationError("evidence-ledger-broken", found=found)
