"""What was measured, as a table for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.harness import Comparison, Outcome, middle

__all__ = ["HEAD", "markdown", "rows", "summary", "table", "to_dict"]

HEAD = ("case", "gsign", "beside", "theirs", "ratio", "quartiles", "target", "")
_MARKS = {True: "ok", False: "MISSED", None: ""}
_BUSY = 0.4
"""Load for each processor from which processes have to wait for one another."""
_PEERS = ("gsign", "pyHanko", "pyhanko-cli", "python-pkcs11", "cryptography")


def rows(outcome: Outcome) -> list[tuple[str, ...]]:
    """Return the lines of the table that a case fills: one for each comparison."""
    title = outcome.case.title
    if outcome.race is None:
        return [(title, "", "not measured:", outcome.unmeasured, "", "", "", "")]
    found: list[tuple[str, ...]] = []
    for comparison in outcome.race.comparisons:
        low, ratio, high = middle(outcome.ratios(comparison))
        unit = outcome.race.unit
        ours = _figure(middle([comparison.ours(r) for r in outcome.rounds])[1], unit)
        theirs = _figure(middle([comparison.theirs(r) for r in outcome.rounds])[1], unit)
        spread = f"{_ratio(low)} .. {_ratio(high)}"
        mark = _MARKS[comparison.holds(ratio)]
        found.append((title, ours, comparison.peer, theirs, _ratio(ratio), spread, comparison.target, mark))
        title = ""
    return found


def table(lines: Sequence[tuple[str, ...]]) -> str:
    """Set lines in columns."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def summary(outcomes: Sequence[Outcome], load: float) -> str:
    """Say in one line how many targets were met, and in another whether the machine was busy before."""
    verdicts = [v for outcome in outcomes for v in _verdicts(outcome) if v is not None]
    missed = [o.case.name for o in outcomes if False in _verdicts(o)]
    unmeasured = [o.case.name for o in outcomes if o.race is None]
    said = f"{sum(verdicts)} of {len(verdicts)} targets met"
    said += f"; missed: {', '.join(missed)}" if missed else ""
    said += f"; not measured: {', '.join(unmeasured)}" if unmeasured else ""
    if load > _BUSY * (os.cpu_count() or 1):
        said += f"\nOthers were at work on this machine (load {load:.1f}): trust only narrow quartiles."
    return said


def _verdicts(outcome: Outcome) -> list[bool | None]:
    if outcome.race is None:
        return []
    return [c.holds(middle(outcome.ratios(c))[1]) for c in outcome.race.comparisons]


def to_dict(outcomes: Sequence[Outcome], load: float) -> dict[str, object]:
    """Return everything that was measured, with the machine it was measured on."""
    return {"machine": {**_machine(), "load_before": load}, "cases": [_case(outcome) for outcome in outcomes]}


def markdown(record: Mapping[str, Any]) -> str:
    """Set what `to_dict` returned as a table of Markdown."""
    lines = ["| what | beside | ratio (quartiles) | target | |", "|---|---|--:|---|---|"]
    for case in record["cases"]:
        title = case["title"]
        if "unmeasured" in case:
            lines.append(f"| {title} | | not measured: {case['unmeasured']} | | |")
        for one in case.get("comparisons", ()):
            low, high = one["quartiles"]
            target = f"≤ {one['at_most']:g}" if one["at_most"] is not None else ""
            target = f"≥ {one['at_least']:g}" if one["at_least"] is not None else target
            mark = {True: "met", False: "**missed**", None: ""}[one["met"]]
            ratio = f"{_ratio(one['ratio'])} ({_ratio(low)} … {_ratio(high)})"
            lines.append(f"| {title} | {one['beside']} | {ratio} | {target} | {mark} |")
            title = ""
    return "\n".join([*lines, ""])


def _case(outcome: Outcome) -> dict[str, object]:
    said: dict[str, object] = {"name": outcome.case.name, "title": outcome.case.title}
    if outcome.race is None:
        return {**said, "unmeasured": outcome.unmeasured}
    comparisons = [_comparison(outcome, comparison) for comparison in outcome.race.comparisons]
    return {**said, "unit": outcome.race.unit, "rounds": outcome.rounds, "comparisons": comparisons}


def _comparison(outcome: Outcome, comparison: Comparison) -> dict[str, object]:
    low, ratio, high = middle(outcome.ratios(comparison))
    return {
        "beside": comparison.peer,
        "ratio": ratio,
        "quartiles": [low, high],
        "at_most": comparison.at_most,
        "at_least": comparison.at_least,
        "met": comparison.holds(ratio),
    }


def _machine() -> dict[str, object]:
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: found for name in _PEERS if (found := _version(name))},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _figure(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"


def _ratio(value: float) -> str:
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"
