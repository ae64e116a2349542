"""PDF objects as Python values, and their bytes (ISO 32000-2 clause 7.3).

Numbers, booleans and None are themselves; a string is `bytes`; an array is a list; a dictionary is a dict whose keys
are str without the solidus. Names, references and streams have types of their own. A `Stream` or an `Indirect` that
stands inside another value is given an object number of its own when a revision is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, Self

__all__ = ["Indirect", "Name", "Raw", "Real", "Ref", "Stream", "literal_string", "serialize", "text_string"]


class Name(str):
    """A name object, without its solidus."""

    __slots__ = ()


class Real(float):
    """A real number that is written back with the very digits it was read with."""

    __slots__ = ("digits",)

    def __new__(cls, digits: bytes) -> Self:
        """Read the number."""
        value = super().__new__(cls, digits)
        value.digits = digits
        return value

    digits: bytes


class Ref(NamedTuple):
    """An indirect reference."""

    number: int
    generation: int = 0


class Raw:
    """Bytes that stand in the file exactly as they are."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class Stream:
    """A stream; `data` is as stored (already filtered). /Length is written from `data`."""

    __slots__ = ("data", "dictionary")

    def __init__(self, dictionary: dict[str, Any], data: bytes) -> None:
        self.dictionary = dictionary
        self.data = data


class Indirect:
    """A value that must be an indirect object of its own, such as a font descriptor."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


_IRREGULAR: Final = re.compile(r"[^!-~]|[#/%()<>\[\]{}]")
_STRING_ESCAPES: Final = {0x28: b"\\(", 0x29: b"\\)", 0x5C: b"\\\\", 0x0D: b"\\r", 0x0A: b"\\n"}
_NEEDS_ESCAPE: Final = re.compile(rb"[()\\\r\n]")


@lru_cache(maxsize=1024)
def _name(value: str) -> bytes:
    if not _IRREGULAR.search(value):
        return b"/" + value.encode("ascii")
    # A name is bytes; ones read from a file are kept as latin-1.
    return b"/" + "".join(f"#{ord(c):02X}" if _IRREGULAR.match(c) else c for c in value).encode("latin-1")


@lru_cache(maxsize=1024)
def _key(value: str) -> bytes:
    return _name(value) + b" "


def literal_string(value: bytes) -> bytes:
    """Write a string object as a literal string."""
    return b"(" + _NEEDS_ESCAPE.sub(lambda m: _STRING_ESCAPES[m.group()[0]], value) + b")"


def text_string(value: str) -> bytes:
    """Encode text as a text string: PDFDocEncoding where ASCII suffices, else UTF-16BE with its mark (7.9.2.2)."""
    if value.isascii():
        return value.encode("ascii")
    return b"\xfe\xff" + value.encode("utf-16-be")


def _real(value: float) -> bytes:
    if isinstance(value, Real):
        return value.digits
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return b"0" if text in ("", "-0") else text.encode("ascii")


def _refuse(value: Any) -> Ref:
    raise TypeError(f"{type(value).__name__} needs an object number of its own")


def serialize(
    value: Any, allot: Callable[[Any], Ref] = _refuse, protect: Callable[[bytes], bytes] | None = None
) -> bytes:
    """Write a value.

    Args:
        value: what to write.
        allot: called for each `Stream` or `Indirect` inside; gives its reference.
        protect: encrypts the strings inside.

    Raises:
        TypeError: the value, or one inside, is no PDF object.
    """
    out: list[bytes] = []
    _write(value, out, allot, protect)
    return b"".join(out)


def _write(value: Any, out: list[bytes], allot: Callable[[Any], Ref], protect: Callable[[bytes], bytes] | None) -> None:
    plain = _PLAIN.get(type(value))
    if plain is not None:
        out.append(plain(value))
    elif isinstance(value, dict):
        out.append(b"<<")
        for key, item in value.items():
            out.append(_key(key))
            plain = _PLAIN.get(type(item))  # as most are: a call for each would take as long as all the rest
            if plain is not None:
                out.append(plain(item))
            else:
                _write(item, out, allot, protect)
        out.append(b">>")
    elif isinstance(value, list):
        before = b"["
        for item in value:
            out.append(before)
            plain = _PLAIN.get(type(item))
            if plain is not None:
                out.append(plain(item))
            else:
                _write(item, out, allot, protect)
            before = b" "
        out.append(b"]" if value else b"[]")
    elif isinstance(value, bytes):
        out.append(literal_string(protect(value) if protect else value))
    elif isinstance(value, (Stream, Indirect)):
        _write(allot(value), out, allot, protect)
    else:
        raise TypeError(f"no PDF object: {type(value).__name__}")


_PLAIN: Final[dict[type, Callable[[Any], bytes]]] = {
    Raw: attrgetter("data"),
    Name: _name,
    Ref: b"%d %d R".__mod__,
    bool: {True: b"true", False: b"false"}.__getitem__,
    int: b"%d".__mod__,
    float: _real,
    Real: _real,
    type(None): {None: b"null"}.__getitem__,
}
"""What writes a value that has no others inside; hardly any is a function of Python's."""
