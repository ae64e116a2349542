"""`gsign mail sign`: one login, many messages, an outcome for each."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from gsign.cli import options
from gsign.cli.files import Job, make_folder
from gsign.cli.flags import shared_options
from gsign.cli.keys import key_options
from gsign.cli.mail_keys import keys_of, open_signers
from gsign.cli.messages import is_piped, pass_on, plan_messages, read_message
from gsign.cli.output import text
from gsign.cli.shared import Shared
from gsign.cli.writing import run

if TYPE_CHECKING:
    from gsign.protection.request import MailRecord

__all__ = ["sign"]


@click.command()
@options.files
@key_options
@click.option(
    "--form",
    type=click.Choice(["detached", "opaque"]),
    help="Readable beside its signature, or everything inside it (default: as the recipients' agencies take it).",
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
    jobs, obstacles = plan_messages(given)
    ended = Event()
    with ExitStack() as opened:
        # Nobody is asked for a PIN where nothing can be signed anyway.
        sources = {job: read_message(job) for job, error in obstacles.items() if error is None}
        if sources:
            service = options.service_of(shared, given)
            keys = keys_of(service, sources, given["key"], as_agency=given["as_agency"])
            service.prepare_to_sign_mail(next(iter(keys.values())), given["module"], **_wishes(given))
            signers = open_signers(opened, shared, service, given, keys, ended)
            make_folder(given["out_dir"])
        if is_piped(given):
            (job,) = jobs
            signed, record = service.sign_mail(sources[job], signers[job], **_wishes(given))
            pass_on(signed, record.warnings, _line(record, shared), shared)
            return 0

        def sign_one(job: Job) -> MailRecord:
            if error := obstacles[job]:
                raise error
            return service.sign_mail_to(sources[job], job.output, signers[job], force=given["force"], **_wishes(given))

        return run(jobs, sign_one, line=lambda r: _line(r, shared), at_a_time=given["jobs"], shared=shared, ended=ended)


def _wishes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Turn options into those of `gsign.smime.sign`."""
    return {name: given[name] for name in ("form", "as_agency", "scheme", "digest")}


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
