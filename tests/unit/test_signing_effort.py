"""What signing takes, in counts that no machine changes: requests to the token, objects read, questions asked."""

from __future__ import annotations

import pytest

import gsign.pdf
from gsign import pkcs11
from gsign.signer import Signer
from gsign.syntax import reader
from gsign.token.client import Driver
from gsign.trust import signing_certificate
from gsign.trust.revocation import RevocationClient
from gsign.trust.store import TrustStore
from tests.calls import calls_of
from tests.documents import Library
from tests.pki import Pki
from tests.softhsm import PIN, Item, Office

_MANY = 5


def test_a_token_is_looked_at_once_and_then_asked_for_signatures_alone(
    office: Office, pki: Pki, documents: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    asked = calls_of(monkeypatch, Driver, "request")
    with pkcs11.open_signer(pin=PIN, module=office.module) as signer:
        for _ in range(_MANY):
            gsign.pdf.sign(documents["one-page"].data, signer, revocation="off")
    # Certificates are seen before the login, keys only after it.
    assert [request for _, request, *_ in asked] == ["tokens", "objects", "login", "objects", *["sign"] * _MANY]


def test_status_and_certificate_are_looked_at_once_in_a_batch(
    pki: Pki, documents: Library, file_signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaf = pki.leaf()
    monkeypatch.setattr(file_signer, "certificate", leaf.der)
    monkeypatch.setattr(file_signer, "chain", leaf.chain)
    # The clock of the test stands still: a batch that passes into the next second looks once more.
    now = gsign.pdf._now()
    monkeypatch.setattr(gsign.pdf, "_now", lambda: now)
    monkeypatch.setattr(signing_certificate, "_FRESH_SECONDS", 3600.0)
    store, client = TrustStore.load(pki.root_file, pinned=False), RevocationClient()
    checked = calls_of(monkeypatch, signing_certificate, "check_signing_certificate")
    for _ in range(_MANY):
        gsign.pdf.sign(documents["one-page"].data, file_signer, trust=store, revocation=client)
    assert len(checked) == 1
    # One question for each certificate of the path below the anchor.
    assert pki.ocsp.requests == 2
    assert pki.crl.requests == 0


@pytest.mark.parametrize("name", ["one-page", "500-pages"])
def test_few_objects_are_read_however_many_there_are(
    documents: Library, file_signer: Signer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    read = calls_of(monkeypatch, reader, "read_object")
    gsign.pdf.sign(documents[name].data, file_signer, revocation="off")
    # The catalog, the root of the page tree, and the first page.
    assert len({offset for _, offset in read}) == len(read) == 3
