"""Signed messages through a real Postfix whose next hop takes 7-bit mail only: not one octet of their bodies changes.

Postfix starts as root and needs users of its own, so this is no part of the test run:

    pytest tests/outside/mail_through_postfix.py
"""

from __future__ import annotations

import queue
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from gsign import smime
from tests.listeners import free_port
from tests.mailcorpus import Kit
from tests.mailcorpus.kit import ENTITY, fields
from tests.unit.test_mail_signing import BODIES, LETTERS, attached, multipart

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
relayhost = [127.0.0.1]:{next_hop}
smtp_discard_ehlo_keywords = 8bitmime, smtputf8, silent-discard
smtputf8_enable = no
smtpd_relay_restrictions = permit_mynetworks, reject
maillog_file_prefixes = {folder}
maillog_file = {folder}/log
"""
MESSAGES = {
    **{f"root-{name}": attached(body, kind, encoding) for name, (kind, encoding, body) in BODIES.items()},
    **{f"part-{name}": multipart(ENTITY, attached(b, kind, e)) for name, (kind, e, b) in BODIES.items()},
    "all": multipart(*(attached(body, kind, encoding) for kind, encoding, body in BODIES.values())),
}
MAILS = {name: fields() + entity for name, entity in MESSAGES.items()}
MAILS |= {f"letters-{name}": fields(**changes) + ENTITY for name, changes in LETTERS.items()}


class NextHop:
    """Takes what comes."""

    def __init__(self) -> None:
        self.messages: queue.Queue[bytes] = queue.Queue()

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 - the library's name
        self.messages.put(envelope.content)
        return "250 OK"


@pytest.fixture(scope="module")
def relay(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("postfix")
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == 0 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)
    for name in ("conf", "spool", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    port, next_hop = free_port(), free_port()
    (folder / "conf/main.cf").write_text(_MAIN.format(folder=folder, next_hop=next_hop))
    services = Path("/usr/share/postfix/master.cf.dist").read_text().splitlines()
    listening = [f"127.0.0.1:{port} inet n - n - - smtpd" if s.startswith("smtp      inet") else s for s in services]
    # No service is put into a folder of its own: that would want copies of libraries.
    kept = [" ".join((*w[:4], "n", *w[5:])) if len(w := s.split()) > 7 and s[0] not in "# " else s for s in listening]
    (folder / "conf/master.cf").write_text("\n".join(kept) + "\n")
    hop = NextHop()
    controller = Controller(hop, hostname="127.0.0.1", port=next_hop, data_size_limit=1 << 26)
    controller.start()
    command = ["postfix", "-c", str(folder / "conf")]
    subprocess.run([*command, "start"], check=True, capture_output=True)
    try:
        yield lambda message: through(port, hop, message)
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        controller.stop()


def through(port: int, hop: NextHop, message: bytes) -> bytes:
    """Send a message as 8-bit mail, octet for octet, and return what the next hop got."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection, connection.makefile("rb") as answers:

        def say(line: bytes, code: bytes) -> None:
            connection.sendall(line)
            while (answer := answers.readline())[3:4] == b"-":
                pass
            assert answer.startswith(code), answer

        say(b"", b"220")
        say(b"EHLO client.example.test\r\n", b"250")
        say(b"MAIL FROM:<a@example.test> BODY=8BITMIME\r\n", b"250")
        say(b"RCPT TO:<b@example.test>\r\n", b"250")
        say(b"DATA\r\n", b"354")
        say(message.replace(b"\r\n.", b"\r\n..") + (b"" if message.endswith(b"\r\n") else b"\r\n") + b".\r\n", b"250")
    return hop.messages.get(timeout=30)


@pytest.fixture(scope="module")
def kit(session_pki, tmp_path_factory):
    return Kit(session_pki, tmp_path_factory.mktemp("mail"))


@pytest.mark.parametrize("form", ["detached", "opaque"])
@pytest.mark.parametrize("name", MAILS)
def test_no_octet_of_a_signed_message_is_changed(kit, relay, name, form):
    signed = kit.signed(MAILS[name], form=form)
    arrived = relay(signed)
    assert arrived.endswith(signed.partition(b"\r\n\r\n")[2])
    assert smime.verify(arrived, trust=kit.pki.root_file, revocation="off").smime == "pass"


def test_what_is_not_signed_is_rewritten(relay):
    message = MAILS["root-vietnamese"]
    assert not relay(message).endswith(message.partition(b"\r\n\r\n")[2])
