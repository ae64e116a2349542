"""A multipart body cut at its delimiters (RFC 2046 clause 5.1.1), by searching for them: no line is split off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from gsign.mime.fields import is_utf8
from gsign.mime.notes import Note

__all__ = ["Cut", "cut"]

_MAX_BOUNDARY: Final = 70
_MAX_PREAMBLE: Final = 1_000
_MAX_WORD: Final = 40
_CONTROLS: Final = bytes(range(32))
_BLANK: Final = b" \t\r\n"
_PARAGRAPHS: Final = re.compile(rb"\n\s*\n")
_NEAR: Final = 16 << 10
"""Octets behind a hyphen that are searched for a delimiter before another hyphen is looked for."""


class Cut(NamedTuple):
    """Where the parts lie, and what is odd.

    Args:
        parts: begin and end of each, the CRLF before a delimiter left out: it belongs to the delimiter.
        notes: what readers take differently.
    """

    parts: tuple[tuple[int, int], ...]
    notes: tuple[Note, ...]


class _Line(NamedTuple):
    """A line that begins like a delimiter.

    Args:
        before: offset of the end of line in front of it.
        after: offset of the next line.
        closes: whether it is the last one.
        padding: what else stands behind the boundary.
    """

    before: int
    after: int
    closes: bool
    padding: bytes


def cut(data: bytes, start: int, end: int, boundary: bytes, most: int) -> Cut:
    """Cut `data[start:end]` at the lines that are exactly a delimiter, up to the closing one.

    Args:
        data: the message.
        start: where the body begins.
        end: where it ends.
        boundary: the parameter's value.
        most: how many parts may come of it.
    """
    notes = _odd_boundary(boundary)
    exact: list[_Line] = []
    for count, line in enumerate(_lines(data, start, end, b"--" + boundary)):
        if count > most:
            notes.append(Note("too-many-parts"))
            break
        if line.padding and line.padding.strip(b" \t"):
            notes.append(Note("boundary-prefix"))
        elif exact and exact[-1].closes:
            notes.append(Note("boundary-after-close"))
            break
        else:
            exact.append(line)
            notes += [Note("boundary-padded")] if line.padding else []
    if not exact:
        return Cut((), (*dict.fromkeys(notes), Note("boundary-missing")))
    first, last = exact[0], exact[-1]
    epilogue = last.after if last.closes else end
    stops = [line.before for line in exact[1:]]
    if not last.closes:
        notes.append(Note("boundary-unclosed"))
        stops.append(end)
    parts = tuple((line.after, max(stop, line.after)) for line, stop in zip(exact, stops, strict=False))
    if not parts:
        notes.append(Note("boundary-missing"))
    notes += _around(data[start : first.before], data, epilogue, end)
    return Cut(parts, tuple(dict.fromkeys(notes)))


def _lines(data: bytes, start: int, end: int, mark: bytes) -> Iterator[_Line]:
    """Yield the lines that begin with `mark`."""
    at_once = data.startswith(mark, start, end)
    line = start if at_once else _find_line(data, mark, start, end)
    while line or at_once:
        at_once = False
        rest = line + len(mark)
        stop = data.find(b"\n", rest, end)
        stop = end if stop < 0 else stop
        before = max(start, line - 1)
        before -= before > start and data[before - 1 : before] == b"\r"
        behind = data[rest:stop].rstrip(b"\r")
        closes = behind.startswith(b"--")
        yield _Line(before, min(stop + 1, end), closes, behind[2:] if closes else behind)
        line = _find_line(data, mark, stop, end)


def _find_line(data: bytes, mark: bytes, start: int, end: int) -> int:
    """Return where the next line begins that begins with `mark`; 0 where there is none.

    A delimiter begins with a hyphen, of which base64 has none: looking for that alone takes a tenth of the time.
    """
    wanted = b"\n" + mark
    while True:
        hyphen = data.find(b"-", start, end)
        if hyphen < 0:
            return 0
        start = max(start, hyphen - 1)
        stop = min(start + _NEAR + len(wanted), end)
        found = data.find(wanted, start, stop)
        if found >= 0:
            return found + 1
        if stop == end:
            return 0
        start += _NEAR


def _odd_boundary(boundary: bytes) -> list[Note]:
    odd = len(boundary) > _MAX_BOUNDARY or boundary != boundary.strip() or not boundary.isascii()
    return [Note("boundary-odd")] if odd or boundary.translate(None, _CONTROLS) != boundary else []


def _around(preamble: bytes, data: bytes, epilogue: int, end: int) -> list[Note]:
    """Judge what stands before the first and behind the last delimiter, which some readers show and others skip."""
    notes = [] if not preamble or _is_harmless(preamble) else [Note("preamble-content")]
    return [*notes, Note("epilogue-content")] if data[epilogue:end].strip(_BLANK) else notes


def _is_harmless(preamble: bytes) -> bool:
    """Whether a preamble is a sentence to readers without MIME, and nothing that a reader could take for a part."""
    return len(preamble) <= _MAX_PREAMBLE and _is_sentence(preamble)


@lru_cache(1 << 8)
def _is_sentence(preamble: bytes) -> bool:
    # A program writes the same one each time.
    if b":" in preamble and _PARAGRAPHS.search(preamble.strip()):
        # Some readers take it for a part: what stands before the empty line for its header, the rest for what is shown.
        return False
    return is_utf8(preamble) and not any(
        line.lower().startswith((b"--", b"begin", b"%pdf", b"content-"))
        or b":" in line.partition(b" ")[0]
        or max(map(len, line.split()), default=0) > _MAX_WORD
        for line in preamble.split(b"\n")
    )
