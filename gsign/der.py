"""DER written and BER read, just as much as CMS needs (X.690).

Writing is plain concatenation, since a signature's CMS is a handful of nested values. Reading keeps offsets, so that
the exact bytes that were signed are digested, and takes indefinite lengths, since writers in the field use them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import repeat
from typing import Final, NamedTuple

__all__ = [
    "NULL",
    "DerError",
    "Node",
    "around",
    "context",
    "explicit",
    "generalized_time",
    "header",
    "integer",
    "octet_string",
    "oid",
    "parse",
    "read_time",
    "sequence",
    "set_of",
    "tlv",
    "utc_time",
]

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OID: Final = 0x06
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31

NULL: Final = b"\x05\x00"

MAX_DEPTH: Final = 64
MAX_PASSED: Final = 250_000
"""Values inside one of indefinite length: programs that stream write pieces of a kilobyte and more."""
MAX_PARTS: Final = 1_000_000
"""Revocation lists of authorities have hundreds of thousands of entries."""


class DerError(ValueError):
    """The bytes are no well-formed BER."""


def tlv(tag: int, content: bytes) -> bytes:
    """Write one value with a single-octet tag."""
    return header(tag, len(content)) + content


def header(tag: int, length: int) -> bytes:
    """Write what stands before a content of `length` octets: a single-octet tag and the length."""
    if length < 0x80:
        return bytes((tag, length))
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets


def around(tag: int, parts: Iterable[bytes | memoryview]) -> list[bytes | memoryview]:
    """Write one value around parts that stay pieces, however large, so that none of them is copied."""
    pieces = list(parts)
    return [header(tag, sum(map(len, pieces))), *pieces]


def sequence(*parts: bytes) -> bytes:
    """Write a SEQUENCE."""
    return tlv(SEQUENCE, b"".join(parts))


def set_of(parts: Iterable[bytes]) -> bytes:
    """Write a SET OF, sorted as DER demands."""
    return tlv(SET, b"".join(sorted(parts)))


def context(number: int, content: bytes, *, constructed: bool = True) -> bytes:
    """Write a context-specific value around `content` (an IMPLICIT tag takes the content without its own header)."""
    return tlv((0xA0 if constructed else 0x80) | number, content)


def explicit(number: int, value: bytes) -> bytes:
    """Write an EXPLICIT tag around a whole value."""
    return context(number, value)


def integer(value: int) -> bytes:
    """Write an INTEGER."""
    magnitude = value if value >= 0 else ~value
    return tlv(INTEGER, value.to_bytes(magnitude.bit_length() // 8 + 1, "big", signed=True))


def octet_string(value: bytes) -> bytes:
    """Write an OCTET STRING."""
    return tlv(OCTET_STRING, value)


@lru_cache(maxsize=256)
def oid(dotted: str) -> bytes:
    """Write an OBJECT IDENTIFIER."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    out = bytearray()
    for arc in (first * 40 + second, *rest):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(0x80 | (arc & 0x7F))
        out += bytes(reversed(septets))
    return tlv(OID, bytes(out))


def utc_time(moment: datetime) -> bytes:
    """Write a time as CMS wants it: UTCTime through 2049, GeneralizedTime after (RFC 5652 11.3)."""
    moment = moment.astimezone(UTC)
    if 1950 <= moment.year < 2050:
        return tlv(UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode("ascii"))
    return generalized_time(moment)


def generalized_time(moment: datetime) -> bytes:
    """Write a GeneralizedTime in whole seconds."""
    return tlv(GENERALIZED_TIME, moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode("ascii"))


class Node(NamedTuple):
    """One value inside a buffer: its tag octet, and where it, its content and its end stand."""

    buffer: bytes
    tag: int
    start: int
    body: int
    body_end: int
    end: int
    depth: int = 0

    @property
    def content(self) -> bytes:
        """Octets of the content."""
        return self.buffer[self.body : self.body_end]

    @property
    def raw(self) -> bytes:
        """Octets of the whole value, header included."""
        return self.buffer[self.start : self.end]

    @property
    def is_constructed(self) -> bool:
        """Whether the value holds further values."""
        return bool(self.tag & 0x20)

    def children(self, most: int = MAX_PARTS) -> list[Node]:
        """Parse the values inside a constructed value.

        Args:
            most: how many there may be: two octets of a stranger's make a value that takes a hundred here.
        """
        buffer, outer, _, position, limit, _, depth = self
        if not outer & 0x20:
            raise DerError("primitive value has no parts")
        if depth >= MAX_DEPTH:
            raise DerError("nested too deep")
        depth += 1
        found: list[Node] = []
        for _ in repeat(None, most + 1):
            body = position + 2
            if body > limit:
                break
            tag, length = buffer[position], buffer[position + 1]
            end = body + length
            if length < 0x80 and end <= limit and tag & 0x1F != 0x1F:  # most are short
                found.append(_node(Node, (buffer, tag, position, body, end, end, depth)))
                position = end
            else:
                found.append(_read(buffer, position, limit, depth))
                position = found[-1][5]
        if len(found) > most:
            raise DerError("too many parts")
        if position != limit:
            raise DerError("truncated header")
        return found

    def expect(self, tag: int) -> Node:
        """Return self where the tag is `tag`."""
        if self.tag != tag:
            raise DerError(f"tag {self.tag:#04x} where {tag:#04x} was expected")
        return self

    def octets(self) -> bytes:
        """Return an OCTET STRING's value, primitive or constructed from pieces (X.690 8.7)."""
        if not self.is_constructed:
            return self.content
        children = self.children()
        if any(child.tag & ~0x20 != OCTET_STRING for child in children):
            raise DerError("a piece of another kind")
        return b"".join(child.octets() for child in children)

    def oid(self) -> str:
        """Return an OBJECT IDENTIFIER in dotted form."""
        buffer, tag, _, body, body_end, _, _ = self
        if tag != OID:
            raise DerError(f"tag {tag:#04x} where an object identifier was expected")
        return _dotted(buffer[body:body_end])

    def integer(self) -> int:
        """Return an INTEGER's value."""
        body = self.expect(INTEGER).content
        if not body:
            raise DerError("empty integer")
        return int.from_bytes(body, "big", signed=True)

    def retagged(self, tag: int) -> bytes:
        """Return the value in DER with another tag, such as signed attributes with SET's (RFC 5652 5.4)."""
        return tlv(tag, self.content)


