"""A desk to run the program at: a folder with documents, a software token, its PIN, and anchors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.documents import Library
from tests.pki import LEADER, ORGANISATION, PERSON, Identity, Pki, Subject
from tests.samples import handwriting, seal
from tests.softhsm import PIN, Item, Office, Token

__all__ = ["Desk", "Run", "shown_at"]

_SEAL_DPI = 500 / 36 * 25.4
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Run:
    """What one run of the program returned and said."""

    code: int
    out: str
    err: str

    def told(self) -> list[dict[str, Any]]:
        """Return what it printed with `--json`: an object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Desk:
    """A working folder, and what the documents in it are signed with.

    Args:
        folder: the working folder; tokens are kept beside it.
        pki: who issues certificates.
        library: where documents come from.
    """

    def __init__(self, folder: Path, pki: Pki, library: Library) -> None:
        self.folder = folder
        self._pki = pki
        self._library = library
        self.office = Office(folder.parent / "office")
        name, value = self.office.setting
        self.environment = {**os.environ, "PYTHONPATH": str(_ROOT), "TZ": "Asia/Ho_Chi_Minh", name: value}
        for locale in ("LC_ALL", "LC_MESSAGES", "LANG"):
            self.environment.pop(locale, None)
        self.write("pin", PIN).chmod(0o600)
        self.write("wrong-pin", "000000").chmod(0o600)
        (folder / "ca.pem").write_bytes(pki.root_file.read_bytes() + pki.intermediate_file.read_bytes())
        (folder / "root.pem").write_bytes(pki.root_file.read_bytes())

    def write(self, name: str, text: str) -> Path:
        """Write a small file."""
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return file

    def document(self, kind: str, name: str) -> Path:
        """Lay a document of some kind on the desk."""
        file = self.folder / name
        file.write_bytes(self._library[kind].data)
        return file

    def token(self, label: str = "VP", *, variant: str | None = None, items: list[Item] | None = None) -> Token:
        """Plug in a token; without items it holds the key `van-thu` and its certificate."""
        if items is None:
            leaf = self._pki.leaf(variant=variant)
            items = [Item(leaf.der, leaf.key)]
        return self.office.token(label, items)

    def staff(self) -> None:
        """Plug in the tokens LD (leader) and VT (agency), and lay ready the images of signature and seal."""
        for label, subject in (("LD", LEADER), ("VT", ORGANISATION)):
            leaf = self._pki.leaf(subject)
            self.token(label, items=[Item(leaf.der, leaf.key, label=label.lower())])
        (self.folder / "signature.png").write_bytes(handwriting())
        (self.folder / "seal.png").write_bytes(seal(500, dpi=_SEAL_DPI))

    def p12(self, name: str, who: Subject = PERSON) -> Identity:
        """Lay a PKCS#12 file on the desk; its password is the token's PIN."""
        leaf = self._pki.leaf(who)
        leaf.p12(self.folder / name, PIN)
        return leaf

    def start(self, *arguments: str, **settings: Any) -> subprocess.Popen[str]:
        """Start the program, with no terminal to ask at."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [sys.executable, "-m", "gsign", *arguments],
            env=self.environment,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            **{"cwd": self.folder, **pipes, **settings},
        )

    def run(self, *arguments: str, **settings: Any) -> Run:
        """Run the program to its end."""
        with self.start(*arguments, **settings) as process:
            out, err = process.communicate(timeout=120)
        return Run(process.returncode, out, err)

    def python(self, code: str, *arguments: str) -> Run:
        """Run a program of Python at the desk."""
        command = [sys.executable, "-c", code, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def names(self) -> set[str]:
        """Name everything that lies on the desk, in folders too."""
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}


def shown_at(terminal: int) -> bytes:
    """Return all that programs have written to a terminal, which none of them has open any more, and close it."""
    shown = b""
    with suppress(OSError):  # EIO is how a terminal without a program ends
        while piece := os.read(terminal, 65536):
            shown += piece
    os.close(terminal)
    return shown
