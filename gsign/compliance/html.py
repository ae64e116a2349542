"""A page as one HTML file that needs nothing from outside and may run nothing (its own policy forbids it)."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from textwrap import wrap
from typing import Final

from gsign.compliance.page import Bar, Chart, Page, Section, Table, groups

__all__ = ["render_html"]

_STYLE: Final = """
@page { size: A4; margin: 14mm 13mm 15mm; @bottom-right { content: counter(page) "/" counter(pages);
  font: 8pt sans-serif; color: #666 } }
:root { --good: #1b7f4b; --open: #d08a00; --none: #9aa0a6; --line: #d5d8dc; --ink: #15181c; --soft: #5b6168 }
* { box-sizing: border-box }
body { font: 12.5px/1.4 "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif; color: var(--ink);
  margin: 0 auto; max-width: 184mm; padding: 18px; -webkit-print-color-adjust: exact; print-color-adjust: exact }
header { border-bottom: 2px solid var(--ink); padding-bottom: 8px; margin-bottom: 12px }
h1 { font-size: 19px; line-height: 1.25; margin: 0 0 3px } h2 { font-size: 14.5px; margin: 20px 0 6px }
header p { margin: 0; color: var(--soft) } header p.period { color: var(--ink); font-size: 14px }
.warning { border-left: 4px solid var(--open); padding: 4px 10px; background: #fdf6e7; margin: 8px 0 }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 8px }
.card { border: 1px solid var(--line); border-radius: 5px; padding: 7px 10px; break-inside: avoid }
.card b { display: block; font-size: 21px; line-height: 1.25 } .card span { display: block; font-size: 11px }
.card span.detail { color: var(--soft) }
section { break-inside: auto } h2 { break-after: avoid }
figure { margin: 0 0 8px } svg { display: block; width: 100%; height: auto; break-inside: avoid }
figure svg:first-child { break-after: avoid }
svg text { font: 11px "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif; fill: var(--ink) }
svg text.soft { fill: var(--soft) }
table { border-collapse: collapse; width: 100%; font-size: 11.5px } thead { display: table-header-group }
tr { break-inside: avoid } tbody tr:nth-child(-n+2) { break-after: avoid }
tbody tr:nth-last-child(-n+2) { break-before: avoid }
th { text-align: right; vertical-align: bottom; font-weight: 600; color: var(--soft);
  border-bottom: 1.5px solid var(--ink); padding: 3px 0 3px 9px }
td { text-align: right; vertical-align: top; border-bottom: 1px solid var(--line); padding: 3px 0 3px 9px;
  font-variant-numeric: tabular-nums; white-space: nowrap }
th.text, td.text { text-align: left; padding-left: 0; padding-right: 9px; white-space: normal; overflow-wrap: anywhere }
tbody th.text { font-weight: normal; color: var(--ink); border-bottom: 1px solid var(--line); vertical-align: top }
tfoot td, tfoot th { font-weight: 700; color: var(--ink); border-bottom: 0; border-top: 1.5px solid var(--ink) }
tfoot { display: table-row-group; break-before: avoid } table.short { break-inside: avoid }
.note { color: var(--soft); font-size: 11px; margin: 4px 0; overflow-wrap: anywhere }
code { font: 10px/1.3 Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; overflow-wrap: anywhere }
@media print { body { padding: 0; max-width: none } }
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_COLOURS: Final = ("#1b7f4b", "#d08a00", "#9aa0a6")
# Lengths of a chart, in its own units.
_WIDTH, _LABEL, _NAME, _SAID = 680, 190, 40, 110
_STEP, _THICK, _APART, _TOP = 17, 12, 7, 22
_SHORT: Final = 6
"""Rows of a table that is not parted between two pages."""
_LONGEST: Final = 30
"""Letters of a label that have room."""


def render_html(page: Page) -> bytes:
    """Write a page as UTF-8; everything that is said in it is escaped."""
    return "\n".join(_document(page)).encode("utf-8", "replace") + b"\n"


def _shortened(text: str, longest: int) -> str:
    """Cut a text that has no room."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _document(page: Page) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield f'<html lang="{escape(page.lang)}"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{escape(page.title)}: {escape(page.period)}</title><style>{_STYLE}</style></head><body>"
    yield f'<header><h1>{escape(page.title)}</h1><p class="period">{escape(page.period)}</p>'
    yield f"<p>{escape(page.made)} · {escape(page.program)}</p></header><main>"
    if page.warning:
        yield f'<p class="warning">{escape(page.warning)}</p>'
    yield '<div class="cards">'
    for card in page.cards:
        yield f'<div class="card"><span>{escape(card.label)}</span><b>{escape(card.value)}</b>'
        yield f'<span class="detail">{escape(card.detail)}</span></div>'
    yield "</div>"
    for number, section in enumerate(page.sections, 1):
        yield from _section(number, section)
    yield "</main></body></html>"


def _section(number: int, section: Section) -> Iterator[str]:
    yield f'<section aria-labelledby="s{number}"><h2 id="s{number}">{number}. {escape(section.title)}</h2>'
    if section.chart is not None:
        yield from _chart(number, section.chart)
    if section.table is not None:
        yield from _table(number, section.table)
    for note in section.notes:
        yield f'<p class="note">{escape(note)}</p>'
    yield "</section>"


def _table(number: int, table: Table) -> Iterator[str]:
    size = ' class="short"' if len(table.rows) <= _SHORT else ""
    yield f'<table{size} aria-labelledby="s{number}"><thead>{_row(table.columns, table.texts, "th")}</thead><tbody>'
    for row in table.rows:
        yield _row(row, table.texts, "td")
    yield "</tbody>"
    if table.total:
        yield f"<tfoot>{_row(table.total, table.texts, 'td')}</tfoot>"
    yield "</table>"


def _row(cells: tuple[str, ...], texts: int, tag: str) -> str:
    written = []
    for place, cell in enumerate(cells):
        # The first cell names its row, or its column.
        head = tag == "th" or place == 0
        scope = ' scope="col"' if tag == "th" else ' scope="row"' if head else ""
        style = ' class="text"' if place < texts else ""
        inner = f"<code>{escape(cell)}</code>" if _is_digest(cell) else escape(cell)
        written.append(f"<{'th' if head else 'td'}{scope}{style}>{inner}</{'th' if head else 'td'}>")
    return f"<tr>{''.join(written)}</tr>"


def _is_digest(cell: str) -> bool:
    return len(cell) == 64 and not set(cell) - set("0123456789abcdef")


# ---------------------------------------------------------------- charts


def _chart(number: int, chart: Chart) -> Iterator[str]:
    """Draw bars, each group by itself, so that a page may end between two."""
    most = max(sum(bar.parts) for bar in chart.bars) or 1
    scale = (_WIDTH - _LABEL - _NAME - _SAID) / most
    yield f'<figure role="img" aria-labelledby="c{number}">'
    yield f'<svg viewBox="0 0 {_WIDTH} {_TOP}" aria-hidden="true"><title id="c{number}">{escape(chart.title)}</title>'
    x = _LABEL + _NAME
    for colour, name in zip(_COLOURS, chart.legend, strict=True):
        yield f'<rect x="{x}" y="3" width="10" height="10" fill="{colour}"/>'
        yield f'<text x="{x + 14}" y="12">{escape(name)}</text>'
        x += 34 + round(6.3 * len(name))
    yield "</svg>"
    for bars in groups(chart.bars):
        yield f'<svg viewBox="0 0 {_WIDTH} {len(bars) * _STEP + _APART}" aria-hidden="true">'
        for line, label in enumerate(_lines(bars[0].label, len(bars))):
            yield f'<text x="0" y="{_APART + line * _STEP + _THICK - 2}">{escape(label)}</text>'
        for place, bar in enumerate(bars):
            yield from _bar(bar, _APART + place * _STEP, scale)
        yield "</svg>"
    yield "</figure>"


def _lines(label: str, most: int) -> list[str]:
    """Set a label in as many lines as it has bars; the table has all of what finds no room."""
    lines = wrap(label, _LONGEST) or [""]
    return lines if len(lines) <= most else [*lines[: most - 1], _shortened(" ".join(lines[most - 1 :]), _LONGEST)]


def _bar(bar: Bar, y: int, scale: float) -> Iterator[str]:
    base = y + _THICK - 2
    yield f'<text class="soft" x="{_LABEL + _NAME - 6}" y="{base}" text-anchor="end">{escape(bar.name)}</text>'
    x = float(_LABEL + _NAME)
    for colour, part in zip(_COLOURS, bar.parts, strict=True):
        if part:
            yield f'<rect x="{x:.1f}" y="{y}" width="{part * scale:.1f}" height="{_THICK}" fill="{colour}"/>'
        x += part * scale
    yield f'<text x="{x + 6:.1f}" y="{base}">{escape(bar.said)}</text>'
