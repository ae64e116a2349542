"""Write PDF files byte by byte, so that every oddity of a file's structure can be had on purpose.

A `Draft` holds objects as bytes; `classic`, `cross_reference_stream` and `hybrid` are the three ways of ISO 32000 to
say where they are (7.5.4, 7.5.8, 7.5.8.4), and `update` adds a revision (7.5.6).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

BINARY_MARK = b"%\xe2\xe3\xcf\xd3"


@dataclass
class Draft:
    """Objects by number, all of generation 0, and what the trailer says of them."""

    objects: dict[int, bytes] = field(default_factory=dict)
    root: int = 1
    info: int | None = None
    version: str = "1.7"
    extra: bytes = b""
    """Further trailer entries."""
    identifier: bytes | None = b"0123456789abcdef"

    def add(self, body: bytes) -> int:
        """Give `body` the next number and return it."""
        number = max(self.objects, default=0) + 1
        self.objects[number] = body
        return number

    @property
    def size(self) -> int:
        """The trailer's /Size."""
        return max(self.objects) + 1

    def trailer(self, *, size: int | None = None, more: bytes = b"") -> bytes:
        """Return the entries of the trailer without its brackets."""
        parts = [b"/Size %d" % (size or self.size), b"/Root %d 0 R" % self.root]
        parts += [b"/Info %d 0 R" % self.info] if self.info else []
        if self.identifier is not None:
            parts.append(b"/ID [<%s> <%s>]" % (self.identifier.hex().encode(), self.identifier.hex().encode()))
        return b" ".join([*parts, *([self.extra] if self.extra else []), *([more] if more else [])])


def stream(data: bytes, entries: bytes = b"", *, compress: bool = True) -> bytes:
    """Return the body of a stream object."""
    if compress:
        data, entries = zlib.compress(data, 9), entries + b" /Filter /FlateDecode"
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


def header(draft: Draft, eol: bytes = b"\n") -> bytes:
    """Return the two first lines."""
    return b"%%PDF-%s" % draft.version.encode() + eol + BINARY_MARK + eol


def body(draft: Draft, start: int, eol: bytes = b"\n", only: set[int] | None = None) -> tuple[bytes, dict[int, int]]:
    """Return the objects' bytes and where each begins, the first byte being at `start`."""
    out, offsets = bytearray(), {}
    for number, content in draft.objects.items():
        if only is not None and number not in only:
            continue
        offsets[number] = start + len(out)
        # Bytes of a stream are data: only the lines around them follow the file's habit.
        out += b"%d 0 obj" % number + eol + content + eol + b"endobj" + eol
    return bytes(out), offsets


def table(offsets: dict[int, int | None], *, eol: bytes = b"\n", freed: dict[int, int] | None = None) -> bytes:
    """Return a cross-reference table (7.5.4) in as many subsections as the numbers ask for.

    Args:
        offsets: object number to offset; None stands for the head of the free list.
        eol: line ends outside entries; an entry is always twenty bytes.
        freed: freed object numbers and the generation written for them.
    """
    entries: dict[int, bytes] = {}
    for number, offset in offsets.items():
        entries[number] = b"%010d %05d %s" % ((0, 65535, b"f") if offset is None else (offset, 0, b"n"))
    for number, generation in (freed or {}).items():
        entries[number] = b"%010d %05d f" % (0, generation)
    out = bytearray(b"xref" + eol)
    last_of_two = eol if len(eol) == 2 else b" " + eol
    for first, numbers in _runs(sorted(entries)):
        out += b"%d %d" % (first, len(numbers)) + eol
        out += b"".join(entries[n] + last_of_two for n in numbers)
    return bytes(out)


def _runs(numbers: list[int]) -> list[tuple[int, list[int]]]:
    runs: list[tuple[int, list[int]]] = []
    for number in numbers:
        if runs and runs[-1][1][-1] == number - 1:
            runs[-1][1].append(number)
        else:
            runs.append((number, [number]))
    return runs


def classic(
    draft: Draft,
    *,
    eol: bytes = b"\n",
    shift: int = 0,
    freed: dict[int, int] | None = None,
    startxref: int | None = None,
    size: int | None = None,
) -> bytes:
    """Return a file with a cross-reference table.

    Args:
        draft: what to write.
        eol: line ends outside streams.
        shift: bytes by which every offset in the table is wrong.
        freed: see `table`.
        startxref: a wrong place of the table.
        size: a wrong /Size.
    """
    out = bytearray(header(draft, eol))
    written, offsets = body(draft, len(out), eol)
    out += written
    place = len(out)
    out += table({0: None, **{n: o + shift for n, o in offsets.items()}}, eol=eol, freed=freed)
    out += b"trailer" + eol + b"<<" + draft.trailer(size=size) + b">>" + eol
    return bytes(out + _tail(place if startxref is None else startxref, eol))


def _tail(place: int, eol: bytes = b"\n") -> bytes:
    return b"startxref" + eol + b"%d" % place + eol + b"%%EOF" + eol


