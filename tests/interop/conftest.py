"""One SoftHSM token with a key of every kind, shared by the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import gsign.pkcs11
from gsign.signer import Signer
from tests import judges
from tests.interop.verdict import Court
from tests.pki import LEADER, ORGANISATION, PERSON, Pki
from tests.softhsm import PIN, Item, Office

KINDS = {
    "rsa2048": (LEADER, "rsa2048"),
    "rsa3072": (ORGANISATION, "rsa3072"),
    "p256": (PERSON, "p256"),
    "p384": (ORGANISATION, "p384"),
}


@pytest.fixture(scope="session")
def signers(session_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Signer]]:
    """Signers by kind of key, all on one token, opened once."""
    office = Office(tmp_path_factory.mktemp("office"))
    items = []
    for index, (label, (subject, kind)) in enumerate(KINDS.items(), 1):
        identity = session_pki.leaf(subject, key=kind)
        items.append(Item(identity.der, identity.key, label=label, id=bytes([index])))
    # Tokens carry the certificate of the CA that issued theirs.
    items.append(Item(session_pki.intermediate.identity.der, label="ca", id=b"ca"))
    office.token("KySo", items)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(*office.setting)
        opened = {
            label: gsign.pkcs11.open_signer(f"pkcs11:token=KySo;object={label}", pin=PIN, module=office.module)
            for label in KINDS
        }
        yield opened
        for signer in opened.values():
            signer.close()


@pytest.fixture(scope="session")
def nss_folder(session_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An NSS database for pdfsig that trusts the run-time root."""
    return judges.new_nss_folder(tmp_path_factory.mktemp("nss"), session_pki.root_file)


@pytest.fixture
def court(pki: Pki, nss_folder: Path) -> Court:
    """All judges."""
    return Court(pki, nss_folder)
