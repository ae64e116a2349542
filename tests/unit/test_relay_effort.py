"""What a message costs, in counts that are the same on every machine: waits, threads, commits, passes over it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any, NamedTuple, Self

import pytest

from gsign.config import Policy
from gsign.mail.agencies import Directory
from gsign.mail.practice import Practice, Unobserved
from gsign.mail.relaying import Errand
from gsign.mail.vouching import Vouching
from gsign.office.judge import Judge
from gsign.smtp.commands import read_mail, read_recipient
from gsign.smtp.content import ContentReader
from gsign.smtp.exchange import Exchange, stuffed
from gsign.smtp.pool import NextHop, Transaction
from gsign.smtp.reply import Reply
from gsign.smtp.session import Session
from gsign.smtp.steps import AskRecipient, Client, Deliver, Received, Say, SessionRules
from gsign.smtp.story import Story, Work, Written, tell
from tests.scribe import dictation
from tests.smtp_sink import Sink, sink

HEAD = b"From: a@b.vn\r\nTo: c@d.vn\r\nSubject: a\r\nMIME-Version: 1.0\r\n"
LINE = b"Can cu Luat To chuc chinh quyen dia phuong; theo de nghi cua Giam doc So.\r\n"
MB = 1_000_000
NOBODY: Any = SimpleNamespace(examine=None, kind_of_page=None)
"""Nobody judges documents: there are none."""


def letter(size: int) -> bytes:
    return HEAD + b"\r\n" + LINE * (size // len(LINE))


class Desk(NamedTuple):
    practice: Practice
    hop: Sink


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with sink() as running, dictation(tmp_path / "ledger.db") as ledger:
        hop = NextHop(running.address, hostname="relay.vn")
        none: Any = None
        practice = Practice(
            hostname="relay.vn",
            policy=Policy(default="accept", rule=()),
            directory=Directory(()),
            judge=Judge(none, NOBODY),
            tools=none,
            vouching=Vouching(none),
            ledger=ledger,
            held=None,
            hop=hop,
            budget_seconds=20,
            observer=Unobserved(),
        )
        yield Desk(practice, running)
        hop.close()


def waits_of(story: Story[Any], into: Counter[str]) -> Any:
    """Go through a story, and count what it waits for."""
    answer = None
    while True:
        try:
            wait = story.send(answer)
        except StopIteration as end:
            return end.value
        match wait:
            case Written():
                into["ledger"] += 0 if wait.future.done() else 1
            case Exchange():
                into["next hop"] += 1
            case Work():
                into["thread"] += 1
        answer = wait()


def sent(desk: Desk, content: bytes) -> Counter[str]:
    """Send a message as a conversation does, and return what was waited for."""
    client = Client("192.0.2.7", hello="client.vn", protocol="ESMTP")
    mail, recipient = read_mail("FROM:<a@b.vn>", frozenset()), read_recipient("TO:<c@d.vn>", frozenset())
    reader = received_by(content)
    received = Received(client, mail, (recipient,), reader.content(), reader.sha256, reader.has_dots)
    errand = Errand(desk.practice, client)
    found: Counter[str] = Counter()
    reply: Reply = waits_of(errand.recipient(AskRecipient(client, mail, (), recipient)), found)
    assert reply.code == 250
    (reply,) = waits_of(errand.message(received), found)
    assert reply.code == 250
    return found


def received_by(content: bytes, piece: int = 1 << 18) -> ContentReader:
    reader = ContentReader(100 * MB, spool_after=10 * MB)
    wire = content + b".\r\n"
    for start in range(0, len(wire), piece):
        assert reader.feed(wire[start : start + piece]) == b""
    assert reader.is_complete
    return reader


def test_a_small_message_without_documents_crosses_into_no_thread(desk: Desk) -> None:
    sent(desk, letter(10_000))  # the first one opens the connection
    assert sent(desk, letter(10_000)) == {"next hop": 3, "ledger": 2}
    assert len(desk.hop.delivered) == 2
    assert desk.hop.connections == 1


def test_where_chunks_are_taken_content_is_not_asked_for(desk: Desk) -> None:
    desk.hop.extensions += ("CHUNKING",)
    sent(desk, letter(10_000))
    before = len(desk.hop.commands)
    assert sent(desk, letter(10_000)) == {"next hop": 2, "ledger": 2}
    assert [line.partition(" ")[0] for line in desk.hop.commands[before:]] == ["MAIL", "RCPT", "BDAT"]


def test_a_large_message_is_judged_in_one_thread(desk: Desk) -> None:
    sent(desk, letter(10_000))
    assert sent(desk, letter(MB)) == {"next hop": 3, "ledger": 2, "thread": 1}


def test_what_is_sent_to_the_next_hop_for_a_message(desk: Desk) -> None:
    sent(desk, letter(10_000))
    before = len(desk.hop.commands)
    sent(desk, letter(10_000))
    assert desk.hop.commands[before:] == ["MAIL FROM:<a@b.vn>", "RCPT TO:<c@d.vn>", "DATA"]


# ---------------------------------------------------------------- calls


def calls_of(work: Callable[[], object]) -> int:
    """Count the functions of ours that some work calls, generators that go on included."""
    count = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and "/gsign/" in frame.f_code.co_filename

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_how_many_calls_a_conversation_takes_for_a_message() -> None:
    session = Session(SessionRules("relay.vn", MB, extensions=lambda: {"8BITMIME": ""}), Client("192.0.2.7"))
    wire = [b"MAIL FROM:<a@b.vn>\r\n", b"RCPT TO:<c@d.vn>\r\n", b"DATA\r\n", letter(10_000) + b".\r\n"]
    said: list[bytes] = []

    def speak() -> None:
        for octets in wire:
            session.receive(octets)
            while (step := session.next_step()) is not None:
                match step:
                    case Say(reply):
                        said.append(reply.octets())
                    case AskRecipient():
                        said.append(session.answer_recipient(Reply(250, ("ok",))).reply.octets())
                    case Deliver():
                        said.extend(told.reply.octets() for told in session.answer_message(Reply(250, ("kept",))))

    session.receive(b"EHLO client.vn\r\n")
    session.next_step()
    speak()
    assert said[-1] == b"250 kept\r\n"
    assert calls_of(speak) < 85


def test_how_many_calls_the_next_hop_takes_for_a_message(desk: Desk) -> None:
    def deliver() -> None:
        transaction = Transaction(desk.practice.hop, "<a@b.vn>", deadline=time.monotonic() + 20)
        assert tell(transaction.recipient("<c@d.vn>")).code == 250
        assert tell(transaction.announce(content)) is None
        assert tell(transaction.deliver(content, has_dots=False))[0].code == 250

    content = letter(10_000)
    deliver()
    assert calls_of(deliver) < 115


# ---------------------------------------------------------------- passes

# `rfind` is asked within one line only.
LOOKS = frozenset(("find", "count", "translate", "replace", "lower", "split", "partition", "isascii", "update"))


class Passes:
    """Count octets that are looked at by what bytes and digests do, while a block lasts."""

    def __enter__(self) -> Self:
        self.octets = 0
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, _: object, event: str, called: Any) -> None:
        if event == "c_call" and isinstance(called, type(b"".find)) and called.__name__ in LOOKS:
            owner = called.__self__
            self.octets += len(owner) if isinstance(owner, bytes | bytearray) else 0


def test_how_often_a_message_is_gone_over_while_it_is_received() -> None:
    content = letter(MB)
    with Passes() as passes:
        received_by(content)
    assert passes.octets < 7 * MB


def test_how_often_a_message_is_gone_over_while_it_is_judged() -> None:
    content = letter(MB)
    none: Any = None
    judge = Judge(none, NOBODY)
    with Passes() as passes:
        judge.inspect(content, time.monotonic() + 20, is_checked=True)
    assert passes.octets < 6 * MB


def test_a_message_without_dots_is_sent_as_it_is() -> None:
    content = letter(MB)
    with Passes() as passes:
        pieces = list(stuffed([HEAD, content], has_dots=received_by(content).has_dots))
    assert passes.octets < 7 * MB
    assert b"".join(pieces) == HEAD + content + b".\r\n"
    assert any(isinstance(piece, memoryview) and piece.obj is content for piece in pieces)
