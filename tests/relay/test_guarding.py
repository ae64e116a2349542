"""Who is let in, how they prove who they are, and what they may say for others."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import os
import signal
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.documents.structure import one_page
from tests.relay.faults import Scene, reload
from tests.relay.running import POLICY, Relay, until
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink


class Papers:
    """A certificate of a server, and one of a client, each its own authority; made anew when asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("server", "client", "stranger"):
            self.make(name)

    def make(self, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}.example.gov.vn")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName(
                    [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
                ),
                critical=False,
            )
            .sign(key, hashes.SHA256())
        )
        pkcs8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (self.folder / f"{name}.key").write_bytes(key.private_bytes(*pkcs8))
        (self.folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def context(self, name: str = "") -> ssl.SSLContext:
        """Return what a client needs to begin TLS, showing a certificate of its own where one is named."""
        context = ssl.create_default_context(cafile=self.folder / "server.pem")
        if name:
            context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context

    def server_context(self) -> ssl.SSLContext:
        """Return what a server needs to begin TLS."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        return context

    @property
    def settings(self) -> dict[str, str]:
        return {"tls_certificate": str(self.folder / "server.pem"), "tls_key": str(self.folder / "server.key")}


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def submission(_hop: Sink, papers: Papers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    folder = tmp_path_factory.mktemp("submission")
    hashed = PasswordHasher(time_cost=1, memory_cost=8192).hash("mật khẩu")
    (folder / "accounts").write_text(f"# who may send\nvanthu@b.vn:{hashed}\n", encoding="utf-8")
    settings = {"tls": "required", "accounts": "accounts", **papers.settings}
    with Relay(folder, _hop.address, relay=settings) as running:
        yield running


def _plain(password: str) -> str:
    return base64.b64encode(f"\0VanThu@b.vn\0{password}".encode()).decode()


def test_submission_takes_tls_and_an_account(submission: Relay, hop: Sink, papers: Papers) -> None:
    with submission.wire() as wire:
        assert wire.hello is not None
        assert "STARTTLS" in wire.hello.lines
        assert not any(line.startswith("AUTH") for line in wire.hello.lines)
        assert wire.say("MAIL FROM:<vanthu@b.vn>").code == 530
        assert wire.say(f"AUTH PLAIN {_plain('mật khẩu')}").code == 503
        hello = wire.begin_tls(papers.context())
        assert "STARTTLS" not in hello.lines
        assert "AUTH PLAIN LOGIN" in hello.lines
        assert wire.say("MAIL FROM:<vanthu@b.vn>").code == 530
        assert wire.say(f"AUTH PLAIN {_plain('sai')}").code == 535
        assert wire.say(f"AUTH PLAIN {_plain('mật khẩu')}").code == 235
        assert wire.envelope("a@b.vn")[1].code == 550
        wire.say("RSET")
        # Nor may it write in another's name.
        assert wire.transaction(LETTER, "vanthu@b.vn").code == 550
        own = LETTER.replace(b"a@b.vn", b"VanThu@b.vn")
        assert wire.transaction(own, "vanthu@b.vn").code == 250
        assert wire.transaction(own + b"x\r\n" * 700_000, "vanthu@b.vn").code == 250
        assert wire.say("QUIT").code == 221
    assert b" with ESMTPSA (TLSv1.3" in hop.delivered[0].content


def answered_inside(outside: socket.socket, context: ssl.SSLContext, before: bytes = b"") -> bytes:
    """Begin TLS with as few packets as can be, say EHLO with the last, and return what is said until its end."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    inside = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    said, is_done = b"", False
    while b"250 " not in said:
        with suppress(ssl.SSLWantReadError):
            if is_done:
                said += inside.read(65536)
                continue
            inside.do_handshake()
            is_done = True
            inside.write(b"EHLO client.vn\r\n")
        if outgoing.pending:
            outside.sendall(before + outgoing.read())
            before = b""
        incoming.write(outside.recv(65536))
    return said


def test_what_comes_together_with_the_end_of_the_handshake_is_answered(submission: Relay, papers: Papers) -> None:
    with submission.wire() as wire:
        assert wire.say("STARTTLS").code == 220
        assert b"AUTH PLAIN LOGIN" in answered_inside(wire.socket, papers.context())


def test_tls_may_begin_right_behind_what_a_proxy_says(hop: Sink, papers: Papers, tmp_path: Path) -> None:
    settings = {"tls": "implicit", "proxy_protocol": True, "trusted_peers": ["127.0.0.1/32"], **papers.settings}
    header = b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 465\r\n"
    with Relay(tmp_path, hop.address, relay=settings) as relay:
        host, _, port = relay.address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=60) as outside:
            assert answered_inside(outside, papers.context(), header).startswith(b"220 ")


