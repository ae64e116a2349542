"""Many documents verified by the workers of any executor."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeVar

from gsign.errors import GsignError, TemporaryError
from gsign.isolation.limits import Limits
from gsign.isolation.pool import Settings
from gsign.isolation.wire import WireError, error_of
from gsign.many.executors import Executors
from gsign.many.failures import error_told
from gsign.many.judging import Conditions, conditions_of, judge
from gsign.many.papers import Paper, Source, paper_of
from gsign.many.records import record_of, result_of
from gsign.many.results import Results
from gsign.many.spreading import AT_ONCE, Call, Outcome, Spread
from gsign.result import VerificationResult

__all__ = ["verify_all"]

AnySource = TypeVar("AnySource", bound=Source)
Told = VerificationResult | GsignError


def verify_all(
    sources: Iterable[AnySource],
    *,
    executor: Executors,
    settings: Settings | Conditions | None = None,
    limits: Limits | None = None,
    at_once: int | Callable[[], int] = AT_ONCE,
    together: int = 1,
    in_order: bool = False,
    most_sent: int | None = None,
    results: Results | None = None,
    watch: Callable[[], None] = lambda: None,
) -> Generator[tuple[AnySource, Told]]:
    """Verify documents by the workers of an executor; yield each with its result or error as it is done.

    Each worker judges in processes of its own with limits, as `gsign verify` does. However many documents there are,
    only a few are held in memory. A worker that is lost costs nobody else: what was under way there is tried once more,
    alone, and a document that loses a second one is the error `worker-lost`.

    Args:
        sources: paths or contents; asked for as they are needed.
        executor: of threads, processes, or machines such as `distributed.Client(…).get_executor()`; or a function that
            opens one, and another where one is broken.
        settings: what they are judged with.
        limits: on each document.
        at_once: how many tasks are under way; at least twice as many as there are workers.
        together: how many documents make a task.
        in_order: yield in the order given.
        most_sent: None where workers see the same files under the same absolute paths; else files are sent to them, up
            to this size in bytes.
        results: where results are kept, and looked for: a document that has one there is not judged again.
        watch: called now and then while nothing is done; raises where nothing will be any more.

    Raises:
        ConfigurationError: anchors that cannot be read.
        TemporaryError: `executor-gone`: it takes no more work; what was done is received, and kept in `results`.
    """
    conditions = settings if isinstance(settings, Conditions) else conditions_of(settings or Settings(), limits)

    def prepare(source: AnySource) -> _Verification | Outcome[AnySource, Told]:
        paper = paper_of(source, most=most_sent)
        known = results.known(paper) if results is not None else None
        return _Verification(conditions, paper, results) if known is None else Outcome(source, result_of(known))

    spread: Spread[AnySource, Told] = Spread(
        executor, prepare, at_once=at_once, together=together, in_order=in_order, watch=watch
    )
    for outcome in spread.run(sources):
        yield outcome.item, error_told(outcome.error) if outcome.done is None else outcome.done


class _Verification:
    def __init__(self, conditions: Conditions, paper: Paper, results: Results | None) -> None:
        self._conditions = conditions
        self._paper = paper
        self._results = results

    def call(self) -> Call:
        """Return the question."""
        return judge, (self._conditions, self._paper)

    def received(self, answer: dict[str, Any]) -> Told:
        """Read the answer, and keep it where it is a result."""
        try:
            if "error" in answer:
                return error_of(answer["error"])
            result = result_of(answer["done"])
        except (WireError, KeyError, TypeError):
            return TemporaryError("worker-talks-nonsense", file=self._paper.name or "-")
        if self._results is not None:
            self._results.keep(self._paper, record_of(result))
        return result
