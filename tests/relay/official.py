"""A relay of an agency: with its key on a token, and rules that need it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.pki import ORGANISATION, Pki
from tests.relay.faults import Scene
from tests.relay.running import RULES, Relay, policy, rule
from tests.shim import Shim, build
from tests.smtp_sink import Sink
from tests.softhsm import PIN, Item, Office

__all__ = ["SIGNED", "official"]

SIGNED = "office@hungyen.gov.vn"
"""Whoever sends as this has it signed."""
_POLICY = policy(
    rule("signed", SIGNED, then=["sign-message"]),
    rule("documents", "documents.vn", require=["every-pdf-signed"]),
    rule("messages", "messages.vn", require=["message-signed"]),
    *RULES,
)


def official(folder: Path, pki: Pki, hop: Sink, running: ExitStack, **settings: int) -> Scene:
    """Start a relay whose agency signs by a token, behind a module that faults are made with.

    Args:
        folder: for all of it; the PIN is in its file `pin`.
        pki: whom it trusts.
        hop: where it sends mail.
        running: ends it.
        settings: of [relay].
    """
    agency = pki.leaf(ORGANISATION)
    office = Office(folder / "tokens")
    token = office.token("VP", [Item(agency.der, agency.key)])
    shim = Shim(build(folder), folder)
    (folder / "pin").write_text(PIN)
    (folder / "pin").chmod(0o600)
    anchors = ", ".join(f'"{path}"' for path in (pki.root_file, pki.intermediate_file))
    more = f"""
        [token]
        module = "{shim.module}"
        pin_file = "pin"
        [trust]
        anchors = [{anchors}]
        revocation = "require"
        allow_private_addresses = true
        archive = "crl"
        [[agency]]
        name = "UBND"
        domains = ["hungyen.gov.vn"]
        certificate_emails = ["{ORGANISATION.email}"]
        key = "pkcs11:token=VP"
    """
    patch = running.enter_context(pytest.MonkeyPatch.context())
    for name, value in (office.setting, *shim.settings.items()):
        patch.setenv(name, value)
    relay = Relay(folder, hop.address, relay=settings, more=more, policy=_POLICY)
    return Scene(running.enter_context(relay), hop, pki, shim, token)
