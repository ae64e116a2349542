"""TLS with the next hop: who it is, what of it may be relied on, and what a client may ask of the rest of the way."""

from __future__ import annotations

import hashlib
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gsign.smtp.client import Connection
from tests.relay.running import Relay, until
from tests.relay.test_guarding import Papers
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink, sink


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def secured(papers: Papers) -> Iterator[Sink]:
    offered = ("PIPELINING", "STARTTLS", "REQUIRETLS", "8BITMIME")
    with sink(extensions=offered, tls=papers.server_context()) as running:
        yield running


def digest_of(papers: Papers, name: str) -> str:
    der = ssl.PEM_cert_to_DER_cert((papers.folder / f"{name}.pem").read_text())
    digits = hashlib.sha256(der).hexdigest().upper()
    return ":".join(digits[at : at + 2] for at in range(0, 64, 2))


def towards(secured: Sink, folder: Path, **settings: object) -> Relay:
    return Relay(folder, secured.address, relay={"budget_seconds": 3, **settings})


def test_an_authority_vouches_for_the_next_hop(secured: Sink, papers: Papers, tmp_path: Path) -> None:
    certificate = str(papers.folder / "server.pem")
    with towards(secured, tmp_path, next_hop_tls="verify", next_hop_ca=certificate) as relay:
        assert relay.sends() == 250
    with towards(secured, tmp_path, next_hop_tls="verify") as relay:
        assert relay.sends() == 421
        assert "CERTIFICATE_VERIFY_FAILED" in relay.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("mode", ["encrypt", "verify"])
def test_a_certificate_is_pinned(secured: Sink, papers: Papers, tmp_path: Path, mode: str) -> None:
    settings = {"next_hop_tls": mode}
    if mode == "verify":
        settings["next_hop_ca"] = str(papers.folder / "server.pem")
    pins = [digest_of(papers, "client"), digest_of(papers, "server")]
    with towards(secured, tmp_path, next_hop_sha256=pins, **settings) as relay:
        assert relay.sends() == 250
    with towards(secured, tmp_path, next_hop_sha256=pins[:1], **settings) as relay:
        assert relay.sends() == 421
        assert "is not pinned" in relay.log.read_text(encoding="utf-8")


def outdated(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a program speak nothing but what nobody should."""
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_speaks_nothing_older_than_tls_1_2(papers: Papers, tmp_path: Path) -> None:
    tls = outdated(papers.server_context())
    with (
        sink(extensions=("STARTTLS",), tls=tls) as ancient,
        towards(ancient, tmp_path, next_hop_tls="encrypt") as relay,
    ):
        assert relay.sends() == 421


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nor_does_it_let_clients_speak_it(hop: Sink, papers: Papers, tmp_path: Path) -> None:
    with Relay(tmp_path, hop.address, relay={"tls": "required", **papers.settings}) as relay:
        with relay.wire() as wire, pytest.raises(ssl.SSLError):
            wire.begin_tls(outdated(papers.context()))
        with relay.wire() as wire:
            least = papers.context()
            least.maximum_version = ssl.TLSVersion.TLSv1_2
            assert wire.begin_tls(least).code == 250


@pytest.mark.parametrize(
    "settings, is_offered",
    [
        pytest.param({"next_hop_tls": "verify", "next_hop_ca": True}, True, id="verified"),
        pytest.param({"next_hop_tls": "encrypt", "next_hop_sha256": True}, True, id="pinned"),
        pytest.param({"next_hop_tls": "encrypt"}, False, id="anybody"),
    ],
)
def test_requiretls_goes_on_to_a_server_that_is_known(
    secured: Sink, papers: Papers, tmp_path: Path, settings: dict, is_offered: bool
) -> None:
    chosen = dict(settings)
    if "next_hop_ca" in chosen:
        chosen["next_hop_ca"] = str(papers.folder / "server.pem")
    if "next_hop_sha256" in chosen:
        chosen["next_hop_sha256"] = [digest_of(papers, "server")]
    secured.commands.clear()
    with towards(secured, tmp_path, tls="starttls", **chosen, **papers.settings) as relay, relay.wire() as wire:
        assert wire.hello is not None
        # In the clear nobody could keep the promise.
        assert "REQUIRETLS" not in wire.hello.lines
        assert ("REQUIRETLS" in wire.begin_tls(papers.context()).lines) == is_offered
        said = wire.say("MAIL FROM:<a@b.vn> REQUIRETLS")
        if not is_offered:
            assert (said.code, said.enhanced) == (555, "5.5.4")
            return
        assert said.code == 250
        assert wire.say("RCPT TO:<c@d.vn>").code == 250
        assert wire.say("DATA").code == 354
        assert wire.content(LETTER).code == 250
    assert "MAIL FROM:<a@b.vn> REQUIRETLS" in secured.commands


def test_a_next_hop_that_no_longer_offers_it_is_not_given_the_message(
    secured: Sink, papers: Papers, tmp_path: Path
) -> None:
    certificate = str(papers.folder / "server.pem")
    settings = {"next_hop_tls": "verify", "next_hop_ca": certificate, "tls": "starttls", **papers.settings}
    with towards(secured, tmp_path, **settings) as relay, relay.wire() as wire:
        wire.begin_tls(papers.context())
        secured.delivered.clear()
        before, secured.extensions = secured.extensions, ("PIPELINING", "STARTTLS")
        secured.drop_connections()
        try:
            wire.say("MAIL FROM:<a@b.vn> REQUIRETLS")
            assert wire.say("RCPT TO:<c@d.vn>").code == 451
        finally:
            secured.extensions = before
            secured.drop_connections()
    assert secured.delivered == []


def test_what_came_unasked_inside_tls_is_nobodys_answer(secured: Sink, papers: Papers, tmp_path: Path) -> None:
    context = ssl.create_default_context(cafile=str(papers.folder / "server.pem"))
    with Connection(secured.address, hostname="relay.vn", tls=context, deadline=time.monotonic() + 60) as connection:
        assert connection.is_usable()
        inside = list(secured._over_tls.values())[-1]
        inside.sendall(b"250 2.0.0 kept\r\n")
        until(lambda: not connection.is_usable())
