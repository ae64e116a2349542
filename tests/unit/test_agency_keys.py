"""The agencies' keys on a real token: opened once, used by a bounded number at a time, told of in full."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from gsign.config import Agency, Configuration, Token, Trust
from gsign.errors import TemporaryError, TokenError, UsageError
from gsign.isolation.pool import VerifierPool
from gsign.mail.agencies import Directory
from gsign.mail.facts import Inspection, SmimeKind
from gsign.mail.outcome import Outcome, act
from gsign.mail.policy import Facts
from gsign.mime.addresses import Address
from gsign.office import keys as module
from gsign.office.keys import AgencyKeys
from gsign.result import Indication, MailResult, Smime
from gsign.service import Service
from tests.drivers import owners_of, stopped
from tests.pki import ORGANISATION, Pki
from tests.relay.running import until
from tests.softhsm import PIN, Item, Office
from tests.softhsm import Token as SoftToken

LETTER = b"From: an@hungyen.gov.vn\r\nTo: b@hanam.gov.vn\r\nMIME-Version: 1.0\r\n\r\nKinh gui\r\n"
UNSIGNED = MailResult(None, Indication.NO_SIGNATURE_FOUND, Smime.NONE)


@dataclass
class Desk:
    keys: AgencyKeys
    service: Service
    judges: VerifierPool
    token: SoftToken
    agency: Agency
    pin: Path

    def verify(self, message: bytes) -> MailResult:
        return self.service.verify_mail(message, self.judges)

    def sign(self, message: bytes = LETTER) -> bytes:
        return self.keys.sign_message(message, self.agency, time.monotonic() + 60, form="detached").message


@pytest.fixture
def desk(pki: Pki, office: Office, tmp_path: Path) -> Iterator[Desk]:
    leaf = pki.leaf(ORGANISATION, pointers=False)
    token = office.token("VP", [Item(leaf.der, leaf.key)])
    pin = tmp_path / "pin"
    pin.touch(mode=0o600)
    pin.write_text(PIN)
    trust = Trust(anchors=(pki.root_file, pki.intermediate_file), revocation="off")
    agency = Agency(
        name="UBND tỉnh",
        domains=("hungyen.gov.vn",),
        certificate_emails=(ORGANISATION.email,),
        key="pkcs11:token=VP;object=van-thu",
    )
    configuration = Configuration(token=Token(module=office.module, pin_file=pin), trust=trust, agency=(agency,))
    service = Service(configuration)
    keys = AgencyKeys(service)
    with service.verifiers() as judges:
        yield Desk(keys, service, judges, token, agency, pin)
    keys.close()


def facts(desk: Desk, smime: MailResult = UNSIGNED, kind: SmimeKind = SmimeKind.NONE) -> Facts:
    senders = (Address("", "an", "hungyen.gov.vn"),)
    inspection = Inspection(senders, None, (), "", "", "", kind, (), (), (), ())
    return Facts("an@hungyen.gov.vn", ("b@hanam.gov.vn",), inspection, smime, Directory((desk.agency,)))


def done(desk: Desk, message: bytes, *then: str, **changes: object) -> Outcome:
    return act(then, message, facts(desk, **changes), desk.keys, time.monotonic() + 60)  # type: ignore[arg-type]


def test_a_message_is_signed_and_told_of(desk: Desk) -> None:
    outcome = done(desk, LETTER, "sign-message")
    result = desk.verify(outcome.message)
    assert (result.smime, result.signer and result.signer.email) == (Smime.PASS, ORGANISATION.email)
    assert outcome.done == ("sign-message",)
    (record,) = outcome.records
    assert (record["agency"], record["is_token"], record["as_agency"]) == ("UBND tỉnh", True, True)
    assert record["from"] == "an@hungyen.gov.vn"
    assert PIN not in str(record)


def test_the_form_is_the_one_that_all_recipients_take(desk: Desk) -> None:
    def agency(domain: str, form: str) -> Agency:
        return Agency(name=domain, domains=(domain,), mail_form=form)

    others = (agency("hanam.gov.vn", "opaque"), agency("bacninh.gov.vn", "opaque"), agency("hue.gov.vn", "detached"))
    directory = Directory((desk.agency, *others))

    def form(*recipients: str) -> object:
        told = facts(desk)._replace(recipients=recipients, directory=directory)
        outcome = act(("sign-message",), LETTER, told, desk.keys, time.monotonic() + 60)
        assert desk.verify(outcome.message).smime is Smime.PASS
        return outcome.records[0]["form"]

    assert form("b@hanam.gov.vn") == form("b@hanam.gov.vn", "c@bacninh.gov.vn") == "opaque"
    # Who knows no S/MIME reads nothing else.
    for more in ("c@hue.gov.vn", "c@example.com"):
        assert form("b@hanam.gov.vn", more) == form(more) == "detached"


def test_nothing_is_signed_twice_while_the_signature_holds(desk: Desk) -> None:
    signed = desk.sign()
    outcome = done(desk, signed, "sign-message", smime=desk.verify(signed), kind=SmimeKind.DETACHED)
    assert outcome == Outcome(signed)
    altered = signed.replace(b"Kinh gui", b"Kinh trinh")
    with pytest.raises(UsageError) as caught:
        done(desk, altered, "sign-message", smime=desk.verify(altered), kind=SmimeKind.DETACHED)
    assert caught.value.code == "mail-already-signed"


def test_what_is_encrypted_is_not_said_to_be_signed(desk: Desk) -> None:
    with pytest.raises(UsageError) as caught:
        done(desk, LETTER, "sign-message", kind=SmimeKind.ENCRYPTED)
    assert caught.value.code == "mail-is-encrypted"
    assert done(desk, LETTER, "encrypt-message", kind=SmimeKind.ENCRYPTED) == Outcome(LETTER)


def test_nobody_is_signed_for_in_anothers_name(desk: Desk) -> None:
    with pytest.raises(UsageError) as caught:
        desk.sign(LETTER.replace(b"an@hungyen.gov.vn", b"an@hanam.gov.vn"))
    assert caught.value.code == "signer-is-not-sender"


def test_a_token_that_comes_back_signs_again(desk: Desk) -> None:
    desk.sign()
    desk.token.remove()
    with pytest.raises(TokenError):
        desk.sign()
    desk.token.put_back()
    assert desk.verify(desk.sign()).smime is Smime.PASS


def test_a_wrong_pin_is_tried_once(desk: Desk) -> None:
    desk.pin.write_text("000000")
    with pytest.raises(TokenError) as first:
        desk.sign()
    # Had it been tried again, the right one would now do.
    desk.pin.write_text(PIN)
    with pytest.raises(TokenError) as second:
        desk.sign()
    assert first.value is second.value


def test_more_than_can_wait_are_put_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITING", 1)
    key = desk.keys._open(str(desk.agency.key), desk.agency.name)
    begun, over = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as other:
        busy = other.submit(key.do, lambda: begun.set() or over.wait(60), time.monotonic() + 60)
        assert begun.wait(60)
        with pytest.raises(TemporaryError) as caught:
            desk.sign()
        assert caught.value.code == "key-busy"
        over.set()
        assert busy.result()
    assert desk.sign()
    with pytest.raises(TemporaryError):
        desk.keys.sign_message(LETTER, desk.agency, time.monotonic() - 1, form="detached")


def test_a_key_that_hangs_is_not_waited_for_and_signs_again(desk: Desk) -> None:
    desk.keys.close()
    desk.keys = AgencyKeys(desk.service, 3.0)
    desk.sign()
    with stopped(owners_of(os.getpid())):
        for _ in range(2):
            with pytest.raises(TemporaryError) as caught:
                desk.keys.sign_message(LETTER, desk.agency, time.monotonic() + 0.2, form="detached")
            assert caught.value.code == "key-too-slow"
        # The process that hung is given up, and another one takes its place.
        assert desk.verify(desk.sign()).smime is Smime.PASS


def test_what_hung_has_left_no_place_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITING", 1)
    key = desk.keys._open(str(desk.agency.key), desk.agency.name)
    over = threading.Event()
    with pytest.raises(TemporaryError):
        key.do(lambda: over.wait(60), time.monotonic() + 0.1)
    with pytest.raises(TemporaryError) as caught:
        desk.sign()
    assert caught.value.code == "key-busy"
    over.set()
    until(lambda: key._room.acquire(blocking=False))
    key._room.release()
    assert desk.sign()
