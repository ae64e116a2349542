"""What goes through goes through as it is; what does not is refused with its reason, or held."""

from __future__ import annotations

import json

import pytest

from tests.relay.running import Relay
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink


def test_a_letter_goes_through(relay: Relay, hop: Sink) -> None:
    with relay.wire() as wire:
        reply = wire.transaction()
        assert wire.say("QUIT").code == 221
    assert str(reply) == "250 2.0.0 kept"
    (delivered,) = hop.delivered
    assert (delivered.sender, delivered.recipients) == ("<a@b.vn>", ("<c@d.vn>",))
    assert delivered.content.endswith(LETTER)
    on_top = delivered.content.removesuffix(LETTER).decode()
    assert on_top.startswith("Authentication-Results: relay.vn;\r\n\tsmime=none")
    assert "\r\nReceived: from client.vn ([127.0.0.1])\r\n\tby relay.vn (gsign) with ESMTP" in on_top


def test_a_letter_without_a_document_is_refused_in_both_languages(relay: Relay, hop: Sink) -> None:
    with relay.wire() as wire:
        reply = wire.transaction(LETTER, "a@r.vn")
    assert (reply.code, reply.enhanced) == (550, "5.7.1")
    assert reply.lines[-1].startswith("5.7.1 refused; ref ")
    assert hop.delivered == []


def test_a_held_letter_waits_as_it_came(relay: Relay, hop: Sink) -> None:
    with relay.wire() as wire:
        reply = wire.transaction(LETTER, "a@h.vn")
    assert reply.code == 250
    reference = reply.lines[-1].rpartition(" ")[2]
    assert (relay.held / reference / "message.eml").read_bytes() == LETTER
    assert json.loads((relay.held / reference / "envelope.json").read_text())["recipients"] == ["<c@d.vn>"]
    assert hop.delivered == []


TORTURE = {
    "8 bits": b"Subject: \xc3\xb4 \xff\r\n\r\n\xff\xfe\x80\r\n",
    "blanks at the end": b"Subject: a   \t\r\nX: \r\n \r\n\r\nb \t\r\n\t\r\n",
    "dots": b".Subject: a\r\n\r\n.\r\n..\r\n...\r\n.b\r\n",
    "no header": b"\r\nb\r\n",
    "no body": b"Subject: a\r\n",
    "nothing": b"",
    "one dot": b".\r\n",
    "long line": b"Subject: a\r\n\r\n" + b"x" * 998 + b"\r\n",
    "folding": b"Subject: a\r\n b\r\n\tc\r\n\r\nd\r\n",
    "odd case": b"sUBJECT:a\r\nmImE-vErSiOn:1.0\r\n\r\nb\r\n",
    "From line": b"Subject: a\r\n\r\nFrom here\r\n>From there\r\n",
    "control characters": b"Subject: a\x01\x0b\x0c\x7f\r\n\r\n\x1b[0m\r\n",
    "Message-ID that others trip over": b"Message-ID: <[abc]>\r\nFrom: a@b.vn\r\n\r\nb\r\n",
    "unclosed multipart": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x\r\n",
    "bad base64": b"Content-Transfer-Encoding: base64\r\n\r\n####\r\n",
    "broken parameters": b'Content-Type: text/plain; charset="; name*0*=x\r\n\r\nb\r\n',
    "many fields": b"".join(b"X-%d: a\r\n" % n for n in range(900)) + b"\r\nb\r\n",
    "1 MB": b"Subject: a\r\n\r\n" + (b".x" * 300 + b"\r\n") * 2000,
}


@pytest.mark.parametrize("name", TORTURE)
def test_octets_arrive_as_they_are(relay: Relay, hop: Sink, name: str) -> None:
    assert relay.sends(TORTURE[name]) == 250
    assert hop.delivered[0].content.endswith(b"\r\n" + TORTURE[name])
    assert hop.delivered[0].content.count(b"Received: from client.vn") == 1


def test_chunks_make_one_message(relay: Relay, hop: Sink) -> None:
    with relay.wire() as wire:
        wire.envelope()
        first, second = LETTER[:40], LETTER[40:]
        wire.send(b"BDAT %d\r\n" % len(first) + first + b"BDAT %d LAST\r\n" % len(second) + second)
        assert [wire.reply().code, wire.reply().code] == [250, 250]
    assert hop.delivered[0].content.endswith(b"\r\n" + LETTER)


def test_parameters_reach_the_next_hop_with_their_case(relay: Relay, hop: Sink) -> None:
    with relay.wire() as wire:
        wire.say("MAIL FROM:<a@b.vn> SIZE=1000 BODY=8BITMIME RET=HDRS ENVID=QqQ")
        wire.say("RCPT TO:<c@d.vn> NOTIFY=SUCCESS ORCPT=rfc822;C@d.vn")
        wire.say("DATA")
        assert wire.content(LETTER).code == 250
    assert "MAIL FROM:<a@b.vn> BODY=8BITMIME RET=HDRS ENVID=QqQ SIZE=66536" in hop.commands
    assert "RCPT TO:<c@d.vn> NOTIFY=SUCCESS ORCPT=rfc822;C@d.vn" in hop.commands


def test_several_messages_on_one_connection(relay: Relay, hop: Sink) -> None:
    before = hop.connections
    with relay.wire() as wire:
        assert [wire.transaction().code for _ in range(20)] == [250] * 20
    assert len(hop.delivered) == 20
    assert hop.connections - before <= 1


def test_a_client_that_has_said_all_gets_all_answers(relay: Relay, hop: Sink) -> None:
    import socket

    with relay.wire() as wire:
        wire.send(b"MAIL FROM:<a@b.vn>\r\nRCPT TO:<c@d.vn>\r\nDATA\r\n")
        assert [wire.reply().code for _ in range(3)] == [250, 250, 354]
        wire.send(LETTER + b".\r\nQUIT\r\n")
        wire.socket.shutdown(socket.SHUT_WR)
        assert [wire.reply().code for _ in range(2)] == [250, 221]
        assert wire.is_closed()
    assert len(hop.delivered) == 1
