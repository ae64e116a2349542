"""`gsign mail sign`: one login, many messages, an outcome for each."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from gsign.cli import options
from gsign.cli.files import Job, make_folder, obstacle, plan
from gsign.cli.keys import key_options, open_signer
from gsign.cli.messages import STDIN, is_stdin, read_stdin, require_alone
from gsign.cli.output import say_note, say_warning, text
from gsign.cli.shared import Shared, shared_options
from gsign.cli.writing import run

if TYPE_CHECKING:
    from gsign.protection.request import MailRecord
    from gsign.service import Service
    from gsign.signer import Signer

__all__ = ["sign"]


@click.command()
@options.files
@key_options
@click.option(
    "--form",
    type=click.Choice(["detached", "opaque"]),
    default="detached",
    help="Readable beside its signature, or everything inside it.",
)
@click.option("--as-agency", is_flag=True, help="Sign for a sender in the agency's domain (RFC 3183).")
@options.outputs
@click.option("--scheme", type=click.Choice(["auto", "pkcs1", "pss"]), default="auto", help="RSA scheme.")
@click.option("--digest", type=options.DIGESTS, help="Digest (default: the key's and its token's best).")
@options.checks
@shared_options
@click.pass_obj
def sign(shared: Shared, /, **given: Any) -> int:
    """Sign messages with a key on a token.

    FILE is a message (.eml); `-` is standard input, and then the signed message goes to standard output unless -o names
    a file.
    """
    from gsign.cli.pin import protect_memory

    protect_memory()
    require_alone(given["files"])
    jobs = plan(given["files"], given["output"], given["out_dir"], suffix=".eml")
    obstacles = {job: None if is_stdin(job.source) else obstacle(job, force=given["force"]) for job in jobs}
    ended = Event()
    with ExitStack() as opened:
        # Nobody is asked for a PIN where nothing can be signed anyway.
        if not all(obstacles.values()):
            service = options.service_of(shared, given)
            service.prepare_to_sign_mail(given["key"], given["module"], **_wishes(given))
            signer = opened.enter_context(open_signer(shared, service, given, ended))
            make_folder(given["out_dir"])
        if given["files"] == (STDIN,) and given["output"] is None:
            return _pass_through(shared, service, signer, given)

        def sign_one(job: Job) -> MailRecord:
            if error := obstacles[job]:
                raise error
            source = read_stdin() if is_stdin(job.source) else job.source
            return service.sign_mail_to(source, job.output, signer, force=given["force"], **_wishes(given))

        return run(jobs, sign_one, line=lambda r: _line(r, shared), at_a_time=given["jobs"], shared=shared, ended=ended)


def _wishes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Turn options into those of `gsign.smime.sign`."""
    return {name: given[name] for name in ("form", "as_agency", "scheme", "digest")}


def _pass_through(shared: Shared, service: Service, signer: Signer, given: Mapping[str, Any]) -> int:
    """Sign what comes in and pass it on; what is told goes to stderr."""
    from gsign.sentences import reason_sentence

    signed, record = service.sign_mail(read_stdin(), signer, **_wishes(given))
    sys.stdout.buffer.write(signed)
    for warning in record.warnings:
        say_warning(shared, reason_sentence(warning, shared.lang))
    say_note(shared, _line(record, shared))
    return 0


def _line(record: MailRecord, shared: Shared) -> str:
    return text(
        shared,
        "mail-signed",
        file=record.file or "-",
        output=record.output or "-",
        name=record.signer.name or record.signer.serial or "?",
        sender=record.sender,
        form=text(shared, f"mail-form-{record.form}"),
        key=text(shared, "on-token" if record.is_token else "on-file"),
    )
