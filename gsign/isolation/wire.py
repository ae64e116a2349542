"""Frames between the caller and a worker: a length, a line of JSON, and octets behind it.

JSON, so that reading an answer can never run anything, whatever a document did to the process that wrote it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from gsign import errors
from gsign.errors import GsignError
from gsign.result import (
    ChangesAfter,
    Coverage,
    Indication,
    Kind,
    Level,
    Revocation,
    Role,
    SignatureResult,
    SignerInfo,
    VerificationResult,
    plain,
)

__all__ = [
    "Frame",
    "WireError",
    "error_of",
    "pack",
    "pages_of",
    "plain_error",
    "plain_result",
    "read_exactly",
    "receive",
    "result_of",
    "signer_of",
    "time_of",
]

Frame = tuple[bytes, ...]
"""Octets that are sent after each other."""

_SIZES: Final = struct.Struct(">IQ")
_MAX_HEAD: Final = 16 << 20
_LARGE: Final = 1 << 16
_MAX_BODY: Final = 4 << 30

_ERRORS: Final[dict[str, type[GsignError]]] = {name: getattr(errors, name) for name in errors.__all__}
_ENUMERATIONS: Final[dict[str, Callable[[Any], object]]] = {
    "kind": Kind,
    "indication": Indication,
    "coverage": Coverage,
    "changes_after": ChangesAfter,
    "revocation": Revocation,
    "level": lambda value: None if value is None else Level(value),
    "role": lambda value: None if value is None else Role(value),
}
_TIMES: Final = ("claimed_time", "proven_time")
_LISTS: Final = ("reasons", "warnings")


class WireError(Exception):
    """The octets are no frame of ours."""


def pack(head: Mapping[str, object], body: bytes = b"") -> Frame:
    """Write a frame; a body that is large is not copied."""
    text = _encode(head).encode("ascii")
    start = _SIZES.pack(len(text), len(body)) + text
    return (start + body,) if len(body) < _LARGE else (start, body)


_encode = json.JSONEncoder(separators=(",", ":"), default=plain).encode


def receive(read: Callable[[int], bytes]) -> tuple[dict[str, Any], bytes]:
    """Read a frame.

    Args:
        read: returns exactly so many octets, or raises EOFError.

    Raises:
        EOFError: the other end is gone.
        WireError: what came is no frame.
    """
    head_size, body_size = _SIZES.unpack(read(_SIZES.size))
    if head_size > _MAX_HEAD or body_size > _MAX_BODY:
        raise WireError("frame too large")
    try:
        head = json.loads(read(head_size))
    except (ValueError, RecursionError) as error:
        raise WireError("malformed frame") from error
    if not isinstance(head, dict):
        raise WireError("malformed frame")
    return head, read(body_size) if body_size else b""


def read_exactly(read: Callable[[int], bytes], count: int) -> bytes:
    """Read so many octets, however many come at a time; what was read is given away as it is, without a copy.

    Args:
        read: returns up to so many octets; none at the end.
        count: how many.

    Raises:
        EOFError: there are not so many.
    """
    whole = BytesIO()
    while (missing := count - whole.tell()) > 0:
        piece = read(missing)
        if not piece:
            raise EOFError
        whole.write(piece)
    return whole.getvalue()


def plain_error(error: GsignError) -> dict[str, object]:
    """Turn an error into what a frame holds."""
    facts = {name: value if isinstance(value, (int, float)) else str(value) for name, value in error.facts.items()}
    return {"class": type(error).__name__, "code": error.code, "temporary": error.temporary, "facts": facts}


def error_of(record: Mapping[str, Any]) -> GsignError:
    """Make an error of what `plain_error` wrote.

    Raises:
        WireError: it did not write that.
    """
    try:
        return _ERRORS[record["class"]](str(record["code"]), temporary=record["temporary"], **record["facts"])
    except (KeyError, TypeError) as cause:
        raise WireError("no error of ours") from cause


def plain_result(result: VerificationResult) -> dict[str, object]:
    """Turn a result into what `pack` takes: the contract's dictionary, and the facts beside it."""
    return {
        "file": result.file,
        "indication": result.indication,
        "reasons": result.reasons,
        "signatures": [{**one._asdict(), "signer": one.signer._asdict()} for one in result.signatures],
        "facts": dict(result.facts),
    }


def result_of(record: Mapping[str, Any]) -> VerificationResult:
    """Make a result of what `plain_result` wrote.

    Raises:
        WireError: it did not write that.
    """
    try:
        return VerificationResult(
            file=record["file"],
            indication=Indication(record["indication"]),
            signatures=tuple(map(_signature, record["signatures"])),
            reasons=tuple(map(str, record["reasons"])),
            facts=dict(record["facts"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WireError("no result of ours") from error


def pages_of(record: Mapping[str, Any]) -> dict[int, list[int]] | None:
    """Read which pages differ, by the end of the revision that they are of; None where they could not be drawn.

    Raises:
        WireError: the record says nothing of the kind.
    """
    try:
        pages = record["pages"]
        return None if pages is None else {int(end): [int(page) for page in differing] for end, differing in pages}
    except (KeyError, TypeError, ValueError) as error:
        raise WireError("no pages") from error


def _signature(record: Mapping[str, Any]) -> SignatureResult:
    values = dict(record)
    for name, enumeration in _ENUMERATIONS.items():
        values[name] = enumeration(values[name])
    for name in _TIMES:
        values[name] = time_of(values[name])
    for name in _LISTS:
        values[name] = tuple(map(str, values[name]))
    return SignatureResult(**{**values, "signer": signer_of(values["signer"])})


def signer_of(record: Mapping[str, Any]) -> SignerInfo:
    """Make of a dictionary what tells who signed; malformed ones raise KeyError, TypeError or ValueError."""
    times = {name: time_of(record[name]) for name in ("not_before", "not_after")}
    return SignerInfo(**{**record, **times, "identifiers": tuple(map(str, record["identifiers"]))})


def time_of(text: str | None) -> datetime | None:
    """Make a time of ISO 8601."""
    return None if text is None else datetime.fromisoformat(text)
