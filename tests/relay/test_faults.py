"""Trouble that takes more than a row of `test_fault_table`: several recipients, clients or next hops at a time."""

from __future__ import annotations

import base64
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.documents.structure import one_page
from tests.drivers import judges_of, stopped
from tests.relay.running import Relay, until
from tests.relay.stories import entries
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink, sink

LATER = 451
"""What a client hears of every fault that is not the next hop's own word on the message."""
HELD = "a@h.vn"


@pytest.fixture(scope="module")
def hasty(_hop: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with Relay(tmp_path_factory.mktemp("hasty"), _hop.address, relay={"budget_seconds": 1}) as running:
        yield running


def test_more_messages_than_can_wait_for_a_slow_next_hop(hasty: Relay, hop: Sink) -> None:
    over = threading.Event()
    hop.answer = lambda line: "wait" if line == "." and over.wait(60) else None
    with ExitStack() as stack:
        wires = [stack.enter_context(hasty.wire()) for _ in range(70)]
        for wire in wires:
            assert wire.envelope()[1].code == 250
            assert wire.say("DATA").code == 354
        for wire in wires:
            wire.send(LETTER + b".\r\n")
        codes = [wire.reply().code for wire in wires]
        over.set()
    hop.answer = lambda _: None
    assert codes == [LATER] * 70
    hop.drop_connections()
    assert hasty.sends() == 250


def test_a_next_hop_that_is_away(tmp_path_factory: pytest.TempPathFactory) -> None:
    with sink() as gone:
        address = gone.address
    with Relay(tmp_path_factory.mktemp("away"), address) as relay:
        assert relay.sends() == 421
        assert relay.sends(LETTER, HELD) == 421
        with sink(port=int(address.rpartition(":")[2])) as back:
            assert relay.sends() == 250
            assert len(back.delivered) == 1
        assert relay.sends() == LATER
        with sink(port=int(address.rpartition(":")[2])) as back:
            assert relay.sends() == 250


def test_nobody_waits_longer_for_a_judgement_than_a_message_may_take(hasty: Relay, hop: Sink) -> None:
    document = base64.encodebytes(one_page()).replace(b"\n", b"\r\n")
    head = LETTER.partition(b"\r\n\r\n")[0] + b"\r\nContent-Type: application/pdf\r\n"
    letter = head + b"Content-Transfer-Encoding: base64\r\n\r\n" + document
    assert hasty.sends(letter.replace(b"Subject: x", b"Subject: before"), "a@r.vn") == 550
    altered = letter.replace(document, base64.encodebytes(one_page() + b"\n").replace(b"\n", b"\r\n"))
    with stopped(judges_of(*hasty.pids())):
        assert hasty.sends(altered, "a@r.vn") == LATER
        assert "the message was not judged within its time" in hasty.log.read_text(encoding="utf-8")
        assert hasty.sends() == 250
    until(lambda: hasty.sends(altered, "a@r.vn") == 550)
    decided = [body for kind, body in entries(hasty.ledger) if kind == "decided" and body["documents"]]
    # What came of it too late was not written down, nor acted upon.
    assert {body["action"] for body in decided} == {"reject"}
    assert len(hop.delivered) == 1


def test_one_of_many_recipients_is_refused(relay: Relay, hop: Sink) -> None:
    hop.answer = lambda line: "550 5.1.1 unknown" if "nobody" in line else None
    with relay.wire() as wire:
        codes = [reply.code for reply in wire.envelope("a@b.vn", ["c@d.vn", "nobody@d.vn", "e@f.vn"])]
        assert codes == [250, 250, 550, 250]
        wire.say("DATA")
        assert wire.content(LETTER).code == 250
    assert hop.delivered[0].recipients == ("<c@d.vn>", "<e@f.vn>")


def test_a_sender_refused_for_now_is_refused_for_now_with_every_recipient(relay: Relay, hop: Sink) -> None:
    hop.answer = lambda line: "451 4.3.0 not now" if line.startswith("MAIL") else None
    with relay.wire() as wire:
        assert [reply.code for reply in wire.envelope("a@b.vn", ["c@d.vn", "e@f.vn"])] == [250, 451, 451]
        assert wire.say("DATA").code == 503


def test_a_client_that_leaves_in_the_middle_of_a_question_gives_nobody_a_wrong_answer(relay: Relay, hop: Sink) -> None:
    asked, over, done = threading.Event(), threading.Event(), threading.Event()

    def answer(line: str) -> str | None:
        if "slow" in line:
            asked.set()
            over.wait(60)
        if line == "RSET":
            # Late: whoever has gone on without it would take it for an answer to what they ask next.
            done.wait(2)
        return "550 5.1.1 unknown" if "nobody" in line else None

    relay.sends()
    hop.answer = answer
    with relay.wire() as wire:
        wire.say("MAIL FROM:<a@b.vn>")
        wire.send("RCPT TO:<slow@d.vn>\r\n")
        assert asked.wait(60)
        # Gone at once, not only silent.
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # Once it greets somebody else it has seen that.
    assert relay.greets() == 220
    over.set()
    try:
        for _ in range(5):
            with relay.wire() as wire:
                assert [r.code for r in wire.envelope("a@b.vn", ["nobody@d.vn", "c@d.vn"])] == [250, 550, 250]
                assert wire.say("DATA").code == 354
                assert wire.content(LETTER).code == 250
    finally:
        done.set()


def test_who_takes_no_8_bits_gets_none(tmp_path_factory: pytest.TempPathFactory) -> None:
    with sink(extensions=("PIPELINING",)) as plain, Relay(tmp_path_factory.mktemp("plain"), plain.address) as relay:
        with relay.wire() as wire:
            assert wire.hello is not None
            assert not any("8BITMIME" in line for line in wire.hello.lines)
            reply = wire.transaction("Subject: ô\r\n\r\nb\r\n".encode())
            assert (reply.code, reply.enhanced) == (554, "5.6.3")
            assert wire.transaction().code == 250
            assert wire.say("MAIL FROM:<a@b.vn> SIZE=100").code == 250
            assert wire.say("RCPT TO:<c@d.vn>").code == 250
        assert "MAIL FROM:<a@b.vn>" in plain.commands


def test_metrics_that_cannot_be_offered_are_told_and_stop_no_mail(hop: Sink, tmp_path: Path) -> None:
    with Relay(tmp_path, hop.address, relay={"metrics_listen": hop.address}) as running:
        until(lambda: f"the metrics cannot be offered at {hop.address}: " in running.log.read_text())
        assert running.sends() == 250
    assert f"mail is taken at {running.address} by process " in running.log.read_text()
