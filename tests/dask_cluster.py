"""A real dask cluster on loopback: a scheduler and workers with their nannies, each in a process of its own.

with Cluster(folder, workers=2) as cluster:     gsign verify --cluster cluster.url …
    os.kill(cluster.pids()[0], signal.SIGKILL)  a worker dies, and its nanny starts another
    cluster.end_scheduler()                     as when that machine is gone
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

__all__ = ["Cluster", "tls_files"]

_ROOT = Path(__file__).parents[1]
_SECONDS = 60
_ADDRESS = re.compile(r"Scheduler at:\s+((?:tcp|tls)://\S+)")


class Cluster:
    """A scheduler with workers.

    Args:
        folder: the workers' working folder, where they look for gsign.toml.
        workers: how many processes, of one thread each.
        environment: of all of them.
        tls: options that name certificates.
        memory: limit of each worker, as dask writes it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 2,
        environment: Mapping[str, str] | None = None,
        tls: Sequence[str] = (),
        memory: str = "auto",
    ) -> None:
        self.folder = folder
        self.url = ""
        self._count = workers
        self._tls = list(tls)
        self._memory = memory
        # A worker that is killed is waited for no longer than that, as docs/scale.md advises.
        timeouts = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "3s"}
        self._environment = {**os.environ, **timeouts, "PYTHONPATH": str(_ROOT), **(environment or {})}
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        scheme = "tls" if self._tls else "tcp"
        self._start("scheduler", "--host", f"{scheme}://127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0")
        self._until(lambda: bool(self._address()))
        self.url = self._address()
        if self._count:
            self.add_workers(self._count)
        return self

    def __exit__(self, *exc: object) -> None:
        for process in reversed(self._processes):
            self._kill(process)

    def add_workers(self, count: int) -> None:
        """Start further workers, and wait until the scheduler knows them."""
        before = self._registered()
        arguments = ["--nthreads", "1", "--nworkers", str(count), "--memory-limit", self._memory, "--no-dashboard"]
        self._start("worker", self.url, *arguments, "--local-directory", str(self.folder.parent / "dask"))
        self._until(lambda: self._registered() >= before + count)

    def pids(self) -> list[int]:
        """Return the ids of the workers that are there: children of their nannies that serve the scheduler."""
        found = []
        for nanny in self._processes[1:]:
            for pid in _children(nanny.pid):
                with suppress(OSError):
                    command = Path(f"/proc/{pid}/cmdline").read_bytes()
                    if b"spawn_main" in command:
                        found.append(pid)
        return found

    def end_scheduler(self) -> None:
        """Kill the scheduler."""
        self._processes[0].kill()
        self._processes[0].wait(_SECONDS)

    def log(self, which: str = "worker") -> str:
        """Return what the scheduler or the workers said."""
        return "".join(file.read_text("utf-8", "replace") for file in sorted(self._logs.glob(f"{which}*.log")))

    @property
    def _logs(self) -> Path:
        folder = self.folder.parent / "dask-logs"
        folder.mkdir(exist_ok=True)
        return folder

    def _start(self, which: str, *arguments: str) -> None:
        with (self._logs / f"{which}{len(self._processes)}.log").open("wb") as log:
            command = [sys.executable, "-m", f"distributed.cli.dask_{which}", *arguments, *self._tls]
            self._processes.append(
                subprocess.Popen(
                    command,
                    cwd=self.folder,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def _address(self) -> str:
        found = _ADDRESS.search(self.log("scheduler"))
        return found[1] if found else ""

    def _registered(self) -> int:
        return self.log("scheduler").count("Register worker addr")

    def _until(self, holds: object) -> None:
        end = time.monotonic() + _SECONDS
        while not holds():  # type: ignore[operator]
            assert time.monotonic() < end, self.log("scheduler") + self.log()
            assert all(process.poll() is None for process in self._processes), self.log("scheduler") + self.log()
            time.sleep(0.02)

    @staticmethod
    def _kill(process: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_SECONDS)


def _children(pid: int) -> list[int]:
    try:
        listed = [Path(f"/proc/{pid}/task/{task.name}/children") for task in Path(f"/proc/{pid}/task").iterdir()]
        return [int(child) for file in listed for child in file.read_text().split()]
    except OSError:
        return []


def tls_files(folder: Path) -> Path:
    """Write ca.pem, and node.pem and stranger.pem with their keys, of which ca.pem has certified the first alone."""
    (folder / "tls").mkdir()
    ours, theirs = _authority("Cum"), _authority("Cum khac")
    (folder / "tls" / "ca.pem").write_bytes(ours[0].public_bytes(Encoding.PEM))
    for name, authority in (("node", ours), ("stranger", theirs)):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(name, key.public_key(), authority[0].subject, authority[1], is_authority=False)
        (folder / "tls" / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "tls" / f"{name}.key").write_bytes(plain)
    return folder / "tls"


_Authority = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _authority(name: str) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return _certificate(name, key.public_key(), _named(name), key, is_authority=True), key


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _certificate(
    name: str,
    key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(_named(name)).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
