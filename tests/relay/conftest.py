"""Fixtures: a next hop and a relay before it, shared by the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.relay.running import Relay
from tests.smtp_sink import Sink, sink


@pytest.fixture(scope="module")
def _hop() -> Iterator[Sink]:
    with sink(extensions=("PIPELINING", "8BITMIME", "DSN", "CHUNKING", "SMTPUTF8", "SIZE 60000000")) as running:
        yield running


@pytest.fixture
def hop(_hop: Sink) -> Iterator[Sink]:
    """The next hop, with nothing delivered and nothing told."""
    _hop.answer = lambda _: None
    _hop.delivered.clear()
    _hop.commands.clear()
    yield _hop
    _hop.answer = lambda _: None


@pytest.fixture(scope="module")
def _relay(_hop: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with Relay(tmp_path_factory.mktemp("relay"), _hop.address) as running:
        yield running


@pytest.fixture
def relay(_relay: Relay, hop: Sink) -> Relay:
    """A running relay that passes on what comes from anywhere, but h.vn is held and r.vn refused without a document."""
    return _relay
