"""The chart of the benchmarks: every comparison is there, on the right side of its target."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from bench.chart import chart

SVG = "{http://www.w3.org/2000/svg}"


def case(title: str, unit: str, ratio: float, **target: float | bool) -> dict[str, Any]:
    comparison = {"beside": "x", "ratio": ratio, "quartiles": [ratio / 2, ratio * 2], "at_most": None, "at_least": None}
    return {"title": title, "unit": unit, "comparisons": [{**comparison, "met": None, **target}]}


def test_left_is_better_whichever_way_a_figure_counts() -> None:
    machine = {"processor": "P", "processors": 2, "python": "3", "versions": {"gsign": "0.1.0"}}
    cases = [
        case("quick & small", "ms", 0.04, at_most=0.08, met=True),
        case("slow", "ms", 3.0, at_most=2.0, met=False),
        case("rate", "/s", 8.0, at_least=4.0, met=True),
        case("rate to know", "/s", 8.0),
        {"title": "nobody there", "unmeasured": "apt install x"},
    ]
    root = ET.fromstring(chart({"machine": machine, "cases": cases}))
    dots = [(dot.get("class"), float(dot.get("cx", "0"))) for dot in root.iter(f"{SVG}circle")]
    ticks = [
        float(re.match(r"M([0-9.]+) ", path.get("d", ""))[1])  # type: ignore[index]
        for path in root.iter(f"{SVG}path")
        if path.get("class") == "target"
    ]
    assert [kind for kind, _ in dots] == ["met", "missed", "met", "none"]
    assert dots[0][1] < ticks[0]
    assert dots[1][1] > ticks[1]
    assert dots[2][1] < ticks[2]
    assert dots[3][1] == dots[2][1]
    assert "quick & small" in [text.text for text in root.iter(f"{SVG}text")]
