"""Verifying by the command line: one file beside pyHanko's, and many in one call beside pdfsig once for each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from bench.desk import Desk
from bench.harness import Case, Race, UnmeasuredError, beside, seconds
from gsign import pdf

__all__ = ["CASES"]

_FILES = 100
_MORE_FILES = 1000


@contextmanager
def one_file(desk: Desk) -> Iterator[Race]:
    """Verify a file with the same anchors, and without asking anybody for a status."""
    if find_spec("pyhanko.cli") is None:
        raise UnmeasuredError("pip install pyhanko-cli")
    [file] = _signed(desk, 1)
    theirs = [
        *desk.program("pyhanko", "pyhanko"), "sign", "validate",
        "--trust", str(desk.anchors), "--trust-replace", "--no-revocation-check", str(file),
    ]  # fmt: skip
    contenders = {
        "gsign": seconds(lambda: desk.run(_gsign(desk, [file]))),
        "pyHanko's": seconds(lambda: desk.run(theirs)),
    }
    yield Race(contenders, (beside("pyHanko's", at_most=0.25),), rounds=11, quick_rounds=3)


@contextmanager
def many_files(desk: Desk) -> Iterator[Race]:
    """Verify 100 files. pdfsig knows neither anchors nor status here: it looks at the signatures alone."""
    with _many(desk, _FILES, at_most=0.25, rounds=7, quick_rounds=3) as race:
        yield race


@contextmanager
def thousand_files(desk: Desk) -> Iterator[Race]:
    """Verify 1,000 files, likewise."""
    with _many(desk, _MORE_FILES, at_most=0.1, rounds=3, quick_rounds=1) as race:
        yield race


@contextmanager
def _many(desk: Desk, count: int, *, at_most: float, rounds: int, quick_rounds: int) -> Iterator[Race]:
    if shutil.which("pdfsig") is None:
        raise UnmeasuredError("apt install poppler-utils")
    files = _signed(desk, count)

    def pdfsig() -> None:
        for file in files:
            desk.run(["pdfsig", "-nocert", str(file)])

    contenders = {"gsign": seconds(lambda: desk.run(_gsign(desk, files))), "pdfsig": seconds(pdfsig)}
    yield Race(contenders, (beside("pdfsig", at_most=at_most),), rounds=rounds, quick_rounds=quick_rounds)


def _gsign(desk: Desk, files: list[Path]) -> list[str]:
    program = desk.program("gsign", "gsign")
    return [*program, "verify", "--trust", str(desk.anchors), "--revocation", "off", *map(str, files)]


def _signed(desk: Desk, count: int) -> list[Path]:
    """Sign one page as often as files are wanted."""
    data = desk.document("one-page")
    folder = desk.folder / f"signed-{count}"
    folder.mkdir()
    with desk.signer() as signer:
        files = [folder / f"{number}.pdf" for number in range(count)]
        for file in files:
            file.write_bytes(pdf.sign(data, signer, trust=desk.trust))
    return files


CASES = (
    Case("verify-cli-one-file", "verify one file by the command line", one_file),
    Case("verify-cli-100-files", f"verify {_FILES} files in one call", many_files),
    Case("verify-cli-1000-files", f"verify {_MORE_FILES} files in one call", thousand_files),
)