def parse(data: bytes, *, trailing: bool = False) -> Node:
    """Parse one value; `trailing` allows octets behind it (a /Contents string is padded with zeros).

    Raises:
        DerError: malformed, truncated, or followed by something.
    """
    node = _read(data, 0, len(data), 0)
    if not trailing and node.end != len(data):
        raise DerError("octets behind the value")
    return node


def read_time(node: Node, *, zones: bool = False) -> datetime:
    """Read UTCTime or GeneralizedTime as an aware datetime (RFC 5280 4.1.2.5).

    Args:
        node: the value.
        zones: take local times that say how far they are from UTC, as BER has them (X.690 11.7, 11.8).

    Raises:
        DerError: no time.
    """
    text = node.content.decode("ascii", "replace")
    if zones and text[-5:-4] in ("+", "-") and text[-4:].isdigit():
        local = read_time(Node(octets := text[:-5].encode() + b"Z", node.tag, 0, 0, len(octets), len(octets)))
        ahead = timedelta(hours=int(text[-4:-2]), minutes=int(text[-2:]))
        try:
            return local - ahead if text[-5] == "+" else local + ahead
        except OverflowError as error:
            raise DerError("malformed time") from error
    if node.tag == UTC_TIME:
        # 50 to 99 are of the last century.
        return _moment(("20" if text[:1] < "5" else "19") + text)
    if node.tag != GENERALIZED_TIME:
        raise DerError("no time")
    whole, point, fraction = text.removesuffix("Z").partition(".")
    if not point:
        return _moment(text)
    if not (text.endswith("Z") and fraction.isdigit()):
        raise DerError("malformed time")
    return _moment(whole + "Z").replace(microsecond=int(fraction[:6].ljust(6, "0")))


def _moment(text: str) -> datetime:
    """Read `YYYYMMDDhhmmssZ`."""
    if len(text) != 15 or not text[:14].isdigit() or text[14] != "Z":
        raise DerError("malformed time")
    parts = (text[:4], text[4:6], text[6:8], text[8:10], text[10:12], text[12:14])
    try:
        year, month, day, hour, minute, second = map(int, parts)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise DerError("malformed time") from error


@lru_cache(maxsize=1024)
def _dotted(body: bytes) -> str:
    if not body or body[-1] & 0x80:
        raise DerError("truncated object identifier")
    arcs: list[int] = []
    arc = 0
    for octet in body:
        arc = arc << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def _read(buffer: bytes, start: int, limit: int, depth: int) -> Node:
    if start + 2 > limit:
        raise DerError("truncated header")
    tag = buffer[start]
    if tag & 0x1F == 0x1F:
        raise DerError("multi-octet tag")
    length = buffer[start + 1]
    body = start + 2
    if length == 0x80:
        return _read_indefinite(buffer, start, tag, body, limit, depth)
    if length & 0x80:
        count = length & 0x7F
        if count > 8 or body + count > limit:
            raise DerError("malformed length")
        length = int.from_bytes(buffer[body : body + count], "big")
        body += count
    end = body + length
    if end > limit:
        raise DerError("truncated value")
    return _node(Node, (buffer, tag, start, body, end, end, depth))


def _read_indefinite(buffer: bytes, start: int, tag: int, body: int, limit: int, depth: int) -> Node:
    end = _end_of_contents(buffer, start, limit, depth, [MAX_PASSED])
    return Node(buffer, tag, start, body, end, end + 2, depth)


def _end_of_contents(buffer: bytes, start: int, limit: int, depth: int, left: list[int]) -> int:
    """Pass over the values inside one of indefinite length, and return where its end-of-contents octets stand.

    Args:
        buffer: what is read.
        start: where the outer value begins.
        limit: where whatever is around it ends.
        depth: its depth.
        left: how many values may still be passed over: each level above reads them again.
    """
    if not buffer[start] & 0x20:
        raise DerError("primitive value of indefinite length")
    if depth >= MAX_DEPTH:
        raise DerError("nested too deep")
    position = start + 2
    while buffer[position : position + 2] != b"\x00\x00":
        left[0] -= 1
        if left[0] < 0:
            raise DerError("too many parts")
        if buffer[position + 1 : position + 2] == b"\x80" and buffer[position] & 0x1F != 0x1F:
            position = _end_of_contents(buffer, position, limit, depth + 1, left) + 2
        else:
            position = _read(buffer, position, limit, depth + 1).end
    if position + 2 > limit:
        raise DerError("truncated value")
    return position


# What a NamedTuple's own constructor comes to, without the call between.
_node = tuple.__new__
