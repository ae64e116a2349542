"""Many files, one login: each has an outcome of its own, and a token, key or PIN at fault ends the batch at once."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from gsign.cli.output import internal_error, text
from gsign.cli.shared import Shared
from gsign.errors import ConfigurationError, GsignError, TokenError

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["EXIT_CODES", "Outcome", "outcomes", "with_progress", "worst_exit_code"]

Item = TypeVar("Item")
Done = TypeVar("Done")
Any_ = TypeVar("Any_")

EXIT_CODES: Final = {
    "TOTAL_PASSED": 0,
    "TOTAL_FAILED": 1,
    "NO_SIGNATURE_FOUND": 3,
    "INDETERMINATE": 4,
    "UNREADABLE": 6,
}
"""By indication."""

_LOOK_UP_SECONDS: Final = 0.1
_WORST_FIRST = (5, 8, 1, 6, 4, 7, 3, 2)


class Outcome(NamedTuple, Generic[Item, Done]):
    """What became of one item: `done`, or `error`, or neither where the batch ended before its turn."""

    item: Item
    done: Done | None = None
    error: GsignError | None = None
    is_unknown: bool = False
    """Whether an interrupt may have come while it was worked on."""


def outcomes(
    items: Sequence[Item],
    work: Callable[[Item], Done],
    *,
    jobs: int,
    shared: Shared,
    ended: threading.Event | None = None,
) -> Generator[Outcome[Item, Done], None, None]:
    """Do the work for each item, `jobs` at a time, and yield the outcomes in the order of the items.

    An interrupt, which may also be thrown in, ends the batch: what is under way is finished or given up, the outcome
    that was yielded last is yielded once more, and those of all items that are left, and then the interrupt goes on.

    Args:
        items: what to work on.
        work: does the work for one item.
        jobs: how many threads do so side by side.
        shared: how to say what nobody expected.
        ended: set where no further item is begun.
    """
    ended = ended or threading.Event()

    def attempt(item: Item) -> Outcome[Item, Done]:
        if ended.is_set():
            return Outcome(item)
        try:
            return Outcome(item, done=work(item))
        except (TokenError, ConfigurationError) as error:
            # The next file would meet it too, and a wrong PIN must never be tried again.
            ended.set()
            return Outcome(item, error=error)
        except GsignError as error:
            return Outcome(item, error=error)
        except Exception as error:  # noqa: BLE001 - one odd file must not end a batch
            return Outcome(item, error=internal_error(error, shared))

    jobs = min(jobs, len(items))
    yield from _one_by_one(items, attempt) if jobs <= 1 else _side_by_side(items, attempt, jobs, ended)


def _one_by_one(
    items: Sequence[Item], attempt: Callable[[Item], Outcome[Item, Done]]
) -> Generator[Outcome[Item, Done], None, None]:
    made: list[Outcome[Item, Done]] = []
    try:
        while len(made) < len(items):
            made.append(attempt(items[len(made)]))
            yield made[-1]
    except KeyboardInterrupt:
        yield from made[-1:]
        for place in range(len(made), len(items)):
            yield Outcome(items[place], is_unknown=place == len(made))
        raise


def _side_by_side(
    items: Sequence[Item], attempt: Callable[[Item], Outcome[Item, Done]], jobs: int, ended: threading.Event
) -> Generator[Outcome[Item, Done], None, None]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(jobs) as pool:
        futures: list[Future[Outcome[Item, Done]]] = []
        told = 0
        try:
            futures.extend(pool.submit(attempt, item) for item in items)
            while told < len(futures):
                yield _awaited(futures[told])
                told += 1
        except KeyboardInterrupt:
            ended.set()
            begun = [future for future in futures[told:] if not future.cancel()]
            yield from map(_awaited, begun)
            yield from map(Outcome, items[told + len(begun) :])
            raise
        finally:
            ended.set()
            for future in futures[told:]:
                future.cancel()


def _awaited(future: Future[Done]) -> Done:
    """Wait for a result in short steps: a signal that another of the threads happens to take wakes nobody up."""
    while not future.done():
        with suppress(TimeoutError):
            future.exception(_LOOK_UP_SECONDS)
    return future.result()


def with_progress(done: Iterable[Any_], *, total: int, shared: Shared) -> Generator[Any_, None, None]:
    """Pass the outcomes on, moving a bar on stderr where that is a terminal and there is more than one file."""
    if total < 2 or shared.quiet or not sys.stderr.isatty():
        for outcome in done:
            yield outcome
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        task = bar.add_task(text(shared, "progress"), total=total)
        for outcome in done:
            yield outcome
            bar.advance(task)


def worst_exit_code(codes: Iterable[int]) -> int:
    """Choose the exit code of several files; 0 where all went well."""
    found = set(codes)
    return next((code for code in _WORST_FIRST if code in found), 0)
