"""What every test shares: the run-time PKI, documents, and an environment that is nobody's in particular."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.documents import Library
    from tests.pki import Pki
    from tests.postgres import Postgres


_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def pytest_configure() -> None:
    """Make the loopback servers reachable whatever proxy is set, and programs interruptible whoever started us.

    A shell's background job ignores SIGINT, and so would every program that a test starts and then interrupts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in _PROXIES:
        os.environ.pop(name, None)
        os.environ.pop(name.upper(), None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped or expectedly failing test into a failure where CI is set: nothing is left out unseen."""
    report = yield
    if os.environ.get("CI") and (report.skipped or hasattr(report, "wasxfail")):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: skipped or xfailed in CI: {report.longrepr}"
        if hasattr(report, "wasxfail"):
            del report.wasxfail
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for modules that skip themselves while being collected."""
    report = yield
    if os.environ.get("CI") and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid}: skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def session_pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    """The PKI itself, for fixtures that live as long as the session; tests take `pki`."""
    from tests.pki import Pki  # here, so that a test without a PKI starts at once

    made = Pki(tmp_path_factory.mktemp("pki"))
    yield made
    made.close()


@pytest.fixture
def pki(session_pki: Pki) -> Iterator[Pki]:
    """The PKI with every knob, counter and revocation put back before and after the test."""
    session_pki.reset()
    yield session_pki
    session_pki.reset()


@pytest.fixture(scope="session")
def documents(session_pki: Pki) -> Library:
    """Documents of every kind, by name; `tests.documents.names` lists them."""
    from tests.documents import Library

    return Library(session_pki)


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's configuration, caches and PINs out of the tests, and the tests out of them."""
    home: Path = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    for name in [key for key in os.environ if key.startswith("GSIGN_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The PostgreSQL server of the session; tests take `postgres`."""
    from tests.postgres import Postgres

    server = Postgres()
    yield server
    server.close()


@pytest.fixture
def postgres(postgres_server: Postgres) -> Postgres:
    """A PostgreSQL server that runs, whatever a test before has done to it."""
    if not postgres_server.is_running:
        postgres_server.start()
    return postgres_server
