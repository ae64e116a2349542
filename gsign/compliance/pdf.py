"""A page drawn on sheets of A4, PDF/A-2b, with the typesetting of other reports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from gsign.compliance.page import Bar, Card, Chart, Page, Section, Table, groups
from gsign.compliance.wording import Wording
from gsign.report.sheets import ROOM, Sheets
from gsign.report.typesetting import GREY, LEADING, Block, Colour, Fonts, Ink

__all__ = ["render_pdf"]

_COLOURS: Final[tuple[Colour, ...]] = ((0.106, 0.498, 0.294), (0.816, 0.541, 0.0), (0.604, 0.627, 0.651))
_LINE: Final[Colour] = (0.82, 0.83, 0.85)
_DARK: Final[Colour] = (0.07, 0.07, 0.07)
_TITLE, _HEAD, _BODY, _SMALL = 15.0, 11.0, 8.6, 7.8
_BETWEEN: Final = 8.0
"""Least room between two columns."""
_PAD: Final = 1.8
_STEP, _THICK, _LABEL, _NAME, _SAID = 12.5, 8.5, 150.0, 26.0, 78.0


def render_pdf(page: Page, made: datetime) -> bytes:
    """Draw a page.

    Args:
        page: what it says.
        made: when.
    """
    words = Wording(page.lang)
    fonts = Fonts([*_texts(page), words.say("page", page=0, pages=0)])
    sheets = Sheets(fonts)
    sheets.place(_heading(page, fonts), gap=8)
    sheets.place(_cards(page.cards, fonts))
    for number, section in enumerate(page.sections, 1):
        _place_section(number, section, sheets, fonts)
    title = f"{page.title}: {page.period}"
    return sheets.file(title, page.program, made, lambda at, of: words.say("page", page=at, pages=of))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


def _heading(page: Page, fonts: Fonts) -> Block:
    block = Block(fonts, ROOM)
    block.text(page.title, _TITLE, bold=True)
    block.gap(2)
    block.text(page.period, 11)
    block.text(f"{page.made} · {page.program}", _BODY, colour=GREY)
    if page.warning:
        block.gap(2)
        block.text(page.warning, _BODY, bold=True, colour=_COLOURS[1])
    block.gap(4)
    block.rule(_DARK, 1.2)
    return block


def _cards(cards: tuple[Card, ...], fonts: Fonts) -> Block:
    apart = 6.0
    width = (ROOM - apart * (len(cards) - 1)) / len(cards)
    drawn = [_card(card, fonts, width) for card in cards]
    row = Block(fonts, ROOM)
    row.height = max(card.height for card in drawn)
    for place, card in enumerate(drawn):
        card.height = row.height
        card.frame(_LINE, 0.6)
        row.inks += [ink._replace(x=ink.x + place * (width + apart)) for ink in card.inks]
    return row


def _card(card: Card, fonts: Fonts, width: float) -> Block:
    inner = Block(fonts, width - 12)
    inner.text(card.label, _SMALL)
    inner.text(card.value, 16, bold=True)
    inner.text(card.detail, _SMALL, colour=GREY)
    block = Block(fonts, width)
    block.gap(5)
    block.add(inner, 6)
    block.gap(6)
    return block


def _place_section(number: int, section: Section, sheets: Sheets, fonts: Fonts) -> None:
    head = Block(fonts, ROOM)
    head.gap(13)
    head.text(f"{number}. {section.title}", _HEAD, bold=True)
    head.gap(4)
    bars = [] if section.chart is None else list(_chart(section.chart, fonts))
    rows = [] if section.table is None else list(_rows(section.table, fonts))
    if bars:
        # A title is never left alone at the foot of a page.
        head.add(bars[0])
        for block in (head, *bars[1:]):
            sheets.place(block)
        head = Block(fonts, ROOM)
        head.gap(4)
    for block in rows[:2]:
        head.add(block)
    notes = [_note(note, fonts) for note in section.notes]
    if not rows and notes:
        head.add(notes.pop(0))
    sheets.place(head)
    for block in rows[2:]:
        if not sheets.has_room(block):
            sheets.turn()
            sheets.place(rows[0])
        sheets.place(block)
    for note in notes:
        sheets.place(note)


def _note(note: str, fonts: Fonts) -> Block:
    block = Block(fonts, ROOM)
    block.gap(3)
    block.text(note, _SMALL, colour=GREY)
    return block


# ---------------------------------------------------------------- tables


def _rows(table: Table, fonts: Fonts) -> Iterator[Block]:
    """Yield the heading, then a block for each row."""
    widths = _widths(table, fonts)
    yield _row(table.columns, widths, table.texts, fonts, bold=True, colour=GREY, below=_DARK)
    for row in table.rows:
        yield _row(row, widths, table.texts, fonts)
    if table.total:
        yield _row(table.total, widths, table.texts, fonts, bold=True, above=_DARK)


def _widths(table: Table, fonts: Fonts) -> list[float]:
    """Give figures the room that they need, and texts the rest in proportion to theirs."""
    lines = [(table.columns, True), *((row, False) for row in table.rows), (table.total, True)]
    needed = [0.0] * len(table.columns)
    for cells, bold in lines:
        font = fonts.bold if bold else fonts.regular
        for place, cell in enumerate(cells):
            needed[place] = max(needed[place], font.advance(fonts.drawable(cell)) * _BODY + _BETWEEN)
    figures = sum(needed[table.texts :])
    texts = sum(needed[: table.texts]) or 1
    return [need * (ROOM - figures) / texts if place < table.texts else need for place, need in enumerate(needed)]


def _row(
    cells: tuple[str, ...],
    widths: list[float],
    texts: int,
    fonts: Fonts,
    *,
    bold: bool = False,
    colour: Colour = _DARK,
    above: Colour | None = None,
    below: Colour = _LINE,
) -> Block:
    row = Block(fonts, ROOM)
    if above is not None:
        row.rule(above, 0.9)
    row.gap(_PAD)
    tall, x = 0.0, 0.0
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        inner = Block(fonts, width if place >= texts else width - _BETWEEN)
        if place < texts:
            inner.text(cell, _BODY, bold=bold, colour=colour)
        else:
            inner.right(cell, _BODY, bold=bold, colour=colour)
            inner.height = _BODY * LEADING
        row.inks += [ink._replace(x=ink.x + x, y=ink.y + row.height) for ink in inner.inks]
        tall, x = max(tall, inner.height), x + width
    row.gap(tall + _PAD)
    if above is None:
        row.rule(below, 0.9 if below is _DARK else 0.4)
    return row


# ---------------------------------------------------------------- charts


def _chart(chart: Chart, fonts: Fonts) -> Iterator[Block]:
    """Draw bars, each group by itself, so that a page may end between two; the legend stands with the first."""
    block = Block(fonts, ROOM)
    x = _LABEL + _NAME
    for colour, name in zip(_COLOURS, chart.legend, strict=True):
        block.inks.append(Ink(x, 1.5, 7, 7, colour))
        block.inks.append(Ink(x + 10, 0.0, 0.0, _SMALL, _DARK, fonts.drawable(name), _SMALL))
        x += 28 + fonts.regular.advance(fonts.drawable(name)) * _SMALL
    block.gap(13)
    scale = (ROOM - _LABEL - _NAME - _SAID) / (max(sum(bar.parts) for bar in chart.bars) or 1)
    for bars in groups(chart.bars):
        block.gap(4)
        lines = _lines(bars[0].label, fonts)
        for place, bar in enumerate(bars):
            left = lines[place:] if place == len(bars) - 1 else lines[place : place + 1]
            _draw_bar(block, bar, _shortened(" ".join(left), fonts), scale=scale)
            block.gap(_STEP)
        yield block
        block = Block(fonts, ROOM)


def _lines(label: str, fonts: Fonts) -> list[str]:
    """Set a label in lines of the room that there is."""
    lines: list[str] = []
    for word in fonts.drawable(label).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and fonts.regular.advance(longer) * _SMALL <= _LABEL:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _draw_bar(block: Block, bar: Bar, label: str, *, scale: float) -> None:
    fonts, y = block.fonts, block.height
    regular = fonts.regular

    def write(x: float, text: str, colour: Colour = _DARK) -> None:
        block.inks.append(Ink(x, y, 0.0, _SMALL, colour, text, _SMALL))

    if label:
        write(0.0, label)
    name = fonts.drawable(bar.name)
    write(_LABEL + _NAME - 5 - regular.advance(name) * _SMALL, name, GREY)
    x = _LABEL + _NAME
    for colour, part in zip(_COLOURS, bar.parts, strict=True):
        if part:
            block.inks.append(Ink(x, y + 0.6, part * scale, _THICK, colour))
        x += part * scale
    write(x + 5, fonts.drawable(bar.said))


def _shortened(label: str, fonts: Fonts) -> str:
    """Return as much of a label as there is room for; the table has all of it."""
    drawn = fonts.drawable(label)
    while fonts.regular.advance(drawn) * _SMALL > _LABEL:
        drawn = drawn.rstrip("….")[:-1] + fonts.drawable("…")
    return drawn
