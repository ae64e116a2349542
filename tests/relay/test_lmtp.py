"""LMTP on either side: after the dot there is a reply for each recipient, and none gets another's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gsign.config import load
from gsign.errors import TemporaryError
from gsign.office.waiting import Waiting
from tests.relay.running import Relay
from tests.relay.test_kills import entries
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink, sink

LHLO = "LHLO client.vn"
BOTH = ("c@d.vn", "e@f.vn")


def _codes(relay: Relay, content: bytes, replies: int = 2) -> list[int]:
    with relay.wire(LHLO) as wire:
        wire.envelope("a@b.vn", BOTH)
        assert wire.say("DATA").code == 354
        first = wire.content(content)
        codes = [first.code, *(wire.reply().code for _ in range(replies - 1))]
        # Nothing is left over, nor missing.
        assert wire.say("NOOP").lines == ("2.0.0 ok",)
    return codes


def test_lmtp_to_smtp(hop: Sink, tmp_path: Path) -> None:
    with Relay(tmp_path, hop.address, relay={"protocol": "lmtp", "max_message_bytes": 10_000}) as relay:
        assert _codes(relay, LETTER) == [250, 250]
        assert [delivered.recipients for delivered in hop.delivered] == [("<c@d.vn>", "<e@f.vn>")]
        assert _codes(relay, b"Subject: a\r\n\r\n" + b"x" * 1200 + b"\r\n") == [550, 550]
        assert _codes(relay, b"Subject: a\r\n\r\n" + b"x\r\n" * 5000) == [552, 552]
        hop.answer = lambda line: "drop" if line == "." else None
        assert _codes(relay, LETTER) == [451, 451]
        with relay.wire("") as wire:
            assert wire.say("EHLO client.vn").code == 500


def test_lmtp_to_lmtp(tmp_path: Path) -> None:
    with sink() as boxes:
        boxes.is_lmtp = True
        settings = {"protocol": "lmtp", "next_hop_protocol": "lmtp"}
        with Relay(tmp_path, boxes.address, relay=settings) as relay:
            boxes.answer = lambda line: "552 5.2.2 full" if line == ". <e@f.vn>" else None
            assert _codes(relay, LETTER) == [250, 552]
            # What was said for one holds, whatever happens to the other's.
            boxes.answer = lambda line: "drop" if line == ". <e@f.vn>" else None
            assert _codes(relay, LETTER) == [250, 451]
            boxes.answer = lambda _: None
            assert _codes(relay, LETTER) == [250, 250]


def test_a_held_message_waits_for_those_alone_who_do_not_have_it(tmp_path: Path) -> None:
    with sink() as boxes:
        boxes.is_lmtp = True
        with Relay(tmp_path, boxes.address, relay={"protocol": "lmtp", "next_hop_protocol": "lmtp"}) as relay:
            with relay.wire(LHLO) as wire:
                wire.envelope("a@h.vn", BOTH)
                wire.say("DATA")
                assert wire.content(LETTER).code == 250
            waiting = Waiting(load(relay.configuration))
            (held,) = waiting.held
            boxes.answer = lambda line: "452 4.2.2 full" if line == ". <e@f.vn>" else None
            with pytest.raises(TemporaryError):
                waiting.release(held.id)
            assert [message.recipients for message in waiting.held] == [("<e@f.vn>",)]
            boxes.answer = lambda _: None
            waiting.release(held.id)
            assert [line for line in boxes.commands if line.startswith("RCPT")][-1:] == ["RCPT TO:<e@f.vn>"]
            # Who had it already is in the ledger.
            began = [json.loads(entry.body) for entry in entries(relay) if entry.kind == "releasing"]
            assert [body.get("replies", [])[1:] for body in began] == [[], ["452 4.2.2 full"], []]


def test_smtp_to_lmtp_takes_one_recipient_at_a_time(tmp_path: Path) -> None:
    with sink() as boxes:
        boxes.is_lmtp = True
        with Relay(tmp_path, boxes.address, relay={"next_hop_protocol": "lmtp"}) as relay, relay.wire() as wire:
            assert [reply.code for reply in wire.envelope("a@b.vn", BOTH)] == [250, 250, 452]
            wire.say("DATA")
            assert wire.content(LETTER).code == 250
            assert wire.say("LHLO client.vn").code == 500
        assert [delivered.recipients for delivered in boxes.delivered] == [("<c@d.vn>",)]
