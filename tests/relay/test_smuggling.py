"""Data ends at CRLF "." CRLF and nowhere else, however it is sent: a sloppy next hop would show what got through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.relay.running import Relay
from tests.relay.wire import Wire
from tests.smtp_sink import Sink, sink

ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r.\n",
    b"\n.\r",
    b"\r\r\n.\r\r\n",
    b"\r\n.\r\r\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
]
HEAD = b"From: a@b.vn\r\nSubject: x\r\n\r\nfirst"
BEHIND = b"MAIL FROM:<evil@b.vn>\r\nRCPT TO:<c@d.vn>\r\nDATA\r\nSubject: second\r\n\r\nsmuggled\r\n"


@pytest.fixture(scope="module")
def sloppy() -> Iterator[Sink]:
    """A next hop that takes a bare LF for the end of a line."""
    with sink(is_sloppy=True, extensions=("PIPELINING", "8BITMIME", "CHUNKING")) as running:
        yield running


@pytest.fixture(scope="module")
def before_sloppy(sloppy: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with Relay(tmp_path_factory.mktemp("sloppy"), sloppy.address) as running:
        yield running


def _content(wire: Wire, content: bytes) -> None:
    assert wire.say("DATA").code == 354
    wire.send(content + b"\r\n.\r\n")


def _piecemeal(wire: Wire, content: bytes) -> None:
    assert wire.say("DATA").code == 354
    content += b"\r\n.\r\n"
    cut = len(HEAD)
    for piece in (content[:cut], *(content[i : i + 1] for i in range(cut, cut + 8)), content[cut + 8 :]):
        wire.send(piece)


def _chunk(wire: Wire, content: bytes) -> None:
    content += b"\r\n"
    wire.send(b"BDAT %d LAST\r\n" % len(content) + content)


def _chunks(wire: Wire, content: bytes) -> None:
    content += b"\r\n"
    cut = len(HEAD) + 2
    wire.send(b"BDAT %d\r\n" % cut + content[:cut])
    wire.send(b"BDAT %d LAST\r\n" % (len(content) - cut) + content[cut:])


@pytest.mark.parametrize("is_pipelined", [False, True], ids=["one by one", "pipelined"])
@pytest.mark.parametrize("send", [_content, _piecemeal, _chunk, _chunks])
@pytest.mark.parametrize("end", ENDS, ids=repr)
def test_no_second_message_gets_through(
    before_sloppy: Relay, sloppy: Sink, end: bytes, send: Callable[[Wire, bytes], None], is_pipelined: bool
) -> None:
    sloppy.delivered.clear()
    sloppy.commands.clear()
    with before_sloppy.wire() as wire:
        if is_pipelined:
            wire.send(b"MAIL FROM:<a@b.vn>\r\nRCPT TO:<c@d.vn>\r\n")
            assert [wire.reply().code, wire.reply().code] == [250, 250]
        else:
            wire.envelope()
        with suppress(ConnectionError):
            send(wire, HEAD + end + BEHIND)
        replies = [wire.reply()]
        while replies[-1].code == 250 and send is _chunks:
            replies.append(wire.reply())
        assert (replies[-1].code, replies[-1].enhanced) == (550, "5.5.2")
        assert wire.is_closed()
    assert sloppy.delivered == []
    assert not any("evil" in line for line in sloppy.commands)


def test_content_before_it_was_asked_for_ends_the_conversation(before_sloppy: Relay, sloppy: Sink) -> None:
    sloppy.delivered.clear()
    with before_sloppy.wire() as wire:
        wire.send(b"MAIL FROM:<a@b.vn>\r\nRCPT TO:<c@d.vn>\r\nDATA\r\nSubject: x\r\n\r\nb\r\n.\r\n")
        assert [wire.reply().code for _ in range(3)] == [250, 250, 503]
        assert wire.is_closed()
    assert sloppy.delivered == []


@pytest.mark.parametrize("line", [b"MAIL FROM:<a@b.vn>\n", b"NOOP\r \r\n", b"NOOP \0\r\n", b"NOOP\rMAIL\r\n"])
def test_commands_are_cut_no_differently(before_sloppy: Relay, line: bytes) -> None:
    with before_sloppy.wire() as wire:
        wire.send(line)
        assert wire.reply().code == 550
        assert wire.is_closed()
