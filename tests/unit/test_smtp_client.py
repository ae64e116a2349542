"""What is sent to the next hop is what was given, and what it says is what is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsign.errors import TemporaryError
from gsign.smtp.client import Connection, _stuffed
from gsign.smtp.pool import NextHop, Question, Transaction
from gsign.smtp.reply import Reply, ReplyError, read_reply
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
    opened.callback(transaction.release)
    return transaction


def sent(hop: NextHop, content: bytes = MESSAGE, sender: str = "<a@b.vn>", *recipients: str) -> list[Reply]:
    transaction = begun(hop, sender)
    for recipient in recipients or ("<c@d.vn>",):
        assert transaction.recipient(recipient).is_positive
    return transaction.deliver(content)


def test_octets_arrive_as_they_are(server: Sink) -> None:
    assert str(sent(hop_to(server))[0]) == "250 2.0.0 kept"
    (delivered,) = server.delivered
    assert delivered == ("<a@b.vn>", ("<c@d.vn>",), MESSAGE)


@given(
    message=st.lists(st.sampled_from([b"", b".", b"..", b"a", b"x" * 900, b".\t"]), max_size=40).map(
        lambda lines: b"".join(line + b"\r\n" for line in lines)
    ),
    piece=st.integers(1000, 5000),
)
def test_stuffing_is_undone_by_the_rule_of_the_standard(message: bytes, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gsign.smtp.client._PIECE", piece)
        wire = b"".join(_stuffed(message))
    assert wire.endswith(b".\r\n")
    lines = wire[: -len(b".\r\n")].split(b"\r\n")
    assert b".\r\n" not in [line + b"\r\n" for line in lines]
    assert b"\r\n".join(line.removeprefix(b".") if line.startswith(b".") else line for line in lines) == message


def test_a_message_without_an_end_of_line_is_never_sent() -> None:
    with pytest.raises(ValueError, match="CRLF"):
        list(_stuffed(b"a: b\r\n\r\nno end"))


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


def test_recipients_are_told_apart(server: Sink) -> None:
    server.answer = lambda line: "550 5.1.1 unknown" if "unknown" in line else None
    transaction = transaction_to(server)
    assert transaction.recipient("<unknown@d.vn>").code == 550
    assert transaction.recipient("<c@d.vn>").code == 250
    transaction.deliver(MESSAGE)
    assert server.delivered[0].recipients == ("<c@d.vn>",)


def test_a_refused_sender_is_told_with_each_recipient(server: Sink) -> None:
    server.answer = lambda line: "553 5.1.8 who" if line.startswith("MAIL") else None
    transaction = transaction_to(server)
    assert transaction.recipient("<c@d.vn>") == Reply(553, ("5.1.8 who",))


def test_a_released_transaction_is_said_again(server: Sink) -> None:
    hop = hop_to(server)
    transaction = begun(hop)
    transaction.recipient("<c@d.vn>")
    transaction.release()
    assert not transaction.is_attached
    sent(hop)
    transaction.deliver(MESSAGE)
    assert [d.recipients for d in server.delivered] == [("<c@d.vn>",)] * 2
    assert server.connections == 1


def test_a_recipient_refused_the_second_time_is_no_yes_for_the_others(server: Sink) -> None:
    transaction = transaction_to(server)
    transaction.recipient("<c@d.vn>")
    transaction.recipient("<e@f.vn>")
    transaction.release()
    server.answer = lambda line: "550 5.1.1 gone" if "e@f.vn" in line else None
    with pytest.raises(TemporaryError) as failed:
        transaction.deliver(MESSAGE)
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
        transaction_to(gone).recipient("<c@d.vn>")
    assert failed.value.code == "next-hop-unreachable"


def test_time_runs_out(server: Sink) -> None:
    with pytest.raises(TemporaryError):
        transaction_to(server, deadline=time.monotonic() - 1).recipient("<c@d.vn>")


def test_no_more_connections_than_allowed(server: Sink) -> None:
    hop = hop_to(server, limit=1)
    taken = hop.take(soon())
    with pytest.raises(TemporaryError) as failed:
        hop.take(time.monotonic() + 0.01)
    assert failed.value.code == "next-hop-busy"
    hop.give_back(taken)
    hop.give_back(hop.take(soon()))


def test_a_server_without_tls_where_it_is_compulsory(server: Sink) -> None:
    import ssl

    with pytest.raises(TemporaryError) as failed:
        Connection(server.address, hostname="r", tls=ssl.create_default_context(), deadline=soon())
    assert failed.value.code == "next-hop-without-tls"


def test_lmtp_answers_for_each_recipient(server: Sink) -> None:
    server.is_lmtp = True
    server.answer = lambda line: "452 4.2.2 full" if line == ". <e@f.vn>" else None
    replies = sent(hop_to(server, is_lmtp=True), MESSAGE, "<a@b.vn>", "<c@d.vn>", "<e@f.vn>")
    assert [reply.code for reply in replies] == [250, 452]
    assert [d.recipients for d in server.delivered] == [("<c@d.vn>",)]


def test_the_client_s_origin_is_passed_on_where_it_is_taken() -> None:
    with sink(extensions=("PIPELINING", "XFORWARD NAME ADDR")) as server:
        transaction_to(server, origin="ADDR=192.0.2.7").recipient("<c@d.vn>")
        assert server.commands[1:3] == ["XFORWARD ADDR=192.0.2.7", "MAIL FROM:<a@b.vn>"]


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
                assert transaction.question(recipient) is None
                assert transaction.recipient(recipient).is_positive
            transaction.deliver(MESSAGE)
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
    hop = hop_to(server)
    sent(hop)
    transaction = begun(hop)
    question = transaction.question("<c@d.vn>")
    assert isinstance(question, Question)
    ok = Reply(250, ("ok",))
    with pytest.raises(TemporaryError) as failed:
        transaction.answered(question, [ok] * (question.replies + 1))
    assert failed.value.code == "next-hop-lost"
    transaction.unanswered()
    assert not transaction.is_attached
