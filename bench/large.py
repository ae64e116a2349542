"""A document of 200 MB: beside reading, hashing and writing the same bytes; and how much memory it takes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.desk import LARGE_BYTES, ROOT, Desk
from bench.harness import Case, Race, beside, limit, seconds
from gsign import pdf

__all__ = ["CASES"]

_MEBIBYTE = 1 << 20
_MEMORY_MB = 80


def copy_with_digest(source: Path, target: Path) -> str:
    """Read, hash and write a file: the least that signing it into another file can be."""
    digest = hashlib.sha256()
    with source.open("rb", buffering=0) as reader, target.open("wb", buffering=0) as writer:
        while piece := reader.read(_MEBIBYTE):
            digest.update(piece)
            writer.write(piece)
    return digest.hexdigest()


@contextmanager
def time_of_large(desk: Desk) -> Iterator[Race]:
    """Sign 200 MB from file to file. Neither contender waits for the disk."""
    source, target = desk.large_file, desk.folder / "large-out.pdf"
    with desk.signer() as signer:
        contenders = {
            "gsign": seconds(lambda: pdf.sign_to(source, target, signer, trust=desk.trust, force=True)),
            "copying with a digest": seconds(lambda: copy_with_digest(source, target)),
        }
        yield Race(contenders, (beside("copying with a digest", at_most=1.2),), rounds=11, quick_rounds=3)
    target.unlink()


@contextmanager
def memory_of_large(desk: Desk) -> Iterator[Race]:
    """Measure the peak of a fresh interpreter that signs 200 MB, the process that holds the token's driver included."""
    target = desk.folder / "large-memory.pdf"

    def measure(program: str) -> float:
        command = [sys.executable, "-m", "bench.memory", program, desk.module, str(desk.large_file), str(target)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        return float(done.stdout)

    yield Race(
        {"gsign": lambda: measure("gsign"), "pyHanko": lambda: measure("pyhanko")},
        (limit("the limit", _MEMORY_MB), beside("pyHanko")),
        unit="MB",
        rounds=2,
        quick_rounds=1,
    )
    target.unlink()


CASES = (
    Case("large-time", f"{LARGE_BYTES // 10**6} MB", time_of_large),
    Case("large-memory", f"{LARGE_BYTES // 10**6} MB, peak memory", memory_of_large),
)
