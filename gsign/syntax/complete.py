"""A whole PDF file written from its catalog (ISO 32000-2 clause 7.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

from gsign.syntax.objects import Indirect, Raw, Ref, Stream, serialize

__all__ = ["write_file"]

_HEADER: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


def write_file(catalog: dict[str, Any], info: dict[str, Any] | None = None) -> bytes:
    """Write a file; every `Stream` and `Indirect` that the catalog leads to is an object of its own, written once.

    Args:
        catalog: the document catalog. Parents of pages are set with `Ref`: the catalog is object 1, and objects are
            numbered in the order in which they are come upon.
        info: the information dictionary; it comes last.
    """
    values: list[Any] = [catalog]
    numbers: dict[int, Ref] = {}

    def allot(value: Any) -> Ref:
        if id(value) not in numbers:
            values.append(value)
            numbers[id(value)] = Ref(len(values))
        return numbers[id(value)]

    out = bytearray(_HEADER)
    offsets: list[int] = []
    last = [] if info is None else [info]
    while len(offsets) < len(values) or last:
        if len(offsets) == len(values):
            values.append(last.pop())
        value = values[len(offsets)]
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (len(offsets), _object(value, allot))
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    identifier = Raw(b"<%s>" % hashlib.sha256(out).hexdigest()[:32].encode())
    trailer = {"Size": len(offsets) + 1, "Root": Ref(1), "ID": [identifier, identifier]}
    if info is not None:
        trailer["Info"] = Ref(len(offsets))
    out += b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (serialize(trailer), start)
    return bytes(out)


def _object(value: Any, allot: Callable[[Any], Ref]) -> bytes:
    if isinstance(value, Stream):
        dictionary = serialize({**value.dictionary, "Length": len(value.data)}, allot)
        return dictionary + b"\nstream\n" + value.data + b"\nendstream"
    return serialize(value.value if isinstance(value, Indirect) else value, allot)