def test_login_says_name_and_password_apart(submission: Relay, papers: Papers) -> None:
    with submission.wire() as wire:
        wire.begin_tls(papers.context())
        assert wire.say("AUTH LOGIN").code == 334
        assert wire.say(base64.b64encode(b"vanthu@b.vn").decode()).code == 334
        assert wire.say(base64.b64encode("mật khẩu".encode()).decode()).code == 235


def test_who_guesses_passwords_keeps_nobody_from_sending(hop: Sink, papers: Papers, tmp_path: Path) -> None:
    hashed = PasswordHasher(time_cost=1, memory_cost=8192).hash("mật khẩu")
    # One that takes many seconds, whatever the password.
    slow = PasswordHasher(time_cost=1, memory_cost=8192).hash("x").replace("t=1,", "t=3000,")
    (tmp_path / "accounts").write_text(f"vanthu@b.vn:{hashed}\nslow@b.vn:{slow}\n", encoding="utf-8")
    settings = {"tls": "required", "accounts": "accounts", "budget_seconds": 45, **papers.settings}
    policy = POLICY.replace('from = ["r.vn"]', 'from = ["b.vn"]')
    document = base64.encodebytes(one_page()).replace(b"\n", b"\r\n")
    head = LETTER.partition(b"\r\n\r\n")[0] + b"\r\nContent-Type: application/pdf\r\n"
    with ExitStack() as stack:
        relay = Relay(tmp_path, hop.address, relay=settings, policy=policy).start()
        stack.callback(relay.kill)
        sender, *guessers = [stack.enter_context(relay.wire()) for _ in range(41)]
        for wire in (sender, *guessers):
            wire.begin_tls(papers.context())
        assert sender.say(f"AUTH PLAIN {_plain('mật khẩu')}").code == 235
        guess = base64.b64encode(b"\0slow@b.vn\0x").decode()
        for wire in guessers:
            wire.send(f"AUTH PLAIN {guess}\r\n")
        # In it is something that is looked at in a thread.
        letter = head + b"Content-Transfer-Encoding: base64\r\n\r\n" + document
        assert sender.transaction(letter, "vanthu@b.vn").code == 550


def test_passwords_are_not_tried_for_long(submission: Relay, papers: Papers) -> None:
    with submission.wire() as wire:
        wire.begin_tls(papers.context())
        assert [wire.say(f"AUTH PLAIN {_plain('sai')}").code for _ in range(3)] == [535, 535, 421]
        assert wire.is_closed()


def test_what_came_in_the_clear_before_tls_does_not_count(submission: Relay, papers: Papers) -> None:
    with submission.wire() as wire:
        wire.send(b"STARTTLS\r\nMAIL FROM:<evil@b.vn>\r\n")
        assert wire.reply().code == 503
        assert wire.is_closed()
    with submission.wire() as wire:
        assert wire.begin_tls(papers.context()).code == 250
        assert wire.say("RCPT TO:<c@d.vn>").code == 503


def test_a_handshake_that_fails_is_no_trouble(submission: Relay, papers: Papers) -> None:
    with submission.wire() as wire:
        assert wire.say("STARTTLS").code == 220
        wire.send(b"EHLO again\r\n")
        assert wire.is_closed()
    assert "Traceback" not in submission.log.read_text(encoding="utf-8")


