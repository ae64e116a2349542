"""Build and steer the module around SoftHSM (`shim.c`) that behaves as real tokens and bad drivers do."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.softhsm import find_softhsm

__all__ = ["Shim", "build"]

_SOURCE = Path(__file__).with_name("shim.c")


def build(folder: Path) -> Path:
    """Compile the module and return its path."""
    made = folder / "shim.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-w", "-std=gnu11", "-o", str(made), str(_SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return made


class Shim:
    """One test's control and log of the module."""

    def __init__(self, module: Path, folder: Path) -> None:
        self.module = str(module)
        self._control = folder / "shim-control"
        self._log = folder / "shim-log"
        self.control()
        self._log.touch()

    @property
    def settings(self) -> dict[str, str]:
        """What the environment has to say."""
        return {"SHIM_TARGET": find_softhsm(), "SHIM_CONTROL": str(self._control), "SHIM_LOG": str(self._log)}

    def control(self, **settings: str) -> None:
        """Behave so from the next call on; nothing given is SoftHSM as it is."""
        fresh = self._control.with_suffix(".new")
        fresh.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
        fresh.replace(self._control)

    def count(self, what: str) -> int:
        """Tell how often something was called, such as `C_Sign` or `C_Login 1 pin`."""
        return sum(line.startswith(what) for line in self._log.read_text().splitlines())
