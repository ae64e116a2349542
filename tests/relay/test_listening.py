"""Where mail is taken: at a port that nobody else has, or at the socket that systemd passes on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from gsign.errors import InputError
from gsign.office.listening import activated_socket, bound_sockets
from tests.relay.running import Relay, free_port, until

# What systemd does: its socket becomes number 3, and the process is told that it is meant.
_SYSTEMD = """
import os, socket, sys
held = socket.create_server(("127.0.0.1", int(sys.argv[1])))
os.dup2(held.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""

_TCP = 'held = socket.create_server(("127.0.0.1", int(sys.argv[1])))'
_LOCAL = "held = socket.socket(socket.AF_UNIX); held.bind(sys.argv[1]); held.listen()"


def test_the_socket_of_systemd_is_served_by_every_process(tmp_path, hop):
    port = free_port()
    wrapper = (sys.executable, "-c", _SYSTEMD, str(port))
    settings = {"listen": "127.0.0.1:1", "processes": 2}
    relay = Relay(tmp_path, hop.address, relay=settings, wrapper=wrapper)
    relay.address = f"127.0.0.1:{port}"
    with relay:
        for _ in range(6):
            with relay.wire() as wire:
                assert wire.transaction(b"Subject: a\r\n\r\nb\r\n").code == 250
        assert relay.stop() == 0
    assert len(hop.delivered) == 6


def test_a_client_that_has_no_address_is_none_that_is_known(tmp_path, hop):
    """Who comes by a socket of the machine's own."""
    path = tmp_path / "socket"
    relay = Relay(tmp_path, hop.address, relay={"listen": "127.0.0.1:1"})
    command = [sys.executable, "-c", _SYSTEMD.replace(_TCP, _LOCAL), str(path), sys.executable, "-m", "gsign", "relay"]
    with subprocess.Popen([*command, "--config", str(relay.configuration)], stderr=subprocess.DEVNULL) as process:
        try:
            until(path.exists)
            with socket.socket(socket.AF_UNIX) as client, client.makefile("rb") as replies:
                client.connect(str(path))
                for said in (b"", b"HELO x\r\n", b"MAIL FROM:<a@b.vn>\r\n", b"RCPT TO:<c@d.vn>\r\n", b"DATA\r\n"):
                    client.sendall(said)
                    assert replies.readline()[:1] in b"23"
                client.sendall(b"Subject: a\r\n\r\nb\r\n.\r\n")
                assert replies.readline().startswith(b"250 ")
        finally:
            process.terminate()
    assert b"from x ([unknown])" in hop.delivered[0].content


def test_a_port_that_somebody_has_is_told(relay):
    with pytest.raises(InputError) as refused:
        bound_sockets(relay.address)
    assert refused.value.code == "listen-impossible"


def test_a_second_relay_does_not_share_the_port_of_the_first(relay):
    second = subprocess.run(
        [sys.executable, "-m", "gsign", "--lang", "en", "relay", "--config", str(relay.configuration)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 6
    assert second.stderr.startswith("gsign: error: mail cannot be taken at")


def test_without_systemd_there_is_no_socket(monkeypatch):
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", "1")
    assert activated_socket() is None
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    monkeypatch.setenv("LISTEN_FDS", "2")
    with pytest.raises(InputError):
        activated_socket()
