"""An incremental update: new and changed objects, a cross-reference section, a trailer (ISO 32000-2 clause 7.5.6).

Nothing of what stands in the file is touched; the new section is of the kind that the newest one is, since readers may
refuse a mixture.
"""

from __future__ import annotations

import os
import zlib
from functools import partial
from typing import Any, Final

from gsign.errors import InputError
from gsign.syntax.objects import Indirect, Name, Raw, Ref, Stream, serialize
from gsign.syntax.reader import Document

__all__ = ["Revision"]

# Entries of a trailer, or of the cross-reference stream that is one, which are this section's own; all others are
# carried on (clause 7.5.6).
_OF_SECTION: Final = frozenset({"Size", "Prev", "XRefStm", "ID", "Type", "W", "Index"})
_OF_STREAM: Final = frozenset({"Length", "Filter", "DecodeParms", "F", "FFilter", "FDecodeParms", "DL"})
_OWN: Final = _OF_SECTION | _OF_STREAM
_MAX_TABLE_OFFSET: Final = 9_999_999_999


class Revision:
    """Collect objects and write them as one revision behind a document.

    Args:
        document: what the revision is added to.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._next = document.size
        self._values: dict[int, tuple[int, Any]] = {}
        self._allotted: dict[int, tuple[Any, Ref]] = {}
        self.offsets: dict[int, int] = {}
        """Where each object begins in what `write` returned."""

    def add(self, value: Any) -> Ref:
        """Give a value a number of its own."""
        ref = Ref(self._next)
        self._next += 1
        self._values[ref.number] = (0, value)
        return ref

    def change(self, ref: Ref, value: Any) -> None:
        """Give an existing object a new value."""
        self._values[ref.number] = (ref.generation, value)

    def current(self, ref: Ref) -> Any:
        """Return an object as this revision has it so far."""
        if ref.number in self._values:
            return self._values[ref.number][1]
        return self._document.load(ref)

    def _allot(self, value: Any) -> Ref:
        known = self._allotted.get(id(value))
        if known is None:
            # The value is kept beside its reference: an id is only unique among living objects.
            known = (value, self.add(value.value if isinstance(value, Indirect) else value))
            self._allotted[id(value)] = known
        return known[1]

    def write(self) -> bytearray:
        """Return the bytes to append; `offsets` then says where each object begins in them."""
        document = self._document
        base = document.source.size
        out = bytearray()
        if document.source.read(base - 1, 1) not in (b"\n", b"\r"):
            out += b"\n"
        written = 0
        while written < len(self._values):
            # Serialising may allot numbers to nested values: go on until none is left.
            for number in list(self._values)[written:]:
                self.offsets[number] = len(out)
                out += self._object(number)
                written += 1
        start = base + len(out)
        out += self._section({n: base + at for n, at in self.offsets.items()}, start)
        out += b"startxref\n%d\n%%%%EOF\n" % start
        return out

    def _object(self, number: int) -> bytes:
        generation, value = self._values[number]
        ref = Ref(number, generation)
        security = self._document.security
        protect = partial(security.encrypt_string, ref) if security else None
        head = b"%d %d obj\n" % (number, generation)
        if not isinstance(value, Stream):
            return b"".join((head, serialize(value, self._allot, protect), b"\nendobj\n"))
        data = security.encrypt_stream(ref, value.data) if security else value.data
        dictionary = serialize(value.dictionary | {"Length": len(data)}, self._allot, protect)
        return b"".join((head, dictionary, b"\nstream\n", data, b"\nendstream\nendobj\n"))

    # ------------------------------------------------------------ cross-reference

    def _trailer(self, size: int) -> dict[str, Any]:
        newest = self._document.trailer
        trailer: dict[str, Any] = {"Size": size}
        trailer |= {key: value for key, value in newest.items() if key not in _OWN}
        trailer["Prev"] = self._document.sections[0].stated
        # The first half names the document, the second this version of it (clause 14.4).
        identifier = self._document.get(newest.get("ID"))
        fresh = os.urandom(16)
        # It is part of an encrypted document's key, where it has one or not: never given anew there.
        first = b"" if self._document.is_encrypted else fresh
        if isinstance(identifier, list) and identifier and isinstance(self._document.get(identifier[0]), bytes):
            first = self._document.get(identifier[0])
        second = Raw(b"<" + fresh.hex().encode() + b">")
        trailer["ID"] = [Raw(b"<" + first.hex().encode() + b">"), second]
        return trailer

    def _section(self, offsets: dict[int, int], start: int) -> bytes:
        if self._document.sections[0].is_stream:
            return self._stream_section(offsets, start)
        return self._table_section(offsets, start)

    def _table_section(self, offsets: dict[int, int], start: int) -> bytes:
        if start > _MAX_TABLE_OFFSET:
            raise InputError("input-too-large")
        out = bytearray(b"xref\n")
        for first, numbers in _runs(offsets):
            out += b"%d %d\n" % (first, len(numbers))
            for number in numbers:
                out += b"%010d %05d n\r\n" % (offsets[number], self._values[number][0])
        return bytes(out) + b"trailer\n" + serialize(self._trailer(self._next)) + b"\n"

    def _stream_section(self, offsets: dict[int, int], start: int) -> bytes:
        own = self._next
        everything = offsets | {own: start}
        width = (start.bit_length() + 7) // 8
        index: list[int] = []
        data = bytearray()
        for first, numbers in _runs(everything):
            index += (first, len(numbers))
            for number in numbers:
                generation = self._values[number][0] if number != own else 0
                data += b"\x01" + everything[number].to_bytes(width, "big") + generation.to_bytes(2, "big")
        packed = zlib.compress(bytes(data))
        dictionary = {"Type": Name("XRef"), "W": [1, width, 2], "Index": index, "Filter": Name("FlateDecode")}
        dictionary |= self._trailer(own + 1) | {"Length": len(packed)}
        return b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (own, serialize(dictionary), packed)


def _runs(offsets: dict[int, int]) -> list[tuple[int, list[int]]]:
    """Group the numbers into runs of neighbours, each with its first one."""
    runs: list[tuple[int, list[int]]] = []
    for number in sorted(offsets):
        if runs and number == runs[-1][0] + len(runs[-1][1]):
            runs[-1][1].append(number)
        else:
            runs.append((number, [number]))
    return runs
