"""A running relay: `gsign relay` with a configuration of its own, in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.listeners import free_port
from tests.relay.wire import LETTER, Wire

__all__ = ["POLICY", "RULES", "THROUGH", "Relay", "policy", "rule", "until"]

_ROOT = Path(__file__).parents[2]
_SECONDS = 60


def policy(*rules: str) -> str:
    """Write a policy that refuses what no rule is for."""
    return '[policy]\ndefault = "reject"\n' + "".join(rules)


def rule(name: str, *senders: str, to: str = "*", **more: Any) -> str:
    """Write a rule that asks for nothing unless told to; `more` are its other keys."""
    keys = {"name": name, "from": senders, "to": [to], "require": [], **more}
    return "[[policy.rule]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in keys.items())


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return str(value) if isinstance(value, int) else f'"{value}"'


THROUGH = rule("through", "*")
RULES = (
    rule("held", "h.vn", require=["a-signed-pdf"], otherwise="hold"),
    rule("refused", "r.vn", require=["a-signed-pdf"]),
    THROUGH,
)
POLICY = policy(*RULES)


class Relay:
    """A relay in a process of its own.

    Args:
        folder: for its configuration, ledger and held messages.
        next_hop: `host:port`.
        relay: further keys of [relay].
        more: further lines of the configuration.
        ledger: lines of [ledger]; None for a file of its own.
    """

    def __init__(
        self,
        folder: Path,
        next_hop: str,
        *,
        relay: Mapping[str, Any] | None = None,
        more: str = "",
        policy: str = POLICY,
        ledger: str | None = None,
        wrapper: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.address = f"127.0.0.1:{free_port()}"
        self.configuration = folder / "gsign.toml"
        self._wrapper = wrapper
        self._options = options
        self._settings = {
            "listen": self.address,
            "next_hop": next_hop,
            "hostname": "relay.vn",
            "processes": 1,
            "budget_seconds": 20,
            **(relay or {}),
        }
        self._more = more
        self._policy = policy
        self._ledger = ledger or f'url = "sqlite:///{self.ledger}"'
        self.configure()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "log"

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.folder / "ledger" / "ledger.db"

    @property
    def held(self) -> Path:
        """The folder of held messages."""
        return self.folder / "held"

    def configure(self, *, policy: str | None = None, **changes: Any) -> None:
        """Write the configuration, with changes in [relay], or with another policy."""
        self._policy = policy or self._policy
        self._settings.update(changes)
        self.ledger.parent.mkdir(exist_ok=True)
        lines = [f"{name} = {_toml(value)}" for name, value in self._settings.items()]
        text = "\n".join(
            [
                "[relay]",
                *lines,
                f"[ledger]\n{self._ledger}",
                f'[held]\nfolder = "{self.held}"',
                self._more,
                self._policy,
            ]
        )
        self.configuration.write_text(text, encoding="utf-8")

    def start(self) -> Self:
        """Start it, and wait until it takes connections."""
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        command = [
            *self._wrapper,
            sys.executable,
            "-m",
            "gsign",
            "relay",
            "--lang",
            "en",
            "--config",
            str(self.configuration),
            *self._options,
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        until(self._answers)
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def stop(self) -> int:
        """End it as a service manager does, and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it and all its processes at once."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(_SECONDS)

    def wire(self, hello: str = "EHLO client.vn", **settings: Any) -> Wire:
        """Connect to it."""
        return Wire(self.address, hello, **settings)

    def sends(self, content: bytes = LETTER, sender: str = "a@b.vn", *recipients: str) -> int:
        """Send a message over a new connection, and return the code of the reply."""
        with self.wire() as wire:
            if wire.hello is None or not wire.hello.is_positive:
                return (wire.hello or wire.greeting).code
            return wire.transaction(content, sender, *recipients).code

    def greets(self) -> int:
        """Connect, and return the code of the greeting."""
        with self.wire("") as wire:
            return wire.greeting.code

    def resident(self) -> int:
        """Return the memory of all its processes, in octets, shared pages counted where they are."""
        assert self.process is not None
        total = 0
        for pid in self.pids():
            try:
                fields = Path(f"/proc/{pid}/statm").read_text().split()
            except OSError:
                continue
            total += (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")
        return total

    def pids(self) -> list[int]:
        """Return the ids of its processes."""
        assert self.process is not None
        found = []
        for entry in Path("/proc").iterdir():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (OSError, ValueError):
                continue
            if len(fields) > 3 and int(fields[3]) == self.process.pid:
                found.append(int(entry.name))
        return found

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(self.log.read_text(encoding="utf-8"))
        try:
            socket.create_connection(("127.0.0.1", int(self.address.rpartition(":")[2])), timeout=5).close()
        except OSError:
            return False
        return True


def until(holds: Any, seconds: float = _SECONDS) -> None:
    """Wait until something holds; it must within the time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)
