"""Servers that the bench of the relay runs: gsign, aiosmtpd's forwarding handler, Postfix, and the next hop of all.

All pass messages on to the same next hop, over loopback. What each takes of the processors is read from the kernel, for
all its processes and threads together.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from bench.desk import ROOT, Desk
from bench.harness import UnmeasuredError
from tests.listeners import takes_connections

__all__ = ["Server", "gsign_relay", "held_to", "postfix", "sink", "stock"]

_CONFIGURATION = """
[relay]
listen = "127.0.0.1:{port}"
next_hop = "127.0.0.1:{next_hop}"
hostname = "relay.example.gov.vn"
{processes}
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
try:
    from uvloop import run
except ImportError:
    run = asyncio.run
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
run(main())
"""
_GROUPS = Path("/sys/fs/cgroup/cpu")
"""Where the kernel is told how much of a processor a process may have (cgroups, version 1)."""
_PERIOD = 10_000
"""Microseconds."""
_QUEUES = ("maildrop", "incoming", "active", "deferred")
_LOOK_SECONDS = 0.005

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
message_size_limit = 52428800
# Processes that ended would take with them what they have cost.
max_use = 1000000
max_idle = 600s
{passing}
"""
_AT_ONCE = "smtpd_proxy_filter = 127.0.0.1:{next_hop}"
"""Hand each message on while its client waits, as to a filter before the queue: nothing is written to disk."""
_BY_QUEUE = "relayhost = [127.0.0.1]:{next_hop}"
"""Keep each message in the queue before its client is answered, then hand it on: how Postfix keeps its promise."""
_POSTFIX_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix  n  -  n  -   0  cleanup
rewrite   unix  -  -  n  -   -  trivial-rewrite
proxymap  unix  -  -  n  -   -  proxymap
anvil     unix  -  -  n  -   1  anvil
qmgr      unix  n  -  n  300 1  qmgr
smtp      unix  -  -  n  -   -  smtp
scache    unix  -  -  n  -   1  scache
bounce    unix  -  -  n  -   0  bounce
defer     unix  -  -  n  -   0  bounce
trace     unix  -  -  n  -   0  bounce
retry     unix  -  -  n  -   -  error
postlog   unix-dgram n - n - 1 postlogd
"""


class Server(NamedTuple):
    """A server that runs, and the process that all its others descend from."""

    port: int
    pid: int
    queue: Path | None = None
    """Where it keeps messages that it has taken and not yet handed on."""

    def hand_on(self) -> None:
        """Wait until all that it has taken is handed on."""
        while self.queue is not None and any(any((self.queue / name).rglob("*")) for name in _QUEUES):
            time.sleep(_LOOK_SECONDS)

    def cpu(self) -> float:
        """Return the seconds of processor time that its processes have taken so far."""
        return sum(_cpu_of(pid) for pid in _descendants(self.pid))


def _descendants(pid: int) -> set[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found, last = {pid}, set[int]()
    while found != last:
        last = found
        found = found | {child for child, parent in parents.items() if parent in found}
    return found


def _cpu_of(pid: int) -> float:
    total = 0
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


@contextmanager
def _process(command: Sequence[str], port: int) -> Iterator[Server]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield Server(port, running.pid)
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


def _wait_for_listeners(pid: int, port: int, count: int) -> None:
    """Wait until so many processes take connections at a port: those beside the first start when it is ready."""
    end = time.monotonic() + 30
    while sum(takes_connections(process, port) for process in _descendants(pid)) < count:
        if time.monotonic() > end:
            raise UnmeasuredError(f"fewer than {count} processes listen")
        time.sleep(0.05)


@contextmanager
def sink() -> Iterator[Server]:
    """Run the next hop, which takes everything."""
    port = _free_port()
    with _process([sys.executable, "-c", _SINK, str(port)], port) as running:
        yield running


@contextmanager
def gsign_relay(desk: Desk, next_hop: int, processes: int | None = None) -> Iterator[Server]:
    """Run `gsign relay` as it is shipped, or with so many processes."""
    port = _free_port()
    # On a disk: the ledger's entries are to be there after a power cut.
    with tempfile.TemporaryDirectory(prefix="gsign-bench-", dir="/var/tmp") as folder:
        file = Path(folder) / "gsign.toml"
        chosen = f"processes = {processes}" if processes is not None else ""
        facts = {"port": port, "next_hop": next_hop, "processes": chosen, "anchors": desk.anchors, "folder": folder}
        file.write_text(_CONFIGURATION.format(**facts), encoding="utf-8")
        with _process([sys.executable, "-m", "gsign", "relay", "-q", "--config", str(file)], port) as running:
            _wait_for_listeners(running.pid, port, processes or 1)
            yield running


@contextmanager
def held_to(server: Server, share: float) -> Iterator[None]:
    """Hold each process of a server that takes connections to a share of a processor of its own.

    Args:
        server: the server.
        share: of one processor, such as 0.3.
    """
    made: list[Path] = []
    try:
        for pid in _descendants(server.pid):
            if takes_connections(pid, server.port):
                made.append(_GROUPS / f"gsign-bench-{pid}")
                made[-1].mkdir()
                (made[-1] / "cpu.cfs_period_us").write_text(str(_PERIOD))
                (made[-1] / "cpu.cfs_quota_us").write_text(str(int(_PERIOD * share)))
                (made[-1] / "cgroup.procs").write_text(str(pid))
        yield
    except OSError as error:
        raise UnmeasuredError(f"processes cannot be held to a share of a processor here: {error}") from error
    finally:
        for group in made:
            with suppress(OSError):
                for pid in (group / "cgroup.procs").read_text().split():
                    (_GROUPS / "cgroup.procs").write_text(pid)
                group.rmdir()


@contextmanager
def stock(next_hop: int) -> Iterator[Server]:
    """Run aiosmtpd with the handler that it has for forwarding."""
    port = _free_port()
    with _process([sys.executable, "-c", _STOCK, str(port), str(next_hop)], port) as running:
        yield running


@contextmanager
def postfix(next_hop: int, *, queues: bool) -> Iterator[Server]:
    """Run a Postfix that passes messages on.

    Args:
        next_hop: port of the next hop.
        queues: whether it keeps each in its queue first; else it hands each on while its client waits, as it does to a
            filter before the queue.
    """
    if not Path("/usr/sbin/postfix").exists() or os.geteuid() != 0:
        raise UnmeasuredError("apt install postfix, and be root")
    port = _free_port()
    folder = Path(tempfile.mkdtemp(prefix="gsign-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    for name in ("config", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    passing = (_BY_QUEUE if queues else _AT_ONCE).format(next_hop=next_hop)
    facts = {"folder": folder, "port": port, "passing": passing}
    (folder / "config" / "main.cf").write_text(_POSTFIX_MAIN.format(**facts), encoding="utf-8")
    (folder / "config" / "master.cf").write_text(_POSTFIX_MASTER.format(**facts), encoding="utf-8")
    command = ["/usr/sbin/postfix", "-c", str(folder / "config")]
    try:
        subprocess.run([*command, "start"], check=True, capture_output=True)
        _wait_for(port)
        pid = int((folder / "queue" / "pid" / "master.pid").read_text())
        yield Server(port, pid, folder / "queue" if queues else None)
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)
