"""Many documents on many machines, or in several runs: `--cluster URL` and `--results FILE`."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from gsign.cli.output import say_note, text
from gsign.cli.shared import FILE, AnyCallable, Shared
from gsign.errors import InputError, UsageError

if TYPE_CHECKING:
    from gsign.cli.batch import Outcome
    from gsign.cli.files import Job
    from gsign.config import Cluster as Section
    from gsign.errors import GsignError
    from gsign.isolation.pool import Settings
    from gsign.many.cluster import Cluster
    from gsign.many.holding import Wishes
    from gsign.many.results import Results
    from gsign.many.signing import Signed
    from gsign.result import VerificationResult
    from gsign.service import Service

__all__ = ["Verifiers", "many_options", "sign_many", "verifiers"]

AnyPath = TypeVar("AnyPath", bound=Path)
Judged = Generator["tuple[AnyPath, VerificationResult | GsignError]"]


class Verifiers(Protocol):
    """What judges documents: processes of this machine, or a cluster."""

    settings: Settings

    def verify_all(self, sources: Iterable[AnyPath]) -> Judged[AnyPath]:
        """Yield each with its result or error, in the order given."""
        ...


def many_options(results: str) -> Callable[[AnyCallable], AnyCallable]:
    """Return what adds the options about machines and runs.

    Args:
        results: help of `--results`.
    """

    def add(function: AnyCallable) -> AnyCallable:
        function = click.option("--results", type=FILE, metavar="FILE.jsonl", help=results)(function)
        told = "Have a dask cluster do it: tls://HOST:PORT of its scheduler."
        return click.option("--cluster", metavar="URL", help=told)(function)

    return add


class _Chosen:
    def __init__(self, settings: Settings, verify_all: Any) -> None:
        self.settings = settings
        self._verify_all = verify_all

    def verify_all(self, sources: Iterable[AnyPath]) -> Judged[AnyPath]:
        """See `Verifiers`."""
        return self._verify_all(sources)  # type: ignore[no-any-return]


@contextmanager
def verifiers(service: Service, given: Mapping[str, Any], count: int) -> Iterator[Verifiers]:
    """Open what judges documents where a cluster or a file of results is named.

    Raises:
        UsageError: `cluster-url`, `cluster-plain`, `results-of-others`.
        TemporaryError: `cluster-unreachable`.
    """
    from gsign.isolation.limits import Limits
    from gsign.many.judging import conditions_of
    from gsign.many.verifying import verify_all

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
        return {
            "executor": cluster.executor,
            "at_once": cluster.at_once,
            "together": cluster.together(sent=section.files == "sent"),
            "watch": cluster.watch,
            "most_sent": _most_sent(section),
        }
    from concurrent.futures import ThreadPoolExecutor

    return {"executor": opened.enter_context(ThreadPoolExecutor(jobs)), "at_once": 4 * jobs}


def _results(path: Path | None, act: str, conditions: object, opened: ExitStack) -> Results | None:
    if path is None:
        return None
    from gsign.many.results import Results

    return opened.enter_context(Results(path, act, conditions))


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def sign_many(
    shared: Shared, given: Mapping[str, Any], wishes: Mapping[str, Any], line: Callable[[Signed], str]
) -> int:
    """Have a cluster sign, each worker with the key of its own configuration, and return the exit code.

    Args:
        shared: how to say it.
        given: the options of `gsign sign`.
        wishes: those of `gsign.pdf.sign`.
        line: says in one line what was done to a document.

    Raises:
        UsageError: `option-not-with-cluster`; options that are off.
        TokenError: a worker's token, key or PIN.
        TemporaryError: `cluster-unreachable`, `cluster-gone`.
    """
    from gsign.cli.files import make_folder, plan
    from gsign.cli.writing import tell
    from gsign.many.cluster import open_cluster
    from gsign.many.signing import find_holder

    _refuse_local(given)
    jobs = plan(given["files"], given["output"], given["out_dir"])
    configuration = shared.configuration()
    make_folder(given["out_dir"])
    with ExitStack() as opened:
        cluster = opened.enter_context(open_cluster(given["cluster"], configuration.cluster))
        found = find_holder(cluster.executor, watch=cluster.watch)
        say_note(shared, text(shared, "cluster-signer", name=found.name, serial=found.serial))
        asked = _asked(given, wishes, found.certificate)
        results = _results(given["results"], "sign", asked, opened)
        told = _signed(jobs, cluster, asked, results, configuration.cluster, force=given["force"])
        return tell(told, len(jobs), line=line, shared=shared)


def _signed(
    jobs: Sequence[Job], cluster: Cluster, asked: Wishes, results: Results | None, section: Section, *, force: bool
) -> Iterator[Outcome[Job, Signed]]:
    """Yield what became of each job, in their order; those that the batch ended before as well."""
    from gsign.cli.batch import Outcome
    from gsign.cli.files import Job, obstacle
    from gsign.errors import GsignError
    from gsign.many.signing import Order, sign_all

    told = sign_all(
        (Order(job.source, job.output) for job in jobs),
        executor=cluster.executor,
        wishes=asked,
        force=force,
        at_once=cluster.at_once,
        together=cluster.together(sent=section.files == "sent"),
        in_order=True,
        most_sent=_most_sent(section),
        results=results,
        watch=cluster.watch,
        obstacle=lambda order: obstacle(Job(Path(order.source), Path(order.output)), force=force),
    )
    left = iter(jobs)
    for _, outcome in told:
        job = next(left)
        if isinstance(outcome, GsignError):
            yield Outcome(job, error=outcome)
        else:
            yield Outcome(job, done=outcome)
    yield from map(Outcome, left)


def _refuse_local(given: Mapping[str, Any]) -> None:
    for option in ("key", "module", "pin_file", "use_last_try", "annex", "preview"):
        if given[option]:
            raise UsageError("option-not-with-cluster", option=option.replace("_", "-"))


def _asked(given: Mapping[str, Any], wishes: Mapping[str, Any], certificate: str) -> Wishes:
    """Describe for workers how to sign: what is named by its path here goes as its content."""
    from gsign import __version__
    from gsign.many.holding import Wishes
    from gsign.trust.files import read_certificates

    wanted = {name: value for name, value in wishes.items() if name != "password"}
    for name in ("image", "of"):
        if wanted[name] is not None:
            wanted[name] = _content(wanted[name])
    return Wishes(
        version=__version__,
        certificate=certificate,
        options=wanted,
        tsa=tuple(given["tsa"]),
        trust=tuple(certificate for path in given["trust"] for certificate in read_certificates(path)),
        revocation=given["revocation"],
        offline=given["offline"],
        password_file=str(given["password_file"].absolute()) if given["password_file"] else None,
    )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError("input-unreadable", file=str(file), cause=error.strerror) from error


def _most_sent(section: Section) -> int | None:
    return section.most_sent_bytes if section.files == "sent" else None
