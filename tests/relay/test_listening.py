"""Where mail is taken: at a port that nobody else has, or at the sockets that systemd passes on."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from gsign.errors import InputError
from gsign.office.listening import activated_sockets, bound_sockets
from tests.listeners import free_port
from tests.relay.running import Relay, until
from tests.relay.wire import Wire

# What systemd does: its sockets become number 3 and those that follow, and the process is told that it is meant.
_SYSTEMD = """
import os, socket, sys
kept, places = [], sys.argv[1].split(",")
for number, place in enumerate(places, 3):
    held = socket.create_server(("127.0.0.1", int(place)))
    kept.append(held)
    os.dup2(held.fileno(), number)
    os.set_inheritable(number, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(places)))
os.execv(sys.argv[2], sys.argv[2:])
"""

_TCP = 'held = socket.create_server(("127.0.0.1", int(place)))'
_LOCAL = "held = socket.socket(socket.AF_UNIX); held.bind(place); held.listen()"


def test_each_socket_of_systemd_is_served_by_every_process(tmp_path, hop):
    ports = [free_port(), free_port()]
    wrapper = (sys.executable, "-c", _SYSTEMD, ",".join(map(str, ports)))
    settings = {"listen": "127.0.0.1:1", "processes": 2}
    relay = Relay(tmp_path, hop.address, relay=settings, wrapper=wrapper)
    relay.address = f"127.0.0.1:{ports[0]}"
    with relay:
        for port in 3 * ports:
            with Wire(f"127.0.0.1:{port}") as wire:
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
    assert activated_sockets() == []


def test_a_socket_at_which_nobody_connects_is_told(tmp_path, hop):
    relay = Relay(tmp_path, hop.address)
    held = "held = socket.socket(type=socket.SOCK_DGRAM)"
    command = [sys.executable, "-c", _SYSTEMD.replace(_TCP, held), "0", sys.executable, "-m", "gsign", "--lang", "en"]
    run = subprocess.run(
        [*command, "relay", "--config", str(relay.configuration)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 6
    assert "LISTEN_FDS: SOCK_DGRAM" in run.stderr
