"""Ports: which nobody has, which processes take connections at one, and whose.

Where they share one socket, it shows in what each waits.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from pathlib import Path


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def clients_of(pid: int, port: int) -> set[int]:
    """Return the ports of those who are connected to a process at a port of its own, on loopback."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    clients = {
        f"socket:[{row[9]}]": int(row[2].rpartition(":")[2], 16)
        for row in rows
        if row[1].endswith(f":{port:04X}") and row[3] == "01"
    }
    found = set()
    with suppress(OSError):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.add(clients.get(str(file.readlink()), 0))
    return found - {0}


def takes_connections(pid: int, port: int) -> bool:
    """Tell whether a process waits for connections at a port; one that only has its socket open does not yet."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    sockets = {int(row[9]) for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}
    with suppress(OSError):
        for file in Path(f"/proc/{pid}/fdinfo").iterdir():
            watched = re.findall(r"^tfd:.* ino:([0-9a-f]+)", file.read_text(encoding="ascii"), re.MULTILINE)
            if sockets.intersection(int(number, 16) for number in watched):
                return True
    return False
