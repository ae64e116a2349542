"""What a page says, before it has a form: cards, charts with the tables behind them, notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Bar", "Card", "Chart", "Page", "Section", "Table", "groups"]


class Card(NamedTuple):
    """A figure to be seen at a glance."""

    label: str
    value: str
    detail: str


class Bar(NamedTuple):
    """A bar of several parts, one after the other."""

    label: str
    """Of the group that it begins; empty for the bars that follow."""
    name: str
    parts: tuple[int, ...]
    said: str
    """The figures in words, at its end."""


class Chart(NamedTuple):
    """Bars on one scale."""

    title: str
    """What it shows, for those who do not see it."""
    legend: tuple[str, ...]
    """Of the parts, in their order."""
    bars: tuple[Bar, ...]


def groups(bars: Iterable[Bar]) -> list[list[Bar]]:
    """Return bars by the labels that they go with."""
    found: list[list[Bar]] = []
    for bar in bars:
        if bar.label or not found:
            found.append([])
        found[-1].append(bar)
    return found


class Table(NamedTuple):
    """Rows under a heading: text first, then figures."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    texts: int = 1
    """How many columns, from the left, are text rather than figures."""


class Section(NamedTuple):
    """Something with a title."""

    title: str
    chart: Chart | None = None
    table: Table | None = None
    notes: tuple[str, ...] = ()
    is_short: bool = False
    """Whether it is told on a terminal as well, where there is no room for all."""


class Page(NamedTuple):
    """The whole."""

    lang: str
    title: str
    period: str
    made: str
    program: str
    warning: str
    """Empty where there is nothing to warn of."""
    cards: tuple[Card, ...]
    sections: tuple[Section, ...]
