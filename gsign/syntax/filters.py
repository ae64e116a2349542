"""Stream decoding, as much as cross-reference and object streams use (ISO 32000-2 clause 7.4.4), within limits."""

from __future__ import annotations

import zlib
from itertools import accumulate
from typing import Any, Final

from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref

__all__ = ["MAX_DECODED", "decode"]

MAX_DECODED: Final = 64 << 20
"""Largest decoded cross-reference or object stream, in bytes."""
_MAX_BY_ROW: Final = 4 << 20
"""Where a predictor other than Up is used, which takes a step for each byte."""
_LAST_BLOCK: Final = b"\1\0\0\xff\xff"
"""An empty one, not compressed (RFC 1951 clause 3.2.4)."""
_READ_DIFFERENTLY: Final = frozenset({"F", "FFilter", "FDecodeParms", "DP"})
"""Data in another file (Table 5), and short forms (Table 91) that some readers take outside inline images too."""


def decode(dictionary: dict[str, Any], data: bytes, limit: int = MAX_DECODED) -> bytes:
    """Decode a stream whose filter is none or a single FlateDecode.

    Raises:
        PdfSyntaxError: another filter, damaged data, or more than `limit` bytes; or what readers decode differently.
    """
    if not _READ_DIFFERENTLY.isdisjoint(dictionary):
        raise PdfSyntaxError("stream that readers decode differently")
    filters = dictionary.get("Filter")
    parameters = dictionary.get("DecodeParms")
    if isinstance(filters, list):
        if len(filters) > 1:
            raise PdfSyntaxError("chain of filters")
        filters = filters[0] if filters else None
        parameters = parameters[0] if isinstance(parameters, list) and parameters else None
    if filters is None:
        return data
    if filters != "FlateDecode":
        raise PdfSyntaxError("filter not supported")
    if isinstance(parameters, Ref):
        raise PdfSyntaxError("parameters of a filter stand elsewhere")
    return _unpredict(_inflate(data, limit), parameters if isinstance(parameters, dict) else {})


def _inflate(data: bytes, limit: int) -> bytes:
    machine = zlib.decompressobj()
    try:
        out = machine.decompress(data, limit + 1)
    except zlib.error as error:
        raise PdfSyntaxError("damaged compressed data") from error
    if len(out) > limit:
        raise PdfSyntaxError("decompressed data too large")
    if not machine.eof and not _lacks_end_alone(machine, out):
        raise PdfSyntaxError("truncated compressed data")
    return out


def _lacks_end_alone(machine: Any, out: bytes) -> bool:
    """Say whether a writer left out nothing but that its last block is the last one: flushed, and never closed."""
    try:
        more = machine.decompress(_LAST_BLOCK + zlib.adler32(out).to_bytes(4))
    except zlib.error:
        return False
    return not more and machine.eof


def _unpredict(data: bytes, parameters: dict[str, Any]) -> bytes:
    predictor = parameters.get("Predictor", 1)
    if predictor == 1:
        return data
    if (
        type(predictor) is not int
        or predictor < 10
        or parameters.get("Colors", 1) != 1
        or parameters.get("BitsPerComponent", 8) != 8
    ):
        raise PdfSyntaxError("predictor not supported")
    columns = parameters.get("Columns", 1)
    if type(columns) is not int or not 0 < columns <= 1 << 16 or len(data) % (columns + 1):
        raise PdfSyntaxError("predictor does not fit the data")
    kinds = set(data[:: columns + 1])
    if kinds == {2}:
        return _all_up(data, columns)
    if len(data) > _MAX_BY_ROW:
        raise PdfSyntaxError("predictor not supported for so much data")
    return _row_by_row(data, columns)


def _all_up(data: bytes, columns: int) -> bytes:
    """Undo PNG's Up in every row at once: each column is a running sum."""
    out = bytearray(len(data) // (columns + 1) * columns)
    for column in range(columns):
        sums = accumulate(data[column + 1 :: columns + 1])
        out[column::columns] = bytes(value & 0xFF for value in sums)
    return bytes(out)


def _row_by_row(data: bytes, columns: int) -> bytes:
    previous = bytearray(columns)
    out = bytearray()
    for start in range(0, len(data), columns + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + columns])
        for i in range(columns):
            left = row[i - 1] if i else 0
            corner = previous[i - 1] if i else 0
            row[i] = (row[i] + _predicted(kind, left, previous[i], corner)) & 0xFF
        out += row
        previous = row
    return bytes(out)


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        estimate = left + up - corner
        return min((left, up, corner), key=lambda v: abs(estimate - v))
    predictions = {0: 0, 1: left, 2: up, 3: (left + up) // 2}
    if kind not in predictions:
        raise PdfSyntaxError("unknown predictor")
    return predictions[kind]
