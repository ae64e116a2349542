"""`gsign mail encrypt` and `gsign mail decrypt`: many messages, an outcome for each."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from gsign.cli import options
from gsign.cli.files import Job, make_folder
from gsign.cli.flags import shared_options
from gsign.cli.keys import key_options, open_decrypter
from gsign.cli.mail_keys import keys_of, open_signers
from gsign.cli.mail_report import inner_lines
from gsign.cli.messages import is_piped, pass_on, plan_messages, read_message, read_stdin
from gsign.cli.output import text
from gsign.cli.shared import Shared
from gsign.cli.writing import run

if TYPE_CHECKING:
    from gsign.protection.encrypting import DecryptedMail, EncryptionRecord
    from gsign.signer import Signer

__all__ = ["decrypt", "encrypt"]


@click.command()
@options.files
@click.option(
    "--to",
    multiple=True,
    metavar="ADDRESS|CERT|FOLDER",
    help="Recipient: an address, a certificate, or a folder of them (default: To and Cc).",
)
@click.option(
    "--recipients",
    multiple=True,
    metavar="FOLDER|FILE|ldap://…",
    help="Where certificates of addresses are: files, earlier signed mail, directories.",
)
@click.option(
    "--cipher",
    type=click.Choice(["auto", "aes-256-gcm", "aes-256-cbc"]),
    default="auto",
    help="Cipher (auto: GCM, unless a recipient's program told that it cannot).",
)
@click.option("--sign", "signs", is_flag=True, help="Sign first, with --key, else the key of the sender's agency.")
@key_options
@options.outputs
@options.checks
@shared_options
@click.pass_obj
def encrypt(shared: Shared, /, **given: Any) -> int:
    """Encrypt messages to their recipients.

    FILE is a message (.eml); `-` is standard input, and then the encrypted message goes to standard output unless -o
    names a file. A message that is signed already is encrypted as it is.
    """
    jobs, obstacles = plan_messages(given, done="encrypted")
    ended = Event()
    with ExitStack() as opened:
        signers: dict[Job, Signer] = {}
        sources = {job: read_message(job) for job, error in obstacles.items() if error is None}
        if sources:
            service = options.service_of(shared, given)
            if given["signs"]:
                from gsign.cli.pin import protect_memory

                protect_memory()
                keys = keys_of(service, sources, given["key"])
                service.prepare_to_sign_mail(next(iter(keys.values())), given["module"])
                signers = open_signers(opened, shared, service, given, keys, ended)
            make_folder(given["out_dir"])
        wishes = _wishes(given)
        if is_piped(given):
            (job,) = jobs
            encrypted, record = service.encrypt_mail(sources[job], signer=signers.get(job), **wishes)
            pass_on(encrypted, record.warnings, _encrypted_line(record, shared), shared)
            return 0

        def encrypt_one(job: Job) -> EncryptionRecord:
            if error := obstacles[job]:
                raise error
            return service.encrypt_mail_to(
                sources[job], job.output, signer=signers.get(job), force=given["force"], **wishes
            )

        return run(
            jobs,
            encrypt_one,
            line=lambda r: _encrypted_line(r, shared),
            at_a_time=given["jobs"],
            shared=shared,
            ended=ended,
        )


@click.command()
@options.files
@key_options
@options.outputs
@click.option(
    "--at", type=options.TIME, help="Judge the signature inside at this time where none is proven (ISO 8601)."
)
@options.checks
@shared_options
@click.pass_obj
def decrypt(shared: Shared, /, **given: Any) -> int:
    """Decrypt messages with a key on a token, and verify the signatures inside.

    FILE is a message (.eml); `-` is standard input, and then the decrypted message goes to standard output unless -o
    names a file. Exit code 4 where nothing protects the content from having been changed on its way, or the sender
    inside is another than outside; otherwise that of the signature inside.
    """
    from gsign.cli.pin import protect_memory
    from gsign.isolation.limits import MESSAGE

    protect_memory()
    jobs, obstacles = plan_messages(given, done="decrypted")
    with ExitStack() as opened:
        if not all(obstacles.values()):
            service = options.service_of(shared, given)
            # Opened before the keys are: its processes are copies of this one.
            judges = opened.enter_context(
                service.verifiers(at=given["at"], jobs=min(given["jobs"], len(jobs)), limits=MESSAGE)
            )
            decrypter = opened.enter_context(open_decrypter(shared, service, given))
            make_folder(given["out_dir"])
        if is_piped(given):
            result = service.decrypt_mail(read_stdin(), decrypter, judges)
            pass_on(result.message, result.warnings, _decrypted_line(result, shared), shared)
            return _code(result)

        def decrypt_one(job: Job) -> DecryptedMail:
            if error := obstacles[job]:
                raise error
            return service.decrypt_mail_to(read_message(job), job.output, decrypter, judges, force=given["force"])

        return run(
            jobs,
            decrypt_one,
            line=lambda r: _decrypted_line(r, shared),
            code=_code,
            at_a_time=given["jobs"],
            shared=shared,
        )


def _wishes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Turn options into those of `gsign.smime.encrypt`; each place is read once for all messages."""
    from gsign.protection.encrypting import source_of

    return {
        "recipients": given["to"] or None,
        "sources": tuple(map(source_of, given["recipients"])),
        "cipher": given["cipher"],
    }


def _code(result: DecryptedMail) -> int:
    """Give the exit code: that of the signature inside, and never 0 for content that anybody could have changed."""
    from gsign.cli.batch import EXIT_CODES, worst_exit_code
    from gsign.protection.encrypting import SENDER_DIFFERS, Integrity

    signature = EXIT_CODES[result.signature.indication] if result.signature is not None else 0
    is_doubtful = result.integrity is Integrity.NONE or SENDER_DIFFERS in result.warnings
    return worst_exit_code([signature, EXIT_CODES["INDETERMINATE"] if is_doubtful else 0])


def _encrypted_line(record: EncryptionRecord, shared: Shared) -> str:
    return text(
        shared,
        "mail-encrypted-to",
        file=record.file or "-",
        output=record.output or "-",
        names=", ".join(one.address or one.name for one in record.recipients),
        cipher=record.cipher,
        signed=text(shared, "mail-encrypted-signed" if record.is_signed else "mail-encrypted-unsigned"),
    )


def _decrypted_line(result: DecryptedMail, shared: Shared) -> str:
    line = text(
        shared,
        "mail-decrypted",
        file=result.file or "-",
        output=result.output or "-",
        name=result.key.name or result.key.serial or "?",
        cipher=result.cipher,
        integrity=text(shared, f"mail-integrity-{result.integrity}"),
    )
    if result.signature is None:
        return f"{line}\n{text(shared, 'mail-inner-unsigned')}"
    return "\n".join([line, *inner_lines(result.signature, shared)])
