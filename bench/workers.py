"""Two workers beside one: does gsign gain what two bare processes gain over one?

Figures are speed-ups, so 2 is the most there can be.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from bench.desk import ROOT, Desk
from bench.harness import Case, Comparison, Measure, Race
from gsign import pdf
from gsign.signer import Signer

__all__ = ["CASES"]

_SIGNATURES = 250
"""By each worker in a turn."""

Work = Callable[[Signer], object]


@contextmanager
def signatures(desk: Desk) -> Iterator[Race]:
    """Sign bare messages."""
    with _race(desk, lambda signer: signer.sign(bytes(150), signer.algorithm()), at_least=0.9) as race:
        yield race


@contextmanager
def documents(desk: Desk) -> Iterator[Race]:
    """Sign documents of one page; the work beside the token is done in one process by either number of workers."""
    data = desk.document("one-page")
    with _race(desk, lambda signer: pdf.sign(data, signer, trust=desk.trust), at_least=None) as race:
        yield race


@contextmanager
def _race(desk: Desk, work: Work, *, at_least: float | None) -> Iterator[Race]:
    with ExitStack() as running:
        bare = [running.enter_context(_bare_process(desk)) for _ in range(2)]
        yield Race(
            {
                "gsign": _gsign(desk, work, 1),
                "gsign, two workers": _gsign(desk, work, 2),
                "one bare process": lambda: _bare(bare[:1]),
                "two bare processes": lambda: _bare(bare),
            },
            (
                Comparison(
                    "two bare processes",
                    lambda r: r["gsign, two workers"] / r["gsign"],
                    lambda r: r["two bare processes"] / r["one bare process"],
                    at_least=at_least,
                ),
            ),
            unit="x",
            rounds=7,
            quick_rounds=3,
        )


def _gsign(desk: Desk, work: Work, workers: int) -> Measure:
    """Measure how many times a second `work` is done by as many threads as workers."""

    def repeat(signer: Signer) -> None:
        for _ in range(_SIGNATURES):
            work(signer)

    def turn() -> float:
        with desk.signer(workers) as signer, ThreadPoolExecutor(workers) as threads:
            list(threads.map(work, [signer] * (4 * workers)))  # logs every worker in
            start = time.perf_counter()
            list(threads.map(repeat, [signer] * workers))
            return workers * _SIGNATURES / (time.perf_counter() - start)

    return turn


@contextmanager
def _bare_process(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    """Start a process and wait until it is logged in: SoftHSM fails where others look while one logs in."""
    command = [sys.executable, "-m", "bench.bare", desk.module, str(_SIGNATURES)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            _await(process)
            yield process
        finally:
            process.kill()


def _bare(processes: list[subprocess.Popen[str]]) -> float:
    start = time.perf_counter()
    for process in processes:
        _ask(process)
    for process in processes:
        _await(process)
    return len(processes) * _SIGNATURES / (time.perf_counter() - start)


def _ask(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def _await(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    if not process.stdout.readline():
        raise RuntimeError(f"the bare process ended with {process.wait()}")


CASES = (
    Case("two-workers", "signatures by two workers over one", signatures),
    Case("two-workers-documents", "documents by two workers over one", documents),
)
