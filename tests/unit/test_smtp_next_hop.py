"""A next hop that says two things at once, dawdles, moves, or offers something else each time."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from gsign.errors import TemporaryError
from gsign.smtp.client import Connection
from gsign.smtp.pool import NextHop, Transaction
from gsign.smtp.reply import Reply, ReplyError, read_reply
from gsign.smtp.story import tell
from tests.smtp_sink import Sink, sink

opened = ExitStack()


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as running, opened:
        yield running


def soon() -> float:
    return time.monotonic() + 20


def _hop(server: Sink) -> NextHop:
    hop = NextHop(server.address, hostname="relay.vn")
    opened.callback(hop.close)
    return hop


def _transaction(hop: NextHop) -> Transaction:
    transaction = Transaction(hop, "<a@b.vn>", deadline=soon())
    opened.callback(lambda: tell(transaction.release()))
    return transaction


@pytest.mark.parametrize("said", [b"550-no\r\n250 ok\r\n", b"250-ok\r\n550 no\r\n", b"250-a\r\n251-b\r\n250 c\r\n"])
def test_a_reply_with_several_codes_is_none(said: bytes) -> None:
    with pytest.raises(ReplyError):
        read_reply(bytearray(said))


def test_a_connection_is_not_used_for_ever(server: Sink) -> None:
    """The next hop's name may lead elsewhere by now."""
    hop = _hop(server)
    for lasts, connections in ((299, 1), (300, 2)):
        connection = hop.take(soon())
        connection.opened_at = time.monotonic() - lasts
        hop.give_back(connection)
        hop.give_back(hop.take(soon()))
        assert server.connections == connections


def test_eight_bits_wait_for_a_server_that_takes_them_where_one_did(server: Sink) -> None:
    hop, content = _hop(server), "Subject: ô\r\n\r\nb\r\n".encode()
    hop.ask(soon())
    server.extensions = ("PIPELINING",)
    server.drop_connections()
    transaction = _transaction(hop)
    assert tell(transaction.recipient("<c@d.vn>")).is_positive
    with pytest.raises(TemporaryError) as lacking:
        tell(transaction.announce(content))
    assert (lacking.value.code, lacking.value.facts["missing"]) == ("next-hop-lacks-extension", "8BITMIME")
    never = _transaction(_hop(server))
    tell(never.recipient("<c@d.vn>"))
    assert tell(never.announce(content)) == Reply.of(554, "5.6.3", "the next server takes no 8-bit messages")


def test_a_handshake_takes_no_longer_than_there_is_time() -> None:
    has_ended = threading.Event()

    def trickle(listener: socket.socket) -> None:
        served, _ = listener.accept()
        with served, served.makefile("rb") as said:
            served.sendall(b"220 hop\r\n")
            said.readline()
            served.sendall(b"250-hop\r\n250 STARTTLS\r\n")
            said.readline()
            served.sendall(b"220 go\r\n\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
            try:
                for _ in range(500):
                    served.sendall(b"\0")
                    time.sleep(0.02)
            except OSError:
                has_ended.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=trickle, args=(listener,), daemon=True).start()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(TemporaryError) as lost:
            Connection(address, hostname="relay.vn", tls=ssl.create_default_context(), deadline=time.monotonic() + 0.5)
    assert lost.value.code == "next-hop-lost"
    assert has_ended.wait(20)
