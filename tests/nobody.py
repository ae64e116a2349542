"""Code run by a user whom files and folders can be closed to: whoever runs the tests may be root."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["as_nobody", "open_folder"]

_DROP = "\nimport os\nif os.geteuid() == 0:\n    os.setuid(65534)\n"


def as_nobody(imports: str, code: str, *arguments: object) -> str:
    """Import, and run code with `sys.argv[1:]` as a user without rights; return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [sys.executable, "-c", imports + _DROP + code, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that every user may look into; pytest's own are one user's alone."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)
