"""A real HAProxy before relays, with the configuration that the manual shows."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.listeners import free_port
from tests.relay.running import until
from tests.relay.wire import Wire

__all__ = ["HaProxy", "block"]

_MANUAL = Path(__file__).parents[2] / "docs" / "scale.md"


class HaProxy:
    """One HAProxy.

    Args:
        folder: for its configuration and log.
        relays: `host:port` of each, in place of the manual's.
    """

    def __init__(self, folder: Path, relays: Sequence[str]) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        text = block("haproxy.cfg").replace("127.0.0.1:10020", self.address)
        addresses = iter(relays)
        text = re.sub(r"192\.0\.2\.\d+:10025", lambda _: next(addresses), text)
        self._file = folder / "haproxy.cfg"
        self._file.write_text(text, encoding="utf-8")
        self._log = folder / "haproxy.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(["/usr/sbin/haproxy", "-db", "-f", self._file], stdout=log, stderr=log)
        until(self._answers)
        return self

    def __exit__(self, *exc: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(60)

    def wire(self, hello: str = "EHLO client.vn") -> Wire:
        """Connect to a relay through it."""
        return Wire(self.address, hello)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        try:
            with self.wire() as wire:
                return wire.greeting.is_positive
        except OSError:
            return False


def block(name: str) -> str:
    """Return the block of the manual that a comment names."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```[a-z]+\n(.*?)```\n", _MANUAL.read_text("utf-8"), re.DOTALL)
    assert found is not None, name
    return found[1]