def object_stream(members: dict[int, bytes], entries: bytes = b"") -> bytes:
    """Return the body of an object stream (7.5.7) that holds `members`."""
    index, content = bytearray(), bytearray()
    for number, member in members.items():
        index += b"%d %d " % (number, len(content))
        content += member + b"\n"
    head = b"/Type /ObjStm /N %d /First %d" % (len(members), len(index)) + entries
    return stream(bytes(index + content), head)


def cross_reference_stream(draft: Draft, packed: set[int] | None = None) -> bytes:
    """Return a file with object streams and a cross-reference stream (7.5.7, 7.5.8).

    Args:
        draft: what to write.
        packed: numbers to put into the object stream; by default all that are not streams.
    """
    packed = {n for n, b in draft.objects.items() if b"stream" not in b} if packed is None else packed
    members = {n: draft.objects[n] for n in draft.objects if n in packed}
    outer = Draft({n: b for n, b in draft.objects.items() if n not in packed}, version=draft.version)
    container = draft.size
    outer.objects[container] = object_stream(members)
    out = bytearray(header(draft))
    written, offsets = body(outer, len(out))
    out += written
    rows = {0: (0, 0, 65535), **{n: (1, o, 0) for n, o in offsets.items()}}
    rows |= {n: (2, container, i) for i, n in enumerate(members)}
    place = len(out)
    rows[container + 1] = (1, place, 0)
    return bytes(out + _xref_stream(draft, container + 1, rows) + _tail(place))


def _xref_stream(draft: Draft, number: int, rows: dict[int, tuple[int, int, int]], more: bytes = b"") -> bytes:
    numbers = sorted(rows)
    data = b"".join(_row(rows[n]) for n in numbers)
    index = b" ".join(b"%d %d" % (first, len(run)) for first, run in _runs(numbers))
    entries = b"/Type /XRef /W [1 4 2] /Index [%s] " % index + draft.trailer(size=number + 1, more=more)
    return b"%d 0 obj\n" % number + stream(data, entries) + b"\nendobj\n"


def _row(row: tuple[int, int, int]) -> bytes:
    return row[0].to_bytes(1, "big") + row[1].to_bytes(4, "big") + row[2].to_bytes(2, "big")


def hybrid(draft: Draft, hidden: set[int]) -> bytes:
    """Return a hybrid-reference file (7.5.8.4) as word processors write it.

    `hidden` objects are free in a first section, and known to the cross-reference stream of a second, empty one alone.
    """
    container, stream_number = draft.size, draft.size + 1
    outer = Draft({n: b for n, b in draft.objects.items() if n not in hidden}, version=draft.version)
    outer.objects[container] = object_stream({n: draft.objects[n] for n in sorted(hidden)})
    out = bytearray(header(draft))
    written, offsets = body(outer, len(out))
    out += written
    stream_place = len(out)
    rows = {n: (2, container, i) for i, n in enumerate(sorted(hidden))}
    out += _xref_stream(draft, stream_number, rows)
    first = len(out)
    known: dict[int, int | None] = {0: None, **offsets, stream_number: stream_place}
    out += table(known, freed=dict.fromkeys(hidden, 65535))
    size = stream_number + 1
    out += b"trailer\n<<" + draft.trailer(size=size) + b">>\n" + _tail(first)
    second = len(out)
    more = b"/Prev %d /XRefStm %d" % (first, stream_place)
    out += b"xref\n0 0\ntrailer\n<<" + draft.trailer(size=size, more=more) + b">>\n"
    return bytes(out + _tail(second))


def update(data: bytes, draft: Draft, changed: dict[int, bytes], *, freed: dict[int, int] | None = None) -> bytes:
    """Return the file with one more revision in a cross-reference table (7.5.6)."""
    start = len(data) + (not data.endswith(b"\n"))
    out = bytearray(data if data.endswith(b"\n") else data + b"\n")
    written, offsets = body(Draft(changed), start)
    out += written
    place = len(out)
    previous = last_startxref(data)
    size = max(*draft.objects, *changed, *(freed or {})) + 1
    out += table({0: None, **offsets}, freed=freed)
    out += b"trailer\n<<" + draft.trailer(size=size, more=b"/Prev %d" % previous) + b">>\n"
    return bytes(out + _tail(place))


def update_by_stream(data: bytes, draft: Draft, changed: dict[int, bytes]) -> bytes:
    """Return the file with one more revision in a cross-reference stream."""
    out = bytearray(data)
    written, offsets = body(Draft(changed), len(out))
    out += written
    place = len(out)
    number = max(*draft.objects, *changed) + 10 + data.count(b"startxref")
    rows = {n: (1, o, 0) for n, o in offsets.items()} | {number: (1, place, 0)}
    return bytes(out + _xref_stream(draft, number, rows, b"/Prev %d" % last_startxref(data)) + _tail(place))


def last_startxref(data: bytes) -> int:
    """Return the number after the last `startxref`."""
    return int(data[data.rindex(b"startxref") + 9 :].split()[0])
