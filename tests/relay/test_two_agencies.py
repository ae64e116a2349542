"""Two agencies: what the first relay signs the second verifies; and a token that is pulled out only delays mail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.pki import ORGANISATION, Pki
from tests.relay.running import Relay, policy, rule
from tests.relay.stories import Materials, entries
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink
from tests.softhsm import PIN, Item, Office, Token

AGENCY = """
[[agency]]
name = "UBND tỉnh Hưng Yên"
domains = ["hungyen.gov.vn"]
certificate_emails = ["vpubnd@hungyen.gov.vn"]
"""
SENDING = policy(rule("leaving", "hungyen.gov.vn", then=["sign-message"]))
RECEIVING = policy(rule("arriving", "hungyen.gov.vn", require=["message-signed"]))
OWN = LETTER.replace(b"a@b.vn", b"an@hungyen.gov.vn")
SENDER = "an@hungyen.gov.vn"


class Offices:
    """Both relays, and the token of the first."""

    def __init__(self, sending: Relay, receiving: Relay, token: Token) -> None:
        self.sending = sending
        self.receiving = receiving
        self.token = token


@pytest.fixture(scope="module")
def offices(session_pki: Pki, _hop: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offices]:
    leaf = session_pki.leaf(ORGANISATION, pointers=False)
    office = Office(tmp_path_factory.mktemp("office"))
    token = office.token("VP", [Item(leaf.der, leaf.key)])
    materials = Materials(session_pki, tmp_path_factory.mktemp("materials"))
    anchors = ", ".join(f'"{path}"' for path in materials.anchors)
    trust = f'[trust]\nanchors = [{anchors}]\nrevocation = "off"\n'
    there, here = tmp_path_factory.mktemp("receiving"), tmp_path_factory.mktemp("sending")
    (here / "pin").write_text(PIN)
    (here / "pin").chmod(0o600)
    with ExitStack() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv(*office.setting)
        name = {"hostname": "relay.hanam.gov.vn"}
        receiving = Relay(there, _hop.address, relay=name, more=trust, policy=AGENCY + RECEIVING)
        running.enter_context(receiving)
        key = 'key = "pkcs11:token=VP;object=van-thu"\n'
        more = f'[token]\nmodule = "{office.module}"\npin_file = "pin"\n{trust}'
        sending = Relay(here, receiving.address, more=more, policy=AGENCY + key + SENDING)
        running.enter_context(sending)
        yield Offices(sending, receiving, token)


def test_what_one_relay_signs_the_other_verifies(offices: Offices, hop: Sink) -> None:
    with offices.receiving.wire() as wire:
        assert wire.transaction(OWN, SENDER).enhanced == "5.7.1"
    assert offices.sending.sends(OWN, SENDER) == 250
    (arrived,) = hop.delivered
    first, second = (arrived.content.index(f"Authentication-Results: {name};".encode()) for name in NAMES)
    assert first < second
    assert b"relay.hanam.gov.vn;\r\n\tsmime=pass\r\n\tbody.smime-identifier=" in arrived.content
    (made,) = [body["made"] for kind, body in entries(offices.sending.ledger) if kind == "done"]
    (record,) = [body["records"][0] for kind, body in entries(offices.sending.ledger) if kind == "done"]
    assert len(made) == 64
    assert (record["action"], record["agency"], record["is_token"]) == ("sign-message", "UBND tỉnh Hưng Yên", True)
    assert record["signer"]["email"] == ORGANISATION.email
    assert PIN not in str(entries(offices.sending.ledger))


NAMES = ("relay.hanam.gov.vn", "relay.vn")


def test_without_its_token_a_relay_puts_mail_off(offices: Offices, hop: Sink) -> None:
    offices.token.remove()
    try:
        with offices.sending.wire() as wire:
            reply = wire.transaction(OWN, SENDER)
        assert (reply.code, reply.enhanced) == (451, "4.3.0")
        assert hop.delivered == []
    finally:
        offices.token.put_back()
    assert offices.sending.sends(OWN, SENDER) == 250
    assert len(hop.delivered) == 1
