"""Documents verified by a dask cluster on this machine, beside one process of this machine: what carrying them costs.

Rates. Scheduler, workers and whoever asks share the processors here; on
machines of their own only the last of them stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.desk import Desk
from bench.harness import Case, Comparison, Measure, Race
from gsign import pdf
from gsign.config import Cluster as Section
from gsign.isolation.pool import Settings, VerifierPool
from tests.dask_cluster import Cluster

__all__ = ["CASES"]

_FILES = 400
_WORKERS = 2


@contextmanager
def verified(desk: Desk) -> Iterator[Race]:
    """Verify the same files with one process, with two, and with a cluster of two workers."""
    from gsign.many.cluster import open_cluster
    from gsign.many.verifying import verify_all

    files = _signed(desk)
    settings = Settings(trust=[desk.anchors], revocation="off")
    workers = desk.folder / "workers"
    workers.mkdir()
    with (
        Cluster(workers, workers=_WORKERS) as cluster,
        open_cluster(cluster.url, Section()) as connection,
        VerifierPool(settings, jobs=1) as one,
        VerifierPool(settings, jobs=_WORKERS) as two,
    ):

        def carried() -> int:
            return _passed(
                verify_all(
                    files,
                    executor=connection.executor,
                    settings=settings,
                    at_once=connection.at_once,
                    together=connection.together(sent=False),
                    in_order=True,
                )
            )

        contenders = {
            "gsign": _rate(carried),
            "one process": _rate(lambda: _passed(one.verify_all(files))),
            "two processes": _rate(lambda: _passed(two.verify_all(files))),
        }
        yield Race(contenders, (_over("one process"), _over("two processes")), unit="/s", rounds=7, quick_rounds=3)


def _over(peer: str) -> Comparison:
    return Comparison(peer, lambda r: r["gsign"], lambda r: r[peer])


def _rate(work: Callable[[], int]) -> Measure:
    def turn() -> float:
        began = time.perf_counter()
        count = work()
        return count / (time.perf_counter() - began)

    return turn


def _passed(told: Iterator[tuple[Path, object]]) -> int:
    count = sum(str(getattr(result, "indication", "")) == "TOTAL_PASSED" for _, result in told)
    if count != _FILES:
        raise RuntimeError(f"{_FILES - count} documents did not pass")
    return count


def _signed(desk: Desk) -> Sequence[Path]:
    folder = desk.folder / "archive"
    folder.mkdir()
    data = desk.document("one-page")
    with desk.signer() as signer:
        content = pdf.sign(data, signer, trust=desk.trust)
    files = [folder / f"{number}.pdf" for number in range(_FILES)]
    for file in files:
        file.write_bytes(content)
    return files


CASES = (Case("cluster-verify", f"{_FILES} files verified by a cluster of {_WORKERS} workers", verified),)
