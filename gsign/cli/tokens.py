"""`gsign token`: tokens that are present, and the signing keys on them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gsign.cli.flags import shared_options
from gsign.cli.lazy import Group
from gsign.cli.options import KEY
from gsign.cli.output import clean, print_json, print_result, say_note, text
from gsign.cli.shared import FILE, Shared
from gsign.errors import TokenError

if TYPE_CHECKING:
    from gsign.token.discovery import TokenInfo

__all__ = ["token"]

_module = click.option("--module", type=FILE, metavar="PATH", help="PKCS#11 module (default: those that are found).")


@click.group(cls=Group)
@shared_options
def token() -> None:
    """Tokens present, and the signing keys on them."""


@token.command("list")
@_module
@shared_options
@click.pass_obj
def list_(shared: Shared, module: Path | None) -> int:
    """List the tokens that are present."""
    from gsign import pkcs11

    tokens = pkcs11.list_tokens(module or shared.configuration().token.module)
    for found in tokens:
        if shared.json:
            print_json(found.to_dict())
        else:
            _print_token(shared, found)
    return 0


def _print_token(shared: Shared, found: TokenInfo) -> None:
    print_result(clean(found.name))
    facts = {
        "uri": found.uri,
        "token-maker": " ".join(filter(None, (found.manufacturer, found.model))),
        "token-serial": found.serial,
        "module": found.module,
        "pin-state": text(shared, f"pin-{found.pin}"),
    }
    _print_facts(shared, facts)


@token.command()
@click.option("--key", type=KEY, default="pkcs11:", metavar="URI", help="Only what fits this pkcs11: URI (RFC 7512).")
@click.option(
    "--pin-file", type=FILE, metavar="F", help="File with the PIN (else GSIGN_PIN_FILE); shows private keys too."
)
@_module
@shared_options
@click.pass_obj
def keys(shared: Shared, key: str, pin_file: Path | None, module: Path | None) -> int:
    """List the signing keys as pkcs11: URIs, and why any other key is no candidate.

    Certificates are listed without a PIN; a PIN file makes sure that their private keys are there.
    """
    from gsign import pkcs11
    from gsign.cli.pin import pin_source, protect_memory

    protect_memory()
    configured = shared.configuration().token
    pin = pin_source(shared, pin_file, configured.pin_file, key)
    found = pkcs11.list_keys(key, pin=pin if isinstance(pin, str) else None, module=module or configured.module)
    for candidate in found:
        if shared.json:
            print_json(candidate.to_dict())
            continue
        for line in pkcs11.explain([candidate], shared.lang):
            print_result(clean(line))
        if not candidate.rejected:
            seen = "key-fits" if candidate.private_key else "key-unseen"
            print_result(f"    + {text(shared, seen)}")
    if not found:
        raise TokenError("keys-none-seen")
    fit = [candidate for candidate in found if not candidate.rejected]
    say_note(shared, text(shared, "keys-found", fit=len(fit), total=len(found)))
    return 0 if fit else TokenError.exit_code


def _print_facts(shared: Shared, facts: Mapping[str, object]) -> None:
    for name, value in facts.items():
        if value:
            print_result(f"  {text(shared, name)}: {clean(value)}")
