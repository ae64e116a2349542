"""Tokens and letters for unit tests: an empty office, a module that misbehaves on demand, what letters are made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gsign import pkcs12
from gsign.signer import Signer
from tests.pki import Pki
from tests.shim import Shim, build
from tests.softhsm import Office

if TYPE_CHECKING:
    from tests.mailcorpus.kit import Kit


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A folder for software tokens that the module looks into."""
    made = Office(tmp_path / "office")
    monkeypatch.setenv(*made.setting)
    return made


@pytest.fixture(scope="session")
def shim_module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled module."""
    return build(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def shim(shim_module: Path, tmp_path: Path, office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shim]:
    """The module that wraps this office's tokens."""
    made = Shim(shim_module, tmp_path)
    for name, value in made.settings.items():
        monkeypatch.setenv(name, value)
    yield made
    made.control()


@pytest.fixture(scope="session")
def file_signer(session_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    """A person's key in a PKCS#12 file, whose certificate names nobody to ask for its status."""
    path = session_pki.leaf(variant="no-pointers").p12(tmp_path_factory.mktemp("p12") / "k.p12", "mat-khau")
    with pkcs12.open_signer(path, pin="mat-khau") as signer:
        yield signer


@pytest.fixture(scope="session")
def mail_kit(session_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    """What tests of mail make letters with."""
    from tests.mailcorpus.kit import Kit  # here, so that tests without mail start at once

    return Kit(session_pki, tmp_path_factory.mktemp("mail"))


@pytest.fixture
def kit(mail_kit: Kit, pki: Pki) -> Kit:
    """The same, while the authorities' servers answer."""
    return mail_kit


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have workers forked, which is the quicker start; the threads that there are are the test PKI's."""
    monkeypatch.setattr("gsign.isolation.pool.can_fork", lambda: True)


@pytest.fixture(scope="session")
def written_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of the stations a, b and c: four rounds of five entries each, and before them the others' heads."""
    from tests.unit.ledgers import written

    return written(tmp_path_factory.mktemp("ledger") / "written.db")


@pytest.fixture
def ledger(written_ledger: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    from tests.unit.ledgers import copied

    return copied(written_ledger, tmp_path / "ledger.db")
