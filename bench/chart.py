"""The chart of docs/images/benchmarks.svg: each ratio with its quartiles on a logarithmic axis, its target as a mark.

python -m bench.chart bench.json benchmarks.svg
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple

__all__ = ["chart"]

_WIDTH: Final = 900
_LEFT: Final = 410
_RIGHT: Final = 770
_TOP: Final = 74
_ROW: Final = 20
_GAP: Final = 7
"""Between cases."""
# Read on white and on black paper alike; a viewer that prefers the dark gets the second set.
_STYLE: Final = """
svg { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif }
.paper { fill: #ffffff } text { fill: #1f2328 } .quiet { fill: #59636e }
.grid { stroke: #d1d9e0 } .one { stroke: #59636e } .met { fill: #1a7f37; stroke: #1a7f37 }
.missed { fill: #cf222e; stroke: #cf222e } .none { fill: #59636e; stroke: #59636e }
.target { stroke: #1f2328 } .head { font-size: 15px; font-weight: 600 } .number { text-anchor: end }
@media (prefers-color-scheme: dark) {
  .paper { fill: #0d1117 } text { fill: #f0f6fc } .quiet { fill: #9198a1 }
  .grid { stroke: #3d444d } .one { stroke: #9198a1 } .met { fill: #3fb950; stroke: #3fb950 }
  .missed { fill: #f85149; stroke: #f85149 } .none { fill: #9198a1; stroke: #9198a1 }
  .target { stroke: #f0f6fc }
}
"""


class _Bar(NamedTuple):
    case: str
    """Empty where it is that of the bar before."""
    beside: str
    low: float
    ratio: float
    high: float
    target: float | None
    kind: str
    said: str


def chart(record: Mapping[str, Any]) -> str:
    """Draw what `bench.report.to_dict` returned, as SVG.

    Left is better throughout: where more is better, the ratio is turned over.
    """
    bars = list(_bars(record["cases"]))
    scale = _Scale(bars)
    height = _TOP + sum(_ROW + (_GAP if bar.case else 0) for bar in bars) + 34
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="gsign beside others">',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{height}" rx="6"/>',
        '<text class="head" x="16" y="26">gsign beside others: its figure divided by theirs</text>',
        '<text class="quiet" x="16" y="46">left is better; dot: median of rounds, line: quartiles, tick: target</text>',
        *scale.grid(height),
    ]
    y = _TOP
    for bar in bars:
        y += _GAP if bar.case else 0
        lines += _row(bar, y + _ROW / 2, scale)
        y += _ROW
    lines.append(f'<text class="quiet" x="16" y="{height - 12}">{escape(_machine(record["machine"]))}</text>')
    return "\n".join([*lines, "</svg>", ""])


class _Scale:
    """Ratios to places, logarithmically."""

    def __init__(self, bars: Sequence[_Bar]) -> None:
        values = [value for bar in bars for value in (bar.low, bar.high, bar.target) if value] or [1.0]
        self._first = min(-1, math.floor(math.log10(min(values))))
        self._last = max(1, math.ceil(math.log10(max(values))))

    def x(self, ratio: float) -> float:
        """Return where a ratio stands."""
        part = (math.log10(ratio) - self._first) / (self._last - self._first)
        return _LEFT + part * (_RIGHT - _LEFT)

    def grid(self, height: int) -> Iterator[str]:
        """Draw a line for each power of ten."""
        for power in range(self._first, self._last + 1):
            x = self.x(10.0**power)
            kind = "one" if power == 0 else "grid"
            yield f'<path class="{kind}" d="M{x:.1f} {_TOP - 4}V{height - 30}"/>'
            said = f"{10.0**power:g}" if power else "1 = equal"
            yield f'<text class="quiet" text-anchor="middle" x="{x:.1f}" y="{_TOP - 10}">{said}</text>'


def _row(bar: _Bar, y: float, scale: _Scale) -> Iterator[str]:
    if bar.case:
        yield f'<text x="16" y="{y + 4:.1f}">{escape(bar.case)}</text>'
    yield f'<text class="quiet number" x="{_LEFT - 12}" y="{y + 4:.1f}">{escape(bar.beside)}</text>'
    low, middle, high = (scale.x(value) for value in (bar.low, bar.ratio, bar.high))
    yield f'<path class="{bar.kind}" stroke-width="3" d="M{low:.1f} {y}H{max(high, low + 0.1):.1f}"/>'
    yield f'<circle class="{bar.kind}" cx="{middle:.1f}" cy="{y}" r="4"/>'
    if bar.target is not None:
        yield f'<path class="target" stroke-width="2" d="M{scale.x(bar.target):.1f} {y - 7}V{y + 7}"/>'
    yield f'<text class="number" x="{_WIDTH - 16}" y="{y + 4:.1f}">{escape(bar.said)}</text>'


def _bars(cases: Sequence[Mapping[str, Any]]) -> Iterator[_Bar]:
    for case in cases:
        title = case["title"]
        for comparison in case.get("comparisons", ()):
            yield _bar(title, comparison, more_is_better=case["unit"] == "x" or case["unit"].endswith("/s"))
            title = ""


def _bar(title: str, comparison: Mapping[str, Any], *, more_is_better: bool) -> _Bar:
    ratio, (low, high) = comparison["ratio"], comparison["quartiles"]
    least, most = comparison["at_least"], comparison["at_most"]
    asked = f" (≤ {most:g})" if most is not None else f" (≥ {least:g})" if least is not None else ""
    said = _short(ratio) + asked
    target = most if least is None else 1 / least
    if least is not None or (most is None and more_is_better):
        low, ratio, high = 1 / high, 1 / ratio, 1 / low
    kind = {True: "met", False: "missed", None: "none"}[comparison["met"]]
    return _Bar(title, comparison["beside"], low, ratio, high, target, kind, said)


def _short(ratio: float) -> str:
    return f"{ratio:.3f}" if ratio < 0.1 else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}"


def _machine(machine: Mapping[str, Any]) -> str:
    versions = machine.get("versions", {})
    said = ", ".join(f"{name} {versions[name]}" for name in ("gsign", "pyHanko") if name in versions)
    return f"{machine['processor']}, {machine['processors']} processors, Python {machine['python']}; {said}"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(chart(json.loads(Path(sys.argv[1]).read_text("utf-8"))), encoding="utf-8")
