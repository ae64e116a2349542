"""Which key signs or decrypts: the options that name it, and opening it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event
from typing import TYPE_CHECKING, Any

import click

from gsign.cli import options
from gsign.cli.output import say_note, text
from gsign.cli.shared import FILE, AnyCallable, Shared

if TYPE_CHECKING:
    from gsign.service import Service
    from gsign.signer import Decrypter, Signer

__all__ = ["key_options", "open_decrypter", "open_signer"]


def key_options(function: AnyCallable) -> AnyCallable:
    """Add the options that name a key and how to log in to it."""
    named = (
        click.option(
            "--key", type=options.KEY, metavar="URI|FILE.p12", help="pkcs11: URI (RFC 7512), or a PKCS#12 file."
        ),
        click.option("--module", type=FILE, metavar="PATH", help="PKCS#11 module, where the URI names none."),
        click.option(
            "--pin-file", type=FILE, metavar="F", help="File with the PIN (else GSIGN_PIN_FILE, or a prompt)."
        ),
        click.option("--use-last-try", is_flag=True, help="Log in even where one more wrong PIN locks the token."),
    )
    for option in reversed(named):
        function = option(function)
    return function


def open_signer(shared: Shared, service: Service, given: Mapping[str, Any], ended: Event) -> Signer:
    """Log in once, and wait for the token later where it is pulled out."""
    from gsign.cli.patience import PatientSigner
    from gsign.pkcs11 import TokenSigner

    signer = service.open_signer(
        given["key"],
        pin=_pin(shared, service, given),
        module=given["module"],
        workers=min(given["jobs"], len(given["files"])),
        use_last_try=given["use_last_try"],
    )
    if not isinstance(signer, TokenSigner):
        return signer
    seconds = service.configuration.token.wait_seconds
    return PatientSigner(
        signer,
        wait_seconds=seconds,
        ended=ended,
        on_wait=lambda: say_note(shared, text(shared, "token-gone", seconds=seconds)),
        on_return=lambda: say_note(shared, text(shared, "token-back")),
    )


def open_decrypter(shared: Shared, service: Service, given: Mapping[str, Any]) -> Decrypter:
    """Open the keys; the PIN is asked for when a message is for one of them."""
    return service.open_decrypter(
        given["key"],
        pin=_pin(shared, service, given),
        module=given["module"],
        use_last_try=given["use_last_try"],
    )


def _pin(shared: Shared, service: Service, given: Mapping[str, Any]) -> str | Callable[[], str] | None:
    from gsign.cli.pin import pin_source

    token = service.configuration.token
    return pin_source(shared, given["pin_file"], token.pin_file, given["key"] or token.uri)
