"""Who takes too long is told so and dropped, whatever it does meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gsign.smtp.reply import Reply
from tests.relay.running import Relay, until
from tests.relay.wire import LETTER, Wire
from tests.smtp_sink import Sink

SLOW = Reply(421, ("4.4.2 too slow; try again later",))


@pytest.fixture(scope="module")
def impatient(_hop: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    limits = {"max_message_seconds": 1, "max_session_seconds": 2}
    with Relay(tmp_path_factory.mktemp("impatient"), _hop.address, relay=limits) as running:
        yield running


def drips(wire: Wire, octets: bytes) -> Reply:
    """Send octets again and again while a reply is waited for."""
    over = threading.Event()

    def drip() -> None:
        with suppress(OSError):
            while not over.wait(0.05):
                wire.send(octets)

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        return wire.reply()
    finally:
        over.set()
        dripping.join()


def begun(wire: Wire) -> None:
    wire.envelope()
    assert wire.say("DATA").code == 354


def test_content_that_trickles_in(impatient: Relay, hop: Sink) -> None:
    with impatient.wire() as wire:
        begun(wire)
        assert drips(wire, b"x") == SLOW
        assert wire.is_closed()
    assert hop.delivered == []
    assert impatient.sends() == 250


def test_chunks_that_trickle_in(impatient: Relay) -> None:
    with impatient.wire() as wire:
        wire.envelope()
        wire.send(b"BDAT 100000 LAST\r\n")
        assert drips(wire, b"x") == SLOW
        assert wire.is_closed()


@pytest.mark.parametrize("drop", [b"", b"N"])
def test_a_client_that_says_nothing_or_little(impatient: Relay, drop: bytes) -> None:
    with impatient.wire() as wire:
        assert drips(wire, drop) == SLOW
        assert wire.is_closed()


def test_a_client_that_says_nothing_of_weight(impatient: Relay) -> None:
    with impatient.wire() as wire:
        said = [wire.say("NOOP")]
        while said[-1].code == 250:
            said.append(drips(wire, b"NOOP\r\n"))
    assert said[-1] in (SLOW, Reply(421, ("4.7.0 too many commands without mail",)))


def test_time_that_the_next_hop_takes_is_not_the_clients(impatient: Relay, hop: Sink) -> None:
    waiting = threading.Event()
    hop.answer = lambda line: "250 2.0.0 kept" if line == "." and not waiting.wait(2.5) else None
    with impatient.wire() as wire:
        begun(wire)
        assert wire.content(LETTER).code == 250
        waiting.set()
        assert wire.transaction().code == 250
    assert len(hop.delivered) == 2


def test_of_many_recipients_the_last_has_as_much_time_as_the_first(tmp_path: Path, hop: Sink) -> None:
    """A next hop that looks for each of them elsewhere takes longer for all than one message may."""
    waiting = threading.Event()
    hop.answer = lambda line: "250 2.1.5 found" if line.startswith("RCPT") and not waiting.wait(0.4) else None
    recipients = [f"{number}@d.vn" for number in range(4)]
    with Relay(tmp_path, hop.address, relay={"budget_seconds": 1}) as hasty, hasty.wire() as wire:
        assert [reply.code for reply in wire.envelope("a@b.vn", recipients)] == [250] * 5
        assert wire.say("DATA").code == 354
        assert wire.content(LETTER).code == 250
    assert len(hop.delivered[0].recipients) == 4


def test_a_recipient_too_many_ends_it(relay: Relay, hop: Sink) -> None:
    hop.answer = lambda line: "550 5.1.1 unknown" if line.startswith("RCPT") else None
    with relay.wire() as wire:
        wire.say("MAIL FROM:<a@b.vn>")
        codes = [wire.say(f"RCPT TO:<{n}@d.vn>").code for n in range(200)]
        assert codes == [550] * 199 + [421]
        assert wire.is_closed()


def test_who_drips_keeps_no_connection_from_others(relay: Relay, hop: Sink) -> None:
    with relay.wire() as wire:
        begun(wire)
        wire.send(LETTER)
        until(lambda: "RSET" in hop.commands or wire.send(b"x\r\n"))
        # The envelope is said again once the content is there.
        wire.send(b".\r\n")
        assert wire.reply().code == 250
    (delivered,) = hop.delivered
    assert delivered.recipients == ("<c@d.vn>",)
    assert [line.partition(" ")[0] for line in hop.commands][-4:] == ["RSET", "MAIL", "RCPT", "BDAT"]
