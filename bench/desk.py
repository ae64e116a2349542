"""What every case works with: a CA, a real software token, its PIN, documents, and the programs by name."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bench.names import KEY_LABEL, KEY_URI, PIN, TOKEN_LABEL
from gsign.pkcs11 import open_signer
from gsign.token.signer import TokenSigner
from gsign.trust.store import TrustStore
from tests.documents import Library, large
from tests.pki import Identity, Pki
from tests.softhsm import Item, Office

__all__ = ["LARGE_BYTES", "ROOT", "Desk"]

LARGE_BYTES = 200_000_000
ROOT = Path(__file__).parents[1]
_NOT_OF_USERS = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@dataclass
class Desk:
    """A folder with a token whose one key is RSA 2048, certified by a CA whose servers run on loopback."""

    folder: Path
    pki: Pki
    module: str
    _library: Library = field(repr=False)

    @classmethod
    @contextmanager
    def ready(cls) -> Iterator[Desk]:
        """Lay everything out, and clear it away afterwards."""
        for name in _PROXIES:
            os.environ.pop(name, None)
            os.environ.pop(name.upper(), None)
        with tempfile.TemporaryDirectory(prefix="gsign-bench-") as made:
            folder = Path(made)
            pki = Pki(folder)
            office = Office(folder / "office")
            leaf = pki.leaf()
            office.token(TOKEN_LABEL, [Item(leaf.der, leaf.key, label=KEY_LABEL)], pin=PIN)
            os.environ.__setitem__(*office.setting)
            desk = cls(folder, pki, office.module, Library(pki))
            desk.pin_file.write_text(PIN, encoding="ascii")
            desk.pin_file.chmod(0o600)
            desk.anchors.write_bytes(pki.root_file.read_bytes() + pki.intermediate_file.read_bytes())
            try:
                yield desk
            finally:
                pki.close()

    @property
    def leaf(self) -> Identity:
        """The signer's certificate, for peers that want a look at it."""
        return self.pki.leaf()

    @property
    def pin_file(self) -> Path:
        """Where programs find the PIN."""
        return self.folder / "pin"

    @property
    def anchors(self) -> Path:
        """PEM file of the CA's two certificates."""
        return self.folder / "ca.pem"

    @cached_property
    def trust(self) -> TrustStore:
        """The same, opened."""
        return TrustStore.load(self.anchors)

    @cached_property
    def large_file(self) -> Path:
        """A document of 200 MB."""
        return large(self.folder / "large.pdf", LARGE_BYTES)

    def document(self, name: str) -> bytes:
        """Return a document of the tests' library."""
        return self._library[name].data

    def signer(self, workers: int = 1) -> TokenSigner:
        """Open the key with gsign."""
        return open_signer(KEY_URI, pin=PIN, module=self.module, workers=workers)

    @cached_property
    def _environment(self) -> dict[str, str]:
        """Return an environment in which programs find gsign, and keep what they compile, as installed ones do."""
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_OF_USERS}
        return {**kept, "PYTHONPATH": path}

    def program(self, name: str, module: str) -> list[str]:
        """Return how to start a program of this interpreter's environment: its script, else its module."""
        script = Path(sys.executable).with_name(name)
        return [str(script)] if script.exists() else [sys.executable, "-m", module]

    def run(self, command: list[str]) -> None:
        """Run a program to its successful end, silently."""
        done = subprocess.run(command, cwd=self.folder, env=self._environment, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
