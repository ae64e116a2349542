import asyncio
import os
import socket

import pytest

from gsign import smtp_reception
from gsign.smtp_reception import Reception, share_presence


@pytest.fixture
def shared(monkeypatch):
    monkeypatch.setattr(smtp_reception, "_shared", None)
    share_presence()
    return smtp_reception._shared


def test_nobody_leaves_a_client_to_a_process_that_takes_none_any_more(shared):
    mine, others = socket.socketpair()
    child = os.fork()
    if child == 0:
        mine.close()
        try:
            asyncio.run(_listen_and_close(others))
        finally:
            os._exit(1)
    others.close()
    with mine:
        assert mine.recv(1) == b"l"
        here = shared.claim()
        here.tell(1)
        assert here.has_more(1)
        mine.send(b"c")
        assert mine.recv(1) == b"c"
        assert not here.has_more(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


async def _listen_and_close(channel):
    """Say when clients are taken; take none any more when told to; and be there until the other end is closed."""
    reception = Reception([socket.create_server(("127.0.0.1", 0))], asyncio.Protocol)
    reception.open()
    channel.send(b"l")
    channel.recv(1)
    reception.close()
    reception.leave(asyncio.Protocol())
    channel.send(b"c")
    channel.recv(1)
    os._exit(0)
