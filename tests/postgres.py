"""A real PostgreSQL server, made at run time in a folder of its own; a test may kill it and start it again.

def test_x(postgres):           the server of the session (fixture in conftest.py), running
    url = postgres.database()   postgresql://… of a new, empty database
    postgres.kill()             as if the power failed
    postgres.start()            it recovers what was committed
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

__all__ = ["Postgres", "find_programs"]

_USER = "postgres"
_READY_SECONDS = 60
_numbers = count(1)


def find_programs() -> Path:
    """Return the folder of the newest server's programs, which Debian keeps out of PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda found: int(found.parts[-3]))
    if installed:
        return installed[-1].parent
    found = shutil.which("initdb")
    assert found is not None, "install the Debian package postgresql"
    return Path(found).resolve().parent


class Postgres:
    """One server, on a port of loopback and on a socket in its folder. It refuses to run as root.

    Attributes:
        folder: with its data, sockets and log. None of pytest's own: those are open to one user alone.
        port: of loopback; the same after a restart.
    """

    def __init__(self) -> None:
        self.folder = folder = Path(tempfile.mkdtemp(prefix="gsign-postgres-"))
        self._programs = find_programs()
        self._process: subprocess.Popen[bytes] | None = None
        self._as_user: dict[str, Any] = {"cwd": folder}
        if os.geteuid() == 0:
            user = pwd.getpwnam(_USER)
            self._as_user |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(folder, user.pw_uid, user.pw_gid)
        self._data = folder / "data"
        # What was promised to be on disk is: nothing is tested with a server that only pretends.
        self._run("initdb", "-D", self._data, "-U", _USER, "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.start()

    @property
    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def url(self, name: str = "postgres", *, over_socket: bool = False) -> str:
        """Return the URL of a database."""
        if over_socket:
            return f"postgresql://{_USER}@/{name}?host={self.folder}&port={self.port}"
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/{name}"

    def database(self) -> str:
        """Make an empty database, and return its URL."""
        name = f"ledger_{os.getpid()}_{next(_numbers)}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", _USER, name)
        return self.url(name)

    def start(self) -> None:
        """Start the server, and wait until it takes connections."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 100,
            "shared_buffers": "64MB",
            "autovacuum": "off",
            "recovery_init_sync_method": "syncfs",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_user,
            )
        deadline = time.monotonic() + _READY_SECONDS
        while not self._is_ready():
            assert self.is_running, (self.folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server: connections are ended, what is not committed is taken back."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End the server at once, as if the power failed."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """Stop the server for good."""
        if self._process is not None:
            self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, number: int) -> None:
        assert self._process is not None
        process, self._process = self._process, None
        if number == signal.SIGKILL:
            # Those that serve connections are processes of their own, and would end what they are doing.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            for child in _children_of(process.pid):
                with suppress(ProcessLookupError):
                    os.kill(child, number)
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
        process.wait(_READY_SECONDS)
        if number == signal.SIGKILL:
            (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _is_ready(self) -> bool:
        asked = [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments], capture_output=True, text=True, check=False, **self._as_user
        )
        assert done.returncode == 0, done.stderr


def _children_of(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []
