"""Ends of lines: mail travels with CRLF, files on disk often have LF."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from io import IncrementalNewlineDecoder
from typing import Final

__all__ = ["after_even_lines", "canonical_lines", "line_faults"]

_PIECE: Final = 128 << 10
_SMALLEST_PIECE: Final = 8 << 10
# Lines of one length are looked at together where that is worth it.
_LONGEST: Final = 1_000
_SHORTEST: Final = 32
_FEWEST: Final = 8
_FEW_OCTETS: Final = 2 << 10
"""Of so many octets, such as a field's or a header's, counting ends costs less than beginning anything else."""
_SMALL: Final = 32 << 10
"""Of so many, one look at all costs less than to find out which lines are of one length."""
_ODD: Final = (b"\r", b"\n", b"\0")
_WHOLE: Final = ("\r\n",)
_FAULTS: Final = {"\r": "bare-cr", "\n": "bare-lf", "\0": "nul"}


def canonical_lines(data: bytes) -> bytes:
    """Return a message as it travels, with CRLF at the end of each line (RFC 5321 clause 2.3.8).

    For `.eml` files on disk: one whose first line ends in LF alone is of a system where lines end so, even where a
    program has written parts of it, such as what was signed, with CRLF. Anything else is returned as it is: then a bare
    CR or LF is no local habit but something that readers take differently, and is left to be found.
    """
    first = data.find(b"\n")
    if first < 0 or data[max(first - 1, 0) : first] == b"\r":
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def line_faults(data: bytes) -> list[str]:
    """Name what no message may hold on its way (RFC 5322 clause 2.3): `bare-cr`, `bare-lf`, `nul`.

    A large message is mostly lines of one length, as encoders write them: these cost a third of what a look for each
    end of a line would.
    """
    if len(data) <= _FEW_OCTETS and _is_flawless(data):
        return []
    if len(data) <= _SMALL:
        ends = _ends(data)
        return [] if ends == _WHOLE else _named(ends)
    found: set[str] = set()
    at, piece = 0, _SMALLEST_PIECE
    while at < len(data):
        stop = after_even_lines(data, at)
        if stop > at:
            at, piece = stop, _SMALLEST_PIECE
            continue
        stop = _after_whole_lines(data, at, piece)
        found.update(_ends(data[at:stop]))
        at, piece = stop, min(2 * piece, _PIECE)
    return _named(found)


def _named(ends: Collection[str]) -> list[str]:
    return [name for octet, name in _FAULTS.items() if octet in ends]


def _is_flawless(data: bytes) -> bool:
    return data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n") and b"\0" not in data


def _ends(piece: bytes) -> tuple[str, ...]:
    """Return the kinds of ends of lines in a piece, in one look: what decodes newlines tells which it met; and NUL."""
    decoder = IncrementalNewlineDecoder(None, translate=False)
    decoder.decode(piece.decode("latin-1"), final=True)
    ends = decoder.newlines or ()
    ends = (ends,) if isinstance(ends, str) else ends
    return (*ends, "\0") if b"\0" in piece else ends


def _after_whole_lines(data: bytes, start: int, size: int) -> int:
    """Return where a piece of about that size ends that splits no CRLF."""
    end = start + size
    if end >= len(data):
        return len(data)
    stop = data.rfind(b"\n", start, end) + 1 or end
    return stop + 1 if data[stop - 1 : stop + 1] == b"\r\n" else stop


def after_even_lines(
    data: bytes, start: int, end: int | None = None, *, longest: int = _LONGEST, without: Iterable[bytes] = _ODD
) -> int:
    """Return the end of lines that begin at `start` and are of one length: 7-bit, with CR and LF at their ends only.

    Args:
        data: the message.
        start: where the lines begin.
        end: what they may not reach beyond.
        longest: octets of such a line with its end.
        without: octets that stand nowhere in it, the ends left out.
    """
    end = len(data) if end is None else end
    if end - start <= _FEW_OCTETS:
        return start
    step = data.find(b"\n", start, min(start + longest, end)) + 1 - start
    if step < _SHORTEST:
        return start
    rows = _PIECE // step
    while True:
        piece = bytearray(memoryview(data)[start : min(start + rows * step, end)])
        last = len(piece) // step * step
        found = min(_run(piece[step - 1 : last : step], b"\n"), _run(piece[step - 2 : last : step], b"\r"))
        if found < _FEWEST:
            return start
        # Where the ends of the lines are painted over, one look tells whether there are others.
        del piece[found * step :]
        piece[step - 1 :: step] = piece[step - 2 :: step] = b"-" * found
        if not piece.isascii() or any(octet in piece for octet in without):
            return start
        start += found * step
        if found < rows:
            return start


def _run(octets: bytearray, octet: bytes) -> int:
    """Return how many of one octet a string begins with."""
    size = len(octets)
    return size if octets == octet * size else size - len(octets.lstrip(octet))
