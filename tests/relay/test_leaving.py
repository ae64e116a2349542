"""Clients that leave: what has begun is ended and written down, and what has not leaves nothing behind."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading

import pytest

from tests.relay.running import Relay, until
from tests.relay.stories import entries
from tests.relay.wire import LETTER, Wire
from tests.smtp_sink import Sink


def gone(wire: Wire) -> None:
    """Leave without a word."""
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.socket.close()


def written(relay: Relay, letter: bytes) -> list[str]:
    digest = hashlib.sha256(letter).hexdigest()
    return [kind for kind, body in entries(relay.ledger) if body.get("sha256") == digest]


@pytest.mark.parametrize("sender, kinds", [("a@b.vn", ["decided", "forwarded"]), ("a@h.vn", ["decided", "held"])])
def test_after_the_dot_it_is_ended_and_written_down(relay: Relay, hop: Sink, sender: str, kinds: list[str]) -> None:
    letter = LETTER.replace(b"hello", f"left after the dot {sender}".encode())
    asked, over = threading.Event(), threading.Event()

    def answer(line: str) -> str | None:
        if line.startswith("BDAT "):
            asked.set()
            over.wait(60)
        return None

    hop.answer = answer
    with relay.wire() as wire:
        wire.envelope(sender)
        assert wire.say("DATA").code == 354
        wire.send(letter + b".\r\n")
        if sender == "a@b.vn":
            assert asked.wait(60)
        gone(wire)
    # Once it greets somebody else it has seen that.
    assert relay.greets() == 220
    over.set()
    until(lambda: written(relay, letter) == kinds)
    assert len(hop.delivered) == (sender == "a@b.vn")


@pytest.mark.parametrize("sent", [LETTER, LETTER + b".", LETTER + b".\r"])
def test_before_the_end_of_content_nothing_is_there(relay: Relay, hop: Sink, sent: bytes) -> None:
    with relay.wire() as wire:
        wire.envelope()
        assert wire.say("DATA").code == 354
        before = len(entries(relay.ledger))
        wire.send(sent)
        gone(wire)
    assert relay.greets() == 220
    assert len(entries(relay.ledger)) == before
    assert hop.delivered == []


def test_within_a_chunk_nothing_is_there(relay: Relay, hop: Sink) -> None:
    with relay.wire() as wire:
        wire.envelope()
        wire.send(b"BDAT 1000 LAST\r\n" + LETTER)
        gone(wire)
    assert relay.greets() == 220
    assert relay.sends() == 250
    assert len(hop.delivered) == 1
