"""What is sent to the next hop is what was given, and what it says is what is told."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsign.errors import TemporaryError
from gsign.smtp.client import Connection
from gsign.smtp.exchange import Exchange, chunked, stuffed
from gsign.smtp.pool import GROWTH, NextHop, Transaction
from gsign.smtp.reply import Reply, ReplyError, read_reply
from gsign.smtp.story import tell
from tests.smtp_sink import Sink, sink

MESSAGE = b"Subject: a\r\n\r\n.b\r\n..\r\n.\r\nc\r\n"


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as running:
        yield running


def soon() -> float:
    return time.monotonic() + 20


opened = ExitStack()


@pytest.fixture(autouse=True)
def closed_in_the_end() -> Iterator[None]:
    with opened:
        yield


def hop_to(server: Sink, **settings: object) -> NextHop:
    hop = NextHop(server.address, hostname="relay.vn", **settings)  # type: ignore[arg-type]
    opened.callback(hop.close)
    return hop


def transaction_to(server: Sink, sender: str = "<a@b.vn>", **settings: object) -> Transaction:
    return begun(hop_to(server), sender, **settings)


def begun(hop: NextHop, sender: str = "<a@b.vn>", **settings: object) -> Transaction:
    transaction = Transaction(hop, sender, **{"deadline": soon(), **settings})  # type: ignore[arg-type]
    opened.callback(lambda: tell(transaction.release()))
    return transaction


def sent(hop: NextHop, content: bytes = MESSAGE, sender: str = "<a@b.vn>", *recipients: str) -> list[Reply]:
    transaction = begun(hop, sender)
    for recipient in recipients or ("<c@d.vn>",):
        assert tell(transaction.recipient(recipient)).is_positive
    return delivered_by(transaction, content)


def delivered_by(transaction: Transaction, *content: bytes) -> list[Reply]:
    refused = tell(transaction.announce(content[-1]))
    return [refused] if refused is not None else tell(transaction.deliver(*content))


def test_octets_arrive_as_they_are(server: Sink) -> None:
    assert str(sent(hop_to(server))[0]) == "250 2.0.0 kept"
    (delivered,) = server.delivered
    assert delivered == ("<a@b.vn>", ("<c@d.vn>",), MESSAGE)


@given(
    message=st.lists(st.sampled_from([b"", b".", b"..", b"a", b"x" * 900, b".\t"]), max_size=40).map(
        lambda lines: b"".join(line + b"\r\n" for line in lines)
    ),
    piece=st.integers(1000, 5000),
    small=st.sampled_from([0, 10_000]),
)
def test_stuffing_is_undone_by_the_rule_of_the_standard(message: bytes, piece: int, small: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gsign.smtp.exchange._PIECE", piece)
        patch.setattr("gsign.smtp.exchange._SMALL", small)
        wire = b"".join(stuffed([b"X: a\r\n", message]))
    assert wire.startswith(b"X: a\r\n")
    wire = wire.removeprefix(b"X: a\r\n")
    assert wire.endswith(b".\r\n")
    lines = wire[: -len(b".\r\n")].split(b"\r\n")
    assert b".\r\n" not in [line + b"\r\n" for line in lines]
    assert b"\r\n".join(line.removeprefix(b".") if line.startswith(b".") else line for line in lines) == message


@pytest.mark.parametrize("written", [stuffed, chunked])
def test_a_message_without_an_end_of_line_is_never_sent(written: Callable[[list[bytes]], Iterable[bytes]]) -> None:
    with pytest.raises(ValueError, match="CRLF"):
        list(written([b"a: b\r\n\r\nno end"]))
    with pytest.raises(ValueError, match="CRLF"):
        list(written([b"a: b", b"c: d\r\n"]))


# ---------------------------------------------------------------- in one chunk

CHUNKING = ("PIPELINING", "8BITMIME", "CHUNKING")


@pytest.mark.parametrize("content", [MESSAGE, MESSAGE + (b"." * 70 + b"\r\n") * 2000], ids=["small", "large"])
def test_where_chunks_are_taken_a_message_goes_in_one_and_unasked(content: bytes) -> None:
    with sink(extensions=CHUNKING) as server:
        hop = hop_to(server)
        for _ in range(2):
            transaction = begun(hop)
            tell(transaction.recipient("<c@d.vn>"))
            assert [reply.code for reply in delivered_by(transaction, b"X: a\r\n", content)] == [250]
        said = ["MAIL FROM:<a@b.vn>", "RCPT TO:<c@d.vn>", f"BDAT {6 + len(content)} LAST"]
        assert server.commands[1:] == 2 * said
        assert [delivered.content for delivered in server.delivered] == 2 * [b"X: a\r\n" + content]
        assert server.connections == 1


@pytest.mark.parametrize("reply", ["452 4.2.2 full", "554 5.7.0 no", "503 5.5.1 no recipients"])
def test_a_chunk_that_is_refused_leaves_the_connection_for_the_next(reply: str) -> None:
    with sink(extensions=CHUNKING) as server:
        hop = hop_to(server)
        server.answer = lambda line: reply if line.startswith("BDAT") else None
        transaction = begun(hop)
        tell(transaction.recipient("<c@d.vn>"))
        assert [str(said) for said in delivered_by(transaction, MESSAGE)] == [reply]
        # A server may still have its sender and recipients.
        tell(transaction.release())
        assert server.commands[-1] == "RSET"
        server.answer = lambda _: None
        assert [said.code for said in sent(hop)] == [250]
        assert server.connections == 1
        assert len(server.delivered) == 1


def test_a_server_that_closes_while_it_refuses_a_chunk_is_asked_for_nothing_more() -> None:
    with sink(extensions=CHUNKING) as server:
        hop = hop_to(server)
        server.answer = lambda line: "421 4.3.2 closing" if line.startswith("BDAT") else None
        transaction = begun(hop)
        tell(transaction.recipient("<c@d.vn>"))
        assert [said.code for said in delivered_by(transaction, MESSAGE)] == [421]
        tell(transaction.release())
        assert server.commands[-1].startswith("BDAT")
        server.answer = lambda _: None
        assert [said.code for said in sent(hop)] == [250]
        assert server.connections == 2


@pytest.mark.parametrize("where", ["BDAT", "."])
def test_a_server_that_drops_out_in_a_chunk_is_never_a_yes(where: str) -> None:
    with sink(extensions=CHUNKING) as server:
        server.answer = lambda line: "drop" if line.partition(" ")[0] == where else None
        with pytest.raises(TemporaryError) as failed:
            sent(hop_to(server))
        assert failed.value.code == "next-hop-lost"


def test_before_a_chunk_is_sent_it_can_be_taken_back() -> None:
    with sink(extensions=CHUNKING) as server:
        hop = hop_to(server)
        transaction = begun(hop)
        tell(transaction.recipient("<c@d.vn>"))
        assert tell(transaction.announce(MESSAGE)) is None
        tell(transaction.release())
        assert [said.code for said in sent(hop)] == [250]
        assert server.commands[3:] == ["RSET", "MAIL FROM:<a@b.vn>", "RCPT TO:<c@d.vn>", f"BDAT {len(MESSAGE)} LAST"]
        assert server.connections == 1


def test_a_yes_before_a_chunk_is_nobody_s_answer() -> None:
    with sink(extensions=CHUNKING) as server:
        server.answer = lambda line: "250 2.1.5 ok\r\n250 2.0.0 kept" if line.startswith("RCPT") else None
        transaction = transaction_to(server)
        assert tell(transaction.recipient("<c@d.vn>")).is_positive
        with pytest.raises(TemporaryError):
            delivered_by(transaction, MESSAGE)
        assert server.delivered == []


def test_over_lmtp_content_is_asked_for_so_that_replies_can_be_counted() -> None:
    with sink(extensions=CHUNKING) as server:
        server.is_lmtp = True
        replies = sent(hop_to(server, is_lmtp=True), MESSAGE, "<a@b.vn>", "<c@d.vn>", "<e@f.vn>")
        assert [reply.code for reply in replies] == [250, 250]
        assert server.commands[-1] == "DATA"


# ---------------------------------------------------------------- connections


def test_connections_are_kept(server: Sink) -> None:
    hop = hop_to(server)
    for _ in range(5):
        sent(hop)
    assert server.connections == 1
    assert len(server.delivered) == 5
    assert "RSET" not in server.commands


def test_a_connection_that_the_server_closed_is_not_used_again(server: Sink) -> None:
    hop = hop_to(server)
    sent(hop)
    server.drop_connections()
    sent(hop)
    assert len(server.delivered) == 2


def test_a_connection_on_which_more_was_said_than_was_asked_is_not_used_again(server: Sink) -> None:
    """What is left over would be taken for the answer to the next message."""
    hop = hop_to(server)
    server.answer = lambda line: "250 2.0.0 kept\r\n250 2.0.0 kept, too" if line == "." else None
    sent(hop)
    sent(hop)
    assert (server.connections, len(server.delivered)) == (2, 2)


def test_recipients_are_told_apart(server: Sink) -> None:
    server.answer = lambda line: "550 5.1.1 unknown" if "unknown" in line else None
    transaction = transaction_to(server)
    assert tell(transaction.recipient("<unknown@d.vn>")).code == 550
    assert tell(transaction.recipient("<c@d.vn>")).code == 250
    delivered_by(transaction, MESSAGE)
    assert server.delivered[0].recipients == ("<c@d.vn>",)


def test_a_refused_sender_is_told_with_each_recipient(server: Sink) -> None:
    server.answer = lambda line: "553 5.1.8 who" if line.startswith("MAIL") else None
    transaction = transaction_to(server)
    assert tell(transaction.recipient("<c@d.vn>")) == Reply(553, ("5.1.8 who",))


def test_a_released_transaction_is_said_again(server: Sink) -> None:
    hop = hop_to(server)
    transaction = begun(hop)
    tell(transaction.recipient("<c@d.vn>"))
    tell(transaction.release())
    assert not transaction.is_attached
    sent(hop)
    delivered_by(transaction, MESSAGE)
    assert [d.recipients for d in server.delivered] == [("<c@d.vn>",)] * 2
    assert server.connections == 1


def test_a_recipient_refused_the_second_time_is_no_yes_for_the_others(server: Sink) -> None:
    transaction = transaction_to(server)
    tell(transaction.recipient("<c@d.vn>"))
    tell(transaction.recipient("<e@f.vn>"))
    tell(transaction.release())
    server.answer = lambda line: "550 5.1.1 gone" if "e@f.vn" in line else None
    with pytest.raises(TemporaryError) as failed:
        delivered_by(transaction, MESSAGE)
    assert failed.value.code == "next-hop-changed-its-mind"
    assert server.delivered == []


@pytest.mark.parametrize("where", ["greeting", "EHLO relay.vn", "MAIL FROM:<a@b.vn>", "DATA", "."])
def test_a_server_that_drops_out_is_never_a_yes(server: Sink, where: str) -> None:
    server.answer = lambda line: "drop" if line == where else None
    with pytest.raises(TemporaryError) as failed:
        sent(hop_to(server))
    assert failed.value.code == "next-hop-lost"
    server.answer = lambda _: None
    sent(hop_to(server))


def test_a_reply_that_is_none_is_trouble(server: Sink) -> None:
    server.answer = lambda line: "hello there" if line == "DATA" else None
    with pytest.raises(TemporaryError):
        sent(hop_to(server))


def test_a_server_that_is_not_there() -> None:
    with sink() as gone:
        pass
    with pytest.raises(TemporaryError) as failed:
        tell(transaction_to(gone).recipient("<c@d.vn>"))
    assert failed.value.code == "next-hop-unreachable"


def test_time_runs_out(server: Sink) -> None:
    with pytest.raises(TemporaryError):
        tell(transaction_to(server, deadline=time.monotonic() - 1).recipient("<c@d.vn>"))


def test_no_more_connections_than_allowed(server: Sink) -> None:
    hop = hop_to(server, limit=1)
    taken = hop.take(soon())
    with pytest.raises(TemporaryError) as failed:
        hop.take(time.monotonic() + 0.01)
    assert failed.value.code == "next-hop-busy"
    hop.give_back(taken)
    hop.give_back(hop.take(soon()))


def test_a_server_without_tls_where_it_is_compulsory(server: Sink) -> None:

    with pytest.raises(TemporaryError) as failed:
        Connection(server.address, hostname="r", tls=ssl.create_default_context(), deadline=soon())
    assert failed.value.code == "next-hop-without-tls"


def test_lmtp_answers_for_each_recipient(server: Sink) -> None:
    server.is_lmtp = True
    server.answer = lambda line: "452 4.2.2 full" if line == ". <e@f.vn>" else None
    replies = sent(hop_to(server, is_lmtp=True), MESSAGE, "<a@b.vn>", "<c@d.vn>", "<e@f.vn>")
    assert [reply.code for reply in replies] == [250, 452]
    assert [d.recipients for d in server.delivered] == [("<c@d.vn>",)]


def test_a_connection_on_which_a_reply_is_missing_is_not_used_again(server: Sink) -> None:
    server.is_lmtp = True
    over = threading.Event()
    server.answer = lambda line: "drop" if line == ". <e@f.vn>" and over.wait(20) else None
    hop = hop_to(server, is_lmtp=True)
    transaction = begun(hop)
    for recipient in ("<c@d.vn>", "<e@f.vn>"):
        assert tell(transaction.recipient(recipient)).is_positive
    transaction.deadline = time.monotonic() + 2
    assert [reply.code for reply in delivered_by(transaction, MESSAGE)] == [250, 451]
    assert sent(hop)[0].is_positive
    assert server.connections == 2
    over.set()


def test_the_client_s_origin_is_passed_on_where_it_is_taken() -> None:
    with sink(extensions=("PIPELINING", "XFORWARD NAME ADDR")) as server:
        tell(transaction_to(server, origin="ADDR=192.0.2.7").recipient("<c@d.vn>"))
        assert server.commands[1:3] == ["XFORWARD ADDR=192.0.2.7", "MAIL FROM:<a@b.vn>"]


def test_the_size_that_was_said_is_told_to_who_takes_it() -> None:
    for extensions, size in ((("SIZE 1000000",), f" SIZE={100 + GROWTH}"), (("PIPELINING",), "")):
        with sink(extensions=extensions) as server:
            assert tell(transaction_to(server, "<a@b.vn> SIZE=100").recipient("<c@d.vn>")).is_positive
            assert server.commands[1] == f"MAIL FROM:<a@b.vn>{size}"


@pytest.mark.parametrize("address", ['<"a SIZE=1 b"@c.vn>', '<"a> SIZE=1 b"@c.vn>', r'<"a\"> SIZE=1 b"@c.vn>', "<>"])
@pytest.mark.parametrize("parameters,passed", [(" RET=HDRS size=100 ENVID=a>", " RET=HDRS ENVID=a>"), ("", "")])
def test_what_looks_like_a_size_in_an_address_stays_there(address: str, parameters: str, passed: str) -> None:
    with sink(extensions=("SIZE 1000000", "DSN")) as server:
        tell(transaction_to(server, f"{address}{parameters}").recipient("<c@d.vn>"))
        size = f" SIZE={100 + GROWTH}" if parameters else ""
        assert server.commands[1] == f"MAIL FROM:{address}{passed}{size}"


def test_a_server_that_lost_what_a_message_needs_is_told_nothing_of_it() -> None:
    with sink(extensions=("8BITMIME",)) as server:
        hop = hop_to(server)
        transaction = begun(hop)
        transaction.needs |= {"8BITMIME"}
        assert tell(transaction.recipient("<c@d.vn>")).is_positive
        another = begun(hop)
        another.needs |= {"8BITMIME", "SMTPUTF8"}
        with pytest.raises(TemporaryError) as caught:
            tell(another.recipient("<c@d.vn>"))
        assert (caught.value.code, caught.value.facts["missing"]) == ("next-hop-lacks-extension", "SMTPUTF8")
        assert [command for command in server.commands if command.startswith("MAIL")] == ["MAIL FROM:<a@b.vn>"]


def test_a_server_without_pipelining_hears_one_command_at_a_time() -> None:
    with sink(extensions=()) as server:
        sent(hop_to(server))
        assert len(server.delivered) == 1


def test_a_kept_connection_that_cannot_pipeline_hears_the_whole_envelope() -> None:
    with sink(extensions=("8BITMIME",)) as server:
        hop = hop_to(server)
        for _ in range(2):
            transaction = begun(hop)
            for recipient in ("<c@d.vn>", "<e@f.vn>"):
                assert tell(transaction.recipient(recipient)).is_positive
            delivered_by(transaction, MESSAGE)
        envelope = ["MAIL FROM:<a@b.vn>", "RCPT TO:<c@d.vn>", "RCPT TO:<e@f.vn>", "DATA"]
        assert server.commands[1:] == 2 * envelope
        assert server.connections == 1


def test_replies_of_several_lines() -> None:
    received = bytearray(b"250-a\r\n250-5.0.0 b\r\n250 c\r\n354 x\r\n25")
    assert read_reply(received) == Reply(250, ("a", "5.0.0 b", "c"))
    assert read_reply(received) == Reply(354, ("x",))
    assert read_reply(received) is None
    for odd in (b"hello\r\n", b"999 x\r\n", b"250_x\r\n", b"x" * 5000):
        with pytest.raises(ReplyError):
            read_reply(bytearray(odd))


def test_a_reply_is_ascii_and_one_line_stays_one_line() -> None:
    assert Reply.of(550, "5.7.1", "Văn bản “Đã ký”", "a\r\nb").octets() == (
        b'550-5.7.1 Van ban "Da ky"\r\n550 5.7.1 a??b\r\n'
    )


def test_one_reply_too_many_is_nobody_s_answer(server: Sink) -> None:
    server.answer = lambda line: "250 2.1.5 ok\r\n250 2.1.5 once more" if line.startswith("RCPT") else None
    transaction = transaction_to(server)
    assert tell(transaction.recipient("<c@d.vn>")).is_positive
    with pytest.raises(TemporaryError) as failed:
        delivered_by(transaction, MESSAGE)
    assert failed.value.code == "next-hop-lost"
    assert not transaction.is_attached
    assert server.delivered == []


def test_an_early_reply_is_not_the_one_to_the_message(server: Sink) -> None:
    server.answer = lambda line: "354 go\r\n250 2.0.0 already" if line == "DATA" else None
    with pytest.raises(TemporaryError):
        sent(hop_to(server))
    assert server.delivered == []


def test_a_recipient_that_is_not_answered_for_is_asked_for_again(server: Sink) -> None:
    drops = ["drop"]
    server.answer = lambda line: drops.pop() if "e@f.vn" in line and drops else None
    transaction = transaction_to(server)
    assert tell(transaction.recipient("<c@d.vn>")).is_positive
    assert tell(transaction.recipient("<e@f.vn>")).is_positive
    delivered_by(transaction, MESSAGE)
    assert [d.recipients for d in server.delivered] == [("<c@d.vn>", "<e@f.vn>")]


def test_a_recipient_lost_while_another_is_asked_for_is_no_yes(server: Sink) -> None:
    transaction = transaction_to(server)
    tell(transaction.recipient("<c@d.vn>"))
    tell(transaction.release())
    server.answer = lambda line: "550 5.1.1 gone" if "c@d.vn" in line else None
    with pytest.raises(TemporaryError) as failed:
        tell(transaction.recipient("<e@f.vn>"))
    assert failed.value.code == "next-hop-changed-its-mind"
    with pytest.raises(TemporaryError):
        delivered_by(transaction, MESSAGE)
    assert server.delivered == []


def test_what_was_announced_is_taken_back_with_its_connection(server: Sink) -> None:
    hop = hop_to(server)
    transaction = begun(hop)
    tell(transaction.recipient("<c@d.vn>"))
    assert tell(transaction.announce(MESSAGE)) is None
    tell(transaction.release())
    assert server.delivered == []
    sent(hop)
    assert server.connections == 2


def test_an_exchange_goes_as_far_as_the_wire_lets_it(server: Sink) -> None:
    hop = hop_to(server)
    taken = hop.take(soon())
    exchange = Exchange(taken, [b"NOOP\r\n" * 3], 3)
    assert exchange.push()
    while not exchange.pull():
        pass
    assert [reply.code for reply in exchange.replies] == [250] * 3
    hop.give_back(taken)


def test_a_message_is_sent_without_waiting_however_little_is_taken_at_a_time(server: Sink) -> None:
    hop = hop_to(server)
    transaction = begun(hop)
    tell(transaction.recipient("<c@d.vn>"))
    message = b"Subject: a\r\n\r\n" + b".x" * 400 + b"\r\n"
    message += message[14:] * 5000
    assert tell(transaction.announce(message)) is None
    pushes = 0
    story = transaction.deliver(b"X: a\r\n", message)
    answer = next(story)()
    exchange = story.send(answer)
    assert isinstance(exchange, Exchange)
    with socket.socket(fileno=os.dup(exchange.connection.fileno())) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    while not exchange.push():
        pushes += 1
    while not exchange.pull():
        pass
    with pytest.raises(StopIteration) as end:
        story.send(exchange.replies)
    assert [reply.code for reply in end.value.value] == [250]
    assert server.delivered[0].content == b"X: a\r\n" + message
    assert pushes
