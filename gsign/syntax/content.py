"""Data of streams as readers draw them, decoded as far as they decode it (ISO 32000-2 clause 7.4).

What is damaged is read up to where it is: readers draw that much. Large data come in pieces.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any, Final

from gsign.syntax.filters import MAX_DECODED, decode
from gsign.syntax.lexer import WHITE, PdfSyntaxError
from gsign.syntax.pattern import lazily

__all__ = ["OF_TEXT", "decode_content", "from_text", "inflate", "words"]

_PIECE: Final = 16 << 20
_STEP: Final = 256
"""What is lost before a damage, of compressed bytes."""
_RUN_END: Final = 128
_CLEAR: Final = 256
_END: Final = 257
_MOST_CODES: Final = 4096
OF_TEXT: Final = frozenset({"ASCII85Decode", "A85", "ASCIIHexDecode", "AHx"})
"""Filters whose data are text."""
# Comments and strings are passed over; a name ends where white space or a delimiter stands.
_TOKEN: Final = lazily(
    rb"%[^\r\n]*+|(\()|<<|>>|<[^>]*+>?|/[^\x00\t\n\x0c\r ()<>\[\]{}/%]*+|[\[\]]|([^\x00\t\n\x0c\r ()<>\[\]{}/%]++)"
)
_STRING, _WORD = 1, 2
_IN_STRING: Final = lazily(rb"\\[\x00-\xff]|[()]")


def inflate(data: bytes) -> Iterable[bytes]:
    """Decompress, large data piece by piece, up to the end or the first damage."""
    machine = zlib.decompressobj()
    try:
        first = machine.decompress(data, _PIECE)
    except zlib.error:
        return _inflate_damaged(data)
    return chain((first,), _rest(machine, data)) if machine.unconsumed_tail else (first,)


def _rest(machine: Any, data: bytes) -> Iterator[bytes]:
    try:
        while machine.unconsumed_tail:
            yield machine.decompress(machine.unconsumed_tail, _PIECE)
    except zlib.error:
        yield from _inflate_damaged(data)  # what was read before comes once more


def _inflate_damaged(data: bytes) -> Iterator[bytes]:
    machine = zlib.decompressobj()
    with suppress(zlib.error):
        for at in range(0, len(data), _STEP):
            yield machine.decompress(data[at : at + _STEP])


def decode_content(filters: Any, parameters: Any, data: bytes) -> bytes:
    """Decode the data of a stream that may be content.

    Args:
        filters: value of /Filter, without references.
        parameters: value of /DecodeParms, without references.
        data: as stored.

    Raises:
        PdfSyntaxError: a filter that content is not written with, or more data than anybody draws.
    """
    given = _listed(parameters)
    for index, name in enumerate(_listed(filters)):
        data = _decoded(name, given[index] if index < len(given) else None, data)
    return data


def _within_limit(pieces: Iterable[bytes]) -> bytes:
    out = bytearray()
    for piece in pieces:
        out += piece
        if len(out) > MAX_DECODED:
            raise PdfSyntaxError("decompressed data too large")
    return bytes(out)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _decoded(name: Any, parameters: Any, data: bytes) -> bytes:
    if name == "Crypt" and (parameters or {}).get("Name", "Identity") == "Identity":
        return data
    if parameters and name not in ("LZWDecode", "LZW"):
        return decode({"Filter": name, "DecodeParms": parameters}, data)
    if name in ("FlateDecode", "Fl"):
        return _within_limit(inflate(data))
    if name in ("LZWDecode", "LZW"):
        return _from_lzw(data, parameters or {})
    if name in ("RunLengthDecode", "RL"):
        return _from_runs(data)
    if name in OF_TEXT:
        return from_text(data, name)
    raise PdfSyntaxError("filter not supported")


def from_text(data: bytes, name: str) -> bytes:
    """Decode what is written as text: in hexadecimal digits, or to the base of 85.

    Raises:
        ValueError: it is not.
    """
    if name in ("ASCIIHexDecode", "AHx"):
        digits = data.partition(b">")[0].translate(None, WHITE)
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    return base64.a85decode(data.partition(b"~>")[0].strip().removeprefix(b"<~"))


def _from_runs(data: bytes) -> bytes:
    """Undo RunLengthDecode (clause 7.4.5)."""
    out, at = bytearray(), 0
    while at < len(data) and data[at] != _RUN_END:
        length, at = data[at], at + 1
        if length < _RUN_END:
            out += data[at : at + length + 1]
            at += length + 1
        else:
            out += data[at : at + 1] * (2 * _RUN_END + 1 - length)
            at += 1
    return bytes(out)


def _from_lzw(data: bytes, parameters: dict[str, Any]) -> bytes:
    """Undo LZWDecode (clause 7.4.4.2), up to the first code that is none."""
    early = parameters.get("EarlyChange", 1)
    if parameters.keys() - {"EarlyChange"} or early not in (0, 1):
        raise PdfSyntaxError("predictor not supported")
    out = bytearray()
    words = _single_octets()
    before, bits, held, width = b"", 0, 0, 9
    for octet in data:
        held, bits = held << 8 | octet, bits + 8
        if bits < width:
            continue
        bits -= width
        code, held = held >> bits, held & (1 << bits) - 1
        if code == _CLEAR:
            words, before, width = _single_octets(), b"", 9
            continue
        is_next = code == len(words) and bool(before)
        if code == _END or not (code < len(words) or is_next) or len(out) > MAX_DECODED:
            break
        word = before + before[:1] if is_next else words[code]
        if before and len(words) < _MOST_CODES:
            words.append(before + word[:1])
        out += word
        before = word
        width = min(12, max(9, (len(words) + early).bit_length()))
    return bytes(out)


def _single_octets() -> list[bytes]:
    return [*(bytes((octet,)) for octet in range(256)), b"", b""]


# ---------------------------------------------------------------- words


def words(text: bytes, at: int = 0) -> Iterator[tuple[bytes, int, int]]:
    """Yield what readers that repair take for operators or numbers, where it begins, and how deep in brackets that is.

    Args:
        text: content, or an object.
        at: where to begin.
    """
    nesting = 0
    while (match := _TOKEN.search(text, at)) is not None:
        at = match.end()
        if match[_WORD] is not None:
            yield match[_WORD], match.start(), nesting
        elif match[_STRING]:
            at = _behind_string(text, at)
        else:
            nesting += {b"<<": 1, b"[": 1, b">>": -1, b"]": -1}.get(match[0], 0)


def _behind_string(text: bytes, at: int) -> int:
    nesting = 1
    for match in _IN_STRING.finditer(text, at):
        nesting += {b"(": 1, b")": -1}.get(match[0], 0)
        if not nesting:
            return match.end()
    return len(text)
