"""A real browser, without a window and without a network: a page printed on paper, or shown on a screen."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

__all__ = ["print_page", "show_page"]

_SECONDS = 120
_OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


def print_page(page: Path, output: Path) -> None:
    """Print an HTML file as a PDF."""
    _run(page, f"--print-to-pdf={output}", "--no-pdf-header-footer")
    assert output.exists()


def show_page(page: Path, output: Path, *, width: int, height: int) -> None:
    """Show an HTML file in a window of a size, and keep the picture as a PNG."""
    _run(page, f"--screenshot={output}", f"--window-size={width},{height}", "--hide-scrollbars")
    assert output.exists()


def _run(page: Path, *options: str) -> None:
    program = shutil.which("chromium")
    assert program is not None, "install the Debian package chromium"
    profile = page.parent / "chromium-profile"
    # It looks for a bus and for settings in the home directory, and complains at length where there are none.
    surroundings = {**os.environ, "HOME": str(page.parent), "XDG_RUNTIME_DIR": str(page.parent)}
    command = [program, *_OPTIONS, f"--user-data-dir={profile}", *options, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS, env=surroundings)
    assert done.returncode == 0, done.stderr
