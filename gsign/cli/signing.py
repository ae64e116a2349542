"""`gsign sign`: one login, many files, an outcome for each."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from gsign.cli import options
from gsign.cli.files import Job, make_folder, obstacle, plan
from gsign.cli.keys import key_options, open_signer
from gsign.cli.output import text
from gsign.cli.shared import FILE, Shared, shared_options
from gsign.cli.writing import run

if TYPE_CHECKING:
    from gsign.signing.request import SigningRecord

__all__ = ["sign"]

_SUBFILTERS = {"pades": "ETSI.CAdES.detached", "pkcs7": "adbe.pkcs7.detached"}


@click.command()
@options.files
@key_options
@click.option("--as", "role", type=click.Choice(["plain"]), default="plain", help="What the signature stands for.")
@options.level
@options.timestamps
@options.outputs
@click.option("--field", metavar="NAME", help="Signature field: an existing one, or the name of a new one.")
@click.option("--at", type=options.PLACE, help="Where it shows; pages from 1 (-1 is the last), points from lower left.")
@click.option("--image", type=FILE, metavar="PNG", help="Image to show.")
@click.option("--reason", metavar="TEXT", help="Why the document is signed.")
@click.option("--location", metavar="TEXT", help="Where the document is signed.")
@click.option("--certify", type=click.IntRange(1, 3), metavar="1|2|3", help="Certify; what may still come: DocMDP P.")
@click.option("--scheme", type=click.Choice(["auto", "pkcs1", "pss"]), default="auto", help="RSA scheme.")
@click.option("--digest", type=options.DIGESTS, help="Digest (default: the key's and its token's best).")
@click.option("--subfilter", type=click.Choice(list(_SUBFILTERS)), default="pades", help="Form of the signature.")
@options.checks
@options.password_file
@shared_options
@click.pass_obj
def sign(shared: Shared, /, **given: Any) -> int:
    """Sign PDF documents with a key on a token."""
    from gsign.cli.pin import protect_memory

    protect_memory()
    jobs = plan(given["files"], given["output"], given["out_dir"])
    obstacles = {job: obstacle(job, force=given["force"]) for job in jobs}
    wishes = _wishes(given)
    ended = Event()
    with ExitStack() as opened:
        # Nobody is asked for a PIN where nothing can be signed anyway.
        if not all(obstacles.values()):
            service = options.service_of(shared, given)
            service.prepare_to_sign(given["key"], given["module"], **wishes)
            signer = opened.enter_context(open_signer(shared, service, given, ended))
            make_folder(given["out_dir"])

        def sign_one(job: Job) -> SigningRecord:
            if error := obstacles[job]:
                raise error
            return service.sign_pdf(job.source, job.output, signer, force=given["force"], **wishes)

        return run(jobs, sign_one, line=lambda r: _line(r, shared), at_a_time=given["jobs"], shared=shared, ended=ended)


def _wishes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Turn options into those of `gsign.pdf.sign`."""
    same = ("role", "field", "at", "image", "reason", "location", "certify", "scheme", "digest")
    return {
        **{name: given[name] for name in same},
        "level": given["level"] or ("B-T" if given["tsa"] else "B-B"),
        "subfilter": _SUBFILTERS[given["subfilter"]],
        "password": options.password(given),
    }


def _line(record: SigningRecord, shared: Shared) -> str:
    return text(
        shared,
        "signed",
        file=record.file,
        output=record.output,
        name=record.signer.name or record.signer.serial or "?",
        level=record.level,
        key=text(shared, "on-token" if record.is_token else "on-file"),
    )
