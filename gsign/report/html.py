"""A report as one HTML file that needs nothing from outside and may run nothing (its own policy forbids it)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from gsign.report.content import CertificateRow, FileSection, Note, Report, Row, SignatureSection
from gsign.report.wording import Words

__all__ = ["render_html"]

_STYLE: Final = """
@page { size: A4; margin: 9mm 11mm }
:root { --good: #0b6b2e; --bad: #b00020; --open: #8a5300; --plain: #444; --line: #c9c9c9 }
* { box-sizing: border-box }
body { font: 10.8px/1.27 "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif; color: #111; margin: 0 auto;
  max-width: 186mm; padding: 12px }
header { display: flex; justify-content: space-between; align-items: flex-end; gap: 16px }
h1 { font-size: 17px; margin: 0 } h2 { font-size: 13px; margin: 0 } h3 { font-size: 11px; margin: 7px 0 2px }
small { display: block; color: #666; font-size: 8.8px; font-weight: normal; line-height: 1.15 }
header p { margin: 0; text-align: right; font-size: 10.5px }
.verdict { border: 2px solid; border-radius: 4px; padding: 5px 11px; margin: 6px 0 }

.verdict strong { font-size: 20px; line-height: 1.2 } .verdict p { margin: 2px 0 0; color: #111 }
.good { color: var(--good) } .bad { color: var(--bad) } .open { color: var(--open) } .plain { color: var(--plain) }
.file { overflow-wrap: anywhere } .file + .file { break-before: page }
.signature { border: 1px solid var(--line); border-left: 4px solid; border-radius: 3px; padding: 3px 9px; margin: 5px 0;
  break-inside: avoid }
.signature > * { color: #111 }
.signature > .head { display: flex; justify-content: space-between; gap: 12px; border-bottom: 1px solid var(--line);
  padding-bottom: 3px }
.head .good { color: var(--good) } .head .bad { color: var(--bad) } .head .open { color: var(--open) }
.head strong { white-space: nowrap } .head span { color: #555; font-weight: normal }
dl { display: grid; grid-template-columns: 1fr 1fr; gap: 2px 16px; margin: 3px 0 0 }
dl div { min-width: 0 }
dt { color: #555; font-size: 9px; line-height: 1.15 } dt small { display: inline; font-size: 8.4px }
dd { margin: 0 } dd span { display: block } dd.good, dd.bad, dd.open { font-weight: 600 }
.tech { display: block; border-top: 1px dotted var(--line); padding-top: 3px; font-size: 8.8px; color: #444 }
.tech dt, .tech dd, .tech dd span { display: inline; font-size: 8.8px; color: #444 }
.tech dt::after, .label::after { content: ": " }
ul { margin: 4px 0 0; padding: 0; list-style: none } li { padding-left: 13px; position: relative; margin-top: 2px }
.notes li::before { content: "▸"; position: absolute; left: 1px } .notes em { font-style: normal; color: #333 }
code { font: 8.4px/1.25 Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; color: #444;
  overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: 9.2px } td { text-align: left; vertical-align: top;
  padding: 1px 6px 1px 0 }
.data { font-size: 9.4px } footer { border-top: 1px solid var(--line); margin-top: 9px; padding-top: 3px;
  font-size: 9.5px; color: #555 }
@media print { body { padding: 0; max-width: none; font-size: 10.4px } body.dense { zoom: 0.86 } }
"""
_SPARSE: Final = 2
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def render_html(report: Report) -> bytes:
    """Write a report as UTF-8; everything that is said in it is escaped."""
    return "\n".join(_document(report)).encode("utf-8", "replace")


def _document(report: Report) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield f'<html lang="{escape(report.lang)}"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{escape(report.title.text)}</title><style>{_STYLE}</style></head>"
    yield f'<body class="{_density(report)}">'
    yield f"<header><h1>{_words(report.title)}</h1>"
    yield f"<p>{escape(report.made.text)}<br>{escape(report.program.text)}</p></header>"
    if len(report.files) > 1:
        yield from _overview(report)
    for file in report.files:
        yield from _file(file, report)
    yield f"<footer>{_row_in_line(report.conditions)}<br>{_words(report.footer)}</footer></body></html>"


def _density(report: Report) -> str:
    """Say whether a page printed at full size would not hold a file."""
    return "dense" if any(len(file.signatures) > _SPARSE for file in report.files) else "sparse"


def _words(words: Words) -> str:
    return escape(words.text) + (f"<small>{escape(words.beneath)}</small>" if words.beneath else "")


def _overview(report: Report) -> Iterator[str]:
    yield f"<h3>{escape(report.headings['overview'].text)}</h3><table>"
    for file in report.files:
        yield (
            f'<tr><td class="{file.tone}"><b>{escape(file.verdict.text)}</b></td>'
            f'<td class="file">{escape(file.name)}</td></tr>'
        )
    yield "</table>"


def _file(file: FileSection, report: Report) -> Iterator[str]:
    yield f'<section class="file"><div class="verdict {file.tone}"><strong>{escape(file.verdict.text)}</strong>'
    yield f" <code>{escape(file.code)}</code><p>{_words(file.why)}</p></div>"
    yield f"<h2>{escape(file.name)}</h2>"
    for row in file.facts:
        yield f'<div class="data">{_row_in_line(row)}</div>'
    yield from _notes(file.notes)
    for signature in file.signatures:
        yield from _signature(signature)
    if file.certificates:
        yield f"<h3>{_words(report.headings['certificates'])}</h3><table>"
        yield from (_certificate(row, report) for row in file.certificates)
        yield "</table>"
    if file.data:
        yield f"<h3>{_words(report.headings['data'])}</h3>"
        yield f'<ul class="data">{"".join(f"<li>{escape(line)}</li>" for line in file.data)}</ul>'
    yield "</section>"


def _signature(signature: SignatureSection) -> Iterator[str]:
    yield f'<article class="signature {signature.tone}"><div class="head">'
    yield f"<h2>{escape(signature.title.text)} <span>{escape(signature.field)}</span></h2>"
    yield f'<strong class="{signature.tone}">{escape(signature.verdict.text)}'
    yield f"<code>{escape(signature.code)}</code></strong></div>"
    yield f"<dl>{''.join(map(_row, signature.rows))}</dl>"
    yield from _notes(signature.notes)
    if signature.technical:
        yield f'<dl class="tech">{"".join(map(_row, signature.technical))}</dl>'
    yield "</article>"


def _row(row: Row) -> str:
    beneath = f" <small>{escape(row.label.beneath)}</small>" if row.label.beneath else ""
    values = "".join(f"<span>{escape(value)}</span>" for value in row.values)
    return f'<div><dt>{escape(row.label.text)}{beneath}</dt><dd class="{row.tone}">{values}</dd></div>'


def _row_in_line(row: Row) -> str:
    return f'<span class="label">{escape(row.label.text)}</span>{escape("; ".join(row.values))}'


def _notes(notes: Iterable[Note]) -> Iterator[str]:
    listed = list(notes)
    if not listed:
        return
    yield '<ul class="notes">'
    for note in listed:
        advice = f" <em>→ {escape(note.advice.text)}</em>" if note.advice.text else ""
        english = f"<small>{escape(note.sentence.beneath)}</small>" if note.sentence.beneath else ""
        said = f'<span class="{note.tone}">{escape(note.sentence.text)}</span>'
        yield f"<li>{said} <code>{escape(note.code)}</code>{advice}{english}</li>"
    yield "</ul>"


def _certificate(row: CertificateRow, report: Report) -> str:
    anchor = f" <b>({escape(report.headings['anchor'].text)})</b>" if row.is_anchor else ""
    return (
        f"<tr><td>[{row.number}]</td><td>{escape(row.name)}{anchor}, {escape(row.period)}<br>"
        f"<code>SHA-256 {escape(row.sha256)}</code></td></tr>"
    )
