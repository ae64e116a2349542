"""Races: contenders that take turns, so that whatever else the machine does falls on all of them.

A round gives every contender one turn, in order. What counts is the ratio within a round; its median over all rounds is
judged against the target, and the quartiles say how far to believe it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.desk import Desk

__all__ = ["Case", "Comparison", "Measure", "Outcome", "Race", "UnmeasuredError", "beside", "limit", "run", "seconds"]

Measure = Callable[[], float]
"""Take one turn and return its figure."""
Round = Mapping[str, float]
"""The figure of each contender in one round."""

TURN_SECONDS = 0.03
MAX_CALLS = 2000


class UnmeasuredError(Exception):
    """A peer is not there; the message says what to install."""


@dataclass(frozen=True)
class Comparison:
    """Two figures of one round, and what their ratio should be. Without a target it is for information."""

    peer: str
    ours: Callable[[Round], float]
    theirs: Callable[[Round], float]
    at_most: float | None = None
    at_least: float | None = None

    @property
    def target(self) -> str:
        """The target in words."""
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return "" if self.at_least is None else f">= {self.at_least:g}"

    def holds(self, ratio: float) -> bool | None:
        """Tell whether a ratio is as it should be; None where nothing is asked."""
        if self.at_most is not None:
            return ratio <= self.at_most
        return None if self.at_least is None else ratio >= self.at_least


def beside(peer: str, *, at_most: float | None = None, at_least: float | None = None) -> Comparison:
    """Compare gsign with another contender."""
    return Comparison(peer, lambda r: r["gsign"], lambda r: r[peer], at_most, at_least)


def limit(name: str, value: float) -> Comparison:
    """Compare gsign with a figure that it must stay below."""
    return Comparison(name, lambda r: r["gsign"], lambda _: value, at_most=1)


@dataclass(frozen=True)
class Race:
    """Contenders ready to run, and the comparisons that are asked for."""

    contenders: Mapping[str, Measure]
    comparisons: tuple[Comparison, ...]
    unit: str = "ms"
    rounds: int = 15
    quick_rounds: int = 5


@dataclass(frozen=True)
class Case:
    """A race that can be asked for by name."""

    name: str
    title: str
    prepare: Callable[[Desk], AbstractContextManager[Race]]


@dataclass
class Outcome:
    """What a case measured, or why it did not."""

    case: Case
    race: Race | None = None
    rounds: list[Round] = field(default_factory=list)
    unmeasured: str = ""

    def ratios(self, comparison: Comparison) -> list[float]:
        """Return the ratio of each round."""
        return [comparison.ours(r) / comparison.theirs(r) for r in self.rounds]


def seconds(call: Callable[[], object]) -> Measure:
    """Measure the time of a call, in milliseconds, over as many calls as make a turn."""
    calls = 0

    def turn() -> float:
        nonlocal calls
        if not calls:
            call()
            calls = max(1, min(MAX_CALLS, round(TURN_SECONDS / _timed(call, 1))))
        return 1000 * _timed(call, calls)

    return turn


def _timed(call: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


def run(case: Case, desk: Desk, *, quick: bool) -> Outcome:
    """Run a case; a first round warms everything up and does not count."""
    outcome = Outcome(case)
    try:
        with case.prepare(desk) as race:
            outcome.race = race
            count = race.quick_rounds if quick else race.rounds
            rounds = [{name: turn() for name, turn in race.contenders.items()} for _ in range(1 + count)]
            outcome.rounds = list(rounds[1:])
    except (UnmeasuredError, ImportError) as error:
        outcome.unmeasured = str(error)
    return outcome


def middle(values: list[float]) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high
