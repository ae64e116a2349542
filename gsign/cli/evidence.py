"""`gsign audit evidence`: what a dispute needs, in one file; and whether such a file is what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import click

from gsign.cli import options
from gsign.cli.flags import shared_options
from gsign.cli.keys import key_options, open_signer
from gsign.cli.ledgers import ledger, url_of
from gsign.cli.output import print_json, print_result, say_note, text
from gsign.cli.shared import FILE, Shared
from gsign.cli.subject import digest_of, is_document
from gsign.errors import InputError, UsageError, VerificationError
from gsign.result import VIETNAM

if TYPE_CHECKING:
    from gsign.audit.checkpoint import Checkpoint
    from gsign.audit.evidence.gathering import Subject
    from gsign.audit.evidence.making import Evidence, Kept
    from gsign.report.content import Conditions
    from gsign.result import MailResult, VerificationResult
    from gsign.service import Service
    from gsign.signer import Signer

__all__ = ["evidence"]

_REPORTS: Final = ("json", "html", "pdf")


@click.command()
@click.argument("about", required=False, metavar="[SHA256|MESSAGE-ID]")
@ledger
@click.option("-o", "--output", type=FILE, metavar="OUT.zip", help="File of the evidence.")
@click.option("--force", is_flag=True, help="Overwrite outputs that exist.")
@click.option(
    "--document", type=FILE, metavar="FILE", help="The document or message: judged anew, or again with --check."
)
@click.option(
    "--checkpoint", "checkpoints", multiple=True, type=FILE, metavar="FILE", help="Checkpoint that goes with it."
)
@click.option("--segments", type=FILE, metavar="DIR", help="Folder of the sealed segments, to be looked into as well.")
@click.option("--check", type=FILE, metavar="FILE.zip", help="Verify evidence, without the ledger.")
@key_options
@options.timestamps
@options.checks
@shared_options
@click.pass_obj
def evidence(shared: Shared, /, **given: Any) -> int:
    """Bundle what the ledger has about a document or a message, with its proof, or verify such a bundle.

    The bundle holds the entries and the hashes that lead from them to a checkpoint or to the end of their chain; with
    --document, what the document is worth, and the certificates, OCSP responses, revocation lists and timestamps that
    say so. The document itself is not in it. With --key the bundle is signed.
    """
    if given["check"]:
        _require_nothing_to_make(given)
        from gsign.cli.evidence_checking import check

        return check(shared, given)
    if given["output"] is None:
        raise UsageError("evidence-output-missing")
    from gsign.audit.evidence.bundle import LARGEST, bundle_of
    from gsign.audit.evidence.checking import check_bundle
    from gsign.signing.output import complete_file

    service = options.service_of(shared, given)
    judged = _judged(service, given["document"])
    subject = _subject(shared, given["about"], judged)
    with _signing(shared, service, given) as signer:
        made = _made(shared, service, given, subject, judged, signer.certificate if signer is not None else None)
        _require_sound(check_bundle(bundle_of(_unsigned(made.facts), made.parts), str(given["output"])).changes, shared)
        sign = None if signer is None else partial(service.sign_evidence, signer=signer)
        bundle = bundle_of(made.facts, made.parts, sign)
        if len(bundle) > LARGEST:
            raise InputError("evidence-too-large", size=len(bundle) >> 20, most=LARGEST >> 20)
    with complete_file(given["output"], given["document"] or b"", force=given["force"]) as file:
        file.write(bundle)
    _tell_unseen(shared, made.facts["unseen"])
    facts = {"file": str(given["output"]), "about": subject.text, "entries": len(made.entries)}
    if shared.json:
        more = {name: made.facts[name] for name in ("ends", "unseen", "certificate")}
        print_json({**facts, "parts": sorted(made.parts), **more})
    elif not shared.quiet:
        print_result(text(shared, "evidence-made", **facts, parts=len(made.parts)))
    return 0


def _require_nothing_to_make(given: Mapping[str, Any]) -> None:
    """Refuse what only makes sense where a bundle is made.

    Raises:
        UsageError: `evidence-check-alone`.
    """
    named = [f"--{name}" for name in ("output", "key", "segments") if given[name] is not None]
    if named or given["about"] is not None:
        raise UsageError("evidence-check-alone", what=", ".join(named) or given["about"])


@contextmanager
def _signing(shared: Shared, service: Service, given: Mapping[str, Any]) -> Iterator[Signer | None]:
    """Open the key, where one is named."""
    if given["key"] is None:
        yield None
        return
    from gsign.cli.pin import protect_memory

    protect_memory()
    with open_signer(shared, service, {**given, "jobs": 1, "files": (given["output"],)}, Event()) as signer:
        yield signer


def _unsigned(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a bundle says of itself before it is signed."""
    return {**facts, "certificate": None}


