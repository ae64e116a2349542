"""Objects read from bytes (ISO 32000-2 clauses 7.2 and 7.3), strictly: what is not well-formed is an error.

Strict on purpose: readers that repair what they find disagree with each other on what they show, and a signature must
not depend on whose repair is looked at. Callers that want to help with odd files hand them to a tolerant library.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from gsign.syntax.objects import Name, Real, Ref

__all__ = ["MAX_DEPTH", "Lexer", "PdfSyntaxError", "Truncated"]

MAX_DEPTH: Final = 100
MAX_DIGITS: Final = 40
MAX_VALUES: Final = 1 << 18
"""Steps that one object may take, such as values in it and escapes in its strings."""

WHITE: Final = b"\x00\t\n\x0c\r "
_SPACES: Final = frozenset(bytes((code,)) for code in WHITE + b"%")
_SPACE: Final = re.compile(rb"(?:[\x00\t\n\x0c\r ]++|%[^\r\n]*+)*+")
_TOKEN: Final = re.compile(
    rb"[\x00\t\n\x0c\r ]*+(?:"
    rb"(?P<ref>\d{1,10}[\x00\t\n\x0c\r ]+\d{1,5}[\x00\t\n\x0c\r ]+R(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$))"
    rb"|(?P<int>[+-]?\d+(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$))"
    rb"|(?P<real>[+-]?(?:\d+\.\d*|\.\d+)(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$))"
    rb"|/(?P<name>[^\x00\t\n\x0c\r ()<>\[\]{}/%]*)"
    rb"|(?P<open><<|\[)"
    rb"|(?P<close>>>|\])"
    rb"|<(?P<hex>[0-9A-Fa-f\x00\t\n\x0c\r ]*)>"
    rb"|(?P<string>\()"
    rb"|(?P<word>[a-zA-Z]+))"
)
# Arrays of nothing but references, as page trees and forms have them by the hundred.
_REFERENCES: Final = re.compile(
    rb"(?:[\x00\t\n\x0c\r ]*+\d{1,10}[\x00\t\n\x0c\r ]+\d{1,5}[\x00\t\n\x0c\r ]+R(?=[\x00\t\n\x0c\r \]]))++"
    rb"[\x00\t\n\x0c\r ]*\]"
)
_WORDS: Final[dict[bytes, object]] = {b"true": True, b"false": False, b"null": None}
# One that stands for itself is read by some as the beginning of an escape.
_STRAY_HASH: Final = re.compile(rb"#(?![0-9A-Fa-f]{2})|#00|#23")
_HEX_IN_NAME: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STRING_END: Final = re.compile(rb"[()\\\r]")
_OCTAL: Final = re.compile(rb"[0-7]{1,3}")
_ESCAPES: Final = {0x6E: 10, 0x72: 13, 0x74: 9, 0x62: 8, 0x66: 12, 0x28: 0x28, 0x29: 0x29, 0x5C: 0x5C}
# Tokens that the end of a window may have cut short look complete to the pattern.
_MARGIN: Final = 32


class PdfSyntaxError(ValueError):
    """The bytes are no well-formed PDF at `offset`; `reason` says which rule they break."""

    def __init__(self, reason: str, offset: int = -1) -> None:
        super().__init__(f"{reason} at {offset}" if offset >= 0 else reason)
        self.reason = reason
        self.offset = offset


class Truncated(PdfSyntaxError):  # noqa: N818 - an answer ("more bytes, please") rather than a fault
    """The buffer ends before the object does."""


class Lexer:
    """Read objects one after another from `buffer`.

    Args:
        buffer: part of a file.
        position: where to begin in it.
        base: offset of the buffer in the file, for messages.
        final: whether the file ends where the buffer does.
        plain: refuse names and strings that readers are known to read differently.
    """

    __slots__ = ("base", "buffer", "final", "plain", "position", "values")

    def __init__(
        self, buffer: bytes, position: int = 0, *, base: int = 0, final: bool = True, plain: bool = False
    ) -> None:
        self.buffer = buffer
        self.position = position
        self.base = base
        self.final = final
        self.plain = plain
        self.values = 0

    def fail(self, reason: str) -> PdfSyntaxError:
        """Make the error for the present position: truncated where more bytes could mend it."""
        if not self.final and self.position + _MARGIN >= len(self.buffer):
            return Truncated(reason, self.base + self.position)
        return PdfSyntaxError(reason, self.base + self.position)

    def skip_space(self) -> None:
        """Pass white space and comments."""
        if self.buffer[self.position : self.position + 1] not in _SPACES:
            return
        match = _SPACE.match(self.buffer, self.position)
        if match is not None:  # it always does: nothing is space enough
            self.position = match.end()

    def keyword(self, word: bytes) -> None:
        """Pass one keyword, after white space."""
        self.skip_space()
        if not self.buffer.startswith(word, self.position):
            raise self.fail(f"{word.decode()} expected")
        self.position += len(word)

    def has_keyword(self, word: bytes) -> bool:
        """Say whether `word` comes next, after white space; pass nothing but that space."""
        self.skip_space()
        return self.buffer.startswith(word, self.position)

    def integer(self) -> int:
        """Read one integer."""
        value = self.value()
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fail("integer expected")
        return value

    def value(self, depth: int = 0) -> Any:
        """Read one object; a stream's data is not read here.

        Raises:
            PdfSyntaxError: not well-formed, or nested too deep.
            Truncated: the buffer ends too early.
        """
        self._count(1)
        match = self._token()
        self.position = match.end()
        kind = match.lastgroup or ""
        if kind in _ATOMS:
            if self.plain and kind == "name" and _STRAY_HASH.search(match["name"]):
                raise PdfSyntaxError("number sign in a name", self.base + self.position)
            return _ATOMS[kind](match[kind])
        if kind == "string":
            return self._literal_string()
        if kind == "open":
            return self._dictionary(depth) if match["open"] == b"<<" else self._array(depth)
        if kind == "word" and match["word"] in _WORDS:
            return _WORDS[match["word"]]
        self.position = match.start(match.lastgroup or 0)
        raise self.fail("object expected")

    def _token(self) -> re.Match[bytes]:
        """Find the next token, not passing it."""
        match = _TOKEN.match(self.buffer, self.position)
        if match is None:
            self.skip_space()  # white space alone the pattern passes by itself, comments it does not
            match = _TOKEN.match(self.buffer, self.position)
        if match is None:
            if self.buffer.startswith(b"<", self.position) and b">" not in self.buffer[self.position :]:
                self.position = len(self.buffer)  # a string that goes on behind the window
            raise self.fail("object expected")
        if not self.final and match.end() + _MARGIN >= len(self.buffer):
            raise Truncated("object cut short", self.base + self.position)
        return match

    def _count(self, steps: int) -> None:
        self.values += steps
        if self.values > MAX_VALUES:
            raise PdfSyntaxError("object too large", self.base + self.position)

    def _array(self, depth: int) -> list[Any]:
        if depth >= MAX_DEPTH:
            raise PdfSyntaxError("nested too deep", self.base + self.position)
        references = _REFERENCES.match(self.buffer, self.position)
        if references is not None:
            self._count((references.end() - self.position) // 8)
            self.position = references.end()
            numbers = list(map(int, references.group()[:-1].replace(b"R", b" ").split()))
            return list(map(Ref._make, zip(numbers[::2], numbers[1::2], strict=True)))
        items: list[Any] = []
        while not self.has_keyword(b"]"):
            items.append(self.value(depth + 1))
        self.position += 1
        return items

    def _dictionary(self, depth: int) -> dict[str, Any]:
        if depth >= MAX_DEPTH:
            raise PdfSyntaxError("nested too deep", self.base + self.position)
        entries: dict[str, Any] = {}
        while not self.has_keyword(b">>"):
            key = self.value(depth + 1)
            if not isinstance(key, Name):
                raise self.fail("name expected")
            if key in entries:
                # Readers differ on which of two equal keys counts.
                raise PdfSyntaxError("key twice in a dictionary", self.base + self.position)
            entries[str(key)] = self.value(depth + 1)
        self.position += 2
        return entries

    def _literal_string(self) -> bytes:
        out = bytearray()
        nesting = 1
        position = self.position
        while True:
            self._count(1)
            match = _STRING_END.search(self.buffer, position)
            if match is None or (match.end() == len(self.buffer) and match.group() != b")"):
                self.position = len(self.buffer)
                raise self.fail("string without end")
            out += self.buffer[position : match.start()]
            position = match.end()
            mark = match.group()
            if mark == b"\\":
                position = self._escape(position, out)
            elif mark == b"\r":  # any end of line reads as a line feed
                if self.plain:
                    raise PdfSyntaxError("carriage return in a string", self.base + position)
                position += self.buffer.startswith(b"\n", position)
                out.append(10)
            else:
                nesting += 1 if mark == b"(" else -1
                if not nesting:
                    self.position = position
                    return bytes(out)
                out += mark

    def _escape(self, position: int, out: bytearray) -> int:
        code = self.buffer[position]
        octal = _OCTAL.match(self.buffer, position)
        if self.plain and (code in b"\r\n" or (octal is not None and int(octal.group(), 8) > 0xFF)):
            raise PdfSyntaxError("odd escape in a string", self.base + position)
        if octal is not None:
            out.append(int(octal.group(), 8) & 0xFF)
            return octal.end()
        if code == 13:
            return position + (2 if self.buffer.startswith(b"\n", position + 1) else 1)
        if code != 10:
            out.append(_ESCAPES.get(code, code))
        return position + 1


def _name(raw: bytes) -> Name:
    if b"#" in raw:
        raw = _HEX_IN_NAME.sub(lambda m: bytes((int(m[1], 16),)), raw)
    return Name(raw.decode("latin-1"))


def _hex_string(raw: bytes) -> bytes:
    digits = raw.translate(None, WHITE)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def _integer(raw: bytes) -> int:
    if len(raw) > MAX_DIGITS:
        raise PdfSyntaxError("number too long")
    return int(raw)


def _real(raw: bytes) -> Real:
    if len(raw) > MAX_DIGITS:
        raise PdfSyntaxError("number too long")
    return Real(raw)


def _reference(raw: bytes) -> Ref:
    number, generation = raw.split()[:2]
    return Ref(int(number), int(generation))


_ATOMS: Final[dict[str, Callable[[bytes], Any]]] = {
    "name": _name,
    "int": _integer,
    "ref": _reference,
    "hex": _hex_string,
    "real": _real,
}
