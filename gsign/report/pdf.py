"""A report drawn on A4 pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Final

from gsign.report.content import FileSection, Note, Report, Row, SignatureSection, Tone
from gsign.report.sheets import ROOM, Sheets
from gsign.report.typesetting import BLACK, GREY, Block, Colour, Fonts
from gsign.report.wording import Wording, Words

__all__ = ["render_pdf"]

_COLOURS: Final[dict[Tone, Colour]] = {
    Tone.GOOD: (0.04, 0.42, 0.18),
    Tone.BAD: (0.69, 0.0, 0.13),
    Tone.OPEN: (0.54, 0.33, 0.0),
    Tone.PLAIN: BLACK,
}
_LINE: Final[Colour] = (0.79, 0.79, 0.79)
_BODY, _SMALL, _TINY = 9.0, 7.6, 7.2
_SCALES: Final = (1.0, 0.95, 0.9, 0.86)
"""Tried in turn, so that a report on one file is on one page where that can still be read."""
_PAD: Final = 7.0
_GAP: Final = 12.0


def render_pdf(report: Report, made: datetime) -> bytes:
    """Draw a report.

    Args:
        report: what it says.
        made: when.
    """
    words = Wording(report.lang)
    fonts = Fonts([*_texts(report), words.plain("page", page=0, pages=0)])
    for fonts.scale in _SCALES if len(report.files) == 1 else _SCALES[:1]:
        sheets = _laid_out(report, fonts)
        if sheets.count == 1:
            break
    else:
        fonts.scale = 1.0
        sheets = _laid_out(report, fonts)
    return sheets.file(
        report.title.text,
        report.program.text,
        made,
        lambda page, pages: words.plain("page", page=page, pages=pages),
    )


def _laid_out(report: Report, fonts: Fonts) -> Sheets:
    sheets = Sheets(fonts)
    sheets.place(_heading(report, fonts), gap=5)
    if len(report.files) > 1:
        sheets.place(_overview(report, fonts), gap=4)
    for number, file in enumerate(report.files):
        if number:
            sheets.turn()
        _place_file(file, report, sheets, fonts)
    sheets.place(_closing(report, fonts))
    return sheets


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a report, however deep."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for part in fields(value):
            yield from _texts(getattr(value, part.name))
    elif isinstance(value, dict):
        yield from _texts(tuple(value.values()))
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


# ---------------------------------------------------------------- the whole


def _heading(report: Report, fonts: Fonts) -> Block:
    block = Block(fonts, ROOM)
    block.right(report.made.text, _SMALL, colour=GREY, y=2)
    block.right(report.program.text, _SMALL, colour=GREY, y=12)
    block.text(report.title.text, 14, bold=True)
    _beneath(block, report.title)
    return block


def _overview(report: Report, fonts: Fonts) -> Block:
    block = Block(fonts, ROOM)
    block.text(report.headings["overview"].text, _BODY, bold=True)
    for file in report.files:
        block.text(f"{file.verdict.text}: {file.name}", _SMALL, colour=_COLOURS[file.tone], indent=8)
    return block


def _closing(report: Report, fonts: Fonts) -> Block:
    block = Block(fonts, ROOM)
    block.gap(3)
    block.rule(_LINE)
    block.gap(2)
    _in_line(block, report.conditions, _SMALL)
    block.text(report.footer.text, _SMALL, colour=GREY)
    _beneath(block, report.footer)
    return block


# ---------------------------------------------------------------- a file


def _place_file(file: FileSection, report: Report, sheets: Sheets, fonts: Fonts) -> None:
    sheets.place(_verdict(file, fonts), gap=4)
    sheets.place(_about(file, fonts), gap=3)
    for signature in file.signatures:
        sheets.place(_signature(signature, fonts), gap=4)
    if file.certificates:
        sheets.place(_certificates(file, report, fonts), gap=3)
    if file.data:
        sheets.place(_data(file, report, fonts))


def _framed(fonts: Fonts, inner: Block, colour: Colour, *, left: float | None = None, thickness: float = 0.5) -> Block:
    block = Block(fonts, ROOM)
    block.gap(3)
    block.add(inner, _PAD)
    block.gap(4)
    block.frame(colour, thickness, left=left)
    return block


def _inner(fonts: Fonts) -> Block:
    return Block(fonts, ROOM - 2 * _PAD)


def _verdict(file: FileSection, fonts: Fonts) -> Block:
    inner = _inner(fonts)
    colour = _COLOURS[file.tone]
    inner.right(file.code, _SMALL, colour=GREY, y=4)
    inner.text(file.verdict.text, 18, bold=True, colour=colour)
    inner.text(file.why.text, _BODY)
    _beneath(inner, file.why)
    return _framed(fonts, inner, colour, thickness=1.5)


def _about(file: FileSection, fonts: Fonts) -> Block:
    block = Block(fonts, ROOM)
    block.text(file.name, 10, bold=True)
    for row in file.facts:
        _in_line(block, row, _SMALL)
    _add_notes(block, file.notes)
    return block


def _certificates(file: FileSection, report: Report, fonts: Fonts) -> Block:
    block = Block(fonts, ROOM)
    _title(block, report.headings["certificates"])
    for row in file.certificates:
        anchor = f" ({report.headings['anchor'].text})" if row.is_anchor else ""
        block.text(f"[{row.number}] {row.name}{anchor}, {row.period}", _SMALL)
        block.text(f"SHA-256 {row.sha256}", _TINY, colour=GREY, indent=12)
    return block


def _data(file: FileSection, report: Report, fonts: Fonts) -> Block:
    block = Block(fonts, ROOM)
    _title(block, report.headings["data"])
    for line in file.data:
        block.text(line, _SMALL)
    return block


# ---------------------------------------------------------------- a signature


def _signature(signature: SignatureSection, fonts: Fonts) -> Block:
    inner = _inner(fonts)
    colour = _COLOURS[signature.tone]
    taken = inner.right(signature.code, _TINY, colour=GREY, y=2.5)
    verdict = Block(fonts, inner.width - taken - 4)
    verdict.right(signature.verdict.text, 9.5, bold=True, colour=colour)
    title = Block(fonts, inner.width * 0.6)
    title.text(f"{signature.title.text}  {signature.field}", 9.5, bold=True)
    verdict.height = title.height
    inner.inks += verdict.inks
    inner.add(title)
    inner.rule(_LINE)
    inner.gap(1)
    width = (inner.width - _GAP) / 2
    for left, right in zip(signature.rows[::2], signature.rows[1::2], strict=False):
        inner.beside(_cell(left, fonts, width), _cell(right, fonts, width), _GAP)
    _add_notes(inner, signature.notes)
    if signature.technical:
        inner.gap(2)
        inner.rule(_LINE, 0.3)
        inner.gap(1)
        for row in signature.technical:
            _in_line(inner, row, _TINY, colour=GREY)
    return _framed(fonts, inner, colour if signature.tone is not Tone.PLAIN else _LINE, left=3)


def _cell(row: Row, fonts: Fonts, width: float) -> Block:
    cell = Block(fonts, width)
    cell.text(" / ".join(filter(None, row.label)), _TINY, colour=GREY)
    for value in row.values:
        cell.text(value, _BODY, bold=row.tone is not Tone.PLAIN, colour=_COLOURS[row.tone])
    return cell


def _add_notes(block: Block, notes: Iterable[Note]) -> None:
    for note in notes:
        block.gap(1.5)
        block.text(f"• {note.sentence.text} [{note.code}]", _BODY, colour=_COLOURS[note.tone])
        if note.advice.text:
            block.text(f"→ {note.advice.text}", _BODY, indent=9)
        _beneath(block, note.sentence, indent=9)


# ---------------------------------------------------------------- lines


def _beneath(block: Block, words: Words, *, indent: float = 0.0) -> None:
    if words.beneath:
        block.text(words.beneath, _TINY, colour=GREY, indent=indent)


def _title(block: Block, words: Words) -> None:
    block.text(" / ".join(filter(None, words)), _BODY, bold=True)


def _in_line(block: Block, row: Row, size: float, *, colour: Colour = BLACK) -> None:
    block.text(f"{row.label.text}: {'; '.join(row.values)}", size, colour=colour)
