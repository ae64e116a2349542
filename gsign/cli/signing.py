"""`gsign sign`: one login, many files, an outcome for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from gsign.cli import options
from gsign.cli.clustering import many_options
from gsign.cli.dossier import check_dossier, in_order
from gsign.cli.files import Job, make_folder, obstacle, plan
from gsign.cli.flags import shared_options
from gsign.cli.keys import key_options, open_signer
from gsign.cli.output import text
from gsign.cli.shared import FILE, Shared
from gsign.cli.writing import run
from gsign.errors import UsageError

if TYPE_CHECKING:
    from gsign.signing.request import SigningRecord

__all__ = ["sign"]

# The values of gsign.result.Role: named again, since `--help` does not import it.
_ROLES = ["plain", "initials", "leader", "issue", "annex", "copy", "incoming"]
_SUBFILTERS = {"pades": "ETSI.CAdES.detached", "pkcs7": "adbe.pkcs7.detached"}


@click.command()
@options.documents
@key_options
@click.option("--as", "role", type=click.Choice(_ROLES), default="plain", help="What the signature stands for.")
@click.option("--number", metavar="TEXT", help="Number (issue, incoming), or number and symbol (annex, copy).")
@click.option("--date", metavar="YYYY-MM-DD", help="Date of the document (issue) or of arrival (incoming).")
@click.option("--copy-form", type=click.Choice(["sao-y", "sao-luc", "trich-sao"]), help="Form of a copy.")
@click.option("--of", type=FILE, metavar="MAIN.pdf", help="The signed document that an annex belongs to.")
@click.option("--annex", multiple=True, type=FILE, metavar="FILE", help="Annex to sign after an issued document.")
@options.level
@options.timestamps
@options.outputs
@click.option("--field", metavar="NAME", help="Signature field: an existing one, or the name of a new one.")
@click.option("--at", multiple=True, type=options.SPOT, help="Where it shows; pages from 1 (-1: last), points.")
@click.option("--image", type=FILE, metavar="PNG", help="Image of signature, initials or seal.")
@click.option("--preview", type=FILE, metavar="OUT.png", help="Draw the pages with the places marked; sign nothing.")
@click.option("--strict", is_flag=True, help="Refuse what gives reason for a warning.")
@click.option("--reason", metavar="TEXT", help="Why the document is signed.")
@click.option("--location", metavar="TEXT", help="Where the document is signed.")
@click.option("--certify", type=click.IntRange(1, 3), metavar="1|2|3", help="Certify; what may still come: DocMDP P.")
@click.option("--scheme", type=click.Choice(["auto", "pkcs1", "pss"]), default="auto", help="RSA scheme.")
@click.option("--digest", type=options.DIGESTS, help="Digest (default: the key's and its token's best).")
@click.option("--subfilter", type=click.Choice(list(_SUBFILTERS)), default="pades", help="Form of the signature.")
@options.checks
@options.password_file
@many_options("With --cluster: keep results; go on where a run was stopped.")
@shared_options
@click.pass_obj
def sign(shared: Shared, /, **given: Any) -> int:
    """Sign PDF documents with a key on a token."""
    from gsign.cli.pin import protect_memory

    protect_memory()
    if given["cluster"]:
        from gsign.cli.clustering import sign_many

        return sign_many(shared, given, _wishes(given), lambda signed: _line(signed.record, shared))
    if given["preview"]:
        from gsign.cli.previewing import preview

        return preview(shared, given, _wishes(given))
    if given["results"]:
        raise UsageError("option-needs-cluster", option="results")
    check_dossier(given)
    jobs = plan([*given["files"], *given["annex"]], given["output"], given["out_dir"])
    obstacles = {job: obstacle(job, force=given["force"], made=given["out_dir"]) for job in jobs}
    wishes = _wishes(given)
    ended = Event()
    with ExitStack() as opened:
        # Nobody is asked for a PIN where nothing can be signed anyway.
        if not all(obstacles.values()):
            service = options.service_of(shared, given)
            service.prepare_to_sign(given["key"], given["module"], **wishes)
            signer = opened.enter_context(open_signer(shared, service, given, ended))
            make_folder(given["out_dir"])

        def sign_one(job: Job, **changes: Any) -> SigningRecord:
            if error := obstacles[job]:
                raise error
            return service.sign_pdf(job.source, job.output, signer, force=given["force"], **{**wishes, **changes})

        work = in_order(sign_one, jobs, obstacles, ended) if given["annex"] else sign_one
        at_a_time = 1 if given["annex"] else given["jobs"]
        return run(
            jobs, work, line=lambda r: _line(r.to_dict(), shared), at_a_time=at_a_time, shared=shared, ended=ended
        )


def _wishes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Turn options into those of `gsign.pdf.sign`."""
    same = ("role", "field", "image", "reason", "location", "certify", "scheme", "digest")
    shown = ("number", "date", "copy_form", "of", "strict")
    return {
        **{name: given[name] for name in (*same, *shown)},
        "at": _places(given["at"]),
        "level": given["level"] or ("B-T" if given["tsa"] else "B-B"),
        "subfilter": _SUBFILTERS[given["subfilter"]],
        "password": options.password(given),
    }


def _places(at: Sequence[tuple[str, tuple[float, ...]]]) -> tuple[float, ...] | dict[str, tuple[float, ...]] | None:
    """Turn places into one for what is meant without a name, or into several by their names."""
    named = dict(at)
    return named.pop("") if set(named) == {""} else named or None


def _line(record: Mapping[str, Any], shared: Shared) -> str:
    signer = record["signer"]
    return text(
        shared,
        "signed" if record["follows"] is None else "signed-after",
        file=record["file"],
        output=record["output"],
        name=signer["name"] or signer["serial"] or "?",
        follows=record["follows"],
        level=record["level"],
        key=text(shared, "on-token" if record["is_token"] else "on-file"),
    )
