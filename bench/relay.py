"""The relay beside aiosmtpd's own forwarding handler and beside Postfix, which look at nothing and write nothing down.

All three pass messages on to the same next hop, over loopback. The relay has a policy that asks for signed documents,
its ledger, and verification; signed documents are all different, so none is judged from memory. Figures are messages
a second.
"""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench.desk import ROOT, Desk
from bench.harness import Case, Comparison, Measure, Race, UnmeasuredError, beside
from gsign import pdf

__all__ = ["CASES"]

_HEAD = b"From: a@hungyen.gov.vn\r\nTo: c@d.vn\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
_CONFIGURATION = """
[relay]
listen = "127.0.0.1:{port}"
next_hop = "127.0.0.1:{next_hop}"
hostname = "relay.example.gov.vn"
processes = {processes}
[trust]
anchors = ["{anchors}"]
[ledger]
url = "sqlite:///{folder}/ledger.db"
[[agency]]
name = "Hưng Yên"
domains = ["hungyen.gov.vn"]
certificate_emails = ["*@hungyen.gov.vn"]
[policy]
default = "reject"
[[policy.rule]]
name = "official"
from = ["hungyen.gov.vn"]
to = ["*"]
require = ["every-pdf-signed", "pdf-signer-is-sender"]
"""
_STOCK = """
import asyncio, logging, sys
from aiosmtpd.handlers import Proxy
from aiosmtpd.smtp import SMTP
logging.disable(logging.CRITICAL)
port, next_hop = map(int, sys.argv[1:])
async def main():
    make = lambda: SMTP(Proxy("127.0.0.1", next_hop), data_size_limit=1 << 26)
    await (await asyncio.get_running_loop().create_server(make, "127.0.0.1", port)).serve_forever()
asyncio.run(main())
"""
_SINK = """
import asyncio, sys
class Sink(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.received, self.in_data = transport, b"", False
        transport.write(b"220 sink\\r\\n")
    def data_received(self, octets):
        self.received += octets
        while self.received:
            if self.in_data:
                end = self.received.find(b"\\r\\n.\\r\\n")
                if end < 0:
                    self.received = self.received[-4:]
                    return
                self.received, self.in_data = self.received[end + 5 :], False
                self.transport.write(b"250 ok\\r\\n")
                continue
            line, ended, rest = self.received.partition(b"\\r\\n")
            if not ended:
                return
            self.received, verb = rest, line[:4].upper()
            if verb == b"EHLO":
                self.transport.write(b"250-sink\\r\\n250-PIPELINING\\r\\n250 8BITMIME\\r\\n")
            elif verb == b"DATA":
                self.in_data = True
                self.transport.write(b"354 go\\r\\n")
            elif verb == b"QUIT":
                self.transport.write(b"221 bye\\r\\n")
                self.transport.close()
                return
            else:
                self.transport.write(b"250 ok\\r\\n")
async def main():
    await (await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", int(sys.argv[1]))).serve_forever()
asyncio.run(main())
"""
_POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
myhostname = pass.example.gov.vn
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
smtpd_peername_lookup = no
smtpd_proxy_filter = 127.0.0.1:{next_hop}
message_size_limit = 52428800
"""
_POSTFIX_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix  n  -  n  -   0  cleanup
rewrite   unix  -  -  n  -   -  trivial-rewrite
proxymap  unix  -  -  n  -   -  proxymap
anvil     unix  -  -  n  -   1  anvil
postlog   unix-dgram n - n - 1 postlogd
"""

Messages = Callable[[int], list[bytes]]
"""Make so many messages."""


class Load(NamedTuple):
    """What is sent in a turn."""

    sessions: int
    each: int
    """Messages of each session."""
    messages: Messages


# ---------------------------------------------------------------- contenders


@contextmanager
def _process(command: Sequence[str], port: int) -> Iterator[None]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield
    finally:
        running.terminate()
        running.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def _sink() -> Iterator[int]:
    port = _free_port()
    with _process([sys.executable, "-c", _SINK, str(port)], port):
        yield port


