"""`gsign mail`: messages signed, verified, encrypted, decrypted and looked into."""

from __future__ import annotations

import click

from gsign.cli.flags import shared_options
from gsign.cli.lazy import LazyGroup

__all__ = ["mail"]


class _MailCommands(LazyGroup):
    table = {  # noqa: RUF012 - read only
        "sign": ("gsign.cli.mail_signing:sign", "Sign messages with a key on a token."),
        "verify": ("gsign.cli.mail_verifying:verify", "Verify the signatures of messages."),
        "encrypt": ("gsign.cli.mail_encrypting:encrypt", "Encrypt messages to their recipients."),
        "decrypt": ("gsign.cli.mail_encrypting:decrypt", "Decrypt messages with a key on a token."),
        "inspect": ("gsign.cli.mail_inspecting:inspect", "Show the parts of a message and every document in it."),
    }


@click.group(cls=_MailCommands)
@shared_options
def mail() -> None:
    """Sign, verify, encrypt, decrypt and inspect messages (S/MIME)."""