def _tell_unseen(shared: Shared, unseen: Sequence[Mapping[str, Any]]) -> None:
    if unseen:
        count = sum(segment["entries"] for segment in unseen)
        say_note(shared, text(shared, "evidence-unseen", count=count))


class _Judged(NamedTuple):
    """The document or message, and what it is worth."""

    file: Path
    sha256: str
    indication: str
    results: Sequence[VerificationResult]
    """Of the document, or of those in the message."""
    message: MailResult | None
    material: Sequence[Mapping[str, Sequence[str]]]
    conditions: Conditions

    def told(self) -> list[dict[str, Any]]:
        """Return what the manifest says of it."""
        same = {"revocation": self.conditions.revocation, "judged": datetime.now(VIETNAM).isoformat()}
        inside = [(str(r.facts.get("sha256")), r.indication.value) for r in self.results]
        found = dict([*inside, (self.sha256, self.indication)])
        return [{"sha256": sha256, "indication": indication, **same} for sha256, indication in found.items()]


def _judged(service: Service, file: Path | None) -> _Judged | None:
    """Judge a document or a message in a process with limits, and have what the verdict rests on handed out."""
    if file is None:
        return None
    from gsign import __version__
    from gsign.isolation.messages import judge_message
    from gsign.isolation.pool import VerifierPool
    from gsign.report.writing import Conditions

    settings = service.settings(file_digest=True)._replace(material=True)
    message, found = None, []
    with VerifierPool(settings, jobs=2) as pool:
        if is_document(file):
            results = [pool.verify(file)._replace(file=file.name)]
        else:
            message, material = judge_message(pool, file, documents=pool)
            results = [document.result._replace(file=document.name) for document in message.documents]
            found.append(material)
    found += [cast("Mapping[str, Sequence[str]]", r.facts["material"]) for r in results if "material" in r.facts]
    judged = message if message is not None else results[0]
    conditions = Conditions(
        revocation=settings.revocation,
        offline=settings.offline,
        anchors=tuple(path.name for path in settings.trust),
        version=__version__,
    )
    return _Judged(file, digest_of(file), judged.indication.value, results, message, found, conditions)


def _subject(shared: Shared, about: str | None, judged: _Judged | None) -> Subject:
    from gsign.audit.evidence.gathering import Subject
    from gsign.recording.opening import pseudonyms_of

    wanted = about or (judged.sha256 if judged else None)
    if wanted is None:
        raise UsageError("evidence-about-missing")
    section = shared.configuration().ledger
    return Subject.of(wanted, pseudonyms_of(section) if section else None)


def _made(
    shared: Shared,
    service: Service,
    given: Mapping[str, Any],
    subject: Subject,
    judged: _Judged | None,
    certificate: bytes | None,
) -> Evidence:
    from gsign import __version__
    from gsign.audit.evidence.making import make_evidence
    from gsign.audit.evidence.whole import Whole
    from gsign.audit.reading import open_reader

    with open_reader(url_of(shared, given["ledger"])) as reader:
        made = make_evidence(
            Whole(reader, given["segments"]),
            subject,
            version=__version__,
            checkpoints=[_kept(service, path) for path in given["checkpoints"]],
            reports=_reports(judged, shared) if judged else None,
            material=judged.material if judged else (),
            documents=judged.told() if judged else (),
            certificate=certificate,
        )
    if not made.entries:
        unseen = sum(segment["entries"] for segment in made.facts["unseen"])
        raise InputError(
            "evidence-nothing-unsealed" if unseen else "evidence-nothing", about=subject.text, count=unseen
        )
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

    found = {}
    if judged.message is not None:
        told = {**judged.message._replace(file=judged.file.name).to_dict(), "sha256": judged.sha256}
        found["message.json"] = json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")
    results = [_without_material(result) for result in judged.results]
    if results:
        kinds = {f"report.{kind}": kind for kind in _REPORTS}
        found |= {name: render(kind, results, judged.conditions, lang=shared.lang) for name, kind in kinds.items()}
    return found


def _without_material(result: VerificationResult) -> VerificationResult:
    return result._replace(facts={name: value for name, value in result.facts.items() if name != "material"})


def _require_sound(changes: Sequence[Any], shared: Shared) -> None:
    """Refuse to bundle what proves nothing: somebody has changed the ledger.

    Raises:
        VerificationError: `evidence-ledger-broken`.
    """
    if changes:
        from gsign.sentences import reason_sentence

        found = reason_sentence(changes[0].code, shared.lang, changes[0]._asdict())
        raise VerificationError("evidence-ledger-broken", found=found)