@contextmanager
def _gsign(desk: Desk, next_hop: int, processes: int) -> Iterator[int]:
    port = _free_port()
    # On a disk: the ledger's entries are to be there after a power cut.
    with tempfile.TemporaryDirectory(prefix="gsign-bench-", dir="/var/tmp") as folder:
        file = Path(folder) / "gsign.toml"
        facts = {"port": port, "next_hop": next_hop, "processes": processes, "anchors": desk.anchors, "folder": folder}
        file.write_text(_CONFIGURATION.format(**facts), encoding="utf-8")
        with _process([sys.executable, "-m", "gsign", "relay", "-q", "--config", str(file)], port):
            yield port


@contextmanager
def _stock(next_hop: int) -> Iterator[int]:
    port = _free_port()
    with _process([sys.executable, "-c", _STOCK, str(port), str(next_hop)], port):
        yield port


@contextmanager
def _postfix(next_hop: int) -> Iterator[int]:
    """Run a Postfix that hands each message on while its client waits, as it does to a filter before the queue."""
    if not Path("/usr/sbin/postfix").exists() or os.geteuid() != 0:
        raise UnmeasuredError("apt install postfix, and be root")
    port = _free_port()
    folder = Path(tempfile.mkdtemp(prefix="gsign-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    for name in ("config", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    facts = {"folder": folder, "port": port, "next_hop": next_hop}
    (folder / "config" / "main.cf").write_text(_POSTFIX_MAIN.format(**facts), encoding="utf-8")
    (folder / "config" / "master.cf").write_text(_POSTFIX_MASTER.format(**facts), encoding="utf-8")
    command = ["/usr/sbin/postfix", "-c", str(folder / "config")]
    try:
        subprocess.run([*command, "start"], check=True, capture_output=True)
        _wait_for(port)
        yield port
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


# ---------------------------------------------------------------- load


def _plain(octets: int) -> Messages:
    message = _HEAD + b"\r\n" + (b"x" * 74 + b"\r\n") * (octets // 76) + b".\r\n"
    return lambda count: [message] * count


def _with_document(desk: Desk, octets: int) -> Messages:
    signer = desk.signer()
    bulk = desk.folder / "bulk.pdf"
    if not bulk.exists():
        from tests.documents import large

        large(bulk, octets)

    def make(count: int) -> list[bytes]:
        return [_attached(pdf.sign(bulk, signer, trust=desk.trust)) for _ in range(count)]

    return make


def _attached(document: bytes) -> bytes:
    lines = base64.encodebytes(document).replace(b"\n", b"\r\n")
    kind = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return _HEAD + kind + lines + b".\r\n"


def _rate(port: int, load: Load, delays: list[float] | None = None) -> float:
    messages = load.messages(load.sessions * load.each)
    failures: list[BaseException] = []

    def session(own: list[bytes]) -> None:
        try:
            _send(port, own, delays)
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits
            failures.append(error)

    shares = [messages[number :: load.sessions] for number in range(load.sessions)]
    threads = [threading.Thread(target=session, args=(share,)) for share in shares]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise UnmeasuredError(f"a message was not taken: {failures[0]}")
    return len(messages) / (time.perf_counter() - start)


def _send(port: int, messages: list[bytes], delays: list[float] | None) -> None:
    with socket.create_connection(("127.0.0.1", port)) as opened, opened.makefile("rb") as replies:

        def say(octets: bytes) -> None:
            opened.sendall(octets)
            while (line := replies.readline())[3:4] == b"-":
                pass
            if line[:1] not in b"23" or not line:
                raise ConnectionError(line.decode(errors="replace"))

        say(b"")
        say(b"EHLO bench\r\n")
        for message in messages:
            start = time.perf_counter()
            say(b"MAIL FROM:<a@hungyen.gov.vn>\r\n")
            say(b"RCPT TO:<c@d.vn>\r\n")
            say(b"DATA\r\n")
            say(message)
            if delays is not None:
                delays.append(time.perf_counter() - start)
        with suppress(ConnectionError):
            say(b"QUIT\r\n")


# ---------------------------------------------------------------- cases


@contextmanager
def _race(
    desk: Desk, load: Callable[[Desk], Load], *, stock: float | None = None, postfix: float | None = None
) -> Iterator[Race]:
    with ExitStack() as running:
        next_hop = running.enter_context(_sink())
        sent = load(desk)
        ports = {"gsign": running.enter_context(_gsign(desk, next_hop, os.cpu_count() or 1))}
        comparisons = []
        if stock is not None:
            ports["aiosmtpd's Proxy"] = running.enter_context(_stock(next_hop))
            comparisons.append(beside("aiosmtpd's Proxy", at_least=stock))
        if postfix is not None:
            ports["Postfix"] = running.enter_context(_postfix(next_hop))
            comparisons.append(beside("Postfix", at_least=postfix))
        contenders: dict[str, Measure] = {name: partial(_rate, port, sent) for name, port in ports.items()}
        yield Race(contenders, tuple(comparisons), unit="/s", rounds=7, quick_rounds=3)


@contextmanager
def _processes(desk: Desk) -> Iterator[Race]:
    with ExitStack() as running:
        next_hop = running.enter_context(_sink())
        sent = Load(20, 2, _with_document(desk, 1_000_000))
        one = running.enter_context(_gsign(desk, next_hop, 1))
        two = running.enter_context(_gsign(desk, next_hop, 2))
        yield Race(
            {"gsign": partial(_rate, two, sent), "one process": partial(_rate, one, sent)},
            (beside("one process", at_least=1.6),),
            unit="/s",
            rounds=7,
            quick_rounds=3,
        )


@contextmanager
def _delay(desk: Desk) -> Iterator[Race]:
    """Compare the slowest hundredth through the relay with the slowest hundredth of the next hop itself."""

    def slowest(port: int, load: Load) -> float:
        delays: list[float] = []
        _rate(port, load, delays)
        return 1000 * sorted(delays)[len(delays) * 99 // 100]

    with ExitStack() as running:
        next_hop = running.enter_context(_sink())
        port = running.enter_context(_gsign(desk, next_hop, os.cpu_count() or 1))
        load = Load(20, 25, _plain(10_000))
        comparison = Comparison("the next hop", lambda r: r["gsign"], lambda r: r["the next hop"])
        contenders: dict[str, Measure] = {
            "gsign": partial(slowest, port, load),
            "the next hop": partial(slowest, next_hop, load),
        }
        yield Race(contenders, (comparison,), rounds=5, quick_rounds=3)


def _case(
    name: str, title: str, load: Callable[[Desk], Load], stock: float | None = None, postfix: float | None = None
) -> Case:
    return Case(name, title, partial(_race, load=load, stock=stock, postfix=postfix))


CASES = (
    _case("relay-10k-20", "relay 10 kB, 20 sessions", lambda _: Load(20, 20, _plain(10_000)), 3, 1),
    _case("relay-10k-1", "relay 10 kB, 1 session", lambda _: Load(1, 60, _plain(10_000)), 1, 1),
    _case("relay-300k", "relay 300 kB, 20 sessions", lambda _: Load(20, 4, _plain(300_000)), 1, 1),
    _case("relay-1m", "relay 1 MB, 20 sessions", lambda _: Load(20, 2, _plain(1_000_000)), 3, 0.7),
    _case("relay-pdf-1", "relay 1 MB signed PDF", lambda d: Load(1, 8, _with_document(d, 1_000_000)), 2),
    _case("relay-pdf-20", "relay 1 MB signed PDF, 20", lambda d: Load(20, 2, _with_document(d, 1_000_000)), 3),
    Case("relay-processes", "relay 2 processes, signed PDF", _processes),
    Case("relay-p99", "relay p99 of 10 kB, 20 sessions", _delay),
)