def test_tls_from_the_start_with_certificates_that_are_read_again(hop: Sink, papers: Papers, tmp_path: Path) -> None:
    settings = {"tls": "implicit", "tls_client_ca": str(papers.folder / "client.pem"), **papers.settings}
    with Relay(tmp_path, hop.address, relay=settings) as relay:
        with relay.wire(tls=papers.context("client")) as wire:
            assert wire.transaction().code == 250
        for name in ("", "stranger"):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                relay.wire(tls=papers.context(name))
        before = papers.context("client")
        papers.make("server")
        assert relay.process is not None
        relay.process.send_signal(signal.SIGHUP)
        until(lambda: "read again" in relay.log.read_text(encoding="utf-8"))
        with pytest.raises(ssl.SSLError):
            relay.wire(tls=before)
        with relay.wire(tls=papers.context("client")) as wire:
            assert wire.transaction().code == 250


def test_how_a_conversation_begins_is_read_again(hop: Sink, papers: Papers, tmp_path: Path) -> None:
    """Else mail for which TLS was compulsory would be taken in the clear where it is to begin from the start."""
    settings = {"trusted_peers": ["127.0.0.1/32"], **papers.settings}
    with Relay(tmp_path, hop.address, relay={"tls": "required", **settings}) as relay:
        scene = Scene(relay, hop)
        with relay.wire() as wire:
            assert wire.envelope()[0].code == 530
        relay.configure(tls="implicit")
        reload(scene, "read again")
        host, _, port = relay.address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=60) as outside:
            outside.sendall(b"EHLO client.vn\r\n")
            assert not outside.recv(100).startswith(b"2")
        with relay.wire(tls=papers.context()) as wire:
            assert wire.transaction().code == 250
        relay.configure(tls="none", proxy_protocol=True)
        reload(scene, "read again")
        with relay.wire(first=b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 25\r\n") as wire:
            assert wire.transaction().code == 250


def test_a_proxy_says_whom_it_speaks_for(hop: Sink, tmp_path: Path) -> None:
    settings = {"proxy_protocol": True, "trusted_peers": ["127.0.0.1/32"]}
    with Relay(tmp_path, hop.address, relay=settings) as relay:
        with relay.wire(first=b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 25\r\n") as wire:
            assert not any(line.startswith("XFORWARD") for line in wire.hello.lines)  # type: ignore[union-attr]
            assert wire.transaction().code == 250
        assert b"([192.0.2.7])" in hop.delivered[0].content
        with pytest.raises(ConnectionError):
            relay.wire(first=b"EHLO client.vn\r\n")
        # Whom the proxy does not know is not the proxy, and may not speak for others; the proxy itself may.
        signature = b"\r\n\r\n\0\r\nQUIT\n"
        for header, is_the_proxy in {
            b"PROXY UNKNOWN\r\n": False,
            signature + b"\x21\0\0\0": False,
            signature + b"\x20\0\0\0": True,
        }.items():
            with relay.wire(first=header) as wire:
                assert any(line.startswith("XFORWARD") for line in wire.hello.lines) is is_the_proxy  # type: ignore[union-attr]
        # Who is not trusted may not say who they are.
        relay.configure(trusted_peers=["192.0.2.0/24"])
        assert relay.process is not None
        relay.process.send_signal(signal.SIGHUP)
        until(lambda: "read again" in relay.log.read_text(encoding="utf-8"))
        with pytest.raises(ConnectionError):
            relay.wire(first=b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 25\r\n")


def test_only_trusted_peers_speak_for_others_and_for_one_message_at_a_time(relay: Relay, tmp_path: Path) -> None:
    from tests.smtp_sink import sink

    with relay.wire() as wire:
        assert wire.say("XFORWARD ADDR=192.0.2.7").code == 503
    with sink(extensions=("PIPELINING", "XFORWARD NAME ADDR")) as asked:
        settings = {"trusted_peers": ["127.0.0.0/8"]}
        with Relay(tmp_path, asked.address, relay=settings) as trusting, trusting.wire() as wire:
            for address in ("192.0.2.7", "192.0.2.8"):
                assert wire.say(f"XFORWARD ADDR={address} HELO=x").code == 250
                assert wire.transaction().code == 250
            assert wire.transaction().code == 250
        told = [line for line in asked.commands if line.startswith("XFORWARD")]
        assert told == ["XFORWARD ADDR=192.0.2.7 HELO=x", "XFORWARD ADDR=192.0.2.8 HELO=x"]


def test_a_bad_configuration_leaves_the_old_one(hop: Sink, tmp_path: Path) -> None:
    with Relay(tmp_path, hop.address) as relay:
        good = relay.configuration.read_text(encoding="utf-8")
        relay.configuration.write_text(good.replace("[policy]", "[policy]\nnonsense = 1"), encoding="utf-8")
        assert relay.process is not None
        relay.process.send_signal(signal.SIGHUP)
        until(lambda: "not read again" in relay.log.read_text(encoding="utf-8"))
        assert relay.sends() == 250
        relay.configuration.write_text(
            good.replace('name = "through"', 'name = "closed"\notherwise = "reject"').replace(
                "require = []", 'require = ["a-signed-pdf"]'
            )
        )
        relay.process.send_signal(signal.SIGHUP)
        until(lambda: "configuration read again" in relay.log.read_text(encoding="utf-8"))
        assert relay.sends() == 550


def test_no_more_than_is_allowed(hop: Sink, tmp_path: Path) -> None:
    settings = {"max_connections": 3, "max_connections_per_peer": 2, "max_messages_per_minute": 2, "max_recipients": 2}
    with Relay(tmp_path, hop.address, relay=settings) as relay:
        with relay.wire() as first, relay.wire() as second:
            assert relay.greets() == 421
            assert first.transaction().code == 250
            assert second.transaction().code == 250
            assert first.envelope()[1] == (450, ("4.7.1 too many messages; try again later",))
        until(lambda: relay.greets() == 220)


def test_a_terminal_ends_processes_that_are_still_starting(hop: Sink, tmp_path: Path) -> None:
    with Relay(tmp_path, hop.address, relay={"processes": 4}) as relay:
        assert relay.process is not None
        # It is said to all of them at once, the scribe included.
        os.killpg(relay.process.pid, signal.SIGINT)
        assert relay.process.wait(60) == 0
        until(lambda: not relay.pids())


def test_what_is_under_way_ends_before_the_relay_does(hop: Sink, tmp_path: Path) -> None:
    relay = Relay(tmp_path, hop.address).start()
    try:
        assert relay.process is not None
        with relay.wire() as idle, relay.wire() as busy:
            busy.envelope()
            assert busy.say("DATA").code == 354
            relay.process.terminate()
            assert idle.reply() == (421, ("4.3.2 this server stops; try again later",))
            assert idle.is_closed()
            assert busy.content(LETTER).code == 250
            assert busy.reply().code == 421
        assert relay.process.wait(60) == 0
        assert len(hop.delivered) == 1
        until(lambda: not relay.pids())
    finally:
        relay.kill()


def test_who_is_not_through_when_the_relay_stops_is_told(hop: Sink, tmp_path: Path) -> None:
    relay = Relay(tmp_path, hop.address, relay={"budget_seconds": 2}).start()
    over = threading.Event()
    hop.answer = lambda line: "drop" if line == "." and over.wait(20) else None
    try:
        assert relay.process is not None
        with relay.wire() as begun, relay.wire() as sending, relay.wire() as waiting:
            begun.envelope()
            for wire in (sending, waiting):
                wire.envelope()
                assert wire.say("DATA").code == 354
            sending.send(LETTER)
            waiting.send(LETTER + b".\r\n")
            until(lambda: hop.commands[-1].startswith("BDAT "))
            relay.process.terminate()
            for wire in (begun, sending, waiting):
                assert wire.reply() == (421, ("4.3.2 this server stops; try again later",))
                assert wire.is_closed()
        over.set()
        assert relay.process.wait(60) == 0
        assert not hop.delivered
    finally:
        over.set()
        relay.kill()
