"""Many documents on many machines, or in several runs: `--cluster URL` and `--results FILE`."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from gsign.cli import options
from gsign.cli.shared import FILE, AnyCallable, Shared

if TYPE_CHECKING:
    from gsign.config import Cluster as Section
    from gsign.errors import GsignError
    from gsign.isolation.pool import Settings
    from gsign.many.results import Results
    from gsign.result import VerificationResult

__all__ = ["Verifiers", "many_options", "verifiers"]

AnyPath = TypeVar("AnyPath", bound=Path)
Judged = Generator["tuple[AnyPath, VerificationResult | GsignError]"]


class Verifiers(Protocol):
    """What judges documents: processes of this machine, or a cluster."""

    settings: Settings

    def verify_all(self, sources: Iterable[AnyPath]) -> Judged[AnyPath]:
        """Yield each with its result or error, in the order given."""
        ...


def many_options(function: AnyCallable) -> AnyCallable:
    """Add the options about machines and runs."""
    named = (
        click.option("--cluster", metavar="URL", help="Have a dask cluster do it: tls://HOST:PORT of its scheduler."),
        click.option("--results", type=FILE, metavar="FILE.jsonl", help="Keep results; go on where a run was stopped."),
    )
    for option in reversed(named):
        function = option(function)
    return function


class _Chosen:
    def __init__(self, settings: Settings, verify_all: Any) -> None:
        self.settings = settings
        self._verify_all = verify_all

    def verify_all(self, sources: Iterable[AnyPath]) -> Judged[AnyPath]:
        """See `Verifiers`."""
        return self._verify_all(sources)  # type: ignore[no-any-return]


@contextmanager
def verifiers(shared: Shared, given: Mapping[str, Any], count: int) -> Iterator[Verifiers]:
    """Open what judges documents where a cluster or a file of results is named.

    Raises:
        UsageError: `cluster-url`, `cluster-plain`, `results-of-others`.
        TemporaryError: `cluster-unreachable`.
    """
    from gsign.isolation.limits import Limits
    from gsign.many.judging import conditions_of
    from gsign.many.verifying import verify_all

    service = options.service_of(shared, given)
    limits = Limits(seconds=given["time_limit"])
    settings = service.settings(at=given["at"], file_digest=given["report"] is not None, render=given["render"])
    conditions = conditions_of(settings, limits, password_file=given["password_file"])
    section = service.configuration.cluster
    with ExitStack() as opened:
        results = _results(given["results"], "verify", conditions, opened)
        workers = _workers(given, section, min(given["jobs"] or _cores(), count), opened)
        carried = partial(verify_all, settings=conditions, results=results, in_order=True, **workers)
        yield _Chosen(settings, carried)


def _workers(given: Mapping[str, Any], section: Section, jobs: int, opened: ExitStack) -> dict[str, Any]:
    """Open what carries the work: a cluster, or threads here, each of which has a process of its own to judge."""
    if given["cluster"]:
        from gsign.many.cluster import open_cluster

        cluster = opened.enter_context(open_cluster(given["cluster"], section))
        most = section.most_sent_bytes if section.files == "sent" else None
        return {"executor": cluster.executor, "at_once": cluster.at_once, "watch": cluster.watch, "most_sent": most}
    from concurrent.futures import ThreadPoolExecutor

    return {"executor": opened.enter_context(ThreadPoolExecutor(jobs)), "at_once": 4 * jobs}


def _results(path: Path | None, act: str, conditions: object, opened: ExitStack) -> Results | None:
    if path is None:
        return None
    from gsign.many.results import Results

    return opened.enter_context(Results(path, act, conditions))


def _cores() -> int:
    return len(os.sched_getaffinity(0))
