"""Much at once, and much of one thing: the relay keeps answering others, and its memory stays bounded."""

from __future__ import annotations

import base64
import io
import resource
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.relay.running import Relay, policy, rule
from tests.relay.wire import Wire
from tests.smtp_sink import Sink

MB = 1 << 20
CONNECTIONS = 1000
HEAD = b"From: a@b.vn\r\nTo: c@d.vn\r\nSubject: a\r\nMIME-Version: 1.0\r\n"
POLICY = policy(rule("readable", "*", require=["every-pdf-signed", "everything-readable"]))


@pytest.fixture(scope="module")
def large(_hop: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    settings = {"max_message_bytes": 120 * MB, "budget_seconds": 60}
    with Relay(tmp_path_factory.mktemp("large"), _hop.address, relay=settings, policy=POLICY) as running:
        assert running.sends() == 250
        yield running


@contextmanager
def watched(relay: Relay) -> Iterator[list[int]]:
    """Note the memory of the relay while something goes on, and see that others are answered meanwhile."""
    noted = [relay.resident()]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            noted.append(relay.resident())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield noted
    finally:
        over.set()
        thread.join()


def test_a_thousand_that_say_nothing_or_little(large: Relay, hop: Sink) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    try:
        with ExitStack() as stack, watched(large) as noted:
            wires = [stack.enter_context(Wire(large.address, "")) for _ in range(CONNECTIONS)]
            for wire in wires[::10]:
                wire.send(b"EHLO cli")
            for wire in wires[1::10]:
                wire.say("EHLO client.vn")
                assert wire.envelope()[1].code == 250
                assert wire.say("DATA").code == 354
                wire.send(HEAD + b"\r\nx")
            assert large.sends() == 250
            for wire in wires[1::10]:
                wire.send(b"\r\n.\r\n")
            assert [wire.reply().code for wire in wires[1::10]] == [250] * (CONNECTIONS // 10)
        assert max(noted) - noted[0] < 100 * MB
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(hop.delivered) == 1 + CONNECTIONS // 10


def _parts() -> bytes:
    part = b"--x\r\nContent-Type: text/plain\r\n\r\na\r\n"
    return HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part * 10_000 + b"--x--\r\n"


def _attached(name: str, data: bytes) -> bytes:
    lines = base64.encodebytes(data).replace(b"\n", b"\r\n")
    head = HEAD + b"Content-Type: application/octet-stream; name=" + name.encode() + b"\r\n"
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + lines


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(8):
            archive.writestr(f"{number}.pdf", b"%PDF-1.7\n" + bytes(40 * MB))
    return _attached("a.zip", packed.getvalue())


def _line() -> bytes:
    return HEAD + b"\r\n" + b"x" * 2 * MB + b"\r\n"


def _hundred() -> bytes:
    return HEAD + b"\r\n" + (b"x" * 76 + b"\r\n") * (100 * MB // 78)


def _too_large() -> bytes:
    return HEAD + b"\r\n" + (b"x" * 76 + b"\r\n") * (121 * MB // 78)


@pytest.mark.parametrize(
    "make, heard",
    [
        pytest.param(_parts, (250, "2.0.0"), id="10,000 parts"),
        pytest.param(_bomb, (550, "5.6.0"), id="zip bomb"),
        pytest.param(_line, (550, "5.6.0"), id="2 MB line"),
        pytest.param(_hundred, (250, "2.0.0"), id="100 MB"),
        pytest.param(_too_large, (552, "5.3.4"), id="too large"),
    ],
)
def test_much_of_one_thing(large: Relay, hop: Sink, make: Callable[[], bytes], heard: tuple[int, str]) -> None:
    content = make()
    said = []
    with watched(large) as noted, large.wire() as wire:
        sending = threading.Thread(target=lambda: said.append(wire.transaction(content)))
        sending.start()
        others = [large.sends() for _ in range(5)]
        sending.join()
    assert others == [250] * 5
    assert (said[0].code, said[0].enhanced) == heard
    assert max(noted) - noted[0] < 400 * MB + 5 * len(content)
    assert large.sends() == 250
